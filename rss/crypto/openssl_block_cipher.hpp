// One block of AES, DES or triple DES at a time, by OpenSSL: what the CRYP processor calculates with.
#pragma once

#include <memory>

#include "emulator/base/bytes.hpp"

namespace h7::crypto {

class BlockCipher {
public:
    enum class Kind : std::uint8_t { aes, tdes };

    /// `key`: 16, 24 or 32 bytes for AES, 24 for triple DES (three times the same eight bytes are DES).
    BlockCipher(Kind kind, ByteView key);
    ~BlockCipher();
    BlockCipher(BlockCipher&&) noexcept;
    BlockCipher& operator=(BlockCipher&&) noexcept;

    /// 16 or 8.
    std::size_t block_bytes() const;
    /// In place; block.size() is block_bytes().
    void encrypt(MutableBytes block);
    void decrypt(MutableBytes block);

private:
    struct Contexts;
    std::unique_ptr<Contexts> contexts_;
};

}  // namespace h7::crypto

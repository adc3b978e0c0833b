// Who keeps the keys of an HSM file. Two kinds: a passphrase (everything in the file), and a PKCS#11 token
// (the file opens only beside it). An object serves any number of threads at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "rss/host/hsm/format.hpp"
#include "rss/host/license/issue.hpp"

namespace h7::hsm {

class KeyStore {
public:
    virtual ~KeyStore() = default;

    virtual Opener opener() const = 0;
    /// "a passphrase", "token 'production' (SoftHSM v2)": for info and messages.
    virtual std::string describe() const = 0;

    /// A new file: fills `header` (cost, salt; the id is drawn already) and makes what must exist.
    virtual Result<void> create(Header& header) = 0;
    /// Takes back what create() made outside the file, as far as that goes.
    virtual void discard(const HsmId& id) = 0;
    /// The key that seals the file of this header.
    virtual Result<crypto::Secret<32>> file_key(const Header& header) = 0;

    /// The firmware key and nonce as the settings keep them, and back.
    virtual Result<KeyBlob> keep(const HsmId& id, const crypto::FirmwareKey& firmware) = 0;
    virtual Result<crypto::FirmwareKey> firmware(const HsmId& id, const KeyBlob& kept) = 0;
    /// A fresh ephemeral key against a chip's point.
    virtual Result<license::Agreement> agree(ByteView device_point) = 0;
};

/// A passphrase in a buffer of its own that wipes itself. It is never a std::string.
class Passphrase {
public:
    static constexpr std::size_t kLongest = 1024;

    /// Errors (misuse): empty, or too long.
    static Result<Passphrase> make(ByteView text);
    /// Everything a descriptor gives until its end, without one final line end. The caller closes it.
    static Result<Passphrase> read(int fd, const std::string& what);
    /// The same from a file, or whatever the path names ("/dev/fd/3").
    static Result<Passphrase> from_file(const std::filesystem::path& path);
    ByteView view() const { return text_.view().first(size_); }

private:
    crypto::Secret<kLongest + 2> text_;
    std::size_t size_ = 0;
};

/// scrypt, by OpenSSL. `cost` is for new files; existing ones carry theirs.
std::shared_ptr<KeyStore> passphrase_store(Passphrase passphrase, const crypto::ScryptCost& cost = {});

}  // namespace h7::hsm

// The HSM file, byte by byte (docs/rss/hsm.md): a header in the clear that the tag covers, and a sealed body
// of settings and log. Parsers of untrusted bytes: they take any length and name the first wrong offset.
#pragma once

#include <array>
#include <string>

#include "rss/crypto/openssl_scrypt.hpp"
#include "rss/host/hsm/log.hpp"

namespace h7::hsm {

inline constexpr std::size_t kHeaderBytes = 0x60;
inline constexpr std::size_t kBoundBytes = 0x50;  // of the header: what never changes in the life of a file
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kSettingsBytes = 0xD0;
inline constexpr std::size_t kLongestName = 64;
inline constexpr std::size_t kMostEntries = 1U << 18;
inline constexpr std::size_t kLongestFile =
    kHeaderBytes + kSettingsBytes + kMostEntries * kEntryBytes + kTagBytes;
/// No file may ask for more than this when it is opened.
inline constexpr std::uint64_t kMostScryptMemory = std::uint64_t{1} << 30;

/// What opens the file.
enum class Opener : std::uint32_t { passphrase = 1, pkcs11 = 2 };

struct Header {
    Opener opener = Opener::passphrase;
    crypto::ScryptCost cost;  // all zero with a token
    std::array<std::uint8_t, 32> salt{};
    HsmId id{};
    std::array<std::uint8_t, 12> iv{};  // drawn for every write
    std::uint32_t body_bytes = 0;       // without the tag
};

/// Which licenses this HSM makes.
enum class Purpose : std::uint32_t { none = 0, sfi = 1, smi = 2 };

/// The firmware key and its nonce: in the clear inside the sealed body, or sealed by the token.
using KeyBlob = crypto::Secret<56>;

struct Settings {
    Purpose purpose = Purpose::none;
    bool anchored = false;  // opens only with its counter anchor
    std::array<char, 8> product_id{};
    std::array<std::uint8_t, 64> ca{};
    std::string name;  // firmware identifier
    KeyBlob key;

    /// What the log's `provisioned` entry carries: every setting but the key.
    crypto::Digest digest() const;
};

struct Body {
    Settings settings;
    Log log;
};

/// Errors (misuse): magic, version, opener, a cost outside 2^10..2^24 or above kMostScryptMemory, a length
/// that is not the file's.
Result<Header> parse_header(ByteView file);
std::array<std::uint8_t, kHeaderBytes> serialise(const Header& header);

/// Errors (misuse): an impossible setting, a log that does not chain or does not add up.
Result<Body> parse_body(const HsmId& id, ByteView body);
/// `next`: an entry that the log does not hold yet. Holds secrets: the caller wipes it.
Bytes serialise(const Settings& settings, const Log& log, const LogEntry* next = nullptr);

/// The whole file under `key`, with a fresh IV.
Result<Bytes> seal(Header header, const crypto::Secret<32>& key, ByteView body);
/// The body; the caller wipes it. Error (misuse): the tag does not match: another key, or a changed byte.
Result<Bytes> unseal(const Header& header, const crypto::Secret<32>& key, ByteView file);

}  // namespace h7::hsm

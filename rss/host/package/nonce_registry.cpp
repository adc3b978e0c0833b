#include "rss/host/package/nonce_registry.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_random.hpp"

namespace h7::package {
namespace {

constexpr std::string_view kTitle = "# h7rss nonce registry 1: SHA-256(key) nonce SHA-256(image)\n";

/// Held while a registry is read, changed and replaced.
class Lock {
public:
    explicit Lock(const std::filesystem::path& path)
        : file_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
        if (file_ >= 0 && ::flock(file_, LOCK_EX) != 0) {
            ::close(file_);
            file_ = -1;
        }
    }
    ~Lock() {
        if (file_ >= 0) ::close(file_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    bool held() const { return file_ >= 0; }

private:
    int file_;
};

struct Entry {
    Bytes key_hash, nonce, image;
};

/// a - b as 96-bit big-endian numbers, modulo 2^96, is below 256.
bool just_above(ByteView a, ByteView b) {
    int borrow = 0;
    bool small = true;
    for (std::size_t i = a.size(); i-- > 0;) {
        const int difference = int{a[i]} - int{b[i]} - borrow;
        borrow = difference < 0 ? 1 : 0;
        if (i + 1 < a.size() && (difference & 0xFF) != 0) small = false;
    }
    return small;
}

Result<Bytes> field(std::string_view& line, std::size_t bytes) {
    const std::size_t end = std::min(line.find(' '), line.size());
    Bytes value = TRY(from_hex(line.substr(0, end)));
    line.remove_prefix(std::min(end + 1, line.size()));
    if (value.size() != bytes) return misuse("a field has a wrong length");
    return value;
}

Result<Entry> parse_entry(std::string_view line) {
    Entry entry {
        TRY(field(line, 32))
        , TRY(field(line, 12))
        , TRY(field(line, 32))
    };
    if (!line.empty()) return misuse("more than three fields");
    return entry;
}

Result<void> check(std::string_view text, const std::string& name, const Entry& wanted, bool& known) {
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        const auto entry = parse_entry(line);
        if (!entry)
            return misuse(fmt::format("{}: line {}: {}; this is no nonce registry", name, number,
                                      entry.error().message));
        if (entry->key_hash != wanted.key_hash) continue;
        if (entry->nonce == wanted.nonce && entry->image == wanted.image) {
            known = true;
            continue;
        }
        if (just_above(entry->nonce, wanted.nonce) || just_above(wanted.nonce, entry->nonce))
            return refused(
                fmt::format("{}: line {}: this key and nonce {} have sealed another image; a second one "
                            "would give the authentication key away: use a fresh nonce",
                            name, number, to_hex(entry->nonce)));
    }
    return {};
}

}  // namespace

Result<void> claim_nonce(const std::filesystem::path& path, ByteView key, ByteView nonce,
                         const crypto::Digest& image) {
    const crypto::Digest key_hash = crypto::sha256(key);
    const Entry wanted{
        {key_hash.begin(), key_hash.end()}, {nonce.begin(), nonce.end()}, {image.begin(), image.end()}};
    const Lock lock(path.string() + ".lock");
    if (!lock.held()) return misuse(fmt::format("{}: cannot be locked", path.string()));

    std::string text(kTitle);
    if (std::filesystem::exists(path)) {
        const Bytes file = TRY(read_file(path));
        text.assign(file.begin(), file.end());
        if (!text.empty() && text.back() != '\n') text += '\n';
    }
    bool known = false;
    TRY(check(text, path.string(), wanted, known));
    if (known) return {};
    text += fmt::format("{} {} {}\n", to_hex(wanted.key_hash), to_hex(wanted.nonce), to_hex(wanted.image));
    return write_file(path, Bytes(text.begin(), text.end()));
}

Result<Bytes> fresh_key() {
    Bytes key(16);
    TRY(crypto::random_bytes(key));
    return key;
}

Result<image::Nonce> fresh_nonce() {
    image::Nonce nonce{};
    TRY(crypto::random_bytes(nonce));
    nonce.back() = 0;
    return nonce;
}

}  // namespace h7::package

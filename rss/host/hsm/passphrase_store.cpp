#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "emulator/base/descriptor.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/host/hsm/key_store.hpp"

namespace h7::hsm {
namespace {

class PassphraseStore final : public KeyStore {
public:
    PassphraseStore(Passphrase passphrase, const crypto::ScryptCost& cost)
        : passphrase_(std::move(passphrase)), cost_(cost) {}

    Opener opener() const override { return Opener::passphrase; }
    std::string describe() const override { return "a passphrase"; }

    Result<void> create(Header& header) override {
        header.cost = cost_;
        return crypto::random_bytes(header.salt);
    }
    void discard(const HsmId&) override {}
    Result<crypto::Secret<32>> file_key(const Header& header) override {
        return crypto::scrypt(passphrase_.view(), header.salt, header.cost);
    }

    Result<KeyBlob> keep(const HsmId&, const crypto::FirmwareKey& firmware) override {
        KeyBlob blob;
        std::ranges::copy(firmware.key.view(), blob.bytes().begin());
        std::ranges::copy(firmware.nonce.view(), blob.bytes().begin() + 16);
        return blob;
    }
    Result<crypto::FirmwareKey> firmware(const HsmId&, const KeyBlob& kept) override {
        return crypto::FirmwareKey{crypto::Secret<16>(kept.view().first(16)),
                                   crypto::Secret<12>(kept.view().subspan(16, 12))};
    }
    Result<license::Agreement> agree(ByteView device_point) override { return license::agree(device_point); }

private:
    Passphrase passphrase_;
    crypto::ScryptCost cost_;
};

}  // namespace

Result<Passphrase> Passphrase::make(ByteView text) {
    if (text.empty()) return misuse("the passphrase is empty");
    if (text.size() > kLongest) return misuse(fmt::format("a passphrase has at most {} bytes", kLongest));
    Passphrase passphrase;
    std::ranges::copy(text, passphrase.text_.bytes().begin());
    passphrase.size_ = text.size();
    return passphrase;
}

Result<Passphrase> Passphrase::read(int fd, const std::string& what) {
    crypto::Secret<kLongest + 2> buffer;
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t n = ::read(fd, buffer.bytes().data() + size, buffer.size() - size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return misuse(fmt::format("{}: cannot read: {}", what, std::strerror(errno)));
        if (n == 0) break;
        size += static_cast<std::size_t>(n);
    }
    if (size > 0 && buffer.view()[size - 1] == '\n') --size;
    if (size > 0 && buffer.view()[size - 1] == '\r') --size;
    auto passphrase = make(buffer.view().first(size));
    if (!passphrase) return misuse(fmt::format("{}: {}", what, passphrase.error().message));
    return passphrase;
}

Result<Passphrase> Passphrase::from_file(const std::filesystem::path& path) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error(path, "cannot open");
    return read(file.get(), path.string());
}

std::shared_ptr<KeyStore> passphrase_store(Passphrase passphrase, const crypto::ScryptCost& cost) {
    return std::make_shared<PassphraseStore>(std::move(passphrase), cost);
}

}  // namespace h7::hsm

// One-shot AES-GCM and the choice of the kernel.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "rss/crypto/aes_gcm/cpu_features.hpp"
#include "rss/crypto/aes_gcm/kernel.hpp"
#include "rss/crypto/aes_gcm/overlap.hpp"

namespace h7::aes_gcm {
namespace {

/// Best first.
constexpr const Kernel* kKernels[] = {
#if defined(__x86_64__)
    &kernel_aesni,
#endif
    &kernel_portable,
};

std::string_view missing(const Kernel& kernel) {
    const unsigned lacks = kernel.needs & ~cpu_features();
    if ((lacks & kAes) != 0) return "the CPU has no AES-NI";
    if ((lacks & kPclmul) != 0) return "the CPU has no PCLMULQDQ";
    if (lacks != 0) return "the CPU has no SSSE3 or SSE4.1";
    return {};
}

Result<const Kernel*> named(std::string_view name, std::string_view where) {
    std::string names;
    for (const Kernel* kernel : kKernels) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", kernel->name);
        if (name != kernel->name) continue;
        if (const auto why = missing(*kernel); !why.empty())
            return misuse(fmt::format("{}AES-GCM kernel {} cannot run here: {}", where, name, why));
        return kernel;
    }
    return misuse(fmt::format("{}there is no AES-GCM kernel '{}'; there are {}", where, name, names));
}

Result<const Kernel*> choose() {
    if (const char* forced = std::getenv("H7RSS_AES_GCM"); forced != nullptr && *forced != '\0')
        return named(forced, "H7RSS_AES_GCM: ");
    for (const Kernel* kernel : kKernels)
        if (missing(*kernel).empty()) return kernel;
    return &kernel_portable;  // needs nothing: never reached
}

/// A whole message in the caller's buffers.
struct OneShot : Stream {
    static OneShot sealing(const Key& key, ByteView iv) { return {key, iv, Way::seal}; }
    static OneShot opening(const Key& key, ByteView iv) { return {key, iv, Way::open}; }
    OneShot(const Key& key, ByteView iv, Way way) : Stream(key, iv, way) {}
    using Stream::check_tag;
    using Stream::data;
    using Stream::make_tag;
};

bool legal_tag(std::size_t size) { return size >= kShortestTag && size <= kTagBytes; }

}  // namespace

std::string_view describe(Status status) {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::bad_tag:
            return "the tag does not match";
        case Status::bad_iv:
            return "the IV is empty";
        case Status::bad_tag_length:
            return "a tag has 12 to 16 bytes";
        case Status::bad_length:
            return "a length is wrong or too large";
        case Status::overlap:
            return "input and output overlap";
        case Status::bad_state:
            return "AAD after data, or the object is finished";
    }
    return "?";
}

std::vector<KernelInfo> kernels() {
    std::vector<KernelInfo> rows;
    for (const Kernel* kernel : kKernels) {
        const std::string_view why = missing(*kernel);
        rows.push_back({kernel->name, why.empty(), why});
    }
    return rows;
}

Result<Key> Key::make(ByteView key) {
    const Kernel* kernel = TRY(choose());
    return make(key, *kernel);
}

Result<Key> Key::make(ByteView key, std::string_view kernel_name) {
    const Kernel* kernel = TRY(named(kernel_name, ""));
    return make(key, *kernel);
}

Result<Key> Key::make(ByteView key, const Kernel& kernel) {
    if (key.size() != 16 && key.size() != 32)
        return misuse(fmt::format("an AES-GCM key has 16 or 32 bytes, not {}", key.size()));
    Key made(kernel);
    assert(kernel.state_bytes <= made.state_.size());
    kernel.set_key(made.state_.data(), key.data(), key.size() == 16 ? 10 : 14);
    return Result<Key>(std::move(made));
}

Key::Key(Key&& other) noexcept : kernel_(other.kernel_), state_(other.state_) { wipe(other.state_); }

Key& Key::operator=(Key&& other) noexcept {
    if (this != &other) {
        kernel_ = other.kernel_;
        state_ = other.state_;
        wipe(other.state_);
    }
    return *this;
}

std::string_view Key::kernel_name() const { return kernel_->name; }

Status seal(const Key& key, ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext,
            MutableBytes tag) {
    if (!legal_tag(tag.size())) return Status::bad_tag_length;
    if (overlap(tag, ciphertext) || overlap(tag, plaintext)) return Status::overlap;
    OneShot message = OneShot::sealing(key, iv);
    if (const Status status = message.add_aad(aad); status != Status::ok) return status;
    if (const Status status = message.data(plaintext, ciphertext); status != Status::ok) return status;
    return message.make_tag(tag);
}

Status open(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext, ByteView tag,
            MutableBytes plaintext) {
    if (!legal_tag(tag.size())) return Status::bad_tag_length;
    if (overlap(tag, plaintext)) return Status::overlap;
    OneShot message = OneShot::opening(key, iv);
    if (const Status status = message.add_aad(aad); status != Status::ok) return status;
    if (const Status status = message.data(ciphertext, plaintext); status != Status::ok) return status;
    const Status status = message.check_tag(tag);
    if (status != Status::ok) wipe(plaintext);
    return status;
}

Expected<Decryptor, Status> verify(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext,
                                   ByteView tag) {
    Verifier verifier(key, iv);
    if (const Status status = verifier.add_aad(aad); status != Status::ok) return status;
    if (const Status status = verifier.update(ciphertext); status != Status::ok) return status;
    return verifier.finish(tag);
}

}  // namespace h7::aes_gcm

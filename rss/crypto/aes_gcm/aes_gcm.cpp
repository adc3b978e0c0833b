// One-shot AES-GCM and the choice of the kernel.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "rss/crypto/aes_gcm/cpu_features.hpp"
#include "rss/crypto/aes_gcm/kernel.hpp"
#include "rss/crypto/aes_gcm/overlap.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::aes_gcm {
namespace {

/// Best first.
constexpr const Kernel* kKernels[] = {
#if defined(__x86_64__)
    &kernel_vaes512,
    &kernel_vaes256,
    &kernel_aesni,
#elif defined(__aarch64__)
    &kernel_armv8,
#endif
    &kernel_portable,
};

/// Feature -> what to say when it is not there. In this order: the first one missing is named.
constexpr struct {
    Feature feature;
    std::string_view name, why;
} kFeatures[] = {
    {kAes, "AES-NI", "the CPU has no AES-NI"},
    {kPclmul, "PCLMULQDQ", "the CPU has no PCLMULQDQ"},
    {kAvx, "AVX", "no AVX: the CPU has none, or the operating system does not save YMM registers"},
    {kAvx2, "AVX2", "the CPU has no AVX2"},
    {kVaes, "VAES", "the CPU has no VAES"},
    {kVpclmul, "VPCLMULQDQ", "the CPU has no VPCLMULQDQ"},
    {kAvx512, "AVX-512",
     "no AVX-512 BW, DQ and VL: the CPU has none, or the operating system does not save ZMM registers"},
    {kArmAes, "AES", "the CPU has no AES instructions"},
    {kArmPmull, "PMULL", "the CPU has no PMULL instructions"},
};

std::string_view missing(const Kernel& kernel) {
    const unsigned lacks = kernel.needs & ~cpu_features();
    for (const auto& row : kFeatures)
        if ((lacks & row.feature) != 0) return row.why;
    return {};
}

Result<const Kernel*> named(std::string_view name, std::string_view where) {
    for (const Kernel* kernel : kKernels) {
        if (name != kernel->name) continue;
        if (const auto why = missing(*kernel); !why.empty())
            return misuse(fmt::format("{}AES-GCM kernel {} cannot run here: {}", where, name, why));
        return kernel;
    }
    std::string names;
    for (const Kernel* kernel : kKernels)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", kernel->name);
    return misuse(fmt::format("{}there is no AES-GCM kernel '{}'; there are {}", where, name, names));
}

Result<const Kernel*> choose() {
    if (const char* forced = std::getenv("H7RSS_AES_GCM"); forced != nullptr && *forced != '\0')
        return named(forced, "H7RSS_AES_GCM: ");
    for (const Kernel* kernel : kKernels)
        if ((kernel->needs & ~cpu_features()) == 0) return kernel;
    return &kernel_portable;  // needs nothing: never reached
}

bool legal_tag(std::size_t size) { return size >= kShortestTag && size <= kTagBytes; }

/// What is wrong with the arguments of a one-shot call. The tag is the caller's, in or out.
Status check(ByteView iv, ByteView aad, ByteView in, ByteView out, ByteView tag) {
    if (iv.empty()) return Status::bad_iv;
    if (in.size() != out.size() || in.size() > kLongestMessage) return Status::bad_length;
    if (aad.size() > kLongestAad || iv.size() > kLongestAad) return Status::bad_length;
    if (!legal_pair(in, out) || overlap(tag, out) || overlap(tag, in)) return Status::overlap;
    return Status::ok;
}

Message message(ByteView iv, ByteView aad, ByteView in, MutableBytes out, std::uint8_t* tag) {
    return {iv.data(), iv.size(), aad.data(), aad.size(), in.data(), out.data(), in.size(), tag};
}

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

std::vector<std::string_view> machine_features() {
    std::vector<std::string_view> names;
    for (const auto& row : kFeatures)
        if ((cpu_features() & row.feature) != 0) names.push_back(row.name);
    return names;
}

Result<Key> Key::make(ByteView key, std::size_t longest) {
    const auto kernel = choose();
    if (!kernel) return kernel.error();
    return make(key, **kernel, longest);
}

Result<Key> Key::make(ByteView key, std::string_view kernel_name, std::size_t longest) {
    const auto kernel = named(kernel_name, "");
    if (!kernel) return kernel.error();
    return make(key, **kernel, longest);
}

// Made where the caller wants it: every move would be another copy to wipe.
Result<Key> Key::make(ByteView key, const Kernel& kernel, std::size_t longest) {
    if (key.size() != 16 && key.size() != 32)
        return misuse(fmt::format("an AES-GCM key has 16 or 32 bytes, not {}", key.size()));
    return Result<Key>(std::in_place, Badge{}, kernel, key, longest / 16);
}

Key::Key(Badge, const Kernel& kernel, ByteView key, std::size_t blocks) : kernel_(&kernel) {
    assert(kernel.state_bytes <= state_.size());
    kernel.set_key(state_.data(), key.data(), key.size() == 16 ? 10 : 14, blocks);
}

Key::Key(Key&& other) noexcept : kernel_(other.kernel_) {
    std::memcpy(state_.data(), other.state_.data(), kernel_->state_bytes);
    other.wipe_state();
}

Key& Key::operator=(Key&& other) noexcept {
    if (this == &other) return *this;
    wipe_state();
    kernel_ = other.kernel_;
    std::memcpy(state_.data(), other.state_.data(), kernel_->state_bytes);
    other.wipe_state();
    return *this;
}

Status seal(const Key& key, ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext,
            MutableBytes tag) {
    if (!legal_tag(tag.size())) return Status::bad_tag_length;
    if (const Status status = check(iv, aad, plaintext, ciphertext, tag); status != Status::ok) return status;
    std::uint8_t whole_tag[kTagBytes];
    key.kernel().seal(key.state(), message(iv, aad, plaintext, ciphertext, whole_tag));
    std::memcpy(tag.data(), whole_tag, tag.size());
    return Status::ok;
}

Status open(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext, ByteView tag,
            MutableBytes plaintext) {
    if (!legal_tag(tag.size())) return Status::bad_tag_length;
    if (const Status status = check(iv, aad, ciphertext, plaintext, tag); status != Status::ok) return status;
    std::uint8_t right[kTagBytes];
    key.kernel().open(key.state(), message(iv, aad, ciphertext, plaintext, right));
    const bool same = crypto::equal_in_constant_time(ByteView(right).first(tag.size()), tag);
    wipe(right);  // who learns the right tag of a forged message has forged one
    if (same) return Status::ok;
    wipe(plaintext);
    return Status::bad_tag;
}

Expected<Decryptor, Status> verify(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext,
                                   ByteView tag) {
    Verifier verifier(key, iv);
    if (const Status status = verifier.add_aad(aad); status != Status::ok) return status;
    if (const Status status = verifier.update(ciphertext); status != Status::ok) return status;
    return verifier.finish(tag);
}

}  // namespace h7::aes_gcm

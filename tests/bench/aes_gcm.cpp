// AES-128-GCM open, every kernel this machine can run, against OpenSSL's EVP in the same process.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <map>
#include <memory>

#include "tests/bench/report.hpp"

namespace {

using namespace h7;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

constexpr std::uint8_t kKey[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr std::uint8_t kIv[12] = {0xCA, 0xFE};

/// The ratios of the AES-GCM study, by kernel and message size.
std::optional<double> bar_of(std::string_view kernel, std::size_t size) {
    static const std::map<std::string_view, std::map<std::size_t, double>> bars = {
        {"aesni", {{1U << 10, 2.0}, {16U << 10, 1.33}, {1U << 20, 1.22}}},
        {"vaes256", {{1U << 10, 3.4}, {16U << 10, 2.55}, {1U << 20, 2.4}}},
        {"vaes512", {{1U << 10, 5.7}, {16U << 10, 5.3}, {1U << 20, 4.9}}},
    };
    const auto tier = bars.find(kernel);
    return tier == bars.end() ? std::nullopt : std::optional(tier->second.at(size));
}

bool openssl_open(EVP_CIPHER_CTX* context, std::vector<std::uint8_t>& in, std::uint8_t* tag,
                  std::vector<std::uint8_t>& out) {
    int length = 0;
    return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, kIv) == 1 &&
           EVP_DecryptUpdate(context, out.data(), &length, in.data(), static_cast<int>(in.size())) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag) == 1 &&
           EVP_DecryptFinal_ex(context, out.data() + length, &length) == 1;
}

bool measure(std::string_view kernel, std::size_t size) {
    const auto key = aes_gcm::Key::make(kKey, kernel);
    const Context context(EVP_CIPHER_CTX_new());
    if (!key || !context || EVP_DecryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, kKey, kIv) != 1)
        return false;
    std::vector<std::uint8_t> plain(size, 0x5A), sealed(size), ours(size), theirs(size);
    std::uint8_t tag[16];
    bool good = aes_gcm::seal(*key, kIv, {}, plain, sealed, tag) == aes_gcm::Status::ok;

    const bench::Paired paired = bench::compare(
        [&] { good &= aes_gcm::open(*key, kIv, {}, sealed, tag, ours) == aes_gcm::Status::ok; },
        [&] { good &= openssl_open(context.get(), sealed, tag, theirs); });
    good &= ours == plain && theirs == plain;

    const std::string name = fmt::format("open/{}/{}", kernel, size);
    bench::print({.bench = "aes_gcm",
                  .name = name,
                  .unit = "MB/s",
                  .against = "OpenSSL EVP",
                  .value = static_cast<double>(size) / paired.ours / 1e6,
                  .ratio = paired.ratio,
                  .bar = bar_of(kernel, size)});
    return good;
}

}  // namespace

int main() {
    bool good = true;
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels()) {
        if (!kernel.available) continue;
        for (const std::size_t size : {1U << 10, 16U << 10, 1U << 20}) good &= measure(kernel.name, size);
    }
    if (!good) std::fputs("aes_gcm: the two implementations disagree\n", stderr);
    return good ? 0 : 1;
}

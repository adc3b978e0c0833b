// AES-GCM, every tier this machine can run, against OpenSSL's EVP in the same process: both in turns, and the
// median of the ratios of neighbours. Beside it what the execution ports of this core allow: rows against
// `port-limit`.
//
// As docs/rss/aes-gcm.md says: 16 bytes of AAD, 96-bit IV, other buffer for the output, tag compared,
// OpenSSL's cipher fetched once and its context kept, unless the case is called fresh-key.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>

#include "tests/bench/port_limit.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;
using aes_gcm::Status;

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;
using Cipher = std::unique_ptr<EVP_CIPHER, Free>;

constexpr std::size_t kLongest = 1U << 20;
constexpr std::uint8_t kKey[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
constexpr std::uint8_t kIv[12] = {0xCA, 0xFE};
constexpr std::uint8_t kAad[16] = {0xAA};

struct alignas(4096) Buffers {
    std::uint8_t plain[kLongest], sealed[kLongest], ours[kLongest], theirs[kLongest];
    std::uint8_t tag[16], made[16];
};

bool good = true;
void must(bool right) { good &= right; }

/// What one line of the report needs.
struct Case {
    std::string name, tier, against = "openssl-evp";
    std::size_t bytes;
    std::optional<double> bar = std::nullopt;
};

void report(const Case& which, const bench::Paired& paired) {
    const bool is_short = which.bytes <= 1024;
    bench::print(
        {.bench = "aes_gcm",
         .name = which.name,
         .unit = is_short ? "ns" : "MB/s",
         .against = which.against,
         .value = is_short ? paired.ours * 1e9 : static_cast<double>(which.bytes) / paired.ours / 1e6,
         .ratio = paired.ratio,
         .bar = which.bar,
         .tier = which.tier});
    std::fflush(stdout);
}

class OpenSsl {
public:
    explicit OpenSsl(std::size_t key_bytes)
        : key_bytes_(key_bytes),
          cipher_(EVP_CIPHER_fetch(nullptr, key_bytes == 16 ? "AES-128-GCM" : "AES-256-GCM", nullptr)) {
        EVP_CipherInit_ex2(seal_.get(), cipher_.get(), kKey, nullptr, 1, nullptr);
        EVP_CipherInit_ex2(open_.get(), cipher_.get(), kKey, nullptr, 0, nullptr);
    }
    void seal(ByteView in, std::uint8_t* out, std::uint8_t* tag) {
        EVP_CipherInit_ex2(seal_.get(), nullptr, nullptr, kIv, 1, nullptr);
        int n = 0;
        EVP_EncryptUpdate(seal_.get(), nullptr, &n, kAad, sizeof kAad);
        EVP_EncryptUpdate(seal_.get(), out, &n, in.data(), static_cast<int>(in.size()));
        EVP_EncryptFinal_ex(seal_.get(), out, &n);
        must(EVP_CIPHER_CTX_ctrl(seal_.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    }
    void open(ByteView in, std::uint8_t* out, std::uint8_t* tag) {
        EVP_CipherInit_ex2(open_.get(), nullptr, nullptr, kIv, 0, nullptr);
        finish_open(open_.get(), in, out, tag);
    }
    /// As an application usually writes it: a context for the message.
    void open_fresh(ByteView in, std::uint8_t* out, std::uint8_t* tag) const {
        const Context context(EVP_CIPHER_CTX_new());
        EVP_DecryptInit_ex(context.get(), key_bytes_ == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr,
                           kKey, kIv);
        finish_open(context.get(), in, out, tag);
    }

private:
    static void finish_open(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out, std::uint8_t* tag) {
        int n = 0;
        EVP_DecryptUpdate(context, nullptr, &n, kAad, sizeof kAad);
        EVP_DecryptUpdate(context, out, &n, in.data(), static_cast<int>(in.size()));
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag);
        must(EVP_DecryptFinal_ex(context, out, &n) == 1);
    }

    std::size_t key_bytes_;
    Cipher cipher_;
    Context seal_{EVP_CIPHER_CTX_new()}, open_{EVP_CIPHER_CTX_new()};
};

/// The bars, by tier, key size and message size (issue and study: docs/rss/aes-gcm.md).
std::optional<double> bar_of_open(const std::string& tier, std::size_t key_bytes, std::size_t bytes) {
    static const std::map<std::string, std::map<std::size_t, double>> bars = {
        {"vaes512/16", {{16, 9.0}, {1U << 10, 5.7}, {16U << 10, 5.3}, {128U << 10, 5.4}, {1U << 20, 4.7}}},
        {"vaes512/32", {{1U << 10, 5.0}, {16U << 10, 5.0}, {128U << 10, 4.9}, {1U << 20, 4.6}}},
        {"vaes256/16", {{1U << 10, 3.4}, {16U << 10, 2.6}, {128U << 10, 2.5}, {1U << 20, 2.4}}},
        {"aesni/16", {{1U << 10, 2.0}, {16U << 10, 1.33}, {128U << 10, 1.3}, {1U << 20, 1.22}}},
    };
    const auto row = bars.find(fmt::format("{}/{}", tier, key_bytes));
    if (row == bars.end()) return std::nullopt;
    const auto bar = row->second.find(bytes);
    return bar == row->second.end() ? std::nullopt : std::optional(bar->second);
}

class Tier {
public:
    Tier(std::string name, std::size_t key_bytes, Buffers& buffers)
        : name_(std::move(name)),
          key_bytes_(key_bytes),
          buffers_(buffers),
          key_(std::move(*aes_gcm::Key::make(raw_key(), name_))),
          openssl_(key_bytes) {}

    void run() {
        for (const std::size_t bytes : {16U, 256U, 1U << 10, 4U << 10, 16U << 10, 128U << 10, 1U << 20}) {
            if (name_ == "portable" && bytes > 16U << 10) continue;
            prepare(bytes);
            open_and_seal(bytes);
        }
        fresh_key(16);
        fresh_key(1U << 10);
        if (name_ == "portable") return;
        for (const std::size_t chunk : {16U << 10, 4U << 10, 1U << 10, 1000U}) streaming(128U << 10, chunk);
        verify_then_decrypt(128U << 10);
        port_share(128U << 10);
    }

private:
    ByteView raw_key() const { return ByteView(kKey).first(key_bytes_); }
    ByteView plain(std::size_t n) const { return ByteView(buffers_.plain).first(n); }
    ByteView sealed(std::size_t n) const { return ByteView(buffers_.sealed).first(n); }
    MutableBytes ours(std::size_t n) const { return MutableBytes(buffers_.ours).first(n); }
    bool wide() const { return name_ == "vaes512"; }
    std::string title(std::string_view what, std::size_t n) const {
        return fmt::format("aes{}-{}-{}", 8 * key_bytes_, what, n);
    }

    void prepare(std::size_t bytes) {
        openssl_.seal(plain(bytes), buffers_.sealed, buffers_.tag);
        open_ours(bytes);
        must(std::memcmp(buffers_.ours, buffers_.plain, bytes) == 0);
        seal_ours(bytes);
        must(std::memcmp(buffers_.ours, buffers_.sealed, bytes) == 0);
        must(std::memcmp(buffers_.made, buffers_.tag, 16) == 0);
    }
    void open_ours(std::size_t n) {
        must(open(key_, kIv, kAad, sealed(n), buffers_.tag, ours(n)) == Status::ok);
    }
    void seal_ours(std::size_t n) {
        must(seal(key_, kIv, kAad, plain(n), ours(n), buffers_.made) == Status::ok);
    }

    void open_and_seal(std::size_t n) {
        report({title("open", n), name_, "openssl-evp", n, bar_of_open(name_, key_bytes_, n)},
               bench::alternate([&] { open_ours(n); },
                                [&] { openssl_.open(sealed(n), buffers_.theirs, buffers_.tag); }));
        report({title("seal", n), name_, "openssl-evp", n},
               bench::alternate([&] { seal_ours(n); },
                                [&] { openssl_.seal(plain(n), buffers_.theirs, buffers_.made); }));
        if (n >= 4U << 10 && wide())
            report({title("seal-beside-open", n), name_, "open", n, 0.95},
                   bench::alternate([&] { seal_ours(n); }, [&] { open_ours(n); }));
    }
    void fresh_key(std::size_t n) {
        prepare(n);
        const bool has_bar = wide() && n == 1U << 10 && key_bytes_ == 16;
        report({title("fresh-key-open", n), name_, "openssl-evp-new", n,
                has_bar ? std::optional(5.6) : std::nullopt},
               bench::alternate(
                   [&] {
                       const auto key = aes_gcm::Key::make(raw_key(), name_, n + sizeof kAad);
                       must(open(*key, kIv, kAad, sealed(n), buffers_.tag, ours(n)) == Status::ok);
                   },
                   [&] { openssl_.open_fresh(sealed(n), buffers_.theirs, buffers_.tag); }));
    }
    /// Against one shot of the same message.
    void streaming(std::size_t n, std::size_t chunk) {
        prepare(n);
        const auto pieces = [&](auto take) {
            for (std::size_t at = 0; at < n; at += chunk) take(at, std::min(chunk, n - at));
        };
        std::optional<double> bar;
        if (wide() && key_bytes_ == 16 && chunk == 4U << 10) bar = 0.9;
        if (wide() && key_bytes_ == 16 && chunk == 1000) bar = 0.55;
        const auto open_stream = [&] {
            aes_gcm::Opener opener(key_, kIv, ours(n));
            must(opener.add_aad(kAad) == Status::ok);
            pieces([&](std::size_t at, std::size_t m) {
                must(opener.update(sealed(n).subspan(at, m)) == Status::ok);
            });
            must(opener.finish_in_place(buffers_.tag) == Status::ok);
        };
        const auto seal_stream = [&] {
            aes_gcm::Sealer sealer(key_, kIv);
            must(sealer.add_aad(kAad) == Status::ok);
            pieces([&](std::size_t at, std::size_t m) {
                must(sealer.update(plain(n).subspan(at, m), ours(n).subspan(at, m)) == Status::ok);
            });
            must(sealer.finish(buffers_.made) == Status::ok);
        };
        report({title("open-stream", chunk), name_, "one-shot", n, bar},
               bench::alternate(open_stream, [&] { open_ours(n); }));
        report({title("seal-stream", chunk), name_, "one-shot", n, bar},
               bench::alternate(seal_stream, [&] { seal_ours(n); }));
    }
    /// Two passes: every tag first, then the decryption.
    void verify_then_decrypt(std::size_t n) {
        prepare(n);
        report({title("verify-then-decrypt", n), name_, "openssl-evp", n},
               bench::alternate(
                   [&] {
                       const auto verified = aes_gcm::verify(key_, kIv, kAad, sealed(n), buffers_.tag);
                       must(verified && verified->decrypt(0, sealed(n), ours(n)) == Status::ok);
                   },
                   [&] { openssl_.open(sealed(n), buffers_.theirs, buffers_.tag); }));
    }
    /// Of what the ports allow: AES rounds and three products a block, nothing else, nothing waiting for
    /// anything.
    void port_share(std::size_t n) {
        prepare(n);
        const unsigned rounds = key_bytes_ == 16 ? 10 : 14;
        const std::size_t vector = name_ == "vaes512" ? 64 : name_ == "vaes256" ? 32 : 16;
        // How much faster than OpenSSL anything could be here: a bar above this number is for other
        // processors.
        report({title("port-limit", n), name_, "openssl-evp", n},
               bench::alternate([&] { bench::use_ports(vector, rounds, n / vector); },
                                [&] { openssl_.open(sealed(n), buffers_.theirs, buffers_.tag); }));
        report(
            {title("open-of-ports", n), name_, "port-limit", n,
             wide() && key_bytes_ == 16 ? std::optional(0.7) : std::nullopt},
            bench::alternate([&] { open_ours(n); }, [&] { bench::use_ports(vector, rounds, n / vector); }));
    }

    std::string name_;
    std::size_t key_bytes_;
    Buffers& buffers_;
    aes_gcm::Key key_;
    OpenSsl openssl_;
};

}  // namespace

int main(int argc, char** argv) {
    const auto buffers = std::make_unique<Buffers>();
    for (std::size_t i = 0; i < kLongest; ++i) buffers->plain[i] = static_cast<std::uint8_t>(i * 7 + i / 255);
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels()) {
        if (argc > 1 && kernel.name != argv[1]) continue;
        if (!kernel.available) {
            std::fprintf(stderr, "aes_gcm: %s is skipped: %s\n", std::string(kernel.name).c_str(),
                         std::string(kernel.why).c_str());
            continue;
        }
        for (const std::size_t key_bytes : {16U, 32U})
            Tier(std::string(kernel.name), key_bytes, *buffers).run();
    }
    if (!good) std::fputs("aes_gcm: the two implementations disagree\n", stderr);
    return good ? 0 : 1;
}

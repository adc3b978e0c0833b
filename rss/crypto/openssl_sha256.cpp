#include "rss/crypto/openssl_sha256.hpp"

#include <openssl/evp.h>

#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {

namespace {

/// Looked up once: behind EVP_sha256() OpenSSL 3 looks it up at every start of a hash, which takes longer
/// than hashing a short message.
const EVP_MD* algorithm() {
    static const OpensslPtr<EVP_MD, EVP_MD_free> sha256{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    return sha256.get();
}

}  // namespace

struct Sha256::Context {
    OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free> md{EVP_MD_CTX_new()};
    void begin() {
        openssl_must(md && algorithm() && EVP_DigestInit_ex(md.get(), algorithm(), nullptr) == 1, "SHA-256");
    }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { context_->begin(); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(ByteView bytes) {
    openssl_must(EVP_DigestUpdate(context_->md.get(), bytes.data(), bytes.size()) == 1, "SHA-256");
    return *this;
}

Digest Sha256::finish() {
    Digest digest{};
    openssl_must(EVP_DigestFinal_ex(context_->md.get(), digest.data(), nullptr) == 1, "SHA-256");
    context_->begin();
    return digest;
}

Digest sha256(ByteView bytes) {
    Digest digest{};
    openssl_must(algorithm() && EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm(),
                                           nullptr) == 1,
                 "SHA-256");
    return digest;
}

}  // namespace h7::crypto

// What somebody else makes of the same message: ciphertext, then a tag of 16 bytes. OpenSSL, or where it is
// not there (H7_PORTABLE_REFERENCE) our portable kernel, which is checked against OpenSSL elsewhere.
#pragma once

#ifndef H7_PORTABLE_REFERENCE
#include <openssl/evp.h>

#include <memory>
#endif

#include <ostream>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"

namespace h7::aes_gcm {

/// For gtest: the name of the kernel a test runs on.
inline void PrintTo(const KernelInfo& kernel, std::ostream* out) { *out << kernel.name; }

inline Bytes portable_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext) {
    Bytes sealed(plaintext.size() + kTagBytes);
    const auto made = Key::make(key, "portable");
    const Status status = seal(*made, iv, aad, plaintext, MutableBytes(sealed).first(plaintext.size()),
                               MutableBytes(sealed).last(kTagBytes));
    return status == Status::ok ? sealed : Bytes{};
}

#ifdef H7_PORTABLE_REFERENCE
inline Bytes reference_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext) {
    return portable_seal(key, iv, aad, plaintext);
}
#else
/// OpenSSL 3.0 takes IVs of up to 128 bytes; for longer ones (Wycheproof has some) the portable kernel
/// answers.
inline Bytes reference_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext) {
    if (iv.size() > 128) return portable_seal(key, iv, aad, plaintext);
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                             EVP_CIPHER_CTX_free);
    Bytes sealed(plaintext.size() + kTagBytes);
    int n = 0;
    EVP_EncryptInit_ex(context.get(), key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr,
                       nullptr, nullptr);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_IVLEN, static_cast<int>(iv.size()), nullptr);
    EVP_EncryptInit_ex(context.get(), nullptr, nullptr, key.data(), iv.data());
    if (!aad.empty()) EVP_EncryptUpdate(context.get(), nullptr, &n, aad.data(), static_cast<int>(aad.size()));
    if (!plaintext.empty())
        EVP_EncryptUpdate(context.get(), sealed.data(), &n, plaintext.data(),
                          static_cast<int>(plaintext.size()));
    EVP_EncryptFinal_ex(context.get(), sealed.data() + plaintext.size(), &n);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed.data() + plaintext.size());
    return sealed;
}
#endif

}  // namespace h7::aes_gcm

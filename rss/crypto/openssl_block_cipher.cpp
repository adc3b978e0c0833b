#include "rss/crypto/openssl_block_cipher.hpp"

#include <openssl/evp.h>

#include <cassert>

#include "rss/crypto/openssl_failure.hpp"

namespace h7::crypto {
namespace {

const EVP_CIPHER* cipher_of(BlockCipher::Kind kind, std::size_t key_bytes) {
    if (kind == BlockCipher::Kind::tdes) return EVP_des_ede3_ecb();
    return key_bytes == 16 ? EVP_aes_128_ecb() : key_bytes == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
}

}  // namespace

struct BlockCipher::Contexts {
    OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> encryption{EVP_CIPHER_CTX_new()},
        decryption{EVP_CIPHER_CTX_new()};

    static void run(EVP_CIPHER_CTX* context, MutableBytes block) {
        int size = 0;
        openssl_must(EVP_CipherUpdate(context, block.data(), &size, block.data(),
                                      static_cast<int>(block.size())) == 1 &&
                         size == static_cast<int>(block.size()),
                     "block cipher");
    }
};

BlockCipher::BlockCipher(Kind kind, ByteView key) : contexts_(std::make_unique<Contexts>()) {
    assert(kind == Kind::tdes ? key.size() == 24 : key.size() == 16 || key.size() == 24 || key.size() == 32);
    for (const bool encrypts : {true, false}) {
        EVP_CIPHER_CTX* context = (encrypts ? contexts_->encryption : contexts_->decryption).get();
        openssl_must(context != nullptr && EVP_CipherInit_ex(context, cipher_of(kind, key.size()), nullptr,
                                                             key.data(), nullptr, encrypts ? 1 : 0) == 1,
                     "block cipher");
        EVP_CIPHER_CTX_set_padding(context, 0);
    }
}
BlockCipher::~BlockCipher() = default;
BlockCipher::BlockCipher(BlockCipher&&) noexcept = default;
BlockCipher& BlockCipher::operator=(BlockCipher&&) noexcept = default;

std::size_t BlockCipher::block_bytes() const {
    return static_cast<std::size_t>(EVP_CIPHER_CTX_get_block_size(contexts_->encryption.get()));
}
void BlockCipher::encrypt(MutableBytes block) { Contexts::run(contexts_->encryption.get(), block); }
void BlockCipher::decrypt(MutableBytes block) { Contexts::run(contexts_->decryption.get(), block); }

}  // namespace h7::crypto

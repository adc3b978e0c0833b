// Keys and plaintext are marked undefined, and valgrind's memcheck complains about every branch and address
// that depends on undefined bytes: that is, on secrets. Run by ctest under valgrind; on its own it proves
// nothing.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <valgrind/memcheck.h>

#include <cstdio>

using namespace h7;

namespace {

void secret(Bytes& bytes) { VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size()); }
void open_to_all(Bytes& bytes) { VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size()); }

/// Everything up to the comparison of the tag, whose outcome is public.
bool run(std::string_view kernel, std::size_t key_bytes) {
    Bytes key_material(key_bytes, 3), plaintext(777, 5), ciphertext(777), tag(16);
    const Bytes iv(12, 1), long_iv(60, 1), aad(33, 2);
    secret(key_material);
    secret(plaintext);
    const auto key = aes_gcm::Key::make(key_material, kernel);
    if (!key) return false;
    bool good = aes_gcm::seal(*key, iv, aad, plaintext, ciphertext, tag) == aes_gcm::Status::ok;
    open_to_all(ciphertext);
    open_to_all(tag);
    aes_gcm::Opener opener(*key, long_iv, ciphertext.size());
    good &= opener.add_aad(aad) == aes_gcm::Status::ok;
    for (std::size_t at = 0; at < ciphertext.size(); at += 37) {
        const std::size_t n = std::min<std::size_t>(37, ciphertext.size() - at);
        good &= opener.update(ByteView(ciphertext).subspan(at, n)) == aes_gcm::Status::ok;
    }
    return good;
}

}  // namespace

int main() {
    bool good = RUNNING_ON_VALGRIND != 0;
    if (!good) std::puts("run me under valgrind");
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels())
        if (kernel.available)
            for (const std::size_t key_bytes : {16U, 32U}) good &= run(kernel.name, key_bytes);
    return good ? 0 : 1;
}

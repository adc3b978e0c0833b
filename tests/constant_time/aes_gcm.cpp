// Keys and plaintext are marked undefined, and valgrind's memcheck complains about every branch and address
// that depends on undefined bytes: that is, on secrets. Run by ctest under valgrind; on its own it proves
// nothing. The portable and the AES-NI kernel run as they are, the wide ones on emulated lanes
// (emulated.hpp).
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <valgrind/memcheck.h>

#include <cstdio>

#include "rss/crypto/secret.hpp"

namespace h7::aes_gcm {
extern const Kernel kernel_emulated_vaes256, kernel_emulated_vaes512;
}

using namespace h7;

namespace {

constexpr std::uint8_t kIv[12] = {1}, kLongIv[60] = {1}, kAad[33] = {2};

void secret(MutableBytes bytes) {
    if (!bytes.empty()) VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}
void open_to_all(MutableBytes bytes) {
    if (!bytes.empty()) VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
}

/// Everything up to the comparison of the tag, whose outcome is public.
bool run(const aes_gcm::Kernel& kernel, std::size_t key_bytes, std::size_t length, std::size_t longest) {
    using aes_gcm::Status;
    Bytes key_material(key_bytes, 3), plaintext(length, 5), ciphertext(length), tag(16);
    secret(key_material);
    secret(plaintext);
    const auto key = aes_gcm::Key::make(key_material, kernel, longest);
    if (!key) return false;
    bool good = aes_gcm::seal(*key, kIv, kAad, plaintext, ciphertext, tag) == Status::ok;
    open_to_all(ciphertext);
    Bytes forged = tag;
    open_to_all(tag);

    Bytes elsewhere(length), its_tag(16);
    good &= aes_gcm::seal(*key, kLongIv, kAad, plaintext, elsewhere, its_tag) == Status::ok;

    // The whole of open(): which bytes of a tag are wrong stays unknown, that it is wrong does not.
    Bytes opened(length);
    aes_gcm::Message message{kIv,           sizeof kIv, kAad,         sizeof kAad, ciphertext.data(),
                             opened.data(), length,     forged.data()};
    kernel.open(key->state(), message);
    good &= !crypto::equal_in_constant_time(ByteView(forged).first(0), tag);

    aes_gcm::Sealer sealer(*key, kLongIv);
    aes_gcm::Opener opener(*key, kLongIv, length);
    good &= sealer.add_aad(kAad) == Status::ok && opener.add_aad(kAad) == Status::ok;
    Bytes out(length);
    for (std::size_t at = 0, piece = 37; at < length; at += piece, piece = piece * 3 % 1501) {
        piece = std::min(piece, length - at);
        good &= sealer.update(ByteView(plaintext).subspan(at, piece), MutableBytes(out).subspan(at, piece)) ==
                Status::ok;
        good &= opener.update(ByteView(ciphertext).subspan(at, piece)) == Status::ok;
    }
    return good && sealer.finish(tag) == Status::ok;
}

}  // namespace

int main() {
    bool good = RUNNING_ON_VALGRIND != 0;
    if (!good) std::puts("run me under valgrind");
    const aes_gcm::Kernel* kernels[] = {&aes_gcm::kernel_portable, &aes_gcm::kernel_aesni,
                                        &aes_gcm::kernel_emulated_vaes256, &aes_gcm::kernel_emulated_vaes512};
    for (const aes_gcm::Kernel* kernel : kernels)
        for (const std::size_t key_bytes : {16U, 32U})
            for (const std::size_t length : {0U, 5U, 16U, 40U, 77U, 777U, 3000U})
                for (const std::size_t longest : {aes_gcm::kAnyLength, std::size_t{16}})
                    good &= run(*kernel, key_bytes, length, longest);
    return good ? 0 : 1;
}

#include "rss/crypto/modular_inverse.hpp"

#include <gmp.h>

#include <cassert>

namespace h7::crypto {
namespace {

constexpr std::size_t kBytes = 32;

struct Number {
    Number() { mpz_init2(value, 8 * kBytes); }
    explicit Number(ByteView bytes) : Number() { mpz_import(value, bytes.size(), 1, 1, 1, 0, bytes.data()); }
    ~Number() { mpz_clear(value); }
    Number(const Number&) = delete;
    Number& operator=(const Number&) = delete;

    mpz_t value;
};

}  // namespace

std::array<std::uint8_t, kBytes> inverse_of_public(ByteView value, ByteView prime) {
    assert(value.size() == kBytes && prime.size() == kBytes);
    const Number of(value), modulo(prime);
    Number inverse;
    [[maybe_unused]] const int exists = mpz_invert(inverse.value, of.value, modulo.value);
    assert(exists != 0);
    std::array<std::uint8_t, kBytes> bytes{};
    const std::size_t size = (mpz_sizeinbase(inverse.value, 2) + 7) / 8;
    mpz_export(bytes.data() + (kBytes - size), nullptr, 1, 1, 1, 0, inverse.value);
    return bytes;
}

}  // namespace h7::crypto

#include "rss/crypto/aes_gcm/cpu_features.hpp"

#include "rss/crypto/aes_gcm/kernel.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace h7::aes_gcm {
namespace {

#if defined(__x86_64__)
/// XCR0: the register sets that the operating system saves and restores.
std::uint64_t saved_registers() {
    std::uint32_t low = 0, high = 0;
    asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}
constexpr std::uint64_t kYmmSaved = 0x06, kZmmSaved = 0xE6;  // SSE, AVX; and opmask, both parts of ZMM

unsigned read_features() {
    struct {
        unsigned a, b, c, d;
    } one{}, seven{};
    if (__get_cpuid(1, &one.a, &one.b, &one.c, &one.d) == 0) return 0;
    __get_cpuid_count(7, 0, &seven.a, &seven.b, &seven.c, &seven.d);
    const std::uint64_t saved = (one.c & bit_OSXSAVE) != 0 ? saved_registers() : 0;
    const bool ymm = (saved & kYmmSaved) == kYmmSaved, zmm = (saved & kZmmSaved) == kZmmSaved;
    const auto has_all = [](unsigned value, unsigned bits) { return (value & bits) == bits; };
    unsigned features = 0;
    if (has_all(one.c, bit_AES)) features |= kAes;
    if (has_all(one.c, bit_PCLMUL)) features |= kPclmul;
    if (ymm && has_all(one.c, bit_AVX | bit_SSSE3 | bit_SSE4_1)) features |= kAvx;
    if (ymm && has_all(seven.b, bit_AVX2)) features |= kAvx2;
    if (ymm && has_all(seven.c, bit_VAES)) features |= kVaes;
    if (ymm && has_all(seven.c, bit_VPCLMULQDQ)) features |= kVpclmul;
    if (zmm && has_all(seven.b, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL | bit_BMI2))
        features |= kAvx512;
    return features;
}
#elif defined(__aarch64__) && defined(__linux__)
unsigned read_features() {
    const unsigned long capabilities = getauxval(AT_HWCAP);
    unsigned features = 0;
    if ((capabilities & HWCAP_AES) != 0) features |= kArmAes;
    if ((capabilities & HWCAP_PMULL) != 0) features |= kArmPmull;
    return features;
}
#else
unsigned read_features() { return 0; }
#endif

}  // namespace

unsigned cpu_features() {
    static const unsigned features = read_features();  // CPUID leaves a virtual machine: once is enough
    return features;
}

}  // namespace h7::aes_gcm

#include "rss/crypto/aes_gcm/cpu_features.hpp"

#include "rss/crypto/aes_gcm/kernel.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace h7::aes_gcm {

unsigned cpu_features() {
    unsigned features = 0;
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0) {
        if ((ecx & bit_SSSE3) != 0) features |= kSsse3;
        if ((ecx & bit_SSE4_1) != 0) features |= kSse41;
        if ((ecx & bit_AES) != 0) features |= kAes;
        if ((ecx & bit_PCLMUL) != 0) features |= kPclmul;
    }
#endif
    return features;
}

}  // namespace h7::aes_gcm

// What the machine we run on can do, as far as the AES-GCM kernels ask.
#pragma once

namespace h7::aes_gcm {

/// Feature bits of kernel.hpp, read once: from CPUID and XGETBV, or from Linux's AT_HWCAP on ARMv8; else 0.
unsigned cpu_features();

}  // namespace h7::aes_gcm

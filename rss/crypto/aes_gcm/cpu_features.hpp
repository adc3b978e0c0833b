// What the machine we run on can do, as far as the AES-GCM kernels ask.
#pragma once

namespace h7::aes_gcm {

/// Feature bits of kernel.hpp. Read from CPUID; 0 on other architectures.
unsigned cpu_features();

}  // namespace h7::aes_gcm

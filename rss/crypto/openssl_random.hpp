// Randomness for secrets, from the operating system through OpenSSL. What the guest may see comes from
// emulator/base/random.hpp instead.
#pragma once

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::crypto {

Result<void> random_bytes(MutableBytes bytes);

}  // namespace h7::crypto

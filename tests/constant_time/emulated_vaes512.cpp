// isa_vaes512.cpp's numbers on emulated lanes.
#define H7_LANES 4
#define H7_GROUP 16
#define H7_GROUPS_A_SUM 1
#define H7_TAIL 8
#define H7_SPARE_POWERS 16
#include "tests/constant_time/emulated.hpp"

namespace h7::aes_gcm {
extern const Kernel kernel_emulated_vaes512;
const Kernel kernel_emulated_vaes512 = kernel_called("emulated-vaes512", kAes | kPclmul | kAvx);
}  // namespace h7::aes_gcm

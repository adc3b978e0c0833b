// isa_vaes256.cpp's numbers on emulated lanes.
#define H7_LANES 2
#define H7_GROUP 8
#define H7_GROUPS_A_SUM 2
#define H7_TAIL 4
#define H7_SPARE_POWERS 8
#include "tests/constant_time/emulated.hpp"

namespace h7::aes_gcm {
extern const Kernel kernel_emulated_vaes256;
const Kernel kernel_emulated_vaes256 = kernel_called("emulated-vaes256", kAes | kPclmul | kAvx);
}  // namespace h7::aes_gcm

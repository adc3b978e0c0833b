/* The Cortex-M4 writes over what a host stages for the RSS (AXI SRAM from 0x24030000), again and again, from RAM. Counts its
   rounds in SRAM4. */
#include "h7.h"

#define STAGING 0x24030000U
#define STAGING_BYTES 0x2000U
#define ROUNDS REG32(0x38000000U)

int main(void) {
    for (;;) {
        for (uint32_t at = 0; at < STAGING_BYTES; at += 4) REG32(STAGING + at) = 0x5A5A5A5AU;
        dsb();
        ROUNDS = ROUNDS + 1;
    }
}

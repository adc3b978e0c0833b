/* SHA-256 (FIPS 180-4), whole message at once. */
#ifndef SHA256_H
#define SHA256_H

#include <stdint.h>

void sha256(const uint8_t *message, uint32_t length, uint8_t digest[32]);

#endif

/* What the secure bootloader checks before it starts the application. tools/fill_manifest.py writes length and digest
   into the linked file. The manifest stands in front of the application's vectors. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <stdint.h>

#define MANIFEST_ADDRESS 0x08020000U
#define APPLICATION_VECTORS 0x08020400U
#define APPLICATION_LENGTH_MAX 0x0001FC00U /* up to the PCROP area at 0x08040000, which reads as zeros */
#define MANIFEST_MAGIC 0x4E414D48U         /* "HMAN" */

typedef struct {
    uint32_t magic;
    uint32_t length; /* bytes from APPLICATION_VECTORS on */
    uint8_t sha256[32];
} Manifest;

#endif

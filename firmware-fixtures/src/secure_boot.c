/* The user's secure software: lives in the secure-only area at the start of bank 1 (0x08000000, 32 Kbytes: SCAR1 START
   0x000, END 0x07F), is entered by the RSS, checks the application and leaves by exitSecureArea, which closes the area
   until the next reset. EXIT_JTAG_STATE: RSS_ENABLE_JTAG_AT_EXIT, or RSS_KEEP_JTAG_DISABLED in secure_boot_no_debug.
   Expected on USART3 in secure access mode (in standard mode SEC_CONFSEC is 0x00000000):
     secure: SEC_CONFSEC 0x00000002
     secure: application <length> bytes, SHA-256 ok
     secure: leaving through exitSecureArea
   or, instead of the last two, and then nothing more:
     secure: no application (manifest magic 0x........)
     secure: application refused: length <length> out of range
     secure: application refused: SHA-256 differs                                                                    */
#include "h7.h"
#include "manifest.h"
#include "print.h"
#include "sha256.h"

typedef void (*ExitSecureArea)(uint32_t vectors, uint32_t jtag_state);

static uint32_t application_is_good(const Manifest *manifest) {
    if (manifest->magic != MANIFEST_MAGIC) {
        say("secure: no application (manifest magic %x)\n", manifest->magic);
        return 0;
    }
    if (manifest->length == 0 || manifest->length > APPLICATION_LENGTH_MAX) {
        say("secure: application refused: length %u out of range\n", manifest->length);
        return 0;
    }
    uint8_t digest[32];
    sha256((const uint8_t *)APPLICATION_VECTORS, manifest->length, digest);
    uint8_t difference = 0;
    for (int i = 0; i < 32; ++i) difference |= (uint8_t)(digest[i] ^ manifest->sha256[i]);
    if (difference != 0) {
        say("secure: application refused: SHA-256 differs\n");
        return 0;
    }
    say("secure: application %u bytes, SHA-256 ok\n", manifest->length);
    return 1;
}

int main(void) {
    usart3_open();
    say("secure: SEC_CONFSEC %x\n", SEC_CONFSEC);
    if (application_is_good((const Manifest *)MANIFEST_ADDRESS)) {
        say("secure: leaving through exitSecureArea\n");
        usart3_release();
        ((ExitSecureArea)REG32(RSS_TABLE_EXIT_SECURE_AREA))(APPLICATION_VECTORS, EXIT_JTAG_STATE);
    }
    stop();
}

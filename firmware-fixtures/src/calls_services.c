/* Calls the Root Security Services in standard mode, by pointer table and by direct entry, and leaves through
   exitSecureArea into a second vector table of its own (spec/rss-sfi-bootloader.md 2).
   Expected on USART3 on an H755 in standard mode:
     getVersion 0x00010200
     getVersion by direct entry 0x00010200
     getStatus 0xEE000091
     getCertificateSize 136
     getCertificate 45002001
     SetVectors: VTOR is the second table
     exitSecureArea: running from the second table, SP and VTOR as it says                                           */
#include "h7.h"
#include "print.h"
#include "second_table.h"

typedef uint32_t (*GetWord)(void);
typedef const uint8_t *(*GetBytes)(void);
typedef void (*SetVectors)(uint32_t vectors);
typedef void (*ExitSecureArea)(uint32_t vectors, uint32_t jtag_state);

extern const uint32_t vectors[];

void __attribute__((used)) second_main(uint32_t sp) {
    const uint32_t as_it_says = sp == second_vectors[0] && SCB_VTOR == (uint32_t)second_vectors;
    say("exitSecureArea: running from the second table, SP and VTOR %s\n", as_it_says ? "as it says" : "WRONG");
    stop();
}

SECOND_TABLE("    .fill 14, 4, 0\n");

int main(void) {
    usart3_open();
    say("getVersion %x\n", ((GetWord)REG32(RSS_TABLE_GET_VERSION))());
    say("getVersion by direct entry %x\n", ((GetWord)0x1FF08A01U)());
    say("getStatus %x\n", ((GetWord)REG32(RSS_TABLE_GET_STATUS))());
    say("getCertificateSize %u\n", ((GetWord)REG32(RSS_TABLE_GET_CERTIFICATE_SIZE))());
    const uint8_t *certificate = ((GetBytes)REG32(RSS_TABLE_GET_CERTIFICATE))();
    char product[9] = {0};
    for (int i = 0; i < 8; ++i) product[i] = (char)certificate[i];
    say("getCertificate %s\n", product);
    ((SetVectors)REG32(RSS_TABLE_SET_VECTORS))((uint32_t)second_vectors);
    say("SetVectors: VTOR is %s\n", SCB_VTOR == (uint32_t)second_vectors ? "the second table" : "WRONG");
    SCB_VTOR = (uint32_t)vectors;
    ((ExitSecureArea)REG32(RSS_TABLE_EXIT_SECURE_AREA))((uint32_t)second_vectors, RSS_ENABLE_JTAG_AT_EXIT);
    say("exitSecureArea came back\n");
    stop();
}

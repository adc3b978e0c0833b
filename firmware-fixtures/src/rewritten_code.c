/* Code in flash that is erased and programmed anew runs as programmed, not as it was translated before.
   Expected on USART3:
     answer() returns 1
     erased and programmed: answer() returns 2
     done                                                                                                            */
#include "flash.h"
#include "h7.h"
#include "print.h"

#define ANSWER 0x081E0000U /* bank 2, sector 7 */

typedef uint32_t (*Function)(void);

static uint32_t answer_after_writing(uint32_t value) {
    const uint32_t code[8] = {0x47702000U | value, /* movs r0, #value; bx lr */
                              ~0U, ~0U, ~0U, ~0U, ~0U, ~0U, ~0U};
    flash_unlock(2);
    (void)flash_erase_sector(2, 7);
    (void)flash_program(2, ANSWER, code);
    flash_clear_flags(2);
    flash_lock(2);
    dsb();
    isb();
    return ((Function)(ANSWER | 1U))();
}

int main(void) {
    usart3_open();
    say("answer() returns %u\n", answer_after_writing(1));
    say("erased and programmed: answer() returns %u\n", answer_after_writing(2));
    say("done\n");
    stop();
}

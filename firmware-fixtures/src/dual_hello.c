/* Both cores print ten lines; semaphore 1 keeps a line whole. Built for both cores.
   Expected on USART3, the lines of the two cores in any order among each other, each core's own in order:
     CM7 line 0 .. CM7 line 9
     CM4 line 0 .. CM4 line 9                                                                                        */
#include "h7.h"
#include "hsem.h"
#include "print.h"

#ifdef CORE_CM7
#define NAME "CM7"
#else
#define NAME "CM4"
#endif

int main(void) {
    hsem_clock_on();
    for (uint32_t line = 0; line < 10; ++line) {
        hsem_take(kHsemPrint);
        usart3_open();
        say(NAME " line %u\n", line);
        hsem_release(kHsemPrint);
    }
    stop();
}

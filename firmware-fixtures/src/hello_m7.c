/* The smallest program: prints and sleeps.
   Expected on USART3:
     hello from the Cortex-M7                                                                                        */
#include "h7.h"
#include "print.h"

int main(void) {
    usart3_open();
    say("hello from the Cortex-M7\n");
    stop();
}

/* The same on the other core. Flash bank 1 may be blank: the Cortex-M7 then locks up, this core does not care.
   Expected on USART3:
     hello from the Cortex-M4                                                                                        */
#include "h7.h"
#include "print.h"

int main(void) {
    usart3_open();
    say("hello from the Cortex-M4\n");
    stop();
}

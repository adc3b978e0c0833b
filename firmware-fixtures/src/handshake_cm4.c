/* ST's BootCM4_CM7 template, Cortex-M4 side; see handshake_cm7. */
#include "h7.h"
#include "handshake.h"
#include "hsem.h"
#include "print.h"

int main(void) {
    handshake_wait_in_cstop();
    hsem_take(kHsemPrint);
    usart3_open();
    say("CM4: woken by semaphore 0\n");
    hsem_release(kHsemPrint);
    stop();
}

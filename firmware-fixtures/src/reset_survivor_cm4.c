/* Resets the system when the Cortex-M7 asks for it through SRAM4; see reset_survivor_cm7. */
#include "h7.h"
#include "survivor.h"

int main(void) {
    while (SURVIVOR->magic != SURVIVOR_MAGIC || SURVIVOR->m4_resets != 1) {
    }
    SURVIVOR->m4_resets = 0;
    reset_system();
}

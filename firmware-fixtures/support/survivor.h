/* What reset_survivor keeps in SRAM4, which no system reset clears (spec/system.md 1.6, 3.3). At power-on it holds noise,
   hence the magic. */
#ifndef SURVIVOR_H
#define SURVIVOR_H

#include <stdint.h>

#define SURVIVOR_MAGIC 0x7E57ACEDU

typedef struct {
    uint32_t magic;
    uint32_t boots;      /* counted by the Cortex-M7 */
    uint32_t m4_resets;  /* 1 = the Cortex-M4 is asked to reset the system; it clears the word first */
} Survivor;

#define SURVIVOR ((volatile Survivor *)0x38000000U)

#endif

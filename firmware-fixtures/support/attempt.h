/* Tries something on protected flash of bank 1 and prints one line: what was tried, what came back, bus error or not, and
   the flags FLASH_SR1 raised. Flags are cleared before and after. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdint.h>

void attempt_read(const char *who, const char *what, uint32_t address);
void attempt_fetch(const char *who, const char *what, uint32_t address);
void attempt_call(const char *who, const char *what, uint32_t address, uint32_t a, uint32_t b);
void attempt_write(const char *who, const char *what, uint32_t address);

#endif

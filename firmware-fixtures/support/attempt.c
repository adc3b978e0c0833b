#include "attempt.h"

#include "flash.h"
#include "print.h"
#include "probe.h"

static void tell_flags(void) {
    say("FLASH_SR1 %s\n", flash_flags_text(flash_flags(1)));
    flash_clear_flags(1);
}

void attempt_read(const char *who, const char *what, uint32_t address) {
    flash_clear_flags(1);
    const Probe probe = probe_read(address);
    say("%s: read %s %x: ", who, what, address);
    if (!probe.faulted) say("%x, ", probe.value);
    say("%s, ", probe_text(&probe));
    tell_flags();
}

void attempt_fetch(const char *who, const char *what, uint32_t address) {
    flash_clear_flags(1);
    const Probe probe = probe_call(address, 0, 0);
    say("%s: fetch %s %x: %s, ", who, what, address, probe_text(&probe));
    tell_flags();
}

void attempt_call(const char *who, const char *what, uint32_t address, uint32_t a, uint32_t b) {
    flash_clear_flags(1);
    const Probe probe = probe_call(address, a, b);
    say("%s: call %s(%u, %u) at %x: ", who, what, a, b, address);
    if (!probe.faulted) say("%u, ", probe.value);
    say("%s, ", probe_text(&probe));
    tell_flags();
}

void attempt_write(const char *who, const char *what, uint32_t address) {
    static const uint32_t kZeros[8] = {0};
    flash_clear_flags(1);
    flash_unlock(1);
    (void)flash_program(1, address, kZeros);
    flash_lock(1);
    say("%s: write %s %x: no bus error, ", who, what, address);
    tell_flags();
}

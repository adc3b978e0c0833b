// The Root Security Services of one chip: the front door of rss/ for the chip.
//
//   rss::Engine rss(machine, identity, {.exit_abi = 2});
//   at every reset:            rss.reset(power_lost);
//   then, SECURITY latched:    Outcome outcome = rss.boot(target);   do what it says
//   at a BKPT in the stubs:    switch (rss.call(caller, pc)) ..
#pragma once

#include <optional>

#include "rss/services/boot.hpp"
#include "rss/services/caller.hpp"
#include "rss/services/rom.hpp"

namespace h7::rss {

/// The stubs: a BKPT fetched by the CM7 in this window is an RSS call.
inline constexpr Address kStubs = 0x1FF0'8A00;
inline constexpr std::uint32_t kStubBytes = 0xB0;

/// How a call ended; the core has been changed accordingly, except for `system_reset`.
enum class CallEnd : std::uint8_t {
    returned,      // goes on behind the call
    handed_over,   // exitSecureArea: runs from the new vectors
    faulted,       // a fault was delivered
    waits,         // a slave is busy: the same call comes again
    system_reset,  // the chip must assert a software system reset now (as SYSRESETREQ of the CM7)
};

class Engine {
public:
    /// The references must live as long as the engine.
    Engine(Machine& machine, const Identity& identity, Profile profile = {});

    /// Every system reset, before boot(). `power_lost`: power-on, brown-out or exit from Standby: the latched
    /// request is forgotten.
    void reset(bool power_lost);
    /// A reset ended with SECURITY latched (SecureMode::sample_at_reset has been called).
    Outcome boot(const BootTarget& target) {
        return Boot(machine_, identity_, profile_, retained_).run(target);
    }
    /// The CM7 stands at the BKPT of a stub. Any other pc: an undefined instruction fault is the core's
    /// business.
    CallEnd call(Caller& caller, Address pc);

    /// While on, AP0 reaches only 0x24030000-0x2407FFFF and the other access ports nothing (4.9, 4).
    bool install_lock() const { return retained_.install_lock; }
    /// The RSS's part in the debug decision of 1.7. DAP open = !install_lock && debug_open && CONFSEC == 0 &&
    /// pins.
    bool debug_open() const { return retained_.debug_open; }
    /// The answer of the last service that needed a reset, in words; none since power-on.
    const std::optional<InstallResult>& last_result() const { return retained_.last; }

    void save(StateWriter& out) const { retained_.save(out); }
    void load(StateReader& in) { retained_.load(in); }

private:
    Machine& machine_;
    const Identity& identity_;
    Profile profile_;
    Retained retained_;
};

}  // namespace h7::rss

// Secure access mode: the small state that decides who may see what beside the option bytes. Its owner is the
// chip; the flash interface, SEC, the debug port and the RSS look at it. RM0399 chapter 5,
// spec/rss-sfi-bootloader.md 1 and 3.1.
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/fabric/access.hpp"
#include "emulator/fabric/state.hpp"

namespace h7::security {

class SecureMode {
public:
    /// `capable`: the part has the mode (H755, H757). On others SECURITY reads 0 and nothing here ever opens
    /// (D-02).
    explicit SecureMode(bool capable) : capable_(capable) {}

    bool capable() const { return capable_; }
    /// SECURITY as sampled by the last system reset (F-227, R-005).
    bool latched() const { return latched_; }

    /// A system reset ends: samples the SECURITY option; with it set both areas are open (CONFSEC = 0b11).
    void sample_at_reset(bool security_option);

    /// SEC_CONFSEC: bit 0 system-secure (RSS) open, bit 1 user-secure open. 0 in standard mode.
    std::uint32_t confsec() const { return confsec_; }
    bool system_open() const { return (confsec_ & 1U) != 0; }
    bool user_open() const { return (confsec_ & 2U) != 0; }
    /// CONFSEC &= value: gates only ever close until the next reset (rss-sfi-bootloader.md 3.1).
    void close(std::uint32_t keep);

    /// What the CM7 is when an instruction of its own makes an access (D-05): the gate decides, not the pc.
    Context cm7_context() const { return user_open() ? Context::secure_user : Context::application; }

    // RDP level 1 intrusion (F-198, A-34, A-35): sticky until power-on.
    bool intrusion() const { return debugger_seen_ || booted_elsewhere_; }
    bool debugger_seen() const { return debugger_seen_; }
    void debugger_connected();
    /// A core was started from RAM or system flash (the RSS start itself does not count, A-35). Sampled at
    /// each reset.
    void booted_outside_user_flash(bool yes);
    void power_on();  // forgets the debugger

    /// Heard after any change above: the chip drops translations.
    std::function<void()> changed;

    void save(StateWriter& out) const;
    void load(StateReader& in);

private:
    void tell() {
        if (changed) changed();
    }
    bool capable_;
    bool latched_ = false;
    std::uint32_t confsec_ = 0;
    bool debugger_seen_ = false;
    bool booted_elsewhere_ = false;
};

}  // namespace h7::security

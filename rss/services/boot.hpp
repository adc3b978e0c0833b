// What the RSS does at a reset in secure access mode (rss-sfi-bootloader.md 1.3; RM0399 5.3.2, figure 16):
// finish what a power cut interrupted, serve a request, start secure user software, or let the chip boot.
#pragma once

#include "rss/identity.hpp"
#include "rss/install/installer.hpp"
#include "rss/install/journal.hpp"
#include "rss/services/retained.hpp"

namespace h7::rss {

/// What the profile of a part and its provisioning say to the RSS.
struct Profile {
    unsigned exit_abi = 2;               // arguments of exitSecureArea (D-10)
    bool exit_clears_registers = false;  // D-20
    bool destroy_pcrop = true;  // resetAndDestroyPCROPArea exists (RM0399 dropped it, RSS.h lists it)
    std::uint32_t version = 0x0001'0200;  // getVersion: 1.2.0
    InstallPolicy install;
};

/// The CM7's boot as pin and options choose it (emulator/chip/boot): BOOT_CM7_ADD0/1, with the substitutions.
struct BootTarget {
    Address cm7 = 0x0800'0000;
    bool cm7_starts = true;
};

struct Outcome {
    enum class Kind : std::uint8_t {
        system_reset,       // the RSS touched FLASH registers or served a request: reset, as for SYSRESETREQ
        start_secure_area,  // hand over to `vectors`: secure user software; CONFSEC = 0b10
        bootloader,         // hand over to `vectors`: the system bootloader
        application,        // hand over to `vectors`; CONFSEC = 0
        no_cm7,             // BCM7 = 0: the CM7 stays held, everything else goes on; CONFSEC = 0
        park,               // the CM7 waits in the RSS for a reset or a power cycle, nothing is released
        power_lost,         // the machine lost its power meanwhile; nothing to do
    };
    Kind kind = Kind::park;
    Address vectors = 0;
    bool dap_open = false;     // as far as the RSS decides: GPIO and the rest of the rule are the chip's
    bool release_cm4 = false;  // per BCM4 (D-06: held until here)
};

/// One run of the RSS after a system reset with SECURITY latched. The CM7 stands in reset meanwhile.
class Boot {
public:
    Boot(Machine& machine, const Identity& identity, const Profile& profile, Retained& retained);

    Outcome run(const BootTarget& target);

private:
    Outcome run_locked_flash_aside(const BootTarget& target);
    Outcome finish_interrupted();
    Outcome serve(const PendingRequest& request, bool by_mailbox);
    Outcome start_area(const OptionWords& words, const BootTarget& target);
    Outcome start_target(const OptionWords& words, const BootTarget& target);
    Outcome reset_or_park(const FlashResult<>& done);

    Machine& machine_;
    const Identity& identity_;
    const Profile& profile_;
    Retained& retained_;
    FlashDriver driver_;
    Journal journal_;
};

}  // namespace h7::rss

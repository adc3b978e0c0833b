// What the RSS does at a reset in secure access mode (rss-sfi-bootloader.md 1.3; RM0399 5.3.2, figure 16):
// finish what a power cut interrupted, serve a request, start secure user software, or let the chip boot.
#pragma once

#include "rss/identity.hpp"
#include "rss/install/installer.hpp"
#include "rss/services/mailbox.hpp"
#include "rss/services/retained.hpp"

namespace h7::rss {

/// What the profile of a part and its provisioning say to the RSS.
struct Profile {
    unsigned exit_abi = 2;                // arguments of exitSecureArea (D-10)
    bool exit_clears_registers = false;   // D-20
    bool destroy_pcrop = true;            // resetAndDestroyPCROPArea: RM0399 dropped it, RSS.h lists it
    std::uint32_t version = 0x0001'0200;  // getVersion: 1.2.0
    InstallPolicy install{};
};

/// The CM7's boot as pin and options choose it (emulator/chip/boot): BOOT_CM7_ADD0/1, with the substitutions.
struct BootTarget {
    Address cm7 = 0x0800'0000;
    bool cm7_starts = true;
};

struct Outcome {
    enum class Kind : std::uint8_t {
        system_reset,  // the RSS served a request or touched FLASH registers: reset, as SYSRESETREQ of the
                       // CM7
        start_secure_area,  // hand over to `vectors`, registers cleared: secure user software; CONFSEC = 0b10
        bootloader,         // hand over to `vectors`: the system bootloader
        application,        // hand over to `vectors`; CONFSEC = 0
        no_cm7,             // BCM7 = 0: the CM7 stays held, everything else goes on; CONFSEC = 0
        park,               // the CM7 stays in the RSS until a reset or a power cycle
        power_lost,         // the machine lost its power meanwhile
    };
    Kind kind = Kind::park;
    Address vectors = 0;
    bool release_cm4 = false;  // per BCM4; it was held until here (D-06)
};

/// One run of the RSS after a system reset with SECURITY latched. The CM7 stands in reset meanwhile. Which of
/// the debug conditions it decides is in Retained::install_lock and Retained::debug_open.
class Boot {
public:
    Boot(Machine& machine, const Identity& identity, const Profile& profile, Retained& retained)
        : machine_(machine),
          identity_(identity),
          profile_(profile),
          retained_(retained),
          driver_(machine),
          journal_(driver_),
          mailbox_(machine) {}

    Outcome run(const BootTarget& target);

private:
    Outcome finish_interrupted();
    Outcome between_two_parts();
    Outcome serve_latched(PendingRequest request);
    Outcome serve_mailbox(const image::Mailbox& request);
    Outcome start(const OptionWords& now, const BootTarget& target);
    Outcome start_target(const OptionWords& now, const BootTarget& target);
    Outcome leave(const Outcome& outcome, std::uint32_t confsec, bool debug_open);
    Outcome after_service(std::uint32_t service, const std::optional<Refusal>& refusal);
    Outcome reset_or_wait();

    Answer<> initialise_areas(std::uint32_t count, ByteView records);
    Answer<> destroy_pcrop(std::uint32_t bank);
    Answer<> install_part(const image::Mailbox& request, image::Mailbox& answer);
    Answer<> install_module(const StagedModule& module);
    Answer<> abort();
    std::uint32_t draw_session();
    Answer<> run_time_services_enabled() const;
    Address boot_address() const;
    void wipe_ram_window();
    void say(const std::string& line) const;
    Installer installer() { return {driver_, journal_, identity_, profile_.install, retained_.session}; }

    Machine& machine_;
    const Identity& identity_;
    const Profile& profile_;
    Retained& retained_;
    FlashDriver driver_;
    Journal journal_;
    MailboxReader mailbox_;
};

}  // namespace h7::rss

// SMI: one module under its own key into a PCROP area (rss-sfi-bootloader.md 4.10, R-048). Everything is
// verified before anything is changed. While plaintext is in flash and its PCROP area is not in force the
// journal says so, and the install lock is on.
#pragma once

#include "rss/identity.hpp"
#include "rss/image/smi.hpp"
#include "rss/install/journal.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

/// As copied into private memory.
struct StagedModule {
    Bytes license;  // 136 bytes, type 3
    Bytes file;     // module header and ciphertext
};

class ModuleInstaller {
public:
    ModuleInstaller(FlashDriver& driver, Journal& journal, const Identity& identity)
        : driver_(driver), journal_(journal), identity_(identity) {}

    /// E_DISABLED, E_RDP (options are frozen, or flash is closed to everybody), parser and license codes,
    /// E_HDR_TAG, E_OVERLAP (a secure-only area is touched), E_WRP, E_STATE (the target is not blank),
    /// E_PCROP (the area would swallow something else): nothing changed. Later ones: the module's words read
    /// zero.
    Answer<> install(const StagedModule& staged);

    /// After a power cut, journal SMI_INSTALLING: what was programmed is overwritten with zeros;
    /// SMI_PENDING: the PCROP area comes into force.
    Answer<> recover();

private:
    // A module's place, in blocks of a physical bank.
    struct Place {
        Bank bank = Bank::one;
        Area blocks;  // the module's
        Area before;  // the PCROP area in force
        Area after;   // the one that covers both
        std::uint32_t offset = 0, size = 0;
        std::uint32_t prar() const { return security::limits_of(after.offset(), after.size(), true); }
    };
    Answer<> preconditions(const OptionWords& now) const;
    Answer<Place> place(const image::ModuleHeader& header, const OptionWords& now) const;
    Answer<> must_be_free(const Place& place, const OptionWords& now) const;
    Answer<> note(JournalState state, const Place& place);
    Place noted() const;
    Answer<> program(const Place& place, ByteView plaintext);
    Answer<> protect(const Place& place);
    Answer<> overwrite(const Place& place);

    FlashDriver& driver_;
    Journal& journal_;
    const Identity& identity_;
};

}  // namespace h7::rss

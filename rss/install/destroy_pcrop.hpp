// resetAndDestroyPCROPArea: drops a PCROP area without erasing the bank, by overwriting its contents with
// zeros first (rss-sfi-bootloader.md 2.3, R-047, A-54).
#pragma once

#include "rss/install/journal.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

class PcropDestroyer {
public:
    PcropDestroyer(FlashDriver& driver, Journal& journal) : driver_(driver), journal_(journal) {}

    /// `bank`: 1 or 2, the register set as mapped now, as the caller sees it. Refusals change nothing: E_ARG,
    /// E_PCROP (no such area), E_WRP (write protection binds ST's code too, F-191), E_RDP (level 2, F-160).
    Answer<> destroy(std::uint32_t bank);

    /// Goes on after a power cut: the journal says DESTROY_PCROP. Overwriting zeros with zeros is harmless
    /// (D-12).
    Answer<> resume();

private:
    Answer<> overwrite_and_remove(Bank bank);

    FlashDriver& driver_;
    Journal& journal_;
};

}  // namespace h7::rss

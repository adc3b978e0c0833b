// Why a bank erase or a mass erase does what it does: asked of the real flash interface, driven through its
// registers, and asked again with one fact changed at a time (F-081..F-094).
#pragma once

#include "emulator/report/explain.hpp"

namespace h7::report {

struct EraseQuestion {
    Master master = Master::cm7;
    bool mass = false;                // both banks, by OPTCR.MER
    Address address = 0;              // in the bank, as the master sees it; not for a mass erase
    bool remove_protections = false;  // F-087: the protections taken away in the PRG registers first
    Moment moment = Moment::booted;
    bool debugger_seen = false;
};

/// Error: this chip is never in that state, or the address is in no bank.
Result<Explanation> explain_erase(Desk& desk, const Subject& subject, const EraseQuestion& question);

}  // namespace h7::report

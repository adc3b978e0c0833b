// What an option change would do, before it is done: who could make it and which rule stops the others, what
// it erases, who boots what afterwards, what a debugger still reaches, and whether there is a way back.
#pragma once

#include <string>
#include <vector>

#include "emulator/report/solve.hpp"

namespace h7::report {

/// One who might ask for the change, and what he would be told.
struct Attempt {
    Requester who;
    bool can_ask = false;  // he exists on this chip and reaches the registers
    std::string why_not;   // when he cannot ask
    Trial trial;           // when he can
};

/// A range of user flash that one answer covers.
struct Reach {
    Address first = 0, last = 0;
    std::string verdict;  // "done", "zeros, RDPERR"
    std::string row, rule;
};

struct OptionReport {
    flash::OptionWords before{}, wanted{}, after{};  // after: as the next power-on leaves them
    bool cm4 = true;                                 // the part has one
    bool boot0 = false;                              // the pin for all of this
    std::vector<Attempt> attempts;
    bool data_lost = false;
    std::vector<std::string> at_next_reset;  // fields that act only then
    Boot boot;                               // after the change and a power cycle
    std::vector<Reach> debugger;             // reads through AP0 then; empty when it is closed
    Solution undo;                           // back to the same option bytes

    /// The first who is accepted; null: the change is refused.
    const Attempt* done() const;
};

/// `wanted`: all nine words as they should become. Where nobody can ask with BOOT0 as the subject has it, the
/// other level is tried; `boot0` says which one it was.
OptionReport report_change(Desk& desk, const Subject& subject, const flash::OptionWords& wanted);

/// What `master` reads in user flash as the chip stands.
std::vector<Reach> reads_of(const chip::Chip& chip, Master master, Context context);

std::string print(const OptionReport& report);
std::string print_json(const OptionReport& report);

}  // namespace h7::report

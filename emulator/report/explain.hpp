// Why an access gets the answer it gets: the row of the policy, the rule, ST's section, the bits that decide,
// and the nearest states in which it would be allowed. All of it is asked of the real chip and the real
// policy; "nearest" means one fact changed and the policy asked again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/report/desk.hpp"

namespace h7::report {

/// What the CM7 is at the moment of the access.
enum class Moment : std::uint8_t {
    booted,      // as the chip stands after power-on
    secure,      // secure user software runs (CONFSEC bit 1 open)
    after_exit,  // secure user software has ended with exitSecureArea
    rss,         // ST's own code runs
};
std::optional<Moment> moment_called(std::string_view name);  // "boot", "secure", "after-exit", "rss"

/// "cm7", "cm7-secure", "cm4", "mdma", .. "ap0", "debugger" (AP0); any case.
struct Who {
    Master master = Master::cm7;
    bool secure = false;  // "cm7-secure"
};
std::optional<Who> who_called(std::string_view name);
/// All of them, for messages.
std::string known_actors();

std::optional<security::Action> action_called(std::string_view name);  // "read" .. "checksum"

struct Question {
    Master master = Master::cm7;
    security::Action action = security::Action::read;
    Address address = 0;
    Moment moment = Moment::booted;
    bool debugger_seen = false;  // one was connected since power-on; any access port implies it
};

/// One thing the answer depends on, as ST names it.
struct Fact {
    std::string name;      // "SEC_AREA_START1..END1"
    std::string value;     // "0x0..0x1F"
    std::string meaning;   // "0x08000000-0x08001fff, the address is inside"
    std::string where;     // "SCAR_CUR1"
    bool decides = false;  // another value alone would lead to another row
};

struct Explanation {
    std::string question;            // "CM4 (application) reads 0x08000000"
    std::string verdict;             // "done", "zeros", "dropped", "bus error", "no answer"
    std::string flag;                // "RDSERR1"; "" when none is raised
    std::string row, rule, section;  // "secure-read", "F-229", "4.5.5, 4.7.9"
    std::string sentence;
    std::string place;  // "user flash bank 1, sector 0, offset 0x0"
    std::vector<Fact> facts;
    std::vector<std::string> ways;  // each one alone would allow it; nearest first
    bool ways_need_all = false;     // no single one does: all of them together
    bool allowed = false;
};

/// Error: this chip is never in that state ("secure" while SECURITY is 0).
Result<Explanation> explain(Desk& desk, const Subject& subject, const Question& question);

std::string print(const Explanation& explanation);
std::string print_json(const Explanation& explanation);

}  // namespace h7::report

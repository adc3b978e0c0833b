// The states of the search and the moves between them. Everything a move does is done by the real flash
// controller (option changes, erases) or by a real chip (resets, power cycles).
#pragma once

#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "emulator/report/solve.hpp"

namespace h7::report {

/// What a person could tell about the chip between two steps.
struct State {
    flash::OptionWords words{};
    Sectors erased = 0;  // sectors that an earlier step erased
    bool swapped = false, latched = false;
    std::uint32_t confsec = 0;
    bool elsewhere = false;      // booted outside user flash
    bool debugger_seen = false;  // since power-on
    bool port_open = false;      // AP0 answers
    bool boot0 = false;
    enum class Cm7 : std::uint8_t { nothing, application, secure_user, st_code } cm7 = Cm7::nothing;

    bool intrusion() const { return elsewhere || debugger_seen; }
    auto key() const {
        return std::tuple(words, erased, swapped, latched, confsec, elsewhere, debugger_seen, port_open,
                          boot0, cm7);
    }
};

/// One step away.
struct Next {
    State state;
    Step step;
    unsigned fields = 0;  // option fields changed, for the choice among equals
};

class Moves {
public:
    Moves(Desk& desk, const Subject& subject, const Goal& goal, bool firmware_helps)
        : desk_(desk), subject_(subject), goal_(goal), firmware_(firmware_helps), trial_(*subject.part) {}

    State power_on(flash::OptionWords words, Sectors erased, bool boot0);
    bool reached(const State& state) const;
    std::vector<Next> from(const State& state);

private:
    State after_boot(State state, bool power_cycle);
    void option_changes(const State& state, const Requester& who, std::vector<Next>& all);
    void erases(const State& state, const Requester& who, std::vector<Next>& all);
    void add(const State& state, const Trial& trial, const Requester& who, Step step, std::vector<Next>& all);
    std::vector<flash::OptionWords> requests(const flash::OptionWords& now) const;
    security::Area pcrop(const flash::OptionWords& words, unsigned bank) const;
    security::Area secure(const flash::OptionWords& words, unsigned bank) const;
    flash::OptionTraits traits() const {
        return {subject_.part->security, subject_.part->sectors_per_bank * security::kSector};
    }

    Desk& desk_;
    const Subject& subject_;
    const Goal& goal_;
    bool firmware_;
    OptionTrial trial_;
    std::map<std::tuple<flash::OptionWords, Sectors, bool, bool, bool>, State> boots_;
};

}  // namespace h7::report

// The states of the search and the moves between them. Everything a move does is done by the real flash
// controller (option changes, erases) or by a real chip (resets, power cycles).
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "emulator/report/solve.hpp"

namespace h7::report {

/// What a person could tell about the chip between two steps.
struct State {
    flash::OptionWords words{};
    Sectors erased = 0;                      // sectors that an earlier step erased
    std::array<security::Area, 2> zeroed{};  // what the RSS overwrote, by physical bank
    bool swapped = false, latched = false;
    std::uint32_t confsec = 0;
    bool elsewhere = false;      // booted outside user flash
    bool debugger_seen = false;  // since power-on
    bool port_open = false;      // AP0 answers
    bool boot0 = false;
    bool cm4 = false;  // the CM4 runs firmware in user flash
    enum class Cm7 : std::uint8_t {
        held,     // in reset, or the RSS keeps it
        nothing,  // nothing that helps: blank flash, closed flash, RAM
        application,
        secure_user,
        bootloader,
    } cm7 = Cm7::nothing;

    bool intrusion() const { return elsewhere || debugger_seen; }
    /// Sectors with an overwritten area, and with those that were erased.
    Sectors overwritten() const;
    Sectors lost() const { return erased | overwritten(); }
    auto contents_key() const {
        return std::tuple(words, erased, zeroed[0].first, zeroed[0].last, zeroed[1].first, zeroed[1].last);
    }
    auto key() const {
        return std::tuple(contents_key(), swapped, latched, confsec, elsewhere, debugger_seen, port_open,
                          boot0, cm7, cm4);
    }
};

/// One step away.
struct Next {
    State state;
    Step step;
    unsigned fields = 0;  // option fields changed, for the choice among equals
};

/// Option fields that differ.
unsigned fields_changed(const flash::OptionWords& from, const flash::OptionWords& to);

class Moves {
public:
    Moves(Desk& desk, const Subject& subject, const Goal& goal, bool firmware_helps)
        : desk_(desk),
          subject_(subject),
          goal_(goal),
          firmware_(firmware_helps),
          trial_(*subject.part, subject.readings.flash) {}

    State power_on(flash::OptionWords words, Sectors erased, bool boot0);
    bool reached(const State& state) const;
    std::vector<Next> from(const State& state);

private:
    flash::Image contents(const State& state) const;
    State after_boot(State state, bool power_cycle);
    State observed(State state, const Boot& boot, bool debugger_seen);
    std::optional<State> taken(const State& state, const Trial& trial, const Requester& who) const;
    std::string effect_of(const Trial& trial) const;
    void add(const State& state, const Trial& trial, const Requester& who, Step step, std::vector<Next>& all);
    void option_changes(const State& state, const Requester& who, std::vector<Next>& all);
    void erases(const State& state, const Requester& who, std::vector<Next>& all);
    void bootloader(const State& state, std::vector<Next>& all);                      // bootloader_moves.cpp
    void services(const State& state, const Requester& who, std::vector<Next>& all);  // service_moves.cpp
    struct Call {
        rss::ServiceId service;
        std::uint32_t first;  // R0
        Bytes records;        // behind R1
        std::string text;     // "resetAndDestroyPCROPArea(1)"
        std::string registers;
    };
    void call(const State& state, const Requester& who, const Call& call, std::vector<Next>& all);
    bool wants_pcrop_gone(unsigned bank) const;
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
    using ContentsKey = decltype(State{}.contents_key());
    std::map<std::tuple<ContentsKey, bool, bool, bool>, State> boots_;
    std::map<std::tuple<ContentsKey, bool, bool, std::string>, std::optional<State>> calls_;
};

}  // namespace h7::report

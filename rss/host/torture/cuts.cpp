// (a) The power fails before and inside every flash step of the install, and again while the RSS tidies up.
#include <fmt/format.h>

#include "emulator/base/random.hpp"
#include "rss/host/torture/cases.hpp"
#include "rss/install/installer.hpp"

namespace h7::torture {
namespace {

using image::Detail;

void take(Outcome& outcome, std::vector<std::string> broken) {
    for (std::string& one : broken) outcome.broken.push_back(std::move(one));
}

/// What the RSS must say at power-up, from the journal it found there.
void judge_status(Rig& rig, const std::optional<rss::JournalRecord>& found, State state, Outcome& outcome) {
    const auto& result = rig.chip().rss().last_result();
    const rss::JournalState journal = found ? found->state : rss::JournalState::idle;
    if (state == State::paused) return;
    const bool expected = rss::Installer::under_way(journal);
    const Detail detail = journal == rss::JournalState::ob_pending    ? Detail::none
                          : journal == rss::JournalState::abort_erase ? Detail::E_ABORTED
                                                                      : Detail::E_POWER;
    if (result.has_value() == expected && (!expected || result->detail == detail)) return;
    outcome.broken.push_back(fmt::format("the RSS says {} at power-up, the journal said {}",
                                         result ? image::name(result->detail) : "nothing", name_of(journal)));
}

struct Cut {
    std::size_t step = 0;  // 1 is the first
    bool inside = false;
    std::uint64_t seed = 0;
    std::size_t second = 0;  // step of the recovery in which the power fails again; 0: it does not
    bool second_inside = false;
};

Outcome cut(Bench& bench, const Cut& cut) {
    Outcome outcome;
    flash::Controller& flash = bench.rig.chip().flash();
    bench.rig.replay(bench.recording, cut.step - 1);
    if (cut.inside) flash.tear(bench.recording.steps[cut.step - 1], cut.seed);
    if (cut.second != 0) {
        using Where = flash::Controller::Cut;
        flash.set_cut_at(flash.steps() + cut.second, cut.seed + 1,
                         cut.second_inside ? Where::inside : Where::before);
        bench.rig.chip().power_on();
        bench.rig.chip().power_off();
        flash.set_cut_at(0, 0);
    }
    const auto found = bench.rig.journal();
    bench.rig.power_on();
    ++outcome.cycles;
    const Seen seen = bench.judge.look();
    judge_status(bench.rig, found, seen.state, outcome);
    recover_and_judge(bench, outcome);
    return outcome;
}

std::string name_of(const Cut& cut) {
    std::string name =
        fmt::format("cut/{}/{}", cut.step, cut.inside ? fmt::format("inside/{}", cut.seed) : "before");
    if (cut.second != 0) name += fmt::format("+{}/{}", cut.second, cut.second_inside ? "inside" : "before");
    return name;
}

}  // namespace

void recover_and_judge(Bench& bench, Outcome& outcome) {
    const Seen seen = bench.judge.look();
    outcome.ended = name_of(seen.state);
    take(outcome, seen.broken);
    Reading reading = read_by_everybody(bench.rig, bench.probes, seen.state == State::complete);
    outcome.reads += reading.reads;
    take(outcome, std::move(reading.leaks));
    bench.rig.power_cycle();
    if (seen.state != State::complete) return finish(bench, outcome);
    // Complete: a second install ends as it does on a chip that was never cut.
    const Served served = bench.rig.install_all();
    if (served.served != bench.again.served || served.detail != bench.again.detail)
        outcome.broken.push_back(
            fmt::format("a second install says {}, on an uncut chip it says {}",
                        served.served ? image::name(served.detail) : "nothing",
                        bench.again.served ? image::name(bench.again.detail) : "nothing"));
    const Seen after = bench.judge.look();
    take(outcome, after.broken);
    if (after.state != State::complete)
        outcome.broken.emplace_back("a second install damaged a complete chip");
}

void finish(Bench& bench, Outcome& outcome) {
    const Served served = bench.rig.install_all();
    if (!served.ok()) {
        outcome.broken.push_back(
            fmt::format("the retry is not accepted: {}",
                        served.served ? fmt::format("{}: {}", image::name(served.detail), served.reason)
                                      : "the RSS did not take it"));
        return;
    }
    const Seen after = bench.judge.look();
    take(outcome, after.broken);
    if (after.state != State::complete)
        outcome.broken.push_back(fmt::format("the retry ends {}", name_of(after.state)));
    outcome.ended += outcome.ended.empty() ? "complete" : ", then complete";
}

void add_cuts(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    const auto add = [&](const Cut& where) {
        all.push_back({name_of(where), Group::cuts, [where](Bench& b) { return cut(b, where); }});
    };
    SeededRandom random(bench.seed ^ 0xC075U);
    for (std::size_t step = 1; step <= bench.recording.steps.size(); ++step) {
        add({step, false, 0, 0, false});
        const bool torn = bench.recording.steps[step - 1].cells.has_value();
        for (unsigned n = 0; torn && n < effort.torn; ++n)
            add({step, true, bench.seed * 1000 + step * 16 + n, 0, false});
        for (unsigned n = 0; n < effort.second_cuts; ++n) {
            const std::uint64_t draw = random.next();
            add({step, (draw & 1U) != 0 && torn, draw >> 40, 1 + (draw >> 8) % 40, (draw & 2U) != 0});
        }
    }
}

}  // namespace h7::torture

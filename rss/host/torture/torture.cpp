#include <fmt/format.h>

#include <algorithm>

#include "rss/host/torture/run_cases.hpp"

namespace h7::torture {
namespace {

/// The uninterrupted install, its steps, and what flash held between its parts.
struct Told {
    Recording recording;
    flash::OptionWords installed{};
    std::vector<std::array<Bytes, 2>> paused;
};

Result<Told> record(Rig& rig) {
    Told told;
    rig.start();
    flash::Controller& flash = rig.chip().flash();
    flash.on_step = [&](const flash::Controller::Step& step) { told.recording.steps.push_back(step); };
    for (std::size_t n = 0; n < rig.plan().flow.size(); ++n) {
        const Served served = n == 0 ? rig.reset() : rig.install(rig.plan().flow[n]);
        if (!served.ok()) {
            flash.on_step = {};
            return refused(fmt::format("part {} of the uninterrupted install: {}", n + 1,
                                       served.served
                                           ? fmt::format("{}: {}", image::name(served.detail), served.reason)
                                           : "the RSS did not take the request"));
        }
        told.recording.part_ends.push_back(told.recording.steps.size());
        if (n + 1 == rig.plan().flow.size()) break;
        std::array<Bytes, 2> now;
        for (unsigned bank = 0; bank < 2; ++bank) {
            const ByteView bytes = flash.user(bank).bytes();
            now[bank].assign(bytes.begin(), bytes.end());
        }
        told.paused.push_back(std::move(now));
    }
    flash.on_step = {};
    told.installed = flash.options();
    return told;
}

/// The option words that came into force are the image's (4.8): PRAR may have grown by its modules, reserved
/// bits and bit 0 and 30 of OPTSR do not count.
std::vector<std::string> wrong_options(const Plan& plan, const flash::OptionWords& installed) {
    std::vector<std::string> broken;
    for (std::size_t row = 0; plan.words && row < installed.size(); ++row) {
        if (row == flash::kPrar1 || row == flash::kPrar2) continue;
        const std::uint32_t counts = row == flash::kOptsr ? ~rss::kOptsrReserved : 0xFFFF'FFFFU;
        if (((installed[row] ^ (*plan.words)[row]) & counts) != 0)
            broken.push_back(fmt::format("option row {} is 0x{:08X}, the image says 0x{:08X}", row + 1,
                                         installed[row], (*plan.words)[row]));
    }
    for (const Piece& piece : plan.pieces) {
        if (!piece.module) continue;
        const std::uint32_t word =
            installed[piece.address % 0x20'0000U < 0x10'0000U ? flash::kPrar1 : flash::kPrar2];
        const auto first = piece.address % 0x10'0000U,
                   last = first + static_cast<std::uint32_t>(piece.bytes.size()) - 1;
        if (!security::area_of(word).contains(first) || !security::area_of(word).contains(last))
            broken.push_back(fmt::format("the module at 0x{:08X} is not inside a PCROP area", piece.address));
    }
    return broken;
}

/// The uninterrupted install itself, looked at as any other.
Outcome installed(Bench& bench, const flash::OptionWords& words) {
    Outcome outcome;
    bench.rig.replay(bench.recording, bench.recording.steps.size());
    bench.rig.power_on();
    outcome.broken = wrong_options(bench.rig.plan(), words);
    recover_and_judge(bench, outcome);
    if (outcome.ended != name_of(State::complete))
        outcome.broken.push_back("an uninterrupted install ends " + outcome.ended);
    return outcome;
}

}  // namespace

std::string_view name_of(Group group) {
    constexpr std::array<std::string_view, 3> kNames = {"cuts", "tampering", "situations"};
    return kNames[static_cast<std::size_t>(group)];
}

std::uint64_t Report::cycles() const {
    std::uint64_t sum = 0;
    for (const Line& line : lines) sum += line.outcome.cycles;
    return sum;
}

std::uint64_t Report::reads() const {
    std::uint64_t sum = 0;
    for (const Line& line : lines) sum += line.outcome.reads;
    return sum;
}

std::uint64_t Report::violations() const {
    std::uint64_t sum = 0;
    for (const Line& line : lines) sum += line.outcome.broken.size();
    return sum;
}

Result<Report> run(const Subject& subject, const Wish& wish) {
    const Plan what = TRY(plan(subject));
    const auto rig = TRY(Rig::create(subject, what));
    Told told = TRY(record(*rig));
    const Judge judge(*rig, told.installed, std::move(told.paused));

    rig->replay(told.recording, told.recording.steps.size());
    rig->chip().power_on();
    const Served again = rig->install_all();
    Bench bench{*rig, told.recording, judge, probes(what, *rig, 24, wish.seed), again, wish.seed};

    std::vector<Case> all;
    all.push_back({"install", Group::cuts, [&](Bench& b) { return installed(b, told.installed); }});
    add_cuts(all, bench, wish.effort);
    add_tampering(all, bench, wish.effort);
    add_situations(all, bench, wish.effort);

    rig->set_defect(wish.defect);
    return run_cases(bench, all, wish, told.recording.steps.size());
}

Report merge(const std::vector<Report>& shards) {
    Report all;
    for (const Report& shard : shards) {
        all.seed = shard.seed;
        all.catalogue = shard.catalogue;
        all.steps = shard.steps;
        all.lines.insert(all.lines.end(), shard.lines.begin(), shard.lines.end());
    }
    std::ranges::sort(all.lines, {}, &Line::number);
    return all;
}

}  // namespace h7::torture

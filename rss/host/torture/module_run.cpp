// The install of a module alone (rss-sfi-bootloader.md 4.10; decision 0213): cut, tampered with, read by
// everybody and installed again. A module install erases nothing, so its ends are others: old, complete, or
// zeros where the module would have been.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/random.hpp"
#include "rss/host/torture/run_cases.hpp"
#include "rss/image/smi.hpp"

namespace h7::torture {
namespace {

using image::Detail;
using Details = std::vector<Detail>;

constexpr std::uint32_t kBank = 0x10'0000, kSector = 0x2'0000;
const Details kLicense = {Detail::E_LIC_FORMAT, Detail::E_LIC_VERSION, Detail::E_LIC_TAG,
                          Detail::E_LIC_POINT,  Detail::E_LIC_SESSION, Detail::E_LIC_FWID};

enum class End : std::uint8_t { old, overwritten, complete, broken };
constexpr std::string_view kEnds[] = {"old", "overwritten", "complete", "broken"};

/// What a module install may end as, judged like Judge::look().
class ModuleJudge {
public:
    ModuleJudge(Rig& rig, const flash::OptionWords& installed) : rig_(rig), installed_(installed) {}

    End look(std::vector<std::string>& broken) const {
        flash::Controller& flash = rig_.chip().flash();
        const bool first_options = flash.options() == rig_.first_options();
        const auto record = rig_.journal();
        const bool under_way = record && rss::locks(record->state);
        End end = End::broken;
        if (flash.options() == installed_ && same(rig_.plan().flash))
            end = End::complete;
        else if (first_options && same_as_first())
            end = End::old;
        else if (first_options && only_zeros_and_blanks())
            end = End::overwritten;
        else
            broken.emplace_back("flash and options are neither old nor the module's, nor zeros in its place");
        if (under_way || rig_.chip().rss().install_lock())
            broken.emplace_back("the install lock stays on behind a power-up");
        for (unsigned bank = 0; bank < 2; ++bank)
            if (flash.arrays()[bank]->any_flagged(0, flash.arrays()[bank]->size()))
                broken.push_back(fmt::format("a torn word is left in bank {}", bank + 1));
        return end;
    }

    /// The module is there and protected, whatever else its sector held before the owner erased it.
    bool installed() const {
        const Piece& piece = rig_.plan().pieces.front();
        flash::Controller& flash = rig_.chip().flash();
        const ByteView there =
            flash.user(piece.address / kBank % 2).bytes().subspan(piece.address % kBank, piece.bytes.size());
        return flash.options() == installed_ && std::ranges::equal(there, piece.bytes);
    }

private:
    bool same(const std::array<Bytes, 2>& wanted) const {
        flash::Controller& flash = rig_.chip().flash();
        return std::ranges::equal(flash.user(0).bytes(), wanted[0]) &&
               std::ranges::equal(flash.user(1).bytes(), wanted[1]);
    }
    bool same_as_first() const {
        flash::Controller& flash = rig_.chip().flash();
        return std::ranges::equal(flash.user(0).bytes(), rig_.first_flash(0)) &&
               std::ranges::equal(flash.user(1).bytes(), rig_.first_flash(1));
    }
    bool only_zeros_and_blanks() const {
        const Piece& piece = rig_.plan().pieces.front();
        for (unsigned bank = 0; bank < 2; ++bank) {
            const ByteView now = rig_.chip().flash().user(bank).bytes(), before = rig_.first_flash(bank);
            const bool here = piece.address / kBank % 2 == bank;
            const std::size_t first = here ? piece.address % kBank : now.size();
            const std::size_t last =
                here ? first + align_up<std::size_t>(piece.bytes.size(), 32) : now.size();
            for (std::size_t at = 0; at < now.size(); ++at) {
                const bool inside = at >= first && at < last;
                if (inside ? now[at] != 0 && now[at] != 0xFF : now[at] != before[at]) return false;
            }
        }
        return true;
    }
    Rig& rig_;
    flash::OptionWords installed_;
};

struct ModuleBench {
    Bench bench;
    ModuleJudge judge;
};

/// The owner clears the place: an erase of its sector, which needs nothing but time.
void erase_the_place(Rig& rig) {
    rig.chip().power_off();
    rig.chip().flash().repeat(
        {flash::Operation{.kind = flash::Operation::Kind::erase_sector,
                          .target = rig.plan().pieces.front().address / kSector * kSector,
                          .size = kSector},
         {}});
    rig.power_on();
}

void recover(ModuleBench& b, Outcome& outcome) {
    Rig& rig = b.bench.rig;
    const End end = b.judge.look(outcome.broken);
    outcome.ended = kEnds[static_cast<std::size_t>(end)];
    Reading reading = read_by_everybody(rig, b.bench.probes, end == End::complete);
    outcome.reads += reading.reads;
    for (std::string& leak : reading.leaks) outcome.broken.push_back(std::move(leak));
    rig.power_cycle();
    const Part& part = rig.plan().flow.front();
    if (end == End::overwritten) {
        const Served taken = rig.install(part);
        if (taken.ok() || taken.detail != Detail::E_STATE)
            outcome.broken.push_back(fmt::format("over zeros the RSS says {}, not E_STATE",
                                                 taken.served ? image::name(taken.detail) : "nothing"));
        erase_the_place(rig);
    }
    const Served served = rig.install(part);
    std::vector<std::string> after;
    const bool complete =
        end == End::overwritten ? b.judge.installed() : b.judge.look(after) == End::complete;
    for (std::string& what : after) outcome.broken.push_back(std::move(what));
    // Over the complete module the same words are programmed again: nothing changes.
    if (!served.ok())
        outcome.broken.push_back(
            fmt::format("the retry says {}", served.served ? image::name(served.detail) : "nothing"));
    if (!complete) outcome.broken.emplace_back("the retry does not end complete");
    if (end != End::complete) outcome.ended += ", then complete";
}

Outcome cut(ModuleBench& b, std::size_t step, bool inside, std::uint64_t seed, std::size_t second) {
    Outcome outcome;
    Rig& rig = b.bench.rig;
    flash::Controller& flash = rig.chip().flash();
    rig.replay(b.bench.recording, step - 1);
    if (inside) flash.tear(b.bench.recording.steps[step - 1], seed);
    if (second != 0) {
        flash.set_cut_at(flash.steps() + second, seed + 1, flash::Controller::Cut::inside);
        rig.chip().power_on();
        rig.chip().power_off();
        flash.set_cut_at(0, 0);
    }
    rig.power_on();
    ++outcome.cycles;
    recover(b, outcome);
    return outcome;
}

Outcome refused_with(ModuleBench& b, const Part& part, const Details& expected) {
    Outcome outcome;
    b.bench.rig.start();
    const Served served = b.bench.rig.install(part);
    judge_refusal(b.bench, served, expected, outcome);
    for (std::string& dirty : b.bench.judge.ram_is_clean()) outcome.broken.push_back(std::move(dirty));
    return outcome;
}

/// What a changed byte of the 48-byte header may be refused with; everything else is under the tag.
Details of_header(std::size_t at) {
    if (at < 8) return {Detail::E_MAGIC};
    if (at < 12) return {Detail::E_HDR_TAG, Detail::E_ALIGN, Detail::E_RANGE};
    if (at < 16) return {Detail::E_HDR_TAG, Detail::E_SIZE, Detail::E_TRUNC, Detail::E_RANGE};
    return {Detail::E_HDR_TAG};
}

struct ModuleCase {
    std::string name;
    Group group;
    std::function<Outcome(ModuleBench&)> run;
};

void add_cuts(std::vector<ModuleCase>& all, const Recording& recording, const Wish& wish) {
    SeededRandom random(wish.seed ^ 0xC075U);
    for (std::size_t step = 1; step <= recording.steps.size(); ++step) {
        const auto add = [&](std::string name, bool inside, std::uint64_t seed, std::size_t second) {
            all.push_back({std::move(name), Group::cuts,
                           [=](ModuleBench& b) { return cut(b, step, inside, seed, second); }});
        };
        add(fmt::format("cut/{}/before", step), false, 0, 0);
        const bool torn = recording.steps[step - 1].cells.has_value();
        for (unsigned n = 0; torn && n < wish.effort.torn; ++n) {
            const std::uint64_t seed = wish.seed * 1000 + step * 16 + n;
            add(fmt::format("cut/{}/inside/{}", step, seed), true, seed, 0);
        }
        for (unsigned n = 0; n < wish.effort.second_cuts; ++n) {
            const std::uint64_t draw = random.next();
            const std::size_t second = 1 + draw % 16;
            add(fmt::format("cut/{}/{}/{}+{}", step, torn ? "inside" : "before", draw >> 40, second), torn,
                draw >> 40, second);
        }
    }
}

void add_bits(std::vector<ModuleCase>& all, const Part& part, const Wish& wish) {
    const auto add = [&](std::string name, auto change, Details expected) {
        Part changed = part;
        change(changed);
        all.push_back({std::move(name), Group::tampering,
                       [changed = std::move(changed), expected = std::move(expected)](ModuleBench& b) {
                           return refused_with(b, changed, expected);
                       }});
    };
    const auto flip = [](Bytes& bytes, std::size_t bit) {
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    };
    for (std::size_t bit = 0; bit < 8 * image::kModuleHeaderBytes; bit += wish.effort.every_nth_bit)
        add(
            fmt::format("flip/header/0x{:02x}.{}", bit / 8, bit % 8), [&](Part& p) { flip(p.header, bit); },
            of_header(bit / 8));
    for (std::size_t bit = 0; bit < 8 * part.license.size(); bit += wish.effort.every_nth_bit)
        add(
            fmt::format("flip/license/0x{:02x}.{}", bit / 8, bit % 8), [&](Part& p) { flip(p.license, bit); },
            kLicense);
    SeededRandom random(wish.seed ^ 0xB175U);
    const std::size_t ahead = part.header.size() - image::kModuleHeaderBytes;
    for (unsigned n = 0; n < wish.effort.payload_bits; ++n) {
        const std::size_t bit = random.next() % (8 * (ahead + part.records.size()));
        add(fmt::format("flip/payload/0x{:x}.{}", bit / 8, bit % 8),
            [&](Part& p) {
                if (bit / 8 < ahead)
                    flip(p.header, bit + 8 * image::kModuleHeaderBytes);
                else
                    flip(p.records, bit - 8 * ahead);
            },
            {Detail::E_HDR_TAG});
    }
    for (unsigned n = 0; n < wish.effort.truncations && !part.records.empty(); ++n)
        add(fmt::format("cut-short/{}", n),
            [&](Part& p) { p.records.resize(n * p.records.size() / wish.effort.truncations); },
            {Detail::E_TRUNC, Detail::E_SIZE});
}

void add_licenses(std::vector<ModuleCase>& all) {
    const auto add = [&](std::string name, auto make, Detail expected) {
        all.push_back({"license/" + std::move(name), Group::situations, [make, expected](ModuleBench& b) {
                           Part part = b.bench.rig.plan().flow.front();
                           part.license = make(b.bench.rig);
                           return refused_with(b, part, {expected});
                       }});
    };
    image::License module;
    module.type = image::LicenseType::smi_static;
    add(
        "of-another-chip",
        [module](Rig& rig) {
            rss::Identity other = rig.subject().identity;
            other.uid[0] = static_cast<std::uint8_t>(other.uid[0] ^ 1U);
            return license_for(other, rig.plan().key, module);
        },
        Detail::E_LIC_TAG);
    add(
        "of-another-key",
        [module](Rig& rig) {
            crypto::FirmwareKey other = rig.plan().key;
            other.key.bytes()[0] = static_cast<std::uint8_t>(other.key.bytes()[0] ^ 1U);
            return license_for(rig.subject().identity, other, module);
        },
        Detail::E_HDR_TAG);
    add(
        "for-firmware", [](Rig& rig) { return license_for(rig.subject().identity, rig.plan().key); },
        Detail::E_LIC_FORMAT);
}

}  // namespace

Result<Report> run_module(const Subject& subject, const Wish& wish) {
    const Plan what = TRY(plan_of_module(subject));
    const auto rig = TRY(Rig::create(subject, what));
    rig->start();
    Recording recording;
    flash::Controller& flash = rig->chip().flash();
    flash.on_step = [&](const flash::Controller::Step& step) { recording.steps.push_back(step); };
    const Served served = rig->reset();
    flash.on_step = {};
    if (!served.ok())
        return refused(fmt::format("the uninterrupted install: {}",
                                   served.served
                                       ? fmt::format("{}: {}", image::name(served.detail), served.reason)
                                       : "the RSS did not take the request"));
    const flash::OptionWords installed = flash.options();
    const Judge judge(*rig, installed, {});
    ModuleBench bench{{*rig, recording, judge, probes(what, *rig, 24, wish.seed), served, wish.seed},
                      ModuleJudge(*rig, installed)};

    std::vector<ModuleCase> all;
    all.push_back({"install", Group::cuts, [&](ModuleBench& b) {
                       Outcome outcome;
                       rig->replay(recording, recording.steps.size());
                       rig->power_on();
                       recover(b, outcome);
                       if (outcome.ended != "complete")
                           outcome.broken.push_back("an uninterrupted install ends " + outcome.ended);
                       return outcome;
                   }});
    add_cuts(all, recording, wish);
    add_bits(all, what.flow.front(), wish);
    add_licenses(all);
    return run_cases(bench, all, wish, recording.steps.size());
}

}  // namespace h7::torture

#include "emulator/report/explain.hpp"

#include <fmt/format.h>

#include <array>

#include "emulator/chip/memory_map.hpp"
#include "emulator/report/asking.hpp"
#include "emulator/report/facts.hpp"
#include "emulator/report/what_if.hpp"
#include "emulator/security/rule_text.hpp"

namespace h7::report {
namespace {

using security::Action;
using security::Answer;

constexpr Address kSystemFlash = 0x1FF0'0000, kSystemFlashEnd = 0x1FF6'0000;
constexpr Address kPrivateFirst = 0xE000'0000, kPrivateLast = 0xE00F'FFFF;
constexpr Address kWindowLast = 0xFFFF;

bool in_system_flash(Address a) { return a >= kSystemFlash && a < kSystemFlashEnd; }

std::string_view verb_of(Action action) {
    static constexpr std::array<std::string_view, 5> kVerbs = {
        "reads", "executes", "programs", "erases the sector of", "computes the CRC over"};
    return kVerbs[static_cast<std::size_t>(action)];
}

std::string_view verdict_of(Answer answer) {
    static constexpr std::array<std::string_view, 4> kNames = {"done", "zeros", "dropped", "bus error"};
    return kNames[static_cast<std::size_t>(answer)];
}

/// The flash word itself may be bad, whoever asks.
void look_at_the_word(Explanation& e, const flash::Judgement& judged) {
    const bool reads = judged.request.action == Action::read || judged.request.action == Action::fetch;
    const std::string bank = fmt::format("{}", judged.bank + 1);
    if (reads && judged.word == flash::WordState::ecc_double) {
        decided(e, "bus error", "double ECC error", "F-036", security::sentence_of("F-036"));
        e.flag = "DBECCERR" + bank;
        e.ways = {"the sector is erased"};
    } else if (reads && judged.word == flash::WordState::ecc_single) {
        e.flag = "SNECCERR" + bank;
    } else if (judged.request.action == Action::program && judged.word != flash::WordState::erased) {
        e.sentence +=
            fmt::format("; but the flash word is not erased: {} (D-12)", security::sentence_of("D-12"));
    }
}

void explain_flash(Explanation& e, chip::Chip& chip, const flash::Judgement& judged) {
    const security::Rule& row = *judged.row;
    decided(e, verdict_of(row.verdict.answer), row.id, row.cite, security::sentence_of(row.cite));
    if (row.verdict.flag != security::Flag::none)
        e.flag = fmt::format("{}{}", security::name_of(row.verdict.flag), judged.bank + 1);
    e.place = place_text(chip, judged);
    const std::vector<WhatIf> candidates = what_ifs(judged);
    e.facts = facts_behind(chip, judged, candidates);
    if (e.allowed) return look_at_the_word(e, judged);
    const Ways ways = nearest_ways(judged, candidates);
    for (const WhatIf* way : ways.changes) e.ways.push_back(way->text);
    e.ways_need_all = ways.need_all;
}

/// Masters that have a path to an address, for the one that has none.
std::string who_reaches(Address address) {
    std::string all;
    for (unsigned i = 0; i < kMasters; ++i) {
        const auto master = static_cast<Master>(i);
        if (!is_debugger(master) && chip::find_region(address, master) != nullptr)
            all += fmt::format("{}{}", all.empty() ? "" : ", ", name_of(master));
    }
    return all;
}

void explain_elsewhere(Explanation& e, chip::Chip& chip, const Access& access, Action action,
                       const chip::Region* region) {
    if (access.address >= kPrivateFirst && access.address <= kPrivateLast && action != Action::fetch &&
        (is_core(access.master) || is_debugger(access.master))) {
        e.place = "private peripheral bus";
        return decided(e, "done", "private", "system.md 6", "every core has its own");
    }
    if (region == nullptr) {
        decided(e, "bus error", "no-slave", "system.md 1.1",
                "no slave answers at this address for this master");
        e.place = "nothing";
        if (const std::string others = who_reaches(access.address); !others.empty())
            e.ways = {fmt::format("one of these masters asks: {}", others)};
        return;
    }
    e.place = region->name;
    if (region->target == chip::Target::peripheral && action == Action::fetch)
        return decided(e, "bus error", "execute-never", "ARMv7-M B3.1", "peripherals cannot be executed");
    const bool closed = chip.flash().rdp() == security::Rdp::level1 && chip.secure_mode().intrusion();
    if (region->target == chip::Target::backup_sram && closed) {
        decided(e, action == Action::program ? "dropped" : "zeros", "level1-backup", "F-200",
                "RDP level 1 with intrusion: backup SRAM and RTC backup registers are closed");
        e.ways = {"no debugger since power-on, and both cores boot from user flash"};
        return;
    }
    if (region->target == chip::Target::backup_sram)
        return decided(e, "done", "open", "system.md 4",
                       "writes need PWR_CR1.DBP, every access its clock (RCC_AHB4ENR.BKPRAMEN)");
    if (region->target == chip::Target::peripheral) {
        const auto answer = chip.read(access);
        if (!answer) return decided(e, "bus error", "no-block", answer.error().rule, answer.error().why);
        return decided(e, "done", "open", "system.md 4",
                       "registers answer; a block without clock reads as zeros");
    }
    decided(e, "done", "open", "system.md 1.2", "memory that no flash rule protects");
}

}  // namespace

Result<Explanation> explain(Desk& desk, const Subject& subject, const Question& question) {
    const Boot boot = desk.boot(subject.image, subject.boot0);
    chip::Chip& chip = desk.chip();
    TRY(bring_to(question.moment, chip));
    const bool debugger = is_debugger(question.master);
    Access access{
        question.address,     1,   question.action == Action::fetch ? Op::fetch : Op::read, question.master,
        Context::application, true};
    access.context = context_of(question.master, question.moment, boot, chip);
    Explanation e;
    e.question = is_core(question.master)
                     ? fmt::format("{} ({}) {} 0x{:08x}", name_of(question.master), name_of(access.context),
                                   verb_of(question.action), question.address)
                     : fmt::format("{} {} 0x{:08x}", name_of(question.master), verb_of(question.action),
                                   question.address);
    if (debugger) {
        if (port_is_closed(e, desk, subject, question.master, question.address)) return e;
    }
    if (debugger || question.debugger_seen) chip.secure_mode().debugger_connected();

    if (question.master == Master::cm4 && access.address <= kWindowLast) {
        access.address += chip.boot_choice().cm4;
        e.question += fmt::format(" (its boot window: 0x{:08x})", access.address);
    }
    const chip::Region* region = chip::find_region(access.address, question.master);
    const bool cm4_system = question.master == Master::cm4 && in_system_flash(access.address);
    const bool crc = question.action == Action::checksum;
    const bool flash = crc || cm4_system ||
                       (region != nullptr && (region->target == chip::Target::flash ||
                                              region->target == chip::Target::system_flash));
    if (crc && chip::find_region(access.address, Master::cm7) != chip::find_region(0x0800'0000, Master::cm7))
        return misuse(fmt::format("0x{:08x}: the CRC unit reads user flash only (F-107)", question.address));
    if (flash) {
        explain_flash(e, chip,
                      chip.flash().judge(access.address, question.action, access.master, access.context));
    } else if (question.action == Action::erase) {
        return misuse(fmt::format("0x{:08x}: only flash is erased", question.address));
    } else {
        explain_elsewhere(e, chip, access, question.action, region);
    }
    return e;
}

}  // namespace h7::report

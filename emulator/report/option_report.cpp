#include "emulator/report/option_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/options/option_names.hpp"

namespace h7::report {
namespace {

constexpr Address kUserFlash = 0x0800'0000, kUserFlashEnd = 0x0820'0000;

FlashState state_of(chip::Chip& chip, const Requester& who) {
    const security::SecureMode& mode = chip.secure_mode();
    const bool secure = who.context == Context::secure_user;
    return {chip.flash().options(), chip.flash().swapped(), mode.latched(), secure ? 2U : 0U,
            mode.intrusion() || is_debugger(who.master)};
}

/// Why this one cannot even ask; empty: he can.
std::string why_not(const Requester& who, const Boot& boot, const chip::Chip& chip) {
    const bool level1_shut =
        const_cast<chip::Chip&>(chip).flash().rdp() == security::Rdp::level1 && boot.elsewhere;
    if (is_debugger(who.master))
        return boot.ap0.open ? "" : fmt::format("{} ({})", boot.ap0.why, boot.ap0.rule);
    if (who.context == Context::secure_user)
        return (boot.confsec & 2U) != 0 ? "" : "no secure user software runs on this chip";
    if (who.master == Master::cm4) {
        if (!boot.cm4.runs) return "the CM4 is held";
        return boot.cm4.blank || level1_shut ? "the CM4 finds no program" : "";
    }
    if (!boot.cm7.runs) return "the CM7 is held";
    if (boot.confsec == 1) return "ST's bootloader runs";
    return boot.cm7.blank || level1_shut ? "the CM7 finds no program" : "";
}

std::string verdict_text(const security::Verdict& verdict) {
    static constexpr std::string_view kAnswers[] = {"done", "zeros", "dropped", "bus error"};
    std::string text(kAnswers[static_cast<std::size_t>(verdict.answer)]);
    if (verdict.flag != security::Flag::none) text += fmt::format(", {}", security::name_of(verdict.flag));
    return text;
}

/// F-122, F-148, F-227: what acts at the next reset only.
std::vector<std::string> acting_later(const flash::OptionWords& before, const flash::OptionWords& after) {
    std::vector<std::string> later;
    for (const options::Field& field : options::fields()) {
        if (field.get(before) == field.get(after)) continue;
        const bool at_once = field.name == "RDP" || field.section == "PCROP Protection" ||
                             field.section == "Secure Protection" || field.section == "Write Protection";
        if (!at_once) later.emplace_back(field.name);
    }
    return later;
}

}  // namespace

std::vector<Reach> reads_of(const chip::Chip& chip, Master master, Context context) {
    const flash::Controller& flash = const_cast<chip::Chip&>(chip).flash();
    std::vector<Reach> all;
    for (Address at = kUserFlash; at < kUserFlashEnd; at += security::kBlock) {
        const security::Rule& row = *flash.judge(at, security::Action::read, master, context).row;
        if (all.empty() || all.back().row != row.id)
            all.push_back({at, at, verdict_text(row.verdict), std::string(row.id), std::string(row.cite)});
        all.back().last = at + security::kBlock - 1;
    }
    return all;
}

const Attempt* OptionReport::done() const {
    for (const Attempt& attempt : attempts)
        if (attempt.can_ask && attempt.trial.accepted) return &attempt;
    return nullptr;
}

namespace {

OptionReport try_change(Desk& desk, const Subject& subject, const flash::OptionWords& wanted) {
    OptionReport report;
    report.wanted = wanted;
    report.cm4 = subject.part->cm4;
    report.boot0 = subject.boot0;
    const Boot now = desk.boot(subject.image, subject.boot0);
    report.before = desk.chip().flash().options();
    OptionTrial bench(*subject.part, subject.readings.flash);
    for (const Requester& who : {kDebugger, kApplication, kSecureUser, kCm4}) {
        if (who.master == Master::cm4 && !subject.part->cm4) continue;
        Attempt attempt{who, false, why_not(who, now, desk.chip()), {}};
        attempt.can_ask = attempt.why_not.empty();
        if (attempt.can_ask) attempt.trial = bench.change(state_of(desk.chip(), who), wanted, who);
        report.attempts.push_back(std::move(attempt));
    }
    const Attempt* done = report.done();
    if (done == nullptr) return report;

    const Trial trial = done->trial;
    report.data_lost = (trial.erased & sectors_in_use(subject.image)) != 0;
    report.at_next_reset = acting_later(report.before, trial.words);
    Subject changed = subject;
    changed.image = with_erased(subject.image, trial.erased);
    changed.image.options = trial.words;
    report.boot = desk.boot(changed.image, subject.boot0);
    report.after = desk.chip().flash().options();
    if (report.boot.ap0.open) {
        desk.chip().secure_mode().debugger_connected();
        report.debugger = reads_of(desk.chip(), Master::ap0, Context::application);
    }
    report.undo = solve(desk, changed, {Goal::Kind::options, report.before});
    return report;
}

}  // namespace

OptionReport report_change(Desk& desk, const Subject& subject, const flash::OptionWords& wanted) {
    OptionReport report = try_change(desk, subject, wanted);
    const auto asked = [](const Attempt& attempt) { return attempt.can_ask; };
    if (std::ranges::any_of(report.attempts, asked)) return report;
    Subject other = subject;  // nobody can ask while the chip stands like this: the other BOOT0 may help
    other.boot0 = !subject.boot0;
    OptionReport again = try_change(desk, other, wanted);
    return std::ranges::any_of(again.attempts, asked) ? again : report;
}

}  // namespace h7::report

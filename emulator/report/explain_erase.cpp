#include "emulator/report/explain_erase.hpp"

#include <fmt/format.h>

#include <functional>

#include "emulator/chip/memory_map.hpp"
#include "emulator/report/asking.hpp"
#include "emulator/report/facts.hpp"
#include "emulator/report/option_trial.hpp"
#include "emulator/report/solve.hpp"
#include "emulator/security/rule_text.hpp"

namespace h7::report {
namespace {

constexpr Address kRegisters = 0x5200'2000;  // FLASH: an erase is asked for there
constexpr std::uint32_t kNoArea = 0x0000'00FF, kRdpLevel0 = 0xAA;

/// Everything the flash interface looks at.
struct Asked {
    FlashState state;
    Requester who;
    bool remove = false;
};

/// One fact, changed.
struct Change {
    std::string_view key;
    std::string text;
    std::function<void(Asked&)> apply;
};

class EraseTrial {
public:
    EraseTrial(chip::Chip& chip, unsigned banks)
        : bench_(chip.part(), chip.flash().readings()), banks_(banks) {}

    Trial of(Asked asked, std::initializer_list<const Change*> changes) {
        for (const Change* change : changes) change->apply(asked);
        return bench_.erase(asked.state, banks_, asked.remove, asked.who);
    }

private:
    OptionTrial bench_;
    unsigned banks_;
};

/// All changes that make sense, nearest first: how and by whom it is asked, before what the chip is set to.
std::vector<Change> changes_for(const Asked& now, unsigned banks, const chip::Chip& chip) {
    std::vector<Change> all;
    bool pcrop = false, secure = false, wrp = false;
    const flash::Controller& flash = const_cast<chip::Chip&>(chip).flash();
    const std::uint32_t sectors = (1U << chip.part().sectors_per_bank) - 1;
    for (unsigned bank = 0; bank < 2; ++bank) {
        if ((banks >> bank & 1U) == 0) continue;
        pcrop = pcrop || flash.pcrop(bank).valid();
        secure = secure || flash.secure_area(bank).valid();
        wrp = wrp || (now.state.words[flash::wpsn(bank)] & sectors) != sectors;
    }
    const auto each_bank = [banks](auto change) {
        return [=](Asked& a) {
            for (unsigned bank = 0; bank < 2; ++bank)
                if ((banks >> bank & 1U) != 0) change(a.state.words, bank);
        };
    };
    if (!now.remove && (pcrop || secure || wrp))
        all.push_back({"how", "the protections are taken away with it (erase with protection removal, F-087)",
                       [](Asked& a) { a.remove = true; }});
    if (now.who.master != Master::cm7)
        all.push_back({"who", "the CM7 asks", [](Asked& a) { a.who = kApplication; }});
    if (secure && now.state.latched && now.who.context != Context::secure_user)
        all.push_back({"who",
                       "secure user software of the CM7 asks (before exitSecureArea, CONFSEC bit 1 open)",
                       [](Asked& a) {
                           a.who = kSecureUser;
                           a.state.confsec = 2;
                       }});
    if (now.state.intrusion && !is_debugger(now.who.master))
        all.push_back({"intrusion", "no debugger since power-on, and both cores boot from user flash",
                       [](Asked& a) { a.state.intrusion = false; }});
    if (wrp)
        all.push_back({"wrp", "all nWRP = 1", each_bank([](flash::OptionWords& words, unsigned bank) {
                           words[flash::wpsn(bank)] = 0xFF;
                       })});
    if (pcrop)
        all.push_back({"pcrop", "no PCROP area (PROT_AREA_START > PROT_AREA_END)",
                       each_bank([](flash::OptionWords& words, unsigned bank) {
                           words[flash::prar(bank)] = kNoArea;
                       })});
    if (secure)
        all.push_back({"secure", "no secure-only area (SEC_AREA_START > SEC_AREA_END)",
                       each_bank([](flash::OptionWords& words, unsigned bank) {
                           words[flash::scar(bank)] = kNoArea;
                       })});
    if (flash.rdp() == security::Rdp::level1)
        all.push_back({"rdp", "RDP = 0xAA, level 0 (a regression: it erases)", [](Asked& a) {
                           std::uint32_t& optsr = a.state.words[flash::kOptsr];
                           optsr = insert(optsr, 15, 8, kRdpLevel0);
                       }});
    return all;
}

/// The single changes that allow it, or else the fewest together.
void find_ways(Explanation& e, EraseTrial& trial, const Asked& now, const std::vector<Change>& changes) {
    for (const Change& a : changes)
        if (trial.of(now, {&a}).accepted) e.ways.push_back(a.text);
    if (!e.ways.empty()) return;
    e.ways_need_all = true;
    for (const Change& a : changes)
        for (const Change& b : changes)
            if (&a < &b && a.key != b.key && trial.of(now, {&a, &b}).accepted) {
                e.ways = {a.text, b.text};
                return;
            }
    for (const Change& a : changes)
        for (const Change& b : changes)
            for (const Change& c : changes)
                if (&a < &b && &b < &c && a.key != b.key && b.key != c.key && a.key != c.key &&
                    trial.of(now, {&a, &b, &c}).accepted) {
                    e.ways = {a.text, b.text, c.text};
                    return;
                }
    e.ways_need_all = false;
}

std::vector<Fact> facts_of(chip::Chip& chip, unsigned banks, const Asked& now, const Trial& answer,
                           EraseTrial& trial, const std::vector<Change>& changes) {
    const flash::Controller& flash = chip.flash();
    const security::SecureMode& mode = chip.secure_mode();
    std::vector<Fact> facts;
    const auto add = [&](Fact fact, std::string_view key) {
        for (const Change& change : changes) {
            if (change.key != key) continue;
            const Trial other = trial.of(now, {&change});
            fact.decides = fact.decides || other.accepted != answer.accepted ||
                           other.erased != answer.erased ||
                           (other.refusal && answer.refusal && other.refusal->id != answer.refusal->id);
        }
        facts.push_back(std::move(fact));
    };
    add(option_fact(chip, "RDP", "OPTSR_CUR"), "rdp");
    if (flash.rdp() == security::Rdp::level1)
        add({"intrusion", mode.intrusion() ? "yes" : "no", intrusion_text(mode), "", false}, "intrusion");
    if (mode.latched())
        add({"CONFSEC", fmt::format("{}", mode.confsec()),
             mode.user_open() ? "secure user software runs"
                              : "the secure areas are closed until the next reset",
             "SEC_CONFSEC", false},
            "");
    for (unsigned bank = 0; bank < 2; ++bank) {
        if ((banks >> bank & 1U) == 0) continue;
        const unsigned set = (bank ^ (flash.swapped() ? 1U : 0U)) + 1;
        add(area_fact("PROT", "PRAR", flash.pcrop(bank), flash.options()[flash::prar(bank)], bank,
                      flash.swapped()),
            flash.pcrop(bank).valid() ? "pcrop" : "");
        if (mode.capable())
            add(area_fact("SEC", "SCAR", flash.secure_area(bank), flash.options()[flash::scar(bank)], bank,
                          flash.swapped()),
                flash.secure_area(bank).valid() ? "secure" : "");
        const Sectors locked =
            ~flash.options()[flash::wpsn(bank)] & ((1U << chip.part().sectors_per_bank) - 1);
        add({fmt::format("nWRP of bank {}", bank + 1),
             fmt::format("0x{:02X}", flash.options()[flash::wpsn(bank)]),
             locked == 0
                 ? "no sector write-protected"
                 : "write-protected: " + sectors_text(locked << (8 * bank), chip.part().sectors_per_bank),
             fmt::format("WPSN_CUR{}", set), false},
            locked == 0 ? "" : "wrp");
    }
    return facts;
}

}  // namespace

Result<Explanation> explain_erase(Desk& desk, const Subject& subject, const EraseQuestion& question) {
    constexpr Address kUserFlash = 0x0800'0000, kBank2 = 0x0810'0000, kUserFlashEnd = 0x0820'0000;
    if (!question.mass && (question.address < kUserFlash || question.address >= kUserFlashEnd))
        return misuse(fmt::format("0x{:08x}: in no bank of user flash (F-018, F-019)", question.address));
    const Boot boot = desk.boot(subject.image, subject.boot0);
    chip::Chip& chip = desk.chip();
    TRY(bring_to(question.moment, chip));
    const Context context = context_of(question.master, question.moment, boot, chip);
    const unsigned bank = (question.address >= kBank2) != chip.flash().swapped() ? 1 : 0;
    const unsigned banks = question.mass ? 3 : 1U << bank;

    Explanation e;
    e.question = fmt::format("{} {}{}", asker_text(question.master, context),
                             question.mass ? "mass-erases" : fmt::format("erases bank {}", bank + 1),
                             question.remove_protections ? " with protection removal" : "");
    if (is_debugger(question.master) && port_is_closed(e, desk, subject, question.master, kRegisters))
        return e;
    if (is_debugger(question.master) || question.debugger_seen) chip.secure_mode().debugger_connected();
    if (chip::find_region(kRegisters, question.master) == nullptr) {
        decided(e, "bus error", "no-slave", "system.md 1.1",
                "no slave answers at this address for this master");
        e.place = "the registers of FLASH";
        return e;
    }
    const security::SecureMode& mode = chip.secure_mode();
    const Asked now{
        {chip.flash().options(), chip.flash().swapped(), mode.latched(), mode.confsec(), mode.intrusion()},
        {"asker", "", question.master, context},
        question.remove_protections};
    EraseTrial trial(chip, banks);
    const Trial answer = trial.of(now, {});
    const std::vector<Change> changes = changes_for(now, banks, chip);
    if (answer.accepted) {
        const bool removed = answer.words != now.state.words;
        const std::string_view rule =
            question.mass ? (removed ? "F-093" : "F-092") : (removed ? "F-088" : "F-081");
        decided(e, "done", question.mass ? "mass-erase" : "bank-erase", rule, security::sentence_of(rule));
    } else {
        const std::string_view partly = answer.erased == 0                                  ? "dropped"
                                        : subject.readings.flash.bank_erase_skips_protected ? "the rest only"
                                                                                            : "one bank only";
        decided(e, partly, "bank-erase", "F-085", security::sentence_of("F-085"));
        if (const auto& why = answer.refusal) {
            decided(e, partly, why->id, why->rule, why->why);
            if (why->bank != 0) {  // an erase that began; else the preparation was refused already
                e.sentence += fmt::format("; {} (F-085, D-04)", security::sentence_of("F-085"));
                e.flag = banks == 3 && answer.erased == 0 ? "WRPERR1, WRPERR2"
                                                          : fmt::format("WRPERR{}", why->bank);
            }
        }
        find_ways(e, trial, now, changes);
    }
    e.place = answer.erased == 0 ? "nothing is erased"
                                 : "erased: " + sectors_text(answer.erased, chip.part().sectors_per_bank);
    e.facts = facts_of(chip, banks, now, answer, trial, changes);
    return e;
}

}  // namespace h7::report

#include "emulator/report/option_trial.hpp"

#include "emulator/security/rule_text.hpp"

namespace h7::report {
namespace {

using flash::OptionWords;

// FLASH registers, RM0399 4.9; the second register set stands 0x100 higher.
constexpr Address kFlash = 0x5200'2000, kSecondSet = 0x100;
constexpr Address kKeyr = kFlash + 0x04, kOptkeyr = kFlash + 0x08, kCr = kFlash + 0x0C, kSr = kFlash + 0x10,
                  kOptcr = kFlash + 0x18, kOptsrCur = kFlash + 0x1C;
constexpr std::uint32_t kKeys[] = {0x4567'0123, 0xCDEF'89AB}, kOptionKeys[] = {0x0819'2A3B, 0x4C5D'6E7F};
constexpr std::uint32_t kOptstart = 1U << 1, kMer = 1U << 4, kOptchangeerr = 1U << 30;
constexpr std::uint32_t kBer = 1U << 3, kStart = 1U << 7, kWrperr = 1U << 17, kPsize = 3U << 4;
constexpr std::uint32_t kNoArea = 0x0000'00FF, kDme = 1U << 31;

// clang-format off
struct Register { Address program; int bank; std::string_view field, rule; };  // the rule that guards the register itself
constexpr Register kRegisters[flash::kOptionWords] = {
    {kFlash + 0x20, -1, "SECURITY",   "D-02"},
    {kFlash + 0x2C, 0,  "PROT_AREA1", "F-165"}, {kFlash + 0x2C, 1, "PROT_AREA2", "F-165"},
    {kFlash + 0x34, 0,  "SEC_AREA1",  "F-169"}, {kFlash + 0x34, 1, "SEC_AREA2",  "F-169"},
    {kFlash + 0x3C, 0,  "nWRP",       "F-162"}, {kFlash + 0x3C, 1, "nWRP",       "F-162"},
    {kFlash + 0x44, -1, "BOOT_CM7",   "F-175"}, {kFlash + 0x4C, -1, "BOOT_CM4",  "F-175"},
};
// clang-format on

}  // namespace

struct OptionTrial::Bench {
    Bench(const chip::Part& part, const flash::Readings& readings)
        : secure(part.security), flash(part.geometry(), {clock, secure}) {
        flash.set_readings(readings);
        flash.contents_changed = [this](Address canonical, std::uint32_t) {
            if (canonical >= 0x0800'0000U && canonical < 0x0820'0000U)
                trial.erased |= 1U << ((canonical - 0x0800'0000U) / security::kSector);
        };
        flash.secured_regions_erased = [this] { trial.secured_regions_erased = true; };
    }

    void put(const FlashState& state) {
        OptionWords at_reset = state.words;
        at_reset[flash::kOptsr] =
            insert(at_reset[flash::kOptsr], 31, 31, state.swapped ? 1U : 0U);  // the swap of the last reset
        const auto words_only = [](const OptionWords& words) {
            flash::Image image;
            image.options = words;
            return image;
        };
        secure.power_on();
        secure.booted_outside_user_flash(state.intrusion);
        // Contents stay blank whatever is tried, so only other words need the image again.
        if (flash.options() != at_reset) flash.set_image(words_only(at_reset));
        flash.reset(ResetKind::power_on);
        if (at_reset != state.words) flash.set_image(words_only(state.words));
        secure.sample_at_reset(state.latched);
        secure.close(state.confsec);
        trial = {};
        trial.words = state.words;
    }

    Access access(Address address, Op op) const { return {address, 4, op, who.master, who.context, true}; }
    std::uint32_t read(Address address) {
        return static_cast<std::uint32_t>(flash.read(access(address, Op::read)).value_or(0));
    }
    void write(Address address, std::uint32_t value) {
        static_cast<void>(flash.write(access(address, Op::write), value));
    }
    Address set_of(Address reg, unsigned bank) const {
        return reg + ((bank != 0) != flash.swapped() ? kSecondSet : 0);
    }

    /// Into the PRG registers. The first word that did not arrive is the refusal.
    bool stage(const OptionWords& wanted) {
        for (const std::uint32_t key : kOptionKeys) write(kOptkeyr, key);
        for (std::size_t word = 0; word < wanted.size(); ++word) {
            if (wanted[word] == trial.words[word]) continue;
            const Register& reg = kRegisters[word];
            const Address address =
                reg.bank < 0 ? reg.program : set_of(reg.program, static_cast<unsigned>(reg.bank));
            write(address, wanted[word]);
            if (read(address) == wanted[word]) continue;
            trial.refusal = flash::Refusal{"",         0,           0,
                                           who.master, who.context, "option change",
                                           reg.field,  reg.rule,    security::sentence_of(reg.rule)};
            return false;
        }
        return true;
    }

    Trial finished(bool error) {
        trial.accepted = !error;
        trial.words = flash.options();
        if (error) trial.refusal = flash.last_refusal();
        return trial;
    }

    Clock clock;
    security::SecureMode secure;
    flash::Controller flash;
    Requester who = kDebugger;
    Trial trial;
};

OptionTrial::OptionTrial(const chip::Part& part, const flash::Readings& readings)
    : bench_(std::make_unique<Bench>(part, readings)) {}
OptionTrial::~OptionTrial() = default;

Trial OptionTrial::change(const FlashState& state, const OptionWords& wanted, const Requester& who) {
    Bench& b = *bench_;
    b.who = who;
    b.put(state);
    if (!b.stage(wanted)) return b.trial;
    b.write(kOptcr, kOptstart);
    return b.finished((b.read(kOptsrCur) & kOptchangeerr) != 0);
}

Trial OptionTrial::erase(const FlashState& state, unsigned banks, bool remove_protections,
                         const Requester& who) {
    Bench& b = *bench_;
    b.who = who;
    b.put(state);
    if (remove_protections && !b.stage(removal_words(state.words, banks, b.secure.capable()))) return b.trial;
    for (unsigned bank = 0; bank < 2; ++bank)
        if ((banks >> bank & 1U) != 0)
            for (const std::uint32_t key : kKeys) b.write(b.set_of(kKeyr, bank), key);
    if (banks == 3) {
        if (!remove_protections)
            for (const std::uint32_t key : kOptionKeys) b.write(kOptkeyr, key);
        b.write(kOptcr, kMer);
    } else {
        b.write(b.set_of(kCr, banks - 1), kBer | kStart | kPsize);
    }
    return b.finished(((b.read(kSr) | b.read(kSr + kSecondSet)) & kWrperr) != 0);
}

OptionWords OptionTrial::removal_words(const OptionWords& now, unsigned banks, bool security_capable) {
    OptionWords words = now;
    for (unsigned bank = 0; bank < 2; ++bank) {
        if ((banks >> bank & 1U) == 0) continue;
        if (security::area_of(now[flash::prar(bank)]).valid()) words[flash::prar(bank)] = kNoArea | kDme;
        if (security_capable && security::area_of(now[flash::scar(bank)]).valid())
            words[flash::scar(bank)] = kNoArea | kDme;
        words[flash::wpsn(bank)] = 0xFF;
    }
    return words;
}

}  // namespace h7::report

#include "peripherals/rcc/rcc.hpp"

#include <cassert>
#include <optional>
#include <utility>

namespace h7::rcc {
namespace {

constexpr Address kWindow = 0x0D0, kWindowEnd = 0x120;
constexpr Address kBank1 = 0x60, kBank2 = 0xC0;  // from the window to the bank of a core

/// The bank a master sees in the window; none for masters that are no core (system.md 4.1).
std::optional<unsigned> core_of(Master master) {
    switch (master) {
        case Master::cm7:
        case Master::ap0:
            return 1;
        case Master::cm4:
        case Master::ap3:
            return 2;
        default:
            return std::nullopt;
    }
}

constexpr Address bank(unsigned core) { return core == 1 ? kBank1 : kBank2; }

}  // namespace

Rcc::Rcc(Ports ports, Board board)
    : RegisterBlock("RCC", 0x5802'4400, 0x400),
      ports_(std::move(ports)),
      board_(board),
      last_(frequencies()) {}

BusResult<std::uint64_t> Rcc::read(const Access& access) {
    const Address offset = offset_of(access);
    if (offset < 4 && looked_at) looked_at(access);
    if (offset < 4) settle_domains();  // the flash may have ended its work
    if (offset < kWindow || offset >= kWindowEnd) return RegisterBlock::read(access);
    const auto core = core_of(access.master);
    if (!core) return std::uint64_t{0};
    Access routed = access;
    routed.address += bank(*core);
    return RegisterBlock::read(routed);
}

BusResult<void> Rcc::write(const Access& access, std::uint64_t value) {
    const Address offset = offset_of(access);
    if (offset < kWindow || offset >= kWindowEnd) return RegisterBlock::write(access, value);
    const auto core = core_of(access.master);
    if (!core) return {};
    Access routed = access;
    routed.address += bank(*core);
    // Through the window a core cannot start the clock of the other core's window watchdog.
    const std::uint64_t lane = 8 * (offset & 3U);
    if (*core == 2 && (offset & ~3U) == 0x0E4) value &= ~((std::uint64_t{1} << 6) >> lane);
    if (*core == 1 && (offset & ~3U) == 0x0E8) value &= ~((std::uint64_t{1} << 11) >> lane);
    return RegisterBlock::write(routed, value);
}

std::uint32_t& Rcc::bank_word(unsigned core, Address window_offset) {
    return regs_.stored(regs_.slot_at(window_offset + bank(core)));
}
std::uint32_t Rcc::bank_word(unsigned core, Address window_offset) const {
    return regs_.stored(regs_.slot_at(window_offset + bank(core)));
}

bool Rcc::clocked(Address enr_offset, unsigned bit) const {
    assert(enr_offset >= 0xD4 && enr_offset <= 0xF4 && enr_offset % 4 == 0 && bit < 32);
    return test_bit(bank_word(1, enr_offset) | bank_word(2, enr_offset), bit);
}

ClockEnable Rcc::clock_enable(Address enr_offset, std::uint32_t bits) {
    assert(enr_offset >= 0xD4 && enr_offset <= 0xF4 && enr_offset % 4 == 0);
    return {&bank_word(1, enr_offset), &bank_word(2, enr_offset), bits};
}

const std::uint32_t* Rcc::reset_register(Address enr_offset) {
    assert(enr_offset >= 0xD4 && enr_offset <= 0xF4 && enr_offset % 4 == 0);
    return &regs_.stored(regs_.slot_at(enr_offset - 0x58));
}

bool Rcc::boot_released_for(unsigned core) const {
    return (core == 1 ? regs_.get<"GCR.BOOT_C1">() : regs_.get<"GCR.BOOT_C2">()) != 0;
}

void Rcc::record_reset(std::uint32_t flags) {
    touch();
    assert((flags & 0x1'FFFFU) == 0);
    for (const unsigned core : {1U, 2U}) bank_word(core, 0x0D0) |= flags;
}

void Rcc::set_core_state(unsigned core, bool crun_or_csleep) {
    assert(core == 1 || core == 2);
    if (running_[core - 1] == crun_or_csleep) return;
    touch();
    running_[core - 1] = crun_or_csleep;
    settle_domains();
}

void Rcc::force_lsi() {
    touch();
    if (lsi_forced_) return;
    lsi_forced_ = true;
    update();
}

void Rcc::system_stopped() {
    touch();
    using Regs = RegisterFile<Rcc>;
    const std::uint32_t stops = Regs::mask<"CR.PLL1ON">() | Regs::mask<"CR.PLL2ON">() |
                                Regs::mask<"CR.PLL3ON">() | Regs::mask<"CR.HSEON">() |
                                Regs::mask<"CR.HSI48ON">();
    const bool to_csi = regs_.get<"CFGR.STOPWUCK">() != 0;
    regs_.set<"CR">(regs_.get<"CR">() & ~stops);
    regs_.set<"CFGR.SW">(to_csi ? 1 : 0);
    if (to_csi) regs_.set<"CR.CSION">(1);
    if (!to_csi) regs_.set<"CR.HSION">(1);
    update();
}

BusResult<void> Rcc::clocks_written(const RegisterWrite&) {
    update();
    return {};
}

BusResult<void> Rcc::flags_cleared(const RegisterWrite& write) {
    regs_.set<"CIFR">(regs_.get<"CIFR">() & ~write.value);
    update();
    return {};
}

BusResult<void> Rcc::drive_resets(const RegisterWrite& write) {
    const Address offset = offset_of(write.access) & ~3U;
    const std::uint32_t now = regs_.stored(regs_.slot_at(offset));
    for (unsigned bit = 0; bit < 32; ++bit)
        if (test_bit(now ^ write.old, bit) && peripheral_reset)
            peripheral_reset(offset, bit, test_bit(now, bit));
    return {};
}

BusResult<void> Rcc::boot_written(const RegisterWrite& write) {
    const std::uint32_t risen = regs_.get<"GCR">() & ~write.old;
    if (RegisterFile<Rcc>::field<"GCR.BOOT_C1">(risen) != 0 && boot_released) boot_released(1);
    if (RegisterFile<Rcc>::field<"GCR.BOOT_C2">(risen) != 0 && boot_released) boot_released(2);
    return {};
}

BusResult<void> Rcc::reset_flags_written(const RegisterWrite& write) {
    // Every write of 1 to RMVF clears, and the bit reads back as written: later resets set their flags all
    // the same.
    if (test_bit(write.value, 16)) regs_.stored(regs_.slot_at(offset_of(write.access))) = 1U << 16;
    return {};
}

/// Drivers set the bits of their block again and again: only a change is work.
BusResult<void> Rcc::enables_written(const RegisterWrite& write) {
    if (regs_.stored(regs_.slot_at(offset_of(write.access))) == write.old) return {};
    update();
    if (enables_changed) enables_changed();
    return {};
}

void Rcc::settle_oscillators() {
    // A flag of CIFR rises with its clock only while its interrupt is enabled.
    const auto settle = [this]<FieldName Ready, FieldName Enable, FieldName Flag>(bool ready) {
        if (ready && regs_.get<Ready>() == 0 && regs_.get<Enable>() != 0) regs_.set<Flag>(1);
        regs_.set<Ready>(ready ? 1 : 0);
    };
    settle.operator()<"CSR.LSIRDY", "CIER.LSIRDYIE", "CIFR.LSIRDYF">(regs_.get<"CSR.LSION">() != 0 ||
                                                                     lsi_forced_);
    settle.operator()<"BDCR.LSERDY", "CIER.LSERDYIE", "CIFR.LSERDYF">(regs_.get<"BDCR.LSEON">() != 0 &&
                                                                      board_.lse_present);
    settle.operator()<"CR.HSIRDY", "CIER.HSIRDYIE", "CIFR.HSIRDYF">(regs_.get<"CR.HSION">() != 0);
    settle.operator()<"CR.HSERDY", "CIER.HSERDYIE", "CIFR.HSERDYF">(regs_.get<"CR.HSEON">() != 0 &&
                                                                    board_.hse_present);
    settle.operator()<"CR.CSIRDY", "CIER.CSIRDYIE", "CIFR.CSIRDYF">(regs_.get<"CR.CSION">() != 0);
    settle.operator()<"CR.HSI48RDY", "CIER.HSI48RDYIE", "CIFR.HSI48RDYF">(regs_.get<"CR.HSI48ON">() != 0);
    // A PLL locks only on a reference that runs.
    const auto locks = [this](unsigned n) {
        return pll_on(n) && pll_source() != 0 && pll_reference_divider(n) != 0;
    };
    settle.operator()<"CR.PLL1RDY", "CIER.PLL1RDYIE", "CIFR.PLL1RDYF">(locks(1));
    settle.operator()<"CR.PLL2RDY", "CIER.PLL2RDYIE", "CIFR.PLL2RDYF">(locks(2));
    settle.operator()<"CR.PLL3RDY", "CIER.PLL3RDYIE", "CIFR.PLL3RDYF">(locks(3));
}

void Rcc::settle_domains() {
    // A domain has its bus clock while its own core runs, or while the other core runs and has something
    // enabled there, or while the debugger keeps it (system.md 4.3); D1 also while the flash works.
    const std::uint32_t d1_for_cm4 = bank_word(2, 0x0D4) | bank_word(2, 0x0E4);
    const std::uint32_t d2_for_cm7 = bank_word(1, 0x0D8) | bank_word(1, 0x0DC) | bank_word(1, 0x0E8) |
                                     bank_word(1, 0x0EC) | bank_word(1, 0x0F0);
    const auto debugged = [this](unsigned domain) {
        return ports_.debug_keeps_clock && ports_.debug_keeps_clock(domain);
    };
    const bool flash_at_work = ports_.flash_busy && ports_.flash_busy();  // F-239
    const bool d1 = running_[0] || (running_[1] && d1_for_cm4 != 0) || debugged(1) || flash_at_work;
    const bool d2 = running_[1] || (running_[0] && d2_for_cm7 != 0) || debugged(2);
    const bool changed = d1 != domain_clocked(1) || d2 != domain_clocked(2);
    regs_.set<"CR.D1CKRDY">(d1 ? 1 : 0);
    regs_.set<"CR.D2CKRDY">(d2 ? 1 : 0);
    if (changed && domains_changed) domains_changed();
}

void Rcc::update() {
    touch();
    settle_oscillators();
    // The switch happens when the wanted clock runs; until then the old one stays.
    if (const std::uint32_t wanted = regs_.get<"CFGR.SW">(); system_clock(wanted) != 0)
        regs_.set<"CFGR.SWS">(wanted);
    settle_domains();
    const std::uint32_t no_nmi = ~RegisterFile<Rcc>::mask<"CIFR.HSECSSF">();
    irq.set((regs_.get<"CIFR">() & regs_.get<"CIER">() & no_nmi) != 0);
    if (const Frequencies now = frequencies(); now != last_) {
        last_ = now;
        if (clocks_changed) clocks_changed();
    }
}

void Rcc::reset(ResetKind kind) {
    if (kind == ResetKind::domain || kind == ResetKind::peripheral)
        return;  // the RCC belongs to neither D1 nor D2
    const std::uint32_t backup = regs_.get<"BDCR">();
    const std::array<std::uint32_t, 2> flags = {bank_word(1, 0x0D0), bank_word(2, 0x0D0)};
    std::array<std::uint32_t, 9> held{};
    for (unsigned i = 0; i < held.size(); ++i) held[i] = regs_.stored(regs_.slot_at(0x7C + 4 * i));
    regs_.reset();
    if (kind != ResetKind::power_on) {  // what survives: system.md 3.3
        regs_.set<"BDCR">(backup);
        for (const unsigned core : {1U, 2U}) bank_word(core, 0x0D0) = flags[core - 1];
    }
    fraction_ = {};
    running_ = {true, true};
    lsi_forced_ = false;
    update();
    for (unsigned i = 0; i < held.size(); ++i)
        for (unsigned bit = 0; bit < 32; ++bit)
            if (test_bit(held[i], bit) && peripheral_reset) peripheral_reset(0x7C + 4 * i, bit, false);
    if (enables_changed) enables_changed();
}

std::vector<RegisterInfo> Rcc::describe() const {
    std::vector<RegisterInfo> all = RegisterBlock::describe();
    std::vector<RegisterInfo> window;
    for (const RegisterInfo& info : all) {
        if (info.offset < kWindow + kBank1 || info.offset >= kWindowEnd + kBank1) continue;
        RegisterInfo view = info;
        view.offset -= kBank1;
        view.name.erase(0, 3);  // C1_
        view.computed = true;
        window.push_back(std::move(view));
    }
    all.insert(all.end(), window.begin(), window.end());
    return all;
}

void Rcc::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const std::uint32_t f : fraction_) out.u32(f);
    for (const bool r : running_) out.flag(r);
    out.flag(lsi_forced_);
}

void Rcc::load(StateReader& in) {
    RegisterBlock::load(in);
    for (std::uint32_t& f : fraction_) f = in.u32();
    for (bool& r : running_) r = in.flag();
    lsi_forced_ = in.flag();
    update();
    if (enables_changed) enables_changed();
}

}  // namespace h7::rcc

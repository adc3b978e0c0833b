#include "peripherals/syscfg/syscfg.hpp"

#include <cassert>
#include <utility>

namespace h7::syscfg {
namespace {

enum Word : std::size_t { kOptsr, kPrar1, kPrar2, kScar1, kScar2, kWpsn1, kWpsn2, kBoot7, kBoot4 };
constexpr Address kUr0 = 0x300;

constexpr std::uint32_t one(std::uint32_t word, unsigned n) { return extract(word, n, n); }
constexpr std::uint32_t start(std::uint32_t area) { return extract(area, 11, 0); }
constexpr std::uint32_t end(std::uint32_t area) { return extract(area, 27, 16); }
constexpr std::uint32_t pair(std::uint32_t high, std::uint32_t low) { return high << 16 | low; }

}  // namespace

Syscfg::Syscfg(Package package, std::function<bool()> csi_ready, bool cm4)
    : RegisterBlock("SYSCFG", 0x5800'0400, 0x400),
      package_(package),
      cm4_(cm4),
      csi_ready_(std::move(csi_ready)) {}

void Syscfg::mirror(const OptionWords& w, bool security_latched, bool banks_swapped,
                    bool private_key_programmed) {
    touch();
    const std::uint32_t optsr = w[kOptsr];
    mirrored_ = {
        pair(extract(optsr, 15, 8), banks_swapped ? 0 : 1),           // UR0: RDP as the raw byte
        pair(one(optsr, 23), one(optsr, 22)),                         // UR1
        pair(extract(w[kBoot7], 15, 0), extract(optsr, 3, 2)),        // UR2
        pair(extract(w[kBoot4], 15, 0), extract(w[kBoot7], 31, 16)),  // UR3
        pair(one(w[kPrar1], 31), extract(w[kBoot4], 31, 16)),         // UR4
        pair(extract(w[kWpsn1], 7, 0), one(w[kScar1], 31)),           // UR5
        pair(end(w[kPrar1]), start(w[kPrar1])),                       // UR6
        pair(end(w[kScar1]), start(w[kScar1])),                       // UR7
        pair(one(w[kScar2], 31), one(w[kPrar2], 31)),                 // UR8
        pair(start(w[kPrar2]), extract(w[kWpsn2], 7, 0)),             // UR9
        pair(start(w[kScar2]), end(w[kPrar2])),                       // UR10
        pair(one(optsr, 4), end(w[kScar2])),                          // UR11
        pair(security_latched ? 1 : 0, one(optsr, 5)),                // UR12
        pair(one(optsr, 7), extract(optsr, 20, 19)),                  // UR13
        pair(one(optsr, 25), one(optsr, 6)),                          // UR14
        pair(one(optsr, 18), one(optsr, 24)),                         // UR15
        pair(private_key_programmed ? 1 : 0, one(optsr, 17)),         // UR16
        one(optsr, 29),                                               // UR17
    };
    show_mirror();
}

void Syscfg::show_mirror() {
    for (unsigned n = 0; n < kUserRegisters; ++n) regs_.stored(regs_.slot_at(kUr0 + 4 * n)) = mirrored_[n];
}

unsigned Syscfg::exti_port(unsigned line) const {
    assert(line < 16);
    const std::uint32_t word = regs_.stored(regs_.slot_at(0x008 + 4 * (line / 4)));
    return extract(word, 4 * (line % 4) + 3, 4 * (line % 4));
}

BusResult<void> Syscfg::selection_written(const RegisterWrite& write) {
    if (regs_.stored(regs_.slot_at(offset_of(write.access))) == write.old) return {};
    if (exti_selection_changed) exti_selection_changed();
    return {};
}

std::uint32_t Syscfg::compensation(unsigned) const {
    const bool runs = regs_.get<"CCCSR.EN">() != 0 && (!csi_ready_ || csi_ready_());
    return regs_.get<"CCCSR">() | (runs ? RegisterFile<Syscfg>::mask<"CCCSR.READY">() : 0);
}

void Syscfg::reset(ResetKind kind) {
    if (kind == ResetKind::domain) return;  // SYSCFG is in D3
    regs_.reset();
    show_mirror();
    if (exti_selection_changed) exti_selection_changed();
}

void Syscfg::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const std::uint32_t word : mirrored_) out.u32(word);
}

void Syscfg::load(StateReader& in) {
    RegisterBlock::load(in);
    for (std::uint32_t& word : mirrored_) word = in.u32();
    if (exti_selection_changed) exti_selection_changed();
}

}  // namespace h7::syscfg

#include "emulator/cpu/unicorn/registers.hpp"

namespace h7::cpu {
namespace {

constexpr std::uint32_t kN = 1U << 31, kZ = 1U << 30, kC = 1U << 29, kV = 1U << 28, kQ = 1U << 27,
                        kT = 1U << 24;

template <class T>
T read(void* uc, int id) {
    T value{};
    uc_reg_read(static_cast<uc_engine*>(uc), id, &value);
    return value;
}
template <class T>
void write(void* uc, int id, T value) {
    uc_reg_write(static_cast<uc_engine*>(uc), id, &value);
}

}  // namespace

std::uint32_t EngineRegisters::xpsr() const {
    const std::uint32_t it = word(layout::kCondexec) & 0xFFU;
    return (word(layout::kNegative) & kN) | (word(layout::kZero) == 0 ? kZ : 0) |
           (word(layout::kCarry) != 0 ? kC : 0) | (word(layout::kOverflow) >> 31 != 0 ? kV : 0) |
           (word(layout::kSaturated) != 0 ? kQ : 0) | (thumb() ? kT : 0) | (it & 3U) << 25 |
           (it & 0xFCU) << 8 | word(layout::kGe) << 16 | ipsr();
}

void EngineRegisters::set_xpsr(std::uint32_t value) {
    word(layout::kNegative) = value & kN;
    word(layout::kZero) = ~value & kZ;
    word(layout::kCarry) = (value & kC) != 0 ? 1 : 0;
    word(layout::kOverflow) = (value & kV) << 3;
    word(layout::kSaturated) = (value & kQ) != 0 ? 1 : 0;
    word(layout::kThumb) = (value & kT) != 0 ? 1 : 0;
    word(layout::kCondexec) = (value >> 25 & 3U) | (value >> 8 & 0xFCU);
    word(layout::kGe) = value >> 16 & 0xFU;
}

void EngineRegisters::advance_it() {
    std::uint32_t& it = word(layout::kCondexec);
    it = (it & 7U) == 0 ? 0 : (it & 0xE0U) | ((it << 1) & 0x1FU);
}

void EngineRegisters::set_mode(std::uint32_t ipsr, std::uint32_t control) {
    const bool before = uses_psp();
    word(layout::kException) = ipsr;
    word(layout::kControl) = (word(layout::kControl) & ~3U) | (control & 3U);
    word(layout::kControl + 4) = (word(layout::kControl + 4) & ~kFpca) | (control & kFpca);
    if (before != uses_psp()) std::swap(word(kSp), word(layout::kOtherSp));
}

EngineRegisters::Fp EngineRegisters::fp() const {
    Fp fp;
    for (unsigned n = 0; n < 8; ++n) {
        const std::uint64_t pair = d(n);
        fp.s[2 * n] = static_cast<std::uint32_t>(pair);
        fp.s[2 * n + 1] = static_cast<std::uint32_t>(pair >> 32);
    }
    fp.fpscr = fpscr();
    return fp;
}

void EngineRegisters::set_fp(const Fp& fp) {
    for (unsigned n = 0; n < 8; ++n)
        set_d(n, fp.s[2 * n] | (static_cast<std::uint64_t>(fp.s[2 * n + 1]) << 32));
    set_fpscr(fp.fpscr);
}

std::uint64_t EngineRegisters::d(unsigned n) const {
    return read<std::uint64_t>(uc_, UC_ARM_REG_D0 + static_cast<int>(n));
}
void EngineRegisters::set_d(unsigned n, std::uint64_t value) {
    write<std::uint64_t>(uc_, UC_ARM_REG_D0 + static_cast<int>(n), value);
}
std::uint32_t EngineRegisters::fpscr() const { return read<std::uint32_t>(uc_, UC_ARM_REG_FPSCR); }
void EngineRegisters::set_fpscr(std::uint32_t value) { write<std::uint32_t>(uc_, UC_ARM_REG_FPSCR, value); }

}  // namespace h7::cpu

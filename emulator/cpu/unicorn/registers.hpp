// The architectural registers of one engine, read and written in place (3 ns less than uc_reg_read, and
// without its privilege rules: spec unicorn.md 1). Only while the engine stands between instructions.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "emulator/cpu/unicorn/layout.hpp"

namespace h7::cpu {

class EngineRegisters {
public:
    EngineRegisters() = default;
    EngineRegisters(void* uc, void* env) : uc_(uc), env_(env) {}

    std::uint32_t r(unsigned n) const { return word(layout::kRegs + static_cast<std::ptrdiff_t>(4 * n)); }
    void set_r(unsigned n, std::uint32_t value) {
        word(layout::kRegs + static_cast<std::ptrdiff_t>(4 * n)) = value;
    }
    std::uint32_t pc() const { return r(15); }
    /// Bit 0 is ignored: the T bit is part of xPSR.
    void set_pc(std::uint32_t value) { set_r(15, value & ~1U); }

    std::uint32_t xpsr() const;
    /// Flags, Q, GE, T and ITSTATE. IPSR is set by `set_mode`.
    void set_xpsr(std::uint32_t value);
    bool thumb() const { return word(layout::kThumb) != 0; }
    /// ITSTATE goes on to the next instruction.
    void advance_it();

    std::uint32_t ipsr() const { return word(layout::kException); }
    std::uint32_t control() const {
        return (word(layout::kControl) & 3U) | (word(layout::kControl + 4) & kFpca);
    }
    /// IPSR and CONTROL together (nPRIV, SPSEL, FPCA): the stack pointers are banked, the mode takes effect.
    void set_mode(std::uint32_t ipsr, std::uint32_t control);
    bool privileged() const { return ipsr() != 0 || (word(layout::kControl) & 1U) == 0; }
    /// R13 is PSP.
    bool uses_psp() const { return ipsr() == 0 && (word(layout::kControl) & kSpsel) != 0; }

    std::uint32_t msp() const { return uses_psp() ? word(layout::kOtherSp) : r(13); }
    std::uint32_t psp() const { return uses_psp() ? r(13) : word(layout::kOtherSp); }
    void set_msp(std::uint32_t value) { (uses_psp() ? word(layout::kOtherSp) : word(kSp)) = value; }
    void set_psp(std::uint32_t value) { (uses_psp() ? word(kSp) : word(layout::kOtherSp)) = value; }

    std::uint32_t primask() const { return word(layout::kPrimask); }
    std::uint32_t basepri() const { return word(layout::kBasepri); }
    std::uint32_t faultmask() const { return word(layout::kFaultmask); }
    void set_primask(std::uint32_t value) { word(layout::kPrimask) = value & 1U; }
    void set_basepri(std::uint32_t value) { word(layout::kBasepri) = value & 0xFFU; }
    void set_faultmask(std::uint32_t value) { word(layout::kFaultmask) = value & 1U; }

    /// S0-S15 and FPSCR, in the order of the extended exception frame.
    struct Fp {
        std::array<std::uint32_t, 16> s{};
        std::uint32_t fpscr = 0;
    };
    Fp fp() const;
    void set_fp(const Fp& fp);
    std::uint64_t d(unsigned n) const;
    void set_d(unsigned n, std::uint64_t value);
    std::uint32_t fpscr() const;
    void set_fpscr(std::uint32_t value);

    void clear_exclusive() { layout::field<std::uint64_t>(env_, layout::kExclusive) = ~std::uint64_t{0}; }

private:
    static constexpr std::uint32_t kSpsel = 2, kFpca = 4;
    static constexpr std::ptrdiff_t kSp = layout::kRegs + 52;
    std::uint32_t& word(std::ptrdiff_t offset) const { return layout::field<std::uint32_t>(env_, offset); }

    void* uc_ = nullptr;
    void* env_ = nullptr;
};

}  // namespace h7::cpu

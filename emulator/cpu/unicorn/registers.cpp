#include "emulator/cpu/unicorn/registers.hpp"

#include <utility>

#include "emulator/cpu/unicorn/layout.hpp"

namespace h7::cpu {
namespace {

using layout::field;
constexpr std::uint32_t kSpsel = 2, kFpca = 4, kGe = 0xFU << 16;

std::uint32_t& word(void* env, std::ptrdiff_t offset) { return field<std::uint32_t>(env, offset); }

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

std::uint32_t EngineRegisters::r(unsigned n) const {
    return word(env_, layout::kRegs + static_cast<std::ptrdiff_t>(4 * n));
}
void EngineRegisters::set_r(unsigned n, std::uint32_t value) {
    word(env_, layout::kRegs + static_cast<std::ptrdiff_t>(4 * n)) = value;
}

// The public interface leaves GE out.
std::uint32_t EngineRegisters::xpsr() const {
    return (read<std::uint32_t>(uc_, UC_ARM_REG_XPSR) & ~kGe) | word(env_, layout::kGe) << 16;
}

void EngineRegisters::set_xpsr(std::uint32_t value) {
    // The engine would take IPSR from here as well and bank the stack pointers by it.
    write<std::uint32_t>(uc_, UC_ARM_REG_XPSR, (value & ~0x1FFU) | ipsr());
    word(env_, layout::kGe) = (value & kGe) >> 16;
}

bool EngineRegisters::thumb() const { return word(env_, layout::kThumb) != 0; }
void EngineRegisters::advance_it() {
    std::uint32_t& it = word(env_, layout::kCondexec);
    it = (it & 7U) == 0 ? 0 : (it & 0xE0U) | ((it << 1) & 0x1FU);
}
std::uint32_t EngineRegisters::ipsr() const { return word(env_, layout::kException); }

std::uint32_t EngineRegisters::control() const {
    return (word(env_, layout::kControl) & 3U) | (word(env_, layout::kControl + 4) & kFpca);
}

bool EngineRegisters::uses_psp() const { return ipsr() == 0 && (word(env_, layout::kControl) & kSpsel) != 0; }

void EngineRegisters::set_mode(std::uint32_t ipsr, std::uint32_t control) {
    const bool before = uses_psp();
    word(env_, layout::kException) = ipsr;
    word(env_, layout::kControl) = (word(env_, layout::kControl) & ~3U) | (control & 3U);
    word(env_, layout::kControl + 4) = (word(env_, layout::kControl + 4) & ~kFpca) | (control & kFpca);
    if (before != uses_psp()) std::swap(word(env_, layout::kRegs + 52), word(env_, layout::kOtherSp));
}

std::uint32_t EngineRegisters::msp() const { return uses_psp() ? word(env_, layout::kOtherSp) : r(13); }
std::uint32_t EngineRegisters::psp() const { return uses_psp() ? r(13) : word(env_, layout::kOtherSp); }
void EngineRegisters::set_msp(std::uint32_t value) {
    (uses_psp() ? word(env_, layout::kOtherSp) : word(env_, layout::kRegs + 52)) = value;
}
void EngineRegisters::set_psp(std::uint32_t value) {
    (uses_psp() ? word(env_, layout::kRegs + 52) : word(env_, layout::kOtherSp)) = value;
}

std::uint32_t EngineRegisters::primask() const { return word(env_, layout::kPrimask); }
std::uint32_t EngineRegisters::basepri() const { return word(env_, layout::kBasepri); }
std::uint32_t EngineRegisters::faultmask() const { return word(env_, layout::kFaultmask); }
void EngineRegisters::set_primask(std::uint32_t value) { word(env_, layout::kPrimask) = value & 1U; }
void EngineRegisters::set_basepri(std::uint32_t value) { word(env_, layout::kBasepri) = value & 0xFFU; }
void EngineRegisters::set_faultmask(std::uint32_t value) { word(env_, layout::kFaultmask) = value & 1U; }

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

void EngineRegisters::clear_exclusive() {
    field<std::uint64_t>(env_, layout::kExclusive) = ~std::uint64_t{0};
}

}  // namespace h7::cpu

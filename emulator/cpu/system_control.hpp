// The system control block of one core, with its cache, TCM and FPU registers. system.md 5.6, 5.8; ARMv7-M
// B3.2. Names are the manual's. Faults are reported here by the core; priorities and pending bits live in the
// NVIC.
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/cpu/cache.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/cpu/core_status.hpp"
#include "emulator/cpu/nvic.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

/// Bits of CFSR, for `report()`.
namespace cfsr {
inline constexpr std::uint32_t kIaccviol = 1U << 0, kDaccviol = 1U << 1, kMunstkerr = 1U << 3,
                               kMstkerr = 1U << 4, kMlsperr = 1U << 5, kMmarvalid = 1U << 7;
inline constexpr std::uint32_t kIbuserr = 1U << 8, kPreciserr = 1U << 9, kImpreciserr = 1U << 10,
                               kUnstkerr = 1U << 11, kStkerr = 1U << 12, kLsperr = 1U << 13,
                               kBfarvalid = 1U << 15;
inline constexpr std::uint32_t kUndefinstr = 1U << 16, kInvstate = 1U << 17, kInvpc = 1U << 18,
                               kNocp = 1U << 19, kUnaligned = 1U << 24, kDivbyzero = 1U << 25;
}  // namespace cfsr
namespace hfsr {
inline constexpr std::uint32_t kVecttbl = 1U << 1, kForced = 1U << 30, kDebugevt = 1U << 31;
}
/// Bits of FPCCR: the lazy stacking state the exception entry writes.
namespace fpccr {
inline constexpr std::uint32_t kLspact = 1U << 0, kUser = 1U << 1, kThread = 1U << 3, kHfrdy = 1U << 4,
                               kMmrdy = 1U << 5, kBfrdy = 1U << 6, kMonrdy = 1U << 8, kLspen = 1U << 30,
                               kAspen = 1U << 31;
}

/// Bits of DFSR.
namespace dfsr {
inline constexpr std::uint32_t kBkpt = 1U << 1;
}

class SystemControl final : public RegisterBlock<SystemControl> {
public:
    static const Register<SystemControl> registers[45];

    SystemControl(Model model, const CoreStatus& core, Nvic& nvic);

    /// AIRCR.SYSRESETREQ was written with the key.
    std::function<void()> sysresetreq;
    /// AIRCR.VECTRESET was, while the core stands under its debugger.
    std::function<void()> vectreset;
    /// VTOR, CCR, CPACR, FPCCR or FPDSCR changed: the core may keep copies.
    std::function<void()> changed;
    /// `set_fpccr` was called.
    std::function<void()> context_changed;

    /// The program of the CM7 maintains its data cache.
    std::function<void(const CacheOperation&)> cache_operation;

    // --- what the core looks at ---
    /// `policy` as CCR.DC and CACR.FORCEWT leave it.
    CachePolicy data_cache(CachePolicy policy) const;
    Address vtor() const;
    void set_vtor(Address vectors);
    bool sevonpend() const;
    bool sleepdeep() const;
    bool sleeponexit() const;
    bool nonbasethrdena() const;
    bool usersetmpend() const;
    bool unalign_trp() const;
    bool div_0_trp() const;
    bool bfhfnmign() const;
    bool stkalign() const;
    /// ACTLR.DISDEFWBUF of the CM4: store bus errors become precise.
    bool disdefwbuf() const;
    /// CPACR: may this code execute FPU instructions? (UsageFault NOCP when not.) Both CP10 and CP11 must
    /// allow.
    bool fpu_access(bool privileged) const;

    // --- floating-point context (lazy stacking is the core's work, the state is here) ---
    std::uint32_t fpccr() const;
    void set_fpccr(std::uint32_t value);
    Address fpcar() const;
    void set_fpcar(Address frame);
    std::uint32_t fpdscr() const;

    // --- fault reports ---
    /// Sets bits of CFSR.
    void report(std::uint32_t cfsr_bits);
    /// As `report`, with the address that faulted and its VALID bit.
    void report_mem_manage(std::uint32_t cfsr_bits, Address address);
    void report_bus_fault(std::uint32_t cfsr_bits, Address address);
    void report_hard_fault(std::uint32_t hfsr_bits);
    void report_debug(std::uint32_t dfsr_bits);
    std::uint32_t cfsr() const;
    std::uint32_t hfsr() const;
    Address mmfar() const;
    Address bfar() const;

    /// `vtor` is what the hardware loads: the boot address on the CM7, 0 on the CM4 (system.md 2.3).
    void reset(ResetKind kind, std::uint32_t vtor);
    void reset(ResetKind kind) override { reset(kind, 0); }
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;

private:
    bool exists(const Access& access) const;
    std::uint32_t icsr(unsigned) const;
    std::uint32_t aircr(unsigned) const;
    std::uint32_t shpr(unsigned index) const;
    std::uint32_t shcsr(unsigned) const;
    std::uint32_t ccsidr(unsigned) const;
    bool keyed(const RegisterWrite& write) const;
    BusResult<void> icsr_written(const RegisterWrite& write);
    BusResult<void> aircr_written(const RegisterWrite& write);
    BusResult<void> shpr_written(const RegisterWrite& write);
    BusResult<void> shcsr_written(const RegisterWrite& write);
    BusResult<void> ccr_written(const RegisterWrite& write);
    BusResult<void> copy_written(const RegisterWrite& write);
    void maintain(Address offset, std::uint32_t operand);
    void identify();
    void tell() const {
        if (changed) changed();
    }

    Model model_;
    const CoreStatus& core_;
    Nvic& nvic_;
};

}  // namespace h7::cpu

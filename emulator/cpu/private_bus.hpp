// The private peripheral bus of one core, 0xE0000000-0xE00FFFFF: its NVIC, system control, SysTick, MPU and
// debug blocks, each core its own (system.md 1.1). The core owns one and sends every access of that range
// here.
//
// After a write the core asks again: nvic().to_take(), systick().next_event().
#pragma once

#include <array>
#include <cstdint>

#include "emulator/cpu/dwt.hpp"
#include "emulator/cpu/itm.hpp"
#include "emulator/cpu/mpu.hpp"
#include "emulator/cpu/nvic.hpp"
#include "emulator/cpu/system_control.hpp"
#include "emulator/cpu/systick.hpp"
#include "emulator/fabric/access.hpp"

namespace h7::cpu {

class PrivateBus final : public Slave {
public:
    static constexpr Address kFirst = 0xE000'0000, kLast = 0xE00F'FFFF;
    static constexpr bool contains(Address address) { return address >= kFirst && address <= kLast; }

    /// `core` is asked during accesses only; it may still be under construction here.
    PrivateBus(Model model, const CoreStatus& core);

    /// Byte, half-word and word accesses on their lanes; a double word is two words. An offset without a
    /// register reads 0 and ignores writes. An unprivileged access is a bus error, except STIR with
    /// CCR.USERSETMPEND and the ITM, which itself ignores what unprivileged code may not write.
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;

    Nvic& nvic() { return nvic_; }
    SystemControl& scb() { return scb_; }
    SysTick& systick() { return systick_; }
    Mpu& mpu() { return mpu_; }
    Dwt& dwt() { return dwt_; }
    CoreDebug& debug() { return debug_; }
    Itm& itm() { return itm_; }
    const Nvic& nvic() const { return nvic_; }
    const SystemControl& scb() const { return scb_; }
    const SysTick& systick() const { return systick_; }
    const Mpu& mpu() const { return mpu_; }

    /// Everything but the debug blocks, which only power-on resets. `vtor` as SystemControl::reset.
    void reset(ResetKind kind, std::uint32_t vtor);
    void set_trace(Trace* trace);
    void save(StateWriter& out) const;
    void load(StateReader& in);

    /// Snapshots: each block by itself, so that only those that were used are put back.
    using Saved = std::array<Bytes, 8>;
    Saved checkpoint();
    void restore(const Saved& saved, bool all);

    /// For documentation and the generic register test.
    std::array<Peripheral*, 8> blocks();

private:
    Peripheral* block_at(Address address);
    bool refused(const Access& access) const;

    Nvic nvic_;
    SystemControl scb_;
    SysTick systick_;
    Mpu mpu_;
    CoreDebug debug_;
    Dwt dwt_;
    Itm itm_;
    BreakpointUnit breakpoints_;
};

}  // namespace h7::cpu

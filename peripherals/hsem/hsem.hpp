// Hardware semaphores: 32 locks that belong to a core and a process, with an interrupt to each core when one
// is freed. The doorbell of the two cores. system.md 5.3.
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::hsem {

inline constexpr unsigned kSemaphores = 32;

/// Bus master ID as R.COREID shows it: 3 for the CM7 and its access port, 1 for the CM4 and its; 0: not
/// authorised.
constexpr std::uint32_t core_id(Master master) {
    switch (master) {
        case Master::cm7:
        case Master::ap0:
            return 3;
        case Master::cm4:
        case Master::ap3:
            return 1;
        default:
            return 0;
    }
}

/// Registers are accessed by words; anything narrower is a bus error.
class Hsem final : public RegisterBlock<Hsem> {
public:
    static const Register<Hsem> registers[12];

    Hsem();

    /// Levels: a freed semaphore that the core listens to (CnMISR != 0). Line 1 is CPU1's (IRQ 125, EXTI 77),
    /// line 2 CPU2's (IRQ 126, EXTI 78).
    Wire line1;
    Wire line2;

    /// A core looked at R, RLR, ISR or MISR: it may be polling, the other core should have its turn (D-28).
    std::function<void(const Access& access)> looked_at;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void load(StateReader& in) override;

private:
    bool may_write(const RegisterWrite& write) const;
    bool may_clear(const RegisterWrite& write) const;
    BusResult<void> written(const RegisterWrite& write);
    std::uint32_t take(const Access& access, unsigned index);
    std::uint32_t masked1(unsigned) const;
    std::uint32_t masked2(unsigned) const;
    BusResult<void> enable_written(const RegisterWrite& write);
    BusResult<void> clear1(const RegisterWrite& write);
    BusResult<void> clear2(const RegisterWrite& write);
    BusResult<void> clear_all(const RegisterWrite& write);

    void freed(std::uint32_t semaphores);
    void drive_lines();
};

}  // namespace h7::hsem

#include "peripherals/hsem/registers.hpp"  // IWYU pragma: export

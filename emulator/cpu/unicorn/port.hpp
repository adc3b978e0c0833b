// What the instruction engine asks of the core that owns it.
#pragma once

#include "emulator/fabric/access.hpp"

namespace h7::cpu {

/// Where one access may go: the MPU and the chip's map merged. It holds for the aligned `granule` bytes
/// around the address (256 or 1024).
struct Translation {
    enum class Kind : std::uint8_t {
        memory,     // the bytes at `canonical`
        slave,      // load() or store() decides, every time
        refused,    // the MPU or the default memory map refuses: MemManage
        bus_error,  // nobody answers: BusFault
        wait,       // not before `until`
    };
    Kind kind = Kind::bus_error;
    Address canonical = 0;
    bool read = false, write = false, execute = false;
    bool device = false;  // Device or Strongly-ordered: every access is aligned
    std::uint32_t granule = 1024;
    Time until = 0;
};

class EnginePort {
public:
    virtual ~EnginePort() = default;
    virtual Translation translate(Address address, Op op, bool privileged) = 0;
    /// Data accesses of kind `slave`. An error here is precise; a posted one is the port's own affair.
    virtual BusResult<std::uint64_t> load(Address address, unsigned size, bool privileged) = 0;
    virtual BusResult<void> store(Address address, unsigned size, std::uint64_t value, bool privileged) = 0;
    /// MSR or CPS changed PRIMASK, BASEPRI, FAULTMASK or CONTROL.
    virtual void masks_changed() = 0;
    /// An FPU instruction while FPCCR.LSPACT is set: store what exception entry left open. `execute`: go on
    /// with the instruction; else it has to wait, for `until` (a slave is busy) or for an exception that is
    /// pending now.
    struct Preserved {
        bool execute = true;
        Time until = 0;
    };
    virtual Preserved preserve_floating_point() = 0;
    /// CPACR lets code of this privilege execute FPU instructions.
    virtual bool fpu_enabled(bool privileged) const = 0;
};

}  // namespace h7::cpu

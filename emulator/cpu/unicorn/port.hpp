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

/// Why the engine stopped. The pc is that of the next instruction to execute for the first group, and that of
/// the instruction which could not be executed for the second.
struct Stop {
    enum class Why : std::uint8_t {
        budget,  // the budget is used up, or kick()
        wfi,
        wfe,
        sev,  // executed
        svc,
        exception_return,  // pc holds EXC_RETURN & ~1

        debug,  // a debugger's breakpoint: the instruction at pc was not executed
        breakpoint,
        undefined,
        invalid_state,  // T = 0
        no_coprocessor,
        unaligned,
        divided_by_zero,
        refused,    // MPU: `address`, `op`
        bus_error,  // `address`, `op`
        wait,       // not before `until`
    };
    Why why = Why::budget;
    Address address = 0;
    Op op = Op::read;
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
    /// SVC, BKPT or an exception return inside run(), between two instructions. Deals with it. True:
    /// registers and budget say how to go on. False: run() comes back with Why::budget. (Going on from here
    /// costs a third of leaving and entering the library again.)
    virtual bool serve(const Stop& stop) = 0;
    /// CPACR lets code of this privilege execute FPU instructions.
    virtual bool fpu_enabled(bool privileged) const = 0;
};

}  // namespace h7::cpu

// Exception entry and return of ARMv7-M (B1.5.6 - B1.5.12): stacking, vectors, integrity checks, derived
// faults, escalation and lock-up. It works on the registers of a stopped engine. system.md 1.5; D-29.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "emulator/cpu/private_bus.hpp"
#include "emulator/cpu/unicorn/port.hpp"
#include "emulator/cpu/unicorn/registers.hpp"

namespace h7::cpu {

/// How an access of the exception unit ended.
struct Outcome {
    enum class Kind : std::uint8_t { done, refused, bus_error, wait };
    Kind kind = Kind::done;
    Time until = 0;
    bool ok() const { return kind == Kind::done; }
};

/// Memory as the exception unit sees it: MPU and map apply, nothing is counted.
class StackPort {
public:
    virtual ~StackPort() = default;
    virtual Outcome read_words(Address address, std::uint32_t* words, unsigned count, bool privileged) = 0;
    virtual Outcome write_words(Address address, const std::uint32_t* words, unsigned count,
                                bool privileged) = 0;
    /// A vector: the default memory map holds, whatever the MPU says.
    virtual Outcome read_vector(Address address, std::uint32_t& word) = 0;
    /// Words that code of another priority left to be written: `above_faults` is that of then.
    virtual Outcome write_deferred(Address address, const std::uint32_t* words, unsigned count,
                                   bool privileged, bool above_faults) = 0;
};

class ExceptionUnit {
public:
    ExceptionUnit(EngineRegisters& registers, PrivateBus& ppb, StackPort& memory);

    enum class Result : std::uint8_t {
        done,
        wait,     // a slave holds the access; nothing has changed, try again at `until()`
        lock_up,  // see `lock_up_report`
        pended,   // a fault is pending and can be taken now
    };

    /// A pending exception the NVIC named is entered; pc is the return address.
    Result take(unsigned exception);
    /// A synchronous exception of the running instruction, its status bits already reported. Goes to its
    /// handler, to HardFault, or locks up.
    Result raise(unsigned exception);
    /// The running handler branched to `exc_return`.
    Result leave(std::uint32_t exc_return);
    /// PreserveFPState: an FPU instruction is about to execute and the frame of FPCAR is still open. `done`:
    /// it may.
    Result preserve();
    /// MSP and PC from the vector table, as at reset.
    Result start(Address vectors);

    Time until() const { return until_; }
    const std::string& lock_up_report() const { return report_; }
    Masks masks() const {
        return {r_.primask() != 0, r_.faultmask() != 0, static_cast<std::uint8_t>(r_.basepri())};
    }

private:
    struct Frame {
        Address at = 0;
        std::array<std::uint32_t, 26> words{};
        unsigned count = 8;
    };
    static constexpr unsigned kFpWords = 17;  // S0-S15, FPSCR; the word behind them is reserved

    Result enter(unsigned exception, bool forced);
    Result vector(unsigned exception);
    Result derived(unsigned fault, unsigned original);
    Result lock_up(std::string_view why);
    Result invalid_return(std::uint32_t exc_return, std::string_view why);
    void open_frame(Address fp_words, bool privileged, bool thread, const Masks& masks);
    void fp_words(std::uint32_t* words) const;
    unsigned report_stacking(const Outcome& outcome, bool unstacking);
    Result held(const Outcome& outcome);

    EngineRegisters& r_;
    PrivateBus& ppb_;
    StackPort& memory_;
    Time until_ = 0;
    std::string report_;
};

}  // namespace h7::cpu

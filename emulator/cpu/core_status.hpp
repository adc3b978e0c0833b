// What the private peripherals ask of the core they belong to, and the numbers of its exceptions.
#pragma once

#include <cstdint>

namespace h7::cpu {

// Exception numbers of ARMv7-M (IPSR, vector index). Interrupt n is exception kFirstIrq + n.
inline constexpr unsigned kThread = 0;  // IPSR of Thread mode: no exception
inline constexpr unsigned kNmi = 2;
inline constexpr unsigned kHardFault = 3;
inline constexpr unsigned kMemManage = 4;
inline constexpr unsigned kBusFault = 5;
inline constexpr unsigned kUsageFault = 6;
inline constexpr unsigned kSvCall = 11;
inline constexpr unsigned kDebugMonitor = 12;
inline constexpr unsigned kPendSv = 14;
inline constexpr unsigned kSysTick = 15;
inline constexpr unsigned kFirstIrq = 16;
inline constexpr unsigned kIrqs = 150;  // both cores, system.md 5.1
inline constexpr unsigned kExceptions = kFirstIrq + kIrqs;

/// The mask registers. `basepri` as MSR wrote it: 0 masks nothing, only bits 7:4 exist.
struct Masks {
    bool primask = false;
    bool faultmask = false;
    std::uint8_t basepri = 0;
};

/// Implemented by the core; asked only while an access to the private peripheral bus is served, so nothing
/// here has to be kept up to date while code runs.
class CoreStatus {
public:
    virtual ~CoreStatus() = default;
    /// Core clock cycles since the core was made, sleep included. Never goes back, not even at a reset.
    virtual std::uint64_t cycles() const = 0;
    /// IPSR.
    virtual unsigned exception() const = 0;
    virtual Masks masks() const = 0;
    /// As DHCSR tells a debugger.
    virtual bool stands() const { return false; }  // under its debugger
    virtual bool sleeps() const { return false; }
    virtual bool locked_up() const { return false; }
};

}  // namespace h7::cpu

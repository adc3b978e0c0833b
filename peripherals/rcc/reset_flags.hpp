// Flags of RCC_RSR: what caused the last resets (system.md 3.2). Each core has its own copy of the register.
#pragma once

#include <cstdint>

namespace h7::rcc {

inline constexpr std::uint32_t kC1RstF = 1U << 17;    // the CM7 was reset
inline constexpr std::uint32_t kC2RstF = 1U << 18;    // the CM4 was reset
inline constexpr std::uint32_t kD1RstF = 1U << 19;    // D1 left DStandby, or power-on
inline constexpr std::uint32_t kD2RstF = 1U << 20;    // D2 left DStandby, or power-on
inline constexpr std::uint32_t kBorRstF = 1U << 21;   // brown-out
inline constexpr std::uint32_t kPinRstF = 1U << 22;   // NRST; set with every reset of the whole system
inline constexpr std::uint32_t kPorRstF = 1U << 23;   // power-on
inline constexpr std::uint32_t kSft1RstF = 1U << 24;  // SYSRESETREQ of the CM7
inline constexpr std::uint32_t kSft2RstF = 1U << 25;  // SYSRESETREQ of the CM4
inline constexpr std::uint32_t kIwdg1RstF = 1U << 26;
inline constexpr std::uint32_t kIwdg2RstF = 1U << 27;
inline constexpr std::uint32_t kWwdg1RstF = 1U << 28;
inline constexpr std::uint32_t kWwdg2RstF = 1U << 29;
inline constexpr std::uint32_t kLpwr1RstF = 1U << 30;  // forbidden low-power entry of D1 / CM7
inline constexpr std::uint32_t kLpwr2RstF = 1U << 31;  // forbidden low-power entry of D2 / CM4

/// Value of the register after power-on.
inline constexpr std::uint32_t kAfterPowerOn =
    kC1RstF | kC2RstF | kD1RstF | kD2RstF | kBorRstF | kPinRstF | kPorRstF;

}  // namespace h7::rcc

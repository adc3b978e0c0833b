// The FLASH registers the driver uses (flash-rules.md 21). Bank registers are offsets inside a register set.
#pragma once

#include <cstdint>

#include "emulator/fabric/access.hpp"

namespace h7::rss::flash_registers {

inline constexpr Address kBase = 0x5200'2000;
inline constexpr Address kSet1 = kBase;          // the bank seen at 0x08000000 (F-125)
inline constexpr Address kSet2 = kBase + 0x100;  // the bank seen at 0x08100000

// Common registers.
inline constexpr Address kOptkeyr = kBase + 0x08;
inline constexpr Address kOptcr = kBase + 0x18;
inline constexpr Address kOptsrCur = kBase + 0x1C;
inline constexpr Address kOptsrPrg = kBase + 0x20;
inline constexpr Address kOptccr = kBase + 0x24;
inline constexpr Address kBoot7Cur = kBase + 0x40;
inline constexpr Address kBoot7Prg = kBase + 0x44;
inline constexpr Address kBoot4Cur = kBase + 0x48;
inline constexpr Address kBoot4Prg = kBase + 0x4C;

// Offsets in a register set.
inline constexpr Address kKeyr = 0x04, kCr = 0x0C, kSr = 0x10, kCcr = 0x14;
inline constexpr Address kPrarCur = 0x28, kPrarPrg = 0x2C, kScarCur = 0x30, kScarPrg = 0x34;
inline constexpr Address kWpsnCur = 0x38, kWpsnPrg = 0x3C;

inline constexpr std::uint32_t kKey1 = 0x4567'0123, kKey2 = 0xCDEF'89AB;        // F-177
inline constexpr std::uint32_t kOptKey1 = 0x0819'2A3B, kOptKey2 = 0x4C5D'6E7F;  // F-178

// CR (F-268).
inline constexpr std::uint32_t kLock = 1U << 0, kPg = 1U << 1, kSer = 1U << 2, kBer = 1U << 3,
                               kStart = 1U << 7;
inline constexpr std::uint32_t kSnb = 7U << 8, kSpss2 = 1U << 14;
inline constexpr unsigned kSnbShift = 8;

// SR (F-269) and CCR (F-270).
inline constexpr std::uint32_t kQw = 1U << 2, kCrcBusy = 1U << 3;
inline constexpr std::uint32_t kEop = 1U << 16, kWrperr = 1U << 17, kPgserr = 1U << 18, kStrberr = 1U << 19;
inline constexpr std::uint32_t kIncerr = 1U << 21, kOperr = 1U << 22;
inline constexpr std::uint32_t kWriteErrors = kWrperr | kPgserr | kStrberr | kIncerr | kOperr;
inline constexpr std::uint32_t kAllFlags = (0xFU << 16) | (0xFFU << 21);

// OPTCR, OPTSR_CUR, OPTCCR (F-271, F-149, F-272).
inline constexpr std::uint32_t kOptlock = 1U << 0, kOptstart = 1U << 1, kMer = 1U << 4, kSwapBank = 1U << 31;
inline constexpr std::uint32_t kOptBusy = 1U << 0, kOptchangeerr = 1U << 30;

}  // namespace h7::rss::flash_registers

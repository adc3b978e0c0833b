// System flash of bank 1 as ST would have written it: the table of RSS entry points, the stubs behind it, the
// certificate, the bootloader's vector table, and the engineering bytes. rss-sfi-bootloader.md 1.2, 2.1, 6.1.
#pragma once

#include <cstdint>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/access.hpp"
#include "rss/identity.hpp"

namespace h7::rss {

inline constexpr Address kRomBase = 0x1FF0'0000;
inline constexpr std::uint32_t kRomBytes = 0x2'0000;
inline constexpr Address kTable = 0x1FF0'9500;        // nine function pointers
inline constexpr Address kBootVectors = 0x1FF0'9800;  // the bootloader's vector table
inline constexpr Address kBootEntry = 0x1FF0'9B00;    // where its reset vector points
inline constexpr Address kCertificate = 0x1FF0'F000;  // what getCertificate returns (ours)
inline constexpr Address kBootloaderId = 0x1FF1'E7FE;
inline constexpr std::uint16_t kStubBkpt = 0xBE5E;  // BKPT #0x5E: native code goes on from here
inline constexpr std::uint16_t kStubUdf = 0xDE00;   // UDF #0: whoever enters a stub in its middle faults

/// What the engineering bytes say of the part (system.md 1.4).
struct PartFacts {
    std::uint32_t flash_kilobytes = 2048;
    std::uint32_t line_identifier = 0x4837'3535;  // "H755"
    std::uint8_t bootloader_id = 0x92;            // V9.2
    std::uint16_t ts_cal1 = 12'305;               // ADC counts, 16 bits, at 30 and 110 degrees C and 3.3 V
    std::uint16_t ts_cal2 = 16'100;
    std::uint16_t vrefint_cal = 24'050;
};

/// The 128 Kbytes at kRomBase. Holds no secret: the private part is zeros, the RSS runs natively.
Bytes rom_image(const Identity& identity, const PartFacts& part);

}  // namespace h7::rss

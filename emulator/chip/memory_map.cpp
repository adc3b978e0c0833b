#include "emulator/chip/memory_map.hpp"

namespace h7::chip {
namespace {

using enum Master;

// system.md 1.2. AP0 reaches what the CM7 reaches, AP3 what the CM4 reaches, AP1 the D3 domain only,
// AP2 the debug bus only (7.1).
constexpr Masters kCm7{cm7, ap0};
constexpr Masters kCm4{cm4, ap3};
constexpr Masters kCores = kCm7 | kCm4;
constexpr Masters kTcm = kCm7 | Masters{mdma};
constexpr Masters kAxi = kCores | Masters{mdma, dma1, dma2, eth, usb1, usb2, sdmmc1, sdmmc2, dma2d, ltdc};
constexpr Masters kSram123 = kCores | Masters{mdma, dma1, dma2, eth, usb1, usb2, sdmmc2, dma2d};
constexpr Masters kD1Registers = kCores | Masters{mdma, dma1, dma2, eth, usb1, usb2, sdmmc2};
constexpr Masters kD2Registers = kCores | Masters{mdma, dma1, dma2, dma2d};
constexpr Masters kD3 = kCores | Masters{mdma, dma1, dma2, bdma, sdmmc2, ap1};

// clang-format off
constexpr Region kMap[] = {
    //first        last         target                canonical    who            name, domain
    {0x0000'0000U, 0x0000'FFFFU, Target::ram,          0x0000'0000U, kTcm,         "ITCM", 1},
    {0x0000'0000U, 0x0000'FFFFU, Target::boot_window,  0x0000'0000U, kCm4,         "CM4 boot window", 0},
    {0x0800'0000U, 0x081F'FFFFU, Target::flash,        0x0800'0000U, kAxi,         "user flash", 1},
    {0x1000'0000U, 0x1004'7FFFU, Target::ram,          0x3000'0000U, kSram123,     "SRAM1-3 alias", 2},
    {0x1FF0'0000U, 0x1FF1'FFFFU, Target::system_flash, 0x1FF0'0000U, kCm7 | Masters{mdma, dma1, dma2, eth, usb1, usb2, sdmmc1, sdmmc2, dma2d, ltdc}, "system flash bank 1", 1},
    {0x1FF4'0000U, 0x1FF5'FFFFU, Target::system_flash, 0x1FF4'0000U, kCm7 | Masters{mdma, dma1, dma2, eth, usb1, usb2, sdmmc1, sdmmc2, dma2d, ltdc}, "system flash bank 2", 1},
    {0x2000'0000U, 0x2001'FFFFU, Target::ram,          0x2000'0000U, kTcm,         "DTCM", 1},
    {0x2400'0000U, 0x2407'FFFFU, Target::ram,          0x2400'0000U, kAxi,         "AXI SRAM", 1},
    {0x3000'0000U, 0x3004'7FFFU, Target::ram,          0x3000'0000U, kSram123,     "SRAM1-3", 2},
    {0x3800'0000U, 0x3800'FFFFU, Target::ram,          0x3800'0000U, kD3,          "SRAM4", 3},
    {0x3880'0000U, 0x3880'0FFFU, Target::backup_sram,  0x3880'0000U, kD3,          "backup SRAM", 3},
    {0x4000'0000U, 0x4FFE'FFFFU, Target::peripheral,   0x4000'0000U, kD2Registers, "D2 peripherals", 2},
    {0x4FFF'0000U, 0x4FFF'FFFFU, Target::peripheral,   0x4FFF'0000U, kD2Registers, "SEC", 0},
    {0x5000'0000U, 0x57FF'FFFFU, Target::peripheral,   0x5000'0000U, kD1Registers, "D1 peripherals", 1},
    {0x5800'0000U, 0x5BFF'FFFFU, Target::peripheral,   0x5800'0000U, kD3,          "D3 peripherals", 3},
    {0x5C00'0000U, 0x5C0F'FFFFU, Target::peripheral,   0x5C00'0000U, kCores | Masters{ap2}, "debug registers", 0},
};
// clang-format on

}  // namespace

std::span<const Region> memory_map() { return kMap; }

const Region* find_region(Address address, Master master) {
    for (const Region& row : kMap) {
        if (row.first > address) break;  // rows are in address order
        if (row.holds(address) && row.reach.has(master)) return &row;
    }
    return nullptr;
}

}  // namespace h7::chip

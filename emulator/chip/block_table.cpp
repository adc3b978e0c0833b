#include "emulator/chip/block_table.hpp"

namespace h7::chip {
namespace {

// RCC enable registers by their offset in the "current core" window.
constexpr Address kAhb3 = 0xD4, kAhb1 = 0xD8, kAhb2 = 0xDC, kAhb4 = 0xE0, kApb3 = 0xE4, kApb1l = 0xE8,
                  kApb1h = 0xEC, kApb2 = 0xF0, kApb4 = 0xF4;

constexpr std::optional<ClockGate> kAlways = std::nullopt;

// clang-format off
constexpr StoredBlock kStored[] = {
    //name        base          size    gate
    {"SPI2",      0x4000'3800U, 0x400,  ClockGate{kApb1l, 14}},
    {"SPI3",      0x4000'3C00U, 0x400,  ClockGate{kApb1l, 15}},
    {"SPDIFRX",   0x4000'4000U, 0x400,  ClockGate{kApb1l, 16}},
    {"I2C1",      0x4000'5400U, 0x400,  ClockGate{kApb1l, 21}},
    {"I2C2",      0x4000'5800U, 0x400,  ClockGate{kApb1l, 22}},
    {"I2C3",      0x4000'5C00U, 0x400,  ClockGate{kApb1l, 23}},
    {"CEC",       0x4000'6C00U, 0x400,  ClockGate{kApb1l, 27}},
    {"DAC1",      0x4000'7400U, 0x400,  ClockGate{kApb1l, 29}},
    {"CRS",       0x4000'8400U, 0x400,  ClockGate{kApb1h, 1}},
    {"SWPMI",     0x4000'8800U, 0x400,  ClockGate{kApb1h, 2}},
    {"OPAMP",     0x4000'9000U, 0x400,  ClockGate{kApb1h, 4}},
    {"MDIOS",     0x4000'9400U, 0x400,  ClockGate{kApb1h, 5}},
    {"FDCAN1",    0x4000'A000U, 0x400,  ClockGate{kApb1h, 8}},
    {"FDCAN2",    0x4000'A400U, 0x400,  ClockGate{kApb1h, 8}},
    {"CAN-CCU",   0x4000'A800U, 0x400,  ClockGate{kApb1h, 8}},
    {"CAN RAM",   0x4000'AC00U, 0x2800, ClockGate{kApb1h, 8}},
    {"SPI1",      0x4001'3000U, 0x400,  ClockGate{kApb2, 12}},
    {"SPI4",      0x4001'3400U, 0x400,  ClockGate{kApb2, 13}},
    {"SPI5",      0x4001'5000U, 0x400,  ClockGate{kApb2, 20}},
    {"SAI1",      0x4001'5800U, 0x400,  ClockGate{kApb2, 22}},
    {"SAI2",      0x4001'5C00U, 0x400,  ClockGate{kApb2, 23}},
    {"SAI3",      0x4001'6000U, 0x400,  ClockGate{kApb2, 24}},
    {"DFSDM1",    0x4001'7000U, 0x400,  ClockGate{kApb2, 28}},
    {"HRTIM",     0x4001'7400U, 0x400,  ClockGate{kApb2, 29}},
    {"ADC12",     0x4002'2000U, 0x400,  ClockGate{kAhb1, 5}},
    {"ART",       0x4002'4400U, 0x400,  ClockGate{kAhb1, 14}},
    {"ETH",       0x4002'8000U, 0x1400, ClockGate{kAhb1, 15}},
    {"USB1",      0x4004'0000U, 0x40000, ClockGate{kAhb1, 25}},
    {"USB2",      0x4008'0000U, 0x40000, ClockGate{kAhb1, 27}},
    {"DCMI",      0x4802'0000U, 0x400,  ClockGate{kAhb2, 0}},
    {"SDMMC2",    0x4802'2400U, 0x400,  ClockGate{kAhb2, 9}},
    {"DLYB-SDMMC2", 0x4802'2800U, 0x400, ClockGate{kAhb2, 9}},
    {"RAMECC2",   0x4802'3000U, 0x400,  kAlways},
    {"DSI",       0x5000'0000U, 0x1000, ClockGate{kApb3, 4}},
    {"LTDC",      0x5000'1000U, 0x1000, ClockGate{kApb3, 3}},
    {"GPV",       0x5100'0000U, 0x100000, kAlways},
    {"JPEG",      0x5200'3000U, 0x1000, ClockGate{kAhb3, 5}},
    {"FMC",       0x5200'4000U, 0x1000, ClockGate{kAhb3, 12}},
    {"QUADSPI",   0x5200'5000U, 0x1000, ClockGate{kAhb3, 14}},
    {"DLYB-QSPI", 0x5200'6000U, 0x1000, ClockGate{kAhb3, 14}},
    {"SDMMC1",    0x5200'7000U, 0x1000, ClockGate{kAhb3, 16}},
    {"DLYB-SDMMC1", 0x5200'8000U, 0x1000, ClockGate{kAhb3, 16}},
    {"RAMECC1",   0x5200'9000U, 0x1000, kAlways},
    {"SPI6",      0x5800'1400U, 0x400,  ClockGate{kApb4, 5}},
    {"I2C4",      0x5800'1C00U, 0x400,  ClockGate{kApb4, 7}},
    {"COMP",      0x5800'3800U, 0x400,  ClockGate{kApb4, 14}},
    {"VREFBUF",   0x5800'3C00U, 0x400,  ClockGate{kApb4, 15}},
    {"SAI4",      0x5800'5400U, 0x400,  ClockGate{kApb4, 21}},
    {"ADC3",      0x5802'6000U, 0x400,  ClockGate{kAhb4, 24}},
    {"RAMECC3",   0x5802'7000U, 0x400,  kAlways},
    // trace components of the system (system.md 1.1); a debugger's set-up writes them
    {"SWO",       0x5C00'3000U, 0x1000, kAlways},
    {"SWTF",      0x5C00'4000U, 0x1000, kAlways},
    {"TSG",       0x5C00'5000U, 0x1000, kAlways},
    {"SYS CTI",   0x5C01'1000U, 0x1000, kAlways},
    {"CSTF",      0x5C01'3000U, 0x1000, kAlways},
    {"ETF",       0x5C01'4000U, 0x1000, kAlways},
    {"TPIU",      0x5C01'5000U, 0x1000, kAlways},
};
// clang-format on

}  // namespace

std::span<const StoredBlock> stored_blocks() { return kStored; }

bool on(const Part& part, const StoredBlock& block) {
    if (part.cm4) return true;
    return block.name != "ART" && block.name != "DSI";
}

}  // namespace h7::chip

// The ready bits and reset values of blocks without a model, as far as start-up code and drivers poll them
// (system.md 6.12; bit numbers: RM0399, the registers of each block).
#include <algorithm>

#include "emulator/base/bits.hpp"
#include "emulator/chip/block_table.hpp"

namespace h7::chip {
namespace {

using storage::Habit;
using K = Habit::Kind;

constexpr std::uint32_t bit(unsigned n) { return 1U << n; }

// clang-format off
constexpr Habit kAdc[] = {  // ADC1 and, 0x100 behind it, ADC2
    {K::resets_to,  0x008, bit(29)},                          // CR.DEEPPWD
    {K::follows,    0x000, bit(0), 0x008, bit(0)},            // ISR.ADRDY: ADEN
    {K::follows,    0x000, bit(12), 0x008, bit(28)},          // ISR.LDORDY: ADVREGEN
    {K::follows,    0x000, bit(2) | bit(3), 0x008, bit(2)},   // ISR.EOC, EOS: ADSTART
    {K::clears,     0x008, bit(0) | bit(1) | bit(2), 0x008, bit(1)},  // ADDIS ends ADEN
    {K::clears,     0x008, bit(2) | bit(4), 0x008, bit(4)},   // ADSTP ends ADSTART
    {K::reads_zero, 0x008, bit(31)},                          // ADCAL
    {K::resets_to,  0x108, bit(29)},
    {K::follows,    0x100, bit(0), 0x108, bit(0)},
    {K::follows,    0x100, bit(12), 0x108, bit(28)},
    {K::follows,    0x100, bit(2) | bit(3), 0x108, bit(2)},
    {K::clears,     0x108, bit(0) | bit(1) | bit(2), 0x108, bit(1)},
    {K::clears,     0x108, bit(2) | bit(4), 0x108, bit(4)},
    {K::reads_zero, 0x108, bit(31)},
};
constexpr Habit kI2c[] = {  // nobody answers: every transfer ends with NACK and STOP
    {K::resets_to,  0x018, bit(0)},                           // ISR.TXE
    {K::reads_zero, 0x018, bit(15)},                          // BUSY
    {K::sets,       0x018, bit(4) | bit(5), 0x004, bit(13)},  // NACKF, STOPF: CR2.START
    {K::reads_zero, 0x004, bit(13) | bit(14)},                // CR2.START, STOP
    {K::acknowledged, 0x018, mask(13, 3), 0x01C},             // ICR
};
constexpr Habit kSpi[] = {
    {K::resets_to,  0x014, bit(1) | bit(12)},                 // SR.TXP, TXC
    {K::resets_to,  0x008, 0x0007'0007},                      // CFG1
    {K::reads_one,  0x014, bit(1) | bit(12)},
    {K::follows,    0x014, bit(3) | bit(4), 0x000, bit(9)},   // EOT, TXTF: CR1.CSTART
};
constexpr Habit kUsb[] = {
    {K::reads_one,  0x010, bit(31)},                          // GRSTCTL.AHBIDL
    {K::reads_zero, 0x010, bit(0) | bit(4) | bit(5)},         // CSRST, RXFFLSH, TXFFLSH
    {K::follows,    0x014, bit(0), 0x00C, bit(29)},           // GINTSTS.CMOD: GUSBCFG.FHMOD
    {K::resets_to,  0x00C, 0x0000'1440},                      // GUSBCFG
    {K::resets_to,  0x014, 0x0400'0020},
};
constexpr Habit kSdmmc[] = {  // there is no card: a command without response is sent, any other times out
    {K::sets,       0x034, bit(2) | bit(7), 0x00C, bit(12)},  // STA.CTIMEOUT, CMDSENT: CMD.CPSMEN
    {K::acknowledged, 0x034, 0x1FE0'0FFF, 0x038},             // ICR
};
constexpr Habit kQuadspi[] = {
    {K::reads_zero, 0x008, bit(5)},                           // SR.BUSY
    {K::reads_one,  0x008, bit(1) | bit(2)},                  // TCF, FTF
    {K::reads_zero, 0x000, bit(1)},                           // CR.ABORT
};
constexpr Habit kFmc[] = {
    {K::resets_to,  0x000, 0x0000'30DB},                      // BCR1
    {K::resets_to,  0x004, 0x0FFF'FFFF},                      // BTR1
    {K::resets_to,  0x008, 0x0000'30D2}, {K::resets_to, 0x00C, 0x0FFF'FFFF},
    {K::resets_to,  0x010, 0x0000'30D2}, {K::resets_to, 0x014, 0x0FFF'FFFF},
    {K::resets_to,  0x018, 0x0000'30D2}, {K::resets_to, 0x01C, 0x0FFF'FFFF},
    {K::resets_to,  0x140, 0x0000'02D0}, {K::resets_to, 0x144, 0x0000'02D0},  // SDCR1, SDCR2
    {K::resets_to,  0x148, 0x0FFF'FFFF}, {K::resets_to, 0x14C, 0x0FFF'FFFF},  // SDTR1, SDTR2
    {K::reads_zero, 0x158, bit(5)},                           // SDSR.BUSY
};
constexpr Habit kFdcan[] = {
    {K::resets_to,  0x018, bit(0)},                           // CCCR.INIT; it acknowledges by reading back
    {K::follows,    0x018, bit(3), 0x018, bit(4)},            // CSA: CSR
};
constexpr Habit kVrefbuf[] = {
    {K::resets_to,  0x000, bit(1)},                           // CSR.HIZ
    {K::follows,    0x000, bit(3), 0x000, bit(0)},            // VRR: ENVR
};
constexpr Habit kEth[] = {
    {K::reads_zero, 0x1000, bit(0)},                          // DMAMR.SWR
    {K::reads_zero, 0x0200, bit(0)},                          // MACMDIOAR.MB
    {K::reads_zero, 0x0D00, bit(0)},                          // MTLTXQOMR.FTQ
};
constexpr Habit kDsi[] = {
    {K::reads_one,  0x40C, bit(8) | bit(12)},                 // WISR.PLLLS, RRS
    {K::reads_one,  0x074, bit(0) | bit(2) | bit(4)},         // GPSR: FIFOs are empty
};
constexpr Habit kCrs[] = {
    {K::resets_to,  0x000, 0x0000'2000},                      // CR
    {K::resets_to,  0x004, 0x2022'BB7F},                      // CFGR
    {K::reads_zero, 0x000, bit(7)},                           // SWSYNC
};
constexpr Habit kJpeg[] = {{K::resets_to, 0x034, 0x0000'0006}};  // SR: the input FIFO has room
constexpr Habit kArt[] = {{K::resets_to, 0x000, 0x0000'0004}};   // CTR

struct Row {
    std::string_view block;
    std::span<const Habit> habits;
};
constexpr Row kRows[] = {
    {"ADC12", kAdc}, {"ADC3", kAdc}, {"I2C1", kI2c}, {"I2C2", kI2c}, {"I2C3", kI2c}, {"I2C4", kI2c},
    {"SPI1", kSpi}, {"SPI2", kSpi}, {"SPI3", kSpi}, {"SPI4", kSpi}, {"SPI5", kSpi}, {"SPI6", kSpi},
    {"USB1", kUsb}, {"USB2", kUsb}, {"SDMMC1", kSdmmc}, {"SDMMC2", kSdmmc}, {"QUADSPI", kQuadspi}, {"FMC", kFmc},
    {"FDCAN1", kFdcan}, {"FDCAN2", kFdcan}, {"VREFBUF", kVrefbuf}, {"ETH", kEth}, {"DSI", kDsi}, {"CRS", kCrs},
    {"JPEG", kJpeg}, {"ART", kArt},
};
// clang-format on

}  // namespace

std::span<const Habit> habits_of(std::string_view name) {
    const auto* row = std::ranges::find(kRows, name, &Row::block);
    return row == std::end(kRows) ? std::span<const Habit>{} : row->habits;
}

std::size_t blocks_with_habits() { return std::size(kRows); }

}  // namespace h7::chip

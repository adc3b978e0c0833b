// Which bits of the common layout each timer has (RM0399, register maps of the six timer chapters).
#include "peripherals/tim/tim.hpp"

namespace h7::tim {
namespace {

constexpr std::uint32_t kAll = 0xFFFF'FFFF;

struct Row {
    Address offset;
    std::uint32_t basic, one, two, tim15, tim16, general, general_32, advanced;
};
// clang-format off
constexpr Row kRows[] = {
    //offset basic   one     two     tim15        tim16     general      general_32   advanced
    {0x00, 0x088F, 0x0B8F, 0x0B8F, 0x0B8F,      0x0B8F,   0x0BFF,      0x0BFF,      0x0BFF},       // CR1
    {0x04, 0x0070, 0,      0x00F0, 0x07FD,      0x030D,   0x00F8,      0x00F8,      0x00F5'7FFD},  // CR2
    {0x08, 0,      0,      0x0031'00F7, 0x0031'00F7, 0,   0x0031'FFF7, 0x0031'FFF7, 0x0031'FFF7},  // SMCR
    {0x0C, 0x0101, 0x0003, 0x0047, 0x63E7,      0x03A3,   0x5F5F,      0x5F5F,      0x7FFF},       // DIER
    {0x10, 0x0001, 0x0203, 0x0647, 0x06E7,      0x02A3,   0x1E5F,      0x1E5F,      0x0003'3FFF},  // SR
    {0x14, 0x0001, 0x0003, 0x0047, 0x00E7,      0x00A3,   0x005F,      0x005F,      0x01FF},       // EGR
    {0x18, 0,      0x0001'00FF, 0x0101'FFFF, 0x0101'FFFF, 0x0001'00FF, 0x0101'FFFF, 0x0101'FFFF, 0x0101'FFFF},  // CCMR1
    {0x1C, 0,      0,      0,      0,           0,        0x0101'FFFF, 0x0101'FFFF, 0x0101'FFFF},  // CCMR2
    {0x20, 0,      0x000B, 0x00BB, 0x00BF,      0x000F,   0xBBBB,      0xBBBB,      0x0033'BFFF},  // CCER
    {0x24, 0x8000'FFFF, 0x8000'FFFF, 0x8000'FFFF, 0x8000'FFFF, 0x8000'FFFF, 0x8000'FFFF, kAll, 0x8000'FFFF},  // CNT
    {0x28, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,      0xFFFF,   0xFFFF,      0xFFFF,      0xFFFF},       // PSC
    {0x2C, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,      0xFFFF,   0xFFFF,      kAll,        0xFFFF},       // ARR
    {0x30, 0,      0,      0,      0x00FF,      0x00FF,   0,           0,           0xFFFF},       // RCR
    {0x34, 0,      0xFFFF, 0xFFFF, 0xFFFF,      0xFFFF,   0xFFFF,      kAll,        0xFFFF},       // CCR1
    {0x38, 0,      0,      0xFFFF, 0xFFFF,      0,        0xFFFF,      kAll,        0xFFFF},       // CCR2
    {0x3C, 0,      0,      0,      0,           0,        0xFFFF,      kAll,        0xFFFF},       // CCR3
    {0x40, 0,      0,      0,      0,           0,        0xFFFF,      kAll,        0xFFFF},       // CCR4
    {0x44, 0,      0,      0,      0x000F'FFFF, 0x000F'FFFF, 0,        0,           0x03FF'FFFF},  // BDTR
    {0x48, 0,      0,      0,      0x1F1F,      0x1F1F,   0x1F1F,      0x1F1F,      0x1F1F},       // DCR
    {0x4C, 0,      0,      0,      0xFFFF,      0xFFFF,   0xFFFF,      0xFFFF,      kAll},         // DMAR
    {0x54, 0,      0,      0,      0,           0,        0,           0,           0x0101'FCFC},  // CCMR3
    {0x58, 0,      0,      0,      0,           0,        0,           0,           0xE000'FFFF},  // CCR5
    {0x5C, 0,      0,      0,      0,           0,        0,           0,           0xFFFF},       // CCR6
    {0x60, 0,      0,      0,      0x0F07,      0x0F07,   0x0003'C000, 0x0003'C000, 0x0003'CF07},  // AF1
    {0x64, 0,      0,      0,      0,           0,        0,           0,           0x0F07},       // AF2
    {0x68, 0,      0x000F, 0x0F0F, 0x0F0F,      0x000F,   0x0F0F'0F0F, 0x0F0F'0F0F, 0x0F0F'0F0F},  // TISEL
};
// clang-format on

}  // namespace

std::uint32_t implemented(Kind kind, Address offset) {
    static constexpr auto table = [] {
        std::array<std::array<std::uint32_t, 8>, 27> all{};
        for (const Row& row : kRows)
            all[row.offset / 4] = {row.basic, row.one,     row.two,        row.tim15,
                                   row.tim16, row.general, row.general_32, row.advanced};
        return all;
    }();
    return offset / 4 < table.size() ? table[offset / 4][static_cast<unsigned>(kind)] : 0;
}

}  // namespace h7::tim

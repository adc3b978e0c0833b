// RM0399, "EXTI registers" (system.md 5.2). Fields are named by the lines they stand for.
#pragma once

#include "peripherals/exti/exti.hpp"

namespace h7::exti {

// clang-format off
inline constexpr Register<Exti> Exti::registers[36] = {
    {.offset = 0x00, .name = "RTSR1", .fields = {{bits(21, 0), "TR0_21", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x04, .name = "FTSR1", .fields = {{bits(21, 0), "TR0_21", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x08, .name = "SWIER1", .fields = {{bits(21, 0), "SWIER0_21", w}},
     .written = &Exti::software_trigger},
    {.offset = 0x0C, .name = "D3PMR1", .fields = {{bits(15, 0), "MR0_15", not_modelled}, {bits(21, 19), "MR19_21", not_modelled}, {bit(25), "MR25", not_modelled}}},
    {.offset = 0x10, .name = "D3PCR1L", .fields = {{bits(31, 0), "PCS0_15", not_modelled}}},
    {.offset = 0x14, .name = "D3PCR1H", .fields = {{bits(11, 6), "PCS19_21", not_modelled}, {bits(19, 18), "PCS25", not_modelled}}},

    {.offset = 0x20, .name = "RTSR2", .fields = {{bit(17), "TR49", rw}, {bit(19), "TR51", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x24, .name = "FTSR2", .fields = {{bit(17), "TR49", rw}, {bit(19), "TR51", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x28, .name = "SWIER2", .fields = {{bit(17), "SWIER49", w}, {bit(19), "SWIER51", w}},
     .written = &Exti::software_trigger},
    {.offset = 0x2C, .name = "D3PMR2", .fields = {{bits(3, 2), "MR34_35", not_modelled}, {bit(9), "MR41", not_modelled}, {bits(21, 16), "MR48_53", not_modelled}}},
    {.offset = 0x30, .name = "D3PCR2L", .fields = {{bits(7, 4), "PCS34_35", not_modelled}, {bits(19, 18), "PCS41", not_modelled}}},
    {.offset = 0x34, .name = "D3PCR2H", .fields = {{bits(11, 0), "PCS48_53", not_modelled}}},

    {.offset = 0x40, .name = "RTSR3", .fields = {{bit(18), "TR82", rw}, {bits(22, 20), "TR84_86", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x44, .name = "FTSR3", .fields = {{bit(18), "TR82", rw}, {bits(22, 20), "TR84_86", rw}},
     .written = &Exti::edges_written},
    {.offset = 0x48, .name = "SWIER3", .fields = {{bit(18), "SWIER82", w}, {bits(22, 20), "SWIER84_86", w}},
     .written = &Exti::software_trigger},
    {.offset = 0x4C, .name = "D3PMR3", .fields = {{bit(24), "MR88", not_modelled}}},
    {.offset = 0x50, .name = "D3PCR3L", .fields = {}},
    {.offset = 0x54, .name = "D3PCR3H", .fields = {{bits(17, 16), "PCS88", not_modelled}}},

    {.offset = 0x80, .name = "C1IMR1", .reset = 0xFFC0'0000, .fields = {{bits(31, 0), "MR0_31", rw}},
     .written = &Exti::masks_written},
    {.offset = 0x84, .name = "C1EMR1", .fields = {{bits(31, 0), "MR0_31", rw}}},
    {.offset = 0x88, .name = "C1PR1", .fields = {{bits(21, 0), "PR0_21", rc_w1}},
     .written = &Exti::masks_written},
    {.offset = 0x90, .name = "C1IMR2", .reset = 0xFFF5'FFFF, .fields = {{bits(12, 0), "MR32_44", rw}, {bit(13), "RES45", r}, {bits(31, 14), "MR46_63", rw}},
     .written = &Exti::masks_written},
    {.offset = 0x94, .name = "C1EMR2", .fields = {{bits(12, 0), "MR32_44", rw}, {bits(31, 14), "MR46_63", rw}}},
    {.offset = 0x98, .name = "C1PR2", .fields = {{bit(17), "PR49", rc_w1}, {bit(19), "PR51", rc_w1}},
     .written = &Exti::masks_written},
    {.offset = 0xA0, .name = "C1IMR3", .reset = 0x018B'FFFF, .fields = {{bits(16, 0), "MR64_80", rw}, {bit(17), "RES81", r}, {bit(18), "MR82", rw}, {bit(19), "RES83", r}, {bits(24, 20), "MR84_88", rw}},
     .written = &Exti::masks_written},
    {.offset = 0xA4, .name = "C1EMR3", .fields = {{bits(16, 0), "MR64_80", rw}, {bit(18), "MR82", rw}, {bits(24, 20), "MR84_88", rw}}},
    {.offset = 0xA8, .name = "C1PR3", .fields = {{bit(18), "PR82", rc_w1}, {bits(22, 20), "PR84_86", rc_w1}},
     .written = &Exti::masks_written},

    {.offset = 0xC0, .name = "C2IMR1", .reset = 0xFFC0'0000, .fields = {{bits(31, 0), "MR0_31", rw}},
     .written = &Exti::masks_written},
    {.offset = 0xC4, .name = "C2EMR1", .fields = {{bits(31, 0), "MR0_31", rw}}},
    {.offset = 0xC8, .name = "C2PR1", .fields = {{bits(21, 0), "PR0_21", rc_w1}},
     .written = &Exti::masks_written},
    {.offset = 0xD0, .name = "C2IMR2", .reset = 0xFFF5'FFFF, .fields = {{bits(12, 0), "MR32_44", rw}, {bit(13), "RES45", r}, {bits(31, 14), "MR46_63", rw}},
     .written = &Exti::masks_written},
    {.offset = 0xD4, .name = "C2EMR2", .fields = {{bits(12, 0), "MR32_44", rw}, {bits(31, 14), "MR46_63", rw}}},
    {.offset = 0xD8, .name = "C2PR2", .fields = {{bit(17), "PR49", rc_w1}, {bit(19), "PR51", rc_w1}},
     .written = &Exti::masks_written},
    {.offset = 0xE0, .name = "C2IMR3", .reset = 0x018B'FFFF, .fields = {{bits(16, 0), "MR64_80", rw}, {bit(17), "RES81", r}, {bit(18), "MR82", rw}, {bit(19), "RES83", r}, {bits(24, 20), "MR84_88", rw}},
     .written = &Exti::masks_written},
    {.offset = 0xE4, .name = "C2EMR3", .fields = {{bits(16, 0), "MR64_80", rw}, {bit(18), "MR82", rw}, {bits(24, 20), "MR84_88", rw}}},
    {.offset = 0xE8, .name = "C2PR3", .fields = {{bit(18), "PR82", rc_w1}, {bits(22, 20), "PR84_86", rc_w1}},
     .written = &Exti::masks_written},
};
// clang-format on
static_assert(well_formed(Exti::registers), "two EXTI fields overlap, or a reserved bit has a reset value");

}  // namespace h7::exti

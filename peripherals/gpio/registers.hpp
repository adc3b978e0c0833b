// RM0399, "GPIO registers" (system.md 6.1). A field holds all sixteen pins, pin 0 in the lowest bits. Reset
// values are those of ports C to K; ports A and B differ for the debug pins (gpio.cpp).
#pragma once

#include "peripherals/gpio/gpio.hpp"

namespace h7::gpio {

// clang-format off
inline constexpr Register<Gpio> Gpio::registers[10] = {
    {.offset = 0x00, .name = "MODER", .reset = 0xFFFF'FFFF, .fields = {
         {bits(31, 0),  "MODE",     rw}},     // 2 bits a pin: input, output, alternate function, analog
     .written = &Gpio::two_bits_written},
    {.offset = 0x04, .name = "OTYPER", .fields = {
         {bits(15, 0),  "OT",       rw}},     // 1 = open drain
     .written = &Gpio::one_bit_written},
    {.offset = 0x08, .name = "OSPEEDR", .fields = {
         {bits(31, 0),  "OSPEED",   rw}},
     .written = &Gpio::two_bits_written},
    {.offset = 0x0C, .name = "PUPDR", .fields = {
         {bits(31, 0),  "PUPD",     rw}},     // 2 bits a pin: none, up, down
     .written = &Gpio::two_bits_written},
    {.offset = 0x10, .name = "IDR", .fields = {
         {bits(15, 0),  "ID",       r }},
     .live = &Gpio::input},
    {.offset = 0x14, .name = "ODR", .fields = {
         {bits(15, 0),  "OD",       rw}},
     .written = &Gpio::output_written},
    {.offset = 0x18, .name = "BSRR", .fields = {
         {bits(15, 0),  "BS",       w }, {bits(31, 16), "BR",       w }},
     .written = &Gpio::set_reset_written},
    {.offset = 0x1C, .name = "LCKR", .fields = {
         {bits(15, 0),  "LCK",      rw}, {bit(16),      "LCKK",     rw}},
     .written = &Gpio::lock_written},
    {.offset = 0x20, .name = "AFRL", .fields = {
         {bits(31, 0),  "AFR",      rw}},     // 4 bits a pin, pins 0..7
     .written = &Gpio::alternate_written},
    {.offset = 0x24, .name = "AFRH", .fields = {
         {bits(31, 0),  "AFR",      rw}},     // pins 8..15
     .written = &Gpio::alternate_written},
};
// clang-format on
static_assert(well_formed(Gpio::registers));

}  // namespace h7::gpio

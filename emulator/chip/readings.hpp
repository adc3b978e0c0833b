// Where the manual is silent or contradicts itself, the chip takes the reading of our decisions (D-nn), or
// the other one. A chip file keeps those that are not the default; `h7rss chip new --reading NAME=VALUE` sets
// them.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/result.hpp"
#include "peripherals/flash/controller.hpp"

namespace h7::chip {

enum class RamFill : std::uint8_t { random, zeros, ones };

struct Readings {
    flash::Readings flash{};             // D-03, D-04
    bool one_argument_exit = false;      // D-10: exitSecureArea without jtagState
    RamFill ram_fill = RamFill::random;  // D-13: by the seed, so that code that trusts zeros fails
    bool exit_clears_registers = false;  // D-20
    bool strict_bus_faults = false;      // D-29: a refused store is precise, too
};

/// One question with its answers, the default first.
struct Reading {
    std::string_view name;      // "bank_erase_with_protection"
    std::string_view decision;  // "D-04"
    std::string_view question;
    std::array<std::string_view, 3> values;  // "": no such answer
    unsigned (*get)(const Readings&);        // index of `values`
    void (*set)(Readings&, unsigned);

    std::string_view value_in(const Readings& readings) const { return values[get(readings)]; }
};
std::span<const Reading> all_readings();

/// "refuse|erase_rest"
std::string values_text(const Reading& reading);

/// Name -> value, as a chip file keeps them. Error (misuse): an unknown name or value; says what is known.
Result<Readings> readings_of(const std::map<std::string, std::string>& named);

}  // namespace h7::chip

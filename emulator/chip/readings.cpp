#include "emulator/chip/readings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::chip {
namespace {

// clang-format off
constexpr Reading kReadings[] = {
    {"secure_area_without_security", "D-03", "a valid secure-only area while SECURITY is 0", {"closed", "ignored"},
     [](const Readings& r) { return r.flash.sealed_areas_ignored ? 1U : 0U; },
     [](Readings& r, unsigned n) { r.flash.sealed_areas_ignored = n == 1; }},
    {"bank_erase_with_protection", "D-04", "a bank or mass erase over a protected sector", {"refuse", "erase_rest"},
     [](const Readings& r) { return r.flash.bank_erase_skips_protected ? 1U : 0U; },
     [](Readings& r, unsigned n) { r.flash.bank_erase_skips_protected = n == 1; }},
    {"exit_abi", "D-10", "arguments of exitSecureArea; with 1 the debug port always opens", {"2", "1"},
     [](const Readings& r) { return r.one_argument_exit ? 1U : 0U; },
     [](Readings& r, unsigned n) { r.one_argument_exit = n == 1; }},
    {"ram_fill", "D-13", "RAM at power-on", {"random", "zeros", "ones"},
     [](const Readings& r) { return static_cast<unsigned>(r.ram_fill); },
     [](Readings& r, unsigned n) { r.ram_fill = static_cast<RamFill>(n); }},
    {"exit_clears_registers", "D-20", "R0-R12 are zero after exitSecureArea", {"no", "yes"},
     [](const Readings& r) { return r.exit_clears_registers ? 1U : 0U; },
     [](Readings& r, unsigned n) { r.exit_clears_registers = n == 1; }},
    {"strict_bus_faults", "D-29", "the bus fault of a store is precise", {"no", "yes"},
     [](const Readings& r) { return r.strict_bus_faults ? 1U : 0U; },
     [](Readings& r, unsigned n) { r.strict_bus_faults = n == 1; }},
};
// clang-format on

}  // namespace

std::span<const Reading> all_readings() { return kReadings; }

std::string values_text(const Reading& reading) {
    std::string all;
    for (const std::string_view value : reading.values)
        if (!value.empty()) all += fmt::format("{}{}", all.empty() ? "" : "|", value);
    return all;
}

Result<Readings> readings_of(const std::map<std::string, std::string>& named) {
    Readings readings;
    for (const auto& [name, value] : named) {
        const auto reading = std::ranges::find(kReadings, name, &Reading::name);
        if (reading == std::end(kReadings)) {
            std::string known;
            for (const Reading& one : kReadings)
                known += fmt::format("{}{}={}", known.empty() ? "" : ", ", one.name, values_text(one));
            return misuse(fmt::format("reading {}={}: no such reading; known are {}", name, value, known));
        }
        const auto at = std::ranges::find(reading->values, value);
        if (value.empty() || at == reading->values.end())
            return misuse(fmt::format("reading {}={}: one of {} ({})", name, value, values_text(*reading),
                                      reading->decision));
        reading->set(readings, static_cast<unsigned>(at - reading->values.begin()));
    }
    return readings;
}

}  // namespace h7::chip

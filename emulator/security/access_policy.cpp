#include "emulator/security/access_policy.hpp"

#include <array>
#include <cassert>
#include <cstddef>

namespace h7::security {
namespace {

// A state as a number. Places: the 8 combinations of user flash, then the 4 other regions. Who: the 4
// contexts of the CM7, then CM4, DMA, debugger.
constexpr std::size_t kPlaces = 12, kActions = 5, kWho = 7, kModes = 3;
constexpr std::size_t kStates = kPlaces * kActions * kWho * 2 * kModes;

constexpr std::size_t number_of(const Place& place) {
    if (place.region != Region::user) return 7 + static_cast<std::size_t>(place.region);
    return (place.pcrop ? 4U : 0U) + (place.secure ? 2U : 0U) + (place.write_protected ? 1U : 0U);
}
constexpr Place place_of(std::size_t n) {
    if (n >= 8) return {static_cast<Region>(n - 7)};
    return {Region::user, (n & 4) != 0, (n & 2) != 0, (n & 1) != 0};
}
constexpr std::size_t number_of(const Request& r) {
    return r.by == By::cm7 ? static_cast<std::size_t>(r.code) : 3 + static_cast<std::size_t>(r.by);
}
constexpr std::size_t state_of(const Protection& chip, const Place& place, const Request& request) {
    const bool intruded = when::intruded(chip, request);
    std::size_t n = number_of(place);
    n = n * kActions + static_cast<std::size_t>(request.action);
    n = n * kWho + number_of(request);
    n = n * 2 + (intruded ? 1 : 0);
    return n * kModes + static_cast<std::size_t>(chip.secure_only);
}

constexpr std::array<std::uint8_t, kStates> decide_every_state() {
    std::array<std::uint8_t, kStates> table{};
    for (std::size_t n = 0; n < kStates; ++n) {
        std::size_t rest = n;
        const auto take = [&rest](std::size_t radix) {
            const std::size_t digit = rest % radix;
            rest /= radix;
            return digit;
        };
        const auto mode = static_cast<SecureOnly>(take(kModes));
        const bool intruded = take(2) != 0;
        const std::size_t who = take(kWho);
        const auto action = static_cast<Action>(take(kActions));
        const By asker = who < 4 ? By::cm7 : static_cast<By>(who - 3);
        const auto code = who < 4 ? static_cast<Context>(who) : Context::application;
        const Rule& rule = rule_for({intruded ? Rdp::level1 : Rdp::level0, intruded, mode}, place_of(rest),
                                    {action, asker, code});
        table[n] = static_cast<std::uint8_t>(&rule - kFlashPolicy);
    }
    return table;
}
constexpr auto kDecided = decide_every_state();

}  // namespace

const Rule& decided_rule(const Protection& chip, const Place& place, const Request& request) {
    assert(request.by != By::any && request.action != Action::any);  // those are for rows
    return kFlashPolicy[kDecided[state_of(chip, place, request)]];
}

std::string_view name_of(Flag flag) {
    switch (flag) {
        case Flag::none:
            return "";
        case Flag::wrperr:
            return "WRPERR";
        case Flag::rdperr:
            return "RDPERR";
        case Flag::rdserr:
            return "RDSERR";
        case Flag::crcrderr:
            return "CRCRDERR";
    }
    return "";
}

std::string_view name_of(Action action) {
    switch (action) {
        case Action::read:
            return "read";
        case Action::fetch:
            return "fetch";
        case Action::program:
            return "program";
        case Action::erase:
            return "erase";
        case Action::checksum:
            return "checksum";
        case Action::any:
            return "any";
    }
    return "";
}

}  // namespace h7::security

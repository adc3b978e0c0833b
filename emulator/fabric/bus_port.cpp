#include "emulator/fabric/bus_port.hpp"

#include <fmt/format.h>

namespace h7 {

std::string refusal_text(std::string_view engine, std::string_view channel, const Access& access,
                         const BusFault& fault, std::string_view effect) {
    return fmt::format("{} {}: {} of {} {} at 0x{:08x} refused: {}{}{}; {}", engine, channel,
                       name_of(access.op), access.size, access.size == 1 ? "byte" : "bytes", access.address,
                       fault.why, fault.rule.empty() ? "" : ", ", fault.rule, effect);
}

}  // namespace h7

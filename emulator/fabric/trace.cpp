#include "emulator/fabric/trace.hpp"

#include <fmt/format.h>

#include <array>

namespace h7 {

std::string_view name_of(Topic topic) {
    static constexpr std::array<std::string_view, 9> kNames = {"bus",  "flash", "option", "irq",   "reset",
                                                               "boot", "rss",   "core",   "notice"};
    return kNames[static_cast<std::size_t>(topic)];
}

void Trace::line(Topic topic, std::string_view text) {
    if (!on(topic)) return;
    const Actor who = actor();
    sink_(fmt::format("{:>15} ps  {:<4} {:08x}  {:<6} {}", who.now, who.name, who.pc, name_of(topic), text));
}

void Trace::notice(std::string_view text) {
    line(Topic::notice, text);
    if (notice_) notice_(text);
}

void Trace::unmodelled(std::string_view block, std::string_view what, const Access& access) {
    if (!seen_.insert(fmt::format("{}.{} {}", block, what, name_of(access.op))).second) return;
    notice(fmt::format("not modelled: {} of {}.{} at 0x{:08x} by {} at pc 0x{:08x}", name_of(access.op),
                       block, what, access.address, name_of(access.master), actor().pc));
}

}  // namespace h7

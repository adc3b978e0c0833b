#include "emulator/debug/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emulator/chip/memory_map.hpp"

namespace h7::debug {
namespace {

constexpr std::size_t kMostSaid = 8;

}  // namespace

Probe::Probe(chip::Chip& chip, Master core, std::string name)
    : chip_(chip),
      core_(core),
      port_(core == Master::cm4 ? Master::ap3 : Master::ap0),
      name_(std::move(name)) {}

std::string Probe::refusal() const {
    if (chip_.flash().rdp() == security::Rdp::level1)
        return "RDP is level 1, and a debugger that connects closes the user flash until power-on (F-200, "
               "A-34)";
    const chip::PortState port = chip_.debug_port().state(port_, 0x2400'0000U);
    if (port.open) return {};
    return fmt::format("{}: {} ({})", name_of(port_), port.why, port.rule);
}

BusResult<std::uint64_t> Probe::read(Address address, unsigned size) {
    return chip_.debug_port().read(port_, address, size);
}

BusResult<void> Probe::write(Address address, unsigned size, std::uint64_t value) {
    return chip_.debug_port().write(port_, address, size, value);
}

bool Probe::is_ram(Address address, std::uint32_t size) const {
    const chip::Region* region = chip::find_region(address, port_);
    return region != nullptr && region->target == chip::Target::ram && size != 0 &&
           size - 1 <= region->last - address;
}

std::vector<Target::Ram> Probe::rams() const {
    static constexpr std::array<Address, 5> kCm7 = {0x2000'0000, 0x2400'0000, 0x0000'0000, 0x3000'0000,
                                                    0x3800'0000};
    static constexpr std::array<Address, 3> kCm4 = {0x3000'0000, 0x3800'0000, 0x2400'0000};
    std::vector<Ram> all;
    const auto add = [&](const auto& addresses) {
        for (const Address first : addresses) all.push_back({first, chip_.ram(first)});
    };
    if (core_ == Master::cm4)
        add(kCm4);
    else
        add(kCm7);
    return all;
}

void Probe::say(std::string_view text) {
    if (said_.size() >= kMostSaid || std::find(said_.begin(), said_.end(), text) != said_.end()) return;
    said_.emplace_back(text);
    chip_.trace().notice(fmt::format("{}: {}", name_, text));
}

bool Poll::awake() const {
    return chip_.cm7().state() == cpu::RunState::running || chip_.cm4().state() == cpu::RunState::running;
}

void Poll::arm() {
    const Time next = (chip_.clock().now() / period_ + 1) * period_;
    event_ = chip_.clock().at(next, "the debug probe looks", [this] { due(); });
}

void Poll::due() {
    event_ = 0;
    action_();
    if (awake()) arm();
}

}  // namespace h7::debug

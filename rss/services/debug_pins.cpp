#include "rss/services/debug_pins.hpp"

#include "emulator/base/bits.hpp"
#include "rss/install/bus.hpp"

namespace h7::rss {
namespace {

// GPIOA and its clock gate (system.md 5, 6.1).
constexpr Address kAhb4enr = 0x5802'44E0, kModer = 0x5802'0000, kOspeedr = 0x5802'0008, kPupdr = 0x5802'000C;
constexpr std::uint32_t kGpioaEnable = 1;
constexpr unsigned kPa13 = 13, kPa14 = 14;

struct Setting {
    Address reg;
    std::uint32_t pa13, pa14;  // two bits a pin
};

void set_pins(Machine& machine, std::initializer_list<Setting> settings) {
    const Bus bus(machine);
    const auto clocks = bus.read32(kAhb4enr);
    if (!clocks || !bus.write32(kAhb4enr, *clocks | kGpioaEnable)) return;
    for (const Setting& to : settings) {
        const auto now = bus.read32(to.reg);
        if (!now) continue;
        const std::uint32_t pa13 = insert(*now, 2 * kPa13 + 1, 2 * kPa13, to.pa13);
        static_cast<void>(bus.write32(to.reg, insert(pa13, 2 * kPa14 + 1, 2 * kPa14, to.pa14)));
    }
    static_cast<void>(bus.write32(kAhb4enr, *clocks));
}

}  // namespace

void take_debug_pins(Machine& machine) {
    set_pins(machine, {{kModer, 0, 0}, {kOspeedr, 0, 0}, {kPupdr, 0, 0}});
}

void give_back_debug_pins(Machine& machine) {
    set_pins(machine, {{kModer, 2, 2}, {kOspeedr, 3, 0}, {kPupdr, 1, 2}});
}

}  // namespace h7::rss

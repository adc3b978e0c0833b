#include "emulator/chip/debug_port.hpp"

namespace h7::chip {
namespace {

/// The private peripherals of a core. AP1 and AP2 belong to none.
bool private_bus(Master ap, Address a) {
    return (ap == Master::ap0 || ap == Master::ap3) && a >= 0xE000'0000U && a <= 0xE00F'FFFFU;
}

// APB-D as AP2 and as the cores see it (system.md 1.1, 7.1).
constexpr Address kApbd = 0xE00E'0000U, kApbdEnd = 0xE00F'FFFFU, kApbdWindow = 0x5C00'0000U;

}  // namespace

BusResult<Access> DebugPort::request(Master ap, Address address, unsigned size, Op op) {
    const PortState port = ports_.state(ap, address);
    if (!port.open) return bus_error(port.why, port.rule);
    ports_.connected();
    if (ap == Master::ap2) {
        if (address < kApbd || address > kApbdEnd)
            return bus_error("AP2 reaches the debug bus alone, 0xE00E0000-0xE00FFFFF", "system.md 7.1");
        address = address - kApbd + kApbdWindow;
    }
    return Access{address, static_cast<std::uint8_t>(size), op, ap, Context::application, true};
}

BusResult<std::uint64_t> DebugPort::read(Master ap, Address address, unsigned size) {
    const Access access = TRY(request(ap, address, size, Op::read));
    return private_bus(ap, address) ? ports_.read_private(access) : ports_.bus.read(access);
}

BusResult<void> DebugPort::write(Master ap, Address address, unsigned size, std::uint64_t value) {
    const Access access = TRY(request(ap, address, size, Op::write));
    return private_bus(ap, address) ? ports_.write_private(access, value) : ports_.bus.write(access, value);
}

}  // namespace h7::chip

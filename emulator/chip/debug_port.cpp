#include "emulator/chip/debug_port.hpp"

namespace h7::chip {
namespace {

/// The private peripherals of a core. AP1 belongs to none: no slave of D3 is there.
bool private_bus(Master ap, Address a) { return ap != Master::ap1 && a >= 0xE000'0000U && a <= 0xE00F'FFFFU; }

}  // namespace

BusResult<Access> DebugPort::request(Master ap, Address address, unsigned size, Op op) {
    const PortState port = ports_.state(ap, address);
    if (!port.open) return bus_error(port.why, port.rule);
    ports_.connected();
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

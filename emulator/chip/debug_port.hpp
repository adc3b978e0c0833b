// The debug access ports as requesters (system.md 7, rss-sfi-bootloader.md 1.7): AP0 sees what the CM7 sees,
// AP3 what the CM4 sees, AP1 the D3 domain, AP2 the debug bus APB-D (DBGMCU and the trace components) at
// 0xE00E0000. Connecting is remembered: at RDP level 1 it closes user
// flash until power-on.
#pragma once

#include <functional>
#include <string_view>

#include "emulator/fabric/access.hpp"

namespace h7::chip {

/// Why an access port does not answer; empty: it does.
struct PortState {
    bool open = true;
    std::string_view why = "";
    std::string_view rule = "";
};

/// What decides, asked at every access.
struct DebugPorts {
    std::function<PortState(Master ap, Address address)> state;
    std::function<void()> connected;  // first transaction of any port
    Slave& bus;
    std::function<BusResult<std::uint64_t>(const Access&)> read_private;  // 0xE0000000-0xE00FFFFF of a core
    std::function<BusResult<void>(const Access&, std::uint64_t)> write_private;
};

class DebugPort {
public:
    explicit DebugPort(DebugPorts ports) : ports_(std::move(ports)) {}

    /// Whether `ap` (Master::ap0, ap1, ap2 or ap3) would answer at `address`, without connecting.
    PortState state(Master ap, Address address) const { return ports_.state(ap, address); }

    /// A memory access through `ap`; 1, 2, 4 or 8 bytes. Error: the port is closed (why names the reason), or
    /// the bus answered with an error.
    BusResult<std::uint64_t> read(Master ap, Address address, unsigned size);
    BusResult<void> write(Master ap, Address address, unsigned size, std::uint64_t value);

private:
    BusResult<Access> request(Master ap, Address address, unsigned size, Op op);
    DebugPorts ports_;
};

}  // namespace h7::chip

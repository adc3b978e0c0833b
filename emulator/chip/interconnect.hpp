// The bus matrix: takes an access from any master to the slave that answers it, through the memory map, the
// CM4's boot window and the clock gates. Cores come here for everything their TLB may not hold; DMA, debugger
// and RSS always.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/chip/memory_map.hpp"
#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/memory.hpp"
#include "emulator/fabric/peripheral.hpp"
#include "emulator/fabric/trace.hpp"
#include "peripherals/rcc/rcc.hpp"

namespace h7::flash {
class Controller;
}

namespace h7::chip {

class CacheChecker;

/// Where a block gets its bus clock: an RCC xxxENR offset (0x0D4..0x0F4) and bit. Blocks without a gate
/// always answer.
struct ClockGate {
    Address enr = 0;
    unsigned bit = 0;
    /// A second bit of the same register that opens the gate as well; 32: there is none.
    unsigned or_bit = 32;
};

/// What the interconnect asks its neighbours.
struct InterconnectPorts {
    flash::Controller& flash;
    Trace& trace;
    std::function<rcc::ClockEnable(ClockGate)> enable;  // open for at least one core (system.md 4.1)
    std::function<const std::uint32_t*(ClockGate)> reset_register;  // xRSTR, its bits as in xENR (3.1)
    std::function<bool()> backup_writable;                          // PWR_CR1.DBP (system.md 4.4)
    std::function<bool()> backup_blocked;                           // RDP level 1 intrusion (F-200)
    /// DMA, debugger or RSS wrote RAM: translated code there is stale. A core's own stores are its engine's
    /// business.
    std::function<void(Address canonical, unsigned size)> ram_written = {};
};

class Interconnect final : public BusPort {
public:
    explicit Interconnect(InterconnectPorts ports)
        : ports_(std::move(ports)), backup_sram_(ports_.enable(kBackupSramGate)) {}

    // --- building the machine ---
    void attach(Ram& ram) { rams_[ram.base()] = &ram; }
    void attach(Peripheral& block, std::optional<ClockGate> gate = std::nullopt);

    /// From now on accesses to RAM that several masters reach are shown to `checker`, those of the cores too.
    void set_cache_checker(CacheChecker& checker) { caches_ = &checker; }
    /// Every access there is shown to the cache checker: nothing of it may enter a TLB.
    bool watched(Address canonical) const;

    // --- the bus ---
    /// Any access of 1, 2, 4 or 8 bytes. Unaligned accesses to memory are taken apart; to a peripheral they
    /// are a bus error, as Device memory answers them.
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    /// What `first.master` reads from `first.address` on without anybody being asked for each access: how
    /// many bytes, perhaps none. `out.size()` is a multiple of 8, `first.address` too.
    std::size_t read_plain(const Access& first, MutableBytes out);
    /// The same for RAM that is filled with `value`.
    std::size_t fill_plain(const Access& first, std::size_t size, std::uint64_t value);
    /// Between two RAM blocks that the cache checker does not watch.
    bool copy(const Copy& copy) override;

    /// Domains D1 and D2 that have no power (DStandby): nobody answers there.
    void set_dark(std::array<bool, 2> domains) {
        dark_ = domains;
        any_dark_ = domains[0] || domains[1];
    }
    bool dark(const Region& region) const {
        return any_dark_ && region.domain >= 1 && region.domain <= 2 && dark_[region.domain - 1];
    }

    /// The view of the CM4 and of AP3 of 0x00000000-0x0000FFFF is this address on (system.md 2.3).
    void set_boot_window(Address start) { boot_window_ = start; }
    Address boot_window() const { return boot_window_; }
    /// The address the CM4 window stands for; any other address unchanged.
    Address behind_window(Address address, Master master) const {
        const bool sees_it = master == Master::cm4 || master == Master::ap3;
        return sees_it && address <= 0xFFFFU ? boot_window_ + address : address;
    }

    /// The RAM block that holds `canonical`; null when none does.
    Ram* ram_at(Address canonical) const;
    /// The block whose registers are at `address`; null when none is.
    Peripheral* peripheral_at(Address address) const;
    /// All blocks, ascending.
    std::vector<Peripheral*> peripherals() const;
    /// The blocks behind one clock gate.
    std::vector<Peripheral*> clocked_by(ClockGate gate) const;

private:
    struct Slot {
        Peripheral* block;
        std::optional<ClockGate> gate;
        rcc::ClockEnable enable;                // when there is a gate
        const std::uint32_t* resets = nullptr;  // likewise
        std::map<Address, std::string> names;   // offset -> register, for the trace; filled at first use
        bool closed() const { return gate && !enable.open(); }
        bool held_in_reset() const { return gate && (*resets >> gate->bit & 1U) != 0; }
    };
    static constexpr ClockGate kBackupSramGate{0xE0, 28};
    struct Plain {
        Ram* ram;
        std::size_t offset;
    };
    std::optional<Plain> plain_ram(Address address, std::uint32_t size, Master master) const;
    struct Route {
        const Region* region;
        Access access;  // with the window translated away
    };
    std::optional<Route> route(Access access) const;
    Slot* slot_at(Address address);
    bool at_last_block(const Access& access) const;
    BusResult<std::uint64_t> read_routed(const Route& route);
    BusResult<void> write_routed(const Route& route, std::uint64_t value);
    BusResult<std::uint64_t> read_peripheral(const Access& access);
    BusResult<void> write_peripheral(const Access& access, std::uint64_t value);
    void trace_register(Slot& slot, const Access& access, std::uint64_t value, bool ok);

    InterconnectPorts ports_;
    rcc::ClockEnable backup_sram_;
    CacheChecker* caches_ = nullptr;
    std::map<Address, Ram*> rams_;
    std::map<Address, Slot> blocks_;
    Slot* last_ = nullptr;                         // whoever was accessed last mostly is again
    mutable const Region* last_region_ = nullptr;  // of the memory map, likewise
    std::array<bool, 2> dark_{};
    bool any_dark_ = false;
    Address boot_window_ = 0x0810'0000U;
};

}  // namespace h7::chip

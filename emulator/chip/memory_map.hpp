// The memory map as each master sees it: one row per region, in address order (system.md 1.1, 1.2). The map
// only says where an address leads and who has a path to it; what may be done there is decided by the slave.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "emulator/fabric/access.hpp"

namespace h7::chip {

/// A set of bus masters.
class Masters {
public:
    constexpr Masters() = default;
    constexpr Masters(std::initializer_list<Master> list) {
        for (const Master m : list) bits_ |= bit(m);
    }
    constexpr bool has(Master m) const { return (bits_ & bit(m)) != 0; }
    constexpr Masters operator|(Masters other) const {
        Masters all;
        all.bits_ = bits_ | other.bits_;
        return all;
    }

private:
    static constexpr std::uint32_t bit(Master m) { return 1U << static_cast<unsigned>(m); }
    std::uint32_t bits_ = 0;
};

enum class Target : std::uint8_t {
    ram,
    flash,         // user flash, visible addresses (before bank swap)
    system_flash,  // both banks of system memory
    boot_window,   // the CM4's alias of its boot memory at 0 (system.md 2.3)
    backup_sram,
    peripheral,  // a block of table 1.3, found by address
};

struct Region {
    Address first = 0, last = 0;
    Target target = Target::ram;
    Address canonical = 0;  // address of `first` in its storage: SRAM1 at 0x10000000 is 0x30000000
    Masters reach;
    std::string_view name;
    unsigned domain = 0;  // 1, 2 or 3: whose supply it needs (system.md 1.6); 0: always there

    constexpr bool holds(Address a) const { return a >= first && a <= last; }
    constexpr Address canonical_of(Address a) const { return canonical + (a - first); }
};

/// All regions, ascending; rows of different masters may cover the same address (ITCM and the CM4 window at
/// 0).
std::span<const Region> memory_map();

/// The region `address` leads to for `master`; null: no slave answers (bus error).
const Region* find_region(Address address, Master master);

}  // namespace h7::chip

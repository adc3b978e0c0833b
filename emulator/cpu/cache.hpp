// What the data cache of the CM7 does with an address: the attributes of ARMv7-M B3.5 as the Cortex-M7 takes
// them, and the maintenance operations of its program. There is no cache in the model: who wants to know is
// the cache checker.
#pragma once

#include <cstdint>

#include "emulator/fabric/access.hpp"

namespace h7::cpu {

struct CachePolicy {
    bool cached = false;          // a load brings the line in
    bool write_back = false;      // a store stays in the cache; else it also goes to memory
    bool write_allocate = false;  // a store that misses brings the line in
    bool operator==(const CachePolicy&) const = default;
};

/// RASR.TEX, C and B, and S: memory shared with other masters is not cached on the Cortex-M7.
constexpr CachePolicy cache_policy(std::uint32_t tex, bool c, bool b, bool shared) {
    constexpr CachePolicy kNone{}, kWriteThrough{true, false, false}, kWriteBack{true, true, false},
        kWriteBackAllocate{true, true, true};
    if (shared) return kNone;
    if (tex == 0) return !c ? kNone : b ? kWriteBack : kWriteThrough;
    if (tex == 1) return c && b ? kWriteBackAllocate : kNone;
    if (tex < 4) return kNone;
    if (c) return b ? kWriteBack : kWriteThrough;  // 4 to 7: C and B are the inner policy
    return b ? kWriteBackAllocate : kNone;
}

/// The default memory map (system.md 1.1).
constexpr CachePolicy default_cache_policy(Address address) {
    switch (address >> 29) {
        case 0:
        case 4:
            return {true, false, false};
        case 1:
        case 3:
            return {true, true, true};
        default:
            return {};
    }
}

/// A write to DCIMVAC, DCCMVAC, DCISW and the like.
struct CacheOperation {
    bool clean = false;
    bool invalidate = false;
    bool by_set_way = false;
    std::uint32_t operand = 0;  // an address, or way in bits 31:30 and set in bits 11:5
};

}  // namespace h7::cpu

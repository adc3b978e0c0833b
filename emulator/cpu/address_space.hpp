// What a core sees of the chip. The chip implements one for each core (emulator/chip/access_view): map,
// aliases, flash policy, stalls. The core merges its own MPU on top, keeps the private peripheral bus to
// itself, and asks here only when a translation enters its TLB, so a rule costs nothing on a hit
// (spec/unicorn.md 3, 11).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "emulator/fabric/access.hpp"
#include "emulator/fabric/memory.hpp"

namespace h7::cpu {

/// The answer to "what may enter the TLB for this address?". It holds for the aligned `granule` around the
/// address.
struct View {
    enum class Kind : std::uint8_t {
        memory,  // host bytes at `canonical`; the rights say what may be done without asking again
        slave,   // every single access goes through load()/store(): peripherals, refused reads, ECC-bad words
        fault,   // bus error, see `fault`
        wait,    // the slave holds the transaction until fault.until; execute the access again then
    };
    Kind kind = Kind::fault;
    Address canonical =
        0;  // of the requested address: aliases, the CM4 window at 0 and bank swap translated away
    bool read = false;
    bool write = false;
    bool execute = false;
    std::uint32_t granule = 1024;  // bytes: 1024 or 256
    BusFault fault{};
};

/// Host bytes the engine maps once, at their canonical address.
struct MemoryBlock {
    Address canonical = 0;
    std::uint8_t* host = nullptr;
    std::uint32_t size = 0;
    bool writable = true;          // false: stores always go through store() (flash, system memory)
    HostMemory* memory = nullptr;  // gets a mark for every page that stores of the program change, where set
};

struct AddressRange {
    Address first = 0;
    std::uint32_t size = 0;
};

class AddressSpace {
public:
    virtual ~AddressSpace() = default;

    /// Rights at a TLB fill. `op` is what is wanted now; the answer may grant more. Has no side effect on
    /// flags for `memory`, `slave` and `wait`. A refused fetch (`fault`) has raised its flags.
    virtual View view(Address address, Op op, bool privileged) = 0;

    /// One data access that a View sent here, or any access of the exception unit. Raises flags, costs time.
    virtual BusResult<std::uint64_t> load(Address address, unsigned size, bool privileged) = 0;
    virtual BusResult<void> store(Address address, unsigned size, std::uint64_t value, bool privileged) = 0;

    /// All memory that can ever be executed or read without asking. Fixed for the life of the core.
    virtual std::vector<MemoryBlock> memory() const = 0;
    /// Guest address ranges, other than the canonical ones, from which code may be fetched (aliases, the
    /// window at 0).
    virtual std::vector<AddressRange> code_windows() const = 0;
    /// Guest address ranges whose stores always go through store(): flash and its aliases.
    virtual std::vector<AddressRange> store_windows() const = 0;
};

}  // namespace h7::cpu

// Looks for accesses that would meet stale data on silicon, where the data cache of the CM7 is not coherent
// with anybody (docs/caches.md). The model itself has no stale data: the program goes on with what it hoped
// to read.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "emulator/cpu/cache.hpp"
#include "emulator/fabric/access.hpp"
#include "emulator/fabric/clock.hpp"

namespace h7::chip {

/// One pair of instructions, or of an instruction and a DMA.
struct CacheFinding {
    enum class Kind : std::uint8_t {
        not_cleaned,      // the CM7 wrote, its cache has the only copy; somebody reads memory
        not_invalidated,  // somebody wrote memory; the CM7 reads its older copy of the line
    };
    struct Party {
        Master master = Master::cm7;
        Address pc = 0;  // 0: not a core
        auto operator<=>(const Party&) const = default;
    };
    Kind kind = Kind::not_cleaned;
    Party writer, reader;
    Address address = 0;  // of the first such access, as the reader sees it
    Time time = 0;        // likewise
    std::uint64_t count = 0;
};

/// What the checker asks its neighbours.
struct CacheCheckerPorts {
    std::function<cpu::CachePolicy(Address)> policy;  // of the CM7, at a guest address, right now
    std::function<Address(Master)> pc;                // of a core inside its access
    std::function<Time()> now;
};

class CacheChecker {
public:
    explicit CacheChecker(CacheCheckerPorts ports);

    /// RAM that more than one master reaches. The TCMs are never cached.
    static bool watches(Address canonical);

    /// An access of any master to watched RAM. `access.address` is the guest's, for the attributes.
    void read(const Access& access, Address canonical) { look(access, canonical, false); }
    void write(const Access& access, Address canonical) { look(access, canonical, true); }
    /// Cache maintenance by the CM7. `canonical`: of the address, for operations by address.
    void maintain(const cpu::CacheOperation& operation, Address canonical);
    /// The caches are off and empty after a reset of the CM7.
    void reset();

    /// In the order they were met.
    const std::vector<CacheFinding>& findings() const { return findings_; }

private:
    struct Line {                   // of 32 bytes; one bit a byte
        std::uint32_t dirty = 0;    // only the cache has it
        std::uint32_t foreign = 0;  // memory is newer than the cache
        bool held = false;          // the cache has the line
        Address pc = 0;             // who made it dirty
        CacheFinding::Party other;  // who wrote the foreign bytes
    };
    struct Block {
        Address first;
        std::uint32_t size;
        std::size_t line;  // of its first byte
    };
    static const std::array<Block, 4> kBlocks;
    static const Block* block_of(Address canonical);
    Line& line_at(Address canonical);
    void look(const Access& access, Address canonical, bool write);
    void look_line(const Access& access, Line& line, std::uint32_t bytes, bool write);
    void by_cm7(const Access& access, const cpu::CachePolicy& policy, Line& line, std::uint32_t bytes,
                bool write);
    void by_others(const Access& access, Line& line, std::uint32_t bytes, bool write);
    void report(CacheFinding::Kind kind, const CacheFinding::Party& writer, const Access& reader);
    CacheFinding::Party party(const Access& access) const;

    CacheCheckerPorts ports_;
    std::vector<Line> lines_;
    std::array<std::array<std::uint8_t, 128>, 3> ways_done_{};  // of each set, by operation
    std::vector<CacheFinding> findings_;
    std::map<std::tuple<CacheFinding::Party, CacheFinding::Party>, std::size_t> known_;
};

}  // namespace h7::chip

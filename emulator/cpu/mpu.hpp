// The memory protection unit of one core: PMSAv7, 16 regions on the CM7, 8 on the CM4. system.md 5.7, 1.1
// (default map); ARMv7-M B3.5. Asked when a translation enters the TLB; it costs nothing on a hit.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "emulator/cpu/cache.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

/// What may be done at an address, and the aligned block around it for which that is true.
struct MpuRights {
    bool read = false;
    bool write = false;
    bool execute = false;
    bool device = false;           // Device or Strongly-ordered memory: no unaligned accesses
    std::uint32_t granule = 1024;  // bytes: 1024, 512, .. 32
};

class Mpu final : public RegisterBlock<Mpu> {
public:
    static const Register<Mpu> registers[5];
    static constexpr unsigned kMaxRegions = 16;

    explicit Mpu(Model model);

    /// `above_faults`: the code runs at the priority of HardFault or NMI, or with FAULTMASK
    /// (Nvic::above_faults). A refused read or write is MemManage DACCVIOL, a refused fetch IACCVIOL.
    MpuRights check(Address address, bool privileged, bool above_faults) const;

    /// What a cache does there: the region's TEX, C, B and S, or the default map.
    CachePolicy cache_policy(Address address, bool above_faults) const;

    bool enabled() const;
    /// Entering or leaving HardFault, NMI and FAULTMASK changes the answers: the core drops its TLB then as
    /// well.
    bool depends_on_priority() const;

    /// Heard when an answer may have changed.
    std::function<void()> changed;

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

    /// The ARMv7-M default memory map, for everybody: readable, writable, and executable where memory is.
    static MpuRights default_map(Address address);

private:
    struct Region {
        std::uint32_t base = 0;        // RBAR.ADDR
        std::uint32_t attributes = 0;  // RASR
        bool exists() const;
        unsigned log2_size() const;
        bool covers(Address address) const;  // subregions considered
        std::uint32_t unit() const;  // the answer is the same in aligned blocks of this size (0: 4 Gbyte)
        bool overlaps(Address first, std::uint32_t size) const;
    };

    std::uint32_t region_number(unsigned) const;
    std::uint32_t region_base(unsigned) const;
    std::uint32_t region_attributes(unsigned) const;
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> number_written(const RegisterWrite& write);
    BusResult<void> base_written(const RegisterWrite& write);
    BusResult<void> attributes_written(const RegisterWrite& write);
    void tell() const {
        if (changed) changed();
    }

    unsigned count_;
    unsigned number_ = 0;  // RNR
    std::array<Region, kMaxRegions> regions_{};
};

}  // namespace h7::cpu

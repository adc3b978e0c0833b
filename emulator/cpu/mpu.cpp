#include "emulator/cpu/mpu.hpp"

#include <algorithm>

namespace h7::cpu {

// clang-format off
// system.md 5.7; ARMv7-M B3.5. Offsets from 0xE000ED90. RBAR and RASR show the region RNR names; the aliases too.
inline constexpr Register<Mpu> Mpu::registers[5] = {
    {.offset = 0x00, .name = "TYPE", .reset = 0x0000'1000,
     .fields = {{bit(0), "SEPARATE", r}, {bits(15, 8), "DREGION", r}, {bits(23, 16), "IREGION", r}}},
    {.offset = 0x04, .name = "CTRL",
     .fields = {{bit(0), "ENABLE", rw}, {bit(1), "HFNMIENA", rw}, {bit(2), "PRIVDEFENA", rw}},
     .written = &Mpu::control_written},
    {.offset = 0x08, .name = "RNR",
     .fields = {{bits(7, 0), "REGION", rw}}, .written = &Mpu::number_written, .live = &Mpu::region_number},
    // RBAR, RBAR_A1..A3 and RASR, RASR_A1..A3
    {.offset = 0x0C, .name = "RBAR",
     .fields = {{bits(3, 0), "REGION", rw}, {bit(4), "VALID", w}, {bits(31, 5), "ADDR", rw}},
     .count = 4, .stride = 8, .written = &Mpu::base_written, .live = &Mpu::region_base},
    {.offset = 0x10, .name = "RASR",
     .fields = {
         {bit(0),       "ENABLE", rw},
         {bits(5, 1),   "SIZE",   rw},
         {bits(15, 8),  "SRD",    rw},
         {bit(16),      "B",      rw},
         {bit(17),      "C",      rw},
         {bit(18),      "S",      rw},
         {bits(21, 19), "TEX",    rw},
         {bits(26, 24), "AP",     rw},
         {bit(28),      "XN",     rw}},
     .count = 4, .stride = 8, .written = &Mpu::attributes_written, .live = &Mpu::region_attributes},
};
// clang-format on
static_assert(well_formed(Mpu::registers));

namespace {

constexpr Address kSystemRegion = 0xE000'0000;
constexpr bool in_private_bus(Address a) { return a >= 0xE000'0000 && a <= 0xE00F'FFFF; }
constexpr std::uint32_t kAttributeBits = 0x173F'FF3F;  // the implemented bits of RASR

}  // namespace

Mpu::Mpu(Model model)
    : RegisterBlock("MPU", 0xE000'ED90, 0x2C), count_(model == Model::cortex_m7 ? 16U : 8U) {
    Mpu::reset(ResetKind::power_on);
}

void Mpu::reset(ResetKind) {
    regs_.reset();
    regs_.set<"TYPE.DREGION">(count_);
    number_ = 0;
    regions_ = {};
    tell();
}

bool Mpu::enabled() const { return regs_.get<"CTRL.ENABLE">() != 0; }
bool Mpu::depends_on_priority() const { return enabled() && regs_.get<"CTRL.HFNMIENA">() == 0; }

// --- one region ---

// 32 bytes is the smallest region; smaller SIZE values are reserved and match nothing.
bool Mpu::Region::exists() const { return test_bit(attributes, 0) && log2_size() >= 5; }

unsigned Mpu::Region::log2_size() const { return extract(attributes, 5, 1) + 1; }

bool Mpu::Region::covers(Address address) const {
    const unsigned size = log2_size();
    const std::uint32_t inside = size == 32 ? ~0U : (1U << size) - 1;
    if (((address ^ base) & ~inside) != 0) return false;
    if (size < 8) return true;  // regions below 256 bytes have no subregions
    return !test_bit(extract(attributes, 15, 8), (address >> (size - 3)) & 7U);
}

std::uint32_t Mpu::Region::unit() const {
    const unsigned size = log2_size();
    const bool divided = size >= 8 && extract(attributes, 15, 8) != 0;
    const unsigned log2 = divided ? size - 3 : size;
    return log2 == 32 ? 0 : 1U << log2;
}

// Both are powers of two at their own alignment: they are apart, or one contains the other.
bool Mpu::Region::overlaps(Address first, std::uint32_t size) const {
    const unsigned log2 = log2_size();
    const std::uint32_t inside = log2 == 32 ? ~0U : (1U << log2) - 1;
    return ((first ^ base) & ~(inside | (size - 1))) == 0;
}

// --- the decision ---

MpuRights Mpu::default_map(Address address) {
    const bool device = (address >= 0x4000'0000 && address <= 0x5FFF'FFFF) || address >= 0xA000'0000;
    return {true, true, !device, device, 1024};  // and devices are never executed
}

namespace {

/// RASR.AP: who may read and write.
MpuRights permissions(std::uint32_t ap, bool privileged) {
    switch (ap) {
        case 1:
            return {privileged, privileged};
        case 2:
            return {true, privileged};
        case 3:
            return {true, true};
        case 5:
            return {privileged, false};
        case 6:
        case 7:
            return {true, false};
        default:
            return {};  // 0: no access; 4 is reserved
    }
}

}  // namespace

namespace {

/// RASR.TEX, C, B: Strongly-ordered, shareable and non-shareable Device (B3.5.9).
bool is_device(std::uint32_t rasr) {
    const std::uint32_t tex = extract(rasr, 21, 19), cb = extract(rasr, 17, 16);
    return tex == 0 ? cb <= 1 : tex == 2 && cb == 0;
}

}  // namespace

MpuRights Mpu::check(Address address, bool privileged, bool above_faults) const {
    // The private peripheral bus always has the default attributes.
    if (!enabled() || in_private_bus(address)) return default_map(address);
    if (above_faults && regs_.get<"CTRL.HFNMIENA">() == 0) return default_map(address);

    std::uint32_t granule = 1024;
    const Region* hit = nullptr;
    for (const Region& region : regions_) {  // the highest number wins
        if (!region.exists()) continue;
        if (region.covers(address)) hit = &region;
        while (region.unit() != 0 && region.unit() < granule &&
               region.overlaps(align_down(address, granule), granule))
            granule /= 2;
    }
    MpuRights rights;
    if (hit != nullptr) {
        rights = permissions(extract(hit->attributes, 26, 24), privileged);
        rights.execute = rights.read && !test_bit(hit->attributes, 28) && address < kSystemRegion;
        rights.device = is_device(hit->attributes) || address >= kSystemRegion;
    } else if (privileged && regs_.get<"CTRL.PRIVDEFENA">() != 0) {
        rights = default_map(address);
    }
    rights.granule = granule;
    return rights;
}

CachePolicy Mpu::cache_policy(Address address, bool above_faults) const {
    if (!enabled() || (above_faults && regs_.get<"CTRL.HFNMIENA">() == 0))
        return default_cache_policy(address);
    const Region* hit = nullptr;
    for (const Region& region : regions_)
        if (region.exists() && region.covers(address)) hit = &region;
    if (hit == nullptr) return default_cache_policy(address);
    const std::uint32_t a = hit->attributes;
    return cpu::cache_policy(extract(a, 21, 19), test_bit(a, 17), test_bit(a, 16), test_bit(a, 18));
}

// --- registers ---

std::uint32_t Mpu::region_number(unsigned) const { return number_; }

std::uint32_t Mpu::region_base(unsigned) const { return regions_[number_].base | number_; }

std::uint32_t Mpu::region_attributes(unsigned) const { return regions_[number_].attributes; }

BusResult<void> Mpu::control_written(const RegisterWrite& write) {
    if (write.old != regs_.get<"CTRL">()) tell();
    return {};
}

// A number beyond the last region is reserved; it selects none, so the old one stays.
BusResult<void> Mpu::number_written(const RegisterWrite& write) {
    if (test_bit(write.lanes, 0) && (write.value & 0xFFU) < count_) number_ = write.value & 0xFFU;
    return {};
}

BusResult<void> Mpu::base_written(const RegisterWrite& write) {
    const std::uint32_t value = (region_base(0) & ~write.lanes) | write.value;
    if (test_bit(value, 4) && (value & 0xFU) < count_) number_ = value & 0xFU;
    const std::uint32_t base = value & ~0x1FU;
    const bool differs = regions_[number_].base != base;
    regions_[number_].base = base;
    if (differs && enabled()) tell();
    return {};
}

BusResult<void> Mpu::attributes_written(const RegisterWrite& write) {
    Region& region = regions_[number_];
    const std::uint32_t attributes = ((region.attributes & ~write.lanes) | write.value) & kAttributeBits;
    const bool differs = region.attributes != attributes;
    region.attributes = attributes;
    if (differs && enabled()) tell();
    return {};
}

void Mpu::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.u32(number_);
    for (const Region& region : regions_) {
        out.u32(region.base);
        out.u32(region.attributes);
    }
}

void Mpu::load(StateReader& in) {
    RegisterBlock::load(in);
    number_ = in.u32() % count_;
    for (Region& region : regions_) {
        region.base = in.u32();
        region.attributes = in.u32();
    }
    tell();
}

}  // namespace h7::cpu

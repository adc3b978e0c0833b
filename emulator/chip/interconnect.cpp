#include "emulator/chip/interconnect.hpp"

#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "emulator/chip/cache_checker.hpp"
#include "peripherals/flash/controller.hpp"

namespace h7::chip {
namespace {

constexpr BusFault kNobody{BusFault::Kind::error, 0, "no slave answers at this address for this master",
                           "system.md 1.1"};
constexpr BusFault kDark{BusFault::Kind::error, 0, "the domain is in DStandby: it has no power",
                         "decision 0191"};
constexpr BusFault kUnaligned{BusFault::Kind::error, 0, "unaligned access to a peripheral", "system.md 1.5"};

}  // namespace

void Interconnect::attach(Peripheral& block, std::optional<ClockGate> gate) {
    block.set_trace(&ports_.trace);
    blocks_.emplace(block.base(), Slot{&block,
                                       gate,
                                       gate ? ports_.enable(*gate) : rcc::ClockEnable{},
                                       gate ? ports_.reset_register(*gate) : nullptr,
                                       {}});
}

bool Interconnect::watched(Address canonical) const {
    return caches_ != nullptr && CacheChecker::watches(canonical);
}

Ram* Interconnect::ram_at(Address canonical) const {
    auto it = rams_.upper_bound(canonical);
    if (it == rams_.begin()) return nullptr;
    --it;
    return canonical - it->first < it->second->memory().size() ? it->second : nullptr;
}

Interconnect::Slot* Interconnect::slot_at(Address address) {
    if (last_ != nullptr && address - last_->block->base() < last_->block->size()) return last_;
    auto it = blocks_.upper_bound(address);
    if (it == blocks_.begin()) return nullptr;
    --it;
    if (address - it->first >= it->second.block->size()) return nullptr;
    last_ = &it->second;
    return last_;
}

Peripheral* Interconnect::peripheral_at(Address address) const {
    Slot* slot = const_cast<Interconnect*>(this)->slot_at(address);
    return slot != nullptr ? slot->block : nullptr;
}

std::vector<Peripheral*> Interconnect::peripherals() const {
    std::vector<Peripheral*> all;
    for (const auto& [base, slot] : blocks_) all.push_back(slot.block);
    return all;
}

std::vector<Peripheral*> Interconnect::clocked_by(ClockGate gate) const {
    std::vector<Peripheral*> all;
    for (const auto& [base, slot] : blocks_)
        if (slot.gate && slot.gate->enr == gate.enr && slot.gate->bit == gate.bit) all.push_back(slot.block);
    return all;
}

std::optional<Interconnect::Route> Interconnect::route(Access access) const {
    access.address = behind_window(access.address, access.master);
    const Region* region = last_region_;
    if (region == nullptr || !region->holds(access.address) || !region->reach.has(access.master))
        last_region_ = region = find_region(access.address, access.master);
    if (region == nullptr || !region->holds(access.address + access.size - 1U)) return std::nullopt;
    return Route{region, access};
}

/// The way of most accesses to registers: the block of the last one again, one aligned word or less.
bool Interconnect::at_last_block(const Access& access) const {
    return !any_dark_ && last_ != nullptr && access.address - last_->block->base() < last_->block->size() &&
           access.size <= 4 && aligned<Address>(access.address, access.size) && last_region_ != nullptr &&
           last_region_->holds(access.address) && last_region_->reach.has(access.master);
}

BusResult<std::uint64_t> Interconnect::read(const Access& access) {
    if (at_last_block(access)) return read_peripheral(access);
    const auto to = route(access);
    if (!to) return kNobody;
    if (dark(*to->region)) return kDark;
    if (aligned<Address>(access.address, access.size) || to->region->target == Target::peripheral)
        return read_routed(*to);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < access.size; ++i) {
        Route byte = *to;
        byte.access.address += i;
        byte.access.size = 1;
        value |= TRY(read_routed(byte))
        << (8 * i);
    }
    return value;
}

BusResult<void> Interconnect::write(const Access& access, std::uint64_t value) {
    if (at_last_block(access)) return write_peripheral(access, value);
    const auto to = route(access);
    if (!to) return kNobody;
    if (dark(*to->region)) return kDark;
    if (aligned<Address>(access.address, access.size) || to->region->target == Target::peripheral)
        return write_routed(*to, value);
    for (unsigned i = 0; i < access.size; ++i) {
        Route byte = *to;
        byte.access.address += i;
        byte.access.size = 1;
        TRY(write_routed(byte, (value >> (8 * i)) & 0xFFU));
    }
    return {};
}

/// RAM that holds all of it, for which nobody is asked.
std::optional<Interconnect::Plain> Interconnect::plain_ram(Address address, std::uint32_t size,
                                                           Master master) const {
    const Region* region = find_region(address, master);
    if (region == nullptr || region->target != Target::ram || region->last - address < size - 1 ||
        dark(*region))
        return std::nullopt;
    const Address canonical = region->canonical_of(address);
    Ram* ram = ram_at(canonical);
    if (ram == nullptr || watched(canonical)) return std::nullopt;
    const std::size_t offset = canonical - ram->base();
    return offset + size <= ram->memory().size() ? std::optional(Plain{ram, offset}) : std::nullopt;
}

bool Interconnect::copy(const Copy& copy) {
    if (copy.size == 0 || !aligned<Address>(copy.from, copy.beat) || !aligned<Address>(copy.to, copy.beat))
        return false;
    const auto from = plain_ram(copy.from, copy.size, copy.master);
    const auto to = plain_ram(copy.to, copy.size, copy.master);
    if (!from || !to) return false;
    const std::size_t apart =
        from->offset > to->offset ? from->offset - to->offset : to->offset - from->offset;
    if (from->ram == to->ram && apart < copy.size) return false;
    std::memcpy(to->ram->memory().data() + to->offset, from->ram->memory().data() + from->offset, copy.size);
    to->ram->memory().mark(to->offset, copy.size);
    if (ports_.ram_written) ports_.ram_written(to->ram->base() + static_cast<Address>(to->offset), copy.size);
    return true;
}

std::size_t Interconnect::read_plain(const Access& first, MutableBytes out) {
    const Region* region = find_region(first.address, first.master);
    if (region == nullptr || dark(*region)) return 0;
    const std::size_t size = std::min<std::size_t>(out.size(), region->last - first.address + 1U);
    if (region->target == Target::flash || region->target == Target::system_flash)
        return ports_.flash.read_plain(first.address, first.master, first.context, out.first(size));
    const auto ram = plain_ram(first.address, static_cast<std::uint32_t>(size), first.master);
    if (!ram) return 0;
    std::memcpy(out.data(), ram->ram->memory().data() + ram->offset, size);
    return size;
}

std::size_t Interconnect::fill_plain(const Access& first, std::size_t size, std::uint64_t value) {
    const auto ram = plain_ram(first.address, static_cast<std::uint32_t>(size), first.master);
    if (!ram) return 0;
    std::uint8_t* to = ram->ram->memory().data() + ram->offset;
    store_le<std::uint64_t>(to, value);
    for (std::size_t done = 8; done < size; done *= 2)  // what is there is copied behind itself
        std::memcpy(to + done, to, std::min(done, size - done));
    ram->ram->memory().mark(ram->offset, size);
    if (ports_.ram_written)
        ports_.ram_written(ram->ram->base() + static_cast<Address>(ram->offset),
                           static_cast<std::uint32_t>(size));
    return size;
}

BusResult<std::uint64_t> Interconnect::read_routed(const Route& route) {
    const Access& access = route.access;
    switch (route.region->target) {
        case Target::flash:
        case Target::system_flash:
            return ports_.flash.read_array(access);
        case Target::peripheral:
            return read_peripheral(access);
        case Target::backup_sram:
            if (ports_.backup_blocked() || !backup_sram_.open()) return std::uint64_t{0};
            break;
        case Target::ram:
        case Target::boot_window:
            break;
    }
    Access stored = access;
    stored.address = route.region->canonical_of(access.address);
    Ram* ram = ram_at(stored.address);
    if (ram == nullptr) return kNobody;
    if (watched(stored.address)) caches_->read(access, stored.address);
    return ram->read(stored);
}

BusResult<void> Interconnect::write_routed(const Route& route, std::uint64_t value) {
    const Access& access = route.access;
    switch (route.region->target) {
        case Target::flash:
        case Target::system_flash:
            return ports_.flash.write_array(access, value);
        case Target::peripheral:
            return write_peripheral(access, value);
        case Target::backup_sram:
            if (ports_.backup_blocked() || !ports_.backup_writable() || !backup_sram_.open()) return {};
            break;
        case Target::ram:
        case Target::boot_window:
            break;
    }
    Access stored = access;
    stored.address = route.region->canonical_of(access.address);
    Ram* ram = ram_at(stored.address);
    if (ram == nullptr) return kNobody;
    auto done = ram->write(stored, value);
    const bool shown = watched(stored.address);
    if (shown) caches_->write(access, stored.address);
    if (ports_.ram_written && (shown || !is_core(access.master) || access.context == Context::rss))
        ports_.ram_written(stored.address, access.size);
    return done;
}

BusResult<std::uint64_t> Interconnect::read_peripheral(const Access& access) {
    if (access.size == 8) {  // the bridges to AHB and APB are 32 bits wide
        Access half = access;
        half.size = 4;
        const std::uint64_t low = TRY(read_peripheral(half));
        half.address += 4;
        return low | (TRY(read_peripheral(half)) << 32);
    }
    Slot* slot = slot_at(access.address);
    if (slot == nullptr) return kNobody;
    if (!aligned<Address>(access.address, access.size)) return kUnaligned;
    if (slot->closed()) return std::uint64_t{0};
    slot->block->touch();
    auto value = slot->block->read(access);
    if (slot->held_in_reset()) slot->block->reset(ResetKind::peripheral);  // looking took nothing
    if (ports_.trace.on(Topic::bus)) trace_register(*slot, access, value.value_or(0), value.has_value());
    return value;
}

BusResult<void> Interconnect::write_peripheral(const Access& access, std::uint64_t value) {
    if (access.size == 8) {
        Access half = access;
        half.size = 4;
        TRY(write_peripheral(half, value & 0xFFFF'FFFFU));
        half.address += 4;
        return write_peripheral(half, value >> 32);
    }
    Slot* slot = slot_at(access.address);
    if (slot == nullptr) return kNobody;
    if (!aligned<Address>(access.address, access.size)) return kUnaligned;
    if (slot->closed() || slot->held_in_reset()) return {};
    slot->block->touch();
    auto done = slot->block->write(access, value);
    if (ports_.trace.on(Topic::bus)) trace_register(*slot, access, value, done.has_value());
    return done;
}

void Interconnect::trace_register(Slot& slot, const Access& access, std::uint64_t value, bool ok) {
    if (slot.names.empty())
        for (const RegisterInfo& reg : slot.block->describe()) slot.names.emplace(reg.offset, reg.name);
    const Address offset = access.address - slot.block->base();
    const auto name = slot.names.find(offset & ~3U);
    ports_.trace.line(
        Topic::bus,
        fmt::format("{} {}{} {}.{} {} 0x{:0{}x}{}", name_of(access.master),
                    access.op == Op::write ? "w" : "r", 8U * access.size, slot.block->name(),
                    name != slot.names.end() ? name->second : fmt::format("+0x{:03x}", offset),
                    access.op == Op::write ? "<-" : "->", value, 2U * access.size, ok ? "" : " bus error"));
}

}  // namespace h7::chip

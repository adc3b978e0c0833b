#include "peripherals/storage/storage.hpp"

#include <fmt/format.h>

#include "emulator/base/bits.hpp"

namespace h7::storage {
namespace {

constexpr std::uint32_t lanes(const Access& access) {
    return access.size >= 4 ? ~0U : (1U << (8 * access.size)) - 1U;
}
constexpr unsigned shift(const Access& access) { return 8 * (access.address & 3U); }

}  // namespace

void Storage::report(const Access& access) {
    if (trace_ != nullptr)
        trace_->unmodelled(name(), fmt::format("+0x{:03x}", offset_of(access) & ~3U), access);
}

Storage::Storage(std::string_view name, Address base, Address size, std::span<const Habit> habits)
    : Peripheral(name, base, size), habits_(habits) {
    Storage::reset(ResetKind::power_on);
}

void Storage::reset(ResetKind) {
    words_.clear();
    for (const Habit& habit : habits_)
        if (habit.kind == Habit::Kind::resets_to) words_[habit.offset] = habit.bits;
}

std::uint32_t Storage::stored(Address offset) const {
    const auto word = words_.find(offset);
    return word == words_.end() ? 0 : word->second;
}

std::uint32_t Storage::shown(Address offset) const {
    std::uint32_t value = stored(offset);
    for (const Habit& habit : habits_) {
        if (habit.offset != offset) continue;
        const bool follows = habit.kind == Habit::Kind::follows;
        if (follows || habit.kind == Habit::Kind::reads_zero) value &= ~habit.bits;
        if (habit.kind == Habit::Kind::reads_one ||
            (follows && (stored(habit.cause) & habit.cause_bits) != 0))
            value |= habit.bits;
    }
    return value;
}

BusResult<std::uint64_t> Storage::read(const Access& access) {
    report(access);
    return std::uint64_t{shown(offset_of(access) & ~3U) >> shift(access) & lanes(access)};
}

BusResult<void> Storage::write(const Access& access, std::uint64_t value) {
    report(access);
    const std::uint32_t mask = lanes(access) << shift(access);
    std::uint32_t& word = words_[offset_of(access) & ~3U];
    const std::uint32_t written = static_cast<std::uint32_t>(value) << shift(access) & mask;
    word = (word & ~mask) | written;
    for (const Habit& habit : habits_) {
        if (habit.cause != (offset_of(access) & ~3U)) continue;
        const bool caused = (written & habit.cause_bits) != 0;
        if (habit.kind == Habit::Kind::sets && caused) words_[habit.offset] |= habit.bits;
        if (habit.kind == Habit::Kind::clears && caused) words_[habit.offset] &= ~habit.bits;
        if (habit.kind == Habit::Kind::acknowledged) words_[habit.offset] &= ~(habit.bits & written);
    }
    return {};
}

void Storage::save(StateWriter& out) const {
    out.section(name());
    out.u64(words_.size());
    for (const auto& [offset, word] : words_) {
        out.u32(offset);
        out.u32(word);
    }
}

void Storage::load(StateReader& in) {
    in.section(name());
    words_.clear();
    for (std::uint64_t left = in.u64(); left > 0 && in.ok(); --left) {
        const Address offset = in.u32();
        words_[offset] = in.u32();
    }
}

}  // namespace h7::storage

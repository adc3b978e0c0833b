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

BusResult<std::uint64_t> Storage::read(const Access& access) {
    report(access);
    const auto word = words_.find(offset_of(access) & ~3U);
    return std::uint64_t{word == words_.end() ? 0 : word->second >> shift(access) & lanes(access)};
}

BusResult<void> Storage::write(const Access& access, std::uint64_t value) {
    report(access);
    const std::uint32_t mask = lanes(access) << shift(access);
    std::uint32_t& word = words_[offset_of(access) & ~3U];
    word = (word & ~mask) | (static_cast<std::uint32_t>(value) << shift(access) & mask);
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

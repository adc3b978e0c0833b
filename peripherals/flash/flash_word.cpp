#include "peripherals/flash/flash_word.hpp"

#include <algorithm>
#include <cassert>

namespace h7::flash {
namespace {

bool all(const WordData& data, std::uint8_t value) {
    return std::all_of(data.begin(), data.end(), [value](std::uint8_t b) { return b == value; });
}

}  // namespace

WordState program_word(MutableBytes cells, WordState state, const WordData& next) {
    if (all(next, 0xFF)) return state;  // drives no cell to 0
    if (state == WordState::erased || all(next, 0)) {
        std::copy(next.begin(), next.end(), cells.begin());
        return WordState::programmed;  // an all-zero word has all-zero ECC, whatever was there
    }
    if (std::equal(next.begin(), next.end(), cells.begin())) return state;
    for (std::size_t i = 0; i < kWord; ++i) cells[i] &= next[i];
    return WordState::ecc_double;
}

void tear_word(MutableBytes cells, const WordData& next, SeededRandom& random) {
    WordData noise;
    random.fill(noise);
    for (std::size_t i = 0; i < kWord; ++i) cells[i] &= static_cast<std::uint8_t>(next[i] | noise[i]);
}

WriteBuffer::Took WriteBuffer::take(Address address, unsigned size, std::uint64_t value, Master master,
                                    Context context) {
    assert(address % kWord + size <= kWord);
    const Address target = address & ~(kWord - 1);
    if (!empty() && (target != target_ || master != master_)) {
        discard();
        return Took::inconsistent;
    }
    const std::uint32_t bytes = lanes(address, size);
    const Took took = (mask_ & bytes) != 0 ? Took::replaced : Took::taken;
    std::memcpy(data_.data() + address % kWord, &value, size);
    mask_ |= bytes;
    target_ = target;
    master_ = master;
    context_ = context;
    return took;
}

void WriteBuffer::fill() {
    for (unsigned i = 0; i < kWord; ++i)
        if (((mask_ >> i) & 1U) == 0) data_[i] = 0xFF;
    mask_ = ~std::uint32_t{0};
}

bool WriteBuffer::all_ones() const { return all(data_, 0xFF); }

void WriteBuffer::save(StateWriter& out) const {
    out.bytes(data_);
    out.u32(mask_);
    out.u32(target_);
    out.u8(static_cast<std::uint8_t>(master_));
    out.u8(static_cast<std::uint8_t>(context_));
    out.u64(begun_);
    out.u32(pc_);
}

void WriteBuffer::load(StateReader& in) {
    in.bytes_into(data_);
    mask_ = in.u32();
    target_ = in.u32() & ~(kWord - 1);
    master_ = static_cast<Master>(in.u8() % kMasters);
    context_ = static_cast<Context>(in.u8() & 3U);
    begun_ = in.u64();
    pc_ = in.u32();
}

}  // namespace h7::flash

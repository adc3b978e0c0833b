// One flash word: 256 data bits that are programmed as a unit (F-033, F-053), how they meet what is in the
// cells, and the buffer in which stores of any width assemble the next one.
#pragma once

#include <array>
#include <cstdint>

#include "emulator/base/bytes.hpp"
#include "emulator/base/random.hpp"
#include "emulator/fabric/access.hpp"
#include "emulator/fabric/state.hpp"
#include "peripherals/flash/image.hpp"

namespace h7::flash {

inline constexpr std::uint32_t kWord = 32;  // bytes
using WordData = std::array<std::uint8_t, kWord>;

/// Programs `next` over `cells` and returns the word's new state: bits only go from 1 to 0 (F-030), and a
/// word that was not erased stays readable only when the new value is all zero, all ones or the old one
/// (D-12, A-04).
WordState program_word(MutableBytes cells, WordState state, const WordData& next);

/// The power failed while `next` was being written: some bits have gone to 0, the ECC fits nothing (F-075,
/// F-132).
void tear_word(MutableBytes cells, const WordData& next, SeededRandom& random);

/// Assembles one flash word from stores of 1 to 8 bytes (F-011, F-053). Knows no flags: says what happened.
class WriteBuffer {
public:
    enum class Took : std::uint8_t {
        taken,
        replaced,      // a byte was written twice: the new one counts (F-252)
        inconsistent,  // other word or other master: both are lost (F-253, A-29)
    };

    bool empty() const { return mask_ == 0; }
    bool complete() const { return mask_ == ~std::uint32_t{0}; }
    /// Bytes [address, address + size) would make the word complete.
    bool completed_by(Address address, unsigned size) const {
        return (mask_ | lanes(address, size)) == ~std::uint32_t{0};
    }

    /// `address` is canonical; the bytes must lie in one flash word.
    Took take(Address address, unsigned size, std::uint64_t value, Master master, Context context);
    /// Of the store that was just taken into an empty buffer, for the word's first writer.
    void begun(Time when, Address pc) {
        begun_ = when;
        pc_ = pc;
    }
    void discard() { mask_ = 0; }
    /// F-059: the missing bytes are 0xFF.
    void fill();
    bool all_ones() const;

    Address target() const { return target_; }
    const WordData& data() const { return data_; }
    Master master() const { return master_; }
    Context context() const { return context_; }
    Time begun_at() const { return begun_; }
    Address begun_by() const { return pc_; }

    void save(StateWriter& out) const;
    void load(StateReader& in);

private:
    static std::uint32_t lanes(Address address, unsigned size) {
        return ((1U << size) - 1U) << (address % kWord);
    }
    WordData data_{};
    std::uint32_t mask_ = 0;
    Address target_ = 0;
    Master master_ = Master::cm7;
    Context context_ = Context::application;
    Time begun_ = 0;
    Address pc_ = FirstWriter::kNoPc;
};

}  // namespace h7::flash

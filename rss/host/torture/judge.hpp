// What must be true of the chip whenever somebody can look at it (rss-sfi-bootloader.md 4.9).
#pragma once

#include <string>
#include <vector>

#include "rss/host/torture/readers.hpp"

namespace h7::torture {

/// What the chip is. Anything else is a violation.
enum class State : std::uint8_t {
    old,       // flash and options as before the install
    blank,     // all of user flash erased, options as before
    paused,    // between two parts, under the install lock
    complete,  // the whole image, its options in force
    locked,    // under the install lock with an erase still to do
    broken,
};
std::string_view name_of(State state);

struct Seen {
    State state = State::broken;
    std::vector<std::string> broken;
};

/// `installed`: the option words after an uninterrupted install.
class Judge {
public:
    Judge(Rig& rig, const flash::OptionWords& installed, std::vector<std::array<Bytes, 2>> paused);

    /// After power-up or after an install: one of the states, the lock exactly while an install is under way,
    /// no torn word left, no version forgotten.
    Seen look() const;
    /// Nothing of flash, options and journal is different from what start() puts back.
    std::vector<std::string> untouched() const;
    /// Neither the firmware key nor plaintext stands in RAM.
    std::vector<std::string> ram_is_clean() const;

private:
    bool flash_is(const std::array<ByteView, 2>& wanted) const;
    bool flash_is_blank() const;
    std::string first_wrong_word() const;

    Rig& rig_;
    flash::OptionWords installed_;
    std::vector<std::array<Bytes, 2>> paused_;
    std::optional<std::uint32_t> first_version_;
    std::array<bool, 2> first_flagged_{};
    Bytes first_journal_;
};

}  // namespace h7::torture

// Chips to ask about.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "emulator/options/option_names.hpp"
#include "emulator/report/desk.hpp"

namespace h7::test {

/// A chip with programmed flash (vector tables of both cores included) and these option bytes.
inline report::Subject subject_with(
    std::initializer_list<std::pair<std::string_view, std::uint32_t>> options = {}) {
    report::Subject subject;
    for (unsigned bank = 0; bank < 2; ++bank) {
        flash::ArrayImage& array = subject.image.user[bank];
        array.data.assign(1U << 20, 0x11);
        array.words.assign(array.data.size() / 32, flash::WordState::programmed);
        for (std::size_t at = 0; at < array.data.size(); at += 4096) {  // a vector table in every block
            store_le<std::uint32_t>(&array.data[at], 0x2000'1000);
            store_le<std::uint32_t>(&array.data[at + 4], 0x0800'0101);
        }
    }
    for (const auto& [name, value] : options) options::find(name)->set(subject.image.options, value);
    return subject;
}

inline report::Desk desk_for(const report::Subject& subject) {
    return std::move(*report::Desk::create(subject));
}

}  // namespace h7::test

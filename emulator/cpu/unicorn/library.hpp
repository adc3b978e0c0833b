// Is the Unicorn library the one this program was made for? Asked once, before the first engine, because the
// engine reaches into it (layout.hpp, interposition.cpp). Error: one line that says what is different and
// what to install. A library that differs only in how its blocks begin is used, with the slower counting.
#pragma once

#include <functional>
#include <string_view>

#include "emulator/base/result.hpp"

namespace h7::cpu {

/// How instructions are counted; both ways give the same counts.
enum class Counting : std::uint8_t {
    in_code,  ///< by the translated code itself: its blocks are changed while they are made
    by_hook,  ///< by the library's public hook at each block: several times as slow, and nothing is changed
};

/// Version, layout, and behaviour: counting, exact faults, ITSTATE, fast stores. The environment variable
/// H7RSS_COUNTING (`in-code`, `by-hook`) forces a way to count.
Result<Counting> check_library();

/// The way to count that `asked` (empty: the fastest there is) comes to on a library of which `examine` tells
/// whether it agrees.
Result<Counting> choose_counting(std::string_view asked,
                                 const std::function<Result<void>(Counting)>& examine);

/// The first part alone. `version` as uc_version() gives it.
Result<void> check_version(unsigned version);

/// The refusal of a library of the right version in which `what` ("the layout of its structures") differs.
Error different(std::string_view what);

}  // namespace h7::cpu

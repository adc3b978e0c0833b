// What a row of a table of tests is called.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>

namespace h7::test {

/// `words` as gtest takes it for a parameter: an underscore for all that is no letter and no digit.
inline std::string parameter_name(std::string words) {
    std::ranges::replace_if(
        words, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return words;
}

}  // namespace h7::test

#include "emulator/chip/part.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace h7::chip {

const Part* find_part(std::string_view name) {
    std::string wanted(name);
    std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (!wanted.starts_with("STM32")) wanted.insert(0, "STM32");
    for (const Part& part : kParts)
        if (part.name == wanted) return &part;
    return nullptr;
}

}  // namespace h7::chip

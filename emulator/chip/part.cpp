#include "emulator/chip/part.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace h7::chip {

flash::Geometry Part::geometry() const {
    return {.sectors_per_bank = sectors_per_bank, .second_bank = banks > 1, .second_core = cm4};
}

flash::OptionWords Part::factory_options() const {
    flash::OptionWords words = flash::kFactoryOptions;
    if (!cm4) words[flash::kOptsr] = kFactoryOptsrOfOneCore;
    for (std::size_t word = 0; word < flash::kOptionWords; ++word)
        words[word] &= geometry().option_bits()[word];
    return words;
}

flash::Image Part::factory_image() const {
    flash::Image image;
    const std::size_t bank = sectors_per_bank * std::size_t{security::kSector};
    const auto blank = [](std::size_t bytes) {
        return flash::ArrayImage{Bytes(bytes, 0xFF),
                                 std::vector<flash::WordState>(bytes / 32, flash::WordState::erased)};
    };
    image.user = {blank(bank), blank(bank)};
    image.system2 = blank(kSystemFlash);
    image.options = factory_options();
    return image;
}

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

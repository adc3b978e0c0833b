// Option bytes from a file: as ST's tools print them, as our own verbs print them, or as a CSV.
#pragma once

#include "emulator/options/option_names.hpp"

namespace h7::options {

struct WordsFile {
    flash::OptionWords words = flash::kFactoryOptions;
    std::vector<std::string_view> missing;  // fields the file does not name: they have factory values
};

/// Found out from the contents:
///   text   lines "NAME=VALUE" or "NAME : VALUE (..)" (STM32CubeProgrammer -ob displ, h7rss ob show), fields
///   by
///          ST's names or whole words as OPTSR, PRAR1, PRAR2 .. BOOT4; titles, blank lines and # comments are
///          passed over
///   CSV    the nine rows of STM32 Trusted Package Creator; A is bank 1, B is bank 2
///   JSON   of h7rss ob show --json; "words" wins over fields
/// Errors name `path` and the place.
Result<WordsFile> parse_words_file(std::string_view text, std::string_view path);

/// "NAME=VALUE" lines in printing order.
std::string words_text(const flash::OptionWords& words);
/// The nine words as CSV.
std::string words_csv(const flash::OptionWords& words);

}  // namespace h7::options

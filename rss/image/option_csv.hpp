// The option-byte CSV of ST's Trusted Package Creator: two columns name,value and nine rows in a fixed order
// (rss-sfi-bootloader.md 4.8).
#pragma once

#include "rss/image/option_words.hpp"

namespace h7::image {

/// Tolerant in form (CRLF, blanks, blank lines, a leading row number, hex or decimal, any case, blank for
/// underscore, a byte order mark), strict in content: nine rows, each name in its place. A fault names the
/// line and the row that was expected there.
Parsed<OptionWords> parse_option_csv(std::string_view text);

/// The file as ST's tool would write it.
std::string option_csv(const OptionWords& words);

}  // namespace h7::image

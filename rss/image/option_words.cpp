#include "rss/image/option_words.hpp"

#include <fmt/format.h>

namespace h7::image {

Parsed<OptionWords> parse_option_payload(ByteView plaintext) {
    if (plaintext.size() != kOptionPayloadBytes)
        return Fault{Detail::E_SIZE, 0,
                     fmt::format("{} option bytes, must be {}", plaintext.size(), kOptionPayloadBytes)};
    for (std::size_t at = 4 * kOptionRows; at < plaintext.size(); ++at)
        if (plaintext[at] != 0) return Fault{Detail::E_OB, at, "the padding of the option words is not zero"};
    OptionWords words{};
    for (std::size_t row = 0; row < kOptionRows; ++row) words[row] = load_le32(plaintext, 4 * row);
    return words;
}

std::array<std::uint8_t, kOptionPayloadBytes> serialise(const OptionWords& words) {
    std::array<std::uint8_t, kOptionPayloadBytes> bytes{};
    for (std::size_t row = 0; row < kOptionRows; ++row) store_le32(bytes, 4 * row, words[row]);
    return bytes;
}

std::string_view option_row_name(std::size_t row) {
    constexpr std::string_view kNames[kOptionRows] = {
        "FOPTSR_PRG",  "FPRAR_PRG_A", "FPRAR_PRG_B", "FSCAR_PRG_A", "FSCAR_PRG_B",
        "FWPSN_PRG_A", "FWPSN_PRG_B", "FBOOT7_PRG",  "RESERVED",
    };
    return row < kOptionRows ? kNames[row] : std::string_view("?");
}

}  // namespace h7::image

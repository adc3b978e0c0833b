// What the flash keeps without power, as plain data: the chip file stores it, `chip import/export` exchanges
// it. Banks are physical banks, whatever SWAP_BANK says.
#pragma once

#include <array>
#include <cstdint>

#include "emulator/base/bytes.hpp"
#include "emulator/base/option_words.hpp"
#include "peripherals/flash/first_writer.hpp"

namespace h7::flash {

/// State of one flash word's 266 cells beside its 256 data bits.
enum class WordState : std::uint8_t {
    erased,      // all ones, ECC erased too (F-031)
    programmed,  // data and ECC agree
    ecc_single,  // one wrong bit: corrected on read, SNECCERR (F-035)
    ecc_double,  // DBECCERR on every read until erased (F-036, D-12)
};

struct ArrayImage {
    Bytes data;                    // one bank, bytes in address order
    std::vector<WordState> words;  // one per 32 bytes of data
    FirstWriters writers{};        // of the words that are not erased
};

using h7::OptionWord;
using h7::OptionWords;
using enum h7::OptionWord;

/// F-149..F-154.
inline constexpr OptionWords kFactoryOptions = {0x17C6'AAF0, 0x0000'00FF, 0x0000'00FF,
                                                0x0000'00FF, 0x0000'00FF, 0x0000'00FF,
                                                0x0000'00FF, 0x1FF0'0800, 0x1000'0810};

struct Image {
    std::array<ArrayImage, 2> user;  // bank 1, bank 2
    ArrayImage system2;              // system flash bank 2: the RSS journal (D-17). Bank 1 is ROM.
    OptionWords options = kFactoryOptions;
};

}  // namespace h7::flash

// Option bytes as a file that people read: ST's names, levels and addresses instead of nine words.
//
//   RDP = "level 1"                  # or 0xBB, as every other name of `h7rss ob show`
//   SECURITY = true
//   BOOT_CM7_ADD0 = 0x08000000       # an address, or its upper half as ST writes it, 0x0800
//   write_protected_sectors = [0, 1] # 0 to 7 bank 1, 8 to 15 bank 2
//   [[secure_area]]                  # one in each bank, by addresses
//   start = 0x08000000
//   end = 0x0803FFFF                 # the last byte
//   erased_with_bank = true          # DMES; of a PCROP area DMEP
//   [[pcrop_area]]
//
// What is not named has its factory value; no area is in force unless the file says so.
#pragma once

#include <string_view>

#include "emulator/base/result.hpp"
#include "rss/image/option_words.hpp"

namespace h7::package {

/// The nine words. Errors (misuse): "ob.toml:3:9: expected ..", an unknown name with the nearest known one, a
/// value that does not fit, an area off its 256-byte blocks, in no bank or in two, two areas in one bank.
Result<image::OptionWords> parse_option_toml(std::string_view text, std::string_view path);

/// The words as such a file; parse_option_toml gives the same words back where only named fields differ from
/// factory.
std::string option_toml(const image::OptionWords& words);

}  // namespace h7::package

// Flash contents as files of the outside world: a dump read from a board becomes a chip, a chip becomes a
// dump. Addresses are those of the bus, as SWAP_BANK in the image's option bytes makes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/loader/program.hpp"
#include "peripherals/flash/image.hpp"

namespace h7 {

/// Writes the program's bytes into `image`. A flash word of ones only counts as erased: bytes cannot tell.
/// Error (misuse): something lies outside user flash.
Result<void> place_dump(flash::Image& image, const loader::Program& program);

/// Every flash word that is not erased, as segments.
std::vector<loader::Segment> dump_of(const flash::Image& image);

/// One line for each flash word whose state its bytes do not tell, "0x08000060 double": bad ECC, or ones that
/// were programmed. Empty when there is none.
std::string word_states(const flash::Image& image);
/// Reads that back. Errors name `path` and the line.
Result<void> apply_word_states(flash::Image& image, std::string_view text, std::string_view path);

}  // namespace h7

// Segments as an Intel HEX file: what the parser of this room reads back.
#pragma once

#include <span>
#include <string>

#include "emulator/loader/program.hpp"

namespace h7::loader {

/// Records of 16 bytes, an address record at every 64 Kbytes, the end-of-file record. `segments` ascending.
std::string intel_hex(std::span<const Segment> segments);

}  // namespace h7::loader

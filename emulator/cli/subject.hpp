// A chip file as the subject of a question: looked at, never changed.
#pragma once

#include <string>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/report/desk.hpp"

namespace h7::cli {

/// What the chip file at `path` holds. Errors name `path`.
Result<report::Subject> subject_in(const std::string& path);
Result<report::Subject> subject_of(const std::string& path, const ChipContents& contents);

/// A desk with that chip. The error names `path`.
Result<report::Desk> desk_for(const std::string& path, const report::Subject& subject);

}  // namespace h7::cli

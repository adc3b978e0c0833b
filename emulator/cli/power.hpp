// A chip out of a chip file, on the desk.
#pragma once

#include <memory>
#include <string>

#include "emulator/chip/chip.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/options/option_names.hpp"

namespace h7::cli {

/// The profile called `name`. Error: there is none; known ones are listed.
Result<const chip::Part*> part_called(const std::string& name);

/// The option bytes that this chip has: an unknown part has all.
options::Cores cores_of(const ChipContents& contents);
/// Error (misuse): the part has no such option byte.
Result<void> check_exist(const ChipContents& contents, const std::vector<options::Change>& changes);

/// A chip with these contents, without power. `wanted` brings the pins and the way of running; part, flash,
/// identity and RAM seed come from `contents`. Error: names `path`.
Result<std::unique_ptr<chip::Chip>> chip_of(const std::string& path, const ChipContents& contents,
                                            chip::Config wanted);

/// The same, powered on.
Result<std::unique_ptr<chip::Chip>> power_up(const std::string& path, const ChipContents& contents,
                                             chip::Config wanted);

}  // namespace h7::cli

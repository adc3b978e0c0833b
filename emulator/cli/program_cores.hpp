// Whose program a file is, when nobody said --m7 or --m4.
#pragma once

#include "emulator/chip/boot.hpp"
#include "emulator/chip/part.hpp"
#include "emulator/loader/program.hpp"

namespace h7::cli {

/// On a part with one core the CM7. Else the core whose boot address the file fills, as option bytes and
/// BOOT0 have it (both: the CM7, which stands for it with its symbols); a file in the CM7's TCM is the CM7's.
/// `argument` is what the user wrote. Error (misuse): none of this; where the file is, where the cores boot,
/// and which option to give.
Result<Master> core_of_program(const std::string& argument, const loader::Program& program,
                               const chip::Part& part, const chip::BootChoice& boot);

}  // namespace h7::cli

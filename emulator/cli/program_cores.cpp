#include "emulator/cli/program_cores.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::cli {
namespace {

bool fills(const loader::Program& program, Address at) {
    return std::ranges::any_of(program.segments,
                               [at](const auto& s) { return s.address <= at && s.end() > at; });
}

/// Memory of the CM7 alone (system.md 1.1).
bool in_tcm(const loader::Segment& segment) {
    return segment.end() <= 0x1'0000U || (segment.address >= 0x2000'0000U && segment.end() <= 0x2002'0000U);
}

}  // namespace

Result<Master> core_of_program(const std::string& argument, const loader::Program& program,
                               const chip::Part& part, const chip::BootChoice& boot) {
    if (!part.cm4 || program.segments.empty() || fills(program, boot.cm7)) return Master::cm7;
    if (fills(program, boot.cm4)) return Master::cm4;
    if (std::ranges::any_of(program.segments, in_tcm)) return Master::cm7;
    return misuse(fmt::format(
        "{}: it begins at 0x{:08x}, where no core boots (CM7: 0x{:08x}, CM4: 0x{:08x}); say whose it is with "
        "--m7 {} or --m4 {}",
        argument, program.segments.front().address, boot.cm7, boot.cm4, argument, argument));
}

}  // namespace h7::cli

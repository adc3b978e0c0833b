// A program file from anybody, read as each format: what is accepted is ordered, disjoint and no larger than
// allowed.
#include "emulator/loader/loader.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

void check(const Result<loader::Program>& program) {
    if (!program) {
        H7_MUST(program.error().code == ExitCode::misuse);
        H7_MUST(!program.error().message.empty() && program.error().message.find('\n') == std::string::npos);
        return;
    }
    H7_MUST(!program->segments.empty());
    H7_MUST(program->size() <= loader::kLargestProgram);
    std::uint64_t end = 0;
    for (const loader::Segment& segment : program->segments) {
        H7_MUST(!segment.bytes.empty());
        H7_MUST(segment.address >= end);
        end = segment.end();
    }
    H7_MUST(end <= std::uint64_t{1} << 32);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView file(data, size);
    check(loader::parse_program(file, "x"));
    check(loader::parse_elf(file, "x.elf"));
    check(loader::parse_intel_hex(file, "x.hex"));
    check(loader::parse_srecord(file, "x.s19"));
    return 0;
}

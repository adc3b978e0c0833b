// A board file from anybody: refused in one line that begins with its place, or all of it means something.
#include "emulator/boards/boards.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto board = boards::parse_board({reinterpret_cast<const char*>(data), size}, "b.toml");
    if (!board) {
        H7_MUST(board.error().code == ExitCode::misuse);
        H7_MUST(board.error().message.starts_with("b.toml:"));
        return 0;
    }
    const auto& clocks = board->surroundings.clocks;
    H7_MUST(clocks.hse_hz >= 1'000'000 && clocks.hse_hz <= 50'000'000 && clocks.lse_hz >= 1'000);
    for (const auto& [name, pin] : board->pins) {
        H7_MUST(!boards::pin_called(name));
        H7_MUST(boards::pin_called(boards::name_of(pin)) == pin);
    }
    return 0;
}

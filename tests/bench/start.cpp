// How long a chip takes from nothing to its first instruction (bar: 30 ms, aim 10 ms). Both cores, a program
// in flash.
#include <chrono>
#include <cstdio>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/loader/loader.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;
using HostClock = std::chrono::steady_clock;

double milliseconds(HostClock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

int main() {
    const auto program = loader::load_program(H7RSS_FIXTURES_DIR "/hello_m7.elf");
    if (!program) return 1;
    std::vector<double> made, started, gone;
    for (unsigned n = 0; n < 21; ++n) {
        const auto begin = HostClock::now();
        auto chip = chip::Chip::create({.image = {}, .identity = {}});
        if (!chip) return 1;
        for (const loader::Segment& segment : program->segments)
            if (!(*chip)->program({{segment.address, segment.bytes}})) return 1;
        const auto built = HostClock::now();
        (*chip)->power_on();
        (*chip)->run({.limit = kNanosecond * 20, .reached = {}});
        const auto ran = HostClock::now();
        if ((*chip)->cm7().instructions() == 0) return 1;
        chip->reset();
        made.push_back(milliseconds(built - begin));
        started.push_back(milliseconds(ran - begin));
        gone.push_back(milliseconds(HostClock::now() - ran));
    }
    constexpr double kBar = 30;
    const double first = bench::median(started);
    bench::print(
        {"start", "chip constructed and programmed", "ms", "", bench::median(made), 0, std::nullopt});
    bench::print(
        {"start", "constructed and at its first instruction", "ms", "30 ms", first, kBar / first, 1.0});
    bench::print({"start", "taken down", "ms", "", bench::median(gone), 0, std::nullopt});
    return 0;
}

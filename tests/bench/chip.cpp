// The chip outside the cores: how long it takes from nothing to its first instruction (bar 30 ms), and what a
// register access costs beyond the engine's exit (bar 80 ns): the way over the bus and the block's own work.
#include "emulator/chip/chip.hpp"

#include <chrono>
#include <cstdio>
#include <vector>

#include "emulator/loader/loader.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;
using HostClock = std::chrono::steady_clock;

double milliseconds(HostClock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

/// Both cores, a program in flash.
bool measure_start() {
    const auto program = loader::load_program(H7RSS_FIXTURES_DIR "/hello_m7.elf");
    if (!program) return false;
    std::vector<double> made, started, gone;
    for (unsigned n = 0; n < 21; ++n) {
        const auto begin = HostClock::now();
        auto chip = chip::Chip::create({.image = {}, .identity = {}});
        if (!chip) return false;
        for (const loader::Segment& segment : program->segments)
            if (!(*chip)->program({{segment.address, segment.bytes}})) return false;
        const auto built = HostClock::now();
        (*chip)->power_on();
        (*chip)->run({.limit = kNanosecond * 20, .reached = {}});
        const auto ran = HostClock::now();
        if ((*chip)->cm7().instructions() == 0) return false;
        chip->reset();
        made.push_back(milliseconds(built - begin));
        started.push_back(milliseconds(ran - begin));
        gone.push_back(milliseconds(HostClock::now() - ran));
    }
    constexpr double kBar = 30;
    const double first = bench::median(started);
    bench::print({"chip", "constructed and programmed", "ms", "", bench::median(made), 0, std::nullopt});
    bench::print(
        {"chip", "constructed and at its first instruction", "ms", "30 ms", first, kBar / first, 1.0});
    bench::print({"chip", "taken down", "ms", "", bench::median(gone), 0, std::nullopt});
    return true;
}

struct Case {
    const char* block;
    const char* read;  // register, for the table
    Address from;
    const char* written;
    Address to;
    std::uint32_t value;
};
// clang-format off
constexpr Case kCases[] = {
    {"RCC",    "CR",     0x5802'4400, "AHB4ENR", 0x5802'44E0, 0x132F'FFFF},
    {"PWR",    "CSR1",   0x5802'4804, "CR1",     0x5802'4800, 0xF000'C100},
    {"GPIO",   "IDR",    0x5802'0410, "BSRR",    0x5802'0418, 0x0001'0000},
    {"TIM",    "CNT",    0x4000'0024, "CCR1",    0x4000'0034, 100},
    {"USART",  "ISR",    0x4000'481C, "TDR",     0x4000'4828, 'x'},
    {"EXTI",   "C1PR1",  0x5800'0088, "C1PR1",   0x5800'0088, 1},
    {"HSEM",   "R0",     0x5802'6400, "R0",      0x5802'6400, 0x8000'0300},
    {"DMA",    "LISR",   0x4002'0000, "S0NDTR",  0x4002'0014, 16},
    {"FLASH",  "SR1",    0x5200'2010, "ACR",     0x5200'2000, 0x37},
    {"RNG",    "SR",     0x4802'1804, "CR",      0x4802'1800, 4},
    {"CRC",    "DR",     0x5802'4C00, "DR",      0x5802'4C00, 0x1234'5678},
    {"SYSCFG", "UR1",    0x5800'0704, "EXTICR1", 0x5800'0408, 1},
};
// clang-format on

bool measure_accesses() {
    auto chip = chip::Chip::create({.image = {}, .identity = {}});
    if (!chip) return false;
    (*chip)->power_on();
    const auto at = [&](Address address, Op op) { return (*chip)->as_core(Master::cm7, address, 4, op); };
    bool good = true;
    for (const auto& [address, value] : std::initializer_list<std::pair<Address, std::uint32_t>>{
             {0x5802'44D8, 3},            // DMA1
             {0x5802'44DC, 1U << 6},      // RNG
             {0x5802'44E0, 0x132F'FFFF},  // GPIO, CRC, HSEM
             {0x5802'44E8, 1U << 18 | 1U},
             {0x5802'44F4, 2U | 1U << 16},
             {0x5802'4400, 0x5},  // HSION; HSI48 follows
             {0x5802'4400, 0x1005},
             {0x4802'1800, 4},    // RNGEN
             {0x4000'0000, 1},    // TIM2 counts
             {0x4000'480C, 556},  // USART3
             {0x4000'4800, 1U << 29 | 0xD}})
        good &= (*chip)->write(at(address, Op::write), value).has_value();
    constexpr double kBar = 80;
    const auto row = [&](const Case& c, const char* reg, const char* what, double ns) {
        bench::print({.bench = "chip",
                      .name = fmt::format("{}_{} {}", c.block, reg, what),
                      .unit = "ns",
                      .against = "of 80 ns",
                      .value = ns,
                      .ratio = kBar / ns,
                      .bar = 1.0});
    };
    const auto nanoseconds = [](auto&& work) {  // the median of several: one may meet a slow moment
        std::vector<double> times;
        for (int n = 0; n < 9; ++n) times.push_back(bench::seconds_per_call(work) * 1e9);
        return bench::median(std::move(times));
    };
    for (const Case& c : kCases) {
        const Access read = at(c.from, Op::read), write = at(c.to, Op::write);
        row(c, c.read, "read", nanoseconds([&] { good &= (*chip)->read(read).has_value(); }));
        row(c, c.written, "written",
            nanoseconds([&] { good &= (*chip)->write(write, c.value).has_value(); }));
    }
    return good;
}

}  // namespace

int main() {
    const bool good = measure_accesses() && measure_start();
    if (!good) std::fputs("chip: it did not do what was measured\n", stderr);
    return good ? 0 : 1;
}

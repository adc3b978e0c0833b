// What follows a restored snapshot is what followed when it was taken: trace, counts and every byte of state.
#include <gtest/gtest.h>

#include "emulator/base/random.hpp"
#include "emulator/chip/serial_line.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "peripherals/usart/usart.hpp"
#include "rss/services/engine.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

/// Everything the guest, a debugger or the next power-on could see.
std::uint64_t state_of(chip::Chip& chip) {
    StateWriter out;
    for (const Peripheral* block : chip.peripherals()) block->save(out);
    chip.cm7().save(out);
    chip.cm4().save(out);
    chip.rss().save(out);
    chip.secure_mode().save(out);
    for (const auto& [first, size] : {std::pair{0x0000'0000U, 0x1'0000U},
                                      {0x2000'0000U, 0x2'0000U},
                                      {0x2400'0000U, 0x8'0000U},
                                      {0x3000'0000U, 0x4'8000U},
                                      {0x3800'0000U, 0x1'0000U},
                                      {0x3880'0000U, 0x1000U}})
        for (Address at = first; at < first + size; at += 8) {
            const auto value = chip.read({at, 8, Op::read, Master::cm7, Context::rss, true});
            out.u64(value.value_or(0));
        }
    // FNV by words: the arrays are megabytes.
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;
    Bytes bytes = out.take();
    bytes.resize((bytes.size() + 7) / 8 * 8);
    for (std::size_t at = 0; at < bytes.size(); at += 8)
        hash = (hash ^ load_le<std::uint64_t>(bytes.data() + at)) * 0x100'0000'01B3U;
    return hash;
}

struct Outcome {
    std::vector<std::string> lines;
    std::string console;
    std::uint64_t cm7 = 0, cm4 = 0, state = 0;
    Time now = 0;
    chip::Stop::Why why{};
    std::string detail;
    bool operator==(const Outcome&) const = default;
};

Outcome go(chip::Chip& chip, Time time) {
    Outcome outcome;
    chip.trace().set_sink([&](std::string_view line) { outcome.lines.emplace_back(line); });
    chip.uart("USART3")->transmit = [&](std::uint8_t c) { outcome.console.push_back(static_cast<char>(c)); };
    const chip::Stop stop = chip.run({time, {}});
    chip.trace().set_sink({});
    outcome.cm7 = chip.cm7().instructions();
    outcome.cm4 = chip.cm4().instructions();
    outcome.now = chip.clock().now();
    outcome.why = stop.why;
    outcome.detail = stop.detail;
    outcome.state = state_of(chip);
    return outcome;
}

/// The same stretch three times from one snapshot, then the next one.
void expect_repeats(chip::Chip& chip, Time stretch, unsigned stretches) {
    for (unsigned n = 0; n < stretches && chip.powered(); ++n) {
        SCOPED_TRACE(n);
        const auto snapshot = chip.snapshot();
        const std::uint64_t before = state_of(chip);
        const Outcome first = go(chip, stretch);
        for (int again = 0; again < 2; ++again) {
            chip.restore(*snapshot);
            ASSERT_EQ(state_of(chip), before);
            const Outcome second = go(chip, stretch);
            ASSERT_EQ(second.lines, first.lines);
            ASSERT_TRUE(second == first)
                << first.cm7 << " " << second.cm7 << " " << first.console << "/" << second.console;
        }
    }
}

class Programs : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Programs, RepeatFromEverySnapshot) {
    ChipBuilder builder = a_chip().seed(7);
    for (const std::string& name : GetParam()) builder.flashed(name);
    if (GetParam().size() == 1) builder.with_option("BCM4", 0);
    for (const bool typical : {false, true}) {
        if (typical) builder.typical_times();
        BenchChip chip = builder.build();
        chip.power_on();
        expect_repeats(*chip, 800 * kMicrosecond + 77, 3);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Snapshots, Programs,
    testing::Values(std::vector<std::string>{"threads_m7", "threads_m4"},        // exceptions, FP, MPU
                    std::vector<std::string>{"doorbells_cm7", "doorbells_cm4"},  // HSEM, SEV, sleep
                    std::vector<std::string>{"race_free_dual_cm7", "race_free_dual_cm4"},
                    std::vector<std::string>{"nested_interrupts_fp_m7"},
                    std::vector<std::string>{"reset_survivor_cm7",
                                             "reset_survivor_cm4"},  // resets in between
                    std::vector<std::string>{"flash_program"}, std::vector<std::string>{"option_change"},
                    std::vector<std::string>{"rewritten_code"}, std::vector<std::string>{"vendor_startup"},
                    std::vector<std::string>{"time_base_cm7", "time_base_cm4"},
                    std::vector<std::string>{"watchdogs_cm7", "watchdogs_cm4"},
                    std::vector<std::string>{"workload_m7", "workload_m4"},
                    std::vector<std::string>{"calls_services"}),
    [](const auto& made) { return made.param.front(); });

/// Random halfwords, more likely loads, stores, branches and system instructions than chance gives.
Bytes random_code(SeededRandom& random, std::size_t size) {
    Bytes code(size);
    for (std::size_t at = 0; at + 1 < size; at += 2) {
        static constexpr std::uint16_t kLikely[] = {0x6008, 0x6811, 0x4770, 0xB510, 0xBD10, 0xDF01,
                                                    0xBF30, 0xE7FE, 0xB672, 0xB662, 0x7008, 0x7811,
                                                    0xD0FC, 0xF000, 0x4708, 0xBF20};
        const std::uint64_t word = random.next();
        store_le(code.data() + at,
                 (word & 3U) == 0 ? kLikely[word >> 8 & 15U] : static_cast<std::uint16_t>(word >> 16));
    }
    return code;
}

TEST(Snapshots, RandomProgramsRepeat) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        SeededRandom random(seed);
        chip::Config config;
        config.seed = seed;
        config.turbo = (seed & 1U) != 0;
        auto chip = chip::Chip::create(config);
        ASSERT_TRUE(chip);
        for (const Address bank : {0x0800'0000U, 0x0810'0000U}) {
            Bytes image = random_code(random, 4096);
            store_le(image.data(), std::uint32_t{0x2400'8000});
            for (std::size_t vector = 1; vector < 64; ++vector)
                store_le(
                    image.data() + 4 * vector,
                    bank + 0x100 + 1 + static_cast<std::uint32_t>(random.next() % 0xE00 & ~std::uint64_t{1}));
            ASSERT_TRUE((*chip)->program({{bank, image}}));
        }
        (*chip)->power_on();
        for (cpu::Core* core : {&(*chip)->cm7(), &(*chip)->cm4()}) {
            cpu::Registers registers = core->registers();
            for (unsigned n = 0; n < 8; ++n)
                registers.r[n] =
                    0x2400'0000U + static_cast<std::uint32_t>(random.next() % 0x1'0000 & ~std::uint64_t{3});
            core->set_registers(registers);
        }
        expect_repeats(**chip, 20 * kMicrosecond, 2);
    }
}

TEST(Snapshots, AnOlderOneIsPutBackWhole) {
    BenchChip chip = a_chip().seed(3).flashed("race_free_dual_cm7").flashed("race_free_dual_cm4");
    chip.power_on();
    const auto old = chip->snapshot();
    const std::uint64_t before = state_of(*chip);
    const Outcome first = go(*chip, 500 * kMicrosecond);
    const auto newer = chip->snapshot();
    go(*chip, 500 * kMicrosecond);
    chip->restore(*old);
    EXPECT_EQ(state_of(*chip), before);
    EXPECT_TRUE(go(*chip, 500 * kMicrosecond) == first);
    chip->restore(*newer);
    EXPECT_EQ(state_of(*chip), first.state);
}

TEST(Snapshots, PowerRemovedAndFlashTornComeBack) {
    BenchChip chip = a_chip().flashed("flash_program");
    chip.power_on();
    chip->flash().set_cut_at(2, 99);
    const auto snapshot = chip->snapshot();
    const std::uint64_t before = state_of(*chip);
    const Outcome first = go(*chip, 200 * kMillisecond);
    EXPECT_EQ(first.why, chip::Stop::Why::power_lost);
    chip->restore(*snapshot);
    EXPECT_EQ(state_of(*chip), before);
    EXPECT_TRUE(go(*chip, 200 * kMillisecond) == first);
}

TEST(Snapshots, CharactersOnALineArriveOnceMore) {
    BenchChip chip = a_chip().flashed("echo_interrupts_m7");
    chip.power_on();
    std::string heard;
    chip->uart("USART3")->transmit = [&](std::uint8_t c) { heard.push_back(static_cast<char>(c)); };
    chip->run({200 * kMillisecond, [&] { return heard.ends_with("ready\n"); }});
    static constexpr std::uint8_t kText[] = {'s', 'n', 'a', 'p'};
    chip->serial_line("USART3")->send(kText);
    chip->run({100 * kMicrosecond, {}});  // one of them has arrived, the next is on its way
    const auto snapshot = chip->snapshot();
    const std::size_t waiting = chip->serial_line("USART3")->waiting();
    EXPECT_LT(waiting, std::size(kText));
    EXPECT_GT(waiting, 0U);
    const Outcome first = go(*chip, 2 * kMillisecond);
    EXPECT_EQ(chip->serial_line("USART3")->waiting(), 0U);
    for (int again = 0; again < 2; ++again) {
        chip->restore(*snapshot);
        EXPECT_EQ(chip->serial_line("USART3")->waiting(), waiting);
        EXPECT_TRUE(go(*chip, 2 * kMillisecond) == first);
    }
}

/// A deadline that was moved away and back has another number by then.
TEST(Snapshots, ADeadlineSetAgainIsOneDeadline) {
    Clock clock;
    int fired = 0;
    Alarm alarm(clock, "alarm", [&] { ++fired; });
    alarm.set(100);
    const Clock::State state = clock.state();
    alarm.set(50);
    alarm.set(100);
    clock.begin_restore(state);
    alarm.set(100);  // its block is put back
    clock.end_restore(state);
    alarm.set(200);
    clock.advance_to(150);
    EXPECT_EQ(fired, 0);
    clock.advance_to(250);
    EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace h7::test

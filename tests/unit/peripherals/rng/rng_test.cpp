#include "peripherals/rng/rng.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace h7::rng {
namespace {

constexpr Address kCr = 0x00, kSr = 0x04, kDr = 0x08;
constexpr std::uint32_t kRngen = 4, kIe = 8, kCed = 32, kDrdy = 1, kCecs = 2, kSecs = 4, kCeis = 32,
                        kSeis = 64;

struct Bench {
    Clock clock;
    Rng rng;
    explicit Bench(std::uint64_t seed = 1) : rng(seed, clock) { rng.set_clocks(48'000'000, 64'000'000); }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(rng.read({0x4802'1800 + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        EXPECT_TRUE(rng.write({0x4802'1800 + offset, 4, Op::write, Master::cm7}, value).has_value());
    }
    void wait(Time time) { clock.advance_to(clock.now() + time); }
    std::vector<std::uint32_t> words(unsigned n) {
        std::vector<std::uint32_t> all;
        while (all.size() < n) {
            while ((read(kSr) & kDrdy) == 0) wait(kMicrosecond);
            all.push_back(read(kDr));
        }
        return all;
    }
};

TEST(Rng, TheSameSeedGivesTheSameWords) {  // system.md 6.7
    Bench one(7), two(7), other(8);
    for (Bench* b : {&one, &two, &other}) b->write(kCr, kRngen);
    const auto words = one.words(100);
    EXPECT_EQ(words, two.words(100));
    EXPECT_NE(words, other.words(100));
    EXPECT_EQ(std::set<std::uint32_t>(words.begin(), words.end()).size(), 100U);
}

TEST(Rng, FirstWordsTakeTheirTimeAndComeByFours) {  // system.md 6.7
    Bench b;
    b.write(kCr, kRngen);
    const Time first = 128 * kSecond / 48'000'000 + 2 * 213 * kSecond / 64'000'000;
    b.wait(first - kNanosecond);
    EXPECT_EQ(b.read(kSr), 0U);
    EXPECT_EQ(b.read(kDr), 0U);  // DR reads 0 while DRDY = 0
    b.wait(2 * kNanosecond);
    for (unsigned i = 0; i < 4; ++i) {
        EXPECT_EQ(b.read(kSr), kDrdy);
        EXPECT_NE(b.read(kDr), 0U);
    }
    EXPECT_EQ(b.read(kSr), 0U);
    b.wait(213 * kSecond / 64'000'000 + kNanosecond);
    EXPECT_EQ(b.read(kSr), kDrdy);
    b.wait(kMillisecond);  // another set waits behind the buffer
    for (unsigned i = 0; i < 8; ++i) EXPECT_NE(b.read(kDr), 0U);
    EXPECT_EQ(b.read(kSr), 0U);
}

TEST(Rng, DisabledItMakesNoWordsAndNoEvents) {  // system.md 6.7
    Bench b;
    b.wait(kMillisecond);
    EXPECT_EQ(b.read(kSr), 0U);
    b.write(kCr, kRngen);
    EXPECT_EQ(b.clock.next_deadline(), kNever);  // nobody listens
}

TEST(Rng, InterruptWhenWordsAreReady) {  // system.md 6.7
    Bench b;
    b.write(kCr, kRngen | kIe);
    EXPECT_FALSE(b.rng.irq.level());
    b.wait(20 * kMicrosecond);
    EXPECT_TRUE(b.rng.irq.level());
    for (unsigned i = 0; i < 8; ++i) (void)b.read(kDr);
    EXPECT_FALSE(b.rng.irq.level());
    b.wait(20 * kMicrosecond);
    EXPECT_TRUE(b.rng.irq.level());
}

TEST(Rng, AClockThatIsOffOrTooSlowIsAnError) {  // system.md 6.7
    for (const std::uint32_t hz : {0U, 32'000U}) {
        Bench b;
        b.rng.set_clocks(hz, 64'000'000);
        b.write(kCr, kRngen | kIe);
        EXPECT_EQ(b.read(kSr), kCecs | kCeis);
        EXPECT_TRUE(b.rng.irq.level());
        b.wait(kSecond);
        EXPECT_EQ(b.read(kSr) & kDrdy, 0U);
        b.rng.set_clocks(48'000'000, 64'000'000);
        EXPECT_EQ(b.read(kSr) & (kCecs | kCeis), kCeis);  // the flag stays until it is cleared
        b.write(kSr, 0);
        b.wait(20 * kMicrosecond);
        EXPECT_EQ(b.read(kSr), kDrdy);
    }
}

TEST(Rng, DetectionIsChosenWhileDisabled) {  // system.md 6.7: CED
    Bench b;
    b.rng.set_clocks(400'000, 64'000'000);
    b.write(kCr, kCed);
    b.write(kCr, kRngen);
    EXPECT_EQ(b.read(kCr), kRngen);
    b.write(kCr, kRngen | kCed);
    EXPECT_EQ(b.read(kCr), kRngen);  // too late
    b.write(kCr, 0);
    b.write(kSr, 0);
    b.write(kCr, kCed);
    b.write(kCr, kRngen | kCed);
    EXPECT_EQ(b.read(kSr), 0U);
    b.wait(kMillisecond);
    EXPECT_EQ(b.read(kSr), kDrdy);
}

TEST(Rng, AFaultOfTheNoiseSourceStopsTheWords) {  // system.md 6.7: SECS, SEIS
    Bench b;
    b.write(kCr, kRngen);
    b.wait(20 * kMicrosecond);
    b.rng.set_noise_fault(true);
    EXPECT_EQ(b.read(kSr), kSecs | kSeis);
    EXPECT_EQ(b.read(kDr), 0U);
    b.write(kSr, 0);
    EXPECT_EQ(b.read(kSr), kSecs | kSeis);  // still wrong
    b.rng.set_noise_fault(false);
    EXPECT_EQ(b.read(kSr), kSeis);
    b.wait(kMillisecond);
    EXPECT_EQ(b.read(kSr), kSeis);
    b.write(kSr, 0);
    b.wait(20 * kMicrosecond);
    EXPECT_EQ(b.read(kSr), kDrdy);
}

TEST(Rng, WordsOnly) {  // system.md 6.7
    Bench b;
    EXPECT_FALSE(b.rng.read({0x4802'1808, 1, Op::read, Master::cm7}).has_value());
    EXPECT_FALSE(b.rng.write({0x4802'1800, 2, Op::write, Master::cm7}, 4).has_value());
}

}  // namespace
}  // namespace h7::rng

#include "peripherals/lptim/lptim.hpp"

#include <gtest/gtest.h>

namespace h7::lptim {
namespace {

constexpr Address kIsr = 0x00, kIcr = 0x04, kIer = 0x08, kCfgr = 0x0C, kCr = 0x10, kCmp = 0x14, kArr = 0x18,
                  kCnt = 0x1C;
constexpr std::uint32_t kEnable = 1, kSingle = 2, kContinuous = 4, kCmpm = 1, kArrm = 2, kCmpok = 8,
                        kArrok = 16;

class LptimTest : public testing::Test {
protected:
    LptimTest() { timer.set_clock(32'768); }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            timer.read({timer.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(timer.write({timer.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    void periods(std::uint64_t n) {  // of the kernel clock
        passed += n;
        clock.advance_to((passed * kSecond + 32'767) / 32'768);
    }
    /// As HAL_LPTIM_Counter_Start_IT.
    void start(std::uint32_t how, std::uint32_t arr, std::uint32_t interrupts = 0, std::uint32_t cfgr = 0) {
        write(kCfgr, cfgr);
        write(kIer, interrupts);
        write(kCr, kEnable);
        write(kArr, arr);
        write(kCr, kEnable | how);
    }
    Clock clock;
    std::uint64_t passed = 0;
    Lptim timer{"LPTIM1", 0x4000'2400, clock};
};

TEST_F(LptimTest, HalFindsItsFlags) {  // system.md 6.12: whoever polls ARROK and CMPOK sees them
    write(kArr, 99);
    EXPECT_EQ(read(kArr), 1U) << "only while enabled";
    write(kCr, kEnable);
    write(kArr, 99);
    EXPECT_EQ(read(kIsr), kArrok);
    write(kCmp, 50);
    EXPECT_EQ(read(kIsr), kArrok | kCmpok);
    write(kIcr, kArrok | kCmpok);
    EXPECT_EQ(read(kIsr), 0U);
    write(kCfgr, 7U << 9);
    EXPECT_EQ(read(kCfgr), 0U) << "only while disabled";
}

TEST_F(LptimTest, CountsRoundAndRound) {
    start(kContinuous, 99);
    periods(42);
    EXPECT_EQ(read(kCnt), 42U);
    EXPECT_EQ(read(kIsr) & kArrm, 0U);
    periods(57);
    EXPECT_EQ(read(kCnt), 99U);
    EXPECT_NE(read(kIsr) & kArrm, 0U);
    periods(1);
    EXPECT_EQ(read(kCnt), 0U);
    periods(100 * 1000 + 7);
    EXPECT_EQ(read(kCnt), 7U);
}

TEST_F(LptimTest, PrescalerDivides) {
    start(kContinuous, 0xFFFF, 0, 5U << 9);
    periods(32 * 3 + 31);
    EXPECT_EQ(read(kCnt), 3U);
    periods(1);
    EXPECT_EQ(read(kCnt), 4U);
}

TEST_F(LptimTest, ASingleRunStopsAtItsEnd) {
    start(kSingle, 9, kArrm);
    periods(9);
    EXPECT_TRUE(timer.irq.level());
    periods(100);
    EXPECT_EQ(read(kCnt), 0U);
    write(kIcr, kArrm);
    EXPECT_FALSE(timer.irq.level());
    EXPECT_EQ(clock.next_deadline(), kNever);
    write(kCr, kEnable | kSingle);
    periods(9);
    EXPECT_TRUE(timer.irq.level());
}

TEST_F(LptimTest, InterruptsAtBothMatches) {
    write(kIer, kCmpm | kArrm);
    write(kCr, kEnable);
    write(kArr, 99);
    write(kCmp, 40);
    write(kCr, kEnable | kContinuous);
    for (int round = 0; round < 3; ++round) {
        periods(40);
        EXPECT_TRUE(timer.irq.level());
        EXPECT_EQ(read(kIsr) & (kCmpm | kArrm), kCmpm);
        write(kIcr, kCmpm);
        periods(58);
        EXPECT_FALSE(timer.irq.level());
        periods(1);
        EXPECT_TRUE(timer.irq.level());
        write(kIcr, kArrm);
        periods(1);
    }
}

TEST_F(LptimTest, PreloadWaitsForTheEndOfThePeriod) {
    start(kContinuous, 9, 0, 1U << 22);
    write(kIcr, 0x7F);
    periods(5);
    write(kArr, 19);
    periods(5);
    EXPECT_EQ(read(kCnt), 0U);
    periods(15);
    EXPECT_EQ(read(kCnt), 15U);
}

TEST_F(LptimTest, PulsesOfAPinNeverCome) {
    start(kContinuous, 99, kArrm, 1);
    periods(1000);
    EXPECT_EQ(read(kCnt), 0U);
    EXPECT_EQ(clock.next_deadline(), kNever);
}

TEST_F(LptimTest, CounterResets) {
    start(kContinuous, 0xFFFF);
    periods(10);
    write(kCr, kEnable | 8);
    EXPECT_EQ(read(kCnt), 0U);
    write(kCr, kEnable | 16);  // RSTARE
    periods(5);
    EXPECT_EQ(read(kCnt), 5U);
    EXPECT_EQ(read(kCnt), 0U);
    write(kCr, 0);
    periods(5);
    EXPECT_EQ(read(kCnt), 0U);
}

TEST_F(LptimTest, LookingOftenOrSeldomIsTheSame) {
    Clock other_clock;
    Lptim other{"LPTIM1", 0x4000'2400, other_clock};
    other.set_clock(32'768);
    start(kContinuous, 12, 0, 3U << 9);
    for (const auto& [offset, value] :
         {std::pair{kCfgr, 3U << 9}, {kCr, kEnable}, {kArr, 12U}, {kCr, kEnable | kContinuous}})
        ASSERT_TRUE(other.write({other.base() + offset, 4, Op::write, Master::cm7}, value));
    for (int n = 0; n < 500; ++n) {
        periods(7);
        (void)read(kCnt);
    }
    other_clock.advance_to(clock.now());
    StateWriter one, two;
    (void)other.read({other.base() + kCnt, 4, Op::read, Master::cm7});
    timer.save(one);
    other.save(two);
    EXPECT_EQ(one.take(), two.take());
}

TEST_F(LptimTest, TheOutputIsHighAboveTheCompareValue) {  // RM0399 48.4.10
    for (const bool inverted : {false, true}) {
        SCOPED_TRACE(inverted);
        Lptim one{"LPTIM2", 0x5800'2400, clock};
        one.set_clock(32'768);
        std::vector<std::pair<Time, bool>> edges;
        const Time begin = clock.now();
        one.listen_to_output(true);
        const auto put = [&](Address offset, std::uint32_t value) {
            ASSERT_TRUE(one.write({one.base() + offset, 4, Op::write, Master::cm7}, value));
        };
        put(kCfgr, inverted ? 1U << 21 : 0);
        put(kCr, kEnable);
        put(kArr, 9), put(kCmp, 6);
        EXPECT_EQ(one.out.level(), inverted);
        one.out.connect([&](bool level) {
            edges.emplace_back(((clock.now() - begin) * 32'768 + kSecond / 2) / kSecond, level != inverted);
        });
        put(kCr, kEnable | kContinuous);
        periods(25);
        EXPECT_EQ(edges,
                  (std::vector<std::pair<Time, bool>>{{7, true}, {10, false}, {17, true}, {20, false}}));
        put(kCr, 0);
        EXPECT_FALSE(one.out.level());
    }
}

TEST_F(LptimTest, SetOnceStaysHighAfterTheFirstMatch) {  // RM0399 48.4.10
    start(kSingle, 9, 0, 1U << 20);
    write(kCmp, 6);
    timer.listen_to_output(true);
    periods(6);
    EXPECT_FALSE(timer.out.level());
    periods(1);
    EXPECT_TRUE(timer.out.level());
    periods(100);
    EXPECT_TRUE(timer.out.level());
}

TEST_F(LptimTest, AnOutputNobodyHearsCostsNothing) {  // issue 5: event queue, no polling
    start(kContinuous, 9);
    EXPECT_EQ(clock.next_deadline(), kNever);
    timer.listen_to_output(true);
    EXPECT_NE(clock.next_deadline(), kNever);
    timer.listen_to_output(false);
    EXPECT_EQ(clock.next_deadline(), kNever);
}

}  // namespace
}  // namespace h7::lptim

#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kCtrl = 0xE000'E010, kLoad = 0xE000'E014, kVal = 0xE000'E018, kCalib = 0xE000'E01C;
constexpr std::uint32_t kCountflag = 1U << 16;

struct SysTickTest : testing::Test {
    Private core;
    SysTick& systick = core.bus.systick();
    Nvic& nvic = core.bus.nvic();

    void start(std::uint32_t load, std::uint32_t ctrl) {
        core.write(kLoad, load);
        core.write(kVal, 0);
        core.write(kCtrl, ctrl);
    }
};

TEST_F(SysTickTest, CalibrationValueOfTheChip) {  // system.md 5.4
    EXPECT_EQ(core.read(kCalib), 0x0000'03E8U);
}

TEST_F(SysTickTest, APeriodIsLoadPlusOneCycles) {  // system.md 5.4
    core.program.cycle = 1000;
    start(9, 7);
    EXPECT_EQ(systick.next_event(), 1010U);  // 1 cycle to load 9, 9 cycles down to 0
    systick.advance(1009);
    EXPECT_FALSE(nvic.pending(kSysTick));
    systick.advance(1010);
    EXPECT_TRUE(nvic.pending(kSysTick));
    EXPECT_EQ(systick.next_event(), 1020U);
}

TEST_F(SysTickTest, ValueCountsDownAndReloads) {  // system.md 5.4
    start(3, 5);
    const std::uint32_t expected[] = {0, 3, 2, 1, 0, 3, 2, 1, 0, 3};
    for (const std::uint32_t value : expected) {
        EXPECT_EQ(core.read(kVal), value) << core.program.cycle;
        ++core.program.cycle;
    }
}

TEST_F(SysTickTest, CountflagIsClearedByReading) {  // system.md 5.4
    start(9, 5);
    core.program.cycle = 10;
    EXPECT_EQ(core.read(kCtrl), 5U | kCountflag);
    EXPECT_EQ(core.read(kCtrl), 5U);
    EXPECT_FALSE(nvic.pending(kSysTick));  // TICKINT is 0
    EXPECT_EQ(systick.next_event(), SysTick::kNoEvent);
}

TEST_F(SysTickTest, ADebuggerDoesNotClearCountflag) {  // system.md 5.4
    start(9, 5);
    core.program.cycle = 10;
    core.master = Master::ap0;
    EXPECT_EQ(core.read(kCtrl), 5U | kCountflag);
    core.master = Master::cm7;
    EXPECT_EQ(core.read(kCtrl), 5U | kCountflag);
}

TEST_F(SysTickTest, WritingValClearsWithoutAnEvent) {  // system.md 5.4
    start(9, 7);
    core.program.cycle = 5;
    core.write(kVal, 0x1234);
    EXPECT_EQ(core.read(kVal), 0U);
    EXPECT_EQ(core.read(kCtrl) & kCountflag, 0U);
    EXPECT_FALSE(nvic.pending(kSysTick));
    EXPECT_EQ(systick.next_event(), 15U);
}

TEST_F(SysTickTest, ClksourceZeroIsTheCoreClockDividedBy8) {  // system.md 5.4
    core.program.cycle = 800;
    start(9, 3);
    EXPECT_EQ(systick.next_event(), 800U + 80U);
    core.program.cycle = 800 + 16;
    EXPECT_EQ(core.read(kVal), 8U);
}

TEST_F(SysTickTest, ANewLoadValueCountsFromTheNextReload) {  // system.md 5.4
    start(9, 7);
    core.program.cycle = 4;  // VAL = 6
    core.write(kLoad, 99);
    EXPECT_EQ(core.read(kVal), 6U);
    EXPECT_EQ(systick.next_event(), 10U);
    systick.advance(10);
    EXPECT_EQ(systick.next_event(), 110U);
}

TEST_F(SysTickTest, LoadZeroStopsAtTheNextZero) {  // system.md 5.4
    start(9, 7);
    core.program.cycle = 4;
    core.write(kLoad, 0);
    systick.advance(10);
    EXPECT_TRUE(nvic.pending(kSysTick));
    EXPECT_EQ(systick.next_event(), SysTick::kNoEvent);
    core.program.cycle = 500;
    EXPECT_EQ(core.read(kVal), 0U);
}

TEST_F(SysTickTest, DisablingKeepsTheValue) {  // system.md 5.4
    start(9, 7);
    core.program.cycle = 3;
    core.write(kCtrl, 6);
    core.program.cycle = 100;
    EXPECT_EQ(core.read(kVal), 7U);
    core.write(kCtrl, 7);
    EXPECT_EQ(systick.next_event(), 107U);
}

TEST_F(SysTickTest, ManyPeriodsSettleAtOnce) {  // system.md 5.4
    start(63'999, 7);
    core.program.cycle = 640'000'000'123ULL;
    EXPECT_EQ(core.read(kVal), 64'000U - 123U);
    EXPECT_EQ(core.read(kCtrl) & kCountflag, kCountflag);
    EXPECT_TRUE(nvic.pending(kSysTick));
}

TEST_F(SysTickTest, ABrokenStateFileDoesNotStopTheHost) {
    start(9, 7);
    StateWriter out;
    systick.save(out);
    Bytes bytes = out.take();
    const std::size_t fields = bytes.size() - 8 - 4 - 4 - 3;
    for (std::size_t i = fields; i < bytes.size(); ++i) bytes[i] = 0xFF;
    StateReader in(bytes);
    systick.load(in);
    core.program.cycle = 1000;
    EXPECT_LE(core.read(kVal), 0x00FF'FFFFU);
    systick.advance(2000);
}

}  // namespace
}  // namespace h7::cpu::test

#include "tests/unit/peripherals/rcc/rcc_bench.hpp"

namespace h7::rcc {
namespace {

using ResetFlags = RccTest;
using Banks = RccTest;
using Gcr = RccTest;
using BackupDomain = RccTest;
using RccReset = RccTest;

TEST_F(ResetFlags, PowerOnSetsBothBanks) {  // A1, system.md 3.2
    EXPECT_EQ(read(kRsr), 0x00FE'0000U);
    EXPECT_EQ(read(0x130), 0x00FE'0000U);
    EXPECT_EQ(read(0x190), 0x00FE'0000U);
}

TEST_F(ResetFlags, SoftwareResetOfTheCm4AddsItsFlagsInEachBank) {  // A6, system.md 3.2
    write(0x130, 1U << 16);
    write(0x190, 1U << 16);
    write(0x130, 0);
    write(0x190, 0);
    rcc.record_reset(kSft2RstF | kPinRstF | kC1RstF | kC2RstF);
    rcc.reset(ResetKind::system);
    EXPECT_EQ(read(0x130), 0x0246'0000U);
    EXPECT_EQ(read(0x190), 0x0246'0000U);
}

TEST_F(ResetFlags, RmvfClearsTheOwnBankAndReadsBack) {  // system.md 3.2
    write(kRsr, 1U << 16, Master::cm4);
    EXPECT_EQ(read(kRsr, Master::cm4), 0x0001'0000U);
    EXPECT_EQ(read(kRsr, Master::cm7), 0x00FE'0000U);
    rcc.record_reset(kPinRstF | kC1RstF | kC2RstF);
    rcc.reset(ResetKind::system);
    EXPECT_EQ(read(kRsr, Master::cm4), 0x0047'0000U);  // new flags come although RMVF was left at 1
    write(kRsr, 1U << 16, Master::cm4);
    EXPECT_EQ(read(kRsr, Master::cm4), 0x0001'0000U);
}

TEST_F(Banks, WindowShowsTheBankOfTheCoreThatAsks) {  // A18, system.md 4.1
    write(kAhb4enr, 1U << 3, Master::cm4);
    EXPECT_EQ(read(0x1A0), 1U << 3);
    EXPECT_EQ(read(0x140), 0U);
    EXPECT_EQ(read(kAhb4enr, Master::cm7), 0U);
    EXPECT_EQ(read(kAhb4enr, Master::ap3), 1U << 3);
    EXPECT_EQ(read(kAhb4enr, Master::ap0), 0U);
    EXPECT_TRUE(rcc.clocked(0xE0, 3));  // GPIOD works for both
    EXPECT_FALSE(rcc.clocked(0xE0, 4));
}

TEST_F(Banks, EitherCoreMayUseTheExplicitBanks) {  // system.md 4.1
    write(0x140, 1U << 25, Master::cm4);
    EXPECT_EQ(read(kAhb4enr, Master::cm7), 1U << 25);
    EXPECT_TRUE(rcc.clocked(0xE0, 25));
}

TEST_F(Banks, WindowIsClosedToOtherMasters) {  // system.md 4.1
    write(kAhb4enr, 0xFFU, Master::dma1);
    write(kAhb4enr, 0xFFU, Master::ap1);
    EXPECT_EQ(read(kAhb4enr), 0U);
    EXPECT_EQ(read(kAhb4enr, Master::cm4), 0U);
    EXPECT_EQ(read(kRsr, Master::mdma), 0U);
    EXPECT_EQ(read(0x130, Master::mdma), 0x00FE'0000U);
}

TEST_F(Banks, WindowWatchdogBelongsToItsCore) {  // system.md 4.1
    write(kApb3enr, 1U << 6, Master::cm4);
    write(kApb1lenr, 1U << 11, Master::cm7);
    EXPECT_FALSE(rcc.clocked(0xE4, 6));
    EXPECT_FALSE(rcc.clocked(0xE8, 11));
    ASSERT_TRUE(rcc.write({rcc.base() + kApb1lenr + 1, 1, Op::write, Master::cm7}, 0x08));
    EXPECT_FALSE(rcc.clocked(0xE8, 11));
    write(kApb3enr, 1U << 6, Master::cm7);
    write(kApb1lenr, 1U << 11, Master::cm4);
    EXPECT_TRUE(rcc.clocked(0xE4, 6));
    EXPECT_TRUE(rcc.clocked(0xE8, 11));
    write(kApb3enr, 0, Master::cm7);  // cannot be stopped again
    EXPECT_TRUE(rcc.clocked(0xE4, 6));
}

TEST_F(Banks, BytesAreLegal) {  // system.md 1.5
    ASSERT_TRUE(rcc.write({rcc.base() + kAhb4enr + 3, 1, Op::write, Master::cm7}, 0x02));
    EXPECT_EQ(read(kAhb4enr), 1U << 25);
    EXPECT_EQ(*rcc.read({rcc.base() + kAhb4enr + 3, 1, Op::read, Master::cm7}), 0x02U);
}

TEST_F(Banks, RtcBusClockRunsFromReset) {  // system.md 4.1: APB4ENR resets with RTCAPBEN
    EXPECT_TRUE(rcc.clocked(0xF4, 16));
    EXPECT_FALSE(rcc.clocked(0xF4, 1));
}

TEST_F(Gcr, BootReleasesAHeldCoreOnceAndResetForgets) {  // A2, A3, system.md 2.2
    std::vector<unsigned> released;
    rcc.boot_released = [&](unsigned core) { released.push_back(core); };
    write(kGcr, 8);
    EXPECT_EQ(read(kGcr), 8U);
    EXPECT_TRUE(rcc.boot_released_for(2));
    write(kGcr, 0);  // set-only
    EXPECT_EQ(read(kGcr), 8U);
    write(kGcr, 8);
    write(kGcr, 4, Master::cm4);
    EXPECT_EQ(released, (std::vector<unsigned>{2, 1}));
    rcc.reset(ResetKind::system);
    EXPECT_EQ(read(kGcr), 0U);
    EXPECT_FALSE(rcc.boot_released_for(2));
}

TEST_F(BackupDomain, NeedsDbp) {  // system.md 4.4
    write(kBdcr, 1);
    EXPECT_EQ(read(kBdcr), 0U);
    dbp = true;
    write(kBdcr, 1);
    EXPECT_EQ(read(kBdcr), 3U);
}

TEST_F(BackupDomain, SurvivesSystemResetAndNotPowerOn) {  // system.md 3.3
    dbp = true;
    write(kBdcr, 0x8101);
    rcc.reset(ResetKind::system);
    EXPECT_EQ(read(kBdcr), 0x8103U);
    rcc.reset(ResetKind::standby_exit);
    EXPECT_EQ(read(kBdcr), 0x8103U);
    rcc.reset(ResetKind::power_on);
    EXPECT_EQ(read(kBdcr), 0U);
}

TEST_F(BackupDomain, ClockOfTheRtcIsChosenOnce) {  // system.md 4.1
    dbp = true;
    write(kBdcr, 0x8101);
    EXPECT_NE(rcc.rtc_clock(), 0U);
    write(kBdcr, 0x8201);
    EXPECT_EQ(read(kBdcr), 0x8103U);
    int resets = 0;
    rcc.backup_domain_reset = [&] { ++resets; };
    write(kBdcr, 1U << 16);
    EXPECT_EQ(read(kBdcr), 1U << 16);
    EXPECT_EQ(resets, 1);
    write(kBdcr, 0);
    write(kBdcr, 0x8200);
    EXPECT_EQ(read(kBdcr), 0x8200U);
    EXPECT_EQ(rcc.rtc_clock(), 0U);  // LSI is off
    write(kCsr, 1);
    EXPECT_NE(rcc.rtc_clock(), 0U);
}

TEST_F(RccReset, PeripheralResetIsALevel) {  // system.md 3.1
    std::vector<std::tuple<Address, unsigned, bool>> heard;
    rcc.peripheral_reset = [&](Address offset, unsigned bit, bool level) {
        heard.emplace_back(offset, bit, level);
    };
    write(kAhb4rstr, 1U << 25 | 1U << 31);  // HSEMRST and a reserved bit
    write(kAhb4rstr, 0, Master::cm4);
    EXPECT_EQ(heard, (std::vector<std::tuple<Address, unsigned, bool>>{{0x88, 25, true}, {0x88, 25, false}}));
    write(kAhb4rstr, 1);
    heard.clear();
    rcc.reset(ResetKind::system);
    EXPECT_EQ(heard, (std::vector<std::tuple<Address, unsigned, bool>>{{0x88, 0, false}}));
}

TEST_F(RccReset, SystemResetReturnsTo64MHz) {  // system.md 3.3
    set_bits(kCr, 1U << 7);
    write(kCfgr, 1);
    int changes = 0;
    rcc.clocks_changed = [&] { ++changes; };
    rcc.reset(ResetKind::system);
    EXPECT_EQ(rcc.frequencies().sys_ck, 64'000'000U);
    EXPECT_EQ(changes, 1);
    rcc.reset(ResetKind::domain);
    EXPECT_EQ(read(kCr), 0xC025U);
}

TEST_F(RccReset, SavedStateComesBack) {
    write(kPll1fracr, 4096U << 3);
    set_bits(kPllcfgr, 1U);
    rcc.set_core_state(2, false);
    StateWriter out;
    rcc.save(out);
    rcc.reset(ResetKind::power_on);
    StateReader in(out.data());
    rcc.load(in);
    EXPECT_TRUE(in.finish());
    EXPECT_EQ(read(kCr) & kD2Ckrdy, 0U);
    EXPECT_EQ(read(kPll1fracr), 4096U << 3);
}

}  // namespace
}  // namespace h7::rcc

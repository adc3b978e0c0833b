#include "peripherals/rtc/rtc.hpp"

#include <gtest/gtest.h>

namespace h7::rtc {
namespace {

constexpr Address kTr = 0x00, kDr = 0x04, kCr = 0x08, kIsr = 0x0C, kPrer = 0x10, kWutr = 0x14, kWpr = 0x24,
                  kBkp0r = 0x50, kBkp31r = 0xCC, kAlrmar = 0x1C, kSsr = 0x28, kShiftr = 0x2C, kTstr = 0x30,
                  kTamper = 0x40, kAlrmassr = 0x44;
constexpr std::uint32_t kLse = 32'768;
constexpr std::uint32_t kRsf = 1U << 5, kInitf = 1U << 6, kInit = 1U << 7;

class RtcTest : public testing::Test {
protected:
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(rtc.read({rtc.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(rtc.write({rtc.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    void unlock() {
        write(kWpr, 0xCA);
        write(kWpr, 0x53);
    }
    bool dbp = true, closed = false;
    int sram_erased = 0;
    Clock clock;
    Rtc rtc{clock,
            {.dbp = [this] { return dbp; },
             .backup_closed = [this] { return closed; },
             .tampered = [this] { ++sram_erased; }}};
    RtcTest() { rtc.set_clock(kLse); }
    void pass(Time time) { clock.advance_to(clock.now() + time); }
    /// As HAL_RTC_Init, SetTime and SetDate; 1 Hz from 32,768 Hz.
    void set(std::uint32_t tr, std::uint32_t dr) {
        unlock();
        write(kIsr, 0xFFFF'FFFF);
        write(kPrer, 0x007F'00FF);
        write(kTr, tr);
        write(kDr, dr);
        write(kIsr, ~kInit);
    }
};

using BackupRegisters = RtcTest;
using WriteProtection = RtcTest;

TEST_F(BackupRegisters, NeedDbpOnly) {  // A11, system.md 4.4, 6.6
    dbp = false;
    write(kBkp0r, 0x1234'5678);
    EXPECT_EQ(read(kBkp0r), 0U);
    dbp = true;
    write(kBkp0r, 0x1234'5678);
    write(kBkp31r, 0xFFFF'FFFF);
    EXPECT_EQ(read(kBkp0r), 0x1234'5678U);
    EXPECT_EQ(read(kBkp31r), 0xFFFF'FFFFU);
}

TEST_F(BackupRegisters, SurviveEverythingButTheBackupDomain) {  // A11, system.md 3.3
    write(kBkp0r, 7);
    for (const ResetKind kind : {ResetKind::system, ResetKind::domain, ResetKind::standby_exit})
        rtc.reset(kind);
    EXPECT_EQ(read(kBkp0r), 7U);
    rtc.backup_domain_reset();
    EXPECT_EQ(read(kBkp0r), 0U);
    write(kBkp0r, 7);
    rtc.reset(ResetKind::power_on);
    EXPECT_EQ(read(kBkp0r), 0U);
}

TEST_F(BackupRegisters, RegressionErasesThemAndNothingElse) {  // F-208
    unlock();
    write(kWutr, 5);
    for (unsigned n = 0; n < 32; ++n) write(kBkp0r + 4 * n, n + 1);
    rtc.erase_backup();
    for (unsigned n = 0; n < 32; ++n) EXPECT_EQ(read(kBkp0r + 4 * n), 0U) << n;
    EXPECT_EQ(read(kWutr), 5U);
}

TEST_F(BackupRegisters, AreOutOfReachDuringIntrusion) {  // F-196 F-200
    write(kBkp0r, 7);
    closed = true;
    EXPECT_EQ(read(kBkp0r), 0U);
    write(kBkp0r, 9);
    closed = false;
    EXPECT_EQ(read(kBkp0r), 7U);
}

TEST_F(WriteProtection, NeedsBothKeysInOrder) {  // system.md 6.6
    write(kWutr, 1);
    EXPECT_EQ(read(kWutr), 0xFFFFU);
    write(kWpr, 0x53);
    write(kWpr, 0xCA);
    write(kWutr, 1);
    EXPECT_EQ(read(kWutr), 0xFFFFU);
    unlock();
    write(kWutr, 1);
    EXPECT_EQ(read(kWutr), 1U);
    rtc.reset(ResetKind::system);  // the lock state is not changed
    write(kWutr, 2);
    EXPECT_EQ(read(kWutr), 2U);
    write(kWpr, 0x00);  // a wrong key locks
    write(kWutr, 3);
    EXPECT_EQ(read(kWutr), 2U);
}

TEST_F(WriteProtection, HalInitFindsItsFlags) {  // system.md 6.6
    EXPECT_EQ(read(kIsr), 7U | kRsf);
    unlock();
    write(kTr, 0x0012'3456);
    EXPECT_EQ(read(kTr), 0U);  // only during initialisation
    write(kIsr, 0xFFFF'FFFF);  // HAL's way to set INIT
    EXPECT_NE(read(kIsr) & kInitf, 0U);
    write(kPrer, 0x007F'00FF);
    write(kTr, 0x0012'3456);
    write(kDr, 0x0026'1122);
    write(kIsr, ~kInit);
    EXPECT_EQ(read(kIsr) & (kInitf | kRsf), kRsf);
    EXPECT_EQ(read(kTr), 0x0012'3456U);
    EXPECT_NE(read(kIsr) & 1U << 4, 0U);  // INITS: the year is set
    rtc.reset(ResetKind::system);
    EXPECT_EQ(read(kTr), 0x0012'3456U);
}

TEST_F(WriteProtection, WithoutAClockNothingSynchronises) {  // system.md 6.6
    rtc.set_clock(0);
    unlock();
    write(kIsr, 0xFFFF'FFFF);
    EXPECT_EQ(read(kIsr) & (kInitf | kRsf), 0U);
}

TEST_F(WriteProtection, LockedStatusKeepsInit) {  // system.md 6.6
    write(kIsr, 0xFFFF'FFFF);
    EXPECT_EQ(read(kIsr) & kInit, 0U);
    write(kCr, 1U << 6);
    EXPECT_EQ(read(kCr), 0U);
}

using Calendar = RtcTest;
using Alarms = RtcTest;
using WakeUp = RtcTest;
using Tamper = RtcTest;

TEST_F(Calendar, CountsSecondsIntoYears) {  // system.md 6.6
    set(0x0023'5958, 0x0028'2228);          // a Monday
    pass(1 * kSecond);
    EXPECT_EQ(read(kTr), 0x0023'5959U);
    EXPECT_EQ(read(kDr), 0x0028'2228U);
    pass(1 * kSecond);
    EXPECT_EQ(read(kTr), 0U);
    EXPECT_EQ(read(kDr), 0x0028'4229U);  // a leap year
    pass(86'400 * kSecond);
    EXPECT_EQ(read(kTr), 0U);
    EXPECT_EQ(read(kDr), 0x0028'6301U);
}

TEST_F(Calendar, TheCenturyEnds) {
    set(0x0023'5959, 0x0099'F231);  // 2099-12-31
    pass(1 * kSecond);
    EXPECT_EQ(read(kTr), 0U);
    EXPECT_EQ(read(kDr), 0x0000'2101U);
}

TEST_F(Calendar, TwelveHours) {
    unlock();
    write(kCr, 1U << 6);
    set(0x0011'5959, 0x0026'2101);
    pass(1 * kSecond);
    EXPECT_EQ(read(kTr), 0x0052'0000U);  // 12 PM
    read(kDr);
    pass(3600 * kSecond);
    EXPECT_EQ(read(kTr), 0x0041'0000U);  // 1 PM
    read(kDr);
    pass(11 * 3600 * kSecond);
    EXPECT_EQ(read(kTr), 0x0012'0000U);  // 12 AM
}

TEST_F(Calendar, SubsecondsCountDown) {
    set(0, 0x0026'2101);
    EXPECT_EQ(read(kSsr), 255U);
    pass(kSecond / 4);
    EXPECT_EQ(read(kSsr), 191U);
    pass(kSecond * 3 / 4 - 1 * kMillisecond);
    EXPECT_EQ(read(kSsr), 0U);
    read(kDr);
    EXPECT_EQ(read(kTr), 0U);
    read(kDr);
    pass(1 * kMillisecond);
    EXPECT_EQ(read(kTr), 1U);
}

TEST_F(Calendar, ShadowsHoldUntilTheDateIsRead) {  // RM0399: reading TR or SSR locks the higher registers
    set(0x0023'5959, 0x0026'2101);
    EXPECT_EQ(read(kTr), 0x0023'5959U);
    pass(1 * kSecond);
    EXPECT_EQ(read(kTr), 0x0023'5959U);
    EXPECT_EQ(read(kDr), 0x0026'2101U);
    EXPECT_EQ(read(kTr), 0U);
    EXPECT_EQ(read(kDr), 0x0026'4102U);
}

TEST_F(Calendar, KeepsTimeWhileNobodyLooksAndOverClockChanges) {
    set(0, 0x0026'2101);
    for (int n = 0; n < 7; ++n) {
        pass(kSecond / 3);
        rtc.set_clock(n % 2 == 0 ? 0 : kLse);  // RTCEN off and on
    }
    EXPECT_EQ(read(kTr), 1U);  // four thirds of a second with a clock
}

TEST_F(Calendar, SummerTimeAndShift) {
    set(0x0001'3000, 0x0026'2101);
    write(kCr, 1U << 16);
    EXPECT_EQ(read(kTr), 0x0002'3000U);
    read(kDr);
    write(kCr, 1U << 17);
    EXPECT_EQ(read(kTr), 0x0001'3000U);
    read(kDr);
    write(kShiftr, 128);  // half a second back
    pass(kSecond);
    EXPECT_EQ(read(kTr), 0x0001'3000U);
    read(kDr);
    pass(kSecond / 2);
    EXPECT_EQ(read(kTr), 0x0001'3001U);
}

TEST_F(Alarms, RingOnceADayAtTheirTime) {  // system.md 6.6, 5.2 line 17
    set(0x0000'0000, 0x0026'2101);
    write(kAlrmar, 1U << 31 | 0x0006'3015);  // any day, 06:30:15
    write(kCr, 1U << 8 | 1U << 12);
    EXPECT_EQ(read(kIsr) & 1U, 0U);  // ALRAWF: closed while it is on
    write(kAlrmar, 0);
    EXPECT_EQ(read(kAlrmar), 1U << 31 | 0x0006'3015U);
    EXPECT_EQ(clock.next_deadline(), (6 * 3600 + 30 * 60 + 15) * kSecond);
    pass((6 * 3600 + 30 * 60 + 14) * kSecond);
    EXPECT_FALSE(rtc.alarm.level());
    pass(kSecond);
    EXPECT_TRUE(rtc.alarm.level());
    EXPECT_EQ(read(kTr), 0x0006'3015U);
    read(kDr);
    write(kIsr, ~(1U << 8) & ~kInit);
    EXPECT_FALSE(rtc.alarm.level());
    pass(86'400 * kSecond);
    EXPECT_TRUE(rtc.alarm.level());
}

TEST_F(Alarms, FlagWithoutInterruptAndWithoutLooking) {
    set(0x0000'0000, 0x0026'2101);
    write(kAlrmar, 0xFFFF'FFFF & ~mask(6, 0) & ~(1U << 7));  // when the seconds are 0
    write(kCr, 1U << 8);
    EXPECT_EQ(clock.next_deadline(), kNever);
    pass(59 * kSecond);
    EXPECT_EQ(read(kIsr) & 1U << 8, 0U);
    pass(2 * kSecond);
    EXPECT_NE(read(kIsr) & 1U << 8, 0U);
}

TEST_F(Alarms, EveryFractionOfASecond) {
    set(0, 0x0026'2101);
    write(kAlrmar, 0x8080'8080);        // every second ..
    write(kAlrmassr, 6U << 24 | 0x20);  // .. when the six low bits of SSR are 0x20: four times
    write(kCr, 1U << 8 | 1U << 12);
    int rung = 0;
    for (int n = 0; n < 1000; ++n) {
        pass(2 * kMillisecond);
        if (!rtc.alarm.level()) continue;
        ++rung;
        write(kIsr, ~(1U << 8) & ~kInit);
    }
    EXPECT_GE(rung, 2);  // at its first meeting in each second
    EXPECT_LE(rung, 8);
}

TEST_F(WakeUp, PeriodsOfBothClocks) {  // system.md 6.6, 5.2 line 19
    set(0, 0x0026'2101);
    write(kWutr, 2047);  // RTCCLK / 16: one second
    write(kCr, 1U << 10 | 1U << 14);
    for (int n = 0; n < 3; ++n) {
        pass(kSecond - kMillisecond);
        EXPECT_FALSE(rtc.wakeup.level());
        pass(kMillisecond);
        EXPECT_TRUE(rtc.wakeup.level());
        write(kIsr, ~(1U << 10) & ~kInit);
    }
    write(kCr, 0);
    EXPECT_NE(read(kIsr) & 4U, 0U);  // WUTWF
    write(kWutr, 9);
    write(kCr, 4U | 1U << 10 | 1U << 14);  // ck_spre
    pass(9 * kSecond);
    EXPECT_FALSE(rtc.wakeup.level());
    pass(kSecond);
    EXPECT_TRUE(rtc.wakeup.level());
}

TEST_F(Tamper, ErasesBackupRegistersAndSram) {  // system.md 6.6
    write(kBkp0r, 7);
    write(kTamper, 1U | 1U << 2);  // RTC_TAMP1, rising edge, TAMPIE
    rtc.set_tamper_input(1, true);
    EXPECT_TRUE(rtc.tamper.level());
    EXPECT_EQ(sram_erased, 1);
    write(kBkp0r, 9);
    EXPECT_EQ(read(kBkp0r), 0U) << "in reset while TAMP1F is set";
    write(kIsr, ~(1U << 13) & ~kInit);
    EXPECT_FALSE(rtc.tamper.level());
    write(kBkp0r, 9);
    EXPECT_EQ(read(kBkp0r), 9U);
}

TEST_F(Tamper, MaskAndNoErase) {  // system.md 6.6
    write(kBkp0r, 7);
    write(kTamper, 1U << 3 | 1U << 4 | 1U << 20);  // RTC_TAMP2, falling edge, TAMP2NOERASE
    rtc.set_tamper_input(2, true);
    EXPECT_EQ(read(kIsr) & 1U << 14, 0U);
    rtc.set_tamper_input(2, false);
    EXPECT_NE(read(kIsr) & 1U << 14, 0U);
    EXPECT_EQ(read(kBkp0r), 7U);
    write(kTamper, 1U << 5 | 1U << 24);  // RTC_TAMP3, TAMP3MF
    rtc.set_tamper_input(3, true);
    EXPECT_EQ(read(kIsr) & 1U << 15, 0U);
    EXPECT_EQ(sram_erased, 0);
}

TEST_F(Tamper, LevelIsSeenAtOnceAndMayStampTheTime) {
    set(0x0012'3456, 0x0026'2101);
    rtc.set_tamper_input(1, true);
    write(kTamper, 1U | 1U << 1 | 1U << 7 | 1U << 11);  // high level, filtered, TAMPTS
    EXPECT_NE(read(kIsr) & 1U << 13, 0U);
    EXPECT_EQ(read(kTstr), 0x0012'3456U);
    EXPECT_NE(read(kIsr) & 1U << 11, 0U);
}

TEST_F(Calendar, StateIsKept) {
    set(0x0012'3456, 0x0026'2101);
    write(kWutr, 5);
    write(kCr, 1U << 10 | 1U << 14);
    pass(kMillisecond);
    StateWriter out;
    rtc.save(out);
    const Bytes state = out.take();
    Clock other;
    other.advance_to(clock.now());
    Rtc copy{other, {}};
    StateReader in(state);
    copy.load(in);
    EXPECT_TRUE(in.finish());
    EXPECT_EQ(other.next_deadline(), clock.next_deadline());
    StateWriter again;
    copy.save(again);
    EXPECT_EQ(again.take(), state);
}

}  // namespace
}  // namespace h7::rtc

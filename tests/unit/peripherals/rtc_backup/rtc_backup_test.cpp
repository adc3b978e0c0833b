#include "peripherals/rtc_backup/rtc_backup.hpp"

#include <gtest/gtest.h>

namespace h7::rtc_backup {
namespace {

constexpr Address kTr = 0x00, kDr = 0x04, kCr = 0x08, kIsr = 0x0C, kPrer = 0x10, kWutr = 0x14, kWpr = 0x24,
                  kBkp0r = 0x50, kBkp31r = 0xCC;
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
    bool dbp = true, running = true, closed = false;
    RtcBackup rtc{{.dbp = [this] { return dbp; },
                   .clock_running = [this] { return running; },
                   .backup_closed = [this] { return closed; }}};
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
    running = false;
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

}  // namespace
}  // namespace h7::rtc_backup

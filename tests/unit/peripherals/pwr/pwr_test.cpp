#include "peripherals/pwr/pwr.hpp"

#include <gtest/gtest.h>

namespace h7::pwr {
namespace {

constexpr Address kCr1 = 0x00, kCsr1 = 0x04, kCr2 = 0x08, kCr3 = 0x0C, kCpu1cr = 0x10, kCpu2cr = 0x14,
                  kD3cr = 0x18, kWkupepr = 0x28;
constexpr std::uint32_t kActvosrdy = 1U << 13, kDbp = 1U << 8, kCssf = 1U << 9;

class PwrTest : public testing::Test {
protected:
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(pwr.read({pwr.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(pwr.write({pwr.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    bool pvd_locked = false;
    Pwr pwr{{.pvd_locked = [this] { return pvd_locked; }}};
};

using Supply = PwrTest;
using Voltage = PwrTest;
using BackupProtection = PwrTest;
using LowPower = PwrTest;

TEST_F(Supply, IsNotReadyBeforeItIsConfigured) {  // A10, system.md 4.4
    EXPECT_EQ(read(kCsr1), 0x0000'4000U);
    write(kCr3, 0x02);
    EXPECT_EQ(read(kCsr1), 0x0000'6000U);
    EXPECT_EQ(read(kCr3), 0x02U);
}

TEST_F(Supply, FirstWriteLocksUntilPowerOn) {  // A10
    write(kCr3, 0x02);
    write(kCr3, 0x04);
    EXPECT_EQ(read(kCr3), 0x02U);
    pwr.reset(ResetKind::system);
    EXPECT_EQ(read(kCr3), 0x02U);
    EXPECT_EQ(read(kCsr1) & kActvosrdy, kActvosrdy);
    write(kCr3, 0x04);
    EXPECT_EQ(read(kCr3), 0x02U);
    pwr.reset(ResetKind::power_on);
    EXPECT_EQ(read(kCr3), 0x06U);
    write(kCr3, 0x04);
    EXPECT_EQ(read(kCr3), 0x04U);
}

TEST_F(Supply, IllegalFirstWriteIsLostAndLocks) {  // A10
    write(kCr3, 0x06);
    EXPECT_EQ(read(kCsr1) & kActvosrdy, 0U);
    write(kCr3, 0x02);
    EXPECT_EQ(read(kCr3), 0x06U);
    EXPECT_EQ(read(kCsr1) & kActvosrdy, 0U);
}

TEST_F(Supply, HalConfigSupplyIsAcceptedOnceForEverySupply) {  // A10, system.md 4.4
    for (const std::uint32_t supply : {0x02U, 0x04U, 0x16U, 0x26U, 0x1EU, 0x2EU, 0x1DU, 0x2DU, 0x01U}) {
        pwr.reset(ResetKind::power_on);
        ASSERT_EQ(read(kCr3) & 7U, 6U);
        write(kCr3, (read(kCr3) & ~0x3FU) | supply);
        EXPECT_EQ(read(kCr3) & 0x3FU, supply);
        EXPECT_NE(read(kCsr1) & kActvosrdy, 0U) << supply;
        const bool external_smps = (supply & 0xCU) == 0xCU;
        EXPECT_EQ(read(kCr3) >> 16 & 1U, external_smps ? 1U : 0U) << supply;
    }
}

TEST_F(Supply, OtherBytesDoNotConsumeTheWrite) {  // system.md 4.4: the low byte is what is locked
    ASSERT_TRUE(pwr.write({pwr.base() + kCr3 + 3, 1, Op::write, Master::cm7}, 0x01));  // USB33DEN
    EXPECT_EQ(read(kCr3), 0x0500'0006U);
    write(kCr3, 0x0100'0002);
    EXPECT_EQ(read(kCr3), 0x0500'0002U);
    write(kCr3, 0x0000'0300);  // charging stays free
    EXPECT_EQ(read(kCr3), 0x0000'0302U);
}

TEST_F(Supply, PermissiveSwitchIsReadyAtOnce) {  // system.md 4.4
    Pwr lenient{{}, {.supply_ready_from_power_on = true}};
    EXPECT_TRUE(lenient.supply_ready());
    lenient.reset(ResetKind::power_on);
    EXPECT_TRUE(lenient.supply_ready());
}

TEST_F(Voltage, ScalingIsReadyAtOnce) {  // system.md 4.4, 11.2
    EXPECT_EQ(read(kD3cr), 0x0000'6000U);
    write(kD3cr, 3U << 14);
    EXPECT_EQ(read(kD3cr), 0x0000'E000U);
    EXPECT_EQ(read(kCsr1) >> 14, 3U);
    write(kD3cr, 0);
    EXPECT_EQ(read(kCsr1) >> 14, 1U);  // reserved value acts as scale 3
}

TEST_F(BackupProtection, DbpGuardsCr2AndFallsWithReset) {  // A11, system.md 3.3, 4.4
    int changes = 0;
    pwr.dbp_changed = [&] { ++changes; };
    EXPECT_EQ(read(kCr1), 0xF000'C000U);
    write(kCr2, 1);
    EXPECT_EQ(read(kCr2), 0U);
    write(kCr1, read(kCr1) | kDbp);
    EXPECT_TRUE(pwr.dbp());
    EXPECT_EQ(changes, 1);
    write(kCr2, 1);
    EXPECT_EQ(read(kCr2), 0x0001'0001U);  // BRRDY
    EXPECT_TRUE(pwr.backup_regulator());
    pwr.reset(ResetKind::system);
    EXPECT_FALSE(pwr.dbp());
    EXPECT_EQ(changes, 2);
    EXPECT_EQ(read(kCr2), 0x0001'0001U);
    pwr.reset(ResetKind::power_on);
    EXPECT_EQ(read(kCr2), 0U);
}

TEST_F(Voltage, LockedDetectorKeepsItsLevel) {  // system.md 4.5, PVDL
    write(kCr1, 7U << 5 | 1U << 4);
    pvd_locked = true;
    write(kCr1, 1);
    EXPECT_EQ(read(kCr1), 0xF000'0000U | 7U << 5 | 1U << 4 | 1U);
}

TEST_F(LowPower, CssfClearsTheFlagsOfItsRegisterOnly) {  // system.md 4.4
    pwr.system_left_stop();
    pwr.domain_left_standby(2);
    pwr.held_core_was_called(2);
    EXPECT_EQ(read(kCpu1cr), 1U << 5 | 1U << 8 | 1U << 4);
    EXPECT_EQ(read(kCpu2cr), 1U << 5 | 1U << 8);
    write(kCpu1cr, kCssf);
    EXPECT_EQ(read(kCpu1cr), 0U);
    EXPECT_EQ(read(kCpu2cr), 1U << 5 | 1U << 8);
}

TEST_F(LowPower, StandbyNeedsBothCores) {  // system.md 4.3
    write(kCpu1cr, 2);
    EXPECT_FALSE(pwr.standby_selected(2));
    write(kCpu2cr, 2);
    EXPECT_TRUE(pwr.standby_selected(2));
    EXPECT_FALSE(pwr.standby_selected(1));
}

TEST_F(LowPower, BothHoldsHoldNobody) {  // system.md 4.4
    write(kCpu1cr, 1U << 10);
    EXPECT_TRUE(pwr.held_after_stop(2));
    EXPECT_FALSE(pwr.held_after_stop(1));
    write(kCpu2cr, 1U << 10);
    EXPECT_FALSE(pwr.held_after_stop(2));
    EXPECT_FALSE(pwr.held_after_stop(1));
}

TEST_F(LowPower, StandbyFlagSurvivesSystemReset) {  // system.md 3.3, 11.7
    write(kWkupepr, 0x0003'0101);
    pwr.reset(ResetKind::standby_exit);
    EXPECT_EQ(read(kCpu1cr), 1U << 6);
    EXPECT_EQ(read(kCpu2cr), 1U << 6);
    EXPECT_EQ(read(kWkupepr), 0x0003'0101U);
    pwr.system_left_stop();
    pwr.reset(ResetKind::system);
    EXPECT_EQ(read(kCpu1cr), 1U << 6);
    EXPECT_EQ(read(kWkupepr), 0U);
    write(kCpu1cr, kCssf);
    EXPECT_EQ(read(kCpu1cr), 0U);
    EXPECT_EQ(read(kCpu2cr), 1U << 6);
}

}  // namespace
}  // namespace h7::pwr

#include "peripherals/sec/sec.hpp"

#include <gtest/gtest.h>

namespace h7::sec {
namespace {

class Confsec : public testing::Test {
protected:
    std::uint64_t read(Master master = Master::cm7, Address offset = 0, std::uint8_t size = 4) {
        return sec.read({0x4FFF'1000 + offset, size, Op::read, master}).value();
    }
    BusResult<void> write(std::uint32_t value, Master master = Master::cm7, Address offset = 0,
                          std::uint8_t size = 4) {
        return sec.write({0x4FFF'1000 + offset, size, Op::write, master}, value);
    }

    security::SecureMode mode{true};
    Sec sec{mode};
};

TEST_F(Confsec, BothAreasAreOpenAfterASecureReset) {  // rss-sfi-bootloader.md 3.1
    EXPECT_EQ(read(), 0U);
    mode.sample_at_reset(true);
    EXPECT_EQ(read(), 3U);
}

TEST_F(Confsec, StandardModeReadsZero) {  // rss-sfi-bootloader.md 3.1
    mode.sample_at_reset(false);
    ASSERT_TRUE(write(0xFFFF'FFFF));
    EXPECT_EQ(read(), 0U);
}

TEST_F(Confsec, GatesOnlyClose) {  // rss-sfi-bootloader.md 3.1, 7 case 15
    mode.sample_at_reset(true);
    mode.close(2);  // the RSS handed over
    ASSERT_TRUE(write(0xFFFF'FFFF));
    EXPECT_EQ(read(), 2U);
    ASSERT_TRUE(write(static_cast<std::uint32_t>(read()) & ~2U));  // what ST's SBSFU does until it reads 0
    EXPECT_EQ(read(), 0U);
    EXPECT_FALSE(mode.user_open());
    ASSERT_TRUE(write(0xFFFF'FFFF));
    EXPECT_EQ(read(), 0U);
}

TEST_F(Confsec, OnlyTheCm7IsHeard) {  // rss-sfi-bootloader.md 3.1
    mode.sample_at_reset(true);
    for (const Master other :
         {Master::cm4, Master::mdma, Master::dma1, Master::ap0, Master::ap1, Master::ap3}) {
        EXPECT_EQ(read(other), 0U) << name_of(other);
        ASSERT_TRUE(write(0, other)) << name_of(other);
    }
    EXPECT_EQ(read(), 3U);
}

TEST_F(Confsec, NarrowAccessReadsZeroAndChangesNothing) {  // decision 0043
    mode.sample_at_reset(true);
    ASSERT_TRUE(write(0, Master::cm7, 0, 1));
    ASSERT_TRUE(write(0, Master::cm7, 0, 2));
    EXPECT_EQ(read(Master::cm7, 0, 1), 0U);
    EXPECT_EQ(read(), 3U);
}

TEST_F(Confsec, TheRestOfTheBlockIsABusError) {  // rss-sfi-bootloader.md 3.1
    EXPECT_FALSE(sec.read({0x4FFF'1004, 4, Op::read, Master::cm7}));
    EXPECT_FALSE(sec.read({0x4FFF'1FFC, 4, Op::read, Master::cm4}));
    EXPECT_FALSE(write(0, Master::cm7, 4));
}

}  // namespace
}  // namespace h7::sec

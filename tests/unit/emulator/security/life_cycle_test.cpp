#include "emulator/security/life_cycle.hpp"

#include <gtest/gtest.h>

namespace h7::security {
namespace {

Area sectors(unsigned first, unsigned last) { return {first * 512, last * 512 + 511}; }

TEST(Rdp, AllBytesButTwoAreLevelOne) {  // F-195
    for (unsigned byte = 0; byte < 256; ++byte) {
        const Rdp want = byte == 0xAA ? Rdp::level0 : byte == 0xCC ? Rdp::level2 : Rdp::level1;
        EXPECT_EQ(decode_rdp(byte), want) << byte;
    }
}

TEST(Rdp, LevelTwoCannotBeLeft) {  // F-203 F-207 F-159
    for (const Rdp to : {Rdp::level0, Rdp::level1}) EXPECT_FALSE(may_change(Rdp::level2, to));
    EXPECT_TRUE(may_change(Rdp::level2, Rdp::level2));
    for (const Rdp to : {Rdp::level0, Rdp::level1, Rdp::level2}) {
        EXPECT_TRUE(may_change(Rdp::level0, to));
        EXPECT_TRUE(may_change(Rdp::level1, to));
    }
}

TEST(Rdp, OnlyOneToZeroIsARegression) {  // F-161 F-207
    EXPECT_TRUE(is_regression(Rdp::level1, Rdp::level0));
    EXPECT_FALSE(is_regression(Rdp::level0, Rdp::level0));
    EXPECT_FALSE(is_regression(Rdp::level0, Rdp::level1));
    EXPECT_FALSE(is_regression(Rdp::level2, Rdp::level0));
}

TEST(Regression, KeepsAreasWithoutTheirDmeBit) {  // F-209 F-210
    EXPECT_EQ(kept_sectors({sectors(1, 1), false}, {}, 8), 0b10U);
    EXPECT_EQ(kept_sectors({sectors(1, 1), true}, {}, 8), 0U);
    EXPECT_EQ(kept_sectors({}, {sectors(6, 7), false}, 8), 0b1100'0000U);
    EXPECT_EQ(kept_sectors({}, {}, 8), 0U);
}

TEST(Regression, ErasedAreaWinsWhereTheyOverlap) {  // F-211: the example of figure 14
    EXPECT_EQ(kept_sectors({sectors(3, 5), true}, {sectors(4, 7), false}, 8), 0b1100'0000U);
    EXPECT_EQ(kept_sectors({sectors(3, 5), false}, {sectors(4, 7), true}, 8), 0b0000'1000U);
}

TEST(Regression, SharedSectorGoesWithTheErasedArea) {  // F-211, A-09
    const Area head{0, 1}, tail{2, 3};                 // both in sector 0
    EXPECT_EQ(kept_sectors({head, true}, {tail, false}, 8), 0U);
    EXPECT_EQ(kept_sectors({head, false}, {tail, false}, 8), 1U);
}

}  // namespace
}  // namespace h7::security

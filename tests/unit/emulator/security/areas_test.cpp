#include "emulator/security/areas.hpp"

#include <gtest/gtest.h>

namespace h7::security {
namespace {

constexpr std::uint32_t word(std::uint32_t start, std::uint32_t end) { return end << 16 | start; }

TEST(Areas, EndAboveStartIsInclusiveInBlocksOf256) {  // F-214 F-216
    const Area area = area_of(word(0x000, 0x00F));
    EXPECT_TRUE(area.valid());
    EXPECT_EQ(area.offset(), 0U);
    EXPECT_EQ(area.size(), 4096U);
    EXPECT_TRUE(area.contains(0xFFF));
    EXPECT_FALSE(area.contains(0x1000));
    EXPECT_EQ(area_of(word(0x000, 0x01F)).size(), 8192U);
}

TEST(Areas, NonSecurePartStartsRightAfterTheArea) {  // F-235
    const Area area = area_of(word(0x000, 0x01F));
    EXPECT_TRUE(area.contains(0x1FFF));
    EXPECT_FALSE(area.contains(0x20 * kBlock));
}

TEST(Areas, EqualLimitsMeanTheWholeBank) {  // F-214 R-017
    EXPECT_EQ(area_of(word(0x123, 0x123)).size(), 1U << 20);
    EXPECT_EQ(area_of(word(0, 0)).size(), 1U << 20);
    EXPECT_EQ(area_of(word(0x123, 0x123), 1U << 19).size(), 1U << 19);
    EXPECT_TRUE(area_of(word(0x123, 0x123)).contains(0xFFFFC));
}

TEST(Areas, EndBelowStartIsNone) {  // F-214 F-152 F-153
    const Area none = area_of(0x0000'00FF);
    EXPECT_FALSE(none.valid());
    EXPECT_EQ(none.size(), 0U);
    EXPECT_FALSE(none.touches_sector(0));
    for (std::uint32_t at = 0; at < kBankWindow; at += kBlock) EXPECT_FALSE(none.contains(at));
}

TEST(Areas, SmallestIsTwoBlocks) {  // F-215 R-016
    EXPECT_EQ(area_of(word(0x010, 0x011)).size(), 512U);
}

TEST(Areas, TouchesEverySectorItOverlapsEvenPartly) {  // F-218 F-222
    const Area area = area_of(word(0x1FF, 0x200));     // last block of sector 0, first of sector 1
    EXPECT_TRUE(area.touches_sector(0));
    EXPECT_TRUE(area.touches_sector(1));
    EXPECT_FALSE(area.touches_sector(2));
}

TEST(Areas, CoverOnlyWhatLiesWhollyInside) {  // F-163
    const Area area = area_of(word(0x10, 0x1F));
    EXPECT_TRUE(area.covers(area));
    EXPECT_TRUE(area.covers(area_of(word(0x11, 0x1F))));
    EXPECT_FALSE(area.covers(area_of(word(0x0F, 0x1F))));
    EXPECT_FALSE(area.covers(area_of(word(0x11, 0x20))));
    EXPECT_TRUE(Area{}.covers(Area{}));
    EXPECT_FALSE(Area{}.covers(area));
}

TEST(Areas, LimitsRoundTrip) {
    const std::uint32_t limits = limits_of(0, 0x2000, true);
    EXPECT_EQ(limits, 0x801F'0000U);
    EXPECT_TRUE(erased_with_protections(limits));
    EXPECT_EQ(area_of(limits).size(), 0x2000U);
}

}  // namespace
}  // namespace h7::security

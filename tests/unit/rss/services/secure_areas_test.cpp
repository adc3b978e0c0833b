#include "rss/services/secure_areas.hpp"

#include <gtest/gtest.h>

namespace h7::rss {
namespace {

constexpr OptionWords kFactory = {0x17C6'AAF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1FF0'0800, 0x1000'0810};

struct Record {
    std::uint32_t size, start, remove;
};
Bytes records(std::initializer_list<Record> list) {
    Bytes bytes;
    for (const Record& r : list)
        for (const std::uint32_t word : {r.size, r.start, r.remove}) {
            bytes.resize(bytes.size() + 4);
            store_le<std::uint32_t>(&bytes[bytes.size() - 4], word);
        }
    return bytes;
}
Detail refusal(std::uint32_t count, std::initializer_list<Record> list, const OptionWords& now = kFactory) {
    const auto plan = plan_secure_areas(now, false, count, records(list));
    return plan ? Detail::none : plan.error().detail;
}

TEST(PlanSecureAreas, OneAreaInBankOne) {  // R-020 R-031 R-038
    const auto plan = plan_secure_areas(kFactory, false, 1, records({{0x2000, 0x0800'0000, 1}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ((*plan)[kScar1], 0x801F'0000U);
    EXPECT_EQ((*plan)[kScar2], 0xFFU);
}

TEST(PlanSecureAreas, OneAreaInEachBank) {  // R-016 R-026
    const auto plan =
        plan_secure_areas(kFactory, false, 2, records({{0x200, 0x081F'FE00, 0}, {0x400, 0x0802'0000, 1}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ((*plan)[kScar2], 0x0FFF'0FFEU);
    EXPECT_EQ((*plan)[kScar1], 0x8203'0200U);
}

TEST(PlanSecureAreas, AWholeBank) {
    const auto plan = plan_secure_areas(kFactory, false, 1, records({{0x10'0000, 0x0810'0000, 0}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ((*plan)[kScar2], 0x0FFF'0000U);
}

TEST(PlanSecureAreas, AddressesAreVisibleAddresses) {  // F-125 F-127
    const auto plan = plan_secure_areas(kFactory, true, 1, records({{0x2000, 0x0800'0000, 1}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ((*plan)[kScar2], 0x801F'0000U) << "physical bank 2 is at 0x08000000 while swapped";
}

TEST(PlanSecureAreas, AnEmptyRecordIsIgnored) {
    const auto plan = plan_secure_areas(kFactory, false, 2, records({{0x2000, 0x0800'0000, 0}, {0, 0, 0}}));
    ASSERT_TRUE(plan);
    EXPECT_EQ((*plan)[kScar2], 0xFFU);
    EXPECT_EQ(refusal(1, {{0, 0, 0}}), Detail::E_ARG);
}

TEST(PlanSecureAreas, Refusals) {  // R-016 R-036, rss-sfi-bootloader.md 2.3 and 7, 14
    const Record good{0x200, 0x0800'0000, 0};
    EXPECT_EQ(refusal(0, {}), Detail::E_ARG);
    EXPECT_EQ(refusal(3, {good, good, good}), Detail::E_ARG);
    EXPECT_EQ(refusal(0xFFFF'FFFF, {}), Detail::E_ARG);
    EXPECT_EQ(refusal(1, {{0x100, 0x0800'0000, 0}}), Detail::E_SIZE);
    EXPECT_EQ(refusal(1, {{0x201, 0x0800'0000, 0}}), Detail::E_SIZE);
    EXPECT_EQ(refusal(1, {{0x10'0100, 0x0800'0000, 0}}), Detail::E_RANGE);
    EXPECT_EQ(refusal(1, {{0x200, 0x0800'0080, 0}}), Detail::E_ALIGN);
    EXPECT_EQ(refusal(1, {{0x200, 0x080F'FF00, 0}}), Detail::E_RANGE) << "crosses into the other bank";
    EXPECT_EQ(refusal(1, {{0x200, 0x0820'0000, 0}}), Detail::E_RANGE);
    EXPECT_EQ(refusal(1, {{0x200, 0x2000'0000, 0}}), Detail::E_RANGE);
    EXPECT_EQ(refusal(2, {good, {0x200, 0x0808'0000, 0}}), Detail::E_BANK);
    OptionWords now = kFactory;
    now[kScar2] = 0x000F'0000;
    EXPECT_EQ(refusal(1, {good}, now), Detail::E_EXISTS);
    now = kFactory;
    now[kOptsr] = insert(now[kOptsr], 15, 8, 0xCC);
    EXPECT_EQ(refusal(1, {good}, now), Detail::E_RDP);
}

struct Choice {
    std::uint32_t scar1, scar2;
    bool swapped;
    Address boot;
    AreaChoice::Kind kind;
    Address start;
};
class ChooseSecureArea : public testing::TestWithParam<Choice> {};

TEST_P(ChooseSecureArea, FollowsFigure16) {  // R-011 R-013 R-050 A-43 A-52
    const Choice& c = GetParam();
    OptionWords words = kFactory;
    words[kScar1] = c.scar1;
    words[kScar2] = c.scar2;
    const AreaChoice choice = choose_secure_area(words, c.swapped, c.boot);
    EXPECT_EQ(choice.kind, c.kind);
    if (c.kind == AreaChoice::Kind::start) {
        EXPECT_EQ(choice.area.start, c.start);
    }
}

using Kind = AreaChoice::Kind;
constexpr std::uint32_t kNone = 0xFF, kLow = 0x000F'0000, kMiddle = 0x040F'0400;
// clang-format off
INSTANTIATE_TEST_SUITE_P(Rows, ChooseSecureArea, testing::Values(
    //     SCAR of bank 1, 2   swapped  boot address  what             start
    Choice{kNone,   kNone,     false,   0x0800'0000, Kind::none,      0},
    Choice{kNone,   kNone,     true,    0x0800'0000, Kind::none,      0},
    Choice{kLow,    kNone,     false,   0x0810'0000, Kind::start,     0x0800'0000},
    Choice{kNone,   kMiddle,   false,   0x0800'0000, Kind::start,     0x0814'0000},
    Choice{kLow,    kMiddle,   false,   0x0800'0000, Kind::start,     0x0800'0000},
    Choice{kLow,    kMiddle,   false,   0x0813'0000, Kind::start,     0x0814'0000},
    Choice{kLow,    kMiddle,   false,   0x1FF0'0000, Kind::start,     0x0814'0000},
    Choice{kLow,    kLow,      false,   0x0808'0000, Kind::start,     0x0800'0000},   // a tie
    Choice{kLow,    kNone,     true,    0x0800'0000, Kind::undo_swap, 0},
    Choice{kNone,   kLow,      true,    0x0800'0000, Kind::undo_swap, 0},
    Choice{kLow,    kMiddle,   true,    0x0810'0000, Kind::start,     0x0804'0000},   // physical bank 2
    Choice{0x0005'0005, kNone, false,   0x0800'0000, Kind::start,     0x0800'0000})); // START = END: whole bank
// clang-format on

}  // namespace
}  // namespace h7::rss

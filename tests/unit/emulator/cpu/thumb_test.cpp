// What translation knows of the encoding: ARMv7-M A5.
#include "emulator/cpu/unicorn/thumb.hpp"

#include <gtest/gtest.h>

namespace h7::cpu::thumb {
namespace {

TEST(Thumb, PlainStoresChangeNothingButMemory) {  // A7.7.161 - A7.7.170
    struct {
        std::uint16_t first, second;
        bool plain;
    } const facts[] = {
        // clang-format off
        {0x6011, 0, true }, {0x7011, 0, true }, {0x8011, 0, true }, {0x9101, 0, true }, {0x5088, 0, true },
        {0x5288, 0, true }, {0x5488, 0, true }, {0x6811, 0, false}, {0xC110, 0, false}, {0xB410, 0, false},
        {0xF8C1, 0x2100, true }, {0xF8A1, 0x2100, true }, {0xF881, 0x2100, true }, {0xF841, 0x2003, true },
        {0xF841, 0x2C04, true }, {0xF841, 0x2D04, false}, {0xF841, 0x2B04, false}, {0xF841, 0x2E00, false},
        {0xE9C1, 0x2300, false}, {0xED81, 0x0A00, false}, {0xE841, 0x2300, false},
        // clang-format on
    };
    for (const auto& fact : facts)
        EXPECT_EQ(is_plain_store(fact.first, fact.second), fact.plain)
            << std::hex << fact.first << ' ' << fact.second;
}

TEST(Thumb, WordAlignedInstructions) {  // A3.2.1
    struct {
        std::uint16_t first, second;
        bool words;
    } const facts[] = {
        // clang-format off
        {0xB410, 0, true }, {0xBD10, 0, true }, {0xB100, 0, false}, {0xBF00, 0, false}, {0xC110, 0, true },
        {0xC918, 0, true }, {0x6811, 0, false}, {0xE891, 0x0018, true }, {0xE92D, 0x0018, true },
        {0xE9D1, 0x3400, true }, {0xE8F1, 0x3401, true }, {0xE851, 0x3F00, false}, {0xE8D1, 0xF010, false},
        {0xED91, 0x0A00, true }, {0xED81, 0x0B00, true }, {0xECB1, 0x0A04, true }, {0xEE30, 0x0A20, false},
        // clang-format on
    };
    for (const auto& fact : facts)
        EXPECT_EQ(needs_word_alignment(fact.first, fact.second), fact.words)
            << std::hex << fact.first << ' ' << fact.second;
}

TEST(Thumb, ItBlocks) {  // A7.3.3
    EXPECT_TRUE(is_it(0xBF08));
    EXPECT_FALSE(is_it(0xBF30)) << "WFI";
    EXPECT_EQ(it_length(0xBF08), 1u);
    EXPECT_EQ(it_length(0xBF04), 2u);
    EXPECT_EQ(it_length(0xBF01), 4u);
    EXPECT_EQ(it_length(0), 0u);
}

TEST(Thumb, LoadsThatOverwriteTheirBase) {
    EXPECT_TRUE(overwrites_base(0xE9D1, 0x1301)) << "ldrd r1, r3, [r1, #4]";
    EXPECT_TRUE(overwrites_base(0xE951, 0x1302)) << "ldrd r1, r3, [r1, #-8]";
    EXPECT_FALSE(overwrites_base(0xE9D1, 0x3101)) << "the second destination comes last";
    EXPECT_FALSE(overwrites_base(0xE9C1, 0x1301)) << "STRD";
}

}  // namespace
}  // namespace h7::cpu::thumb

// Option bytes as people write them (rss-sfi-bootloader.md 4.8; F-149 to F-154).
#include "rss/host/package/option_toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peripherals/flash/image.hpp"

namespace h7::package {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

image::OptionWords words_of(std::string_view text) {
    const auto words = parse_option_toml(text, "ob.toml");
    EXPECT_TRUE(words) << words.error().message;
    return words.value_or({});
}
std::string error_of(std::string_view text) {
    const auto words = parse_option_toml(text, "ob.toml");
    return words ? "" : words.error().message;
}

TEST(OptionToml, WhatIsNotNamedHasItsFactoryValue) {
    EXPECT_EQ(words_of(""), flash::kFactoryOptions);
    auto words = flash::kFactoryOptions;
    words[flash::kOptsr] = (words[flash::kOptsr] & ~0xFF00U) | 0xBB00U | 1U << 21;
    EXPECT_EQ(words_of("RDP = 0xBB\nSECURITY = 1\n"), words);
    EXPECT_EQ(words_of("RDP = \"level 1\"\nSECURITY = true\n"), words);
}

TEST(OptionToml, BootAddressesInBothSpellings) {  // F-150
    EXPECT_EQ(words_of("BOOT_CM7_ADD0 = 0x08020000")[image::kBoot7] & 0xFFFF, 0x0802U);
    EXPECT_EQ(words_of("BOOT_CM7_ADD0 = 0x0802")[image::kBoot7] & 0xFFFF, 0x0802U);
    EXPECT_THAT(error_of("BOOT_CM7_ADD0 = 0x08020100"), HasSubstr("multiple of 0x10000"));
}

TEST(OptionToml, AreasByAddress) {  // F-152, F-153, F-215
    const auto words = words_of(
        "[[secure_area]]\nstart = 0x08000000\nend = 0x0803FFFF\n"
        "[[pcrop_area]]\nstart = 0x08100200\nend = 0x081003FF\nerased_with_bank = false\n");
    EXPECT_EQ(words[image::kScarA], 0x83FF'0000U);
    EXPECT_EQ(words[image::kPrarB], 0x0003'0002U);
    EXPECT_EQ(words[image::kPrarA], flash::kFactoryOptions[flash::kPrar1]);
    EXPECT_EQ(words_of("[[secure_area]]\nstart = 0x08100000\nend = 0x081FFFFF\n")[image::kScarB],
              0x8FFF'0000U);
}

TEST(OptionToml, WriteProtectedSectors) {  // F-154: a zero bit protects
    const auto words = words_of("write_protected_sectors = [0, 2, 15]");
    EXPECT_EQ(words[image::kWpsnA] & 0xFF, 0xFAU);
    EXPECT_EQ(words[image::kWpsnB] & 0xFF, 0x7FU);
    EXPECT_EQ(words_of("nWRP0 = 0")[image::kWpsnA] & 0xFF, 0xFEU);
}

TEST(OptionToml, EveryMistakeHasItsPlaceAndWhatWasExpected) {
    struct Row {
        const char *text, *place, *what;
    };
    for (const Row& row : {
             Row{"RDP = 0xBB\nSECURITTY = 1", "ob.toml:2:1:", "SECURITY"},
             Row{"RDP = \"two\"", "ob.toml:1:", "\"level 2\""},
             Row{"RDP = 256", "ob.toml:1:", "0 to 0xFF"},
             Row{"RDP = true", "ob.toml:1:", "0 to 0xFF"},
             Row{"SECURITY = -1", "ob.toml:1:", "true, false"},
             Row{"BCM7 = 1.5", "ob.toml:1:", "a number from 0 to 0x1"},
             Row{"RDP = 0xBB\nRDP = 0xAA", "ob.toml:2:", "RDP"},
             Row{"write_protected_sectors = 3", "ob.toml:1:", "a list of sectors"},
             Row{"write_protected_sectors = [3,\n 16]", "ob.toml:2:2:", "0 to 7 in bank 1"},
             Row{"[[secure_area]]\nstart = 0x08000000", "ob.toml:1:", "start and end"},
             Row{"[[secure_area]]\nstart = 0x08000001\nend = 0x080003FF", "ob.toml:2:", "256-byte block"},
             Row{"[[secure_area]]\nstart = 0x08000000\nend = 0x08000400", "ob.toml:3:", "last byte"},
             Row{"[[secure_area]]\nstart = 0x08000000\nend = 0x080000FF", "ob.toml:3:", "512 bytes"},
             Row{"[[secure_area]]\nstart = 0x080FFF00\nend = 0x081000FF", "ob.toml:3:", "one bank"},
             Row{"[[secure_area]]\nstart = 0x20000000\nend = 0x200003FF", "ob.toml:2:", "user flash"},
             Row{"[[secure_area]]\nstart=0x08000000\nend=0x080003FF\n[[secure_area]]\nstart=0x08001000\nend="
                 "0x080013FF",
                 "ob.toml:5:", "bank 1 has an area"},
             Row{"[[pcrop_area]]\nstart = 0x08000000\nend = 0x080003FF\nsize = 1", "ob.toml:4:", "size"},
             Row{"[secure_area]\nstart = 1", "ob.toml:1:", "secure_area"},
             Row{"RDP =", "ob.toml:1:", ""},
         })
        EXPECT_THAT(error_of(row.text), AllOf(StartsWith(row.place), HasSubstr(row.what))) << row.text;
}

TEST(OptionToml, WordsWrittenAndReadAgain) {
    const auto words = words_of(
        "RDP = 0xBB\nSECURITY = 1\nBOOT_CM4_ADD0 = 0x08120000\nwrite_protected_sectors = [7]\n"
        "[[secure_area]]\nstart = 0x08000000\nend = 0x0803FFFF\n");
    EXPECT_EQ(words_of(option_toml(words)), words);
    EXPECT_THAT(option_toml(words), HasSubstr("RDP = 0xBB"));
}

}  // namespace
}  // namespace h7::package

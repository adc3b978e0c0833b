#include "emulator/options/option_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/bits.hpp"

namespace h7::options {
namespace {

using testing::HasSubstr;

std::uint32_t factory(std::string_view name) { return find(name)->get(flash::kFactoryOptions); }

TEST(OptionNames, FactoryValuesOfEveryField) {  // F-149 F-150 F-151 F-152 F-153 F-154
    EXPECT_EQ(factory("RDP"), 0xAAU);
    EXPECT_EQ(factory("BOR_LEV"), 0U);
    for (const auto name : {"IWDG1_SW", "IWDG2_SW", "NRST_STOP_D1", "NRST_STBY_D1", "NRST_STOP_D2",
                            "NRST_STBY_D2", "FZ_IWDG_STOP", "FZ_IWDG_SDBY", "BCM4", "BCM7"})
        EXPECT_EQ(factory(name), 1U) << name;
    for (const auto name :
         {"SECURITY", "ST_RAM_SIZE", "SWAP_BANK", "IO_HSLV", "DMEP1", "DMEP2", "DMES1", "DMES2"})
        EXPECT_EQ(factory(name), 0U) << name;
    EXPECT_EQ(factory("BOOT_CM7_ADD0"), 0x0800U);
    EXPECT_EQ(factory("BOOT_CM7_ADD1"), 0x1FF0U);
    EXPECT_EQ(factory("BOOT_CM4_ADD0"), 0x0810U);
    EXPECT_EQ(factory("BOOT_CM4_ADD1"), 0x1000U);
    for (const auto area : {"PROT_AREA", "SEC_AREA"})
        for (const auto bank : {"1", "2"}) {
            EXPECT_EQ(factory(std::string(area) + "_START" + bank), 0xFFU);
            EXPECT_EQ(factory(std::string(area) + "_END" + bank), 0U);
        }
    for (int sector = 0; sector < 16; ++sector) EXPECT_EQ(factory("nWRP" + std::to_string(sector)), 1U);
}

TEST(OptionNames, EveryDefinedBitHasExactlyOneName) {  // F-149..F-154: reserved bits have none
    flash::OptionWords named{};
    for (const Field& field : fields()) {
        EXPECT_EQ(named[field.word] & mask(field.msb, field.lsb), 0U) << field.name;
        named[field.word] |= mask(field.msb, field.lsb);
    }
    const flash::OptionWords defined = {0xA3FE'FFFC, 0x8FFF'0FFF, 0x8FFF'0FFF, 0x8FFF'0FFF, 0x8FFF'0FFF,
                                        0x0000'00FF, 0x0000'00FF, 0xFFFF'FFFF, 0xFFFF'FFFF};
    EXPECT_EQ(named, defined);
}

TEST(OptionNames, BankTwoSectorsAreNwrp8To15) {
    flash::OptionWords words = flash::kFactoryOptions;
    find("nWRP8")->set(words, 0);
    EXPECT_EQ(words[flash::kWpsn1], 0xFFU);
    EXPECT_EQ(words[flash::kWpsn2], 0xFEU);
}

TEST(OptionNames, ChangesTouchOnlyTheirBits) {
    const std::string texts[] = {"rdp=0xBB", "SECURITY=1", "ST_RAM_SIZE=3", "SEC_AREA_END2=0b11"};
    const auto changes = parse_changes(texts);
    ASSERT_TRUE(changes);
    const auto words = with_changes(flash::kFactoryOptions, *changes);
    EXPECT_EQ(words[flash::kOptsr], 0x17FE'BBF0U);
    EXPECT_EQ(words[flash::kScar2], 0x0003'00FFU);
    EXPECT_EQ(words[flash::kScar1], flash::kFactoryOptions[flash::kScar1]);
}

TEST(OptionNames, RefusalsNameTheNearestNameAndTheLimits) {
    EXPECT_THAT(parse_change("SECURITI=1").error().message, HasSubstr("nearest is SECURITY"));
    EXPECT_THAT(parse_change("BOOT_ADD0=1").error().message, HasSubstr("nearest is BOOT_CM"));
    EXPECT_THAT(parse_change("RDP").error().message, HasSubstr("NAME=VALUE"));
    EXPECT_THAT(parse_change("RDP=").error().message, HasSubstr("RDP: '' is not a"));
    EXPECT_THAT(parse_change("RDP=0x1BB").error().message, HasSubstr("8 bits, the greatest value is 0xFF"));
    EXPECT_THAT(parse_change("SECURITY=2").error().message, HasSubstr("1 bit, the greatest value is 0x1"));
    EXPECT_THAT(parse_change("=1").error().message, HasSubstr("no option byte"));
    const std::string twice[] = {"RDP=1", "rdp=1"};
    EXPECT_THAT(parse_changes(twice).error().message, HasSubstr("RDP: given twice"));
}

TEST(OptionNames, PrintedFormFollowsTheTool) {
    const std::string text = print(flash::kFactoryOptions);
    EXPECT_THAT(text, HasSubstr("OPTION BYTES BANK: 0\n\n   Read Out Protection:\n\n"
                                "     RDP              : 0xAA  (Level 0, no protection)\n\n   BOR Level:\n"));
    EXPECT_THAT(text, HasSubstr("     BOOT_CM7_ADD0    : 0x800  (0x8000000)\n"));
    EXPECT_THAT(text, HasSubstr("     PROT_AREA_START1 : 0xFF  (0x800FF00)\n"));
    EXPECT_THAT(text, HasSubstr("     PROT_AREA_START2 : 0xFF  (0x810FF00)\n"));
    EXPECT_LT(text.find("SECURITY"), text.find("BOOT_CM7_ADD0"));
}

TEST(OptionNames, JsonHasEveryFieldAndTheWords) {
    const auto json = nlohmann::json::parse(print_json(flash::kFactoryOptions));
    for (const Field& field : fields()) EXPECT_TRUE(json.contains(std::string(field.name))) << field.name;
    EXPECT_EQ(json["RDP"]["value"], 0xAA);
    EXPECT_EQ(json["words"]["OPTSR"], "0x17C6AAF0");
}

TEST(OptionNames, CsvNamesInFileOrder) {  // rss-sfi-bootloader.md 4.8
    EXPECT_EQ(csv_name_of(flash::kOptsr), "FOPTSR_PRG");
    EXPECT_EQ(csv_name_of(flash::kScar2), "FSCAR_PRG_B");
    EXPECT_EQ(csv_name_of(flash::kBoot4), "RESERVED");
}

}  // namespace
}  // namespace h7::options

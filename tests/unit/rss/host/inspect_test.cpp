// What `sfi inspect` prints: ST's wording (st-conventions.md, "SFI log lines") and the same for programs.
#include "rss/host/package/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "rss/host/package/pack.hpp"
#include "tests/support/annex_a_recipe.hpp"

namespace h7::package {
namespace {

using testing::HasSubstr;
using testing::Not;

Bytes annex_a_file() { return pack(annex_a::recipe())->file; }

TEST(Inspect, PrintsWhatStsProgrammerPrints) {
    const Bytes file = annex_a_file();
    const std::string text = describe(*image::parse_sfi(file));
    EXPECT_THAT(text, HasSubstr("SFI header information :\n"
                                "  SFI protocol version : 2\n"
                                "  SFI total number of areas : 2\n"
                                "  SFI image version : 7\n"
                                "Parsing Area 1/2 :\n"
                                "  Area type : F\n"
                                "  Area size : 64\n"
                                "  Area destination address : 0x8000000\n"
                                "Parsing Area 2/2 :\n"
                                "  Area type : C\n"
                                "  Area size : 48\n"
                                "  Area destination address : 0x0\n"
                                "Parsed File SUCCESS\n"));
    EXPECT_THAT(text, HasSubstr("this project's own")) << "D-11: said wherever a user meets it";
    EXPECT_THAT(text, HasSubstr("unknown without the key"));
}

TEST(Inspect, TheKeyShowsTheOptionWordsAndWhetherTheChipStaysReadable) {  // D-33
    const Bytes file = annex_a_file();
    const auto container = image::parse_sfi(file);
    const auto opened = verify(*container, file, annex_a::key(), annex_a::nonce());
    ASSERT_TRUE(opened);
    const std::string text = describe(*container, &*opened);
    EXPECT_THAT(text, HasSubstr("READABLE"));
    EXPECT_THAT(text, HasSubstr("FOPTSR_PRG : 0x1026AAD0"));
    EXPECT_THAT(text, HasSubstr("IWDG2 runs from reset"));
    EXPECT_THAT(text, HasSubstr("CM7 boots from 0x08000000"));  // BCM7 = BCM4 = 0 (system.md 2.2)
}

TEST(Inspect, JsonHoldsTheSameAndNoSecret) {  // D-14
    const Bytes file = annex_a_file();
    const auto container = image::parse_sfi(file);
    const auto opened = verify(*container, file, annex_a::key(), annex_a::nonce());
    const nlohmann::json json = describe_json(*container, &*opened);
    EXPECT_EQ(json["areas_total"], 2);
    EXPECT_EQ(json["areas"][0]["type"], "F");
    EXPECT_EQ(json["areas"][0]["address"], 0x0800'0000);
    EXPECT_EQ(json["areas"][1]["offset"], 64 + 104);
    EXPECT_EQ(json["option_words"]["FBOOT7_PRG"], 0x2400'0800);
    EXPECT_EQ(json["tags_checked"], true);
    EXPECT_THAT(json.dump(), Not(HasSubstr(to_hex(annex_a::key()))));
}

}  // namespace
}  // namespace h7::package

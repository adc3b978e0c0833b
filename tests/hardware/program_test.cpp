// Firmware from the host is written as a programmer would write it, and refused where a chip would refuse it
// (D-31).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/options/option_names.hpp"
#include "emulator/security/rule_text.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using ::testing::HasSubstr;

std::string answer(std::initializer_list<std::pair<const char*, std::uint32_t>> options, Address address,
                   const char* part = "H755") {
    chip::Config config;
    config.part = chip::find_part(part);
    for (const auto& [name, value] : options) options::find(name)->set(config.image.options, value);
    auto chip = chip::Chip::create(std::move(config));
    const Bytes bytes(64, 0x55);
    const flash::Image before = (*chip)->image();
    const auto done = (*chip)->program({{address, bytes}});
    if (!done) {
        EXPECT_EQ((*chip)->image().user[0].data, before.user[0].data) << "a refusal writes nothing";
    }
    return done ? "written" : done.error().message;
}

TEST(Program, OpenFlashAndRamAreWritten) {
    EXPECT_EQ(answer({}, 0x0800'0000), "written");
    EXPECT_EQ(answer({}, 0x081F'FFC0), "written");
    EXPECT_EQ(answer({}, 0x2400'0000), "written");
    EXPECT_EQ(answer({}, 0x1000'0000), "written");  // SRAM1 by its code alias
}

TEST(Program,
     ProtectedPlacesAreRefused) {  // F-086, F-191, F-202, F-221, F-231, D-03: in the words of the rule
    const auto says = [](std::string_view rule) {
        return HasSubstr(std::string(security::sentence_of(rule)));
    };
    EXPECT_THAT(answer({{"nWRP2", 0}}, 0x0804'0000), HasSubstr("0x08040000, bank 1 sector 2"));
    EXPECT_THAT(answer({{"nWRP2", 0}}, 0x0804'0000), says("F-191"));
    EXPECT_EQ(answer({{"nWRP2", 0}}, 0x0806'0000), "written");
    EXPECT_THAT(answer({{"RDP", 0xBB}}, 0x0800'0000), says("F-086"));
    EXPECT_THAT(answer({{"RDP", 0xCC}}, 0x0800'0000), says("F-202"));
    const auto pcrop = {std::pair{"PROT_AREA_START1", 0x10U}, std::pair{"PROT_AREA_END1", 0x11U}};
    EXPECT_THAT(answer(pcrop, 0x0800'1100), says("F-221"));
    EXPECT_EQ(answer(pcrop, 0x0800'1200), "written");
    const auto secure = {std::pair{"SEC_AREA_START1", 0x0U}, std::pair{"SEC_AREA_END1", 0x3FFU}};
    EXPECT_THAT(answer(secure, 0x0800'0000), says("D-03"));
    const auto in_force = {std::pair{"SECURITY", 1U}, std::pair{"SEC_AREA_START1", 0x0U},
                           std::pair{"SEC_AREA_END1", 0x3FFU}};
    EXPECT_THAT(answer(in_force, 0x0800'0000), says("F-231"));
    EXPECT_EQ(answer(secure, 0x0800'0000, "H745"), "written");  // D-03
}

TEST(Program, ProtectionsFollowTheirBankOverASwap) {  // F-127
    EXPECT_THAT(answer({{"nWRP0", 0}, {"SWAP_BANK", 1}}, 0x0810'0000), HasSubstr("bank 1 sector 0"));
    EXPECT_EQ(answer({{"nWRP0", 0}, {"SWAP_BANK", 1}}, 0x0800'0000), "written");
}

TEST(Program, PlacesWithNothingBehindThemAreNamed) {  // system.md 1.1
    EXPECT_THAT(answer({}, 0x0820'0000), HasSubstr("0x08200000-0x0820003f: no flash or RAM there"));
    EXPECT_THAT(answer({}, 0x081F'FFE0), HasSubstr("no flash or RAM there"));
    EXPECT_THAT(answer({}, 0x4000'0000), HasSubstr("no flash or RAM there"));
    EXPECT_THAT(answer({}, 0x1FF0'0000), HasSubstr("no flash or RAM there"));
}

}  // namespace
}  // namespace h7::test

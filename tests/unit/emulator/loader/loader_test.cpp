#include "emulator/loader/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf_builder.hpp"
#include "emulator/base/random.hpp"

namespace h7::loader {
namespace {

using test::make_elf;
using testing::HasSubstr;

const std::string kHex = ":020000040800F2\n:040000000011223396\n:00000001FF\n";
Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Loader, RecognisesTheFormatByContents) {
    EXPECT_EQ(parse_program(make_elf({{.physical = 0x0800'0000, .contents = Bytes(4, 1)}}), "app")->format,
              Format::elf);
    EXPECT_EQ(parse_program(bytes("\n " + kHex), "app")->format, Format::intel_hex);
    EXPECT_EQ(parse_program(bytes("S10500001122C7\nS9030000FC\n"), "app")->format, Format::srecord);
    EXPECT_EQ(parse_program(bytes(kHex), "app.bin", 0x0800'0000)->format, Format::binary);
}

TEST(Loader, ARawBinaryNeedsAnAddressAndOthersRefuseOne) {
    EXPECT_THAT(parse_program(Bytes(64, 0), "app.bin").error().message, HasSubstr("app.bin@0x08000000"));
    const auto program = parse_program(Bytes(64, 0), "app.bin", 0x0810'0000);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->segments[0].address, 0x0810'0000U);
    EXPECT_EQ(program->segments[0].bytes.size(), 64U);
    EXPECT_THAT(parse_program(make_elf({}), "app", 0x0800'0000).error().message,
                HasSubstr("leave out @0x08000000"));
    EXPECT_THAT(parse_program(bytes(kHex), "app.hex", 0x0800'0000).error().message, HasSubstr("leave out"));
    EXPECT_THAT(parse_program(Bytes(2, 0), "app.bin", 0xFFFF'FFFF).error().message, HasSubstr("32-bit"));
    EXPECT_THAT(parse_program({}, "app.bin", 0x0800'0000).error().message, HasSubstr("is empty"));
}

TEST(Loader, ANameThatPromisesAFormatIsHeldToIt) {
    EXPECT_THAT(parse_program(bytes("hello"), "app.elf").error().message, HasSubstr("no ELF file"));
    EXPECT_THAT(parse_program(bytes("hello"), "app.HEX").error().message, HasSubstr("app.HEX:1:"));
    EXPECT_THAT(parse_program({}, "app.elf").error().message, HasSubstr("is empty"));
}

TEST(Loader, MissingFilesAndDirectoriesAreOneLine) {
    EXPECT_THAT(load_program("/nonexistent/app.elf").error().message,
                HasSubstr("/nonexistent/app.elf: cannot open"));
    EXPECT_THAT(load_program("/").error().message, HasSubstr("is a directory"));
}

TEST(Loader, ArgumentsMayCarryAnAddress) {
    EXPECT_EQ(split_argument("a.elf").path, "a.elf");
    EXPECT_FALSE(split_argument("a.elf").address);
    EXPECT_EQ(split_argument("dir@x/a.bin@0x08100000").path, "dir@x/a.bin");
    EXPECT_EQ(split_argument("dir@x/a.bin@0x08100000").address, 0x0810'0000U);
    EXPECT_EQ(split_argument("me@home").path, "me@home");
    EXPECT_EQ(split_argument("@1").path, "@1");
}

TEST(Loader, OverlapBetweenProgramsNamesBothFiles) {
    std::vector<Program> programs;
    programs.push_back(*parse_program(Bytes(64, 0), "m7.bin", 0x0800'0000));
    programs.push_back(*parse_program(Bytes(64, 0), "m4.bin", 0x0800'0040));
    EXPECT_TRUE(check_disjoint(programs));
    programs.push_back(*parse_program(Bytes(1, 0), "extra.bin", 0x0800'003F));
    const auto clash = check_disjoint(programs);
    ASSERT_FALSE(clash);
    EXPECT_THAT(clash.error().message,
                HasSubstr("m7.bin: contents and extra.bin: contents both write 0x0800003F"));
}

TEST(Loader, SurvivesDamageAnywhere) {
    const Bytes elf = make_elf({{.physical = 0x0800'0000, .contents = Bytes(40, 1)}},
                               {{"main", 0x0800'0011, 12, STT_FUNC}});
    for (const Bytes& seed : {elf, bytes(kHex), bytes("S10500001122C7\nS9030000FC\n")}) {
        SeededRandom random(7);
        for (int round = 0; round < 20'000; ++round) {
            Bytes damaged = seed;
            for (std::uint64_t n = random.next() % 4 + 1; n > 0; --n)
                damaged[random.next() % damaged.size()] = static_cast<std::uint8_t>(random.next());
            const auto program = parse_program(damaged, "x");
            if (!program) {
                EXPECT_FALSE(program.error().message.empty());
                continue;
            }
            for (std::size_t i = 1; i < program->segments.size(); ++i)
                ASSERT_LE(program->segments[i - 1].end(), program->segments[i].address);
        }
    }
}

}  // namespace
}  // namespace h7::loader

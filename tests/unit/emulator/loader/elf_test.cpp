#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf_builder.hpp"
#include "emulator/loader/loader.hpp"

namespace h7::loader {
namespace {

using test::make_elf;
using testing::HasSubstr;

std::string refusal(const Bytes& file) {
    const auto program = parse_elf(file, "app.elf");
    EXPECT_FALSE(program) << "accepted";
    if (program) return "";
    EXPECT_EQ(program.error().code, ExitCode::misuse);
    EXPECT_THAT(program.error().message, testing::StartsWith("app.elf"));
    EXPECT_THAT(program.error().message, testing::Not(HasSubstr("\n")));
    return program.error().message;
}

TEST(Elf, LoadsByPhysicalAddressAndKeepsTheEntry) {
    // .data: linked to run in DTCM, stored in flash
    const auto program = parse_elf(
        make_elf({{.physical = 0x0802'0000, .contents = Bytes(8, 2), .virtual_address = 0x2000'0000},
                  {.physical = 0x0800'0000, .contents = Bytes(32, 1), .virtual_address = 0x0800'0000}}),
        "app.elf");
    ASSERT_TRUE(program) << program.error().message;
    ASSERT_EQ(program->segments.size(), 2U);
    EXPECT_EQ(program->segments[0].address, 0x0800'0000U);
    EXPECT_EQ(program->segments[1].address, 0x0802'0000U);
    EXPECT_EQ(program->segments[1].bytes, Bytes(8, 2));
    EXPECT_EQ(program->entry, 0x0800'0101U);
    EXPECT_EQ(program->size(), 40U);
}

TEST(Elf, JoinsSegmentsThatTouch) {
    const auto program = parse_elf(make_elf({{.physical = 0x0800'0000, .contents = Bytes(32, 1)},
                                             {.physical = 0x0800'0020, .contents = Bytes(4, 2)}}),
                                   "app.elf");
    ASSERT_TRUE(program);
    ASSERT_EQ(program->segments.size(), 1U);
    EXPECT_EQ(program->segments[0].bytes.size(), 36U);
}

TEST(Elf, KeepsSymbolsWithoutThumbBitAndMappingMarkers) {
    const auto program = parse_elf(make_elf({{.physical = 0x0800'0000, .contents = Bytes(32, 1)}},
                                            {{"main", 0x0800'0011, 12, STT_FUNC},
                                             {"counter", 0x2000'0003, 1, STT_OBJECT},
                                             {"$t", 0x0800'0000, 0, STT_NOTYPE},
                                             {"app.c", 0, 0, STT_FILE}}),
                                   "app.elf");
    ASSERT_TRUE(program);
    ASSERT_EQ(program->symbols.size(), 2U);
    const Symbol* function = program->find("main");
    ASSERT_NE(function, nullptr);
    EXPECT_EQ(function->address, 0x0800'0010U);
    EXPECT_EQ(function->size, 12U);
    EXPECT_TRUE(function->function);
    EXPECT_EQ(program->find("counter")->address, 0x2000'0003U);
    EXPECT_EQ(program->find("$t"), nullptr);
}

TEST(Elf, RefusesWrongClassEndiannessMachineAndType) {
    const Bytes good = make_elf({{.physical = 0x0800'0000, .contents = Bytes(32, 1)}});
    Bytes file = good;
    file[EI_CLASS] = ELFCLASS64;
    EXPECT_THAT(refusal(file), HasSubstr("64-bit"));
    file = good;
    file[EI_DATA] = ELFDATA2MSB;
    EXPECT_THAT(refusal(file), HasSubstr("little-endian"));
    file = good;
    file[18] = EM_386;
    EXPECT_THAT(refusal(file), HasSubstr("machine 3"));
    file = good;
    file[16] = ET_REL;
    EXPECT_THAT(refusal(file), HasSubstr("not linked"));
    file = good;
    file[16] = ET_DYN;
    EXPECT_THAT(refusal(file), HasSubstr("type 3"));
    file = good;
    file[42] = 31;
    EXPECT_THAT(refusal(file), HasSubstr("program headers of 31 bytes"));
    EXPECT_THAT(refusal(Bytes(100, 0)), HasSubstr("no ELF file"));
}

TEST(Elf, RefusesAFileCutAtAnyByte) {
    const Bytes good = make_elf({{.physical = 0x0800'0000, .contents = Bytes(32, 1)},
                                 {.physical = 0x0810'0000, .contents = Bytes(32, 1)}});
    ASSERT_TRUE(parse_elf(good, "app.elf"));
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(parse_elf(ByteView(good).first(size), "app.elf")) << size;
    EXPECT_THAT(refusal(Bytes(good.begin(), good.end() - 1)), HasSubstr("truncated: segment 1"));
}

TEST(Elf, RefusesOverlappingSegmentsNamingBoth) {
    EXPECT_THAT(refusal(make_elf({{.physical = 0x0800'0000, .contents = Bytes(33, 1)},
                                  {.physical = 0x0800'0020, .contents = Bytes(4, 2)}})),
                HasSubstr("segment 0 and segment 1 both write 0x08000020"));
}

TEST(Elf, RefusesASegmentBeyondTheAddressSpaceAndAnEmptyProgram) {
    EXPECT_THAT(refusal(make_elf({{.physical = 0xFFFF'FFF0, .contents = Bytes(17, 1)}})),
                HasSubstr("32-bit address space"));
    EXPECT_THAT(refusal(make_elf({})), HasSubstr("nothing to load"));
    EXPECT_THAT(refusal(make_elf({{.physical = 0, .contents = Bytes(4, 1), .type = PT_NOTE}})),
                HasSubstr("nothing to load"));
}

TEST(Elf, ADamagedSymbolTableDoesNotStopAProgram) {
    Bytes file = make_elf({{.physical = 0x0800'0000, .contents = Bytes(32, 1)}},
                          {{"main", 0x0800'0011, 12, STT_FUNC}});
    file[32] = 0xFF;  // e_shoff
    file[33] = 0xFF;
    const auto program = parse_elf(file, "app.elf");
    EXPECT_TRUE(program);
}

}  // namespace
}  // namespace h7::loader

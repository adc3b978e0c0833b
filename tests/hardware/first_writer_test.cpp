// Firmware that programs one flash word twice: the chip knows which instruction of which core came first
// (D-12).
#include <gmock/gmock.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// Vectors and code for a core that boots at `base`: keys, PG; 5 into the word at base + 0x40000, by two
/// STRB, an STRH and seven STR; then 10 over it; then it reads the word.
Bytes programs_twice(Address base, Address registers) {
    const std::uint32_t words[] = {
        0x3800'0400, base + 9,     // vectors
        0x4910'480F, 0x4910'6041,  // ldr r0, =registers; ldr r1, =KEY1; str r1, [r0, #4]; ..
        0x2132'6041, 0x4A0F'60C1,  // .. movs r1, #0x32; str r1, [r0, #12]; ldr r2, =word
        0x2305'2108, 0x3201'7013,  // movs r1, #8; movs r3, #5; strb r3, [r2] at base + 0x1C; adds r2, #1
        0x3201'7013, 0x3202'8013,  // strb r3, [r2]; adds r2, #1; strh r3, [r2]; adds r2, #2
        0x6013'3901, 0x3901'3204,  // subs r1, #1; loop: str r3, [r2]; adds r2, #4; subs r1, #1
        0x4A08'D1FB, 0x230A'2108,  // bne loop; ldr r2, =word; movs r1, #8; movs r3, #10
        0x3204'6013, 0xD1FB'3901,  // again: str r3, [r2] at base + 0x38; adds r2, #4; subs r1, #1; bne again
        0x6813'4A04, 0x0000'E7FE,  // ldr r2, =word; ldr r3, [r2]; b .
        registers,   0x4567'0123, 0xCDEF'89AB, base + 0x4'0000,
    };
    Bytes bytes(sizeof words);
    for (std::size_t i = 0; i < std::size(words); ++i) store_le32(bytes, 4 * i, words[i]);
    return bytes;
}

TEST(FirstWriter, IsTheInstructionOfTheCoreThatBeganTheWord) {  // D-12, F-036
    BenchChip chip = a_chip();
    chip.keep_trace();
    const Bytes m7 = programs_twice(0x0800'0000, 0x5200'2000), m4 = programs_twice(0x0810'0000, 0x5200'2100);
    ASSERT_TRUE(chip->program({{0x0800'0000, m7}, {0x0810'0000, m4}}));
    chip.power_on();
    chip.run(kMillisecond);
    const auto first = [&](Address canonical) { return chip->flash().first_writer(canonical).value(); };
    EXPECT_EQ(first(0x0804'0000).master, Master::cm7);
    EXPECT_EQ(first(0x0804'0000).pc, 0x0800'001CU);
    EXPECT_EQ(first(0x0814'0000).master, Master::cm4);
    EXPECT_EQ(first(0x0814'0000).pc, 0x0810'001CU);
    EXPECT_GT(first(0x0814'0000).when, 0U);
    EXPECT_LT(first(0x0814'0000).when, kMillisecond);
    EXPECT_EQ(flash::text_of(first(0x0800'0000)), "the host, before power-on");
    EXPECT_THAT(chip.trace_lines(),
                Contains(testing::AllOf(
                    HasSubstr("flash word at 0x08040000 was not erased"),
                    HasSubstr("programmed again by: CM7 (application), the store at pc 0x08000038"),
                    HasSubstr("first by: CM7 (application), the store at pc 0x0800001c"))));
    EXPECT_THAT(chip.trace_lines(),
                Contains(testing::AllOf(
                    HasSubstr("DBECCERR2: read at 0x08140000 by CM4"),
                    HasSubstr("first programmed by: CM4 (application), the store at pc 0x0810001c"))));

    const flash::Image kept = chip->image();  // without power, into another chip
    auto again = chip::Chip::create({.image = kept, .identity = {}});
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->flash().first_writer(0x0814'0000), first(0x0814'0000));
}

TEST(FirstWriter, ADebuggerHasNoPc) {  // D-12
    BenchChip chip = a_chip();
    ASSERT_TRUE(chip->program({{0x0800'0000, programs_twice(0x0800'0000, 0x5200'2000)}}));
    chip.power_on();
    const auto put = [&](Address at, std::uint32_t value) {
        EXPECT_TRUE(chip->write({at, 4, Op::write, Master::ap0, Context::application, true}, value));
    };
    put(0x5200'2004, 0x4567'0123);
    put(0x5200'2004, 0xCDEF'89AB);
    put(0x5200'200C, 0x32);
    for (unsigned i = 0; i < 8; ++i) put(0x0806'0000 + 4 * i, i);
    EXPECT_EQ(flash::text_of(chip->flash().first_writer(0x0806'0000).value()),
              "AP0 (application), 0 ps after power-on");
}

}  // namespace
}  // namespace h7::test

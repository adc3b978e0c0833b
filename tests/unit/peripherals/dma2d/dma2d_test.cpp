// Rectangles of pixels in a small memory. RM0399 section 19.
#include "peripherals/dma2d/dma2d.hpp"

#include <gtest/gtest.h>

#include "tests/support/dma_rig.hpp"

namespace h7::dma2d {
namespace {

using test::Bench;

enum Flags : std::uint32_t { kTe = 1, kTc = 2, kTw = 4, kCae = 8, kCtc = 16, kCe = 32 };
enum Modes : std::uint32_t { kCopy = 0, kConvert = 1 << 16, kBlend = 2 << 16, kFill = 3 << 16 };
constexpr std::uint32_t kStart = 1;

struct Rig : test::EngineBench<Dma2d> {
    std::uint32_t flags() { return reg(0x04); }
    void size(std::uint32_t pixels, std::uint32_t lines) { reg(0x44, pixels << 16 | lines); }
};

TEST(Dma2d, CopiesARectangleOutOfAnImage) {
    Rig rig;
    for (unsigned i = 0; i < 64; ++i) rig.memory[0x100 + i] = static_cast<std::uint8_t>(i);
    rig.reg(0x0C, 0x102), rig.reg(0x10, 3);  // two RGB565 pixels out of lines of five
    rig.reg(0x1C, 2);
    rig.reg(0x3C, 0x800);
    rig.size(2, 3);
    rig.reg(0x00, kCopy | 1 << 9 | kStart);
    EXPECT_EQ(rig.reg(0) & kStart, kStart);
    rig.pass(10 * kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc);
    EXPECT_TRUE(rig.dma.irq.level());
    EXPECT_EQ(rig.reg(0) & kStart, 0U);
    EXPECT_EQ(rig.bytes(0x800, 12), (Bytes{2, 3, 4, 5, 12, 13, 14, 15, 22, 23, 24, 25}));
    for (const Access& access : rig.bus.log) EXPECT_EQ(access.master, Master::dma2d);
    rig.reg(0x08, kTc);
    EXPECT_FALSE(rig.dma.irq.level());
}

TEST(Dma2d, FillsWithTheOutputColour) {
    Rig rig;
    rig.reg(0x34, 2), rig.reg(0x38, 0xF81F), rig.reg(0x3C, 0x400), rig.reg(0x40, 1);
    rig.size(2, 2);
    rig.reg(0x4C, 0), rig.reg(0x48, 1);
    rig.reg(0x00, kFill | kStart);
    rig.pass(95 * kNanosecond);
    EXPECT_EQ(rig.flags(), kTw) << "the first line is done";
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTw | kTc);
    EXPECT_EQ(rig.bytes(0x400, 12), (Bytes{0x1F, 0xF8, 0x1F, 0xF8, 0, 0, 0x1F, 0xF8, 0x1F, 0xF8, 0, 0}));
}

TEST(Dma2d, ConvertsFormats) {  // RM0399 19.3.5: the upper bits are copied into the lower ones
    Rig rig;
    rig.memory[0x100] = 0x1F, rig.memory[0x101] = 0x84;  // RGB565: 0x10, 0x20, 0x1F
    rig.reg(0x0C, 0x100), rig.reg(0x1C, 2), rig.reg(0x3C, 0x200);
    rig.size(1, 1);
    rig.reg(0x00, kConvert | kStart);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.bytes(0x200, 4), (Bytes{0xFF, 0x82, 0x84, 0xFF}));
}

TEST(Dma2d, LooksColoursUpInALoadedTable) {  // 19.3.6
    Rig rig;
    rig.put(0x500, 0x11223344), rig.put(0x504, 0x55667788);
    rig.reg(0x2C, 0x500);
    rig.reg(0x1C, 5 | 1 << 8 | 1 << 5);
    rig.pass(10 * kMicrosecond);
    EXPECT_EQ(rig.flags(), kCtc);
    EXPECT_EQ(rig.reg(0x404), 0x55667788U);
    rig.memory[0x100] = 1, rig.memory[0x101] = 0;
    rig.reg(0x0C, 0x100), rig.reg(0x3C, 0x200);
    rig.size(2, 1);
    rig.reg(0x00, kConvert | kStart);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.bytes(0x200, 8), (Bytes{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11}));
}

TEST(Dma2d, BlendsRoundingDown) {  // 19.3.7
    const Pixel half{0x80, 200, 100, 0}, solid{0xFF, 0, 100, 255};
    const Pixel out = blend(half, solid);
    EXPECT_EQ(out.a, 0xFF);
    EXPECT_EQ(out.r, 200 * 128 / 255);
    EXPECT_EQ(out.g, 100);
    EXPECT_EQ(out.b, 255 * (255 - 128) / 255);
}

TEST(Dma2d, AWrongConfigurationDoesNotStart) {  // 19.3.13
    Rig rig;
    rig.size(2, 2);
    rig.reg(0x0C, 0x101);
    rig.reg(0x00, kCopy | 1 << 13 | kStart);
    EXPECT_EQ(rig.flags(), kCe);
    EXPECT_EQ(rig.reg(0) & kStart, 0U);
    EXPECT_TRUE(rig.dma.irq.level());
}

TEST(Dma2d, ABusErrorEndsIt) {
    Rig rig;
    rig.size(2, 2);
    rig.reg(0x0C, Bench::kNobody), rig.reg(0x3C, 0x100);
    rig.reg(0x00, kCopy | kStart);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTe);
    EXPECT_EQ(rig.reg(0) & kStart, 0U);
}

TEST(Dma2d, SuspendedItStandsAbortedItIsOver) {  // 19.3.15
    Rig rig;
    rig.reg(0x34, 0), rig.reg(0x3C, 0x400);
    rig.size(16, 16);
    rig.reg(0x00, kFill | kStart);
    rig.pass(200 * kNanosecond);
    rig.reg(0x00, kFill | kStart | 2);
    rig.pass(kMillisecond);
    EXPECT_EQ(rig.flags(), 0U);
    rig.reg(0x3C, 0x999);
    EXPECT_EQ(rig.reg(0x3C), 0x400U) << "locked while it runs";
    rig.reg(0x00, kFill | kStart | 4);
    EXPECT_EQ(rig.reg(0x00) & 7, 0U);
    rig.pass(kMillisecond);
    EXPECT_EQ(rig.flags(), 0U);
}

TEST(Dma2d, SavedInTheMiddleItGoesOn) {
    Rig one, two;
    one.reg(0x34, 0), one.reg(0x38, 0x01020304), one.reg(0x3C, 0x400);
    one.size(16, 16);
    one.reg(0x00, kFill | kStart);
    one.pass(500 * kNanosecond);
    static_cast<void>(one.flags());
    two.memory = one.memory;
    two.pass(500 * kNanosecond);
    two.take_state_of(one);
    one.pass(10 * kMicrosecond), two.pass(10 * kMicrosecond);
    EXPECT_EQ(one.flags(), kTc);
    EXPECT_EQ(two.flags(), kTc);
    EXPECT_EQ(one.memory, two.memory);
}

}  // namespace
}  // namespace h7::dma2d

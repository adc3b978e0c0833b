// Channels of the BDMA against a small memory. RM0399 section 17.
#include "peripherals/bdma/bdma.hpp"

#include <gtest/gtest.h>

#include "tests/support/dma_rig.hpp"

namespace h7::bdma {
namespace {

using test::Bench;

enum Control : std::uint32_t {
    kEn = 1,
    kTcie = 2,
    kHtie = 4,
    kTeie = 8,
    kOut = 16,
    kCirc = 32,
    kPinc = 64,
    kMinc = 128,
    kP16 = 1 << 8,
    kP32 = 2 << 8,
    kM16 = 1 << 10,
    kM32 = 2 << 10,
    kVeryHigh = 3 << 12,
    kCopies = 1 << 14,
    kDbm = 1 << 15,
    kCt = 1 << 16
};
enum Flags : std::uint32_t { kGif = 1, kTc = 2, kHt = 4, kTe = 8 };
constexpr Time kItem = 50 * kNanosecond;  // five cycles of 100 MHz

struct Rig : test::RequestBench<Bdma, 0x08, 0x14, kItem> {
    Rig() {
        for (unsigned c = 0; c < 8; ++c) falls_when_served(c);
    }
    std::uint32_t flags(unsigned c = 0) { return reg(0) >> (4 * c) & 0xF; }
};

TEST(Bdma, MemoryToMemoryEndsWithEnStillSet) {  // RM0399 17.4.5
    Rig rig;
    rig.fill(0x100, 64);
    rig.start(3, kCopies | kPinc | kMinc | kP32 | kM32 | kTcie, 16, 0x100, 0x800);
    rig.pass(8 * kItem);
    EXPECT_EQ(rig.flags(3), kGif | kHt);
    rig.pass(8 * kItem);
    EXPECT_EQ(rig.flags(3), kGif | kHt | kTc);
    EXPECT_TRUE(rig.dma.irq[3].level());
    EXPECT_EQ(rig.control(3) & kEn, kEn);
    EXPECT_EQ(rig.bytes(0x800, 64), rig.bytes(0x100, 64));
    for (const Access& access : rig.bus.log) EXPECT_EQ(access.master, Master::bdma);
    rig.reg(0x04, kTc << 12);
    EXPECT_EQ(rig.flags(3), kGif | kHt);
    EXPECT_FALSE(rig.dma.irq[3].level());
    rig.reg(0x04, kGif << 12);
    EXPECT_EQ(rig.flags(3), 0U);
}

TEST(Bdma, DirTurnsTheCopyAround) {  // RM0399 17.4.5
    Rig rig;
    rig.fill(0x800, 4, 0x21);
    rig.start(0, kCopies | kOut | kPinc | kMinc, 4, 0x100, 0x800);
    rig.pass(4 * kItem);
    EXPECT_EQ(rig.bytes(0x100, 4), rig.bytes(0x800, 4));
}

TEST(Bdma, SizesAreExtendedOrCut) {  // RM0399 table 122: no packing
    Rig rig;
    rig.fill(0x100, 16, 0xA0);
    rig.start(0, kCopies | kPinc | kMinc | kM16, 2, 0x100, 0x800);
    rig.start(1, kCopies | kPinc | kMinc | kP32, 2, 0x100, 0x900);
    rig.pass(10 * kItem);
    EXPECT_EQ(rig.bytes(0x800, 4), (Bytes{0xA0, 0, 0xA1, 0}));
    EXPECT_EQ(rig.bytes(0x900, 2), (Bytes{0xA0, 0xA4}));
}

TEST(Bdma, RequestsMoveItemsAndCircularStartsAnew) {
    Rig rig;
    for (std::uint32_t i = 0; i < 5; ++i) rig.bus.reads[0x5800'0C24].push_back(i + 1);
    rig.start(2, kMinc | kCirc, 2, 0x5800'0C24, 0x200);
    rig.pass(10 * kItem);
    EXPECT_EQ(rig.left(2), 2U);
    for (unsigned i = 0; i < 5; ++i) rig.serve(2);
    EXPECT_EQ(rig.left(2), 1U);
    EXPECT_EQ(rig.bytes(0x200, 2), (Bytes{5, 4}));
    EXPECT_EQ(rig.flags(2), kGif | kHt | kTc);
}

TEST(Bdma, DoubleBuffer) {  // RM0399 17.4.5
    Rig rig;
    for (std::uint32_t i = 0; i < 4; ++i) rig.bus.reads[0x5800'0C24].push_back(i + 1);
    rig.start(2, kMinc | kCirc | kDbm, 2, 0x5800'0C24, 0x200, 0x300);
    for (unsigned i = 0; i < 4; ++i) rig.serve(2);
    EXPECT_EQ(rig.bytes(0x200, 2), (Bytes{1, 2}));
    EXPECT_EQ(rig.bytes(0x300, 2), (Bytes{3, 4}));
    EXPECT_EQ(rig.control(2) & kCt, 0U);
}

TEST(Bdma, AnErrorSwitchesOffUntilItsFlagIsCleared) {  // RM0399 17.4.7, A14
    Rig rig;
    rig.start(7, kCopies | kPinc | kMinc | kTeie, 4, Bench::kNobody, 0x800);
    rig.pass(4 * kItem);
    EXPECT_EQ(rig.flags(7), kGif | kTe);
    EXPECT_TRUE(rig.dma.irq[7].level());
    EXPECT_EQ(rig.control(7) & kEn, 0U);
    rig.reg(Rig::at(7, 0), kEn);
    EXPECT_EQ(rig.control(7) & kEn, 0U);
    rig.reg(0x04, 0xFU << 28);
    rig.reg(Rig::at(7, 0), kEn);
    EXPECT_EQ(rig.control(7) & kEn, kEn);
}

TEST(Bdma, AMemoryCopyLetsOthersIn) {  // RM0399 17.4.4
    Rig rig;
    rig.bus.reads[0x5800'0C24] = {0x77};
    rig.start(0, kCopies | kPinc | kMinc | kVeryHigh, 600, 0x100, 0x1000);
    rig.start(5, kMinc, 1, 0x5800'0C24, 0x200);
    rig.pass(10 * kItem);
    rig.request[5].set(true);
    rig.pass(3 * kItem);
    EXPECT_EQ(rig.bytes(0x200, 1), Bytes{0x77}) << "although the other has the higher priority";
}

TEST(Bdma, TheShortWayForManyIsTheSame) {
    Rig slow, quick;
    quick.bus.may_copy = true;
    for (Rig* rig : {&slow, &quick}) {
        rig->fill(0x100, 0x2000);
        rig->start(1, kCopies | kPinc | kMinc | kP16 | kM16, 1000, 0x100, 0x4000);
    }
    for (unsigned look = 0; look < 9; ++look) {
        slow.pass(130 * kItem + 7), quick.pass(130 * kItem + 7);
        EXPECT_EQ(slow.left(1), quick.left(1));
        EXPECT_EQ(slow.flags(1), quick.flags(1));
        EXPECT_EQ(slow.memory, quick.memory) << look;
    }
    EXPECT_GT(quick.bus.copies, 0U);
}

TEST(Bdma, SavedInTheMiddleItGoesOn) {
    Rig one, two;
    one.fill(0x100, 64), two.fill(0x100, 64);
    one.start(4, kCopies | kPinc | kMinc, 40, 0x100, 0x800);
    one.pass(22 * kItem + 3);
    static_cast<void>(one.left(4));
    two.memory = one.memory;
    two.pass(22 * kItem + 3);
    two.take_state_of(one);
    for (Rig* rig : {&one, &two}) {
        rig->pass(18 * kItem);
        EXPECT_EQ(rig->flags(4), kGif | kHt | kTc);
        EXPECT_EQ(rig->bytes(0x800, 40), rig->bytes(0x100, 40));
    }
}

}  // namespace
}  // namespace h7::bdma

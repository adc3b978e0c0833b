#include "peripherals/hsem/hsem.hpp"

#include <gtest/gtest.h>

namespace h7::hsem {
namespace {

constexpr Address kBase = 0x5802'6400;
constexpr Address kC1Ier = 0x100, kC1Icr = 0x104, kC1Isr = 0x108, kC1Misr = 0x10C, kC2Ier = 0x110,
                  kC2Icr = 0x114, kC2Isr = 0x118, kC2Misr = 0x11C, kCr = 0x140, kKeyr = 0x144;
constexpr Address r(unsigned n) { return 4 * n; }
constexpr Address rlr(unsigned n) { return 0x80 + 4 * n; }

struct HsemTest : testing::Test {
    Hsem hsem;

    static Access access(Master master, Address offset, Op op, unsigned size = 4) {
        return {
            .address = kBase + offset, .size = static_cast<std::uint8_t>(size), .op = op, .master = master};
    }
    std::uint32_t read(Master master, Address offset) {
        return static_cast<std::uint32_t>(hsem.read(access(master, offset, Op::read)).value());
    }
    void write(Master master, Address offset, std::uint32_t value) {
        EXPECT_TRUE(hsem.write(access(master, offset, Op::write), value).has_value());
    }
};

TEST_F(HsemTest, TwoStepLockFromCm7IsSeenByCm4) {  // system.md 5.3 A4
    write(Master::cm7, r(0), 0x8000'0300);
    EXPECT_EQ(read(Master::cm7, r(0)), 0x8000'0300U);
    EXPECT_EQ(read(Master::cm4, rlr(0)), 0x8000'0300U);
    EXPECT_EQ(read(Master::cm7, r(0)), 0x8000'0300U);
    write(Master::cm7, r(0), 0x0000'0300);
    EXPECT_EQ(read(Master::cm7, r(0)), 0U);
    EXPECT_EQ(read(Master::cm7, kC2Isr), 1U);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 1U);
}

TEST_F(HsemTest, OneStepLockIsTakenByReading) {  // system.md 5.3
    EXPECT_EQ(read(Master::cm7, r(5)), 0U);
    EXPECT_EQ(read(Master::cm4, rlr(5)), 0x8000'0100U);
    EXPECT_EQ(read(Master::cm4, rlr(5)), 0x8000'0100U);
    EXPECT_EQ(read(Master::cm7, rlr(5)), 0x8000'0100U);
    write(Master::cm4, r(5), 0x0000'0100);
    EXPECT_EQ(read(Master::cm7, rlr(5)), 0x8000'0300U);
}

TEST_F(HsemTest, ALockNamesItsOwner) {      // system.md 5.3
    write(Master::cm4, r(1), 0x8000'0300);  // the other core's COREID
    EXPECT_EQ(read(Master::cm7, r(1)), 0U);
    write(Master::cm4, r(1), 0x8000'0142);
    EXPECT_EQ(read(Master::cm7, r(1)), 0x8000'0142U);
    write(Master::cm7, r(1), 0x8000'0342);  // taken: ignored
    write(Master::cm4, r(1), 0x8000'0143);
    EXPECT_EQ(read(Master::cm7, r(1)), 0x8000'0142U);
}

TEST_F(HsemTest, OnlyTheOwnerFrees) {  // system.md 5.3
    write(Master::cm4, r(1), 0x8000'0142);
    write(Master::cm7, r(1), 0x0000'0142);  // another master
    write(Master::cm4, r(1), 0x0000'0141);  // another process
    write(Master::cm4, r(1), 0x0000'0342);  // another core
    EXPECT_EQ(read(Master::cm7, r(1)), 0x8000'0142U);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0U);
    write(Master::cm4, r(1), 0x0000'0142);
    EXPECT_EQ(read(Master::cm7, r(1)), 0U);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 2U);
}

TEST_F(HsemTest, EventsAddUp) {  // system.md 5.3
    for (const unsigned n : {2U, 4U}) {
        read(Master::cm7, rlr(n));
        write(Master::cm7, r(n), 0x0000'0300);
    }
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0x14U);
    EXPECT_EQ(read(Master::cm7, kC2Isr), 0x14U);
}

TEST_F(HsemTest, FreeingAFreeSemaphoreIsNoEvent) {  // system.md 5.3
    write(Master::cm7, r(0), 0x0000'0300);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0U);
}

TEST_F(HsemTest, NarrowAccessIsABusError) {  // system.md 5.3 A17
    EXPECT_FALSE(hsem.read(access(Master::cm7, 1, Op::read, 1)).has_value());
    EXPECT_FALSE(hsem.read(access(Master::cm7, kC1Ier, Op::read, 2)).has_value());
    EXPECT_FALSE(hsem.write(access(Master::cm7, kC1Ier, Op::write, 2), 0xFFFF).has_value());
    EXPECT_EQ(read(Master::cm7, kC1Ier), 0U);
    EXPECT_FALSE(hsem.read(access(Master::cm7, rlr(0), Op::read, 1)).has_value());
    EXPECT_EQ(read(Master::cm7, r(0)), 0U);  // and did not lock
}

TEST_F(HsemTest, EachBankHasItsOwnLine) {  // system.md 5.3
    write(Master::cm7, kC2Ier, 1U << 3);   // either core may write either bank
    EXPECT_EQ(read(Master::cm4, rlr(3)), 0x8000'0100U);
    write(Master::cm4, r(3), 0x0000'0100);
    EXPECT_TRUE(hsem.line2.level());
    EXPECT_FALSE(hsem.line1.level());
    EXPECT_EQ(read(Master::cm7, kC2Misr), 8U);
    EXPECT_EQ(read(Master::cm7, kC1Misr), 0U);
    write(Master::cm7, kC1Ier, 8);  // the event is remembered without IER
    EXPECT_TRUE(hsem.line1.level());
    write(Master::cm4, kC2Icr, 8);
    EXPECT_FALSE(hsem.line2.level());
    EXPECT_TRUE(hsem.line1.level());
    EXPECT_EQ(read(Master::cm7, kC1Isr), 8U);
}

TEST_F(HsemTest, HalHandlerSequenceClearsWithIerAlreadyZero) {  // system.md 5.3
    write(Master::cm4, kC2Ier, 1);
    read(Master::cm7, rlr(0));
    write(Master::cm7, r(0), 0x0000'0300);
    const std::uint32_t status = read(Master::cm4, kC2Misr);
    EXPECT_EQ(status, 1U);
    write(Master::cm4, kC2Ier, read(Master::cm4, kC2Ier) & ~status);
    EXPECT_FALSE(hsem.line2.level());
    EXPECT_EQ(read(Master::cm4, kC2Isr), 1U);
    write(Master::cm4, kC2Icr, status);
    EXPECT_EQ(read(Master::cm4, kC2Isr), 0U);
    EXPECT_EQ(read(Master::cm4, kC2Icr), 0U);
}

TEST_F(HsemTest, ClearRegisterFreesAllOfOneCore) {  // system.md 5.3
    for (const unsigned n : {0U, 7U, 31U}) read(Master::cm4, rlr(n));
    read(Master::cm7, rlr(8));
    write(Master::cm7, kKeyr, 0x1234'FFFF);
    EXPECT_EQ(read(Master::cm4, kKeyr), 0x1234'0000U);
    write(Master::cm7, kCr, 0x4321'0100);  // wrong key
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0U);
    write(Master::cm7, kCr, 0x1234'0100);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0x8000'0081U);
    EXPECT_EQ(read(Master::cm7, r(31)), 0U);
    EXPECT_EQ(read(Master::cm7, r(8)), 0x8000'0300U);
    EXPECT_EQ(read(Master::cm7, kCr), 0U);
    write(Master::cm7, kC1Icr, ~0U);
    write(Master::cm7, kCr, 0x1234'0000);  // nobody's: the free ones are not freed again
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0U);
}

TEST_F(HsemTest, OtherMastersCannotLockOrFree) {  // system.md 5.3
    write(Master::dma1, r(0), 0x8000'0300);
    write(Master::mdma, r(0), 0x8000'0000);
    EXPECT_EQ(read(Master::dma1, rlr(0)), 0U);
    EXPECT_EQ(read(Master::dma1, r(0)), 0U);
    read(Master::cm7, rlr(0));
    EXPECT_EQ(read(Master::dma1, r(0)), 0x8000'0300U);
    EXPECT_EQ(read(Master::dma1, rlr(0)), 0U);
    write(Master::dma1, kKeyr, 0x5555'0000);  // may plant a key ..
    write(Master::dma1, kCr, 0x5555'0300);    // .. but not use it
    EXPECT_EQ(read(Master::cm7, r(0)), 0x8000'0300U);
    write(Master::dma1, kC1Ier, 1);
    EXPECT_EQ(read(Master::cm7, kC1Ier), 1U);
}

TEST_F(HsemTest, AccessPortsCountAsTheirCore) {  // system.md 5.3
    write(Master::ap0, r(0), 0x8000'0300);
    EXPECT_EQ(read(Master::cm4, r(0)), 0x8000'0300U);
    EXPECT_EQ(read(Master::ap3, rlr(1)), 0x8000'0100U);
    EXPECT_EQ(read(Master::ap1, rlr(2)), 0U);
}

TEST_F(HsemTest, ResetFreesEverythingWithoutAnEvent) {  // system.md 5.3
    write(Master::cm7, kC1Ier, 0xFFFF'FFFF);
    read(Master::cm7, rlr(0));
    read(Master::cm7, rlr(1));
    write(Master::cm7, r(1), 0x0000'0300);
    EXPECT_TRUE(hsem.line1.level());
    hsem.reset(ResetKind::system);
    EXPECT_FALSE(hsem.line1.level());
    EXPECT_EQ(read(Master::cm7, r(0)), 0U);
    EXPECT_EQ(read(Master::cm7, kC1Isr), 0U);
}

TEST_F(HsemTest, TellsWhoPolls) {  // D-28
    unsigned heard = 0;
    hsem.looked_at = [&](const Access&) { ++heard; };
    for (const Address offset : {r(0), rlr(31), kC1Isr, kC1Misr, kC2Isr, kC2Misr}) read(Master::cm7, offset);
    EXPECT_EQ(heard, 6U);
    for (const Address offset : {kC1Ier, kC1Icr, kC2Ier, kC2Icr, kCr, kKeyr}) read(Master::cm7, offset);
    EXPECT_EQ(heard, 6U);
}

TEST_F(HsemTest, StateSurvivesSaveAndLoad) {
    write(Master::cm7, kC2Ier, 1);
    read(Master::cm7, rlr(0));
    write(Master::cm7, r(0), 0x0000'0300);
    read(Master::cm4, rlr(9));
    StateWriter out;
    hsem.save(out);
    Hsem other;
    StateReader in(out.data());
    other.load(in);
    EXPECT_TRUE(in.finish().has_value());
    EXPECT_TRUE(other.line2.level());
    EXPECT_EQ(other.read(access(Master::cm7, r(9), Op::read)).value(), 0x8000'0100U);
}

}  // namespace
}  // namespace h7::hsem

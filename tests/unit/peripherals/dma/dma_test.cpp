// Streams of DMA1 and DMA2 against a small memory. RM0399 section 16, system.md 6.10.
#include "peripherals/dma/dma.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/dma_rig.hpp"

namespace h7::dma {
namespace {

using test::Bench;

enum Control : std::uint32_t {
    kEn = 1,
    kTeie = 4,
    kHtie = 8,
    kTcie = 16,
    kToPeripheral = 1 << 6,
    kCopies = 2 << 6,
    kCirc = 1 << 8,
    kPinc = 1 << 9,
    kMinc = 1 << 10,
    kP16 = 1 << 11,
    kP32 = 2 << 11,
    kM16 = 1 << 13,
    kM32 = 2 << 13,
    kPincos = 1 << 15,
    kVeryHigh = 3 << 16,
    kDbm = 1 << 18,
    kCt = 1 << 19
};
enum Flags : std::uint32_t { kFe = 1, kTe = 8, kHt = 16, kTc = 32 };
constexpr std::uint32_t kFifoMode = 4;    // FCR.DMDIS
constexpr Time kItem = 40 * kNanosecond;  // four cycles of 100 MHz

struct Rig : test::RequestBench<Dma, 0x10, 0x18, kItem> {
    Rig() : RequestBench("DMA1", 0x4002'0000U, Master::dma1) {}
    std::uint32_t flags(unsigned s = 0) {
        constexpr std::array<unsigned, 4> kGroup = {0, 6, 16, 22};
        return reg(s < 4 ? 0 : 4) >> kGroup[s % 4] & 0x3D;
    }
    void start(unsigned s, std::uint32_t bits, std::uint32_t items, Address peripheral, Address memory0,
               std::uint32_t fifo = 0x21, Address memory1 = 0) {
        reg(at(s, 0x14), fifo);
        RequestBench::start(s, bits, items, peripheral, memory0, memory1);
    }
};

TEST(Dma, MemoryToMemoryTakesItsTimeAndEnds) {  // system.md 6.10
    Rig rig;
    rig.fill(0x100, 64);
    rig.start(3, kCopies | kPinc | kMinc | kP32 | kM32 | kTcie, 16, 0x100, 0x800);
    rig.pass(15 * kItem);
    EXPECT_EQ(rig.left(3), 1U);
    EXPECT_EQ(rig.flags(3), kHt);
    EXPECT_FALSE(rig.dma.irq[3].level());
    rig.pass(kItem);
    EXPECT_EQ(rig.left(3), 0U);
    EXPECT_EQ(rig.flags(3), kHt | kTc);
    EXPECT_TRUE(rig.dma.irq[3].level());
    EXPECT_EQ(rig.control(3) & kEn, 0U);
    EXPECT_EQ(rig.bytes(0x800, 64), rig.bytes(0x100, 64));
    rig.reg(0x08, 0x3DU << 22);
    EXPECT_EQ(rig.flags(3), 0U);
    EXPECT_FALSE(rig.dma.irq[3].level());
}

TEST(Dma, EveryAccessCarriesTheMaster) {  // D-21
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc | kP32 | kM32, 4, 0x100, 0x800);
    rig.pass(4 * kItem);
    ASSERT_FALSE(rig.bus.log.empty());
    for (const Access& access : rig.bus.log) EXPECT_EQ(access.master, Master::dma1);
}

TEST(Dma, TheShortWayForManyIsTheSame) {  // issue 5: speed changes nothing
    for (const std::uint32_t sizes : {kP32 | kM32, kP32 | 0U, 0U | kM32, kP16 | kM32, kP16 | 0U}) {
        Rig slow, quick;
        quick.bus.may_copy = true;
        for (Rig* rig : {&slow, &quick}) {
            rig->fill(0x100, 0x2000);
            rig->start(1, kCopies | kPinc | kMinc | sizes, 1000, 0x100, 0x4000);
        }
        for (unsigned look = 0; look < 9; ++look) {
            slow.pass(130 * kItem + 7);
            quick.pass(130 * kItem + 7);
            EXPECT_EQ(slow.left(1), quick.left(1));
            EXPECT_EQ(slow.flags(1), quick.flags(1));
            EXPECT_EQ(slow.bytes(0x4000, 0x1000), quick.bytes(0x4000, 0x1000)) << look;
        }
        EXPECT_GT(quick.bus.copies, 0U);
        EXPECT_EQ(slow.left(1), 0U);
    }
}

TEST(Dma, HalfTransferOfAnOddCount) {
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc | kP32 | kM32, 5, 0x100, 0x800, 0x20);
    rig.pass(2 * kItem);
    EXPECT_EQ(rig.flags(0), 0U);
    rig.pass(kItem);
    EXPECT_EQ(rig.flags(0), kHt);
    rig.start(1, kCopies | kPinc | kMinc, 5, 0x100, 0x800);
    rig.pass(2 * kItem + 4 * kItem);
    EXPECT_EQ(rig.flags(1), 0U) << "half is what the destination has, and the FIFO still holds four bytes";
}

TEST(Dma, ARequestMovesOneItem) {  // RM0399 16.3.8, direct mode
    Rig rig;
    rig.bus.reads[0x4000'4824] = {0x41, 0x42, 0x43};
    rig.start(1, kMinc, 3, 0x4000'4824, 0x200);
    rig.pass(10 * kItem);
    EXPECT_EQ(rig.left(1), 3U) << "nobody asked";
    rig.serve(1);
    EXPECT_EQ(rig.left(1), 2U);
    EXPECT_EQ(rig.bytes(0x200, 1), Bytes{0x41});
    rig.serve(1);
    EXPECT_EQ(rig.flags(1), kHt);
    rig.serve(1);
    EXPECT_EQ(rig.flags(1), kHt | kTc);
    EXPECT_EQ(rig.bytes(0x200, 3), (Bytes{0x41, 0x42, 0x43}));
    EXPECT_EQ(rig.control(1) & kEn, 0U);
    rig.serve(1);
    EXPECT_EQ(rig.left(1), 0U) << "a stream that is off serves nobody";
}

TEST(Dma, MemoryToPeripheralPreloadsOneItem) {  // RM0399 16.3.14, direct mode
    Rig rig;
    rig.fill(0x200, 4, 0x10);
    unsigned ended = 0;
    rig.request[2].completed = [&ended] { ++ended; };
    rig.start(2, kToPeripheral | kMinc, 4, 0x4000'4828, 0x200);
    rig.pass(kItem);
    rig.fill(0x200, 4, 0x80);  // the first item was read before
    for (unsigned i = 0; i < 4; ++i) rig.serve(2);
    EXPECT_EQ(rig.bus.writes[0x4000'4828], (std::vector<std::uint32_t>{0x10, 0x81, 0x82, 0x83}));
    EXPECT_EQ(rig.flags(2), kHt | kTc);
    EXPECT_EQ(ended, 1U) << "the peripheral hears of the last one";
}

TEST(Dma, CircularStartsAnew) {  // RM0399 16.3.10
    Rig rig;
    for (std::uint32_t i = 0; i < 5; ++i) rig.bus.reads[0x4000'4824].push_back(i);
    rig.start(1, kMinc | kCirc, 2, 0x4000'4824, 0x200);
    for (unsigned i = 0; i < 5; ++i) rig.serve(1);
    EXPECT_EQ(rig.left(1), 1U);
    EXPECT_EQ(rig.bytes(0x200, 2), (Bytes{4, 3}));
    EXPECT_EQ(rig.control(1) & kEn, kEn);
    rig.reg(Rig::at(1, 0), rig.control(1) & ~kCirc);  // CIRC may be cleared on the way: the round ends it
    rig.serve(1);
    EXPECT_EQ(rig.control(1) & kEn, 0U);
}

TEST(Dma, DoubleBufferChangesItsTarget) {  // RM0399 16.3.11
    Rig rig;
    for (std::uint32_t i = 0; i < 6; ++i) rig.bus.reads[0x4000'4824].push_back(0xA0 + i);
    rig.start(1, kMinc | kDbm, 2, 0x4000'4824, 0x200, 0x21, 0x300);
    EXPECT_NE(rig.control(1) & kCirc, 0U);
    rig.serve(1), rig.serve(1);
    EXPECT_NE(rig.control(1) & kCt, 0U);
    EXPECT_EQ(rig.flags(1), kHt | kTc);
    rig.reg(Rig::at(1, 0xC), 0x400);  // memory 0 is not in use
    rig.serve(1), rig.serve(1), rig.serve(1), rig.serve(1);
    EXPECT_EQ(rig.bytes(0x200, 2), (Bytes{0xA0, 0xA1}));
    EXPECT_EQ(rig.bytes(0x300, 2), (Bytes{0xA2, 0xA3}));
    EXPECT_EQ(rig.bytes(0x400, 2), (Bytes{0xA4, 0xA5}));
    EXPECT_EQ(rig.flags(1) & kTe, 0U);
    rig.reg(Rig::at(1, 0x10), 0x500);  // memory 1 is
    EXPECT_EQ(rig.flags(1) & kTe, kTe);
    EXPECT_EQ(rig.control(1) & kEn, 0U);
    EXPECT_EQ(rig.reg(Rig::at(1, 0x10)), 0x300U);
}

TEST(Dma, BytesArePackedIntoWords) {  // RM0399 table 114
    Rig rig;
    for (std::uint32_t i = 0; i < 8; ++i) rig.bus.reads[0x4000'4824].push_back(0x31 + i);
    rig.start(0, kMinc | kM32, 8, 0x4000'4824, 0x200, kFifoMode | 0);  // threshold 1/4
    for (unsigned i = 0; i < 3; ++i) rig.serve(0);
    EXPECT_EQ(rig.bytes(0x200, 4), Bytes(4, 0)) << "still in the FIFO";
    EXPECT_EQ(rig.reg(Rig::at(0, 0x14)) >> 3 & 7, 0U);
    for (unsigned i = 0; i < 5; ++i) rig.serve(0);
    EXPECT_EQ(rig.bytes(0x200, 8), (Bytes{0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38}));
    EXPECT_EQ(rig.reg(Rig::at(0, 0x14)) >> 3 & 7, 4U);
}

TEST(Dma, WordsAreUnpackedIntoBytesWithPincos) {  // RM0399 table 114, PINCOS = 1
    Rig rig;
    rig.fill(0x100, 8, 0x51);
    rig.start(0, kToPeripheral | kMinc | kM32 | kPinc | kPincos, 4, 0x800, 0x100, kFifoMode | 3);
    rig.pass(kItem);
    EXPECT_EQ(rig.reg(Rig::at(0, 0x14)) >> 3 & 7, 1U) << "four bytes wait, as many as the round has";
    for (unsigned i = 0; i < 4; ++i) rig.serve(0);
    for (Address i = 0; i < 4; ++i) EXPECT_EQ(rig.bytes(0x800 + 4 * i, 1), Bytes{std::uint8_t(0x51 + i)});
}

TEST(Dma, SwitchedOffInTheMiddleItFlushesAndSaysSo) {  // RM0399 16.3.14, 16.3.16
    Rig rig;
    rig.bus.reads[0x4000'4824] = {0x61, 0x62, 0x63};
    rig.start(0, kMinc | kM32 | kTcie, 100, 0x4000'4824, 0x200, kFifoMode | 3);
    rig.serve(0), rig.serve(0);
    rig.reg(Rig::at(0, 0), rig.control(0) & ~kEn);
    EXPECT_EQ(rig.control(0) & kEn, 0U);
    EXPECT_EQ(rig.flags(0), kTc);
    EXPECT_TRUE(rig.dma.irq[0].level());
    EXPECT_EQ(rig.left(0), 98U);
    EXPECT_EQ(rig.bytes(0x200, 4), (Bytes{0x61, 0x62, 0, 0}));
}

TEST(Dma, ABusErrorSetsTeifAndNamesItself) {  // system.md 6.10
    Rig rig;
    std::vector<std::string> lines;
    Trace trace;
    trace.set_sink([&](std::string_view line) { lines.emplace_back(line); });
    rig.dma.set_trace(&trace);
    rig.start(6, kCopies | kPinc | kMinc | kP32 | kM32 | kTeie, 8, 0x100, Bench::kNobody);
    rig.pass(100 * kItem);
    EXPECT_EQ(rig.flags(6), kTe);
    EXPECT_TRUE(rig.dma.irq[6].level());
    EXPECT_EQ(rig.control(6) & kEn, 0U);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("DMA1 stream 6: write of 4 bytes at 0xf0000000 refused: nobody"),
              std::string::npos);
    EXPECT_NE(lines[0].find("TEIF6"), std::string::npos);
}

TEST(Dma, TheRestOfAPreloadIsReadBeforeAnyRequest) {
    Rig rig;
    rig.start(6, kToPeripheral | kMinc, 8, 0x4000'4828, Bench::kNobody);
    rig.pass(kItem);
    EXPECT_EQ(rig.flags(6), kTe);
}

TEST(Dma, ASlaveThatHoldsTheMasterOnlyDelays) {  // F-043: a busy flash bank
    Rig rig;
    rig.fill(0x100, 16, 1);
    rig.bus.busy_until = 5 * kMicrosecond;
    rig.start(0, kCopies | kPinc | kMinc | kP32 | kM32, 4, 0x100, 0x800);
    rig.pass(4 * kMicrosecond);
    EXPECT_EQ(rig.left(0), 4U);
    rig.pass(kMicrosecond + 4 * kItem);
    EXPECT_EQ(rig.flags(0), kHt | kTc);
    EXPECT_EQ(rig.bytes(0x800, 16), rig.bytes(0x100, 16));
}

TEST(Dma, UnderrunWhenMemoryIsNotGrantedBeforeTheRequest) {  // RM0399 16.3.20
    for (const std::uint32_t fifo : {0U, std::uint32_t{kFifoMode} | 3U}) {
        Rig rig;
        rig.fill(0x100, 8, 0x51);
        rig.bus.busy_until = 5 * kMicrosecond;
        rig.start(0, kToPeripheral | kMinc, 8, 0x4000'4828, 0x100, fifo | 1U << 7);  // FEIE
        rig.pass(kMicrosecond);
        EXPECT_EQ(rig.flags(0), 0U) << "nobody asked yet";
        rig.request[0].served = [&] { rig.request[0].set(false); };
        rig.request[0].set(true);
        EXPECT_EQ(rig.flags(0), kFe);
        EXPECT_TRUE(rig.dma.irq[0].level());
        EXPECT_EQ(rig.control(0) & kEn, kEn) << "the stream goes on";
        rig.reg(0x08, kFe);
        rig.pass(5 * kMicrosecond);
        EXPECT_EQ(rig.flags(0), 0U);
        EXPECT_EQ(rig.left(0), 7U);
        EXPECT_EQ(rig.bus.writes[0x4000'4828], std::vector<std::uint32_t>{0x51}) << "nothing is lost";
    }
}

TEST(Dma, OverrunWhenTheFifoIsFullAndMemoryIsNotGranted) {  // RM0399 16.3.20
    Rig rig;
    rig.bus.reads[0x4000'4824] = {1, 2, 3, 4, 5};
    rig.bus.writes_busy_until = 50 * kMicrosecond;
    rig.start(1, kMinc | kP32 | kM32, 8, 0x4000'4824, 0x200, kFifoMode | 3);
    for (unsigned n = 0; n < 4; ++n) rig.serve(1);
    EXPECT_EQ(rig.flags(1), 0U);
    rig.request[1].set(true);
    EXPECT_EQ(rig.flags(1), kFe);
    EXPECT_EQ(rig.control(1) & kEn, kEn);
    rig.pass(60 * kMicrosecond);
    EXPECT_EQ(rig.left(1), 3U);
    EXPECT_EQ(rig.bytes(0x200, 5), (Bytes{1, 0, 0, 0, 2}));
}

TEST(Dma, DirectModeErrorWhenTwoItemsHaveOnePlace) {  // RM0399 16.3.20
    constexpr std::uint32_t kDme = 4, kDmeie = 2;
    for (const bool increments : {false, true}) {
        Rig rig;
        rig.bus.reads[0x4000'4824] = {7, 8};
        rig.bus.writes_busy_until = 5 * kMicrosecond;
        rig.start(0, kDmeie | (increments ? std::uint32_t{kMinc} : 0U), 4, 0x4000'4824, 0x200);
        rig.serve(0);
        EXPECT_EQ(rig.flags(0), 0U);
        rig.request[0].set(true);
        EXPECT_EQ(rig.flags(0), increments ? 0U : kDme);
        EXPECT_EQ(rig.dma.irq[0].level(), !increments);
        EXPECT_EQ(rig.control(0) & kEn, kEn);
        rig.reg(0x08, kDme);
        EXPECT_FALSE(rig.dma.irq[0].level());
    }
}

TEST(Dma, MemoryToMemoryKnowsNoOverrun) {  // RM0399 16.3.20
    Rig rig;
    rig.request[0].set(true);
    rig.bus.writes_busy_until = rig.bus.busy_until = 5 * kMicrosecond;
    rig.start(0, kCopies | kPinc | kMinc | kP32 | kM32, 8, 0x100, 0x800);
    rig.pass(100 * kMicrosecond);
    EXPECT_EQ(rig.flags(0), kHt | kTc);
}

TEST(Dma, ThresholdAndBurstMustAgree) {  // RM0399 table 116
    for (const std::uint32_t size : {0U, 1U, 2U})
        for (const std::uint32_t burst : {1U, 2U, 3U})
            for (const std::uint32_t threshold : {0U, 1U, 2U, 3U}) {
                Rig rig;
                const unsigned bytes = (2U << burst) << size, level = 4 * (threshold + 1);
                const bool allowed = bytes <= level && level % bytes == 0;
                rig.start(0, kMinc | size << 11 | size << 13 | burst << 23, 16, 0x4000'4824, 0x200,
                          kFifoMode | threshold);
                EXPECT_EQ(rig.flags(0), allowed ? 0U : kFe) << size << burst << threshold;
                EXPECT_EQ(rig.control(0) & kEn, allowed ? kEn : 0U);
            }
}

TEST(Dma, RegistersOfARunningStreamAreLocked) {  // system.md 6.10
    Rig rig;
    rig.start(0, kMinc | kVeryHigh, 4, 0x4000'4824, 0x200);
    const std::uint32_t before = rig.control(0);
    rig.reg(Rig::at(0, 0), (before ^ 0x01FF'FEE0U) | kTcie);
    EXPECT_EQ(rig.control(0), before | kTcie);
    rig.reg(Rig::at(0, 4), 9), rig.reg(Rig::at(0, 8), 9), rig.reg(Rig::at(0, 0xC), 9);
    rig.reg(Rig::at(0, 0x14), 0x87);
    EXPECT_EQ(rig.left(0), 4U);
    EXPECT_EQ(rig.reg(Rig::at(0, 8)), 0x4000'4824U);
    EXPECT_EQ(rig.reg(Rig::at(0, 0xC)), 0x200U);
    EXPECT_EQ(rig.reg(Rig::at(0, 0x14)) & 0x87, 0x81U);
}

TEST(Dma, SwitchedOnAgainItTakesTheProgrammedCount) {  // RM0399 16.5.6
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc, 3, 0x100, 0x800);
    rig.pass(3 * kItem);
    EXPECT_EQ(rig.left(0), 0U);
    rig.reg(0x08, 0x3D);
    rig.reg(Rig::at(0, 0), rig.control(0) | kEn);
    EXPECT_EQ(rig.left(0), 3U);
    rig.pass(3 * kItem);
    EXPECT_EQ(rig.flags(0), kHt | kTc);
}

TEST(Dma, WithoutItemsNothingMoves) {
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc, 0, 0x100, 0x800);
    rig.pass(kMillisecond);
    EXPECT_EQ(rig.flags(0), 0U);
    EXPECT_EQ(rig.control(0) & kEn, kEn);
    EXPECT_EQ(rig.clock.next_deadline(), kNever);
}

TEST(Dma, PriorityThenNumber) {  // RM0399 16.3.6
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc, 600, 0x100, 0x1000);
    rig.pass(10 * kItem + 1);
    rig.start(5, kCopies | kPinc | kMinc | kVeryHigh, 4, 0x100, 0x2000);
    rig.pass(5 * kItem);
    EXPECT_EQ(rig.flags(5), kHt | kTc) << "comes in at the next item";
    EXPECT_EQ(rig.left(0), 600U - 11);
    rig.start(1, kCopies | kPinc | kMinc, 4, 0x100, 0x3000);
    rig.pass(9 * kItem);
    EXPECT_EQ(rig.flags(1), kHt | kTc) << "of the same priority: between two items of a copy";
    rig.request[7].served = [&] { rig.request[7].set(false); };
    rig.bus.reads[0x4000'4824] = {0x55};
    rig.start(7, kMinc, 4, 0x4000'4824, 0x200);
    rig.request[7].set(true);
    rig.pass(3 * kItem);
    EXPECT_EQ(rig.left(7), 3U);
}

TEST(Dma, WithoutClockItStandsAndGoesOn) {  // system.md 4.1
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc, 10, 0x100, 0x800);
    rig.pass(3 * kItem);
    rig.dma.set_clock(0);
    rig.pass(kMillisecond);
    EXPECT_EQ(rig.left(0), 7U);
    rig.dma.set_clock(50'000'000);
    rig.pass(14 * kItem);
    EXPECT_EQ(rig.left(0), 0U);
}

TEST(Dma, WordsOnly) {  // RM0399 16.5
    Rig rig;
    const Access byte{0x4002'0010, 1, Op::write, Master::cm7};
    EXPECT_TRUE(rig.dma.write(byte, 0xFF));
    EXPECT_EQ(rig.control(0), 0U);
}

TEST(Dma, AStreamThatWritesItsOwnRegisters) {  // a guest may do anything: no recursion, no crash
    Rig rig;
    rig.bus.slave = &rig.dma;
    rig.bus.slave_base = 0x4002'0000;
    rig.put(0x100, 0);
    rig.start(0, kCopies | kP32 | kM32, 8, 0x100, 0x4002'0010);
    rig.pass(100 * kItem);
    EXPECT_EQ(rig.control(0) & kEn, 0U);
    rig.put(0x100, kEn | kCopies | kP32 | kM32);
    rig.start(1, kCopies | kP32 | kM32, 1, 0x100, 0x4002'0010);
    rig.pass(100 * kItem);
    EXPECT_EQ(rig.flags(1) & kTc, kTc);
}

TEST(Dma, ResetStopsEverything) {
    Rig rig;
    rig.start(0, kCopies | kPinc | kMinc | kTcie, 10, 0x100, 0x800);
    rig.pass(3 * kItem);
    rig.dma.reset(ResetKind::peripheral);
    rig.pass(kMillisecond);
    EXPECT_EQ(rig.flags(0), 0U);
    EXPECT_EQ(rig.bytes(0x803, 7), Bytes(7, 0));
    EXPECT_EQ(rig.clock.next_deadline(), kNever);
}

TEST(Dma, SavedInTheMiddleItGoesOn) {  // snapshots
    Rig one, two;
    one.fill(0x100, 64), two.fill(0x100, 64);
    one.start(4, kCopies | kPinc | kMinc | kM32, 40, 0x100, 0x800);
    one.pass(22 * kItem + 3);
    static_cast<void>(one.left(4));
    two.memory = one.memory;
    two.pass(22 * kItem + 3);
    two.take_state_of(one);
    for (Rig* rig : {&one, &two}) {
        rig->pass(17 * kItem);
        EXPECT_EQ(rig->left(4), 1U);
        rig->pass(kItem);
        EXPECT_EQ(rig->flags(4), kHt | kTc);
        EXPECT_EQ(rig->bytes(0x800, 40), rig->bytes(0x100, 40));
    }
}

}  // namespace
}  // namespace h7::dma

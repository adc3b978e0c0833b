// Channels of the MDMA against a small memory. RM0399 section 15, system.md 6.10.
//
// The memory of the rig lies at 0, which is ITCM for the MDMA: its ends there use the TCM port (SBUS, DBUS).
#include "peripherals/mdma/mdma.hpp"

#include <gtest/gtest.h>

#include "tests/support/dma_rig.hpp"

namespace h7::mdma {
namespace {

using test::Bench;

enum Flags : std::uint32_t { kTe = 1, kCtc = 2, kBrt = 4, kBt = 8, kTc = 16, kCrqa = 1 << 16 };
enum Control : std::uint32_t {
    kEn = 1,
    kTeie = 2,
    kCtcie = 4,
    kTcie = 32,
    kBex = 1 << 12,
    kHex = 1 << 13,
    kSwrq = 1 << 16
};
constexpr std::uint32_t kInc = 2 | 2 << 2;  // both
constexpr std::uint32_t kWords = 2 << 4 | 2 << 6 | 2 << 8 | 2 << 10;
constexpr std::uint32_t kPke = 1 << 25, kSoftware = 1 << 30;
constexpr std::uint32_t tlen(std::uint32_t bytes) { return (bytes - 1) << 18; }
constexpr std::uint32_t trigger(std::uint32_t mode) { return mode << 28; }
constexpr std::uint32_t kTcm = 3 << 16;  // SBUS and DBUS

struct Rig : test::EngineBench<Mdma, 0x40, 0x40> {
    Wire request;

    Rig() { dma.connect(5, request); }
    std::uint32_t flags(unsigned c = 0) { return reg(at(c, 0)); }
    std::uint32_t error(unsigned c = 0) { return reg(at(c, 8)); }
    std::uint32_t left(unsigned c = 0) { return reg(at(c, 0x14)) & 0x1'FFFF; }
    bool on(unsigned c = 0) { return (reg(at(c, 0xC)) & kEn) != 0; }
    void set_up(unsigned c, std::uint32_t tcr, std::uint32_t block, Address from, Address to,
                std::uint32_t tbr = kTcm) {
        reg(at(c, 0x10), tcr);
        reg(at(c, 0x14), block);
        reg(at(c, 0x18), from);
        reg(at(c, 0x1C), to);
        reg(at(c, 0x28), tbr);
    }
    void go(unsigned c = 0, std::uint32_t more = 0) {
        reg(at(c, 0xC), kEn | more);
        reg(at(c, 0xC), kEn | more | kSwrq);
    }
};

TEST(Mdma, ABlockBySoftware) {  // system.md 6.10: HAL_MDMA_Start
    Rig rig;
    rig.fill(0x100, 256);
    rig.set_up(2, kInc | kWords | tlen(64) | trigger(1) | kSoftware, 256, 0x100, 0x800);
    rig.go(2, kCtcie);
    EXPECT_EQ(rig.flags(2), kCrqa);
    rig.pass(36 * 10 * kNanosecond);  // 16 reads, 16 writes, 4
    EXPECT_EQ(rig.left(2), 192U);
    EXPECT_EQ(rig.reg(Rig::at(2, 0x18)), 0x140U);
    EXPECT_EQ(rig.reg(Rig::at(2, 0x1C)), 0x840U);
    EXPECT_EQ(rig.flags(2), kCrqa | kTc);
    EXPECT_FALSE(rig.dma.irq.level());
    rig.pass(3 * 36 * 10 * kNanosecond);
    EXPECT_EQ(rig.flags(2), kTc | kBt | kBrt | kCtc);
    EXPECT_FALSE(rig.on(2));
    EXPECT_TRUE(rig.dma.irq.level());
    EXPECT_EQ(rig.reg(0), 1U << 2);
    EXPECT_EQ(rig.bytes(0x800, 256), rig.bytes(0x100, 256));
    for (const Access& access : rig.bus.log) EXPECT_EQ(access.master, Master::mdma);
    rig.reg(Rig::at(2, 4), 0x1F);
    EXPECT_EQ(rig.flags(2), 0U);
    EXPECT_FALSE(rig.dma.irq.level());
}

TEST(Mdma, EachRequestABuffer) {  // TRGM = 0
    Rig rig;
    rig.set_up(0, kInc | kWords | tlen(16) | kSoftware, 40, 0x100, 0x800);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.left(), 24U);
    EXPECT_EQ(rig.flags(), kTc);
    rig.go();
    rig.pass(kMicrosecond);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt | kBrt | kCtc) << "the last buffer is shorter";
    EXPECT_FALSE(rig.on());
}

TEST(Mdma, RepeatedBlocksMoveTheirStart) {  // RM0399 15.3.11
    Rig rig;
    rig.fill(0x100, 64);
    rig.set_up(0, kInc | kWords | tlen(8) | trigger(2) | kSoftware, 8 | 2U << 20 | 1 << 19, 0x100, 0x900);
    rig.reg(Rig::at(0, 0x20), 8 | 24U << 16);  // source + 8, destination - 24
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt | kBrt | kCtc);
    EXPECT_EQ(rig.bytes(0x900, 8), rig.bytes(0x100, 8));
    EXPECT_EQ(rig.bytes(0x8F0, 8), rig.bytes(0x110, 8));
    EXPECT_EQ(rig.bytes(0x8E0, 8), rig.bytes(0x120, 8));
}

TEST(Mdma, ABlockForEachRequestOfARepeat) {  // TRGM = 1, BRC = 1
    Rig rig;
    rig.set_up(0, kInc | kWords | tlen(8) | trigger(1) | kSoftware, 8 | 1U << 20, 0x100, 0x900);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt);
    EXPECT_EQ(rig.left(), 8U);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt | kBrt | kCtc);
}

TEST(Mdma, ALinkedListIsLoadedFromMemory) {  // RM0399 15.3.12
    Rig rig;
    const std::uint32_t tcr = kInc | kWords | tlen(8) | trigger(3) | kSoftware;
    Mdma& dma = rig.dma;
    rig.fill(0x100, 64);
    for (unsigned node = 0; node < 2; ++node) {
        const std::array<std::uint32_t, 10> words = {
            tcr, 8, 0x110 + 8 * node, 0x900 + 8 * node, 0, node == 0 ? 0x4000'0040U : 0, kTcm, 0, 0, 0};
        for (unsigned i = 0; i < 10; ++i) rig.bus.reads[0x4000'0000 + 0x40 * node + 4 * i] = {words[i]};
    }
    rig.set_up(0, tcr, 8, 0x100, 0x800);
    rig.reg(Rig::at(0, 0x24), 0x4000'0000);
    rig.go();
    rig.pass(10 * kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt | kBrt | kCtc);
    EXPECT_EQ(rig.bytes(0x800, 8), rig.bytes(0x100, 8));
    EXPECT_EQ(rig.bytes(0x900, 16), rig.bytes(0x110, 16));
    EXPECT_FALSE(dma.irq.level());
}

TEST(Mdma, ALinkThatNobodyAnswers) {  // CxESR.TELD
    Rig rig;
    rig.set_up(0, kInc | kWords | tlen(8) | trigger(3) | kSoftware, 8, 0x100, 0x800);
    rig.reg(Rig::at(0, 0x24), Bench::kNobody);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.error(), 1U << 8);
    EXPECT_NE(rig.flags() & kTe, 0U);
    EXPECT_FALSE(rig.on());
}

TEST(Mdma, AHardwareTriggerIsAnsweredThroughTheMask) {  // RM0399 15.3.7, 15.5.13: the chain DMA to MDMA
    Rig rig;
    rig.fill(0x100, 16);
    rig.set_up(1, kInc | kWords | tlen(16) | trigger(1), 16 | 1U << 20, 0x100, 0x800, kTcm | 5);
    rig.reg(Rig::at(1, 0x30), 0x4002'0008);  // DMA1_LIFCR
    rig.reg(Rig::at(1, 0x34), 0x20);
    rig.reg(Rig::at(1, 0xC), kEn);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(1), 0U);
    rig.request.set(true);
    EXPECT_EQ(rig.flags(1), kCrqa);
    rig.request.set(false);  // kept all the same
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(1), kTc | kBt);
    EXPECT_EQ(rig.bus.writes[0x4002'0008], std::vector<std::uint32_t>{0x20});
    rig.request.set(true);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.flags(1), kTc | kBt | kBrt | kCtc);
}

TEST(Mdma, TheTcmPortLeadsToTheTcmsOnly) {  // system.md 1.2, 6.10
    struct Row {
        std::uint32_t tbr;
        Address from, to;
        std::uint32_t sizes, error;
    };
    const std::uint32_t doubles = 3 << 4 | 3 << 6 | 3 << 8 | 3 << 10;
    for (const Row& row :
         {Row{0, 0x100, 0x4000'0000, kWords, 0}, Row{2 << 16, 0x4000'0000, 0x4000'0010, kWords, 0x90},
          Row{0, 0x4000'0000, 0x20'0000'00U, kWords, 0x80}, Row{kTcm, 0x100, 0x800, doubles, 0}}) {
        Rig rig;
        rig.set_up(0, kInc | row.sizes | tlen(16) | trigger(1) | kSoftware, 16, row.from, row.to, row.tbr);
        rig.go(0, kTeie);
        rig.pass(kMicrosecond);
        EXPECT_EQ(rig.flags() & kTe, kTe) << row.from << row.to;
        EXPECT_EQ(rig.error(), row.error);
        EXPECT_TRUE(rig.dma.irq.level());
        EXPECT_FALSE(rig.on());
    }
}

TEST(Mdma, ErrorsSayWhatAndWhere) {  // RM0399 15.5.4
    Rig rig;
    rig.set_up(0, kInc | kWords | tlen(16) | trigger(1) | kSoftware, 16, 0x102, 0x800);
    rig.go();
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.error(), 1U << 10 | 0x02U) << "ASE";
    rig.set_up(1, kInc | kWords | tlen(16) | trigger(1) | kSoftware, 18, 0x100, 0x800);
    rig.go(1);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.error(1), 1U << 11 | 0x10U) << "BSE, at the last transfer";
    EXPECT_EQ(rig.left(1), 2U);
    rig.set_up(3, kInc | kWords | tlen(16) | trigger(1) | kSoftware, 16, 0x100, Bench::kNobody + 0x24,
               1 << 16);
    rig.go(3);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.error(3), 1U << 7 | 0x24U) << "TED, TEA";
    rig.reg(Rig::at(3, 4), 1);
    EXPECT_EQ(rig.error(3), 0U);
}

TEST(Mdma, PackingAndPadding) {                                    // RM0399 15.5.6, PKE and PAM
    const std::uint32_t to_words = 2 | 2 << 2 | 2 << 6 | 2 << 10;  // bytes to words
    struct Row {
        std::uint32_t mode;
        Bytes expected;
    };
    for (const Row& row : {Row{kPke, {0x81, 0x02, 0x03, 0x04}}, Row{0, {0x81, 0, 0, 0, 0x02, 0, 0, 0}},
                           Row{1 << 26, {0x81, 0xFF, 0xFF, 0xFF, 0x02, 0, 0, 0}},
                           Row{2 << 26, {0, 0, 0, 0x81, 0, 0, 0, 0x02}}}) {
        Rig rig;
        rig.fill(0x100, 4);
        rig.memory[0x100] = 0x81;
        rig.set_up(0, to_words | row.mode | tlen(4) | trigger(1) | kSoftware, 4, 0x100, 0x800);
        rig.go();
        rig.pass(kMicrosecond);
        EXPECT_EQ(rig.bytes(0x800, row.expected.size()), row.expected);
    }
}

TEST(Mdma, EndiannessAndDirection) {  // BEX, HEX; DINC = 3
    Rig rig;
    rig.fill(0x100, 8);
    rig.set_up(0, 2 | 3 << 2 | kWords | tlen(8) | trigger(1) | kSoftware, 8, 0x100, 0x804);
    rig.go(0, kBex | kHex);
    rig.pass(kMicrosecond);
    EXPECT_EQ(rig.bytes(0x800, 8), (Bytes{8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST(Mdma, SwitchedOffItKeepsItsPlaceAndGoesOn) {  // RM0399 15.3.14
    Rig rig;
    rig.fill(0x100, 64);
    rig.set_up(0, kInc | kWords | tlen(16) | trigger(1) | kSoftware, 64, 0x100, 0x800);
    rig.go();
    rig.pass(13 * 10 * kNanosecond);
    rig.reg(Rig::at(0, 0xC), 0);
    EXPECT_EQ(rig.flags(), kTc | kCtc);
    EXPECT_EQ(rig.left(), 48U);
    rig.reg(Rig::at(0, 4), 0x1F);
    rig.go();
    rig.pass(10 * kMicrosecond);
    EXPECT_EQ(rig.flags(), kTc | kBt | kBrt | kCtc);
    EXPECT_EQ(rig.bytes(0x800, 64), rig.bytes(0x100, 64));
}

TEST(Mdma, RegistersOfAnEnabledChannelAreLocked) {
    Rig rig;
    rig.set_up(0, kInc | kWords | tlen(16) | kSoftware, 64, 0x100, 0x800);
    rig.reg(Rig::at(0, 0xC), kEn);
    for (const Address offset : {0x10U, 0x14U, 0x18U, 0x1CU, 0x20U, 0x24U, 0x28U, 0x30U, 0x34U}) {
        const std::uint32_t before = rig.reg(Rig::at(0, offset));
        rig.reg(Rig::at(0, offset), ~before);
        EXPECT_EQ(rig.reg(Rig::at(0, offset)), before) << offset;
    }
}

TEST(Mdma, TheShortWayForManyIsTheSame) {
    Rig slow, quick;
    quick.bus.may_copy = true;
    for (Rig* rig : {&slow, &quick}) {
        rig->fill(0x100, 0x2000);
        rig->set_up(0, kInc | kWords | tlen(128) | trigger(2) | kSoftware, 0x700 | 3U << 20, 0x100, 0x4000);
        rig->go();
    }
    for (unsigned look = 0; look < 30; ++look) {
        slow.pass(3 * kMicrosecond + 7), quick.pass(3 * kMicrosecond + 7);
        EXPECT_EQ(slow.left(), quick.left());
        EXPECT_EQ(slow.flags(), quick.flags());
        EXPECT_EQ(slow.memory, quick.memory) << look;
    }
    EXPECT_GT(quick.bus.copies, 0U);
    EXPECT_EQ(slow.flags(), kTc | kBt | kBrt | kCtc);
}

TEST(Mdma, SavedInTheMiddleItGoesOn) {
    Rig one, two;
    one.fill(0x100, 256), two.fill(0x100, 256);
    one.set_up(0, kInc | kWords | tlen(16) | trigger(1) | kSoftware, 256, 0x100, 0x800);
    one.go();
    one.pass(kMicrosecond);
    static_cast<void>(one.left());
    two.memory = one.memory;
    two.pass(kMicrosecond);
    two.take_state_of(one);
    for (Rig* rig : {&one, &two}) {
        rig->pass(2 * kMicrosecond);
        EXPECT_EQ(rig->flags(), kTc | kBt | kBrt | kCtc);
        EXPECT_EQ(rig->bytes(0x800, 256), rig->bytes(0x100, 256));
    }
}

}  // namespace
}  // namespace h7::mdma

#include "peripherals/exti/exti.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace h7::exti {
namespace {

constexpr Address kBase = 0x5800'0000;
constexpr Address rtsr(unsigned word) { return 0x20 * word; }
constexpr Address ftsr(unsigned word) { return 0x20 * word + 0x04; }
constexpr Address swier(unsigned word) { return 0x20 * word + 0x08; }
constexpr Address imr(unsigned cpu, unsigned word) { return 0x40 * cpu + 0x40 + 0x10 * word; }
constexpr Address emr(unsigned cpu, unsigned word) { return imr(cpu, word) + 4; }
constexpr Address pr(unsigned cpu, unsigned word) { return imr(cpu, word) + 8; }

/// What one core heard, and the levels of its interrupts.
struct Heard {
    std::map<unsigned, bool> irq;
    unsigned events = 0, wakeups = 0;

    bool high(unsigned n) const { return irq.contains(n) && irq.at(n); }
};

struct ExtiTest : testing::Test {
    Exti exti;
    Heard cpu1, cpu2;

    ExtiTest() {
        for (auto [cpu, heard] : {std::pair{Cpu::cpu1, &cpu1}, std::pair{Cpu::cpu2, &cpu2}}) {
            Outputs& out = exti.outputs(cpu);
            out.interrupt = [heard = heard](unsigned irq, bool level) { heard->irq[irq] = level; };
            out.event = [heard = heard] { ++heard->events; };
            out.wakeup = [heard = heard] { ++heard->wakeups; };
        }
    }
    static Access access(Address offset, Op op, unsigned size = 4) {
        return {.address = kBase + offset, .size = static_cast<std::uint8_t>(size), .op = op};
    }
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(exti.read(access(offset, Op::read)).value());
    }
    void write(Address offset, std::uint32_t value) {
        EXPECT_TRUE(exti.write(access(offset, Op::write), value).has_value());
    }
};

TEST_F(ExtiTest, ResetMasksOfBothCores) {  // system.md 5.2
    for (const unsigned cpu : {1U, 2U}) {
        EXPECT_EQ(read(imr(cpu, 0)), 0xFFC0'0000U);
        EXPECT_EQ(read(imr(cpu, 1)), 0xFFF5'FFFFU);
        EXPECT_EQ(read(imr(cpu, 2)), 0x018B'FFFFU);
        for (const unsigned word : {0U, 1U, 2U}) {
            EXPECT_EQ(read(emr(cpu, word)), 0U);
            EXPECT_EQ(read(pr(cpu, word)), 0U);
        }
    }
}

TEST_F(ExtiTest, BitsOfLinesThatDoNotExist) {  // system.md 5.2
    for (const unsigned cpu : {1U, 2U}) {
        write(imr(cpu, 1), 0);
        write(imr(cpu, 2), 0);
        EXPECT_EQ(read(imr(cpu, 1)), 1U << 13);             // 45 is reserved at 1
        EXPECT_EQ(read(imr(cpu, 2)), 1U << 17 | 1U << 19);  // 81 and 83
        write(emr(cpu, 1), ~0U);
        write(emr(cpu, 2), ~0U);
        EXPECT_EQ(read(emr(cpu, 1)), ~(1U << 13));
        EXPECT_EQ(read(emr(cpu, 2)), 0x01F5'FFFFU);  // line 88 has its bit
    }
    const std::uint32_t configurable[] = {0x003F'FFFF, 0x000A'0000, 0x0074'0000};
    for (const unsigned word : {0U, 1U, 2U}) {
        write(rtsr(word), ~0U);
        write(ftsr(word), ~0U);
        EXPECT_EQ(read(rtsr(word)), configurable[word]);
        EXPECT_EQ(read(ftsr(word)), configurable[word]);
    }
}

TEST_F(ExtiTest, NarrowAccessDoesNothing) {  // system.md 1.5, 5.2
    EXPECT_EQ(exti.read(access(imr(1, 0) + 3, Op::read, 1)).value(), 0U);
    EXPECT_TRUE(exti.write(access(imr(1, 0), Op::write, 2), 0xFFFF).has_value());
    EXPECT_EQ(read(imr(1, 0)), 0xFFC0'0000U);
}

TEST_F(ExtiTest, RisingEdgePendsWhereUnmasked) {  // system.md 5.2
    write(rtsr(0), 1U << 13);
    write(imr(1, 0), 1U << 13);
    exti.set_input(13, true);
    EXPECT_EQ(read(pr(1, 0)), 1U << 13);
    EXPECT_EQ(read(pr(2, 0)), 0U);
    EXPECT_TRUE(cpu1.high(40));
    EXPECT_TRUE(cpu2.irq.empty());
    exti.set_input(13, false);
    EXPECT_TRUE(cpu1.high(40));  // the pending bit holds it
    write(pr(1, 0), 1U << 13);
    EXPECT_FALSE(cpu1.high(40));
    exti.set_input(13, false);
    EXPECT_EQ(read(pr(1, 0)), 0U);
}

TEST_F(ExtiTest, EdgesAreSelectedEach) {  // system.md 5.2
    write(imr(1, 0), 0x7);
    write(rtsr(0), 0x5);
    write(ftsr(0), 0x6);
    for (const unsigned line : {0U, 1U, 2U, 3U}) exti.set_input(line, true);
    EXPECT_EQ(read(pr(1, 0)), 0x5U);
    write(pr(1, 0), 0x5);
    for (const unsigned line : {0U, 1U, 2U, 3U}) exti.set_input(line, false);
    EXPECT_EQ(read(pr(1, 0)), 0x6U);
}

TEST_F(ExtiTest, ChangingTheEdgesClearsPending) {  // system.md 5.2
    write(imr(1, 0), 0x3);
    write(imr(2, 0), 0x3);
    write(rtsr(0), 0x3);
    exti.set_input(0, true);
    exti.set_input(1, true);
    write(rtsr(0), 0x2);
    EXPECT_EQ(read(pr(1, 0)), 0x2U);
    EXPECT_EQ(read(pr(2, 0)), 0x2U);
    EXPECT_FALSE(cpu1.high(6));
    EXPECT_TRUE(cpu2.high(7));
}

TEST_F(ExtiTest, SoftwareLineRingsTheOtherCoreOnly) {  // system.md 5.2b b)
    write(rtsr(0), 1);
    write(imr(1, 0), read(imr(1, 0)) & ~1U);
    write(imr(2, 0), read(imr(2, 0)) | 1U);
    write(swier(0), 1);
    EXPECT_EQ(read(swier(0)), 0U);
    EXPECT_EQ(read(pr(2, 0)), 1U);
    EXPECT_EQ(read(pr(1, 0)), 0U);
    EXPECT_TRUE(cpu2.high(6));
    EXPECT_FALSE(cpu1.high(6));
    write(pr(2, 0), 1);
    EXPECT_FALSE(cpu2.high(6));
}

TEST_F(ExtiTest, SoftwareTriggerNeedsNoEdgeButAConfigurableLine) {  // system.md 5.2
    write(imr(1, 0), ~0U);
    write(swier(0), 1U << 20 | 1U << 28);
    EXPECT_EQ(read(pr(1, 0)), 1U << 20);
    EXPECT_TRUE(cpu1.high(137));
    EXPECT_FALSE(cpu1.high(39));
}

TEST_F(ExtiTest, EventsGoToTheCoresThatAskedForThem) {  // system.md 5.2
    write(rtsr(0), 1);
    write(emr(2, 0), 1);
    exti.set_input(0, true);
    EXPECT_EQ(cpu1.events, 0U);
    EXPECT_EQ(cpu2.events, 1U);
    EXPECT_EQ(read(pr(2, 0)), 0U);  // an event only: IMR is 0
    EXPECT_EQ(cpu2.wakeups, 0U);
    exti.set_input(0, true);
    EXPECT_EQ(cpu2.events, 1U);
}

TEST_F(ExtiTest, DirectLinesPassTheirLevel) {  // system.md 5.2
    exti.set_input(28, true);                  // USART3 wake-up: unmasked from reset on
    EXPECT_TRUE(cpu1.high(39));
    EXPECT_TRUE(cpu2.high(39));
    write(imr(2, 0), 0);
    EXPECT_FALSE(cpu2.high(39));
    exti.set_input(28, false);
    EXPECT_FALSE(cpu1.high(39));
    EXPECT_EQ(read(pr(1, 0)), 0U);
}

TEST_F(ExtiTest, HsemLineWakesItsOwnCoreByEvent) {  // system.md 2.4 A5: SystemInit sets C2EMR3 bit 14
    write(emr(1, 2), 1U << 14);                     // CPU1 asks in vain for CPU2's line
    write(emr(2, 2), 1U << 14);
    exti.set_input(78, true);
    EXPECT_EQ(cpu2.events, 1U);
    EXPECT_EQ(cpu1.events, 0U);
    EXPECT_EQ(cpu2.wakeups, 1U);
    EXPECT_EQ(cpu1.wakeups, 0U);
    EXPECT_TRUE(exti.wake_requested(Cpu::cpu2));
    EXPECT_FALSE(exti.wake_requested(Cpu::cpu1));
    EXPECT_TRUE(cpu2.irq.empty());  // HSEM drives IRQ 126 itself
    exti.set_input(78, false);
    EXPECT_FALSE(exti.wake_requested(Cpu::cpu2));
}

TEST_F(ExtiTest, SevOfTheOtherCoreIsAnEventNotAnInterrupt) {  // system.md 5.1, 5.2 A16
    for (const unsigned cpu : {1U, 2U}) write(emr(cpu, 2), 3U << 15);
    exti.pulse_input(80);  // the CM7 executed SEV
    EXPECT_EQ(cpu2.events, 1U);
    EXPECT_EQ(cpu1.events, 0U);
    exti.pulse_input(79);
    EXPECT_EQ(cpu1.events, 1U);
    exti.pulse_input(79);
    EXPECT_EQ(cpu1.events, 2U);
    EXPECT_TRUE(cpu1.irq.empty() && cpu2.irq.empty());
}

TEST_F(ExtiTest, WatchdogOfTheOtherCoreRaises143) {  // system.md 5.1 A7
    write(rtsr(2), 1U << 18 | 1U << 20);
    for (const unsigned cpu : {1U, 2U}) write(imr(cpu, 2), read(imr(cpu, 2)) | 1U << 18 | 1U << 20);
    exti.pulse_input(82);
    EXPECT_TRUE(cpu2.high(143));
    EXPECT_FALSE(cpu1.high(143));
    exti.pulse_input(84);
    EXPECT_TRUE(cpu1.high(143));
    EXPECT_EQ(read(pr(1, 2)), 1U << 20);
    EXPECT_EQ(read(pr(2, 2)), 1U << 18);
}

TEST_F(ExtiTest, LinesOfOneInterruptAreOred) {  // system.md 5.2
    write(rtsr(0), 0x3E0);
    write(imr(1, 0), 0x3E0);
    exti.set_input(5, true);
    exti.set_input(9, true);
    write(pr(1, 0), 1U << 5);
    EXPECT_TRUE(cpu1.high(23));
    write(pr(1, 0), 1U << 9);
    EXPECT_FALSE(cpu1.high(23));
    EXPECT_EQ(cpu1.wakeups, 2U);
}

TEST_F(ExtiTest, EveryLineRaisesItsInterrupt) {  // system.md 5.2
    const std::map<unsigned, unsigned> expected = {
        {0, 6},    {1, 7},    {2, 8},    {3, 9},    {4, 10},   {5, 23},   {6, 23},   {7, 23},   {8, 23},
        {9, 23},   {10, 40},  {11, 40},  {12, 40},  {13, 40},  {14, 40},  {15, 40},  {16, 1},   {17, 41},
        {18, 2},   {19, 3},   {20, 137}, {21, 137}, {22, 31},  {23, 33},  {24, 72},  {25, 95},  {26, 37},
        {27, 38},  {28, 39},  {29, 71},  {30, 52},  {31, 53},  {32, 82},  {33, 83},  {34, 142}, {35, 142},
        {36, 35},  {37, 36},  {38, 51},  {39, 84},  {40, 85},  {41, 86},  {42, 119}, {43, 76},  {44, 100},
        {46, 123}, {47, 93},  {48, 138}, {50, 139}, {52, 140}, {53, 141}, {54, 115}, {55, 149}, {56, 149},
        {57, 149}, {58, 149}, {59, 149}, {60, 149}, {82, 143}, {84, 143}, {85, 94},  {86, 62}};
    for (unsigned line = 0; line < 96; ++line) {
        const auto irq = interrupt_of(line);
        EXPECT_EQ(irq.has_value(), expected.contains(line)) << line;
        if (irq && expected.contains(line)) {
            EXPECT_EQ(*irq, expected.at(line)) << line;
        }
    }
}

TEST_F(ExtiTest, LinesBeyondTheLastAreIgnored) {  // system.md 5.2
    exti.set_input(89, true);
    exti.set_input(1000, true);
    exti.set_input(45, true);
    EXPECT_EQ(cpu1.wakeups, 0U);
    EXPECT_FALSE(exti.wake_requested(Cpu::cpu1));
}

TEST_F(ExtiTest, ResetDropsPendingAndKeepsInputs) {  // system.md 5.2
    write(rtsr(0), 1);
    write(imr(1, 0), 1);
    exti.set_input(0, true);
    exti.set_input(28, true);
    EXPECT_TRUE(cpu1.high(6));
    EXPECT_FALSE(cpu1.high(39));
    exti.reset(ResetKind::system);
    EXPECT_FALSE(cpu1.high(6));
    EXPECT_TRUE(cpu1.high(39));
    exti.set_input(0, false);
    EXPECT_EQ(read(pr(1, 0)), 0U);
}

TEST_F(ExtiTest, SeveralNewRequestsAreOneWakeUp) {  // system.md 4.3
    write(imr(1, 0), 0);
    write(imr(1, 1), 0);
    exti.set_input(28, true);
    exti.set_input(61, true);
    EXPECT_EQ(cpu1.wakeups, 0U);
    exti.reset(ResetKind::system);
    EXPECT_EQ(cpu1.wakeups, 1U);
}

TEST_F(ExtiTest, TellsWhoPolls) {  // D-28
    unsigned heard = 0;
    exti.looked_at = [&](const Access&) { ++heard; };
    for (const unsigned cpu : {1U, 2U})
        for (const unsigned word : {0U, 1U, 2U}) {
            read(pr(cpu, word));
            read(emr(cpu, word));
        }
    EXPECT_EQ(heard, 12U);
    read(imr(1, 0));
    read(rtsr(1));
    read(swier(0));
    EXPECT_EQ(heard, 12U);
}

TEST_F(ExtiTest, StateSurvivesSaveAndLoad) {
    write(rtsr(0), 1);
    write(imr(1, 0), 1);
    exti.set_input(0, true);
    StateWriter out;
    exti.save(out);
    Exti other;
    StateReader in(out.data());
    other.load(in);
    EXPECT_TRUE(in.finish().has_value());
    EXPECT_TRUE(other.wake_requested(Cpu::cpu1));
    std::vector<std::string> heard;
    other.outputs(Cpu::cpu1).interrupt = [&](unsigned irq, bool level) {
        heard.push_back(std::to_string(irq) + (level ? " high" : " low"));
    };
    EXPECT_TRUE(other.write(access(pr(1, 0), Op::write), 1).has_value());
    EXPECT_EQ(heard, std::vector<std::string>{"6 low"});
}

}  // namespace
}  // namespace h7::exti

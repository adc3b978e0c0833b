#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kIser = 0xE000'E100, kIcer = 0xE000'E180, kIspr = 0xE000'E200, kIcpr = 0xE000'E280,
                  kIabr = 0xE000'E300, kIpr = 0xE000'E400;

struct NvicTest : testing::Test {
    Private core;
    Nvic& nvic = core.bus.nvic();

    void enable(unsigned irq, std::uint8_t priority) {
        nvic.set_enabled(kFirstIrq + irq, true);
        nvic.set_priority(kFirstIrq + irq, priority);
    }
};

TEST_F(NvicTest, HasInterrupts0To149AndNoMore) {  // system.md 5.1
    EXPECT_EQ(core.read(0xE000'E004), 4U);
    core.write(kIser + 16, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kIser + 16), mask(21, 0));
    core.write(kIspr + 16, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kIspr + 16), mask(21, 0));
    nvic.set_line(150, true);
    EXPECT_EQ(core.read(kIspr + 16), mask(21, 0));
}

TEST_F(NvicTest, OnlyPriorityBits7To4Exist) {  // system.md 5.1
    core.write(kIpr + 36, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kIpr + 36), 0xF0F0'F0F0U);
    core.write(kIpr + 39, 0x35, 1);
    EXPECT_EQ(core.read(kIpr + 36), 0x30F0'F0F0U);
    EXPECT_EQ(nvic.priority(kFirstIrq + 39), 0x30);
    core.write(kIpr + 148, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kIpr + 148), 0x0000'F0F0U);
}

TEST_F(NvicTest, EveryRegisterWindowShowsItsOwnInterrupts) {  // system.md 5.1
    for (unsigned irq = 0; irq < kIrqs; ++irq) {
        core.write(kIser + 4 * (irq / 32), 1U << (irq % 32));
        core.write(kIspr + 4 * (irq / 32), 1U << (irq % 32));
        EXPECT_EQ(nvic.to_take({}), kFirstIrq + irq);
        nvic.enter(kFirstIrq + irq);
        for (unsigned word = 0; word < 5; ++word)
            EXPECT_EQ(core.read(kIabr + 4 * word), word == irq / 32 ? 1U << (irq % 32) : 0U) << irq;
        nvic.leave(kFirstIrq + irq);
        EXPECT_EQ(core.read(kIser + 4 * (irq / 32)), 1U << (irq % 32));
        core.write(kIcer + 4 * (irq / 32), 1U << (irq % 32));
        EXPECT_EQ(core.read(kIser + 4 * (irq / 32)), 0U);
    }
}

TEST_F(NvicTest, NeedsEnableToBeTaken) {  // system.md 5.1
    nvic.set_line(39, true);
    EXPECT_EQ(nvic.to_take({}), 0U);
    core.write(kIser + 4, 1U << 7);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 39);
}

TEST_F(NvicTest, LineHighAtReturnIsPendingAgain) {  // system.md 11.9
    enable(39, 0);
    nvic.set_line(39, true);
    nvic.enter(kFirstIrq + 39);
    EXPECT_FALSE(nvic.pending(kFirstIrq + 39));
    nvic.leave(kFirstIrq + 39);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 39);

    nvic.enter(kFirstIrq + 39);
    nvic.set_line(39, false);
    nvic.leave(kFirstIrq + 39);
    EXPECT_EQ(nvic.to_take({}), 0U);
}

TEST_F(NvicTest, WhatTheReturnMadePendingStaysWhenTheLineFalls) {  // system.md 11.9
    enable(39, 0);
    nvic.set_line(39, true);
    nvic.enter(kFirstIrq + 39);
    unsigned heard = 0;
    nvic.became_pending = [&](unsigned exception) { heard = exception; };
    nvic.leave(kFirstIrq + 39);
    EXPECT_EQ(heard, kFirstIrq + 39);
    nvic.set_line(39, false);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 39);
}

TEST_F(NvicTest, AnEdgeIsRememberedWhenTheLineFalls) {  // system.md 11.9
    enable(39, 0);
    nvic.set_line(39, true);
    nvic.set_line(39, false);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 39);
    nvic.enter(kFirstIrq + 39);
    nvic.set_line(39, true);  // a new edge while the handler runs
    EXPECT_TRUE(nvic.pending(kFirstIrq + 39));
}

TEST_F(NvicTest, ClearPendingDoesNothingWhileTheLineIsHigh) {  // system.md 11.9
    nvic.set_line(39, true);
    core.write(kIcpr + 4, 1U << 7);
    EXPECT_EQ(core.read(kIspr + 4), 1U << 7);
    nvic.set_line(39, false);
    EXPECT_EQ(core.read(kIspr + 4), 1U << 7);
    core.write(kIcpr + 4, 1U << 7);
    EXPECT_EQ(core.read(kIspr + 4), 0U);
}

TEST_F(NvicTest, APulseIsPendingOnce) {  // system.md 11.9, A16
    enable(64, 0);
    nvic.pulse(64);
    nvic.enter(kFirstIrq + 64);
    nvic.leave(kFirstIrq + 64);
    EXPECT_EQ(nvic.to_take({}), 0U);
}

TEST_F(NvicTest, ResetForgetsEdgesAndKeepsLevels) {  // system.md 11.8, 11.9
    nvic.pulse(3);
    nvic.set_line(5, true);
    nvic.set_line(6, true);
    core.bus.reset(ResetKind::system, 0);
    nvic.set_line(6, false);  // its peripheral is reset as well
    EXPECT_EQ(core.read(kIspr), 1U << 5);
    EXPECT_EQ(core.read(kIser), 0U);
}

TEST_F(NvicTest, LowestNumberWinsAmongEqualPriorities) {  // system.md 5.1
    enable(8, 0x40);
    enable(7, 0x40);
    enable(9, 0x30);
    for (const unsigned irq : {7U, 8U, 9U}) nvic.pulse(irq);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 9);
    nvic.clear_pending(kFirstIrq + 9);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 7);
}

TEST_F(NvicTest, PreemptsOnlyWithABetterGroupPriority) {  // system.md 5.1
    enable(1, 0x60);
    enable(2, 0x40);
    nvic.pulse(1);
    nvic.enter(kFirstIrq + 1);
    nvic.pulse(2);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 2);

    core.write(0xE000'ED0C, 0x05FA'0500);  // PRIGROUP 5: priorities 0x40 and 0x60 are one group (bits 7:6)
    EXPECT_EQ(nvic.to_take({}), 0U);
    nvic.leave(kFirstIrq + 1);
    nvic.pulse(1);
    EXPECT_EQ(nvic.to_take({}), kFirstIrq + 2);  // the subpriority still orders what is pending
}

TEST_F(NvicTest, MasksRaiseTheExecutionPriority) {  // system.md 11.7
    EXPECT_EQ(nvic.execution_priority({}), 256);
    EXPECT_EQ(nvic.execution_priority({.basepri = 0x50}), 0x50);
    EXPECT_EQ(nvic.execution_priority({.primask = true, .basepri = 0x50}), 0);
    EXPECT_EQ(nvic.execution_priority({.primask = true, .faultmask = true}), -1);
    nvic.enter(kNmi);
    EXPECT_EQ(nvic.execution_priority({.faultmask = true}), -2);

    nvic.leave(kNmi);
    enable(1, 0x50);
    nvic.pulse(1);
    EXPECT_EQ(nvic.to_take({.basepri = 0x50}), 0U);
    EXPECT_EQ(nvic.to_take({.basepri = 0x60}), kFirstIrq + 1);
    EXPECT_EQ(nvic.to_take({.primask = true}), 0U);
}

TEST_F(NvicTest, WakeUpFromWfiIgnoresPrimaskOnly) {  // system.md 11.7
    enable(1, 0x50);
    EXPECT_FALSE(nvic.wakes({}));
    nvic.pulse(1);
    EXPECT_TRUE(nvic.wakes({.primask = true}));
    EXPECT_FALSE(nvic.wakes({.primask = true, .basepri = 0x50}));
    EXPECT_FALSE(nvic.wakes({.faultmask = true}));
}

TEST_F(NvicTest, TellsEveryNewPendingInterruptEvenDisabled) {  // system.md 5.9 (SEVONPEND), 11.7
    std::vector<unsigned> heard;
    nvic.became_pending = [&](unsigned exception) { heard.push_back(exception); };
    nvic.set_line(126, true);
    nvic.set_line(126, true);
    nvic.pulse(126);
    nvic.pulse(64);
    EXPECT_EQ(heard, (std::vector<unsigned>{kFirstIrq + 126, kFirstIrq + 64}));
}

TEST_F(NvicTest, NmiIsTakenAgainWhileItsCauseStays) {  // system.md 5.1
    nvic.set_nmi(true);
    EXPECT_EQ(nvic.to_take({.primask = true, .faultmask = true}), kNmi);
    nvic.enter(kNmi);
    EXPECT_EQ(nvic.to_take({}), 0U);
    nvic.leave(kNmi);
    EXPECT_EQ(nvic.to_take({}), kNmi);
}

TEST_F(NvicTest, SynchronousFaultsEscalate) {  // system.md 1.5
    auto at = nvic.deliver(kBusFault, {});     // not enabled in SHCSR
    EXPECT_EQ(at.exception, kHardFault);
    EXPECT_TRUE(at.forced);
    EXPECT_FALSE(at.lock_up);

    core.write(0xE000'ED24, 1U << 17);
    at = nvic.deliver(kBusFault, {});
    EXPECT_EQ(at.exception, kBusFault);
    EXPECT_FALSE(at.forced);

    at = nvic.deliver(kBusFault, {.primask = true});  // priority 0 does not preempt 0
    EXPECT_TRUE(at.forced);
    EXPECT_FALSE(at.lock_up);

    nvic.enter(kHardFault);
    EXPECT_TRUE(nvic.deliver(kBusFault, {}).lock_up);
    EXPECT_TRUE(nvic.above_faults({}));
}

TEST_F(NvicTest, AFaultUnderFaultmaskLocksUp) {  // system.md 1.5
    EXPECT_TRUE(nvic.deliver(kUsageFault, {.faultmask = true}).lock_up);
    EXPECT_FALSE(nvic.deliver(kHardFault, {.primask = true})
                     .forced);  // VECTTBL and the like are HardFaults themselves
}

TEST_F(NvicTest, StateSurvivesSaveAndLoad) {
    enable(39, 0x50);
    nvic.set_line(39, true);
    nvic.enter(kFirstIrq + 39);
    nvic.pulse(149);
    StateWriter out;
    nvic.save(out);
    Private other;
    StateReader in(out.data());
    other.bus.nvic().load(in);
    EXPECT_TRUE(in.finish().has_value());
    EXPECT_TRUE(other.bus.nvic().active(kFirstIrq + 39));
    other.bus.nvic().leave(kFirstIrq + 39);
    EXPECT_EQ(other.bus.nvic().to_take({}), kFirstIrq + 39);
    EXPECT_TRUE(other.bus.nvic().pending(kFirstIrq + 149));
}

}  // namespace
}  // namespace h7::cpu::test

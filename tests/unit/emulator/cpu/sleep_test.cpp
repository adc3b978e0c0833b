// WFI, WFE, SEV and the time of a sleeper: system.md 5.9, 11.7; D-28.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kIser = 0xE000'E100, kScr = 0xE000'ED10, kSystCsr = 0xE000'E010, kSystRvr = 0xE000'E014,
                  kSystCvr = 0xE000'E018;

TEST(Sleep, WfiEndsTheTurnAndSleepsUntilAnInterrupt) {  // D-28, system.md 11.7
    Board board;
    board.set_scs(kIser, 1);
    std::vector<RunState> states;
    board.core->on_state_change = [&] { states.push_back(board.core->state()); };
    board.set_pc(snippet::sleep_wfi);
    const Time start = board.core->now();
    board.core->run_until(start + kMillisecond);
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    EXPECT_EQ((board.core->now() - start) / Board::kCycle, 2u);
    EXPECT_EQ(board.core->next_wake(), kNever);
    board.core->run_until(start + kMillisecond);
    EXPECT_GE(board.core->now(), start + kMillisecond);
    EXPECT_EQ(board.r(0), 1u);
    board.core->pulse_interrupt(0);
    EXPECT_EQ(board.core->state(), RunState::running);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.called_at, snippet::on_irq0);
    EXPECT_EQ(board.stacked(6), snippet::sleep_wfi + 4);
    const std::vector<RunState> expected{RunState::sleeping, RunState::running};
    EXPECT_EQ(states, expected);
}

TEST(Sleep, WithPrimaskWfiWakesButTakesNothing) {  // system.md 11.7
    Board board;
    board.set_scs(kIser, 1);
    Registers r = board.core->registers();
    r.primask = 1;
    board.core->set_registers(r);
    EXPECT_FALSE(board.run(snippet::sleep_wfi, 1000));
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(0), 2u);
}

TEST(Sleep, ADisabledInterruptDoesNotWake) {
    Board board;
    EXPECT_FALSE(board.run(snippet::sleep_wfi, 1000));
    board.core->pulse_interrupt(0);
    EXPECT_EQ(board.core->state(), RunState::sleeping);
}

TEST(Sleep, SysTickWakesAtItsOwnTime) {
    Board board;
    board.set_scs(kSystRvr, 9999);
    board.set_scs(kSystCvr, 0);
    board.set_scs(kSystCsr, 7);
    const Time start = board.core->now();
    board.set_pc(snippet::sleep_wfi);
    board.core->run_until(start + kSecond);
    ASSERT_EQ(board.core->state(), RunState::sleeping);
    const Time wake = board.core->next_wake();
    EXPECT_NEAR(static_cast<double>((wake - start) / Board::kCycle), 10'000, 2);
    board.core->run_until(wake - Board::kCycle);
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.called_at, snippet::on_sys_tick);
    EXPECT_GE(board.core->now(), wake);
    EXPECT_LT(board.core->now(), wake + 10 * Board::kCycle);
}

TEST(Sleep, ATickOnTheEndOfATurnWakes) {  // system.md 11.7; D-28: nobody waits twice for the same moment
    Board board;
    board.set_scs(kSystRvr, 9999);
    board.set_scs(kSystCvr, 0);
    board.set_scs(kSystCsr, 7);
    board.set_pc(snippet::sleep_wfi);
    board.core->run_until(board.core->now() + kSecond);
    ASSERT_EQ(board.core->state(), RunState::sleeping);
    const Time wake = board.core->next_wake();
    board.core->run_until(wake);
    EXPECT_EQ(board.core->now(), wake);
    EXPECT_EQ(board.core->state(), RunState::running);
}

TEST(Sleep, NobodyWakesBeforeTheSignalWasSent) {
    Board board;
    board.set_scs(kIser, 1);
    board.set_pc(snippet::sleep_wfi);
    board.core->run_until(board.core->now() + kMillisecond);
    board.clock.set_source(nullptr);
    const Time sent = board.core->now() + kMillisecond;
    board.clock.advance_to(sent);
    board.core->pulse_interrupt(0);
    EXPECT_GE(board.core->now(), sent);
    EXPECT_LT(board.core->now(), sent + Board::kCycle);
}

TEST(Sleep, WfeConsumesAnEventFirst) {  // system.md 5.9
    Board board;
    board.core->send_event();
    ASSERT_TRUE(board.run(snippet::sleep_wfe, 1000));
    EXPECT_EQ(board.r(0), 2u);
    board.set(0, 0);
    EXPECT_FALSE(board.run(snippet::sleep_wfe, 1000));
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    board.core->send_event();
    ASSERT_TRUE(board.resume(1000));
    EXPECT_EQ(board.r(0), 2u);
}

TEST(Sleep, SevSetsTheOwnEventAndPulsesTheWire) {  // system.md 5.1
    Board board;
    int pulses = 0;
    board.core->sev.connect([&](bool level) { pulses += level ? 1 : 0; });
    ASSERT_TRUE(board.run(snippet::event_then_wfe, 1000));
    EXPECT_EQ(pulses, 1);
    ASSERT_TRUE(board.run(snippet::wide_event, 1000));
    EXPECT_EQ(pulses, 2);
}

TEST(Sleep, SevonpendMakesAnyPendingInterruptAnEvent) {  // system.md 11.7
    Board board;
    board.set_scs(kScr, 1U << 4);
    EXPECT_FALSE(board.run(snippet::sleep_wfe, 1000));
    board.core->pulse_interrupt(5);  // not enabled
    ASSERT_TRUE(board.resume(1000));
    EXPECT_EQ(board.called_at, snippet::done);
}

TEST(Sleep, DeepSleepStopsSysTick) {  // system.md 11.7
    Board board;
    board.set_scs(kIser, 1);
    board.set_scs(kScr, 1U << 2);
    board.set_scs(kSystRvr, 99);
    board.set_scs(kSystCvr, 0);
    board.set_scs(kSystCsr, 7);
    EXPECT_FALSE(board.run(snippet::sleep_wfi, 5000));
    EXPECT_EQ(board.core->state(), RunState::deep_sleep);
    EXPECT_EQ(board.core->next_wake(), kNever);
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.resume(1000));
    EXPECT_EQ(board.called_at, snippet::on_irq0);
}

TEST(Sleep, AHeldCoreOnlyMovesItsTime) {
    Board board;
    board.set_pc(snippet::spin);
    board.core->hold();
    const Time before = board.core->now();
    board.core->run_until(before + kMicrosecond + 1);
    EXPECT_EQ(board.core->now(), before + kMicrosecond + 1);
    EXPECT_EQ(board.core->instructions(), 0u);
}

}  // namespace
}  // namespace h7::cpu

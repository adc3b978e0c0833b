// Entry, return, preemption and their integrity checks: ARMv7-M B1.5.6 - B1.5.8; system.md 5.1, 11.9.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kIser = 0xE000'E100, kIspr = 0xE000'E200, kIpr = 0xE000'E400, kIcsr = 0xE000'ED04,
                  kCpacr = 0xE000'ED88, kCfsr = 0xE000'ED28, kShcsr = 0xE000'ED24, kSystCsr = 0xE000'E010,
                  kSystRvr = 0xE000'E014, kSystCvr = 0xE000'E018, kScr = 0xE000'ED10, kHfsr = 0xE000'ED2C;

TEST(Exceptions, TheFrameHoldsWhatTheHandlerInterrupts) {  // B1.5.6
    Board board;
    for (unsigned n = 0; n < 13; ++n) board.set(n, 0x100 + n);
    board.set(14, 0x1234'5679);
    board.set(13, 0x2000'7FFC);  // 4 bytes off: the frame is aligned
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_svc);
    EXPECT_EQ(board.r(13), 0x2000'7FFCu - 0x20 - 4);
    EXPECT_EQ(board.stacked(0), 1u);
    EXPECT_EQ(board.stacked(3), 0x103u);
    EXPECT_EQ(board.stacked(4), 0x10Cu);
    EXPECT_EQ(board.stacked(5), 0x1234'5679u);
    EXPECT_EQ(board.stacked(6), snippet::supervisor_next);
    EXPECT_EQ(board.stacked(7) & 0x0100'03FF, 0x0100'0200u) << "T, and the alignment bit";
    EXPECT_EQ(board.r(14), 0xFFFF'FFF9u);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 11u);
}

TEST(Exceptions, TheReturnRestoresEverything) {
    Board board;
    board.set_vector(kSvCall, snippet::plain_handler);
    board.set(13, 0x2000'7FFC);
    board.set(3, 33);
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(0), 2u);
    EXPECT_EQ(board.r(3), 33u);
    EXPECT_EQ(board.r(9), 1u);
    EXPECT_EQ(board.r(13), 0x2000'7FFCu);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 0u);
}

TEST(Exceptions, UnprivilegedThreadsOnTheProcessStack) {
    Board board;
    board.set_vector(kSvCall, snippet::plain_handler);
    Registers r = board.core->registers();
    r.psp = 0x2000'4000;
    r.control = 3;
    board.core->set_registers(r);
    int frames = 0;
    board.set_vector(kSvCall, snippet::on_svc);
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_svc) return false;
        ++frames;
        const Registers in = board.core->registers();
        EXPECT_EQ(in.r[14], 0xFFFF'FFFDu);
        EXPECT_EQ(in.psp, 0x2000'4000u - 0x20);
        EXPECT_EQ(in.r[13], in.msp);
        EXPECT_EQ(in.control, 1u) << "SPSEL reads 0 in Handler mode, nPRIV stays";
        board.set_pc(snippet::plain_handler);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(frames, 1);
    EXPECT_EQ(board.core->registers().control, 3u);
    EXPECT_EQ(board.core->registers().psp, 0x2000'4000u);
    EXPECT_EQ(board.r(13), 0x2000'4000u);
}

TEST(Exceptions, NestedInterruptsKeepTheFloatingPointRegisters) {  // extended frames
    Board board;
    board.set_scs(kCpacr, 0xFU << 20);
    board.set_scs(kIser, 3);
    board.set_scs(kIpr, 0x0000'4080);  // IRQ0 0x80, IRQ1 0x40
    board.set_vector(kFirstIrq, snippet::pend_higher);
    board.set_vector(kFirstIrq + 1, snippet::fp_handler);
    board.set(10, kIspr);
    board.set(11, 2);
    board.set(0, 2000);
    board.set_pc(snippet::fp_work);
    unsigned sent = 0;
    for (unsigned n = 0; n < 100'000 && !board.finished; ++n) {
        board.core->run_until(board.core->now() + 37 * Board::kCycle);
        if (n % 4 == 0 && !board.finished) {
            board.core->pulse_interrupt(0);
            ++sent;
        }
    }
    ASSERT_TRUE(board.finished);
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_GT(sent, 20u);
    EXPECT_GE(board.r(9) + 1, sent);
    board.set(0, 0x2000'0100);
    // s2 = 1 + 2 + 3 in every round, whatever the handlers left in s0, s1, s2 and s15.
    StateWriter out;
    board.core->save(out);
    EXPECT_EQ(board.core->registers().r[13], 0x2000'8000u);
    EXPECT_EQ(board.core->floating_point(2), 0x40C0'0000u);
    EXPECT_EQ(board.core->floating_point(16), 0x4080'0000u);
}

TEST(Exceptions, AHigherPriorityPreempts_ALowerOneWaits) {  // B1.5.4
    Board board;
    board.set_scs(kIser, 7);
    board.set_scs(kIpr, 0x00C0'4080);
    std::vector<Address> order;
    board.on_call = [&](Address pc) {
        if (pc == snippet::done) return false;
        order.push_back(pc);
        if (pc == snippet::on_irq0 && order.size() == 1) {
            board.core->pulse_interrupt(2);
            board.core->pulse_interrupt(1);
            return true;  // stays at its breakpoint: executed again after the preemption
        }
        board.set_pc(snippet::plain_handler);
        return true;
    };
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.run(snippet::supervisor_next));
    const std::vector<Address> expected{snippet::on_irq0, snippet::on_irq1, snippet::on_irq0,
                                        snippet::on_irq2};
    EXPECT_EQ(order, expected);
    EXPECT_EQ(board.r(13), 0x2000'8000u);
}

TEST(Exceptions, PrimaskHoldsInterruptsBack_UntilCpsie) {
    Board board;
    board.set_scs(kIser, 1);
    board.set_pc(snippet::spin_masked);
    board.core->run_until(board.core->now() + 20 * Board::kCycle);
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.called_at, snippet::on_irq0);
    EXPECT_EQ(board.stacked(0), 100u);
    EXPECT_EQ(board.stacked(6), snippet::spin_masked_open);
}

TEST(Exceptions, ALevelStillHighIsTakenAgain) {  // system.md 11.9
    Board board;
    board.set_scs(kIser, 1);
    int taken = 0;
    board.on_call = [&](Address pc) {
        if (pc == snippet::done) return false;
        if (++taken == 3) board.core->set_interrupt(0, false);
        board.set_pc(snippet::plain_handler);
        return true;
    };
    board.core->set_interrupt(0, true);
    ASSERT_TRUE(board.run(snippet::supervisor_next));
    EXPECT_EQ(taken, 3);
}

TEST(Exceptions, NmiPreemptsEverything) {
    Board board;
    Registers r = board.core->registers();
    r.faultmask = 1;
    board.core->set_registers(r);
    board.core->set_nmi(true);
    ASSERT_TRUE(board.run(snippet::spin));
    EXPECT_EQ(board.called_at, snippet::on_nmi);
}

TEST(Exceptions, PendSvAndSysTick) {  // system.md 5.4
    Board board;
    board.set_scs(kSystRvr, 999);
    board.set_scs(kSystCvr, 0);
    board.set_scs(kSystCsr, 7);
    std::vector<Time> ticks;
    board.on_call = [&](Address pc) {
        if (pc == snippet::on_sys_tick) {
            ticks.push_back(board.core->now());
            board.set_scs(kIcsr, 1U << 28);
        }
        if (pc == snippet::on_pend_sv) board.set(8, board.r(8) + 1);
        board.set_pc(snippet::plain_handler);
        return true;
    };
    board.run(snippet::spin, 10'100, 333);
    ASSERT_EQ(ticks.size(), 10u);
    EXPECT_EQ(board.r(8), 10u);
    for (unsigned n = 1; n < ticks.size(); ++n) {
        const auto cycles = static_cast<double>(ticks[n] - ticks[n - 1]) / static_cast<double>(Board::kCycle);
        EXPECT_NEAR(cycles, 1000, 3) << n;
    }
}

TEST(Exceptions, InterruptsDoNotDependOnTheSlices) {  // D-28
    const auto run = [](std::uint64_t slice) {
        Board board;
        board.set_scs(kSystRvr, 776);
        board.set_scs(kSystCvr, 0);
        board.set_scs(kSystCsr, 7);
        board.set_vector(kSysTick, snippet::plain_handler);
        board.set(0, 500);
        board.set(1, kDevice);
        EXPECT_TRUE(board.run(snippet::workload, 10'000'000, slice));
        return std::pair(board.core->instructions(), board.core->registers().r);
    };
    const auto reference = run(10'000);
    EXPECT_GT(reference.second[9], 50u);
    EXPECT_EQ(run(1), reference);
    EXPECT_EQ(run(100), reference);
}

TEST(Exceptions, BadExcReturnValuesAreInvpc) {  // B1.5.8
    for (const Address handler : {snippet::bad_return, snippet::return_to_handler, snippet::smash_frame}) {
        Board board;
        board.set_scs(kShcsr, 7U << 16);
        board.set_scs(0xE000'ED18, 0);
        board.set_vector(kSvCall, handler);
        ASSERT_TRUE(board.run(snippet::supervisor));
        EXPECT_EQ(board.called_at, snippet::on_usage_fault) << std::hex << handler;
        EXPECT_EQ(board.scs(kCfsr), 1U << 18);
        EXPECT_EQ(board.r(14) >> 28, 0xFu);
        EXPECT_EQ(board.r(13), 0x2000'8000u - 0x20) << "nothing is stacked again";
    }
}

TEST(Exceptions, ExcReturnInThreadModeIsJustABadAddress) {
    Board board;
    board.set(1, 0xFFFF'FFF9);
    ASSERT_TRUE(board.run(snippet::branch));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kCfsr), 1u);
}

TEST(Exceptions, AnExceptionClearsTheExclusiveMonitor) {  // system.md 11.4
    Board board;
    board.set_vector(kSvCall, snippet::plain_handler);
    board.set(1, kRam + 0x100);
    ASSERT_TRUE(board.run(snippet::exclusive));
    EXPECT_EQ(board.r(3), 1u) << "STREX fails";
    ASSERT_TRUE(board.run(snippet::exclusive_undisturbed));
    EXPECT_EQ(board.r(3), 0u);
}

TEST(Exceptions, ABreakpointWithoutADebuggerIsAHardFault) {
    Board board;
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.stacked(6), snippet::breakpoint_at);
    EXPECT_EQ(board.scs(kHfsr), 1U << 31);
}

TEST(Exceptions, SemihostingIsAskedFirst) {
    Board board;
    unsigned immediate = 0;
    board.core->on_breakpoint = [&](std::uint8_t value) {
        immediate = value;
        return true;
    };
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(immediate, 0xABu);
    EXPECT_EQ(board.r(0), 2u);
}

TEST(Exceptions, ASemihostingCallThatASlaveHoldsIsMadeAgain) {  // F-043
    Board board;
    const Time free = board.core->now() + 5000 * Board::kCycle;
    int calls = 0;
    board.core->on_breakpoint = [&](std::uint8_t) {
        ++calls;
        if (board.core->now() < free) board.core->breakpoint_again(free);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(board.r(0), 2u);
    EXPECT_GE(board.core->now(), free);
}

TEST(Exceptions, ANativeServiceWritesWithTheRightsOfTheProgram) {
    Board board;
    EXPECT_TRUE(board.core->store_as_program(kRam + 0x40, 4, 0x1234'5678));
    EXPECT_EQ(board.word(kRam + 0x40), 0x1234'5678U);
    EXPECT_TRUE(board.core->store_as_program(kDevice + 4, 1, 9));
    EXPECT_EQ(board.seen.back().value, 9U);
    board.rights = [](Address a, Op op, bool) -> std::optional<View> {
        if (a < kRam || a >= kRam + 0x400 || op != Op::write) return std::nullopt;
        View v;
        v.fault = bus_error("closed", "a test");
        return v;
    };
    board.on_store = [](Address a, unsigned, std::uint64_t) -> std::optional<BusResult<void>> {
        if (a < kRam) return std::nullopt;
        return BusResult<void>(bus_error("closed", "a test"));
    };
    board.core->rights_changed();
    EXPECT_FALSE(board.core->store_as_program(kRam + 0x40, 4, 1));
    EXPECT_EQ(board.word(kRam + 0x40), 0x1234'5678U);
    EXPECT_FALSE(board.core->store_as_program(0x7000'0000, 4, 1));
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.scs(0xE000'ED28) & (1U << 10), 0U) << "the error was the answer, not a posted store";
}

TEST(Exceptions, ANativeCallRunsBetweenInstructions) {  // rss-sfi-bootloader.md 2.1, 10
    Board board;
    board.set_scs(kIser, 1);
    board.set(14, snippet::supervisor_next | 1U);
    board.set(0, 5);
    int calls = 0;
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_monitor) return false;
        ++calls;
        const Registers r = board.core->registers();
        EXPECT_EQ(r.r[15], snippet::on_monitor);
        auto loaded = board.core->load_as_program(kRam + 0x40, 4);
        EXPECT_TRUE(loaded);
        board.set(0, 77);
        board.core->pulse_interrupt(0);
        board.set_pc(r.r[14] & ~1U);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::on_monitor));
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(board.called_at, snippet::on_irq0) << "pending interrupts are taken at the return of the call";
    EXPECT_EQ(board.stacked(6), snippet::supervisor_next);
    EXPECT_EQ(board.stacked(0), 77u);
}

TEST(Exceptions, ANativeCallMayFaultAsTheProgram) {  // rss-sfi-bootloader.md 10
    Board board;
    board.set_scs(kShcsr, 7U << 16);
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_monitor) return false;
        auto loaded = board.core->load_as_program(0x7000'0000, 4);
        EXPECT_FALSE(loaded);
        board.core->fault_as_program(0x7000'0000, loaded.error());
        return true;
    };
    ASSERT_TRUE(board.run(snippet::on_monitor));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::on_monitor);
    EXPECT_EQ(board.scs(0xE000'ED38), 0x7000'0000u);
}

TEST(Exceptions, TheHandOverLeavesHandlerModeWithACleanState) {  // rss-sfi-bootloader.md 2.3, 10
    Board board;
    const Address table = kRam + 0x4000;
    board.set_word(table, 0x2000'6000);
    board.set_word(table + 4, snippet::supervisor_next | 1U);
    board.set(3, 0x33);
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_svc) return false;
        board.core->hand_over(table, false);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::done);
    const Registers r = board.core->registers();
    EXPECT_EQ(r.r[13], 0x2000'6000u);
    EXPECT_EQ(r.r[14], 0xFFFF'FFFFu);
    EXPECT_EQ(r.r[3], 0x33u);
    EXPECT_EQ(r.xpsr & 0x1FF, 0u);
    EXPECT_EQ(board.scs(0xE000'ED08), table);
    EXPECT_EQ(board.scs(kShcsr) & (1U << 7), 0u) << "SVCall is not active any more";
}

TEST(Exceptions, TheStateOfACoreIsSavedAndLoaded) {
    Board board;
    board.set_scs(kCpacr, 0xFU << 20);
    board.set(0, 100);
    board.set(1, kDevice);
    board.set_pc(snippet::workload);
    board.core->run_until(board.core->now() + 1000 * Board::kCycle);
    StateWriter out;
    board.core->save(out);
    const Bytes ram(board.ram.memory().bytes().begin(), board.ram.memory().bytes().end());
    ASSERT_TRUE(board.resume(1'000'000));
    const Time end = board.core->now();
    const Registers registers = board.core->registers();

    StateReader in(out.data());
    board.core->load(in);
    EXPECT_TRUE(in.finish());
    std::copy(ram.begin(), ram.end(), board.ram.memory().data());
    ASSERT_TRUE(board.resume(1'000'000));
    EXPECT_EQ(board.core->now(), end);
    EXPECT_EQ(board.core->registers().r, registers.r);
    EXPECT_EQ(board.core->registers().xpsr, registers.xpsr);
}

TEST(Exceptions, SleepOnExit) {
    Board board;
    board.set_scs(kIser, 1);
    board.set_scs(kScr, 2);
    board.set_vector(kFirstIrq, snippet::plain_handler);
    board.core->pulse_interrupt(0);
    EXPECT_FALSE(board.run(snippet::spin, 1000));
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    EXPECT_EQ(board.r(9), 1u);
    board.core->pulse_interrupt(0);
    board.resume(1000);
    EXPECT_EQ(board.r(9), 2u);
    EXPECT_EQ(board.core->state(), RunState::sleeping);
}

}  // namespace
}  // namespace h7::cpu

// A core under a debugger: it stands where it is told, and nothing of that reaches the program.
#include "board.hpp"

namespace h7::cpu {
namespace {

struct Ending {
    std::uint64_t instructions;
    Time now;
    std::array<std::uint32_t, 16> r;
    std::uint32_t xpsr;
    std::vector<Time> device;
    bool operator==(const Ending&) const = default;
};

Ending ending_of(const Board& board) {
    Ending e{board.core->instructions(),
             board.core->now(),
             board.core->registers().r,
             board.core->registers().xpsr,
             {}};
    for (const Board::Seen& seen : board.seen) e.device.push_back(seen.at);
    return e;
}

/// The workload, ready to run.
void load_workload(Board& board, std::uint32_t rounds) {
    board.set(0, rounds);
    board.set(1, kDevice);
    board.set_pc(snippet::workload);
}

/// Runs on; false: the end came first.
bool runs_to_a_halt(Board& board) {
    board.finished = false;
    while (!board.finished && !board.core->halted())
        board.core->run_until(board.core->now() + 10'000 * Board::kCycle);
    return !board.finished;
}

void attach(Board& board) {
    board.core->attach_debugger([](Address) { return true; });
}

TEST(Debugger, SteppingReachesTheStateOfRunning) {
    Board running, stepped;
    load_workload(running, 6);
    load_workload(stepped, 6);
    ASSERT_TRUE(running.resume());
    attach(stepped);
    std::uint64_t steps = 0;
    while (!stepped.finished) {
        const std::uint64_t before = stepped.core->instructions();
        stepped.core->resume_for_one();
        stepped.core->run_until(stepped.core->now() + 100 * Board::kCycle);
        ASSERT_EQ(stepped.core->halted(), Halt::stepped);
        ASSERT_EQ(stepped.core->instructions(), before + 1) << std::hex << stepped.r(15);
        ++steps;
    }
    EXPECT_EQ(ending_of(stepped), ending_of(running));
    EXPECT_GT(steps, 100u);
}

TEST(Debugger, ABreakpointStopsInFrontOfItsInstructionEveryTime) {
    Board running, broken;
    load_workload(running, 50);
    load_workload(broken, 50);
    ASSERT_TRUE(running.resume());
    attach(broken);
    const Address at = snippet::work_leaf;
    broken.core->set_breakpoints({at, snippet::load_in_it});
    unsigned hits = 0;
    for (; runs_to_a_halt(broken); ++hits) {
        ASSERT_EQ(broken.core->halted(), Halt::breakpoint);
        ASSERT_EQ(broken.r(15), at);
        broken.core->resume_for_one();  // as gdb does: past its own breakpoint
        ASSERT_TRUE(runs_to_a_halt(broken));
        ASSERT_EQ(broken.r(15), at + 2);
        broken.core->resume();
    }
    EXPECT_EQ(hits, 50u);
    EXPECT_EQ(ending_of(broken), ending_of(running)) << "counts and time are the program's own";
}

TEST(Debugger, ABreakpointIsSetAndTakenAwayWhileTheCodeIsTranslated) {
    Board board;
    load_workload(board, 50);
    attach(board);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    board.core->set_breakpoints({snippet::work_inner});
    ASSERT_TRUE(runs_to_a_halt(board));
    EXPECT_EQ(board.r(15), snippet::work_inner);
    board.core->resume();
    ASSERT_TRUE(runs_to_a_halt(board)) << "still there: it stops before anything is done";
    EXPECT_EQ(board.r(15), snippet::work_inner);
    board.core->set_breakpoints({});
    board.core->resume();
    EXPECT_FALSE(runs_to_a_halt(board));
}

TEST(Debugger, StepsThroughAnItBlockKeepItsState) {
    Board board;
    board.set(1, kRam);
    board.set_word(kRam, 77);
    attach(board);
    board.core->set_breakpoints({snippet::load_in_it_at});
    board.set_pc(snippet::load_in_it);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    ASSERT_EQ(board.core->halted(), Halt::breakpoint);
    EXPECT_EQ(board.r(15), snippet::load_in_it_at);
    EXPECT_EQ(board.r(0), 1u);
    EXPECT_NE(board.core->registers().xpsr & 0x0600'FC00U, 0u) << "inside the block";
    for (const std::uint32_t r0 : {1U, 1U, 5U}) {  // the load, an instruction that is skipped, the next
        board.core->resume_for_one();
        board.core->run_until(board.core->now() + 100 * Board::kCycle);
        EXPECT_EQ(board.r(0), r0);
    }
    EXPECT_EQ(board.r(2), 77u);
}

TEST(Debugger, AStepIntoAnExceptionStopsAtItsHandler) {
    Board board;
    board.set_vector(kFirstIrq, snippet::workload);
    attach(board);
    board.set_scs(0xE000'E100, 1);
    board.set_pc(snippet::workload);
    board.core->run_until(board.core->now() + 1);
    board.core->pulse_interrupt(0);
    const std::uint64_t before = board.core->instructions();
    board.core->resume_for_one();
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.core->halted(), Halt::stepped);
    EXPECT_EQ(board.r(15), snippet::workload);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FFU, unsigned{kFirstIrq});
    EXPECT_EQ(board.core->instructions(), before);
}

TEST(Debugger, AStepOverWfiLeavesTheCoreAsleep) {
    Board board;
    attach(board);
    board.set_pc(snippet::sleep_wfi + 2);
    board.core->resume_for_one();
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.core->halted(), Halt::stepped);
    EXPECT_EQ(board.core->state(), RunState::sleeping);
    EXPECT_EQ(board.r(15), snippet::sleep_wfi + 4);
}

TEST(Debugger, ABkptOfTheProgramStopsAndIsPassed) {
    Board board;
    attach(board);
    const std::uint16_t code[] = {0xBE01, 0x3001, 0xBE01};  // bkpt 1; adds r0, #1; bkpt 1
    std::memcpy(board.ram.memory().data(), code, sizeof code);
    board.set_pc(kRam);
    for (const Address at : {kRam, kRam + 4}) {
        board.core->run_until(board.core->now() + 100 * Board::kCycle);
        EXPECT_EQ(board.core->halted(), Halt::bkpt);
        EXPECT_EQ(board.r(15), at);
        board.core->resume();
    }
    EXPECT_EQ(board.r(0), 1u);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FFU, 0u) << "no HardFault";
}

TEST(Debugger, NothingStopsWhereDebugEventsAreIgnored) {  // F-223, F-233
    Board running, board;
    load_workload(running, 10);
    load_workload(board, 10);
    ASSERT_TRUE(running.resume());
    board.core->attach_debugger(
        [](Address pc) { return pc < snippet::work_leaf || pc > snippet::work_leaf + 16; });
    board.core->set_breakpoints({snippet::work_leaf, snippet::work_inner});
    EXPECT_FALSE(runs_to_a_halt(board));
    EXPECT_EQ(ending_of(board), ending_of(running));

    Board stepped;
    load_workload(stepped, 3);
    stepped.core->attach_debugger(
        [](Address pc) { return pc < snippet::work_leaf || pc > snippet::work_leaf + 16; });
    stepped.core->set_breakpoints({snippet::work_round + 2});  // the call
    ASSERT_TRUE(runs_to_a_halt(stepped));
    stepped.core->resume_for_one();
    ASSERT_TRUE(runs_to_a_halt(stepped));
    EXPECT_EQ(stepped.r(15), snippet::work_round + 6) << "the step went through the closed code";
}

TEST(Debugger, ALockUpStopsOnce) {
    Board board;
    attach(board);
    board.set_vector(3, kDevice);
    board.set_pc(0x6000'0000);
    while (!board.core->halted()) board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.core->halted(), Halt::locked_up);
    board.core->resume();
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.core->halted(), std::nullopt);
}

TEST(Debugger, AHaltRequestStandsAndDhcsrSaysSo) {  // ARMv7-M C1.6.2
    constexpr Address kDhcsr = 0xE000'EDF0;
    Board board;
    unsigned heard = 0;
    board.core->on_halt_change = [&] { ++heard; };
    load_workload(board, 50);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    board.core->stand();
    EXPECT_FALSE(board.core->halted()) << "nobody is attached";
    attach(board);
    board.core->stand();
    EXPECT_EQ(board.core->halted(), Halt::requested);
    EXPECT_EQ(board.scs(kDhcsr) & 0xE'0002U, 0x2'0002u) << "S_HALT, C_HALT";
    const Ending standing = ending_of(board);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(ending_of(board), standing);
    board.core->resume();
    EXPECT_EQ(board.scs(kDhcsr) & 0xE'0002U, 0u);
    EXPECT_EQ(heard, 2u);
    board.set_pc(snippet::sleep_wfi + 2);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.scs(kDhcsr) & 0xE'0000U, 0x4'0000u) << "S_SLEEP";
    board.core->stand();
    EXPECT_EQ(board.scs(kDhcsr) & 0xE'0000U, 0x6'0000u);
}

TEST(Debugger, ALockUpIsSeenInDhcsr) {  // ARMv7-M C1.6.2: locked up is not halted
    Board board;
    board.set_vector(3, kDevice);
    board.set_pc(0x6000'0000);
    board.core->run_until(board.core->now() + 100 * Board::kCycle);
    EXPECT_EQ(board.scs(0xE000'EDF0) & 0xE'0000U, 0x8'0000u) << "S_LOCKUP";
}

TEST(Debugger, VectclractiveAndVectresetAreForACoreThatStands) {  // 0150
    constexpr Address kAircr = 0xE000'ED0C, kShcsr = 0xE000'ED24;
    Board board;
    unsigned resets = 0;
    board.core->vectreset.connect([&](bool level) { resets += level ? 1 : 0; });
    board.set_scs(kShcsr, 0x80);  // SVCALLACT
    board.set_scs(kAircr, 0x05FA'0002);
    board.set_scs(kAircr, 0x05FA'0001);
    EXPECT_EQ(board.scs(kShcsr) & 0x80U, 0x80u) << "the program's own writes do nothing";
    EXPECT_EQ(resets, 0u);
    EXPECT_EQ(board.trace.unmodelled_count(), 2u);
    attach(board);
    board.core->stand();
    board.set_scs(kAircr, 0x0000'0003);
    EXPECT_EQ(board.scs(kShcsr) & 0x80U, 0x80u) << "without the key";
    board.set_scs(kAircr, 0x05FA'0002);
    EXPECT_EQ(board.scs(kShcsr) & 0x80U, 0u);
    EXPECT_EQ(resets, 0u);
    board.set_scs(kAircr, 0x05FA'0001);
    EXPECT_EQ(resets, 1u);
}

TEST(Debugger, AskingInsideATurnChangesNothing) {  // 0101
    Board running, asked, left;
    for (Board* board : {&running, &asked, &left}) load_workload(*board, 1'000);
    ASSERT_TRUE(running.resume(1'000'000'000, 1'000'000'000));
    unsigned questions = 0, leaves = 0;
    asked.core->ask_inside_turns([&] { return ++questions, false; });
    ASSERT_TRUE(asked.resume(1'000'000'000, 1'000'000'000));
    EXPECT_EQ(ending_of(asked), ending_of(running));
    EXPECT_GT(questions, 3u);
    EXPECT_LE(questions, running.core->instructions() / 200'000 + 1);
    left.core->ask_inside_turns([] { return true; });
    const Time end = left.core->now() + 1'000'000'000 * Board::kCycle;
    while (!left.finished) {
        left.core->run_until(end);
        if (left.core->inside_turn()) ++leaves;
    }
    EXPECT_EQ(ending_of(left), ending_of(running));
    EXPECT_EQ(leaves, questions);
}

TEST(Debugger, LooksWithTheRightsOfTheProgram) {
    Board board;
    board.set_word(kRam + 8, 0x1234'5678);
    EXPECT_EQ(board.core->inspect(kRam + 8, 4).value(), 0x1234'5678u);
    EXPECT_FALSE(board.core->inspect(0x6000'0000, 4));
    ASSERT_TRUE(board.core->modify(kRam + 8, 2, 0xBEEF));
    EXPECT_EQ(board.word(kRam + 8), 0x1234'BEEFu);
    // An MPU region without access over the RAM.
    board.set_scs(0xE000'ED98, 0);
    board.set_scs(0xE000'ED9C, kRam);
    board.set_scs(0xE000'EDA0, 15U << 1 | 1U);
    board.set_scs(0xE000'ED94, 5);
    EXPECT_FALSE(board.core->inspect(kRam + 8, 4));
    EXPECT_FALSE(board.core->modify(kRam + 8, 4, 0));
    EXPECT_EQ(board.scs(0xE000'ED28), 0u) << "CFSR: the program never hears of it";
}

}  // namespace
}  // namespace h7::cpu

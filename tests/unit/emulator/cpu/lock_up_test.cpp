// Lock-up, what leaves it, and what the handler of NMI finds: ARMv7-M B1.5.15; D-30; decision 0011.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kNowhere = 0x7000'0000, kLockUpAddress = 0xFFFF'FFFE;

class LockUp : public BothCores {
public:
    LockUp() {
        board.set_vector(kHardFault, snippet::fault_again);
        board.set(1, kNowhere);
        EXPECT_FALSE(board.run(snippet::load_word));
        EXPECT_EQ(board.core->state(), RunState::locked_up);
    }
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(LockUp);

TEST_P(LockUp, NothingButNmiAndResetEndsIt) {
    board.set_scs(0xE000'E100, 1);
    board.core->pulse_interrupt(0);
    board.core->send_event();
    board.core->run_until(board.core->now() + kMillisecond);
    EXPECT_EQ(board.core->state(), RunState::locked_up);
    board.restart();
    EXPECT_EQ(board.core->state(), RunState::running);
}

TEST_P(LockUp, NmiPreemptsIt) {
    board.core->set_nmi(true);
    EXPECT_EQ(board.core->state(), RunState::running);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.called_at, snippet::on_nmi);
    EXPECT_EQ(board.stacked(6), kLockUpAddress);
    EXPECT_EQ(board.stacked(7) & 0x1FF, 3u) << "HardFault";
    EXPECT_EQ(board.r(14), 0xFFFF'FFF1u);
}

TEST_P(LockUp, AReturnToTheLockUpAddressLocksUpAgain) {
    board.core->set_nmi(true);
    ASSERT_TRUE(board.resume());
    board.core->set_nmi(false);
    EXPECT_FALSE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.core->state(), RunState::locked_up);
}

TEST_P(LockUp, TheHandlerOfNmiMayRepairIt) {
    board.core->set_nmi(true);
    ASSERT_TRUE(board.resume());
    board.core->set_nmi(false);
    board.set_word(board.r(13) + 24, snippet::supervisor_next);
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 3u) << "still inside HardFault";
}

TEST_P(LockUp, InsideNmiNothingLeavesIt) {
    board.restart();
    board.set_vector(kNmi, snippet::fault_again);
    board.set(1, kNowhere);
    board.core->set_nmi(true);
    EXPECT_FALSE(board.run(snippet::spin));
    ASSERT_EQ(board.core->state(), RunState::locked_up);
    board.core->set_nmi(false);
    board.core->set_nmi(true);
    board.core->run_until(board.core->now() + kMillisecond);
    EXPECT_EQ(board.core->state(), RunState::locked_up);
}

}  // namespace
}  // namespace h7::cpu

// A store of the program that changes what it may do next is in force at the next instruction.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kIser = 0xE000'E100, kIspr = 0xE000'E200, kIcsr = 0xE000'ED04, kCpacr = 0xE000'ED88,
                  kCcr = 0xE000'ED14, kShcsr = 0xE000'ED24, kStir = 0xE000'EF00, kCfsr = 0xE000'ED28;

class OwnStores : public BothCores {
public:
    bool run(Address from, Address at, std::uint32_t value) {
        board.set(10, at);
        board.set(11, value);
        board.set(0, 0);
        return board.run(from);
    }
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(OwnStores);

TEST_P(OwnStores, APendedExceptionIsTakenBehindTheStore) {  // decision 0010
    struct {
        Address at;
        std::uint32_t value;
        Address called;
    } const facts[] = {{kIspr, 1, snippet::on_irq0},
                       {kStir, 2, snippet::on_irq2},
                       {kIcsr, 1U << 28, snippet::on_pend_sv},
                       {kIcsr, 1U << 26, snippet::on_sys_tick},
                       {kIcsr, 1U << 31, snippet::on_nmi}};
    for (const auto& fact : facts) {
        board.restart();
        board.set_scs(kIser, 7);
        const std::uint64_t before = board.core->instructions();
        ASSERT_TRUE(run(snippet::store_and_go_on, fact.at, fact.value));
        EXPECT_EQ(board.called_at, fact.called);
        EXPECT_EQ(board.stacked(6), snippet::store_and_go_on_next);
        EXPECT_EQ(board.stacked(0), 0u);
        EXPECT_EQ(board.core->instructions() - before, 2u) << "the store and the handler's breakpoint";
    }
}

TEST_P(OwnStores, AnEnabledInterruptThatWaitedIsTakenBehindTheStore) {
    board.core->pulse_interrupt(1);
    ASSERT_TRUE(run(snippet::store_and_go_on, kIser, 2));
    EXPECT_EQ(board.called_at, snippet::on_irq1);
    EXPECT_EQ(board.stacked(6), snippet::store_and_go_on_next);
}

TEST_P(OwnStores, ADeviceThatAnswersWithAnInterruptIsHeardBehindTheStore) {
    board.set_scs(kIser, 1);
    board.on_store = [&](Address, unsigned, std::uint64_t) -> std::optional<BusResult<void>> {
        board.core->set_interrupt(0, true);
        return BusResult<void>{};
    };
    ASSERT_TRUE(run(snippet::store_and_go_on, kDevice, 1));
    EXPECT_EQ(board.called_at, snippet::on_irq0);
    EXPECT_EQ(board.stacked(6), snippet::store_and_go_on_next);
}

TEST_P(OwnStores, InsideAnItBlockTheRestIsStillConditional) {
    board.set_scs(kIser, 1);
    board.set_vector(kFirstIrq, snippet::plain_handler);
    board.set_vector(kFirstIrq, snippet::on_irq0);
    ASSERT_TRUE(run(snippet::store_in_it, kIspr, 1));
    EXPECT_EQ(board.called_at, snippet::on_irq0);
    EXPECT_EQ(board.stacked(6), snippet::store_in_it_next);
    EXPECT_EQ(board.stacked(7) & 0x0600'FC00U, 0x0000'0800U) << "EQ, one instruction left";
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(0), 2u);
}

TEST_P(OwnStores, AMultipleStoreIsFinishedFirst) {  // at the end of its block
    board.set_scs(kIser, 1);
    ASSERT_TRUE(run(snippet::store_multiple, kIspr, 1));
    EXPECT_EQ(board.called_at, snippet::on_irq0);
    EXPECT_EQ(board.r(10), kIspr + 4);
    EXPECT_EQ(board.stacked(0), 2u);
}

TEST_P(OwnStores, CpacrIsInForceAtOnce) {
    ASSERT_TRUE(run(snippet::open_fpu, kCpacr, 0xFU << 20));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.core->floating_point(0), 0x4000'0000u);
}

TEST_P(OwnStores, CcrIsInForceAtOnce) {
    board.set_scs(kShcsr, 7U << 16);
    board.set(3, 0);
    ASSERT_TRUE(run(snippet::divide_at_once, kCcr, 1U << 4));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 25);
    EXPECT_EQ(board.stacked(6), snippet::divide_at_once_at);
}

TEST_P(OwnStores, CountsDoNotDependOnTheSlices) {  // D-28
    const auto count = [&](std::uint64_t slice) {
        Board one(GetParam());
        one.set_scs(kIser, 1);
        one.set_vector(kFirstIrq, snippet::plain_handler);
        one.set(10, kIspr);
        one.set(11, 1);
        EXPECT_TRUE(one.run(snippet::store_and_go_on, 100'000, slice));
        return std::pair(one.core->instructions(), one.core->now());
    };
    EXPECT_EQ(count(1), count(10'000));
}

}  // namespace
}  // namespace h7::cpu

// Exceptions, cell by cell: who preempts whom, what EXC_RETURN may say, what frames look like, where vectors
// are. ARMv7-M B1.5; system.md 5.1, 11.4, 11.9.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kIser = 0xE000'E100, kIspr = 0xE000'E200, kIcpr = 0xE000'E280, kIabr = 0xE000'E300,
                  kIpr = 0xE000'E400, kIcsr = 0xE000'ED04, kVtor = 0xE000'ED08, kAircr = 0xE000'ED0C,
                  kCcr = 0xE000'ED14, kShpr2 = 0xE000'ED1C, kShcsr = 0xE000'ED24, kCfsr = 0xE000'ED28,
                  kHfsr = 0xE000'ED2C, kCpacr = 0xE000'ED88;
constexpr std::uint32_t kInvpc = 1U << 18, kForced = 1U << 30;

class ExceptionMatrix : public BothCores {
public:
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(ExceptionMatrix);

int group(int priority, unsigned prigroup) { return priority & ~((2 << prigroup) - 1); }

TEST_P(ExceptionMatrix, Preemption) {  // B1.5.4: every PRIGROUP
    constexpr int kPriorities[] = {0x00, 0x10, 0x40, 0x50, 0x80, 0xF0};
    for (unsigned prigroup = 0; prigroup < 8; ++prigroup)
        for (const int running : kPriorities)
            for (const int pending : kPriorities) {
                SCOPED_TRACE(::testing::Message() << "PRIGROUP " << prigroup << std::hex << " running "
                                                  << running << " pending " << pending);
                board.restart();
                board.set_scs(kAircr, 0x05FA'0000 | prigroup << 8);
                board.set_scs(kIser, 3);
                board.set_scs(kIpr, static_cast<std::uint32_t>(running | pending << 8));
                bool sent = false;
                board.on_call = [&](Address pc) {
                    if (pc != snippet::on_irq0 || sent) return false;
                    board.core->pulse_interrupt(1);
                    return sent = true;
                };
                board.core->pulse_interrupt(0);
                ASSERT_TRUE(board.run(snippet::spin));
                const bool preempts = group(pending, prigroup) < group(running, prigroup);
                EXPECT_EQ(board.called_at, preempts ? snippet::on_irq1 : snippet::on_irq0);
                EXPECT_EQ(board.scs(kIabr), preempts ? 3u : 1u);
            }
}

TEST_P(ExceptionMatrix, Masks) {  // B1.4.3
    struct {
        std::uint32_t primask, basepri, faultmask, priority;
        bool irq, nmi;
    } const facts[] = {
        // clang-format off
        {0, 0x00, 0, 0xF0, true,  true}, {1, 0x00, 0, 0x00, false, true}, {0, 0x40, 0, 0x30, true,  true},
        {0, 0x40, 0, 0x40, false, true}, {0, 0x40, 0, 0x50, false, true}, {0, 0x00, 1, 0x00, false, true},
        {0, 0x10, 0, 0x00, true,  true}, {1, 0x40, 0, 0x30, false, true},
        // clang-format on
    };
    for (const auto& fact : facts) {
        board.restart();
        board.set_scs(kIser, 1);
        board.set_scs(kIpr, fact.priority);
        Registers r = board.core->registers();
        r.primask = fact.primask;
        r.basepri = fact.basepri;
        r.faultmask = fact.faultmask;
        board.core->set_registers(r);
        board.core->pulse_interrupt(0);
        EXPECT_EQ(board.run(snippet::spin, 200), fact.irq);
        if (fact.irq) continue;
        board.core->set_nmi(true);
        EXPECT_EQ(board.resume(200), fact.nmi);
        EXPECT_EQ(board.called_at, snippet::on_nmi);
        board.core->set_nmi(false);
    }
}

TEST_P(ExceptionMatrix, ExcReturnToTheBase) {  // B1.5.8: one exception is active
    for (std::uint32_t kind = 0; kind < 16; ++kind) {
        for (const std::uint32_t high : {0xFFFF'FFF0U, 0xFFFF'FFE0U, 0xFFFF'FFD0U}) {
            SCOPED_TRACE(::testing::Message() << std::hex << (high | kind));
            board.restart();
            board.set_scs(kShcsr, 7U << 16);
            board.set_scs(kCpacr, 0xFU << 20);
            ASSERT_TRUE(board.run(snippet::supervisor));
            Registers r = board.core->registers();
            r.psp = 0x2000'6000;
            for (unsigned n = 0; n < 8; ++n) board.set_word(r.psp + 4 * n, board.word(r.r[13] + 4 * n));
            board.core->set_registers(r);
            board.set(0, high | kind);
            ASSERT_TRUE(board.run(snippet::return_by_r0));
            const bool fp = high == 0xFFFF'FFE0U;
            const bool good = (kind == 9 || kind == 13) && (high == 0xFFFF'FFF0U || fp);
            if (good) {
                EXPECT_EQ(board.called_at, snippet::done);
                EXPECT_EQ(board.core->registers().control, (kind == 13 ? 2u : 0u) | (fp ? 4u : 0u));
                const Address top = kind == 13 ? 0x2000'6000u : 0x2000'8000u - 0x20;
                EXPECT_EQ(board.r(13), top + (fp ? 0x68u : 0x20u));
            } else {
                EXPECT_EQ(board.called_at, snippet::on_usage_fault);
                EXPECT_EQ(board.scs(kCfsr), kInvpc);
                EXPECT_EQ(board.scs(kShcsr) & (1U << 7), 0u) << "the exception that returned is inactive";
                EXPECT_EQ(board.r(14), high | kind);
            }
        }
    }
}

TEST_P(ExceptionMatrix, ExcReturnWithTwoActive) {  // B1.5.8; CCR.NONBASETHRDENA
    struct {
        std::uint32_t value;
        bool nonbasethrdena, good;
    } const facts[] = {{0xFFFF'FFF1, false, true},
                       {0xFFFF'FFF9, false, false},
                       {0xFFFF'FFFD, false, false},
                       {0xFFFF'FFF1, true, true},
                       {0xFFFF'FFF9, true, true}};
    for (const auto& fact : facts) {
        SCOPED_TRACE(::testing::Message() << std::hex << fact.value << fact.nonbasethrdena);
        board.restart();
        board.set_scs(kShcsr, 7U << 16);
        board.set_scs(kCcr, board.scs(kCcr) | (fact.nonbasethrdena ? 1U : 0U));
        board.set_scs(kShpr2, 0x80U << 24);
        board.set_scs(kIser, 1);
        bool inside = false;
        board.on_call = [&](Address pc) {
            if (pc == snippet::on_svc && !inside) {
                board.core->pulse_interrupt(0);
                return inside = true;
            }
            return false;
        };
        ASSERT_TRUE(board.run(snippet::supervisor));
        ASSERT_EQ(board.called_at, snippet::on_irq0);
        if ((fact.value & 8U) != 0) {  // a frame that belongs to Thread mode
            board.set_word(board.r(13) + 28, board.stacked(7) & ~0x1FFU);
            board.set_word(board.r(13) + 24, snippet::supervisor_next);
        }
        board.set(0, fact.value);
        ASSERT_TRUE(board.run(snippet::return_by_r0));
        if (!fact.good) {
            EXPECT_EQ(board.called_at, snippet::on_usage_fault);
            EXPECT_EQ(board.scs(kCfsr), kInvpc);
        } else {
            EXPECT_EQ(board.called_at, (fact.value & 8U) != 0 ? snippet::done : snippet::on_svc);
            EXPECT_EQ(board.scs(kShcsr) & (1U << 7), 1U << 7) << "SVCall stays active";
        }
    }
}

TEST_P(ExceptionMatrix, AnInactiveExceptionCannotReturn) {
    board.set_scs(kShcsr, 7U << 16);
    ASSERT_TRUE(board.run(snippet::supervisor));
    board.set_scs(kShcsr, 7U << 16);  // SVCALLACT = 0 by software
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), kInvpc);
}

TEST_P(ExceptionMatrix, AFrameOfTheWrongModeGoesBackToItsPlace) {  // PushStack "to negate PopStack"
    board.set_scs(kShcsr, 7U << 16);
    board.set(3, 0x33);
    ASSERT_TRUE(board.run(snippet::supervisor));
    board.set(3, 0x44);
    const Address frame = board.r(13);
    ASSERT_TRUE(board.run(snippet::smash_frame));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.r(13), frame);
    EXPECT_EQ(board.r(3), 0x33u) << "it was popped";
    EXPECT_EQ(board.stacked(3), 0x33u);
}

TEST_P(ExceptionMatrix, PendingOnesFollowWithoutReturningToTheThread) {  // tail chaining
    board.set_scs(kIser, 15);
    std::vector<Address> order;
    std::uint64_t thread = 0;
    board.on_call = [&](Address pc) {
        if (pc == snippet::done) return false;
        order.push_back(pc);
        EXPECT_EQ(board.r(14), 0xFFFF'FFF9u);
        EXPECT_EQ(board.r(13), 0x2000'8000u - 0x20);
        if (order.size() == 1) {
            thread = board.stacked(0);
            for (const unsigned irq : {3U, 1U, 2U}) board.core->pulse_interrupt(irq);
        }
        EXPECT_EQ(board.stacked(0), thread) << "no instruction of the thread in between";
        board.set_pc(snippet::plain_handler);
        return order.size() < 4;
    };
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.run(snippet::spin));
    const std::vector<Address> expected{snippet::on_irq0, snippet::on_irq1, snippet::on_irq2,
                                        snippet::on_irq3};
    EXPECT_EQ(order, expected) << "the lowest number first among equals";
}

TEST_P(ExceptionMatrix, WhatIsSeenFromInside) {  // ICSR, IABR, ISPR
    board.set_scs(kIser, 3);
    board.set_scs(kIpr, 0x8040);
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.run(snippet::spin));
    board.core->pulse_interrupt(1);
    EXPECT_EQ(board.scs(kIabr), 1u);
    EXPECT_EQ(board.scs(kIspr), 2u);
    EXPECT_EQ(board.scs(kIcsr), 16u | 1U << 11 | 17U << 12 | 1U << 22)
        << "VECTACTIVE, RETTOBASE, VECTPENDING, ISRPENDING";
    board.set_scs(kIcpr, 2);
    EXPECT_EQ(board.scs(kIcsr), 16u | 1U << 11);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 16u);
}

TEST_P(ExceptionMatrix, ACallThatCannotBeTakenIsForced) {  // SVC: B1.5.14
    const auto fails = [&] {
        EXPECT_TRUE(board.resume());
        EXPECT_EQ(board.called_at, snippet::on_hard_fault);
        EXPECT_EQ(board.scs(kHfsr), kForced);
        EXPECT_EQ(board.stacked(6), snippet::supervisor_next);
    };
    Registers r = board.core->registers();
    r.primask = 1;
    board.core->set_registers(r);
    board.set_pc(snippet::supervisor);
    fails();
    board.restart();
    board.set_scs(kShpr2, 0x80U << 24);
    board.set_scs(kIser, 1);
    board.set_scs(kIpr, 0x80);
    board.set_vector(kFirstIrq, snippet::supervisor);
    board.core->pulse_interrupt(0);
    board.set_pc(snippet::spin);
    fails();
    board.set_vector(kFirstIrq, snippet::on_irq0);
}

TEST_P(ExceptionMatrix, AnItBlockGoesOnBehindTheHandler) {
    board.set_vector(kSvCall, snippet::on_svc);
    board.set(5, 0);
    ASSERT_TRUE(board.run(snippet::svc_in_it));
    EXPECT_EQ(board.stacked(6), snippet::svc_in_it_next);
    EXPECT_EQ(board.stacked(7) & 0x0600'FC00U, 0x0000'0C00U);
    EXPECT_EQ(board.core->registers().xpsr & 0x0600'FC00U, 0u) << "not inside the handler";
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.r(5), 1u);
}

TEST_P(ExceptionMatrix, StackAlignment) {  // CCR.STKALIGN, fixed at 1 on the CM7
    for (const std::uint32_t stkalign : {0U, 1U}) {
        for (const Address sp : {0x2000'8000U, 0x2000'7FFCU}) {
            board.restart();
            board.set_scs(kCcr, stkalign << 9);
            board.set(13, sp);
            ASSERT_TRUE(board.run(snippet::supervisor));
            const bool aligns = stkalign != 0 || GetParam() == Model::cortex_m7;
            const bool moved = aligns && (sp & 4U) != 0;
            EXPECT_EQ(board.r(13), sp - 0x20 - (moved ? 4 : 0));
            EXPECT_EQ(board.stacked(7) >> 9 & 1U, moved ? 1u : 0u);
            ASSERT_TRUE(board.run(snippet::plain_handler));
            EXPECT_EQ(board.r(13), sp);
        }
    }
}

TEST_P(ExceptionMatrix, FlagsComeBack) {
    Registers r = board.core->registers();
    r.xpsr = 0xF80F'0000U | 1U << 24;  // NZCVQ and GE
    board.core->set_registers(r);
    ASSERT_TRUE(board.run(snippet::supervisor_next - 2));  // the SVC alone
    EXPECT_EQ(board.stacked(7) & 0xF80F'0000U, 0xF80F'0000U);
    board.set_pc(snippet::plain_handler);
    r = board.core->registers();
    r.xpsr = 11U | 1U << 24;
    board.core->set_registers(r);
    board.on_call = [&](Address) { return false; };
    board.core->run_until(board.core->now() + 2 * Board::kCycle);
    EXPECT_EQ(board.core->registers().xpsr & 0xF80F'01FFU, 0xF80F'0000U);
}

TEST_P(ExceptionMatrix, VectorsMove) {  // VTOR: at once, 128-byte steps
    const Address table = kRam + 0x400;
    for (unsigned n = 0; n < 20; ++n) board.set_word(table + 4 * n, board.word(kFlash + 4 * n));
    board.set_word(table + 4 * kSvCall, snippet::on_irq3 | 1U);
    board.set_scs(kVtor, table + 0x7F);
    EXPECT_EQ(board.scs(kVtor), table);
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_irq3);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 11u);
    board.set_word(table + 4 * kSvCall, snippet::on_irq2);  // an even vector: no Thumb state
    board.restart();
    board.set_scs(kVtor, table);
    board.set_scs(kShcsr, 7U << 16);
    board.set_scs(kShpr2, 0x80U << 24);
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 17);
    EXPECT_EQ(board.stacked(6), snippet::on_irq2);
    EXPECT_EQ(board.stacked(7) & (1U << 24 | 0x1FF), 11u);
}

TEST_P(ExceptionMatrix, ExclusiveAccesses) {  // system.md 11.4
    board.set_vector(kSvCall, snippet::plain_handler);
    struct {
        Address from;
        std::uint32_t status;
    } const facts[] = {{snippet::exclusive_undisturbed, 0},
                       {snippet::exclusive, 1},  // an exception in between
                       {snippet::exclusive_cleared, 1},
                       {snippet::exclusive_stored, 0}};
    for (const auto& fact : facts) {
        board.set(1, kRam + 0x100);
        ASSERT_TRUE(board.run(fact.from));
        EXPECT_EQ(board.r(3), fact.status) << std::hex << fact.from;
    }
}

}  // namespace
}  // namespace h7::cpu

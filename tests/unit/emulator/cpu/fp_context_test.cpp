// Floating-point contexts: who saves S0-S15 and FPSCR, when, where, and what happens when the place is
// closed. ARMv7-M B1.5.6 - B1.5.8 (PushStack, PopStack, UpdateFPCCR, PreserveFPState), A2.5; system.md 5.8.
#include <bit>

#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kFpccr = 0xE000'EF34, kFpcar = 0xE000'EF38, kFpdscr = 0xE000'EF3C, kCpacr = 0xE000'ED88,
                  kCfsr = 0xE000'ED28, kHfsr = 0xE000'ED2C, kShcsr = 0xE000'ED24, kShpr1 = 0xE000'ED18,
                  kShpr2 = 0xE000'ED1C, kDemcr = 0xE000'EDFC, kMpuCtrl = 0xE000'ED94, kMpuRbar = 0xE000'ED9C,
                  kMpuRasr = 0xE000'EDA0, kIser = 0xE000'E100, kIspr = 0xE000'E200, kIpr = 0xE000'E400;
constexpr std::uint32_t kLspact = 1, kUser = 2, kThreadBit = 8, kHfrdy = 16, kMmrdy = 32, kBfrdy = 64,
                        kMonrdy = 256, kLspen = 1U << 30, kAspen = 1U << 31;
constexpr Address kTop = 0x2000'8000, kFrame = kTop - 0x68, kFpFrame = kFrame + 0x20;
constexpr std::uint32_t kAllFaults = 7U << 16, kGarbage = 0xA5A5'A5A5;

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

class FpContext : public BothCores {
public:
    FpContext() : board(GetParam()) { open(); }
    void open() {
        board.restart();
        board.set_scs(kCpacr, 0xFU << 20);
        for (Address a = kTop - 0x200; a < kTop; a += 4) board.set_word(a, kGarbage);
    }
    std::uint32_t s(unsigned n) { return board.core->floating_point(n); }
    /// Runs to the SVC handler of a Thread that has used the FPU.
    void to_handler() {
        board.set_vector(kSvCall, snippet::on_svc);
        ASSERT_TRUE(board.run(snippet::fp_supervisor));
        ASSERT_EQ(board.called_at, snippet::on_svc);
    }
    void no_access(Address base, unsigned log2_size) {
        board.set_scs(kMpuRbar, base | 0x10);
        board.set_scs(kMpuRasr, ((log2_size - 1) << 1) | 1U);
        board.set_scs(kMpuCtrl, 5);
    }
    Board board;
};
H7_ON_BOTH_CORES(FpContext);

TEST_P(FpContext, EntryReservesTheFrameAndLeavesItEmpty) {  // FPCCR.LSPEN = 1, as at reset
    to_handler();
    EXPECT_EQ(board.r(13), kFrame);
    EXPECT_EQ(board.r(14), 0xFFFF'FFE9u);
    EXPECT_EQ(board.scs(kFpccr), kAspen | kLspen | kHfrdy | kThreadBit | kLspact);
    EXPECT_EQ(board.scs(kFpcar), kFpFrame);
    EXPECT_EQ(board.core->registers().control, 0u) << "the handler has no context yet";
    for (Address a = kFpFrame; a < kTop; a += 4) EXPECT_EQ(board.word(a), kGarbage) << std::hex << a;
}

TEST_P(FpContext, TheFirstInstructionOfTheHandlerFillsIt) {
    to_handler();
    board.on_call = [&](Address) { return false; };
    board.set(14, snippet::done | 1U);  // stay in the handler
    ASSERT_TRUE(board.run(snippet::fp_use));
    EXPECT_EQ(board.word(kFpFrame), bits_of(1.0F));
    EXPECT_EQ(board.word(kFpFrame + 4), bits_of(2.0F));
    EXPECT_EQ(board.word(kFpFrame + 60), bits_of(16.0F));
    EXPECT_EQ(board.word(kFpFrame + 64), 0u) << "FPSCR";
    EXPECT_EQ(board.word(kFpFrame + 68), kGarbage) << "the last word is reserved";
    EXPECT_EQ(board.scs(kFpccr) & kLspact, 0u);
    EXPECT_EQ(board.scs(kFpcar), kFpFrame);
    EXPECT_EQ(board.core->registers().control, 4u);
    EXPECT_EQ(s(0), bits_of(8.0F));
}

TEST_P(FpContext, AHandlerThatUsesItGivesTheRegistersBack) {
    board.set_vector(kSvCall, snippet::fp_use);
    ASSERT_TRUE(board.run(snippet::fp_supervisor));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(s(0), bits_of(1.0F));
    EXPECT_EQ(s(3), bits_of(19.0F));
    EXPECT_EQ(s(16), bits_of(17.0F));
    EXPECT_EQ(board.r(13), kTop);
    EXPECT_EQ(board.core->registers().control, 4u);
}

TEST_P(FpContext, AHandlerThatDoesNotUseItReadsNothingBack) {
    board.set_vector(kSvCall, snippet::plain_handler);
    ASSERT_TRUE(board.run(snippet::fp_supervisor));
    EXPECT_EQ(s(0), bits_of(1.0F)) << "the frame holds garbage";
    EXPECT_EQ(s(3), bits_of(19.0F));
    EXPECT_EQ(board.scs(kFpccr) & kLspact, 0u);
    EXPECT_EQ(board.core->registers().control, 4u);
    EXPECT_EQ(board.word(kFpFrame), kGarbage);
}

TEST_P(FpContext, WithoutLspenEntryStoresEverything) {
    board.set_scs(kFpccr, kAspen);
    board.set_scs(kFpcar, 0x2000'0000);
    to_handler();
    EXPECT_EQ(board.word(kFpFrame), bits_of(1.0F));
    EXPECT_EQ(board.word(kFpFrame + 60), bits_of(16.0F));
    EXPECT_EQ(board.word(kFpFrame + 64), 0u);
    EXPECT_EQ(board.word(kFpFrame + 68), kGarbage) << "the last word is reserved";
    EXPECT_EQ(board.scs(kFpccr), kAspen);
    EXPECT_EQ(board.scs(kFpcar), 0x2000'0000u) << "as software left it";
    board.set_word(kFpFrame, bits_of(5.0F));
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(s(3), bits_of(23.0F)) << "the frame is read back";
}

TEST_P(FpContext, WithoutAspenThereIsNoContext) {
    board.set_scs(kFpccr, 0);
    to_handler();
    EXPECT_EQ(board.r(13), kTop - 0x20);
    EXPECT_EQ(board.r(14), 0xFFFF'FFF9u);
    EXPECT_EQ(board.scs(kFpccr), 0u);
    ASSERT_TRUE(board.run(snippet::fp_use));
    EXPECT_EQ(s(3), bits_of(8.0F + 18.0F)) << "what the handler left in s0";
}

TEST_P(FpContext, FpccrDescribesTheInterruptedCode) {  // UpdateFPCCR
    struct {
        const char* what;
        std::uint32_t shcsr, shpr1, svc_priority, demcr, control;
        std::uint32_t expected;
    } const facts[] = {
        // clang-format off
        {"nothing enabled",           0,          0,           0, 0,        0, kThreadBit | kHfrdy},
        {"unprivileged",              0,          0,           0, 0,        1, kThreadBit | kHfrdy | kUser},
        {"all faults enabled",        kAllFaults, 0,           0, 0,        0, kThreadBit | kHfrdy | kMmrdy | kBfrdy},
        {"BusFault only",             1U << 17,   0,           0, 0,        0, kThreadBit | kHfrdy | kBfrdy},
        {"debug monitor",             0,          0,           0, 1U << 16, 0, kThreadBit | kHfrdy | kMonrdy},
        // clang-format on
    };
    for (const auto& fact : facts) {
        SCOPED_TRACE(fact.what);
        open();
        board.set_scs(kDemcr, fact.demcr);
        board.set_scs(kShcsr, fact.shcsr);
        board.set_scs(kShpr1, fact.shpr1);
        Registers r = board.core->registers();
        r.control = fact.control;
        board.core->set_registers(r);
        to_handler();
        EXPECT_EQ(board.scs(kFpccr), kAspen | kLspen | kLspact | fact.expected);
    }
    board.set_scs(kDemcr, 0);
}

TEST_P(FpContext, InsideAHandlerTheReadyBitsFollowThePriorities) {  // UpdateFPCCR
    // IRQ0 at 0x80 uses the FPU, IRQ1 at 0x40 interrupts it. MemManage at 0x60 could run then, BusFault at
    // 0x90 not.
    board.set_scs(kIser, 3);
    board.set_scs(kIpr, 0x0000'4080);
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kShpr1, 0x0000'9060);
    board.on_call = [&](Address pc) {
        if (pc == snippet::on_irq0) {
            if (board.core->registers().r[9] == 0) {
                board.set(14, snippet::on_irq0 | 1U);
                board.set_pc(snippet::fp_use);
                return true;
            }
            board.core->pulse_interrupt(1);
            return true;
        }
        return false;
    };
    board.core->pulse_interrupt(0);
    ASSERT_TRUE(board.run(snippet::spin));
    EXPECT_EQ(board.called_at, snippet::on_irq1);
    EXPECT_EQ(board.scs(kFpccr), kAspen | kLspen | kLspact | kHfrdy | kMmrdy) << "neither THREAD nor USER";
    EXPECT_EQ(board.r(14), 0xFFFF'FFE1u);
}

TEST_P(FpContext, ANestedHandlerFillsTheFrameOfTheThread) {
    board.set_scs(kIser, 3);
    board.set_scs(kIpr, 0x0000'4080);
    board.set_vector(kFirstIrq, snippet::fp_nested);
    board.set_vector(kFirstIrq + 1, snippet::fp_use);
    board.set_vector(kSvCall, snippet::plain_handler);
    board.set_scs(kShpr2, 0xF000'0000);
    board.set(10, kIspr);
    board.set(11, 2);
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_svc) return false;
        board.core->pulse_interrupt(0);
        board.set_pc(snippet::plain_handler);
        return true;
    };
    board.set_vector(kSvCall, snippet::on_svc);
    ASSERT_TRUE(board.run(snippet::fp_supervisor));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(8), 1u);
    EXPECT_EQ(board.r(9), 2u);
    EXPECT_EQ(board.word(kFpFrame), bits_of(1.0F)) << "the Thread's frame, not the nested one";
    EXPECT_EQ(s(3), bits_of(19.0F));
    EXPECT_EQ(board.r(13), kTop);
}

TEST_P(FpContext, SoftwareMayForgetTheContext) {  // FPCCR.LSPACT = 0 by software
    to_handler();
    board.set_scs(kFpccr, kAspen | kLspen);
    board.set(14, snippet::done | 1U);
    ASSERT_TRUE(board.run(snippet::fp_use));
    EXPECT_EQ(board.word(kFpFrame), kGarbage);
    EXPECT_EQ(s(0), bits_of(8.0F));
}

TEST_P(FpContext, SoftwareMayMoveTheContext) {  // FPCAR
    to_handler();
    board.set_scs(kFpcar, kRam + 0x1007);
    EXPECT_EQ(board.scs(kFpcar), kRam + 0x1000);
    board.set(14, snippet::done | 1U);
    ASSERT_TRUE(board.run(snippet::fp_use));
    EXPECT_EQ(board.word(kFpFrame), kGarbage);
    EXPECT_EQ(board.word(kRam + 0x1000), bits_of(1.0F));
}

TEST_P(FpContext, ASkippedInstructionIsNotTheFirst) {  // inside an IT block
    for (const Address handler : {snippet::fp_use_in_it, snippet::fp_use_in_it_taken}) {
        open();
        to_handler();
        board.set(14, snippet::done | 1U);
        board.set(9, 0);
        ASSERT_TRUE(board.run(handler));
        EXPECT_EQ(board.r(9), 1u);
        EXPECT_EQ(board.word(kFpFrame), bits_of(1.0F));
        EXPECT_EQ(board.scs(kFpccr) & kLspact, 0u);
        EXPECT_EQ(board.core->registers().control, 4u);
    }
}

TEST_P(FpContext, ANewContextTakesItsModesFromFpdscr) {  // ExecuteFPCheck: FPSCR<26:22>
    board.set_scs(kFpdscr, 0x07C0'0000);
    ASSERT_TRUE(board.run(snippet::fp_status));
    EXPECT_EQ(board.r(2), 0x07C0'0000u);
    board.set_scs(kFpdscr, 0);
    ASSERT_TRUE(board.run(snippet::fp_status));
    EXPECT_EQ(board.r(2), 0x07C0'0000u) << "the context goes on";
}

struct Closed {
    const char* what;
    bool mpu;                    // or the bus
    std::uint32_t shcsr, shpr1;  // at the entry
    std::uint32_t svc;           // priority of the handler
    Address called;              // what runs then; 0: the handler goes on
    std::uint32_t cfsr, hfsr;
};
const Closed kClosed[] = {
    // clang-format off
    {"MemManage preempts",        true,  kAllFaults, 0x0000'0000, 0x80, snippet::on_mem_manage, 1U << 5,  0},
    {"MemManage waits",           true,  kAllFaults, 0x0000'0090, 0x80, 0,                      1U << 5,  0},
    {"MemManage disabled",        true,  0,          0,           0x80, snippet::on_hard_fault, 1U << 5,  1U << 30},
    {"BusFault preempts",         false, kAllFaults, 0x0000'0000, 0x80, snippet::on_bus_fault,  1U << 13, 0},
    {"BusFault waits",            false, kAllFaults, 0x0000'9000, 0x80, 0,                      1U << 13, 0},
    {"BusFault disabled",         false, 1U << 16,   0,           0x80, snippet::on_hard_fault, 1U << 13, 1U << 30},
    // clang-format on
};

TEST_P(FpContext, AClosedFrameIsAFaultOfTheLazyStore) {  // MLSPERR, LSPERR: B1.5.6, TakePreserveFPException
    for (const Closed& fact : kClosed) {
        SCOPED_TRACE(fact.what);
        open();
        board.rights = nullptr;
        board.on_store = nullptr;
        board.set_scs(kShcsr, fact.shcsr);
        board.set_scs(kShpr1, fact.shpr1);
        board.set_scs(kShpr2, fact.svc << 24);
        Registers r = board.core->registers();
        r.psp = kRam + 0x4000 + 0x400;  // on a stack of its own: handlers have theirs
        r.control = 2;
        board.core->set_registers(r);
        to_handler();
        const Address frame = kRam + 0x4400 - 0x68 + 0x20;
        ASSERT_EQ(board.scs(kFpcar), frame);
        if (fact.mpu) {
            no_access(kRam + 0x4000, 10);
        } else {
            board.rights = [&](Address a, Op, bool) -> std::optional<View> {
                if (a - (kRam + 0x4000) >= 0x400) return std::nullopt;
                View v;
                v.kind = View::Kind::slave;
                return v;
            };
            board.on_store = [&](Address, unsigned, std::uint64_t) -> std::optional<BusResult<void>> {
                return BusResult<void>(bus_error("closed", "test"));
            };
            board.core->rights_changed();
        }
        board.set(9, 0);
        board.set(14, snippet::done | 1U);
        ASSERT_TRUE(board.run(snippet::fp_use));
        EXPECT_EQ(board.scs(kCfsr), fact.cfsr) << "no address is valid";
        EXPECT_EQ(board.scs(kHfsr), fact.hfsr);
        if (fact.called != 0) {
            EXPECT_EQ(board.called_at, fact.called);
            EXPECT_EQ(board.stacked(6), snippet::fp_use_at);
            EXPECT_EQ(board.scs(kFpccr) & kLspact, kLspact) << "to be tried again";
            EXPECT_EQ(s(0), bits_of(1.0F));
            EXPECT_EQ(board.r(14) & 0x1FU, 0x11U) << "a basic frame: the handler has no context";
        } else {
            EXPECT_EQ(board.called_at, snippet::done);
            EXPECT_EQ(board.r(9), 1u);
            EXPECT_EQ(board.scs(kFpccr) & kLspact, 0u);
            EXPECT_EQ(s(0), bits_of(8.0F));
            EXPECT_NE(board.scs(kShcsr) & (3U << 13), 0u) << "pending";
        }
    }
}

TEST_P(FpContext, TheRightsAreThoseOfTheInterruptedCode) {  // FPCCR.USER
    Registers r = board.core->registers();
    r.psp = kRam + 0x4400;
    r.control = 3;
    board.core->set_registers(r);
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kShpr2, 0x80U << 24);
    to_handler();
    board.set_scs(kMpuRbar, (kRam + 0x4000) | 0x10);
    board.set_scs(kMpuRasr, (1U << 24) | (9U << 1) | 1U);  // privileged only
    board.set_scs(kMpuCtrl, 5);
    ASSERT_TRUE(board.run(snippet::fp_use));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.scs(kCfsr), 1U << 5);
}

TEST_P(FpContext, AnInterruptedHardFaultCannotBeHelped) {  // FPCCR.HFRDY = 0: the fault has no handler
    board.set_scs(kIser, 1);
    board.on_call = [&](Address pc) {
        if (pc == snippet::on_hard_fault) {
            if (board.r(9) == 0) {
                board.set(14, snippet::on_hard_fault | 1U);
                board.set_pc(snippet::fp_use);
            } else {
                board.core->set_nmi(true);
            }
            return true;
        }
        if (pc == snippet::on_nmi) {
            EXPECT_EQ(board.scs(kFpccr) & (kHfrdy | kLspact), kLspact);
            no_access(board.scs(kFpcar) & ~0x3FFU, 10);
            board.set_scs(kMpuCtrl, 7);  // HFNMIENA
            board.set_pc(snippet::fp_use);
            return true;
        }
        return false;
    };
    EXPECT_FALSE(board.run(snippet::undefined));
    EXPECT_EQ(board.core->state(), RunState::locked_up);
}

TEST_P(FpContext, ACloseFpuRefusesTheFrame) {  // PushStack and PopStack: CheckVFPEnabled
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kShpr2, 0x80U << 24);
    board.set_scs(kFpccr, kAspen);  // no lazy store
    ASSERT_TRUE(board.run(snippet::fp_status));
    board.set_scs(kCpacr, 0);
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 19);
    EXPECT_EQ(board.r(13), kFrame);
    EXPECT_EQ(board.word(kFpFrame), kGarbage);
    EXPECT_EQ(board.scs(kShcsr) & (1U << 15), 1U << 15) << "SVCall waits";

    open();
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kFpccr, kAspen);
    to_handler();
    board.set_scs(kCpacr, 0);
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 19);
    EXPECT_EQ(board.r(14), 0xFFFF'FFE9u);
    EXPECT_EQ(board.r(13), kFrame) << "nothing is stacked again";
}

TEST_P(FpContext, SoftwareMayWriteFpca) {  // CONTROL bit 2
    board.set(0, 4);
    ASSERT_TRUE(board.run(snippet::write_control));
    EXPECT_EQ(board.r(2), 4u);
    board.set(0, 0);
    ASSERT_TRUE(board.run(snippet::write_control));
    EXPECT_EQ(board.r(2), 0u);
}

TEST_P(FpContext, AReservedFrameIsPartOfTheState) {
    to_handler();
    StateWriter out;
    board.core->save(out);
    Board other(GetParam());
    StateReader in(out.data());
    other.core->load(in);
    ASSERT_TRUE(in.finish());
    other.set(14, snippet::done | 1U);
    ASSERT_TRUE(other.run(snippet::fp_use));
    EXPECT_EQ(other.word(kFpFrame), bits_of(1.0F));
    EXPECT_EQ(other.word(kFpFrame + 60), bits_of(16.0F));
}

TEST_P(FpContext, TheAutomaticContextIsPartOfTheState) {  // FPCCR.ASPEN = 0
    board.set_scs(kFpccr, 0);
    StateWriter out;
    board.core->save(out);
    Board other(GetParam());
    StateReader in(out.data());
    other.core->load(in);
    ASSERT_TRUE(other.run(snippet::fp_status));
    EXPECT_EQ(other.core->registers().control, 0u);
}

}  // namespace
}  // namespace h7::cpu

// Faults, cell by cell: which status bits, which handler, which pc, what has been done and what has not.
// ARMv7-M B1.5.14, B1.5.15; system.md 1.5; D-29.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kCfsr = 0xE000'ED28, kHfsr = 0xE000'ED2C, kMmfar = 0xE000'ED34, kBfar = 0xE000'ED38,
                  kDfsr = 0xE000'ED30, kShcsr = 0xE000'ED24, kCcr = 0xE000'ED14, kCpacr = 0xE000'ED88,
                  kActlr = 0xE000'E008, kMpuCtrl = 0xE000'ED94, kMpuRbar = 0xE000'ED9C,
                  kMpuRasr = 0xE000'EDA0, kShpr1 = 0xE000'ED18;
constexpr std::uint32_t kAllFaults = 7U << 16, kForced = 1U << 30;
constexpr Address kNowhere = 0x7000'0000, kClosed = kRam + 0x1000;

class FaultMatrix : public BothCores {
public:
    /// Closes 1 Kbyte of RAM by the MPU.
    void open(std::uint32_t shcsr) {
        board.restart();
        board.set_scs(kShcsr, shcsr);
        board.set_scs(kCpacr, 0xFU << 20);
        board.set_scs(kMpuRbar, kClosed | 0x10);
        board.set_scs(kMpuRasr, (9U << 1) | 1U);
        board.set_scs(kMpuCtrl, 5);
    }
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(FaultMatrix);

struct Cause {
    const char* what;
    Address from, at;  // runs here, faults there
    std::uint32_t r1;
    unsigned handler;  // when enabled
    std::uint32_t cfsr;
    Address address;  // in MMFAR or BFAR; 0: not valid
};
#define H7_TRY(name) snippet::try_##name, snippet::try_##name##_at
const Cause kCauses[] = {
    // clang-format off
    {"load, bus",             H7_TRY(ldr),      kNowhere,        kBusFault,   0x8200,   kNowhere},
    {"load, MPU",             H7_TRY(ldr),      kClosed,         kMemManage,  0x82,     kClosed},
    {"store, MPU",            H7_TRY(str),      kClosed,         kMemManage,  0x82,     kClosed},
    {"unprivileged load",     H7_TRY(ldrt),     kClosed,         kMemManage,  0x82,     kClosed},
    {"halfword, bus",         H7_TRY(ldrh),     kNowhere + 2,    kBusFault,   0x8200,   kNowhere + 2},
    {"byte, bus",             H7_TRY(ldrb),     kNowhere + 3,    kBusFault,   0x8200,   kNowhere + 3},
    {"LDM, first word",       H7_TRY(ldm),      kClosed,         kMemManage,  0x82,     kClosed},
    {"LDM, second word",      H7_TRY(ldm_w),    kClosed - 4,     kMemManage,  0x82,     kClosed},
    {"LDM with its base",     H7_TRY(ldm_base), kClosed - 8,     kMemManage,  0x82,     kClosed},
    {"LDMDB",                 H7_TRY(ldmdb),    kClosed + 0x404, kMemManage,  0x82,     kClosed + 0x3FC},
    {"STM, second word",      H7_TRY(stm),      kClosed - 4,     kMemManage,  0x82,     kClosed},
    {"STMDB",                 H7_TRY(stmdb),    kClosed + 0x404, kMemManage,  0x82,     kClosed + 0x3FC},
    {"LDRD, first word",      H7_TRY(ldrd),     kClosed,         kMemManage,  0x82,     kClosed},
    {"LDRD, second word",     H7_TRY(ldrd),     kClosed - 4,     kMemManage,  0x82,     kClosed},
    {"LDRD over its base",    H7_TRY(ldrd_base),kClosed - 8,     kMemManage,  0x82,     kClosed},
    {"the same, first word",  H7_TRY(ldrd_base),kClosed - 4,     kMemManage,  0x82,     kClosed},
    {"the same, backwards",   H7_TRY(ldrd_back),kClosed + 4,     kMemManage,  0x82,     kClosed},
    {"LDRD, bus",             H7_TRY(ldrd_base),kRam + kMemorySize - 8, kBusFault, 0x8200, kRam + kMemorySize},
    {"STRD, second word",     H7_TRY(strd),     kClosed - 12,    kMemManage,  0x82,     kClosed},
    {"VLDR",                  H7_TRY(vldr),     kClosed,         kMemManage,  0x82,     kClosed},
    {"VLDM, third word",      H7_TRY(vldm),     kClosed - 8,     kMemManage,  0x82,     kClosed},
    {"LDREX",                 H7_TRY(ldrex),    kClosed,         kMemManage,  0x82,     kClosed},
    {"unaligned LDM",         H7_TRY(ldm),      kRam + 2,        kUsageFault, 1U << 24, 0},
    {"undefined instruction", snippet::undefined, snippet::undefined_at, 0, kUsageFault, 1U << 16, 0},
    // clang-format on
};

TEST_P(FaultMatrix, EveryCause_Enabled) {
    const Address handlers[] = {snippet::on_mem_manage, snippet::on_bus_fault, snippet::on_usage_fault};
    for (const Cause& cause : kCauses) {
        SCOPED_TRACE(cause.what);
        open(kAllFaults);
        Registers before = board.core->registers();
        before.r[1] = cause.r1;
        before.r[3] = 0x33;
        board.core->set_registers(before);
        ASSERT_TRUE(board.run(cause.from));
        EXPECT_EQ(board.called_at, handlers[cause.handler - kMemManage]);
        EXPECT_EQ(board.scs(kCfsr), cause.cfsr);
        EXPECT_EQ(board.scs(kHfsr), 0u);
        EXPECT_EQ(board.stacked(6), cause.at);
        EXPECT_EQ(board.stacked(1), cause.r1) << "the base is as it was: the instruction can be repeated";
        if (cause.address != 0) {
            EXPECT_EQ(board.scs(cause.handler == kMemManage ? kMmfar : kBfar), cause.address);
        }
    }
}

TEST_P(FaultMatrix, EveryCause_Disabled) {  // HardFault, FORCED
    for (const Cause& cause : kCauses) {
        SCOPED_TRACE(cause.what);
        open(0);
        board.set(1, cause.r1);
        ASSERT_TRUE(board.run(cause.from));
        EXPECT_EQ(board.called_at, snippet::on_hard_fault);
        EXPECT_EQ(board.scs(kCfsr), cause.cfsr);
        EXPECT_EQ(board.scs(kHfsr), kForced);
        EXPECT_EQ(board.stacked(6), cause.at);
    }
}

TEST_P(FaultMatrix, EveryCause_UnderFaultmask) {  // lock-up
    for (const Cause& cause : kCauses) {
        SCOPED_TRACE(cause.what);
        open(kAllFaults);
        board.set_scs(kMpuCtrl, 7);  // HFNMIENA: the MPU holds at this priority too
        Registers r = board.core->registers();
        r.faultmask = 1;
        r.r[1] = cause.r1;
        board.core->set_registers(r);
        EXPECT_FALSE(board.run(cause.from));
        EXPECT_EQ(board.core->state(), RunState::locked_up);
        EXPECT_EQ(board.scs(kCfsr), cause.cfsr);
    }
}

TEST_P(FaultMatrix, EveryCause_OfAPriorityThatIsNotEnough) {  // inside a handler at priority 0
    for (const Cause& cause : kCauses) {
        SCOPED_TRACE(cause.what);
        open(kAllFaults);
        board.set_vector(kSvCall, cause.from);
        board.set_scs(kShpr1, 0);
        board.set(1, cause.r1);
        ASSERT_TRUE(board.run(snippet::supervisor));
        EXPECT_EQ(board.called_at, snippet::on_hard_fault);
        EXPECT_EQ(board.scs(kHfsr), kForced);
        EXPECT_EQ(board.stacked(7) & 0x1FF, 11u);
    }
    board.set_vector(kSvCall, snippet::on_svc);
}

TEST_P(FaultMatrix,
       ARepeatedInstructionGivesWhatItWouldHaveGiven) {  // the handler opens the memory and returns
    for (const Cause& cause : kCauses) {
        if (cause.handler != kMemManage) continue;
        SCOPED_TRACE(cause.what);
        open(kAllFaults);
        board.set_vector(kMemManage, snippet::on_mem_manage);
        for (Address a = kClosed - 0x10; a < kClosed + 0x410; a += 4) board.set_word(a, a ^ 0x5555'0000);
        board.on_call = [&](Address pc) {
            if (pc != snippet::on_mem_manage) return false;
            board.set_scs(kMpuCtrl, 0);
            board.set_pc(snippet::plain_handler);
            return true;
        };
        const auto start = [&] {
            Registers r = board.core->registers();
            r.r[1] = cause.r1;
            r.r[2] = 0x22;
            r.r[3] = r.r[4] = r.r[8] = 0x33;
            r.r[0] = r.r[9] = 0;
            board.core->set_registers(r);
            EXPECT_TRUE(board.run(cause.from));
            EXPECT_EQ(board.called_at, snippet::done);
        };
        start();
        Registers faulted = board.core->registers();
        EXPECT_EQ(faulted.r[9], 1u);
        faulted.r[9] = 0;
        start();  // now without a fault
        EXPECT_EQ(board.core->registers().r, faulted.r);
        board.on_call = nullptr;
    }
}

struct Fetch {
    const char* what;
    Address to;
    Address called;
    std::uint32_t cfsr;
};

TEST_P(FaultMatrix, Fetches) {
    const Fetch facts[] = {
        // clang-format off
        {"nobody there",     kNowhere | 1U,    snippet::on_bus_fault,   1U << 8},
        {"MPU",              kClosed | 1U,     snippet::on_mem_manage,  1U},
        {"device",           kDevice | 1U,     snippet::on_mem_manage,  1U},
        {"private bus",      0xE000'E001,      snippet::on_mem_manage,  1U},
        {"top of memory",    0xFFFF'FFF1,      snippet::on_mem_manage,  1U},
        {"even address",     snippet::spin,    snippet::on_usage_fault, 1U << 17},
        // clang-format on
    };
    for (const Fetch& fact : facts) {
        SCOPED_TRACE(fact.what);
        open(kAllFaults);
        board.set(1, fact.to);
        ASSERT_TRUE(board.run(snippet::branch));
        EXPECT_EQ(board.called_at, fact.called);
        EXPECT_EQ(board.scs(kCfsr), fact.cfsr) << "no address is valid";
        EXPECT_EQ(board.stacked(6), fact.to & ~1U);
    }
}

TEST_P(FaultMatrix, AFetchAcrossALimitFaultsAtItsInstruction) {  // two halfwords, the second one closed
    open(kAllFaults);
    const Address at = kClosed - 2;
    board.set_word(at - 2, 0xF000'2001);  // movs r0,#1; first half of a wide instruction
    board.set(1, (at - 2) | 1U);
    ASSERT_TRUE(board.run(snippet::branch));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.stacked(6), at);
    EXPECT_EQ(board.stacked(0), 1u) << "the instruction in front was executed";
}

TEST_P(FaultMatrix, UnalignedAccessesAcrossALimit) {
    for (const Address from : {snippet::try_ldr, snippet::try_str}) {
        for (const auto& [at, fault] :
             {std::pair{kClosed - 2, kClosed}, {kClosed + 0x3FE, kClosed + 0x3FE}}) {
            open(kAllFaults);
            board.set_word(kClosed - 4, 0x1111'1111);
            board.set(1, at);
            board.set(2, 0x2222'2222);
            ASSERT_TRUE(board.run(from));
            EXPECT_EQ(board.called_at, snippet::on_mem_manage);
            EXPECT_EQ(board.scs(kMmfar) & ~3U, fault & ~3U);
            EXPECT_EQ(board.word(kClosed - 4), 0x1111'1111u)
                << "a store that is refused in part stores nothing";
        }
    }
}

TEST_P(FaultMatrix, PushesThatAreRefusedLeaveTheStackPointer) {
    open(kAllFaults);
    Registers r = board.core->registers();
    r.psp = kClosed + 0x408;  // two words fit
    r.control = 2;
    board.core->set_registers(r);
    ASSERT_TRUE(board.run(snippet::try_push));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.scs(kCfsr), 0x92u) << "the frame of MemManage does not fit either: MSTKERR";
    EXPECT_EQ(board.core->registers().psp, kClosed + 0x408 - 0x20);
    EXPECT_EQ(board.scs(kShcsr) & (1U << 13), 0u) << "the same exception is not pending once more";
}

struct Derived {
    const char* what;
    unsigned svc, mem_manage;  // priorities
    std::uint32_t shcsr;
    bool inside;  // a handler at 0x80 is interrupted, not Thread
    Address called;
    std::uint32_t hfsr;
    std::uint32_t pending;  // SHCSR bits 15:12
};
TEST_P(FaultMatrix, AFaultOfStackingIsTakenByItsPriority) {  // B1.5.12, derived exceptions
    const Derived facts[] = {
        // clang-format off
        {"more urgent",       0x80, 0x40, kAllFaults, false, snippet::on_mem_manage, 0,       1U << 15},
        {"less urgent",       0x40, 0x80, kAllFaults, false, snippet::on_svc,        0,       1U << 13},
        {"the same priority", 0x40, 0x40, kAllFaults, false, snippet::on_svc,        0,       1U << 13},
        {"disabled",          0x40, 0x40, 0,          false, snippet::on_hard_fault, kForced, 1U << 15},
        // clang-format on
    };
    for (const Derived& fact : facts) {
        SCOPED_TRACE(fact.what);
        open(fact.shcsr);
        board.set_scs(kShpr1, fact.mem_manage);
        board.set_scs(0xE000'ED1C, fact.svc << 24);
        Registers r = board.core->registers();
        r.psp = kClosed + 0x40;
        r.control = 2;
        board.core->set_registers(r);
        ASSERT_TRUE(board.run(snippet::supervisor));
        EXPECT_EQ(board.called_at, fact.called);
        EXPECT_EQ(board.scs(kCfsr), 0x10u);
        EXPECT_EQ(board.scs(kHfsr), fact.hfsr);
        EXPECT_EQ(board.scs(kShcsr) & (15U << 12), fact.pending);
        EXPECT_EQ(board.r(14), 0xFFFF'FFFDu);
    }
}

TEST_P(FaultMatrix, AFaultOfStackingThatTheInterruptedCodeOutranksIsForced) {
    open(kAllFaults);
    board.set_scs(kShpr1, 0x90);  // MemManage below the handler that is interrupted
    board.set_scs(0xE000'ED1C, 0x80U << 24);
    board.set_scs(0xE000'E100, 1);
    board.set_scs(0xE000'E400, 0x40);
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_svc) return false;
        Registers r = board.core->registers();
        r.r[13] = r.msp = kClosed + 0x40;
        board.core->set_registers(r);
        board.core->pulse_interrupt(0);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kHfsr) & kForced, kForced);
    EXPECT_EQ(board.scs(kCfsr), 0x10u);
}

TEST_P(FaultMatrix, VectorsAreReadWhateverTheMpuSays) {  // B3.5.1: the default map
    open(kAllFaults);
    board.set_scs(kMpuRbar, kFlash | 0x10);
    board.set_scs(kMpuRasr, (7U << 1) | 1U);  // 256 bytes at the vector table: no access
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_svc);
    EXPECT_EQ(board.scs(kHfsr), 0u);
}

TEST_P(FaultMatrix, ABreakpointIsADebugEvent) {  // B1.5.14, C1.4: DFSR.BKPT
    open(kAllFaults);
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kHfsr), 1U << 31);
    EXPECT_EQ(board.scs(kDfsr), 2u);
    open(kAllFaults);
    board.set_scs(0xE000'EDFC, 1U << 16);  // MON_EN
    ASSERT_TRUE(board.run(snippet::breakpoint));
    EXPECT_EQ(board.called_at, snippet::on_monitor);
    EXPECT_EQ(board.stacked(6), snippet::breakpoint_at);
    EXPECT_EQ(board.scs(kDfsr), 2u);
    board.set_scs(0xE000'EDFC, 0);
}

TEST_P(FaultMatrix, BfhfnmignIgnoresDataFaultsOfTheBusOnly) {  // B3.2.8
    struct {
        Address from;
        std::uint32_t r1, actlr;
        bool locks_up;
        std::uint32_t cfsr;
    } const facts[] = {{snippet::try_ldr, kNowhere, 0, false, 0x8200},
                       {snippet::try_str, kNowhere, 0, false, 0x400},
                       {snippet::try_ldr, kClosed, 0, true, 0x82},
                       {snippet::branch, kNowhere | 1U, 0, true, 0x100}};
    for (const auto& fact : facts) {
        open(kAllFaults);
        board.set_scs(kMpuCtrl, 7);
        board.set_scs(kCcr, board.scs(kCcr) | 1U << 8);
        Registers r = board.core->registers();
        r.faultmask = 1;
        r.r[1] = fact.r1;
        board.core->set_registers(r);
        EXPECT_EQ(board.run(fact.from), !fact.locks_up);
        EXPECT_EQ(board.core->state() == RunState::locked_up, fact.locks_up);
        EXPECT_EQ(board.scs(kCfsr), fact.cfsr);
    }
}

TEST(FaultMatrixCm4, BfhfnmignIgnoresAPreciseStoreToo) {  // ACTLR.DISDEFWBUF
    Board board(Model::cortex_m4);
    board.set_scs(kActlr, 2);
    board.set_scs(kCcr, 1U << 8);
    Registers r = board.core->registers();
    r.faultmask = 1;
    r.r[1] = kNowhere;
    board.core->set_registers(r);
    EXPECT_TRUE(board.run(snippet::try_str));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.scs(kCfsr), 0x8200u);
}

}  // namespace
}  // namespace h7::cpu

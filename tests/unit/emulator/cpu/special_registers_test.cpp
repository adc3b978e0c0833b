// What MSR and CPS may write: ARMv7-M B5.2.3, B5.2.1, B1.4.
#include "board.hpp"

namespace h7::cpu {
namespace {

class SpecialRegisters : public BothCores {
public:
    /// Runs `from` with r0 = `value` at the priority of `ipsr`, r2 is what was read back.
    std::uint32_t write(Address from, std::uint32_t value, std::uint32_t control = 0) {
        Registers r = board.core->registers();
        r.control = control;
        r.r[0] = value;
        r.r[2] = 0xBAD;
        board.core->set_registers(r);
        EXPECT_TRUE(board.run(from));
        return board.r(2);
    }
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(SpecialRegisters);

TEST_P(SpecialRegisters, BasepriHasFourBits) {  // system.md 5.1
    EXPECT_EQ(write(snippet::write_basepri, 0x5F), 0x50u);
    EXPECT_EQ(write(snippet::write_basepri, 0x0F), 0u);
    EXPECT_EQ(write(snippet::write_basepri, 0x1FF), 0xF0u);
}

TEST_P(SpecialRegisters, BasepriMaxOnlyRaisesThePriority) {  // B5.2.3
    write(snippet::write_basepri, 0);
    EXPECT_EQ(write(snippet::write_basepri_max, 0x80), 0x80u) << "from 0: masks nothing";
    EXPECT_EQ(write(snippet::write_basepri_max, 0xA0), 0x80u);
    EXPECT_EQ(write(snippet::write_basepri_max, 0x40), 0x40u);
    EXPECT_EQ(write(snippet::write_basepri_max, 0), 0x40u);
    EXPECT_EQ(write(snippet::write_basepri_max, 0x0F), 0x40u) << "bits 3:0 do not exist: this is 0";
}

TEST_P(SpecialRegisters, PrimaskHasOneBit) {
    EXPECT_EQ(write(snippet::write_primask, 0xFFFF'FFFF), 1u);
    EXPECT_EQ(write(snippet::write_primask, 2), 0u);
}

TEST_P(SpecialRegisters, StackPointersAreWordAligned) {  // B1.4.1: bits 1:0 are zero
    EXPECT_EQ(write(snippet::write_msp, 0x2000'7003), 0x2000'7000u);
    EXPECT_EQ(write(snippet::write_psp, 0x2000'6002), 0x2000'6000u);
}

TEST_P(SpecialRegisters, UnprivilegedWritesAreIgnored) {  // B5.2.3
    EXPECT_EQ(write(snippet::write_primask, 1, 1), 0u);
    EXPECT_EQ(board.core->registers().primask, 0u);
    write(snippet::write_basepri, 0x40, 1);
    EXPECT_EQ(board.core->registers().basepri, 0u);
    write(snippet::write_control, 0, 1);
    EXPECT_EQ(board.core->registers().control, 1u);
    write(snippet::mask_faults, 0, 1);
    EXPECT_EQ(board.core->registers().faultmask, 0u);
}

TEST_P(SpecialRegisters, FaultmaskOnlyBelowHardFault) {  // B5.2.1: ExecutionPriority > -1
    EXPECT_EQ(write(snippet::mask_faults, 0), 1u);
    board.restart();
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_nmi) return false;
        board.set(14, snippet::done | 1U);
        board.set_pc(snippet::mask_faults);
        return true;
    };
    board.core->set_nmi(true);
    ASSERT_TRUE(board.run(snippet::spin));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 2u);
    EXPECT_EQ(board.r(2), 0u) << "it would outlive the return from NMI";
}

TEST_P(SpecialRegisters, TheGeFlagsAreReadAndWritten) {  // B5.2.2: MRS and MSR APSR with the DSP extension
    EXPECT_EQ(write(snippet::ge_flags, 0x0005'0000) & 0x000F'0000U, 0x0005'0000u);
    EXPECT_EQ(board.r(3), 0x00FF'00FFu);
    EXPECT_EQ(board.r(5) & 0x000F'0000U, 0x000F'0000u);
}

TEST_P(SpecialRegisters, TheGeFlagsSurviveAHandler) {
    board.set_vector(kSvCall, snippet::ge_spoil);
    write(snippet::ge_call, 0x000A'0000);
    EXPECT_EQ(board.r(3), 0xFF00'FF00u);
}

TEST_P(SpecialRegisters, HandlersCannotSelectTheProcessStack) {  // B1.4.4
    board.on_call = [&](Address pc) {
        if (pc != snippet::on_svc) return false;
        board.set(0, 2);
        board.set_pc(snippet::write_control);
        return true;
    };
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.r(2), 0u);
}

}  // namespace
}  // namespace h7::cpu

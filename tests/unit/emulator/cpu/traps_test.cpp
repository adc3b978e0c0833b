// CCR.UNALIGN_TRP and CCR.DIV_0_TRP, and the accesses that must be aligned whatever CCR says: ARMv7-M A3.2.1,
// B3.2.8, A7.7.127.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kCfsr = 0xE000'ED28, kShcsr = 0xE000'ED24, kCcr = 0xE000'ED14, kCpacr = 0xE000'ED88;
constexpr std::uint32_t kUnalignTrp = 1U << 3, kDiv0Trp = 1U << 4, kUnaligned = 1U << 24,
                        kDivbyzero = 1U << 25;

struct Aligned {
    const char* instruction;
    Address from, at;
    std::uint32_t offset;  // from a word boundary
    bool always;           // UNALIGNED without UNALIGN_TRP
    bool with_trap;        // UNALIGNED with it
};
#define H7_ONE(name) "" #name, snippet::try_##name, snippet::try_##name##_at
const Aligned kAligned[] = {
    // clang-format off
    {H7_ONE(ldr),    1, false, true },  {H7_ONE(ldr),    2, false, true },  {H7_ONE(ldr),    4, false, false},
    {H7_ONE(ldr_w),  3, false, true },  {H7_ONE(ldrh),   1, false, true },  {H7_ONE(ldrh),   2, false, false},
    {H7_ONE(ldrsh),  1, false, true },  {H7_ONE(ldrsh),  2, false, false},  {H7_ONE(ldrb),   1, false, false},
    {H7_ONE(str),    2, false, true },  {H7_ONE(strh),   1, false, true },  {H7_ONE(strh),   2, false, false},
    {H7_ONE(strb),   3, false, false},  {H7_ONE(ldrt),   1, false, true },  {H7_ONE(strt),   2, false, true },
    {H7_ONE(ldm),    2, true,  true },  {H7_ONE(ldm),    4, false, false},  {H7_ONE(ldm_w),  1, true,  true },
    {H7_ONE(ldmdb),  2, true,  true },  {H7_ONE(stm),    1, true,  true },  {H7_ONE(stmdb),  2, true,  true },
    {H7_ONE(ldrd),   2, true,  true },  {H7_ONE(ldrd),   4, false, false},  {H7_ONE(strd),   1, true,  true },
    {H7_ONE(strd),   4, false, false},  {H7_ONE(ldrex),  2, true,  true },  {H7_ONE(ldrexh), 1, true,  true },
    {H7_ONE(ldrexh), 2, false, false},  {H7_ONE(ldrexb), 1, false, false},
    {H7_ONE(vldr),   2, true,  true },  {H7_ONE(vldr_d), 2, true,  true },  {H7_ONE(vldr_d), 4, false, false},
    {H7_ONE(vstr),   1, true,  true },  {H7_ONE(vstr_d), 2, true,  true },  {H7_ONE(vstr_d), 4, false, false},
    {H7_ONE(vldm),   2, true,  true },  {H7_ONE(vldm),   4, false, false},  {H7_ONE(vstm),   1, true,  true },
    // clang-format on
};

class Alignment : public BothCores {};
H7_ON_BOTH_CORES(Alignment);

TEST_P(Alignment, OfEveryAccess_WithAndWithoutUnalignTrp) {  // ARMv7-M A3.2.1
    Board board(GetParam());
    for (const Aligned& fact : kAligned) {
        for (const bool trap : {false, true, false}) {  // back again: the same code behaves as before
            SCOPED_TRACE(::testing::Message() << fact.instruction << " +" << fact.offset << " trap " << trap);
            board.restart();
            board.set_scs(kShcsr, 7U << 16);
            board.set_scs(kCpacr, 0xFU << 20);
            board.set_scs(kCcr, trap ? kUnalignTrp : 0);
            board.set(1, kRam + 0x1000 + fact.offset);
            board.set(2, 0);
            board.set(3, 0x33);
            ASSERT_TRUE(board.run(fact.from));
            if (trap ? fact.with_trap : fact.always) {
                EXPECT_EQ(board.called_at, snippet::on_usage_fault);
                EXPECT_EQ(board.scs(kCfsr), kUnaligned);
                EXPECT_EQ(board.stacked(6), fact.at);
                EXPECT_EQ(board.stacked(1), kRam + 0x1000 + fact.offset) << "no write-back";
            } else {
                EXPECT_EQ(board.called_at, snippet::done);
            }
        }
    }
}

TEST_P(Alignment, TableBranchesReadHalfwords) {  // TBH: unaligned only traps with UNALIGN_TRP
    Board board(GetParam());
    board.set_scs(kShcsr, 7U << 16);
    board.set_scs(kCcr, kUnalignTrp);
    board.set(1, kRam + 0x1001);
    board.set(2, 0);
    ASSERT_TRUE(board.run(snippet::try_tbh));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), kUnaligned);
    EXPECT_EQ(board.stacked(6), snippet::try_tbh_at);
}

TEST_P(Alignment, ComesBeforeTheMpuAndTheBus) {  // ARMv7-M B2.3: the address is checked first
    Board board(GetParam());
    board.set_scs(kShcsr, 7U << 16);
    board.set(1, 0x7000'0002);
    ASSERT_TRUE(board.run(snippet::try_ldm));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), kUnaligned);
}

class Division : public BothCores {};
H7_ON_BOTH_CORES(Division);

TEST_P(Division, ByZeroGivesZero_OrDivbyzero) {  // ARMv7-M B3.2.8, A7.7.127, A7.7.195
    Board board(GetParam());
    struct {
        Address from, at;
    } const both[] = {{snippet::try_sdiv, snippet::try_sdiv_at}, {snippet::try_udiv, snippet::try_udiv_at}};
    for (const auto& [from, at] : both) {
        for (const bool trap : {false, true, false}) {
            board.restart();
            board.set_scs(kShcsr, 7U << 16);
            board.set_scs(kCcr, trap ? kDiv0Trp : 0);
            board.set(0, 0);
            board.set(2, 100);
            board.set(3, 0);
            board.set(4, 0x44);
            ASSERT_TRUE(board.run(from));
            if (trap) {
                EXPECT_EQ(board.called_at, snippet::on_usage_fault);
                EXPECT_EQ(board.scs(kCfsr), kDivbyzero);
                EXPECT_EQ(board.stacked(6), at);
                EXPECT_EQ(board.stacked(0), 0u);
                EXPECT_EQ(board.r(4), 0x44u) << "the destination keeps its value";
            } else {
                EXPECT_EQ(board.called_at, snippet::done);
                EXPECT_EQ(board.r(4), 0u);
            }
            board.restart();
            board.set_scs(kCcr, trap ? kDiv0Trp : 0);
            board.set(2, 100);
            board.set(3, 7);
            ASSERT_TRUE(board.run(from));
            EXPECT_EQ(board.called_at, snippet::done);
            EXPECT_EQ(board.r(4), 14u);
        }
    }
}

TEST_P(Division, InsideAnItBlockIsExact) {
    Board board(GetParam());
    board.set_scs(kShcsr, 7U << 16);
    board.set_scs(kCcr, kDiv0Trp);
    board.set(0, 0);
    board.set(2, 9);
    board.set(3, 0);
    ASSERT_TRUE(board.run(snippet::divide_in_it));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.stacked(6), snippet::divide_in_it_at);
    EXPECT_EQ(board.r(5), 1u);
    EXPECT_EQ(board.stacked(7) & 0x0600'FC00U, 0x0000'0800U) << "ITSTATE of the division";
    board.restart();
    board.set_scs(kCcr, kDiv0Trp);
    board.set(0, 1);
    board.set(3, 0);
    ASSERT_TRUE(board.run(snippet::divide_in_it));
    EXPECT_EQ(board.called_at, snippet::done) << "a division that is not executed does not trap";
}

TEST_P(Division, TheTrapsOfTheTwoPartnersAreTheirOwn) {
    Board one(GetParam()), other(GetParam());
    one.set_scs(kCcr, kDiv0Trp);
    one.set(3, 0);
    other.set(3, 0);
    ASSERT_TRUE(one.run(snippet::try_udiv));
    ASSERT_TRUE(other.run(snippet::try_udiv));
    EXPECT_EQ(one.called_at, snippet::on_hard_fault);
    EXPECT_EQ(other.called_at, snippet::done);
}

}  // namespace
}  // namespace h7::cpu

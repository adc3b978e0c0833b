// The MPU as the running program meets it: who may do what where, and what kind of memory a region makes.
// ARMv7-M B3.5; system.md 5.7.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kCfsr = 0xE000'ED28, kShcsr = 0xE000'ED24, kMpuCtrl = 0xE000'ED94, kMpuRbar = 0xE000'ED9C,
                  kMpuRasr = 0xE000'EDA0, kMpuRnr = 0xE000'ED98, kCpacr = 0xE000'ED88;
constexpr std::uint32_t kAllFaults = 7U << 16, kXn = 1U << 28, kEnable = 1, kHfnmiena = 2, kPrivdefena = 4;
constexpr Address kPlace = kRam + 0x1000, kCode = kRam + 0x2000;

class MpuMatrix : public BothCores {
public:
    void open() {
        board.set_scs(kMpuCtrl, 0);
        board.restart();
        board.set_scs(kShcsr, kAllFaults);
        board.set_scs(kCpacr, 0xFU << 20);
    }
    void region(unsigned n, Address base, unsigned log2_size, std::uint32_t bits) {
        board.set_scs(kMpuRbar, base | 0x10 | n);
        board.set_scs(kMpuRasr, bits | ((log2_size - 1) << 1) | 1U);
    }
    /// What unprivileged code needs to run at all: the flash and its stack.
    void flash_for_everybody() {
        region(0, kFlash, 16, 6U << 24);
        region(6, kRam + 0x7000, 12, 3U << 24);
    }
    bool allowed(Address from, Address r1, std::uint32_t control = 0, std::uint32_t faultmask = 0) {
        board.set_scs(kCfsr, ~0U);
        Registers r = board.core->registers();
        r.xpsr = 1U << 24;
        r.msp = 0x2000'8000;
        r.psp = 0x2000'8000;
        r.control = control;
        r.faultmask = faultmask;
        r.r[1] = r1;
        board.core->set_registers(r);
        board.set_scs(kShcsr, kAllFaults);
        EXPECT_TRUE(board.run(from));
        if (board.called_at == snippet::done) return true;
        EXPECT_EQ(board.called_at, snippet::on_mem_manage);
        EXPECT_EQ(board.scs(kCfsr), from == snippet::branch ? 1u : 0x82u);
        return false;
    }
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(MpuMatrix);

struct Permission {
    unsigned ap;
    bool priv_read, priv_write, user_read, user_write;
};
const Permission kPermissions[] = {
    // clang-format off
    {0, false, false, false, false},
    {1, true,  true,  false, false},
    {2, true,  true,  true,  false},
    {3, true,  true,  true,  true },
    {5, true,  false, false, false},
    {6, true,  false, true,  false},
    {7, true,  false, true,  false},
    // clang-format on
};

TEST_P(MpuMatrix, AccessPermissions) {  // B3.5.8; LDRT and STRT ask as unprivileged code
    for (const Permission& p : kPermissions) {
        for (const unsigned log2_size : {5U, 8U, 10U, 12U}) {  // inside a page, a page, several
            SCOPED_TRACE(::testing::Message() << "AP " << p.ap << ", 2^" << log2_size << " bytes");
            open();
            flash_for_everybody();
            region(1, kPlace, log2_size, p.ap << 24);
            board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
            EXPECT_EQ(allowed(snippet::try_ldr, kPlace), p.priv_read);
            EXPECT_EQ(allowed(snippet::try_str, kPlace), p.priv_write);
            EXPECT_EQ(allowed(snippet::try_ldrt, kPlace), p.user_read);
            EXPECT_EQ(allowed(snippet::try_strt, kPlace), p.user_write);
            EXPECT_EQ(allowed(snippet::try_ldr, kPlace, 1), p.user_read);
            EXPECT_EQ(allowed(snippet::try_str, kPlace, 1), p.user_write);
            EXPECT_TRUE(allowed(snippet::try_ldr, kPlace - 4)) << "in front of it";
            EXPECT_TRUE(allowed(snippet::try_str, kPlace + (1U << log2_size))) << "behind it";
        }
    }
}

TEST_P(MpuMatrix, Execution) {  // read permission and XN
    for (const Permission& p : kPermissions) {
        for (const std::uint32_t xn : {0U, kXn}) {
            SCOPED_TRACE(::testing::Message() << "AP " << p.ap << " XN " << (xn != 0));
            open();
            flash_for_everybody();
            board.set_word(kCode, 0x4770'4770);  // bx lr
            board.set(14, snippet::done | 1U);
            region(1, kCode, 8, (p.ap << 24) | xn);
            board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
            EXPECT_EQ(allowed(snippet::branch, kCode | 1U), p.priv_read && xn == 0);
            board.set(14, snippet::done | 1U);
            EXPECT_EQ(allowed(snippet::branch, kCode | 1U, 1), p.user_read && xn == 0);
        }
    }
}

TEST_P(MpuMatrix, TheBackgroundIsForPrivilegedCode) {  // PRIVDEFENA
    open();
    flash_for_everybody();
    board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
    EXPECT_TRUE(allowed(snippet::try_ldr, kPlace));
    EXPECT_FALSE(allowed(snippet::try_ldr, kPlace, 1));
    EXPECT_FALSE(allowed(snippet::try_ldrt, kPlace));
    open();
    flash_for_everybody();
    board.set_scs(kMpuCtrl, kEnable);
    EXPECT_FALSE(allowed(snippet::try_ldr, kPlace));
    EXPECT_TRUE(allowed(snippet::try_ldr, kRam + 0x7000));
}

TEST_P(MpuMatrix, TheHighestRegionWins_SubregionsFallThrough) {
    open();
    flash_for_everybody();
    region(1, kPlace, 12, 3U << 24);                   // 4 Kbyte for everybody
    region(2, kPlace, 12, (6U << 24) | (0xF0U << 8));  // the lower half read-only
    region(3, kPlace, 8, 0);                           // the first 256 bytes closed
    region(7, kPlace + 0x800, 5, 1U << 24);            // 32 bytes privileged
    board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
    EXPECT_FALSE(allowed(snippet::try_ldr, kPlace + 0xFC));
    EXPECT_TRUE(allowed(snippet::try_ldr, kPlace + 0x100, 1));
    EXPECT_FALSE(allowed(snippet::try_str, kPlace + 0x7FC));
    EXPECT_TRUE(allowed(snippet::try_str, kPlace + 0x800));
    EXPECT_FALSE(allowed(snippet::try_str, kPlace + 0x81C, 1));
    EXPECT_TRUE(allowed(snippet::try_str, kPlace + 0x820, 1));
}

TEST_P(MpuMatrix, TheLastRegionExistsAndWins) {  // 16 on the CM7, 8 on the CM4
    open();
    const unsigned last = GetParam() == Model::cortex_m7 ? 15 : 7;
    board.set_scs(kMpuRnr, last);
    board.set_scs(kMpuRbar, kPlace);
    board.set_scs(kMpuRasr, (9U << 1) | 1U);
    region(last - 1, kPlace, 10, 3U << 24);
    board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
    EXPECT_FALSE(allowed(snippet::try_ldr, kPlace));
}

TEST_P(MpuMatrix, HardFaultPrioritiesRunWithoutItUnlessHfnmiena) {  // B3.5.5
    for (const bool on : {false, true}) {
        open();
        region(1, kPlace, 10, 0);
        board.set_scs(kMpuCtrl, kEnable | kPrivdefena | (on ? kHfnmiena : 0));
        EXPECT_FALSE(allowed(snippet::try_ldr, kPlace));
        Registers r = board.core->registers();
        r.xpsr = 1U << 24;
        r.faultmask = 1;
        r.r[1] = kPlace;
        board.core->set_registers(r);
        EXPECT_EQ(board.run(snippet::try_ldr), !on);
        EXPECT_EQ(board.core->state() == RunState::locked_up, on);
    }
}

TEST_P(MpuMatrix, ARegionChangesAtOnce) {
    open();
    flash_for_everybody();
    region(1, kPlace, 10, 3U << 24);
    board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
    EXPECT_TRUE(allowed(snippet::try_str, kPlace, 1));
    region(1, kPlace, 10, 6U << 24);
    EXPECT_FALSE(allowed(snippet::try_str, kPlace, 1));
    EXPECT_TRUE(allowed(snippet::try_ldr, kPlace, 1));
    board.set_scs(kMpuRasr, 0);
    EXPECT_FALSE(allowed(snippet::try_ldr, kPlace, 1)) << "no region any more";
    board.set_scs(kMpuCtrl, 0);
    EXPECT_TRUE(allowed(snippet::try_str, kPlace, 1));
}

struct Type {
    const char* what;
    std::uint32_t tex, c, b;
    bool device;
};
const Type kTypes[] = {
    // clang-format off
    {"Strongly-ordered",           0, 0, 0, true },
    {"shareable Device",           0, 0, 1, true },
    {"write-through",              0, 1, 0, false},
    {"write-back",                 0, 1, 1, false},
    {"non-cacheable",              1, 0, 0, false},
    {"write-back, write-allocate", 1, 1, 1, false},
    {"non-shareable Device",       2, 0, 0, true },
    {"cached by policy",           4, 0, 0, false},
    {"cached by policy",           7, 1, 1, false},
    // clang-format on
};

TEST_P(MpuMatrix, ARegionMakesTheTypeOfMemory) {  // B3.5.9; A3.2.1: no unaligned access to Device memory
    for (const Type& type : kTypes) {
        for (const unsigned log2_size : {5U, 10U, 12U}) {
            SCOPED_TRACE(::testing::Message() << type.what << ", 2^" << log2_size);
            const std::uint32_t bits = (3U << 24) | (type.tex << 19) | (type.c << 17) | (type.b << 16);
            for (const Address from :
                 {snippet::try_ldr, snippet::try_str, snippet::try_ldrh, snippet::try_strh}) {
                open();
                region(1, kPlace, log2_size, bits);
                board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
                EXPECT_TRUE(allowed(from, kPlace + 4));
                EXPECT_TRUE(allowed(from, kPlace + 4)) << "and once more";
                board.set(1, kPlace + 5);
                ASSERT_TRUE(board.run(from));
                EXPECT_EQ(board.called_at, type.device ? snippet::on_usage_fault : snippet::done);
                EXPECT_EQ(board.scs(kCfsr), type.device ? 1U << 24 : 0u);
            }
            open();
            region(1, kPlace, log2_size, bits);
            board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
            for (Address a = kPlace; a < kPlace + 16; a += 4) board.set_word(a, a);
            EXPECT_TRUE(allowed(snippet::try_ldm, kPlace));
            EXPECT_EQ(board.r(4), kPlace + 4);
            EXPECT_TRUE(allowed(snippet::try_vldr_d, kPlace + 4)) << "two words";
            EXPECT_EQ(board.core->floating_point(1), kPlace + 8);
            EXPECT_TRUE(allowed(snippet::try_vstr_d, kPlace + 20));
            EXPECT_EQ(board.word(kPlace + 24), kPlace + 8);
        }
    }
}

TEST_P(MpuMatrix, CodeRunsFromDeviceMemoryThatIsNotXn) {
    open();
    board.set_word(kCode, 0x4770'4770);
    region(1, kCode, 10, 3U << 24);
    board.set_scs(kMpuCtrl, kEnable | kPrivdefena);
    board.set(14, snippet::done | 1U);
    EXPECT_TRUE(allowed(snippet::branch, kCode | 1U));
    board.set(1, kCode + 1);
    ASSERT_TRUE(board.run(snippet::try_ldr));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault) << "its fetches made no way for unaligned loads";
}

}  // namespace
}  // namespace h7::cpu

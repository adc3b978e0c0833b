// Precise and posted faults, escalation and lock-up: system.md 1.5, D-29, ARMv7-M B1.5.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kCfsr = 0xE000'ED28, kHfsr = 0xE000'ED2C, kMmfar = 0xE000'ED34, kBfar = 0xE000'ED38,
                  kShcsr = 0xE000'ED24, kCcr = 0xE000'ED14, kCpacr = 0xE000'ED88, kVtor = 0xE000'ED08,
                  kShpr1 = 0xE000'ED18, kActlr = 0xE000'E008, kMpuCtrl = 0xE000'ED94, kMpuRbar = 0xE000'ED9C,
                  kMpuRasr = 0xE000'EDA0;
constexpr std::uint32_t kAllFaults = 7U << 16;
constexpr Address kNowhere = 0x7000'0000;

TEST(Faults, ALoadInsideAnItBlockIsExact) {  // system.md 1.5; unicorn.md 0.2, 7
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::load_in_it));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::load_in_it_at);
    EXPECT_EQ(board.stacked(0), 1u);  // addeq executed, addne and what follows not
    EXPECT_EQ(board.stacked(7) & 0x0600'FC00U, 0x0000'0C00U) << "ITSTATE of the rest of the block";
    EXPECT_EQ(board.scs(kBfar), kNowhere);
    EXPECT_EQ(board.scs(kCfsr), 0x8200u);
}

TEST(Faults, ItStateSurvivesTheHandler) {  // ARMv7-M B1.5.6
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_vector(kBusFault, snippet::plain_handler);
    int asked = 0;
    board.on_load = [&](Address a, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        if (a == kNowhere && ++asked == 2) return BusResult<std::uint64_t>(std::uint64_t{42});
        return std::nullopt;
    };
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::load_in_it));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(2), 42u);
    EXPECT_EQ(board.r(0), 5u);
    EXPECT_EQ(board.r(9), 1u);
}

TEST(Faults, LoadMultipleStopsAtTheFirstRefusedWord) {
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kRam + kMemorySize - 8);
    ASSERT_TRUE(board.run(snippet::load_multiple));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::load_multiple_at);
    EXPECT_EQ(board.stacked(1), kRam + kMemorySize - 8) << "no write-back";
    EXPECT_EQ(board.scs(kBfar), kRam + kMemorySize);
}

TEST(Faults, AFetchFromNowhereIsAnInstructionBusError) {  // system.md 1.5
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kNowhere | 1U);
    ASSERT_TRUE(board.run(snippet::branch));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), kNowhere);
    EXPECT_EQ(board.scs(kCfsr), 0x100u);
}

TEST(Faults, AFetchFromADeviceIsAnAccessViolation) {  // system.md 1.1: execute never
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    for (const Address target : {kDevice, Address{0xE000'E000}, Address{0xFFFF'FFF8}}) {
        board.restart();
        board.set_scs(kShcsr, kAllFaults);
        board.set(1, target | 1U);
        ASSERT_TRUE(board.run(snippet::branch));
        EXPECT_EQ(board.called_at, snippet::on_mem_manage) << std::hex << target;
        EXPECT_EQ(board.stacked(6), target);
        EXPECT_EQ(board.scs(kCfsr), 1u);
    }
    EXPECT_TRUE(board.seen.empty());
}

TEST(Faults, ABranchToAnEvenAddressIsInvalidState) {  // system.md 2.3
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, snippet::spin);
    ASSERT_TRUE(board.run(snippet::branch));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.stacked(6), snippet::spin);
    EXPECT_EQ(board.stacked(7) & (1U << 24), 0u);
    EXPECT_EQ(board.scs(kCfsr), 1U << 17);
}

TEST(Faults, AnUndefinedInstructionIsExact) {
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    ASSERT_TRUE(board.run(snippet::undefined));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.stacked(6), snippet::undefined_at);
    EXPECT_EQ(board.scs(kCfsr), 1U << 16);
}

TEST(Faults, AnFpuInstructionNeedsCpacr) {  // system.md 2.3: FPU disabled at reset
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    ASSERT_TRUE(board.run(snippet::use_fpu));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.stacked(6), snippet::use_fpu_at);
    EXPECT_EQ(board.scs(kCfsr), 1U << 19);
    board.restart();
    board.set_scs(kCpacr, 0xFU << 20);
    ASSERT_TRUE(board.run(snippet::use_fpu));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.core->registers().control, 4u);  // FPCA
}

TEST(Faults, AnUnalignedExclusiveIsAUsageFault) {
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kRam + 0x101);
    ASSERT_TRUE(board.run(snippet::load_unaligned_pair));
    EXPECT_EQ(board.called_at, snippet::on_usage_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 24);
    EXPECT_EQ(board.stacked(6), snippet::load_unaligned_pair_at + 4);
}

TEST(Faults, AnUnalignedAccessToADeviceIsAUsageFault) {  // decision 0012
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    for (const Address from : {snippet::load_word, snippet::store_word}) {
        board.restart();
        board.set_scs(kShcsr, kAllFaults);
        board.set(1, kDevice + 2);
        ASSERT_TRUE(board.run(from));
        EXPECT_EQ(board.called_at, snippet::on_usage_fault);
        EXPECT_EQ(board.scs(kCfsr), 1U << 24);
    }
    EXPECT_TRUE(board.seen.empty());
}

TEST(Faults, AFailedStoreIsPostedAndReportedAtTheNextBoundary) {  // D-29
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::store_word));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 10) << "IMPRECISERR, no BFAR";
    EXPECT_EQ(board.stacked(6), snippet::done);
    EXPECT_EQ(board.stacked(0), 2u) << "the instructions behind it were executed";
}

TEST(Faults, ARefusedStoreIsPreciseWhereTheChipIsStrict) {  // D-29
    Board board;
    board.core->set_strict_bus_faults(true);
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::store_word));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 9 | 1U << 15) << "PRECISERR, BFARVALID";
    EXPECT_EQ(board.stacked(6), snippet::store_word_at);
}

TEST(Faults, WithBusFaultDisabledAPostedStoreIsAHardFault) {  // D-29
    Board board;
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::store_word));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 10);
    EXPECT_EQ(board.scs(kHfsr), 1U << 30);
}

TEST(Faults, TheCm4CanMakeStoreErrorsPrecise) {  // system.md 1.5: ACTLR.DISDEFWBUF
    Board board(Model::cortex_m4);
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kActlr, 2);
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::store_word));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::store_word_at);
    EXPECT_EQ(board.scs(kCfsr), 0x8200u);
}

TEST(Faults, DisabledFaultsEscalate) {  // system.md 1.5: FORCED
    Board board;
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.stacked(6), snippet::load_word_at);
    EXPECT_EQ(board.scs(kHfsr), 1U << 30);
    EXPECT_EQ(board.scs(kCfsr), 0x8200u);
    EXPECT_EQ(board.core->registers().xpsr & 0x1FF, 3u);
}

TEST(Faults, AFaultOfTheSamePriorityEscalates) {  // ARMv7-M B1.5.14
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_vector(kBusFault, snippet::fault_again);
    board.set(1, kNowhere);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.stacked(6), snippet::fault_again);
    EXPECT_EQ(board.stacked(7) & 0x1FF, 5u);
}

TEST(Faults, AFaultInsideHardFaultLocksUp) {  // system.md 1.5
    Board board;
    board.set_vector(kHardFault, snippet::fault_again);
    board.set(1, kNowhere);
    std::string notice;
    board.trace.set_notice_sink([&](std::string_view line) { notice = line; });
    EXPECT_FALSE(board.run(snippet::load_word));
    EXPECT_EQ(board.core->state(), RunState::locked_up);
    EXPECT_EQ(board.core->pc(), snippet::fault_again);
    EXPECT_NE(board.core->lock_up_report().find("0x080"), std::string::npos);
    EXPECT_NE(notice.find("CM7 locked up"), std::string::npos) << notice;
    // It executes nothing any more, but time goes on; a reset ends it.
    const Time before = board.core->now();
    const std::uint64_t executed = board.core->instructions();
    board.core->run_until(before + kMillisecond);
    EXPECT_GE(board.core->now(), before + kMillisecond);
    EXPECT_EQ(board.core->instructions(), executed);
    board.restart();
    EXPECT_TRUE(board.run(snippet::supervisor));
}

TEST(Faults, BlankFlashLocksUpAtOnce) {  // system.md 2.3, D-30
    Board board;
    board.set_word(kFlash, 0xFFFF'FFFF);
    board.set_word(kFlash + 4, 0xFFFF'FFFF);
    board.set_vector(kHardFault, 0xFFFF'FFFF);
    board.core->reset(kFlash);
    board.core->start();
    board.resume(1000);
    EXPECT_EQ(board.core->state(), RunState::locked_up);
    EXPECT_NE(board.core->lock_up_report().find("no program, its vectors are blank"), std::string::npos);
}

TEST(Faults, AnEvenResetVectorIsInvalidState) {  // system.md 2.3
    Board board;
    board.set_word(kFlash + 4, snippet::spin);
    board.core->reset(kFlash);
    board.core->start();
    ASSERT_TRUE(board.resume(1000));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 17);
    EXPECT_EQ(board.scs(kHfsr), 1U << 30);
}

TEST(Faults, AnUnreadableResetVectorLocksUp) {
    Board board;
    board.core->reset(kNowhere);
    board.core->start();
    EXPECT_EQ(board.core->state(), RunState::locked_up);
}

TEST(Faults, AnUnreadableVectorIsAHardFault) {  // system.md 1.5: VECTTBL
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.rights = [](Address a, Op op, bool) -> std::optional<View> {
        if (op == Op::read && a == kFlash + 4 * kSvCall) return View{};
        return std::nullopt;
    };
    board.on_load = [](Address a, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        if (a == kFlash + 4 * kSvCall) return BusResult<std::uint64_t>(bus_error("closed", "test"));
        return std::nullopt;
    };
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_hard_fault);
    EXPECT_EQ(board.scs(kHfsr), 2u);
    EXPECT_EQ(board.stacked(6), snippet::supervisor_next);
}

TEST(Faults, AStackThatCannotBeWrittenIsReported) {  // system.md 1.5: STKERR
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_vector(kBusFault, snippet::on_bus_fault);
    board.set(13, kNowhere);
    ASSERT_TRUE(board.run(snippet::supervisor));
    // BusFault is not more urgent than SVCall: it waits until SVCall returns.
    EXPECT_EQ(board.called_at, snippet::on_svc);
    EXPECT_EQ(board.scs(kCfsr), 1U << 12);
    EXPECT_EQ(board.scs(kShcsr) & (1U << 14), 1U << 14);
    EXPECT_EQ(board.r(13), kNowhere - 0x20);

    board.restart();
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(0xE000'ED1C, 0x80U << 24);  // SVCall below BusFault
    board.set(13, kNowhere);
    ASSERT_TRUE(board.run(snippet::supervisor));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.scs(kShcsr) & (1U << 15), 1U << 15) << "SVCall is pending again";
}

TEST(Faults, AnUnwritableStackOfHardFaultLocksUp) {
    Board board;
    board.set(13, kNowhere);
    board.set(1, kNowhere);
    EXPECT_FALSE(board.run(snippet::load_word));
    EXPECT_EQ(board.core->state(), RunState::locked_up);
}

TEST(Faults, UnstackingErrorsAreTakenInsteadOfTheReturn) {  // system.md 1.5: UNSTKERR
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_vector(kSvCall, snippet::plain_handler);
    bool closed = false;
    const Address frame = 0x2000'8000 - 0x20;
    board.rights = [&](Address a, Op op, bool) -> std::optional<View> {
        if (closed && op == Op::read && (a & ~0xFFU) == (frame & ~0xFFU)) {
            View v;
            v.granule = 256;
            return v;
        }
        return std::nullopt;
    };
    board.on_load = [&](Address a, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        if (closed && (a & ~0xFFU) == (frame & ~0xFFU))
            return BusResult<std::uint64_t>(bus_error("closed", "test"));
        return std::nullopt;
    };
    board.set_vector(kSvCall, snippet::on_svc);
    ASSERT_TRUE(board.run(snippet::supervisor));
    ASSERT_EQ(board.called_at, snippet::on_svc);
    closed = true;
    board.core->rights_changed();
    ASSERT_TRUE(board.run(snippet::plain_handler));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.scs(kCfsr), 1U << 11);
    EXPECT_EQ(board.r(14), 0xFFFF'FFF9u);
    EXPECT_EQ(board.r(13), frame) << "the frame stays";
}

TEST(Faults, HandlersMayProbeMemoryWithBfhfnmign) {  // system.md 1.5
    Board board;
    board.set_scs(kCcr, board.scs(kCcr) | (1U << 8));
    Registers r = board.core->registers();
    r.faultmask = 1;
    r.r[1] = kNowhere;
    board.core->set_registers(r);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.scs(kBfar), kNowhere);
    EXPECT_EQ(board.scs(kCfsr), 0x8200u);
}

TEST(Faults, TheMpuRefusesDataAndFetches) {  // system.md 5.7
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    const auto region = [&](unsigned n, Address base, unsigned log2_size, std::uint32_t bits) {
        board.set_scs(kMpuRbar, base | 0x10 | n);
        board.set_scs(kMpuRasr, bits | ((log2_size - 1) << 1) | 1U);
    };
    region(0, kRam + 0x1000, 8, 0);                         // 256 bytes, no access
    region(1, kRam + 0x2000, 10, 6U << 24);                 // read-only
    region(2, kRam + 0x3000, 10, (1U << 28) | (3U << 24));  // execute never
    board.set_scs(kMpuCtrl, 5);                             // PRIVDEFENA, ENABLE

    board.set(1, kRam + 0x1004);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.scs(kCfsr), 0x82u);
    EXPECT_EQ(board.scs(kMmfar), kRam + 0x1004);
    EXPECT_EQ(board.stacked(6), snippet::load_word_at);

    const auto again = [&](Address from, Address address) {
        board.set_scs(kCfsr, ~0U);
        Registers r = board.core->registers();
        r.xpsr = 1U << 24;
        r.msp = 0x2000'8000;
        r.r[1] = address;
        board.core->set_registers(r);
        for (unsigned n = 4; n < 7; ++n) board.set_scs(kShcsr, kAllFaults);
        ASSERT_TRUE(board.run(from));
    };
    again(snippet::load_word, kRam + 0x1100);
    EXPECT_EQ(board.called_at, snippet::done) << "outside the 256 bytes";
    again(snippet::load_word, kRam + 0x2000);
    EXPECT_EQ(board.called_at, snippet::done);
    again(snippet::store_word, kRam + 0x2000);
    EXPECT_EQ(board.called_at, snippet::on_mem_manage) << "MPU store faults are precise";
    EXPECT_EQ(board.stacked(6), snippet::store_word_at);
    EXPECT_EQ(board.scs(kMmfar), kRam + 0x2000);
    again(snippet::branch, kRam + 0x3001);
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.scs(kCfsr), 1u);
    EXPECT_EQ(board.stacked(6), kRam + 0x3000);
}

TEST(Faults, WithoutHfnmienaFaultmaskSwitchesTheMpuOff) {  // ARMv7-M B3.5.1
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kMpuRbar, (kRam + 0x1000) | 0x10);
    board.set_scs(kMpuRasr, (9U << 1) | 1U);  // 1 Kbyte, no access
    board.set_scs(kMpuCtrl, 5);
    board.set(1, kRam + 0x1000);
    ASSERT_TRUE(board.run(snippet::load_with_faultmask));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_EQ(board.stacked(6), snippet::load_without_faultmask);
}

TEST(Faults, ARefusedMpuStoreChangesNothingAndAsksNobody) {  // store windows ask the MPU first
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set_scs(kMpuRbar, kFlash | 0x10);
    board.set_scs(kMpuRasr, (6U << 24) | (15U << 1) | 1U);  // 64 KiB read-only
    board.set_scs(kMpuCtrl, 5);
    board.set(1, kFlash + 0x8000);
    ASSERT_TRUE(board.run(snippet::store_word));
    EXPECT_EQ(board.called_at, snippet::on_mem_manage);
    EXPECT_TRUE(board.seen.empty());
}

TEST(Faults, UnprivilegedCodeCannotReachThePrivateBus) {  // system.md 5.6
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.set(0, 1);
    board.set(1, snippet::load_word | 1U);
    board.on_call = nullptr;
    Registers r = board.core->registers();
    r.control = 1;
    r.r[1] = kVtor;
    board.core->set_registers(r);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.scs(kBfar), kVtor);
    EXPECT_EQ(board.scs(kShpr1), 0u);
}

}  // namespace
}  // namespace h7::cpu

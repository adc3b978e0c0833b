// Rights that change while code runs, code that changes, stores into windows, slaves that hold an access:
// unicorn.md 3, 11; F-043.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kShcsr = 0xE000'ED24, kCfsr = 0xE000'ED28;
constexpr std::uint32_t kAllFaults = 7U << 16;
constexpr Address kPage = snippet::page_loop;  // 0x08000800

/// Flash in [first, first + size) may not be executed, in granules of 256 bytes.
auto closed_code(Address first, std::uint32_t size, const bool& closed) {
    return [first, size, &closed](Address a, Op, bool) -> std::optional<View> {
        if (!closed || (a & ~1023U) != (first & ~1023U)) return std::nullopt;
        View v = Board::plain(a);
        v.granule = 256;
        if (a - first < size) {
            v.execute = false;
            v.read = false;
            v.kind = View::Kind::fault;
            v.fault = bus_error("closed", "test");
        }
        return v;
    };
}

TEST(Coherence, CodeClosedBehindALimitFaultsWhenItIsReached) {  // unicorn.md 11
    Board board;
    const bool closed = true;
    board.rights = closed_code(kPage + 0x100, 0x100, closed);
    board.set_scs(kShcsr, kAllFaults);
    board.set(2, 0);
    ASSERT_TRUE(board.run(snippet::before_limit));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::behind_limit);
    EXPECT_EQ(board.stacked(0), 7u) << "everything in front of the limit was executed";
    EXPECT_EQ(board.stacked(2), 1u);
    EXPECT_EQ(board.scs(kCfsr), 0x100u);
}

TEST(Coherence, ChainedBlocksInsideOnePageStopWhenTheirGranuleCloses) {  // unicorn.md 11
    Board board;
    bool closed = false;
    board.rights = closed_code(kPage + 0x100, 0x100, closed);
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kDevice);
    board.on_store = [&](Address, unsigned, std::uint64_t value) -> std::optional<BusResult<void>> {
        if (value == 100) {
            closed = true;
            board.core->rights_changed();
        }
        return std::nullopt;
    };
    ASSERT_TRUE(board.run(snippet::into_other_granule));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::into_other_granule);
    EXPECT_EQ(board.stacked(0), 100u) << "not once more through the closed granule";
}

TEST(Coherence, ALoopInsideAPageThatClosesStops) {
    Board board;
    bool closed = false;
    board.rights = [&](Address a, Op op, bool) -> std::optional<View> {
        if (closed && op == Op::fetch && (a & ~1023U) == (snippet::close_myself & ~1023U)) return View{};
        return std::nullopt;
    };
    board.set_scs(kShcsr, kAllFaults);
    board.set(1, kDevice);
    board.on_store = [&](Address, unsigned, std::uint64_t) -> std::optional<BusResult<void>> {
        closed = true;
        board.core->rights_changed();
        return std::nullopt;
    };
    ASSERT_TRUE(board.run(snippet::close_myself));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_LE(board.stacked(2), 1u);
}

TEST(Coherence, CodeThatReopensIsNotStale) {  // unicorn.md 11
    Board board;
    bool closed = false;
    board.rights = closed_code(kPage + 0x100, 0x100, closed);
    board.set_scs(kShcsr, kAllFaults);
    ASSERT_TRUE(board.run(snippet::behind_limit));
    EXPECT_EQ(board.r(0), 16u);
    closed = true;
    board.core->rights_changed();
    ASSERT_TRUE(board.run(snippet::behind_limit));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    // While it was closed its contents changed.
    const std::uint16_t other = 0x3020;  // adds r0, #32
    std::memcpy(board.flash.memory().data() + (snippet::behind_limit - kFlash), &other, 2);
    board.core->contents_changed(snippet::behind_limit, 2);
    closed = false;
    board.core->rights_changed();
    board.restart();
    ASSERT_TRUE(board.run(snippet::behind_limit));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(0), 32u);
}

TEST(Coherence, APageThatIsPartlyShownAsZerosIsNotStaleEither) {  // D-34: what a CM4 executes from PCROP
    Board board;
    const Address zeros = kRam + 0xF000;
    board.rights = [&](Address a, Op op, bool) -> std::optional<View> {
        if (op != Op::fetch || (a & ~1023U) != kPage) return std::nullopt;
        View v = Board::plain(a);
        v.granule = 256;
        if ((a & 0x300) == 0x100) v.canonical = zeros + (a & 1023U);
        return v;
    };
    // 0x0000 is movs r0, r0: the core slides through the granule into the next one.
    for (const std::uint16_t landing : {std::uint16_t{0x2011}, std::uint16_t{0x2022}}) {
        const std::uint16_t code[] = {landing, 0x4770};
        std::memcpy(board.flash.memory().data() + (kPage + 0x200 - kFlash), code, 4);
        board.core->contents_changed(kPage + 0x200, 4);
        board.set(14, snippet::done | 1U);
        ASSERT_TRUE(board.run(snippet::behind_limit));
        EXPECT_EQ(board.called_at, snippet::done);
        EXPECT_EQ(board.r(0), landing & 0xFFU);
    }
}

TEST(Coherence, A32BitInstructionAcrossALimitNeedsBothSides) {
    Board board;
    bool closed = true;
    board.rights = closed_code(kPage + 0x200, 0x100, closed);
    board.set_scs(kShcsr, kAllFaults);
    ASSERT_TRUE(board.run(snippet::straddler));
    EXPECT_EQ(board.called_at, snippet::on_bus_fault);
    EXPECT_EQ(board.stacked(6), snippet::straddler);
    closed = false;
    board.core->rights_changed();
    board.restart();
    ASSERT_TRUE(board.run(snippet::straddler));
    EXPECT_EQ(board.r(0), 0x1234u);
}

TEST(Coherence, AnExecuteOnlyPageRunsAndItsReadsAreAsked) {  // F-219, F-220
    Board board;
    std::vector<Address> asked;
    board.rights = [&](Address a, Op op, bool) -> std::optional<View> {
        if ((a & ~1023U) != (snippet::read_own_literal & ~1023U)) return std::nullopt;
        View v = Board::plain(a);
        v.read = false;
        if (op == Op::read) v.kind = View::Kind::slave;
        return v;
    };
    board.on_load = [&](Address a, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        asked.push_back(a);
        return BusResult<std::uint64_t>(std::uint64_t{0});
    };
    board.set(0, 1);
    for (int n = 0; n < 3; ++n) {
        ASSERT_TRUE(board.run(snippet::read_own_literal));
        EXPECT_EQ(board.called_at, snippet::done);
        EXPECT_EQ(board.r(0), 0u);
    }
    EXPECT_EQ(asked, std::vector<Address>(3, snippet::own_literal)) << "every access, not only the first";
}

TEST(Coherence, DataGranulesOf256BytesAreExact) {  // unicorn.md 3
    Board board;
    board.set_scs(kShcsr, kAllFaults);
    board.rights = [&](Address a, Op, bool privileged) -> std::optional<View> {
        if ((a & ~1023U) != kRam + 0x1000) return std::nullopt;
        View v = Board::plain(a);
        v.granule = 256;
        if ((a & 0x300) == 0x100) return View{.granule = 256};
        if ((a & 0x300) == 0x200 && !privileged) return View{.granule = 256};
        return v;
    };
    const auto loads = [&](Address a, bool privileged) {
        board.restart();
        board.set_scs(kShcsr, kAllFaults);
        Registers r = board.core->registers();
        r.control = privileged ? 0 : 1;
        r.r[1] = a;
        board.core->set_registers(r);
        EXPECT_TRUE(board.run(snippet::load_word));
        return board.called_at == snippet::done;
    };
    EXPECT_TRUE(loads(kRam + 0x10FC, true));
    EXPECT_FALSE(loads(kRam + 0x1100, true));
    EXPECT_FALSE(loads(kRam + 0x11FC, true));
    EXPECT_TRUE(loads(kRam + 0x1200, true));
    EXPECT_FALSE(loads(kRam + 0x1200, false));
    EXPECT_TRUE(loads(kRam + 0x1300, false));
    EXPECT_FALSE(loads(kRam + 0x10FE, true)) << "an unaligned word across the limit";
}

TEST(Coherence, StoresToAWindowArriveInOrderAndOneByOne) {  // F-063: the flash sees every store
    Board board;
    board.set(1, kFlash + 0x8000);
    board.set(2, 0x55);
    board.set(3, kFlash + 0x8020);
    for (int n = 0; n < 2; ++n) ASSERT_TRUE(board.run(snippet::store_twice));
    ASSERT_EQ(board.seen.size(), 4u);
    for (unsigned n = 0; n < 4; ++n) {
        EXPECT_TRUE(board.seen[n].write);
        EXPECT_EQ(board.seen[n].address, kFlash + (n % 2 == 0 ? 0x8000U : 0x8020U));
        EXPECT_EQ(board.seen[n].value, 0x55u + (n + 1) / 2);
        EXPECT_EQ(board.seen[n].size, 4u);
    }
    EXPECT_EQ(board.word(kFlash + 0x8000), 0xFFFF'FFFFu);
}

TEST(Coherence, AHeldAccessIsExecutedAgainWhenTimeHasCome) {  // F-043
    Board board;
    const Time free = board.core->now() + 5000 * Board::kCycle;
    int asked = 0;
    board.rights = [&](Address a, Op op, bool) -> std::optional<View> {
        if (a != kRam + 0x1000 || op != Op::read) return std::nullopt;
        ++asked;
        if (board.core->now() >= free) return std::nullopt;
        View v;
        v.kind = View::Kind::wait;
        v.fault = wait_until(free, "the bank is busy", "F-043");
        return v;
    };
    board.set(1, kRam + 0x1000);
    board.set_word(kRam + 0x1000, 0x77);
    ASSERT_TRUE(board.run(snippet::load_word));
    EXPECT_EQ(board.called_at, snippet::done);
    EXPECT_EQ(board.r(2), 0x77u);
    EXPECT_EQ(board.r(0), 1u);
    EXPECT_EQ(asked, 2);
    EXPECT_GE(board.core->now(), free);
    EXPECT_LT(board.core->now(), free + 10 * Board::kCycle);
    EXPECT_EQ(board.core->instructions(), 5u)
        << "nop, ldr, adds, b and the breakpoint: the held load counts once";
}

TEST(Coherence, AHeldAccessLongerThanTheTurnReturnsAtTheLimit) {
    Board board;
    const Time free = board.core->now() + 5000 * Board::kCycle;
    board.on_load = [&](Address, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        if (board.core->now() >= free) return std::nullopt;
        return BusResult<std::uint64_t>(wait_until(free, "busy", "F-043"));
    };
    board.set(1, kDevice);
    board.set_pc(snippet::load_word);
    const Time limit = board.core->now() + 100 * Board::kCycle;
    board.core->run_until(limit);
    EXPECT_EQ(board.core->now(), limit);
    EXPECT_EQ(board.core->pc(), snippet::load_word_at);
    ASSERT_TRUE(board.resume());
    EXPECT_EQ(board.r(2), 7u);
}

TEST(Coherence, CodeInRamThatTheProgramOrTheHostChangesIsSeen) {  // unicorn.md 3
    Board board;
    const Address code = kRam + 0x400;
    const auto put = [&](std::uint16_t first) {
        const std::uint16_t halves[] = {first, 0x4770};  // bx lr
        std::memcpy(board.ram.memory().data() + 0x400, halves, 4);
    };
    put(0x2001);  // movs r0, #1
    board.set(14, snippet::done | 1U);
    ASSERT_TRUE(board.run(code));
    EXPECT_EQ(board.r(0), 1u);
    // by the program, through the alias as well
    for (const Address at : {code, kAlias + 0x400}) {
        const std::uint32_t value = at == code ? 0x4770'2002 : 0x4770'2003;
        board.set(1, at);
        board.set(2, value);
        ASSERT_TRUE(board.run(snippet::store_word));
        board.set(14, snippet::done | 1U);
        ASSERT_TRUE(board.run(code));
        EXPECT_EQ(board.r(0), value & 0xFFU);
    }
    // by somebody else
    put(0x2009);
    board.core->contents_changed(code, 4);
    ASSERT_TRUE(board.run(code));
    EXPECT_EQ(board.r(0), 9u);
    // and executed through the alias
    ASSERT_TRUE(board.run(kAlias + 0x400));
    EXPECT_EQ(board.r(0), 9u);
}

/// A second core with the same RAM.
class Partner final : public AddressSpace {
public:
    explicit Partner(Board& board) : board_(board) {}
    View view(Address a, Op op, bool p) override { return board_.view(a, op, p); }
    BusResult<std::uint64_t> load(Address a, unsigned s, bool p) override { return board_.load(a, s, p); }
    BusResult<void> store(Address a, unsigned s, std::uint64_t v, bool p) override {
        return board_.store(a, s, v, p);
    }
    std::vector<MemoryBlock> memory() const override { return board_.memory(); }
    std::vector<AddressRange> code_windows() const override { return board_.code_windows(); }
    std::vector<AddressRange> store_windows() const override { return board_.store_windows(); }

private:
    Board& board_;
};

TEST(Coherence, CodeThatTheOtherCoreChangesIsSeen) {  // unicorn.md 3
    Board board;
    Partner space(board);
    auto made = Core::create(Model::cortex_m4, "CM4", space, board.clock, board.trace);
    ASSERT_TRUE(made);
    Core& other = **made;
    board.core->share_code_with(other);
    const auto run_other = [&](Address from) {
        Registers r = other.registers();
        r.r[15] = from;
        r.r[14] = snippet::spin | 1U;
        other.set_registers(r);
        other.run_until(other.now() + 100 * Board::kCycle);
        return other.registers().r[7];
    };
    other.reset(kFlash);
    other.start();
    board.set(1, kRam + 0x800);
    for (const std::uint32_t value : {0x4770'2701U, 0x4770'2702U, 0x4770'2703U}) {  // movs r7, #n; bx lr
        board.set(2, value);
        ASSERT_TRUE(board.run(snippet::store_word));
        EXPECT_EQ(run_other(kRam + 0x800), value & 0xFFU);
    }
}

/// The library of its own would go on at the buffer's beginning the first time it is full, over blocks it
/// still knows: the place of an access is found among them.
TEST(Coherence, ManyTimesTheBufferOfTranslatedCode) {
    Board board;
    Time seen = 0;
    board.on_load = [&](Address, unsigned) -> std::optional<BusResult<std::uint64_t>> {
        seen = board.core->now();
        return std::nullopt;
    };
    constexpr unsigned kAdds = 480;
    for (unsigned round = 0; round < 25'000; ++round) {  // 4 Kbytes of host code each
        const unsigned adds = 0x3000 | (round % 7 + 1), load = round * 31 % kAdds;
        for (unsigned n = 0; n < kAdds; ++n) {
            const auto half =
                static_cast<std::uint16_t>(n == load ? 0x681A : adds);  // ldr r2,[r3]; adds r0,#1 to #7
            store_le(board.ram.memory().data() + 2 * n, half);
        }
        board.set_word(kRam + 2 * kAdds, 0xE7FE'E7FE);  // b .
        board.core->contents_changed(kRam, 2 * kAdds + 4);
        board.set(0, 0);
        board.set(3, kDevice);
        board.set_pc(kRam);
        const Time start = board.core->now();
        board.core->run_until(start + 2 * kAdds * Board::kCycle);
        ASSERT_EQ(board.r(0), (kAdds - 1) * (round % 7 + 1)) << round;
        ASSERT_EQ(seen, start + load * Board::kCycle) << round;
    }
}

}  // namespace
}  // namespace h7::cpu

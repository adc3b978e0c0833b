#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/memory.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/state.hpp"
#include "emulator/fabric/trace.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A block with one register of every kind, to show the kit's rules.
class Sample final : public RegisterBlock<Sample> {
public:
    Sample() : RegisterBlock("SAMPLE", 0x4000'0000, 0x400) {}
    static const Register<Sample> registers[5];
    bool locked = false;
    std::uint32_t status = 0x5;
    unsigned reads = 0;

    bool open(const RegisterWrite&) const { return !locked; }
    BusResult<void> obey(const RegisterWrite& write) {
        if (regs_.field<"CR.MODE">(write.value) == 3) return bus_error("mode 3 does not exist", "");
        return {};
    }
    std::uint32_t status_now(unsigned) const { return status; }
    std::uint32_t take(const Access&, unsigned index) {
        ++reads;
        return 0x100 + index;
    }
    std::uint32_t mode() const { return regs_.get<"CR.MODE">(); }
};
// clang-format off
inline constexpr Register<Sample> Sample::registers[5] = {
    {.offset = 0x00, .name = "CR", .reset = 0x0000'0031,
     .fields = {{bit(0), "LOCK", rs}, {bits(5, 4), "MODE", rw}, {bit(8), "DONE", rc_w1}, {bit(9), "ZERO", rc_w0}, {bit(31), "GO", w}},
     .writable = &Sample::open, .written = &Sample::obey},
    {.offset = 0x04, .name = "SR", .fields = {{bits(7, 0), "STATE", r}}, .live = &Sample::status_now},
    {.offset = 0x10, .name = "BUF", .fields = {{bits(31, 0), "DATA", rw}}, .count = 3},
    {.offset = 0x20, .name = "POP", .fields = {{bits(31, 0), "DATA", r}}, .count = 2, .taken = &Sample::take},
    {.offset = 0x30, .name = "EXTRA", .fields = {{bits(31, 0), "ANY", not_modelled}}},
};
// clang-format on
static_assert(well_formed(Sample::registers));

constexpr Access at(Address offset, unsigned size = 4) {
    return {0x4000'0000 + offset,
            static_cast<std::uint8_t>(size),
            Op::read,
            Master::cm7,
            Context::application,
            true};
}
std::uint64_t get(Sample& s, Address offset, unsigned size = 4) { return s.read(at(offset, size)).value(); }
void put(Sample& s, Address offset, std::uint64_t v, unsigned size = 4) {
    ASSERT_TRUE(s.write(at(offset, size), v));
}

TEST(RegisterKit, LettersDecideWhatAWriteDoes) {
    Sample s;
    EXPECT_EQ(get(s, 0), 0x31U);
    put(s, 0, 0xFFFF'FF20);
    EXPECT_EQ(get(s, 0), 0x21U) << "rs cannot be cleared, reserved and w bits read 0";
}

TEST(RegisterKit, RcBitsClearByTheirOwnValue) {
    constexpr auto& cr = Sample::registers[0];
    EXPECT_EQ(RegisterMasks::of(cr).after_write(0x300, 0x100, ~0U), 0x000U);  // rc_w1 by 1, rc_w0 by 0
    EXPECT_EQ(RegisterMasks::of(cr).after_write(0x300, 0x200, ~0U), 0x300U);
    EXPECT_EQ(RegisterMasks::of(cr).after_write(0x300, 0x100, 0x1FF), 0x200U);  // ZERO is outside the lanes
}

TEST(RegisterKit, NarrowAccessesTouchTheirLanes) {
    Sample s;
    put(s, 0x10, 0x1122'3344);
    put(s, 0x11, 0xAA, 1);
    EXPECT_EQ(get(s, 0x10), 0x1122'AA44U);
    put(s, 0x12, 0xBBCC, 2);
    EXPECT_EQ(get(s, 0x10), 0xBBCC'AA44U);
    EXPECT_EQ(get(s, 0x13, 1), 0xBBU);
    EXPECT_EQ(get(s, 0x12, 2), 0xBBCCU);
}

TEST(RegisterKit, GuardsHooksAndArrays) {
    Sample s;
    s.locked = true;
    put(s, 0, 0x10);
    EXPECT_EQ(s.mode(), 3U);
    s.locked = false;
    EXPECT_FALSE(s.write(at(0), 0x30));
    EXPECT_EQ(get(s, 4), 5U);
    put(s, 4, 0xFF);
    EXPECT_EQ(get(s, 4), 5U);
    EXPECT_EQ(get(s, 0x24), 0x101U);
    EXPECT_EQ(s.reads, 1U);
    EXPECT_EQ(get(s, 0x3FC), 0U) << "no register: reads 0";
    EXPECT_EQ(s.describe()[3].name, "BUF1");
    EXPECT_EQ(s.describe()[3].offset, 0x14U);
}

TEST(RegisterKit, WhatIsNotModelledIsSaidOnce) {
    Sample s;
    Trace trace;
    std::vector<std::string> said;
    trace.set_notice_sink([&](std::string_view line) { said.emplace_back(line); });
    s.set_trace(&trace);
    put(s, 0x30, 1);
    put(s, 0x30, 2);
    get(s, 0x30);
    EXPECT_EQ(trace.unmodelled_count(), 1U) << "the accesses above all carry Op::read";
    ASSERT_EQ(said.size(), 1U);
    EXPECT_THAT(said[0], HasSubstr("SAMPLE.EXTRA"));
    EXPECT_EQ(get(s, 0x30), 2U) << "stored and read back all the same";
}

TEST(RegisterKit, StateSurvivesASaveAndALoad) {
    Sample a, b;
    put(a, 0x18, 0xDEAD'BEEF);
    StateWriter out;
    a.save(out);
    StateReader in(out.data());
    b.load(in);
    ASSERT_TRUE(in.finish());
    EXPECT_EQ(get(b, 0x18), 0xDEAD'BEEFU);
}

TEST(State, ABrokenStreamIsNamedNotBelieved) {
    StateWriter out;
    out.section("one");
    out.bytes(Bytes(5));
    for (std::size_t cut = 0; cut < out.data().size(); ++cut) {
        StateReader in(ByteView(out.data()).first(cut));
        in.section("one");
        EXPECT_TRUE(in.bytes().size() <= 5);
        EXPECT_FALSE(in.finish()) << cut;
    }
    StateReader other(out.data());
    other.section("two");
    EXPECT_THAT(other.finish().error().message, HasSubstr("section 'two' expected"));
}

TEST(Clock, EventsRunInTimeOrderThenInTheOrderMade) {  // D-28
    Clock clock;
    std::vector<int> ran;
    clock.at(20, "c", [&] { ran.push_back(3); });
    clock.at(10, "a", [&] { ran.push_back(1); });
    clock.at(10, "b", [&] {
        ran.push_back(2);
        clock.after(5, "late", [&] { ran.push_back(static_cast<int>(clock.now())); });
    });
    const auto gone = clock.at(12, "gone", [&] { ran.push_back(99); });
    clock.cancel(gone);
    EXPECT_EQ(clock.next_deadline(), 10U);
    clock.advance_to(30);
    EXPECT_THAT(ran, ElementsAre(1, 2, 15, 3));
    EXPECT_EQ(clock.now(), 30U);
    EXPECT_EQ(clock.next_deadline(), kNever);
}

class Turn final : public TimeSource {
public:
    Time now() const override { return 123; }
    void deadline_made(Time when) override { told = when; }
    Time told = 0;
};

TEST(Clock, TheRunningCoreGivesTheTimeAndHearsOfEarlierDeadlines) {  // D-28
    Clock clock;
    Turn turn;
    clock.set_source(&turn);
    EXPECT_EQ(clock.now(), 123U);
    clock.after(10, "first", [] {});
    EXPECT_EQ(turn.told, 133U);
    clock.after(20, "later", [] {});
    EXPECT_EQ(turn.told, 133U) << "only an earlier deadline shortens the turn";
    clock.after(1, "earlier", [] {});
    EXPECT_EQ(turn.told, 124U);
}

TEST(Wire, TellsEdgesOnly) {
    Wire wire;
    std::vector<bool> heard;
    wire.connect([&](bool level) { heard.push_back(level); });
    wire.set(false);
    wire.set(true);
    wire.set(true);
    wire.pulse();
    EXPECT_THAT(heard, ElementsAre(true, false));
}

TEST(Trace, LinesCarryTimeActorAndPc) {
    Trace trace;
    std::string last;
    EXPECT_FALSE(trace.on());
    trace.set_sink([&](std::string_view line) { last = line; });
    trace.set_actor([] { return Actor{1500, "CM7", 0x0800'0123}; });
    trace.line(Topic::flash, "EOP1 set");
    EXPECT_EQ(last, "           1500 ps  CM7  08000123  flash  EOP1 set");
}

TEST(Ram, HoldsBytesAtItsOwnAddress) {
    Ram ram("SRAM4", 0x3800'0000, 0x1'0000);
    const Access access{0x3800'0010, 8, Op::write, Master::cm4, Context::application, true};
    ASSERT_TRUE(ram.write(access, 0x1122'3344'5566'7788));
    EXPECT_EQ(ram.memory().bytes()[0x10], 0x88);
    EXPECT_EQ(ram.read(access).value(), 0x1122'3344'5566'7788U);
}

TEST(Ram, RemembersWhichPagesTheHostWrote) {  // architecture 3.14
    Ram ram("SRAM4", 0x3800'0000, 0x1'0000);
    const Access across{0x3800'0400 - 4, 8, Op::write, Master::mdma, Context::application, true};
    ASSERT_TRUE(ram.write(across, 1));
    EXPECT_EQ(ram.memory().pages(), 64U);
    EXPECT_TRUE(ram.memory().marked(0));
    EXPECT_TRUE(ram.memory().marked(1));
    EXPECT_FALSE(ram.memory().marked(2));
    ram.memory().clear_marks();
    EXPECT_FALSE(ram.memory().marked(0));
}

TEST(TraceLines, AListenerHearsTheTopicsItAskedFor) {
    Trace trace;
    std::string heard;
    trace.set_sink([&](std::string_view line) { heard += line.back(); }, {Topic::reset, Topic::boot});
    EXPECT_TRUE(trace.on(Topic::boot));
    EXPECT_FALSE(trace.on(Topic::bus));
    trace.line(Topic::bus, "1"), trace.line(Topic::reset, "2"), trace.line(Topic::boot, "3");
    EXPECT_EQ(heard, "23");
    trace.set_sink({});
    EXPECT_FALSE(trace.on());
}

}  // namespace
}  // namespace h7

#include "peripherals/storage/storage.hpp"

#include <gtest/gtest.h>

namespace h7::storage {
namespace {

Access at(Address address, std::uint8_t size, Op op) { return {address, size, op, Master::cm7}; }

TEST(Storage, ReadsWhatWasWrittenInItsOwnByteLanes) {  // system.md 6.12
    Storage tim2("TIM2", 0x4000'0000, 0x400);
    EXPECT_EQ(*tim2.read(at(0x4000'0024, 4, Op::read)), 0U);
    ASSERT_TRUE(tim2.write(at(0x4000'0024, 4, Op::write), 0x1122'3344));
    ASSERT_TRUE(tim2.write(at(0x4000'0025, 1, Op::write), 0xAA));
    EXPECT_EQ(*tim2.read(at(0x4000'0024, 4, Op::read)), 0x1122'AA44U);
    EXPECT_EQ(*tim2.read(at(0x4000'0026, 2, Op::read)), 0x1122U);
    EXPECT_EQ(*tim2.read(at(0x4000'0028, 4, Op::read)), 0U);
    tim2.reset(ResetKind::system);
    EXPECT_EQ(*tim2.read(at(0x4000'0024, 4, Op::read)), 0U);
}

TEST(Storage, EveryRegisterIsReportedOnce) {  // the gap is named
    Trace trace;
    std::vector<std::string> notices;
    trace.set_notice_sink([&](std::string_view line) { notices.emplace_back(line); });
    Storage sai("SAI1", 0x4001'5800, 0x400);
    sai.set_trace(&trace);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(sai.write(at(0x4001'5804, 4, Op::write), 1));
    ASSERT_TRUE(sai.write(at(0x4001'5805, 1, Op::write), 1));
    ASSERT_TRUE(sai.read(at(0x4001'5808, 4, Op::read)));
    ASSERT_EQ(notices.size(), 2U);
    EXPECT_NE(notices[0].find("write of SAI1.+0x004"), std::string::npos) << notices[0];
    EXPECT_NE(notices[1].find("read of SAI1.+0x008"), std::string::npos) << notices[1];
    EXPECT_EQ(trace.unmodelled_count(), 2U);
}

TEST(Storage, HabitsAnswerToWhoeverWaits) {  // system.md 6.12
    using Kind = Habit::Kind;
    static constexpr Habit kHabits[] = {
        {Kind::resets_to, 0x08, 0x2000'0000},
        {Kind::follows, 0x00, 1, 0x08, 1},
        {Kind::reads_zero, 0x08, 1U << 31},
        {Kind::reads_one, 0x04, 6},
        {Kind::sets, 0x10, 0x30, 0x0C, 1U << 13},
        {Kind::clears, 0x08, 1, 0x08, 2},
        {Kind::acknowledged, 0x10, 0xFFFF'FFFF, 0x14},
    };
    Storage block("ADC", 0x4002'2000, 0x400, kHabits);
    const auto read = [&](Address offset) { return *block.read(at(0x4002'2000 + offset, 4, Op::read)); };
    const auto write = [&](Address offset, std::uint32_t value) {
        ASSERT_TRUE(block.write(at(0x4002'2000 + offset, 4, Op::write), value));
    };
    EXPECT_EQ(read(0x08), 0x2000'0000U);
    EXPECT_EQ(read(0x00), 0U);
    EXPECT_EQ(read(0x04), 6U);
    write(0x08, 1U << 31 | 1);
    EXPECT_EQ(read(0x08), 1U);
    EXPECT_EQ(read(0x00), 1U);
    write(0x08, 3);
    EXPECT_EQ(read(0x08), 2U);
    EXPECT_EQ(read(0x00), 0U);
    write(0x0C, 1);
    EXPECT_EQ(read(0x10), 0U);
    write(0x0C, 1U << 13);
    EXPECT_EQ(read(0x10), 0x30U);
    write(0x14, 0x10);
    EXPECT_EQ(read(0x10), 0x20U);
    block.reset(ResetKind::system);
    EXPECT_EQ(read(0x08), 0x2000'0000U);
    EXPECT_EQ(read(0x10), 0U);
}

TEST(Storage, SavedStateComesBackAndLyingLengthsEnd) {
    Storage one("TIM2", 0x4000'0000, 0x400);
    ASSERT_TRUE(one.write(at(0x4000'0000, 4, Op::write), 7));
    StateWriter out;
    one.save(out);
    Storage two("TIM2", 0x4000'0000, 0x400);
    StateReader in(out.data());
    two.load(in);
    EXPECT_TRUE(in.finish());
    EXPECT_EQ(*two.read(at(0x4000'0000, 4, Op::read)), 7U);

    StateWriter liar;
    liar.section("TIM2");
    liar.u64(~0ULL);
    StateReader lies(liar.data());
    two.load(lies);
    EXPECT_FALSE(lies.finish());
}

}  // namespace
}  // namespace h7::storage

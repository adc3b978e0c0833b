// The library is examined before the first core: unicorn.md 7, unicorn-counting.md 5.
#include "emulator/cpu/unicorn/library.hpp"

#include <gtest/gtest.h>

#include "emulator/cpu/unicorn/engine.hpp"
#include "emulator/fabric/memory.hpp"

namespace h7::cpu {
namespace {

TEST(Library, IsTheOneThisProgramWasMadeFor) {
    const auto verdict = check_library();
    EXPECT_TRUE(verdict) << (verdict ? "" : verdict.error().message);
}

TEST(Library, ItsBlocksBeginAsTheFastCountingNeedsThem) {
    if (std::getenv("H7RSS_COUNTING") != nullptr) GTEST_SKIP() << "a way to count is forced";
    EXPECT_EQ(check_library().value_or(Counting::by_hook), Counting::in_code);
}

TEST(Library, WhatCannotBeCountedInCodeIsCountedByTheHook) {
    std::vector<Counting> examined;
    const auto examine = [&](Counting counting) -> Result<void> {
        examined.push_back(counting);
        return counting == Counting::by_hook ? Result<void>{}
                                             : different("the first operations of its blocks");
    };
    EXPECT_EQ(choose_counting("", examine).value_or(Counting::in_code), Counting::by_hook);
    EXPECT_EQ(examined, (std::vector{Counting::in_code, Counting::by_hook}));
    const auto forced = choose_counting("in-code", examine);
    ASSERT_FALSE(forced);
    EXPECT_NE(forced.error().message.find("the first operations of its blocks differs"), std::string::npos);
}

TEST(Library, WhatAgreesInNoWayIsRefusedWithTheFirstDifference) {
    const auto refused = choose_counting("", [](Counting counting) -> Result<void> {
        return different(counting == Counting::in_code ? "the pc at a fault" : "something else");
    });
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("the pc at a fault"), std::string::npos);
}

TEST(Library, AnUnknownWayToCountIsRefusedInOneLine) {
    const auto refused = choose_counting("fast", [](Counting) { return Result<void>{}; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "H7RSS_COUNTING=fast is no way to count instructions; there are in-code and by-hook");
}

TEST(Library, AnotherVersionIsRefusedInOneLine) {
    const auto verdict = check_version(0x0201'04FF);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, ExitCode::misuse);
    EXPECT_NE(verdict.error().message.find("2.1.4"), std::string::npos);
    EXPECT_EQ(verdict.error().message.find('\n'), std::string::npos);
    EXPECT_TRUE(check_version(0x0200'01FF));
}

TEST(Library, TheRightVersionOfAnotherBuildIsRefusedInOneLine) {
    const Error error = different("the layout of its structures");
    EXPECT_EQ(error.code, ExitCode::misuse);
    EXPECT_EQ(error.message,
              "the Unicorn library is 2.0.1 but not the build this program was made for (the layout of its "
              "structures differs); link the libunicorn.a of Debian's libunicorn-dev 2.0.1.post1");
}

}  // namespace
}  // namespace h7::cpu

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

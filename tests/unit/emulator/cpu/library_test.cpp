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

}  // namespace
}  // namespace h7::cpu

#include "emulator/loader/write_hex.hpp"

#include <gtest/gtest.h>

#include "emulator/loader/loader.hpp"

namespace h7::loader {
namespace {

TEST(WriteHex, IsReadBack) {
    std::vector<Segment> segments = {{0x0000'0010, Bytes(3, 7), ""},
                                     {0x0800'FFF5, Bytes(40, 1), ""},
                                     {0x081F'0000, Bytes(17, 0xFF), ""},
                                     {0xFFFF'FFFF, Bytes(1, 9), ""}};
    const std::string text = intel_hex(segments);
    const auto program =
        parse_intel_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "a.hex");
    ASSERT_TRUE(program) << program.error().message;
    ASSERT_EQ(program->segments.size(), segments.size());
    for (std::size_t i = 0; i < segments.size(); ++i) {
        EXPECT_EQ(program->segments[i].address, segments[i].address);
        EXPECT_EQ(program->segments[i].bytes, segments[i].bytes);
    }
}

TEST(WriteHex, IsTheFormatByTheByte) {
    EXPECT_EQ(intel_hex(std::vector<Segment>{{0x0800'0000, {0xDE, 0xAD}, ""}}),
              ":020000040800F2\n:02000000DEAD73\n:00000001FF\n");
    EXPECT_EQ(intel_hex({}), ":00000001FF\n");
}

}  // namespace
}  // namespace h7::loader

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/loader/loader.hpp"

namespace h7::loader {
namespace {

using testing::HasSubstr;

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex_refusal(std::string_view text) {
    const auto program = parse_intel_hex(bytes_of(text), "app.hex");
    return program ? "accepted" : program.error().message;
}
std::string srecord_refusal(std::string_view text) {
    const auto program = parse_srecord(bytes_of(text), "app.s19");
    return program ? "accepted" : program.error().message;
}

constexpr std::string_view kEnd = ":00000001FF\n";

TEST(IntelHex, ReadsLinearAddressesAndTheEntry) {
    const auto whole = parse_intel_hex(bytes_of(":020000040800F2\r\n"
                                                ":040000000011223396\r\n"
                                                "\r\n"
                                                ":02000400445561\r\n"
                                                ":0400000508000101ED\r\n"
                                                ":00000001ff\r\n"),
                                       "app.hex");
    ASSERT_TRUE(whole) << whole.error().message;
    ASSERT_EQ(whole->segments.size(), 1U);
    EXPECT_EQ(whole->segments[0].address, 0x0800'0000U);
    EXPECT_EQ(whole->segments[0].bytes, (Bytes{0x00, 0x11, 0x22, 0x33, 0x44, 0x55}));
    EXPECT_EQ(whole->entry, 0x0800'0101U);
}

TEST(IntelHex, ReadsSegmentAddresses) {
    const auto program = parse_intel_hex(bytes_of(":020000021000EC\n"
                                                  ":0100000001FE\n"
                                                  ":0400000300003800C1\n"
                                                  ":00000001FF\n"),
                                         "app.hex");
    ASSERT_TRUE(program) << program.error().message;
    EXPECT_EQ(program->segments[0].address, 0x1'0000U);
    EXPECT_EQ(program->entry, 0x3800U);
}

TEST(IntelHex, RefusalsNameTheLine) {
    const std::string end(kEnd);
    EXPECT_THAT(hex_refusal(":020000040800F2\n:04000000001122 396\n" + end),
                HasSubstr("app.hex:2: ' 3' is not a hex byte"));
    EXPECT_THAT(hex_refusal(":020000040800F2\n:040000000011223397\n" + end),
                HasSubstr("app.hex:2: checksum 0x97 does not fit, the record adds up to 0x96"));
    EXPECT_THAT(hex_refusal(":0500000000112233" + std::string("95\n") + end),
                HasSubstr("app.hex:1: the record states 5 data bytes and has 4"));
    EXPECT_THAT(hex_refusal(":00000006FA\n" + end), HasSubstr("app.hex:1: record type 06 is unknown"));
    EXPECT_THAT(hex_refusal(":0100000408F3\n" + end),
                HasSubstr("app.hex:1: record type 04 has 2 data bytes, not 1"));
    EXPECT_THAT(hex_refusal(":0000\n" + end), HasSubstr("app.hex:1: truncated"));
    EXPECT_THAT(hex_refusal(":040000000011223396\n"), HasSubstr("app.hex: truncated: no end-of-file record"));
    EXPECT_THAT(hex_refusal(end + ":040000000011223396\n"), HasSubstr("app.hex:2: a record behind"));
    EXPECT_THAT(hex_refusal(end), HasSubstr("nothing to load"));
    EXPECT_THAT(hex_refusal("hello\n"), HasSubstr("app.hex:1: 'h' where a record begins with ':'"));
    EXPECT_THAT(hex_refusal(":02FFFF000102FD\n" + end),
                HasSubstr("app.hex:1: the record crosses a 64-Kbyte boundary"));
    EXPECT_THAT(hex_refusal(":040000000011223396\n:0100100000EF\n:01000300AA52\n" + end),
                HasSubstr("app.hex: line 1 and line 3 both write 0x00000003"));
}

TEST(SRecord, ReadsAllAddressWidths) {
    const auto whole = parse_srecord(bytes_of("S00600004844521B\n"
                                              "S10500001122C7\n"
                                              "S206010000AABB93\n"
                                              "S3060800000001F0\n"
                                              "S5030003F9\n"
                                              "S70508000101F0\n"),
                                     "app.s19");
    ASSERT_TRUE(whole) << whole.error().message;
    ASSERT_EQ(whole->segments.size(), 3U);
    EXPECT_EQ(whole->segments[0].bytes, (Bytes{0x11, 0x22}));
    EXPECT_EQ(whole->segments[1].address, 0x1'0000U);
    EXPECT_EQ(whole->segments[2].address, 0x0800'0000U);
    EXPECT_EQ(whole->entry, 0x0800'0101U);
}

TEST(SRecord, RefusalsNameTheLine) {
    EXPECT_THAT(srecord_refusal("S10500001122C8\nS9030000FC\n"), HasSubstr("app.s19:1: checksum 0xC8"));
    EXPECT_THAT(srecord_refusal("S10600001122C7\nS9030000FC\n"),
                HasSubstr("app.s19:1: the record states 6 bytes and has 5"));
    EXPECT_THAT(srecord_refusal("S10500001122C7\n"), HasSubstr("truncated: no termination record"));
    EXPECT_THAT(srecord_refusal("S10500001122C7\nS5030002FA\nS9030000FC\n"),
                HasSubstr("app.s19:2: the count record states 2"));
    EXPECT_THAT(srecord_refusal("S4030000FC\n"), HasSubstr("S4 is not defined"));
    EXPECT_THAT(srecord_refusal("S1\n"), HasSubstr("app.s19:1: truncated"));
    EXPECT_THAT(srecord_refusal("S9030000FC\nS9030000FC\n"), HasSubstr("app.s19:2: a record behind"));
    EXPECT_THAT(srecord_refusal("S9030000FC\n"), HasSubstr("nothing to load"));
}

}  // namespace
}  // namespace h7::loader

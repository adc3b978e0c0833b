// The packet layer of GDB's remote protocol: packets as gdb sends them.
#include "emulator/debug/packet.hpp"

#include <gtest/gtest.h>

namespace h7::debug {
namespace {

using Kind = Arrived::Kind;

std::vector<Arrived> read(std::string_view bytes) {
    PacketReader reader;
    reader.feed(bytes);
    std::vector<Arrived> all;
    while (auto item = reader.next()) all.push_back(std::move(*item));
    return all;
}

TEST(Packet, IsFramedWithItsChecksum) {
    EXPECT_EQ(frame("OK"), "$OK#9a");
    EXPECT_EQ(frame(""), "$#00");
    EXPECT_EQ(frame("a$#}*"),
              "$a}\x04}\x03}]}\x0a#"
              "c3");
}

TEST(Packet, KnownPacketsAreRead) {
    const auto all = read("+$qSupported:swbreak+#8b$g#67-");
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0].kind, Kind::ack);
    EXPECT_EQ(all[1].kind, Kind::packet);
    EXPECT_EQ(all[1].payload, "qSupported:swbreak+");
    EXPECT_EQ(all[2].payload, "g");
    EXPECT_EQ(all[3].kind, Kind::nack);
}

TEST(Packet, EscapesAreUndone) {
    const std::string payload("X0,4:$#}*", 9);
    const auto all = read(frame(payload));
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].payload, payload);
}

TEST(Packet, RunsAreExpanded) {
    EXPECT_EQ(read("$0* #7a").at(0).payload, "0000");
    EXPECT_EQ(read("$*!#4b").at(0).kind, Kind::damaged) << "nothing to repeat";
    EXPECT_EQ(read("$0*#5a").at(0).kind, Kind::damaged) << "how often is missing";
    EXPECT_EQ(read("$0*\x1f#79").at(0).kind, Kind::damaged) << "two are no run";
}

TEST(Packet, AWrongChecksumIsDamage) {
    EXPECT_EQ(read("$OK#9b").at(0).kind, Kind::damaged);
    EXPECT_EQ(read("$OK#zz").at(0).kind, Kind::damaged);
}

TEST(Packet, ArrivesInAnyPieces) {
    const std::string text = "\x03" + frame("m8000000,4") + "+";
    PacketReader reader;
    std::vector<Kind> kinds;
    for (const char c : text) {
        reader.feed({&c, 1});
        while (auto item = reader.next()) kinds.push_back(item->kind);
    }
    EXPECT_EQ(kinds, (std::vector{Kind::interrupt, Kind::packet, Kind::ack}));
}

TEST(Packet, OneThatIsTooLongIsDropped) {
    PacketReader reader;
    reader.feed("$" + std::string(kPacketSize + 100, 'x'));
    auto item = reader.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->kind, Kind::damaged);
    reader.feed(frame("?"));
    item = reader.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->payload, "?");
}

TEST(Packet, NumbersHaveAtMostEightDigits) {
    HexReader in("0800abcd,4:00ff");
    EXPECT_EQ(in.number(), 0x0800'ABCDu);
    EXPECT_TRUE(in.take(','));
    EXPECT_EQ(in.number(), 4u);
    EXPECT_TRUE(in.take(':'));
    EXPECT_EQ(in.bytes(), (Bytes{0, 0xFF}));
    EXPECT_EQ(HexReader("123456789").number(), std::nullopt);
    EXPECT_EQ(HexReader("").number(), std::nullopt);
    EXPECT_EQ(HexReader("abc").bytes(), std::nullopt);
}

}  // namespace
}  // namespace h7::debug

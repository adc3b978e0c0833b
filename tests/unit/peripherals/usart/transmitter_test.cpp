#include "tests/unit/peripherals/usart/usart_bench.hpp"

namespace h7::usart::test {
namespace {

constexpr Time kBit = 556 * kSecond / 64'000'000;  // 8.6875 us
constexpr Time kFrame = 10 * kBit;

TEST(Transmitter, ResetValue) {  // system.md 6.2
    Port port;
    EXPECT_EQ(port.read(kIsr), 0x0000'00C0U);
    port.write(kCr1, kFifoen);
    EXPECT_EQ(port.read(kIsr), 0x0080'00C0U);
}

TEST(Transmitter, HalInitSeesItsAcknowledges) {  // system.md 6.2
    Port port;
    port.write(kBrr, 0x22C);
    port.write(kCr1, kTe | kRe);
    EXPECT_FALSE(port.flag(kTeack | kReack));  // UE = 0
    port.write(kCr1, kTe | kRe | kUe);
    EXPECT_EQ(port.read(kIsr) & (kTeack | kReack), kTeack | kReack);
    port.write(kCr1, kTe | kUe);
    EXPECT_EQ(port.read(kIsr) & (kTeack | kReack), kTeack);
}

TEST(Transmitter, ACharacterTakesItsTimeOnTheLine) {  // system.md 6.2
    Port port;
    port.open(kTe);
    port.write(kTdr, 'a');
    EXPECT_EQ(port.read(kIsr) & (kTxe | kTc), kTxe);  // it is in the shift register
    port.write(kTdr, 'b');
    EXPECT_FALSE(port.flag(kTxe | kTc));
    port.pass(kFrame - 1);
    EXPECT_EQ(port.sent, "");
    port.pass(1);
    EXPECT_EQ(port.sent, "a");
    EXPECT_EQ(port.read(kIsr) & (kTxe | kTc), kTxe);
    port.pass(kFrame);
    EXPECT_EQ(port.sent, "ab");
    EXPECT_EQ(port.read(kIsr) & (kTxe | kTc), kTxe | kTc);
}

TEST(Transmitter, TheFirstCharacterFollowsAnIdleFrame) {  // RM0399 51.5.5, idle characters
    Port port;
    port.write(kBrr, 556);
    port.write(kCr1, kUe | kTe);
    port.write(kTdr, 'a');
    EXPECT_FALSE(port.flag(kTxe));
    port.pass(kFrame);
    EXPECT_TRUE(port.flag(kTxe));
    port.pass(kFrame);
    EXPECT_EQ(port.sent, "a");
}

struct Rate {
    std::uint32_t cr1, cr2, brr, presc;
    Time frame;
    Kind kind = Kind::full;
};
class FrameTime : public testing::TestWithParam<Rate> {};
TEST_P(FrameTime, FollowsFormatAndBaudRate) {  // system.md 6.2; RM0399 51.5.7, 52.4.7
    const Rate& rate = GetParam();
    Port port(rate.kind);
    port.write(kPresc, rate.presc);
    port.write(kCr1, rate.cr1);
    port.write(kCr2, rate.cr2);
    port.write(kBrr, rate.brr);
    EXPECT_EQ(port.usart.frame_time(), rate.frame);
}
constexpr Time cycles(std::uint64_t n) { return n * (kSecond / 64'000'000); }
INSTANTIATE_TEST_SUITE_P(
    All, FrameTime,
    testing::Values(Rate{0, 0, 0x341, 0, cycles(10 * 0x341)},                        // 8N1
                    Rate{kM0 | kPce, 0, 0x341, 0, cycles(11 * 0x341)},               // 8E1
                    Rate{kM1, 0, 0x341, 0, cycles(9 * 0x341)},                       // 7N1
                    Rate{0, 2U << 12, 0x341, 0, cycles(11 * 0x341)},                 // 8N2
                    Rate{0, 3U << 12, 0x340, 0, cycles(21 * 0x1A0)},                 // 1.5 stop bits
                    Rate{kOver8, 0, 0x681, 0, cycles(10 * 0x682 / 2)},               // USARTDIV 0x682
                    Rate{0, 0, 0x341, 2, cycles(10 * 4 * 0x341)},                    // PRESC 4
                    Rate{0, 0, 0x341, 15, cycles(10 * 256 * 0x341)},                 // reserved: 256
                    Rate{0, 0, 0x2'2C00, 0, cycles(10 * 556), Kind::low_power},      // BRR times 256
                    Rate{kOver8, 0, 0x2'2C00, 0, cycles(10 * 556), Kind::low_power}  // has no OVER8
                    ));

TEST(Transmitter, WithoutClockOrRateItWaits) {  // system.md 6.2
    Port port;
    port.write(kCr1, kUe | kTe);
    port.write(kTdr, 'a');
    port.pass(kSecond);
    EXPECT_EQ(port.sent, "");
    port.open(kTe);
    port.write(kTdr, 'b');
    port.usart.set_kernel_clock(0);
    port.pass(kSecond);
    EXPECT_EQ(port.sent, "");
    EXPECT_FALSE(port.flag(kTc));
    port.usart.set_kernel_clock(64'000'000);
    port.pass_frames(1);
    EXPECT_EQ(port.sent, "b");
}

TEST(Transmitter, CharacterWaitsForTheTransmitter) {  // system.md 6.2
    Port port;
    port.write(kBrr, 556);
    port.write(kTdr, 'x');
    EXPECT_FALSE(port.flag(kTxe | kTc));
    port.write(kCr1, kUe | kTe);
    port.pass(2 * kFrame);
    EXPECT_EQ(port.sent, "x");
}

TEST(Transmitter, InterruptsFollowTheirEnables) {  // system.md 6.2
    Port port;
    port.open(kTe);
    EXPECT_FALSE(port.usart.irq.level());
    port.write(kCr1, kUe | kTe | kTxeie);
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kCr1, kUe | kTe | kTcie);
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kTc);
    EXPECT_FALSE(port.usart.irq.level());
    port.write(kTdr, 'a');
    EXPECT_FALSE(port.usart.irq.level());
    port.pass(kFrame);
    EXPECT_TRUE(port.usart.irq.level());
}

TEST(Transmitter, FifoAndItsThreshold) {  // RM0399 51.5.4
    Port port;
    port.open(kTe | kFifoen, 0, 3U << 29);  // TXFT at twelve free places
    EXPECT_TRUE(port.flag(kTxfe));
    for (int i = 0; i < 17; ++i) {
        EXPECT_TRUE(port.flag(kTxe)) << i;
        port.write(kTdr, static_cast<std::uint32_t>('a' + i));
    }
    EXPECT_FALSE(port.flag(kTxe | kTxfe | kTxft));  // one in the shift register, sixteen behind it
    port.write(kTdr, '!');                          // lost
    port.pass_frames(11);
    EXPECT_FALSE(port.flag(kTxft | kTc)) << port.sent;
    port.pass_frames(1);  // twelve have left, the thirteenth is in the shift register
    EXPECT_TRUE(port.flag(kTxft));
    EXPECT_FALSE(port.flag(kTxfe));
    port.pass_frames(4);
    EXPECT_TRUE(port.flag(kTxfe));
    EXPECT_FALSE(port.flag(kTc));
    port.pass_frames(1);
    EXPECT_TRUE(port.flag(kTc));
    EXPECT_EQ(port.sent, "abcdefghijklmnopq");
    EXPECT_TRUE(port.flag(kTxfe));
    port.write(kIcr, 1U << 5);  // TXFECF
    EXPECT_FALSE(port.flag(kTxfe));
}

TEST(Transmitter, FlushEmptiesTheFifo) {  // RM0399 51.8.8, TXFRQ
    Port port;
    port.open(kTe | kFifoen);
    for (const char c : {'a', 'b', 'c'}) port.write(kTdr, static_cast<std::uint32_t>(c));
    port.write(kRqr, 1U << 4);
    EXPECT_TRUE(port.flag(kTxfe));
    port.pass_frames(3);
    EXPECT_EQ(port.sent, "a");
    EXPECT_TRUE(port.flag(kTc));
}

TEST(Transmitter, OnlyTheDataBitsLeave) {  // RM0399 51.5.12
    Port port;
    port.open(kTe | kPce);  // seven bits and a parity bit
    port.write(kTdr, 'a' | 0x80);
    port.pass_frames(1);
    EXPECT_EQ(port.sent, "a");
}

TEST(Transmitter, ABreakComesBeforeWhatWaits) {  // RM0399 51.5.5, break characters
    Port port;
    port.open(kTe | kFifoen);
    port.write(kTdr, 'a');
    port.write(kTdr, 'b');
    port.write(kRqr, 2);  // SBKRQ
    EXPECT_TRUE(port.flag(kSbkf));
    port.pass(kFrame + 12 * kBit - 1);
    EXPECT_TRUE(port.flag(kSbkf));
    EXPECT_EQ(port.sent, "a");
    port.pass(1);
    EXPECT_FALSE(port.flag(kSbkf));
    port.pass(kFrame);
    EXPECT_EQ(port.sent, "ab");
}

TEST(Transmitter, ATePulseSendsAnIdleFrameAfterTheCharacter) {  // RM0399 51.8.1, TE
    Port port;
    port.open(kTe);
    port.write(kTdr, 'a');
    port.write(kCr1, kUe);
    port.write(kCr1, kUe | kTe);
    port.write(kTdr, 'b');
    port.pass(2 * kFrame);
    EXPECT_EQ(port.sent, "a");
    port.pass(kFrame);
    EXPECT_EQ(port.sent, "ab");
}

TEST(Transmitter, DisablingDropsWhatWaits) {  // RM0399 51.8.1, UE
    Port port;
    port.open(kTe);
    port.write(kTdr, 'a');
    port.write(kTdr, 'b');
    port.write(kCr1, 0);
    EXPECT_EQ(port.read(kIsr), 0xC0U);
    port.open(kTe);
    port.pass(kSecond);
    EXPECT_EQ(port.sent, "");
    EXPECT_EQ(port.clock.next_deadline(), kNever);
}

TEST(Transmitter, InstantLeavesBeforeTheNextInstruction) {  // 0041
    Port port(Kind::full, Pace::instant);
    port.write(kCr1, kUe | kTe);  // no baud rate either
    for (const char c : std::string("M4\n")) {
        ASSERT_TRUE(port.flag(kTxe));
        port.write(kTdr, static_cast<std::uint32_t>(c));
        EXPECT_TRUE(port.flag(kTc));
    }
    EXPECT_EQ(port.sent, "M4\n");
    EXPECT_EQ(port.clock.next_deadline(), kNever);
}

TEST(Transmitter, WhatWasHandedOverLeavesWhenTheCoresStand) {
    Port port;
    port.open(kTe | kFifoen);
    for (const char c : {'a', 'b', 'c'}) port.write(kTdr, static_cast<std::uint32_t>(c));
    port.usart.finish_sending();
    EXPECT_EQ(port.sent, "abc");
    EXPECT_TRUE(port.flag(kTc));
    port.pass(kSecond);
    EXPECT_EQ(port.sent, "abc");
}

TEST(Transmitter, DmaRequestFollowsTheFreePlace) {  // system.md 6.2; RM0399 51.5.19
    Port port;
    port.open(kTe, 0, kDmat);
    EXPECT_TRUE(port.usart.dma_transmit.level());
    port.write(kTdr, 'a');
    EXPECT_TRUE(port.usart.dma_transmit.level());
    port.write(kTdr, 'b');
    EXPECT_FALSE(port.usart.dma_transmit.level());
    port.pass(kFrame);
    EXPECT_TRUE(port.usart.dma_transmit.level());
    port.write(kCr1, 0);
    EXPECT_FALSE(port.usart.dma_transmit.level());
}

TEST(Transmitter, SavedCharactersStillLeave) {
    Port port;
    port.open(kTe | kFifoen);
    port.write(kTdr, 'a');
    port.write(kTdr, 'b');
    StateWriter out;
    port.usart.save(out);
    port.usart.reset(ResetKind::power_on);
    EXPECT_EQ(port.clock.next_deadline(), kNever);
    StateReader in(out.data());
    port.usart.load(in);
    EXPECT_TRUE(in.finish());
    port.pass(kMillisecond);
    EXPECT_EQ(port.sent, "ab");
    EXPECT_TRUE(port.flag(kTxfe));
}

}  // namespace
}  // namespace h7::usart::test

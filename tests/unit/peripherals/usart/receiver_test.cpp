#include "tests/unit/peripherals/usart/usart_bench.hpp"

namespace h7::usart::test {
namespace {

TEST(Receiver, ReadTakesTheCharacter) {  // system.md 6.2
    Port port;
    EXPECT_FALSE(port.usart.receive('a'));  // off
    port.open(kRe | kRxneie);
    EXPECT_TRUE(port.usart.can_receive());
    EXPECT_TRUE(port.usart.receive('a'));
    EXPECT_FALSE(port.usart.can_receive());
    EXPECT_TRUE(port.usart.irq.level());
    EXPECT_TRUE(port.flag(kRxne));
    EXPECT_EQ(port.read(kRdr), 'a');
    EXPECT_FALSE(port.flag(kRxne));
    EXPECT_FALSE(port.usart.irq.level());
    EXPECT_EQ(port.read(kRdr), 'a');  // nothing new
}

TEST(Receiver, WithoutClockNothingArrives) {
    Port port;
    port.open(kRe);
    port.usart.set_kernel_clock(0);
    EXPECT_FALSE(port.usart.receives());
    EXPECT_FALSE(port.usart.receive('a'));
}

TEST(Receiver, OverrunKeepsTheOldCharacter) {  // system.md 6.2
    Port port;
    port.open(kRe | kRxneie);
    port.usart.receive('a');
    EXPECT_FALSE(port.usart.receive('b'));
    EXPECT_TRUE(port.flag(kOre));
    EXPECT_EQ(port.read(kRdr), 'a');
    EXPECT_TRUE(port.usart.irq.level());  // ORE alone asks too
    port.write(kIcr, kOre);
    EXPECT_FALSE(port.usart.irq.level());
}

TEST(Receiver, OverrunCanBeDisabled) {  // system.md 6.2
    Port port;
    port.open(kRe | kFifoen, 0, kOvrdis);  // goes around the FIFO
    port.usart.receive('a');
    EXPECT_TRUE(port.usart.receive('b'));
    EXPECT_FALSE(port.flag(kOre));
    EXPECT_EQ(port.read(kRdr), 'b');
    EXPECT_FALSE(port.flag(kRxne));
}

TEST(Receiver, SixteenInTheFifoAndOneInRdr) {  // RM0399 51.8.9, RXFF, RXFT
    Port port;
    port.open(kFifoen | kRe, 0, 2U << 25 | kRxftie);  // RXFT at eight
    for (int i = 0; i < 7; ++i) EXPECT_TRUE(port.usart.receive(static_cast<std::uint8_t>('a' + i)));
    EXPECT_FALSE(port.usart.irq.level());
    EXPECT_TRUE(port.usart.receive('h'));
    EXPECT_TRUE(port.usart.irq.level());
    EXPECT_TRUE(port.flag(kRxft));
    for (int i = 8; i < 16; ++i) EXPECT_TRUE(port.usart.receive(static_cast<std::uint8_t>('a' + i)));
    EXPECT_FALSE(port.flag(kRxff));
    EXPECT_TRUE(port.usart.receive('q'));
    EXPECT_TRUE(port.flag(kRxff));
    EXPECT_FALSE(port.flag(kOre));
    EXPECT_FALSE(port.usart.receive('!'));
    EXPECT_TRUE(port.flag(kOre));
    for (int i = 0; i < 17; ++i) EXPECT_EQ(port.read(kRdr), static_cast<std::uint32_t>('a' + i));
    EXPECT_FALSE(port.flag(kRxne | kRxff | kRxft));
}

struct Level {
    std::uint32_t field;
    int characters;
};
class Threshold : public testing::TestWithParam<Level> {};
TEST_P(Threshold, OfTheReceiver) {  // RM0399 51.8.4, RXFTCFG
    Port port;
    port.open(kFifoen | kRe, 0, GetParam().field << 25);
    for (int i = 1; i <= GetParam().characters; ++i) {
        EXPECT_FALSE(port.flag(kRxft)) << i;
        port.usart.receive('x');
    }
    EXPECT_TRUE(port.flag(kRxft));
}
INSTANTIATE_TEST_SUITE_P(All, Threshold,
                         testing::Values(Level{0, 2}, Level{1, 4}, Level{2, 8}, Level{3, 12}, Level{4, 14},
                                         Level{5, 16}));

TEST(Receiver, IdleComesOnceAFrameAfterCharacters) {  // system.md 6.2
    Port port;
    port.open(kRe | kIdleie);
    port.pass_frames(3);
    EXPECT_FALSE(port.flag(kIdle));
    port.usart.receive('a');
    port.pass(port.usart.frame_time() - 1);
    EXPECT_FALSE(port.flag(kIdle));
    port.pass(1);
    EXPECT_TRUE(port.flag(kIdle));
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kIdle);
    port.pass_frames(3);
    EXPECT_FALSE(port.flag(kIdle));
}

TEST(Receiver, ACharacterUnderWayIsNoIdleLine) {  // RM0399 51.5.6; 51.8.9, BUSY
    Port port;
    port.open(kRe, kRtoen);
    port.write(kRtor, 15);
    port.usart.receive('a');
    port.pass(port.usart.frame_time() / 2);
    port.usart.start_bit();
    EXPECT_TRUE(port.flag(kBusy));
    port.pass_frames(1);
    EXPECT_FALSE(port.flag(kIdle | kRtof));
    port.usart.receive('b');
    EXPECT_FALSE(port.flag(kBusy));
}

TEST(Receiver, TimeoutAfterTheLastCharacter) {  // RM0399 51.8.7
    Port port;
    port.open(kRe | kRtoie, kRtoen);
    port.write(kRtor, 30);
    port.pass(kSecond);
    EXPECT_FALSE(port.flag(kRtof));  // no character yet
    port.usart.receive('a');
    port.pass_frames(2);
    EXPECT_FALSE(port.usart.irq.level());
    port.pass_frames(1);
    EXPECT_TRUE(port.flag(kRtof));
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kRtof);
    EXPECT_FALSE(port.usart.irq.level());
    port.pass(kSecond);
    EXPECT_FALSE(port.flag(kRtof));  // once for each silence
    port.usart.receive('b');
    port.pass_frames(1);
    port.write(kRtor, 5);  // shorter than what has passed
    EXPECT_TRUE(port.flag(kRtof));
}

TEST(Receiver, CharacterMatchIsFlagged) {  // system.md 6.2
    Port port;
    port.open(kRe | kCmie, 0x0A00'0000);
    port.usart.receive('a');
    EXPECT_FALSE(port.usart.irq.level());
    (void)port.read(kRdr);
    port.usart.receive('\n');
    EXPECT_TRUE(port.flag(kCmf));
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kCmf);
    EXPECT_FALSE(port.usart.irq.level());
}

TEST(Receiver, FlagsOfACharacterComeWithIt) {  // RM0399 51.8.9: PE, FE, NE belong to the character in RDR
    Port port;
    port.open(kRe | kFifoen | kM0 | kPce | kPeie, 0x0A00'0000);
    port.usart.receive('a');
    port.usart.receive(Character{.data = 'b', .parity_error = true});
    port.usart.receive(Character{.data = 'c', .framing_error = true, .noise = true});
    port.usart.receive('\n');
    EXPECT_FALSE(port.flag(kPe | kFe | kNe | kCmf));
    (void)port.read(kRdr);
    EXPECT_TRUE(port.flag(kPe));
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kPe);
    EXPECT_EQ(port.read(kRdr), 'b' | 0U << 8);  // three ones: the parity bit should be 1
    EXPECT_EQ(port.read(kIsr) & (kPe | kFe | kNe), kFe | kNe);
    (void)port.read(kRdr);
    EXPECT_TRUE(port.flag(kCmf));
}

struct Format {
    std::uint32_t cr1;
    std::uint16_t data;
    std::uint32_t rdr;
};
class Parity : public testing::TestWithParam<Format> {};
TEST_P(Parity, StandsAboveTheDataInRdr) {  // RM0399 51.5.12, table 423
    Port port;
    port.open(GetParam().cr1 | kRe);
    port.usart.receive(Character{.data = GetParam().data});
    EXPECT_FALSE(port.flag(kPe));
    EXPECT_EQ(port.read(kRdr), GetParam().rdr);
}
INSTANTIATE_TEST_SUITE_P(All, Parity,
                         testing::Values(Format{0, 0x1FF, 0xFF},                // 8N1
                                         Format{kM0, 0x1FF, 0x1FF},             // 9N1
                                         Format{kM1, 0xFF, 0x7F},               // 7N1
                                         Format{kPce, 0x61, 0xE1},              // 7E1
                                         Format{kPce | kPs, 0x61, 0x61},        // 7O1
                                         Format{kM0 | kPce, 0x79, 0x179},       // 8E1
                                         Format{kM0 | kPce | kPs, 0x79, 0x79},  // 8O1
                                         Format{kM1 | kPce, 0x7F, 0x3F}));      // 6E1

TEST(Receiver, ErrorsInterruptWithEie) {  // RM0399 table 425
    Port port;
    port.open(kRe, 0, kEie);
    port.usart.receive(Character{.data = 0, .framing_error = true});  // a break
    EXPECT_TRUE(port.usart.irq.level());
    port.write(kIcr, kFe);
    EXPECT_FALSE(port.usart.irq.level());
    port.usart.receive('b');
    EXPECT_TRUE(port.flag(kOre));
    EXPECT_TRUE(port.usart.irq.level());
}

TEST(Receiver, FlushingDropsWhatWaits) {  // system.md 6.2
    Port port;
    port.open(kRe);
    port.usart.receive('a');
    port.write(kRqr, 1U << 3);
    EXPECT_FALSE(port.flag(kRxne));
    port.usart.receive('b');
    port.usart.receive('c');
    port.write(kCr1, 0);
    EXPECT_EQ(port.read(kIsr), 0xC0U);
}

TEST(Receiver, DmaRequestFollowsTheCharacter) {  // RM0399 51.5.19; 51.8.4, DDRE
    Port port;
    port.open(kRe, 0, kDmar | kDdre);
    EXPECT_FALSE(port.usart.dma_receive.level());
    port.usart.receive('a');
    EXPECT_TRUE(port.usart.dma_receive.level());
    (void)port.read(kRdr);
    EXPECT_FALSE(port.usart.dma_receive.level());
    port.usart.receive(Character{.data = 'b', .framing_error = true});
    EXPECT_FALSE(port.usart.dma_receive.level());  // masked until the flag is cleared
    port.write(kIcr, kFe);
    EXPECT_TRUE(port.usart.dma_receive.level());
}

TEST(Receiver, HalfDuplexHearsItself) {  // RM0399 51.8.4, HDSEL
    Port port;
    port.open(kRe | kTe, 0, kHdsel);
    port.write(kTdr, 'a');
    port.pass_frames(1);
    EXPECT_EQ(port.read(kRdr), 'a');
}

TEST(Receiver, RtsHoldsTheFarEnd) {  // RM0399 51.5.20
    Port port;
    int asked = 0;
    port.usart.listening = [&] { ++asked; };
    port.open(kRe, 0, kRtse);
    EXPECT_TRUE(port.usart.requests_to_send());
    port.usart.receive('a');
    EXPECT_FALSE(port.usart.requests_to_send());
    asked = 0;
    (void)port.read(kRdr);
    EXPECT_TRUE(port.usart.requests_to_send());
    EXPECT_EQ(asked, 1);
}

TEST(Mute, UntilTheLineIsIdle) {  // RM0399 51.5.10
    Port port;
    port.open(kRe | kMme | kRxneie);
    port.write(kRqr, 1U << 2);  // MMRQ: the line is idle already
    EXPECT_FALSE(port.flag(kRwu));
    port.usart.receive('a');
    (void)port.read(kRdr);
    port.write(kRqr, 1U << 2);
    EXPECT_TRUE(port.flag(kRwu));
    EXPECT_FALSE(port.usart.receive('b'));
    EXPECT_FALSE(port.flag(kRxne));
    port.pass_frames(1);
    EXPECT_FALSE(port.flag(kRwu | kIdle));
    EXPECT_TRUE(port.usart.receive('c'));
}

TEST(Mute, UntilTheAddressComes) {  // RM0399 51.5.10
    Port port;
    port.open(kRe | kMme | kWake, 0x0500'0000);
    EXPECT_FALSE(port.usart.receive(0x83));  // somebody else is meant
    EXPECT_TRUE(port.flag(kRwu));
    EXPECT_FALSE(port.usart.receive(0x05));  // data
    EXPECT_TRUE(port.usart.receive(0x85));
    EXPECT_FALSE(port.flag(kRwu));
    EXPECT_EQ(port.read(kRdr), 0x85U);
    EXPECT_TRUE(port.usart.receive(0x05));
}

TEST(WakeUp, ByCharacterStartBitOrAddress) {  // RM0399 51.5.21
    Port port;
    port.open(kRe | kUesm, 0x8500'0000, kWufie | 3U << 20);
    EXPECT_FALSE(port.usart.wakeup.level());
    port.usart.receive('a');
    EXPECT_TRUE(port.flag(kWuf));
    EXPECT_TRUE(port.usart.wakeup.level());
    EXPECT_FALSE(port.usart.irq.level());
    port.write(kIcr, kWuf);
    EXPECT_FALSE(port.usart.wakeup.level());

    port.open(kRe | kUesm, 0x8500'0000, kWufie | 3U << 20);  // WUS is locked while UE = 1
    port.write(kCr1, 0);
    port.open(kRe | kUesm, 0x8500'0000, kWufie | 2U << 20);
    port.usart.start_bit();
    EXPECT_TRUE(port.usart.wakeup.level());

    port.write(kCr1, 0);
    port.open(kRe | kUesm, 0x8500'0010, kWufie);
    port.usart.receive(0x84);
    EXPECT_FALSE(port.usart.wakeup.level());
    port.usart.receive(0x85);
    EXPECT_TRUE(port.usart.wakeup.level());
    port.write(kCr1, kUe | kRe);  // without UESM nothing wakes
    EXPECT_FALSE(port.usart.wakeup.level());
    EXPECT_FALSE(port.flag(kWuf));
}

TEST(WakeUp, TheUsualRequestsToo) {  // RM0399 table 425
    Port port;
    port.open(kRe | kUesm | kRxneie);
    port.usart.receive('a');
    EXPECT_TRUE(port.usart.wakeup.level());
    (void)port.read(kRdr);
    EXPECT_FALSE(port.usart.wakeup.level());
}

constexpr Time kBit9600 = kSecond / 9600;

TEST(AutoBaud, MeasuresTheStartBit) {  // RM0399 51.5.9, mode 0
    Port port;
    port.open(kRe, kAbren);
    EXPECT_TRUE(port.usart.receive(Character{.data = 'a', .bit_time = kBit9600}));
    EXPECT_TRUE(port.flag(kAbrf));
    EXPECT_FALSE(port.flag(kAbre | kFe));
    EXPECT_EQ(port.read(kBrr), 64'000'000U / 9600 + 1);  // 6666.67
    EXPECT_EQ(port.read(kRdr), 'a');
    port.usart.receive(Character{.data = 'b', .bit_time = kBit9600});
    EXPECT_FALSE(port.flag(kFe));
    (void)port.read(kRdr);
    port.usart.receive(Character{.data = 'b', .bit_time = kBit9600 / 2});  // another rate: no stop bit
    EXPECT_TRUE(port.flag(kFe));
}

TEST(AutoBaud, WantsItsPattern) {  // RM0399 51.5.9, mode 2
    Port port;
    port.open(kRe | kM0 | kPce, kAbren | 2U << 21);
    port.usart.receive(Character{.data = 0x55, .bit_time = kBit9600});
    EXPECT_EQ(port.read(kIsr) & (kAbrf | kAbre | kFe | kRxne), kAbrf | kAbre | kFe | kRxne);
    EXPECT_EQ(port.read(kBrr), 556U);
    (void)port.read(kRdr);
    port.write(kIcr, kFe);
    port.write(kRqr, 1);  // ABRRQ
    EXPECT_FALSE(port.flag(kAbrf | kAbre));
    port.usart.receive(Character{.data = 0x7F, .bit_time = kBit9600});
    EXPECT_EQ(port.read(kIsr) & (kAbrf | kAbre | kFe), kAbrf);
    EXPECT_EQ(port.read(kBrr), 6667U);
}

TEST(AutoBaud, OutOfRangeIsAnError) {  // RM0399 51.5.9
    Port port;
    port.open(kRe, kAbren);
    port.usart.receive(Character{.data = 'a', .bit_time = kSecond / 10'000'000});
    EXPECT_TRUE(port.flag(kAbre));
    EXPECT_EQ(port.read(kBrr), 556U);
}

TEST(AutoBaud, ByEightSamples) {  // RM0399 51.5.7, 51.5.9
    Port port;
    port.write(kCr1, kOver8);
    port.write(kCr2, kAbren);
    port.write(kBrr, 0x100);
    port.write(kCr1, kOver8 | kUe | kRe);
    port.usart.receive(Character{.data = 'a', .bit_time = kBit9600});
    EXPECT_EQ(port.read(kBrr), (13'334U & 0xFFF0U) | (13'334U & 0xFU) >> 1);
}

}  // namespace
}  // namespace h7::usart::test

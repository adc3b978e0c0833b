#include "peripherals/usart/usart.hpp"

#include <gtest/gtest.h>

#include <string>

namespace h7::usart {
namespace {

constexpr Address kCr1 = 0x00, kCr2 = 0x04, kCr3 = 0x08, kBrr = 0x0C, kRqr = 0x18, kIsr = 0x1C, kIcr = 0x20,
                  kRdr = 0x24, kTdr = 0x28;
constexpr std::uint32_t kUe = 1, kRe = 4, kTe = 8, kRxneie = 1U << 5, kTcie = 1U << 6, kTxeie = 1U << 7,
                        kFifoen = 1U << 29;
constexpr std::uint32_t kOre = 1U << 3, kIdle = 1U << 4, kRxne = 1U << 5, kTc = 1U << 6, kTxe = 1U << 7,
                        kCmf = 1U << 17, kTeack = 1U << 21, kReack = 1U << 22, kTxfe = 1U << 23,
                        kRxff = 1U << 24;

class UsartTest : public testing::Test {
protected:
    UsartTest() {
        for (Usart* u : {&usart, &timed})
            u->transmit = [this](std::uint8_t c) { sent += static_cast<char>(c); };
    }
    static std::uint32_t read(Usart& u, Address offset) {
        return static_cast<std::uint32_t>(u.read({u.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    static void write(Usart& u, Address offset, std::uint32_t value) {
        ASSERT_TRUE(u.write({u.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    std::uint32_t read(Address offset) { return read(usart, offset); }
    void write(Address offset, std::uint32_t value) { write(usart, offset, value); }

    std::string sent;
    Usart usart{"USART3", 0x4000'4800};
    Clock clock;
    std::uint32_t kernel = 64'000'000;
    Usart timed{"USART1", 0x4001'1000, {.clock = &clock, .kernel_hz = [this] { return kernel; }}};
};

using Transmitter = UsartTest;
using Receiver = UsartTest;
using Timed = UsartTest;

TEST_F(Transmitter, ResetValue) {  // system.md 6.2
    EXPECT_EQ(read(kIsr), 0x0000'00C0U);
    write(kCr1, kFifoen);
    EXPECT_EQ(read(kIsr), 0x0080'00C0U);
}

TEST_F(Transmitter, HalInitSeesItsAcknowledges) {  // system.md 6.2
    write(kBrr, 0x22C);
    write(kCr1, kTe | kRe);
    EXPECT_EQ(read(kIsr) & (kTeack | kReack), 0U);  // UE = 0
    write(kCr1, kTe | kRe | kUe);
    EXPECT_EQ(read(kIsr) & (kTeack | kReack), kTeack | kReack);
    write(kCr1, kTe | kUe);
    EXPECT_EQ(read(kIsr) & (kTeack | kReack), kTeack);
}

TEST_F(Transmitter, PollingSendsEveryCharacter) {  // system.md 6.2
    write(kCr1, kUe | kTe);
    for (const char c : std::string("M4\n")) {
        ASSERT_NE(read(kIsr) & kTxe, 0U);
        write(kTdr, static_cast<std::uint32_t>(c));
    }
    EXPECT_NE(read(kIsr) & kTc, 0U);
    EXPECT_EQ(sent, "M4\n");
}

TEST_F(Transmitter, CharacterWaitsForTheTransmitter) {  // system.md 6.2
    write(kTdr, 'x');
    EXPECT_EQ(sent, "");
    EXPECT_EQ(read(kIsr) & (kTxe | kTc), 0U);
    write(kCr1, kUe | kTe);
    EXPECT_EQ(sent, "x");
    EXPECT_EQ(read(kIsr) & (kTxe | kTc), kTxe | kTc);
}

TEST_F(Transmitter, InterruptsFollowTheirEnables) {  // system.md 6.2
    write(kCr1, kUe | kTe);
    EXPECT_FALSE(usart.irq.level());
    write(kCr1, kUe | kTe | kTxeie);
    EXPECT_TRUE(usart.irq.level());
    write(kCr1, kUe | kTe | kTcie);
    EXPECT_TRUE(usart.irq.level());
    write(kIcr, kTc);
    EXPECT_FALSE(usart.irq.level());
    write(kTdr, 'a');
    EXPECT_TRUE(usart.irq.level());
}

TEST_F(Receiver, ReadTakesTheCharacter) {  // system.md 6.2
    EXPECT_FALSE(usart.receive('a'));      // off
    write(kCr1, kUe | kRe | kRxneie);
    EXPECT_TRUE(usart.can_receive());
    EXPECT_TRUE(usart.receive('a'));
    EXPECT_FALSE(usart.can_receive());
    EXPECT_TRUE(usart.irq.level());
    EXPECT_NE(read(kIsr) & kRxne, 0U);
    EXPECT_EQ(read(kRdr), 'a');
    EXPECT_EQ(read(kIsr) & kRxne, 0U);
    EXPECT_FALSE(usart.irq.level());
    EXPECT_EQ(read(kRdr), 'a');  // nothing new
}

TEST_F(Receiver, OverrunKeepsTheOldCharacter) {  // system.md 6.2
    write(kCr1, kUe | kRe | kRxneie);
    usart.receive('a');
    EXPECT_FALSE(usart.receive('b'));
    EXPECT_NE(read(kIsr) & kOre, 0U);
    EXPECT_EQ(read(kRdr), 'a');
    EXPECT_TRUE(usart.irq.level());  // ORE alone asks too
    write(kIcr, kOre);
    EXPECT_FALSE(usart.irq.level());
}

TEST_F(Receiver, OverrunCanBeDisabled) {  // system.md 6.2
    write(kCr3, 1U << 12);
    write(kCr1, kUe | kRe);
    usart.receive('a');
    EXPECT_TRUE(usart.receive('b'));
    EXPECT_EQ(read(kIsr) & kOre, 0U);
    EXPECT_EQ(read(kRdr), 'b');
}

TEST_F(Receiver, FifoHoldsSixteen) {  // system.md 6.2
    write(kCr1, kFifoen);
    write(kCr3, 2U << 25 | 1U << 28);  // RXFT interrupt at 8
    write(kCr1, kFifoen | kUe | kRe);
    for (int i = 0; i < 7; ++i) EXPECT_TRUE(usart.receive(static_cast<std::uint8_t>('a' + i)));
    EXPECT_FALSE(usart.irq.level());
    EXPECT_TRUE(usart.receive('h'));
    EXPECT_TRUE(usart.irq.level());
    for (int i = 8; i < 16; ++i) EXPECT_TRUE(usart.receive(static_cast<std::uint8_t>('a' + i)));
    EXPECT_NE(read(kIsr) & kRxff, 0U);
    EXPECT_FALSE(usart.receive('!'));
    EXPECT_NE(read(kIsr) & kOre, 0U);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(read(kRdr), static_cast<std::uint32_t>('a' + i));
    EXPECT_EQ(read(kIsr) & (kRxne | kRxff), 0U);
}

TEST_F(Receiver, IdleComesOnceAfterCharacters) {  // system.md 6.2
    write(kCr1, kUe | kRe | 1U << 4);
    usart.line_idle();
    EXPECT_EQ(read(kIsr) & kIdle, 0U);
    usart.receive('a');
    usart.line_idle();
    EXPECT_NE(read(kIsr) & kIdle, 0U);
    EXPECT_TRUE(usart.irq.level());
    write(kIcr, kIdle);
    usart.line_idle();
    EXPECT_EQ(read(kIsr) & kIdle, 0U);
}

TEST_F(Receiver, CharacterMatchIsFlagged) {  // system.md 6.2
    write(kCr2, 0x0A00'0000);
    write(kCr1, kUe | kRe | 1U << 14);
    usart.receive('a');
    EXPECT_FALSE(usart.irq.level());
    (void)read(kRdr);
    usart.receive('\n');
    EXPECT_NE(read(kIsr) & kCmf, 0U);
    EXPECT_TRUE(usart.irq.level());
    write(kIcr, kCmf);
    EXPECT_FALSE(usart.irq.level());
}

TEST_F(Receiver, DisablingOrFlushingDropsWhatWaits) {  // system.md 6.2
    write(kCr1, kUe | kRe);
    usart.receive('a');
    write(kRqr, 1U << 3);
    EXPECT_EQ(read(kIsr) & kRxne, 0U);
    usart.receive('b');
    usart.receive('c');
    write(kCr1, 0);
    EXPECT_EQ(read(kIsr), 0xC0U);
}

TEST_F(Timed, CharactersTakeTheirTimeOnTheLine) {  // system.md 6.2
    write(timed, kBrr, 556);                       // 64 MHz / 556 = 115108 baud
    write(timed, kCr1, kUe | kTe);
    write(timed, kTdr, 'a');
    EXPECT_EQ(read(timed, kIsr) & (kTxe | kTc), kTxe);  // it is in the shift register
    write(timed, kTdr, 'b');
    EXPECT_EQ(read(timed, kIsr) & (kTxe | kTc), 0U);
    const Time frame = 10 * kSecond / 64'000'000 * 556;
    clock.advance_to(frame - kMicrosecond);
    EXPECT_EQ(sent, "");
    clock.advance_to(frame + kMicrosecond);
    EXPECT_EQ(sent, "a");
    EXPECT_EQ(read(timed, kIsr) & (kTxe | kTc), kTxe);
    clock.advance_to(2 * frame + kMicrosecond);
    EXPECT_EQ(sent, "ab");
    EXPECT_EQ(read(timed, kIsr) & (kTxe | kTc), kTxe | kTc);
}

TEST_F(Timed, IdleFollowsOneFrameAfterTheLastCharacter) {  // system.md 6.2
    write(timed, kBrr, 556);
    write(timed, kCr1, kUe | kRe);
    timed.receive('a');
    clock.advance_to(50 * kMicrosecond);
    EXPECT_EQ(read(timed, kIsr) & kIdle, 0U);
    clock.advance_to(100 * kMicrosecond);
    EXPECT_NE(read(timed, kIsr) & kIdle, 0U);
}

TEST_F(Timed, SavedCharacterStillLeaves) {
    write(timed, kBrr, 556);
    write(timed, kCr1, kUe | kTe | kFifoen);
    write(timed, kTdr, 'a');
    write(timed, kTdr, 'b');
    StateWriter out;
    timed.save(out);
    timed.reset(ResetKind::power_on);
    EXPECT_EQ(clock.next_deadline(), kNever);
    StateReader in(out.data());
    timed.load(in);
    EXPECT_TRUE(in.finish());
    clock.advance_to(kMillisecond);
    EXPECT_EQ(sent, "ab");
    EXPECT_NE(read(timed, kIsr) & kTxfe, 0U);
}

}  // namespace
}  // namespace h7::usart

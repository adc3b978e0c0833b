// The serial ports under real firmware: echo by polling, interrupts, FIFO and in blocks as ST's HAL, on both
// cores; clocks, gates and resets of the RCC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/chip/serial_line.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using testing::HasSubstr;

struct Echo {
    std::string fixture, port;
};

/// A chip with `fixture`, whose port is heard and spoken to.
class Terminal {
public:
    explicit Terminal(const Echo& echo, usart::Pace pace = usart::Pace::baud)
        : port_(echo.port), chip_(a_chip().uart_pace(pace).flashed(echo.fixture)) {
        chip_->uart(port_)->transmit = [this](std::uint8_t c) { heard += static_cast<char>(c); };
        chip_.power_on();
        EXPECT_TRUE(runs_until("ready\n"));
    }
    void say(std::string_view text) {
        chip_->serial_line(port_)->send({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    bool runs_until(std::string_view text, Time limit = 200 * kMillisecond) {
        const auto seen = [&] { return heard.find(text) != std::string::npos; };
        chip_->run({limit, seen});
        return seen();
    }
    /// Until so many characters in all were heard.
    bool runs_until_size(std::size_t size) {
        chip_->run({200 * kMillisecond, [&] { return heard.size() >= size; }});
        return heard.size() == size;
    }
    BenchChip& operator*() { return chip_; }
    std::string heard;

private:
    std::string port_;
    BenchChip chip_;
};

class SerialEcho : public testing::TestWithParam<Echo> {};

TEST_P(SerialEcho, ComesBackWhole) {  // system.md 6.2
    Terminal terminal(GetParam());
    // ST's HAL does not listen while it sends a block: there the far end waits for the answer.
    const bool blocks = GetParam().fixture.starts_with("echo_blocks");
    constexpr std::string_view kText = "The Quick brown FOX, 0123456789 jumps over the lazy DOG!";
    static_assert(kText.size() % 8 == 0);
    for (std::size_t at = 0, size = blocks ? 8 : kText.size(); at < kText.size(); at += size) {
        terminal.say(kText.substr(at, size));
        const std::size_t expected = terminal.heard.size() + size;
        ASSERT_TRUE(terminal.runs_until_size(expected)) << terminal.heard;
    }
    EXPECT_EQ(terminal.heard, "ready\ntHE qUICK BROWN fox, 0123456789 JUMPS OVER THE LAZY dog!");
    // Nothing was lost for want of reading: ORE of any port is 0.
    const Address base = (*terminal)->uart(GetParam().port)->base();
    EXPECT_EQ((*terminal).load(Master::cm7, base + 0x1C).value() & 8U, 0U);
}

TEST_P(SerialEcho, TakesTheTimeOfTheLine) {  // 0041
    Terminal terminal(GetParam());
    const Time start = (*terminal)->clock().now();
    terminal.say("01234567");
    ASSERT_TRUE(terminal.runs_until("01234567"));
    const Time frame = (*terminal)->uart(GetParam().port)->frame_time();
    EXPECT_NEAR(static_cast<double>(frame), 86.87e6, 0.1e6);  // 115200 baud
    EXPECT_GE((*terminal)->clock().now() - start, 9 * frame);
}

TEST_P(SerialEcho, InstantlyToo) {  // 0041
    Terminal terminal(GetParam(), usart::Pace::instant);
    terminal.say("instantl");
    EXPECT_TRUE(terminal.runs_until("INSTANTL")) << terminal.heard;
}

TEST_P(SerialEcho, IsTheSameEachTime) {  // D-28
    const auto ending = [] {
        Terminal terminal(GetParam());
        terminal.say("same 123");
        terminal.runs_until("SAME 123");
        return std::pair((*terminal)->clock().now(), (*terminal)->cm7().instructions());
    };
    EXPECT_EQ(ending(), ending());
}

INSTANTIATE_TEST_SUITE_P(All, SerialEcho,
                         testing::Values(Echo{"echo_polling_m7", "USART3"},
                                         Echo{"echo_interrupts_m7", "USART3"}, Echo{"echo_fifo_m7", "USART1"},
                                         Echo{"echo_blocks_m7", "USART3"}, Echo{"echo_lpuart_m7", "LPUART1"},
                                         Echo{"echo_fifo_m4", "UART4"}, Echo{"echo_blocks_m4", "UART4"},
                                         Echo{"echo_dma_m7", "USART3"}, Echo{"echo_dma_m4", "UART4"},
                                         Echo{"echo_bdma_m7", "LPUART1"}),
                         [](const auto& sample) { return sample.param.fixture; });

class SerialPort : public testing::Test {
protected:
    static constexpr Address kRccEnable = 0x5802'44E8, kRccReset = 0x5802'4490, kUsart3 = 0x4000'4800;
    void write(Address at, std::uint32_t value) { chip.store(Master::cm7, at, value); }
    std::uint32_t read(Address at) { return static_cast<std::uint32_t>(chip.load(Master::cm7, at).value()); }
    BenchChip chip = a_chip();
};

TEST_F(SerialPort, IsGatedAndResetByTheRcc) {  // system.md 4.1
    chip.power_on();
    write(kUsart3 + 0x0C, 556);
    EXPECT_EQ(read(kUsart3 + 0x1C), 0U);
    write(kRccEnable, 1U << 18);
    EXPECT_EQ(read(kUsart3 + 0x0C), 0U);
    EXPECT_EQ(read(kUsart3 + 0x1C), 0xC0U);
    write(kUsart3 + 0x0C, 556);
    write(kUsart3, 0x9);
    EXPECT_NE(chip->uart("USART3")->frame_time(), kNever);
    write(kRccEnable, 0);  // the kernel clock goes with the bus clock
    EXPECT_EQ(chip->uart("USART3")->frame_time(), kNever);
    write(kRccEnable, 1U << 18);
    write(kRccReset, 1U << 18);
    write(kRccReset, 0);
    EXPECT_EQ(read(kUsart3), 0U);
    EXPECT_EQ(read(kUsart3 + 0x0C), 0U);
}

TEST_F(SerialPort, FollowsItsKernelClock) {  // system.md 4.2
    chip.power_on();
    write(kRccEnable, 1U << 18);
    write(kUsart3 + 0x0C, 64);
    EXPECT_EQ(chip->uart("USART3")->frame_time(), 10 * kMicrosecond);  // PCLK1, 64 MHz
    write(0x5802'4400, read(0x5802'4400) | 1U << 7);                   // CSION
    write(0x5802'4454, 4);                                             // USART234578SEL = CSI
    EXPECT_EQ(chip->uart("USART3")->frame_time(), 160 * kMicrosecond);
}

TEST_F(SerialPort, ACharacterWakesThroughItsExtiLine) {  // system.md 5.2: line 28 is USART3
    chip.power_on();
    write(kRccEnable, 1U << 18);
    write(kUsart3 + 0x0C, 556);
    write(kUsart3, 1U << 5 | 0x7);  // RXNEIE, RE, UESM, UE
    bool level = false;
    chip->uart("USART3")->wakeup.connect([&](bool now) { level = now; });
    chip->serial_line("USART3")->send(Bytes{'x'});
    chip->clock().advance_to(chip->clock().now() + kMillisecond);  // no core runs: the chip is blank
    EXPECT_TRUE(level);
}

}  // namespace
}  // namespace h7::test

// Which bits exist in which instance, and which may be written when.
#include <map>

#include "emulator/base/bits.hpp"
#include "tests/unit/peripherals/usart/usart_bench.hpp"

namespace h7::usart::test {
namespace {

std::uint32_t existing(const Usart& usart, std::string_view name) {
    std::uint32_t all = 0;
    for (const RegisterInfo& info : usart.describe())
        if (info.name == name)
            for (const FieldInfo& field : info.fields) all |= mask(field.msb, field.lsb);
    return all;
}

TEST(Instances, HaveTheirBitsAndNoOthers) {  // RM0399 table 419, 51.8, 52.7
    Port full, uart(Kind::asynchronous), lpuart(Kind::low_power);
    const auto all = [](Port& port, Address offset) {
        port.write(offset, 0xFFFF'FFFE);  // not UE
        return port.read(offset);
    };
    EXPECT_EQ(all(full, kCr1), 0xFFFF'FFFEU);
    EXPECT_EQ(all(uart, kCr1), 0xF7FF'FFFEU);
    EXPECT_EQ(all(lpuart, kCr1), 0xF3FF'7FFEU);
    EXPECT_EQ(all(full, kCr2), 0xFFFF'FF78U);
    EXPECT_EQ(all(uart, kCr2), 0xFFFF'F070U);
    EXPECT_EQ(all(lpuart, kCr2), 0xFF0F'B010U);
    EXPECT_EQ(all(full, kCr3), 0xFFFE'FFFEU);
    EXPECT_EQ(all(uart, kCr3), 0xFEF0'FFCEU);
    EXPECT_EQ(all(lpuart, kCr3), 0xFEF0'F7C8U);
    EXPECT_EQ(all(full, kBrr), 0x0000'FFFEU);
    EXPECT_EQ(all(lpuart, kBrr), 0x000F'FFFEU);
    EXPECT_EQ(all(full, kGtpr), 0x0000'FFFEU);
    EXPECT_EQ(all(uart, kGtpr), 0x0000'00FEU);
    EXPECT_EQ(all(lpuart, kGtpr), 0U);
    EXPECT_EQ(all(full, kRtor), 0xFFFF'FFFEU);
    EXPECT_EQ(all(uart, kRtor), 0x00FF'FFFEU);
    EXPECT_EQ(all(lpuart, kRtor), 0U);
    EXPECT_EQ(all(full, kPresc), 0xEU);
    for (Port* port : {&full, &uart, &lpuart})  // describe() says the same
        for (const RegisterInfo& info : port->usart.describe())
            if (info.offset < kRqr || info.offset == kPresc) {
                EXPECT_EQ(all(*port, info.offset), existing(port->usart, info.name) & ~1U) << info.name;
            }
}

TEST(Configuration, StandsWhileEnabled) {  // RM0399 51.8.1 to 51.8.5, 51.8.14
    Port port;
    port.open(kTe | kRe);
    port.write(kCr1, ~0U);
    EXPECT_EQ(port.read(kCr1), ~0U & ~0x33FF'9E00U);
    port.write(kCr2, ~0U);
    EXPECT_EQ(port.read(kCr2), ~0U & ~0xFF0F'FFB6U & ~0x80U);
    port.write(kCr3, ~0U);
    EXPECT_EQ(port.read(kCr3), ~0U & ~0x0031'FB3EU);
    port.write(kBrr, 1000);
    EXPECT_EQ(port.read(kBrr), 556U);
    port.write(kPresc, 3);
    EXPECT_EQ(port.read(kPresc), 0U);
    port.write(kCr1, 0);  // one write may disable and configure
    EXPECT_EQ(port.read(kCr1), 0U);
    port.write(kBrr, 1000);
    EXPECT_EQ(port.read(kBrr), 1000U);
}

TEST(Configuration, TheUserIsToldOnceWhatWasIgnored) {
    Port port;
    Trace trace;
    std::vector<std::string> said;
    trace.set_notice_sink([&](std::string_view text) { said.emplace_back(text); });
    port.usart.set_trace(&trace);
    port.open(kTe);
    port.write(kBrr, 556);  // the same value: no word
    EXPECT_TRUE(said.empty());
    port.write(kBrr, 1000);
    port.write(kBrr, 1001);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("USART3"), std::string::npos);
}

}  // namespace
}  // namespace h7::usart::test

#include "peripherals/exti/lines.hpp"

namespace h7::exti {

namespace {

struct Route {
    unsigned first, last;  // lines
    unsigned irq;          // of the first line
    bool ascending;        // each line has its own, counting up; else all share one
};

// clang-format off
// RM0399, "EXTI wakeup inputs" (system.md 5.2).
constexpr Route kRoutes[] = {
    { 0,  4,   6, true },  // EXTI0..4
    { 5,  9,  23, false},  // EXTI9_5
    {10, 15,  40, false},  // EXTI15_10
    {16, 16,   1, false},  // PVD, AVD
    {17, 17,  41, false},  // RTC alarm
    {18, 18,   2, false},  // tamper, timestamp, LSECSS
    {19, 19,   3, false},  // RTC wake-up
    {20, 21, 137, false},  // COMP1, COMP2
    {22, 22,  31, false},  // I2C1
    {23, 23,  33, false},  // I2C2
    {24, 24,  72, false},  // I2C3
    {25, 25,  95, false},  // I2C4
    {26, 28,  37, true },  // USART1..3
    {29, 29,  71, false},  // USART6
    {30, 31,  52, true },  // UART4, UART5
    {32, 33,  82, true },  // UART7, UART8
    {34, 35, 142, false},  // LPUART1
    {36, 37,  35, true },  // SPI1, SPI2
    {38, 38,  51, false},  // SPI3
    {39, 41,  84, true },  // SPI4..6
    {42, 42, 119, false},  // MDIOS
    {43, 43,  76, false},  // USB1
    {44, 44, 100, false},  // USB2
    {46, 46, 123, false},  // DSI
    {47, 47,  93, false},  // LPTIM1
    {48, 48, 138, false},  // LPTIM2
    {50, 50, 139, false},  // LPTIM3
    {52, 53, 140, true },  // LPTIM4, LPTIM5
    {54, 54, 115, false},  // SWPMI
    {55, 60, 149, false},  // WKUP1..6
    {82, 82, 143, false},  // WWDG1 reset, at CPU2
    {84, 84, 143, false},  // WWDG2 reset, at CPU1
    {85, 85,  94, false},  // CEC
    {86, 86,  62, false},  // ETH
};
// clang-format on

constexpr unsigned kNone = ~0U;
constexpr auto kInterruptOf = [] {
    std::array<unsigned, kLines> table{};
    table.fill(kNone);
    for (const Route& route : kRoutes)
        for (unsigned line = route.first; line <= route.last; ++line)
            table[line] = route.ascending ? route.irq + line - route.first : route.irq;
    return table;
}();

}  // namespace

std::optional<unsigned> interrupt_of(unsigned line) {
    if (line >= kLines || kInterruptOf[line] == kNone) return std::nullopt;
    return kInterruptOf[line];
}

}  // namespace h7::exti

// RM0399, "RCC registers" (system.md 4.1). The three per-core views are one table: the bank of the CM7 (C1_,
// 0x130), that of the CM4 (C2_, 0x60 higher), and the window at 0x0D0 that shows the bank of the core that
// asks.
#pragma once

#include "peripherals/rcc/rcc.hpp"

namespace h7::rcc {

/// A register that exists once per core; `offset` is that in the C1 bank.
struct BankRegister {
    Address offset = 0;
    std::string_view c1{}, c2{};
    std::uint32_t reset = 0;
    std::uint32_t only_c1 = 0, only_c2 = 0;  // bits the other bank does not have
    Field fields[32]{};
    BusResult<void> (Rcc::*written)(const RegisterWrite&) = nullptr;

    constexpr Register<Rcc> of(unsigned core) const {
        Register<Rcc> one{.offset = offset + (core - 1) * 0x60, .name = core == 1 ? c1 : c2, .reset = reset};
        one.written = written;
        const std::uint32_t absent = core == 1 ? only_c2 : only_c1;
        std::size_t next = 0;
        for (const Field& f : fields)
            if ((f.at.mask() & absent) == 0) one.fields[next++] = f;
        return one;
    }
};

constexpr std::array<Register<Rcc>, Rcc::kRegisters> Rcc::table() {
    // clang-format off
    const Register<Rcc> common[] = {
    // The manual prints 0x0000'0001; the ready flags that hardware sets before the first instruction are included.
    {.offset = 0x000, .name = "CR", .reset = 0x0000'C025, .fields = {
         {bit(0),      "HSION",     rw}, {bit(1),      "HSIKERON",  rw}, {bit(2),      "HSIRDY",    r },
         {bits(4, 3),  "HSIDIV",    rw}, {bit(5),      "HSIDIVF",   r }, {bit(7),      "CSION",     rw},
         {bit(8),      "CSIRDY",    r }, {bit(9),      "CSIKERON",  rw}, {bit(12),     "HSI48ON",   rw},
         {bit(13),     "HSI48RDY",  r }, {bit(14),     "D1CKRDY",   r }, {bit(15),     "D2CKRDY",   r },
         {bit(16),     "HSEON",     rw}, {bit(17),     "HSERDY",    r }, {bit(18),     "HSEBYP",    rw},
         {bit(19),     "HSECSSON",  rs}, {bit(24),     "PLL1ON",    rw}, {bit(25),     "PLL1RDY",   r },
         {bit(26),     "PLL2ON",    rw}, {bit(27),     "PLL2RDY",   r }, {bit(28),     "PLL3ON",    rw},
         {bit(29),     "PLL3RDY",   r }},
     .written = &Rcc::control_written},
    {.offset = 0x004, .name = "HSICFGR", .reset = 0x4000'0000, .fields = {
         {bits(11, 0), "HSICAL",    r }, {bits(30, 24), "HSITRIM",  rw}}},
    {.offset = 0x008, .name = "CRRCR", .fields = {
         {bits(9, 0),  "HSI48CAL",  r }}},
    {.offset = 0x00C, .name = "CSICFGR", .reset = 0x2000'0000, .fields = {
         {bits(7, 0),  "CSICAL",    r }, {bits(29, 24), "CSITRIM",  rw}}},
    {.offset = 0x010, .name = "CFGR", .fields = {
         {bits(2, 0),  "SW",        rw}, {bits(5, 3),  "SWS",       r }, {bit(6),      "STOPWUCK",  rw},
         {bit(7),      "STOPKERWUCK", rw}, {bits(13, 8), "RTCPRE",  rw}, {bit(14),     "HRTIMSEL",  rw},
         {bit(15),     "TIMPRE",    rw}, {bits(21, 18), "MCO1PRE",  rw}, {bits(24, 22), "MCO1SEL",  rw},
         {bits(28, 25), "MCO2PRE",  rw}, {bits(31, 29), "MCO2SEL",  rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x018, .name = "D1CFGR", .fields = {
         {bits(3, 0),  "HPRE",      rw}, {bits(6, 4),  "D1PPRE",    rw}, {bits(11, 8), "D1CPRE",    rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x01C, .name = "D2CFGR", .fields = {
         {bits(6, 4),  "D2PPRE1",   rw}, {bits(10, 8), "D2PPRE2",   rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x020, .name = "D3CFGR", .fields = {
         {bits(6, 4),  "D3PPRE",    rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x028, .name = "PLLCKSELR", .reset = 0x0202'0200, .fields = {
         {bits(1, 0),  "PLLSRC",    rw}, {bits(9, 4),  "DIVM1",     rw}, {bits(17, 12), "DIVM2",    rw},
         {bits(25, 20), "DIVM3",    rw}},
     .written = &Rcc::pll_sources_written},
    {.offset = 0x02C, .name = "PLLCFGR", .reset = 0x01FF'0000, .fields = {
         {bit(0),      "PLL1FRACEN", rw}, {bit(1),     "PLL1VCOSEL", rw}, {bits(3, 2),  "PLL1RGE",  rw},
         {bit(4),      "PLL2FRACEN", rw}, {bit(5),     "PLL2VCOSEL", rw}, {bits(7, 6),  "PLL2RGE",  rw},
         {bit(8),      "PLL3FRACEN", rw}, {bit(9),     "PLL3VCOSEL", rw}, {bits(11, 10), "PLL3RGE", rw},
         {bit(16),     "DIVP1EN",   rw}, {bit(17),     "DIVQ1EN",   rw}, {bit(18),     "DIVR1EN",   rw},
         {bit(19),     "DIVP2EN",   rw}, {bit(20),     "DIVQ2EN",   rw}, {bit(21),     "DIVR2EN",   rw},
         {bit(22),     "DIVP3EN",   rw}, {bit(23),     "DIVQ3EN",   rw}, {bit(24),     "DIVR3EN",   rw}},
     .written = &Rcc::pll_configuration_written},
    {.offset = 0x030, .name = "PLL1DIVR", .reset = 0x0101'0280, .fields = {
         {bits(8, 0),  "DIVN1",     rw}, {bits(15, 9), "DIVP1",     rw}, {bits(22, 16), "DIVQ1",    rw},
         {bits(30, 24), "DIVR1",    rw}},
     .writable = &Rcc::pll_off, .written = &Rcc::pll_dividers_written},
    {.offset = 0x034, .name = "PLL1FRACR", .fields = {
         {bits(15, 3), "FRACN1",    rw}}},
    {.offset = 0x038, .name = "PLL2DIVR", .reset = 0x0101'0280, .fields = {
         {bits(8, 0),  "DIVN2",     rw}, {bits(15, 9), "DIVP2",     rw}, {bits(22, 16), "DIVQ2",    rw},
         {bits(30, 24), "DIVR2",    rw}},
     .writable = &Rcc::pll_off, .written = &Rcc::pll_dividers_written},
    {.offset = 0x03C, .name = "PLL2FRACR", .fields = {
         {bits(15, 3), "FRACN2",    rw}}},
    {.offset = 0x040, .name = "PLL3DIVR", .reset = 0x0101'0280, .fields = {
         {bits(8, 0),  "DIVN3",     rw}, {bits(15, 9), "DIVP3",     rw}, {bits(22, 16), "DIVQ3",    rw},
         {bits(30, 24), "DIVR3",    rw}},
     .writable = &Rcc::pll_off, .written = &Rcc::pll_dividers_written},
    {.offset = 0x044, .name = "PLL3FRACR", .fields = {
         {bits(15, 3), "FRACN3",    rw}}},
    {.offset = 0x04C, .name = "D1CCIPR", .fields = {
         {bits(1, 0),  "FMCSEL",    rw}, {bits(5, 4),  "QSPISEL",   rw}, {bit(8),      "DSISEL",    rw},
         {bit(16),     "SDMMCSEL",  rw}, {bits(29, 28), "CKPERSEL", rw}}},
    {.offset = 0x050, .name = "D2CCIP1R", .fields = {
         {bits(2, 0),  "SAI1SEL",   rw}, {bits(8, 6),  "SAI23SEL",  rw}, {bits(14, 12), "SPI123SEL", rw},
         {bits(18, 16), "SPI45SEL", rw}, {bits(21, 20), "SPDIFSEL", rw}, {bit(24),     "DFSDM1SEL", rw},
         {bits(29, 28), "FDCANSEL", rw}, {bit(31),     "SWPSEL",    rw}}},
    {.offset = 0x054, .name = "D2CCIP2R", .fields = {
         {bits(2, 0),  "USART234578SEL", rw}, {bits(5, 3), "USART16SEL", rw}, {bits(9, 8), "RNGSEL", rw},
         {bits(13, 12), "I2C123SEL", rw}, {bits(21, 20), "USBSEL",  rw}, {bits(23, 22), "CECSEL",   rw},
         {bits(30, 28), "LPTIM1SEL", rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x058, .name = "D3CCIPR", .fields = {
         {bits(2, 0),  "LPUART1SEL", rw}, {bits(9, 8), "I2C4SEL",   rw}, {bits(12, 10), "LPTIM2SEL", rw},
         {bits(15, 13), "LPTIM345SEL", rw}, {bits(17, 16), "ADCSEL", rw}, {bits(23, 21), "SAI4ASEL", rw},
         {bits(26, 24), "SAI4BSEL", rw}, {bits(30, 28), "SPI6SEL",  rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x060, .name = "CIER", .fields = {
         {bit(0),      "LSIRDYIE",  rw}, {bit(1),      "LSERDYIE",  rw}, {bit(2),      "HSIRDYIE",  rw},
         {bit(3),      "HSERDYIE",  rw}, {bit(4),      "CSIRDYIE",  rw}, {bit(5),      "HSI48RDYIE", rw},
         {bit(6),      "PLL1RDYIE", rw}, {bit(7),      "PLL2RDYIE", rw}, {bit(8),      "PLL3RDYIE", rw},
         {bit(9),      "LSECSSIE",  rw}},
     .written = &Rcc::clocks_written},
    {.offset = 0x064, .name = "CIFR", .fields = {
         {bit(0),      "LSIRDYF",   r }, {bit(1),      "LSERDYF",   r }, {bit(2),      "HSIRDYF",   r },
         {bit(3),      "HSERDYF",   r }, {bit(4),      "CSIRDYF",   r }, {bit(5),      "HSI48RDYF", r },
         {bit(6),      "PLL1RDYF",  r }, {bit(7),      "PLL2RDYF",  r }, {bit(8),      "PLL3RDYF",  r },
         {bit(9),      "LSECSSF",   r }, {bit(10),     "HSECSSF",   r }}},
    {.offset = 0x068, .name = "CICR", .fields = {
         {bit(0),      "LSIRDYC",   w }, {bit(1),      "LSERDYC",   w }, {bit(2),      "HSIRDYC",   w },
         {bit(3),      "HSERDYC",   w }, {bit(4),      "CSIRDYC",   w }, {bit(5),      "HSI48RDYC", w },
         {bit(6),      "PLL1RDYC",  w }, {bit(7),      "PLL2RDYC",  w }, {bit(8),      "PLL3RDYC",  w },
         {bit(9),      "LSECSSC",   w }, {bit(10),     "HSECSSC",   w }},
     .written = &Rcc::flags_cleared},
    {.offset = 0x070, .name = "BDCR", .fields = {
         {bit(0),      "LSEON",     rw}, {bit(1),      "LSERDY",    r }, {bit(2),      "LSEBYP",    rw},
         {bits(4, 3),  "LSEDRV",    rw}, {bit(5),      "LSECSSON",  rs}, {bit(6),      "LSECSSD",   r },
         {bits(9, 8),  "RTCSEL",    rw}, {bit(15),     "RTCEN",     rw}, {bit(16),     "BDRST",     rw}},
     .writable = &Rcc::backup_domain_open, .written = &Rcc::backup_domain_written},
    {.offset = 0x074, .name = "CSR", .fields = {
         {bit(0),      "LSION",     rw}, {bit(1),      "LSIRDY",    r }},
     .written = &Rcc::clocks_written},
    {.offset = 0x07C, .name = "AHB3RSTR", .fields = {
         {bit(0), "MDMARST", rw}, {bit(4), "DMA2DRST", rw}, {bit(5), "JPGDECRST", rw},
         {bit(12), "FMCRST", rw}, {bit(14), "QSPIRST", rw}, {bit(16), "SDMMC1RST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x080, .name = "AHB1RSTR", .fields = {
         {bit(0), "DMA1RST", rw}, {bit(1), "DMA2RST", rw}, {bit(5), "ADC12RST", rw},
         {bit(14), "ARTRST", rw}, {bit(15), "ETH1MACRST", rw}, {bit(25), "USB1OTGHSRST", rw},
         {bit(27), "USB2OTGHSRST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x084, .name = "AHB2RSTR", .fields = {
         {bit(0), "DCMIRST", rw}, {bit(4), "CRYPRST", rw}, {bit(5), "HASHRST", rw}, {bit(6), "RNGRST", rw},
         {bit(9), "SDMMC2RST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x088, .name = "AHB4RSTR", .fields = {
         {bit(0), "GPIOARST", rw}, {bit(1), "GPIOBRST", rw}, {bit(2), "GPIOCRST", rw},
         {bit(3), "GPIODRST", rw}, {bit(4), "GPIOERST", rw}, {bit(5), "GPIOFRST", rw},
         {bit(6), "GPIOGRST", rw}, {bit(7), "GPIOHRST", rw}, {bit(8), "GPIOIRST", rw},
         {bit(9), "GPIOJRST", rw}, {bit(10), "GPIOKRST", rw}, {bit(19), "CRCRST", rw},
         {bit(21), "BDMARST", rw}, {bit(24), "ADC3RST", rw}, {bit(25), "HSEMRST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x08C, .name = "APB3RSTR", .fields = {
         {bit(3), "LTDCRST", rw}, {bit(4), "DSIRST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x090, .name = "APB1LRSTR", .fields = {
         {bit(0), "TIM2RST", rw}, {bit(1), "TIM3RST", rw}, {bit(2), "TIM4RST", rw},
         {bit(3), "TIM5RST", rw}, {bit(4), "TIM6RST", rw}, {bit(5), "TIM7RST", rw},
         {bit(6), "TIM12RST", rw}, {bit(7), "TIM13RST", rw}, {bit(8), "TIM14RST", rw},
         {bit(9), "LPTIM1RST", rw}, {bit(14), "SPI2RST", rw}, {bit(15), "SPI3RST", rw},
         {bit(16), "SPDIFRXRST", rw}, {bit(17), "USART2RST", rw}, {bit(18), "USART3RST", rw},
         {bit(19), "UART4RST", rw}, {bit(20), "UART5RST", rw}, {bit(21), "I2C1RST", rw},
         {bit(22), "I2C2RST", rw}, {bit(23), "I2C3RST", rw}, {bit(27), "CECRST", rw},
         {bit(29), "DAC12RST", rw}, {bit(30), "UART7RST", rw}, {bit(31), "UART8RST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x094, .name = "APB1HRSTR", .fields = {
         {bit(1), "CRSRST", rw}, {bit(2), "SWPMIRST", rw}, {bit(4), "OPAMPRST", rw},
         {bit(5), "MDIOSRST", rw}, {bit(8), "FDCANRST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x098, .name = "APB2RSTR", .fields = {
         {bit(0), "TIM1RST", rw}, {bit(1), "TIM8RST", rw}, {bit(4), "USART1RST", rw},
         {bit(5), "USART6RST", rw}, {bit(12), "SPI1RST", rw}, {bit(13), "SPI4RST", rw},
         {bit(16), "TIM15RST", rw}, {bit(17), "TIM16RST", rw}, {bit(18), "TIM17RST", rw},
         {bit(20), "SPI5RST", rw}, {bit(22), "SAI1RST", rw}, {bit(23), "SAI2RST", rw},
         {bit(24), "SAI3RST", rw}, {bit(28), "DFSDM1RST", rw}, {bit(29), "HRTIMRST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x09C, .name = "APB4RSTR", .fields = {
         {bit(1), "SYSCFGRST", rw}, {bit(3), "LPUART1RST", rw}, {bit(5), "SPI6RST", rw},
         {bit(7), "I2C4RST", rw}, {bit(9), "LPTIM2RST", rw}, {bit(10), "LPTIM3RST", rw},
         {bit(11), "LPTIM4RST", rw}, {bit(12), "LPTIM5RST", rw}, {bit(14), "COMP12RST", rw},
         {bit(15), "VREFRST", rw}, {bit(21), "SAI4RST", rw}},
     .written = &Rcc::drive_resets},
    {.offset = 0x0A0, .name = "GCR", .fields = {
         {bit(0),      "WW1RSC",    rs}, {bit(1),      "WW2RSC",    rs}, {bit(2),      "BOOT_C1",   rs},
         {bit(3),      "BOOT_C2",   rs}},
     .written = &Rcc::boot_written},
    {.offset = 0x0A8, .name = "D3AMR", .fields = {
         {bit(0),      "BDMAAMEN",  rw}, {bit(3),      "LPUART1AMEN", rw}, {bit(5),    "SPI6AMEN",  rw},
         {bit(7),      "I2C4AMEN",  rw}, {bit(9),      "LPTIM2AMEN", rw}, {bit(10),    "LPTIM3AMEN", rw},
         {bit(11),     "LPTIM4AMEN", rw}, {bit(12),    "LPTIM5AMEN", rw}, {bit(14),    "COMP12AMEN", rw},
         {bit(15),     "VREFAMEN",  rw}, {bit(16),     "RTCAMEN",   rw}, {bit(19),     "CRCAMEN",   rw},
         {bit(21),     "SAI4AMEN",  rw}, {bit(24),     "ADC3AMEN",  rw}, {bit(28),     "BKPRAMAMEN", rw},
         {bit(29),     "SRAM4AMEN", rw}}},
    };

    const BankRegister banks[] = {
    // RMVF is plain rw; only power-on brings the reset value (system.md 3.2).
    {.offset = 0x130, .c1 = "C1_RSR", .c2 = "C2_RSR", .reset = kAfterPowerOn,
     .fields = {
         {bit(16), "RMVF", rw}, {bit(17), "C1RSTF", r}, {bit(18), "C2RSTF", r}, {bit(19), "D1RSTF", r},
         {bit(20), "D2RSTF", r}, {bit(21), "BORRSTF", r}, {bit(22), "PINRSTF", r}, {bit(23), "PORRSTF", r},
         {bit(24), "SFT1RSTF", r}, {bit(25), "SFT2RSTF", r}, {bit(26), "IWDG1RSTF", r},
         {bit(27), "IWDG2RSTF", r}, {bit(28), "WWDG1RSTF", r}, {bit(29), "WWDG2RSTF", r},
         {bit(30), "LPWR1RSTF", r}, {bit(31), "LPWR2RSTF", r}},
     .written = &Rcc::reset_flags_written},
    {.offset = 0x134, .c1 = "C1_AHB3ENR", .c2 = "C2_AHB3ENR", .reset = 0x0000'0000, .only_c2 = 0xF000'0100,
     .fields = {
         {bit(0), "MDMAEN", rw}, {bit(4), "DMA2DEN", rw}, {bit(5), "JPGDECEN", rw},
         {bit(8), "FLASHEN", rw}, {bit(12), "FMCEN", rw}, {bit(14), "QSPIEN", rw},
         {bit(16), "SDMMC1EN", rw}, {bit(28), "DTCM1EN", rw}, {bit(29), "DTCM2EN", rw},
         {bit(30), "ITCMEN", rw}, {bit(31), "AXISRAMEN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x138, .c1 = "C1_AHB1ENR", .c2 = "C2_AHB1ENR", .reset = 0x0000'0000,
     .fields = {
         {bit(0), "DMA1EN", rw}, {bit(1), "DMA2EN", rw}, {bit(5), "ADC12EN", rw}, {bit(14), "ARTEN", rw},
         {bit(15), "ETH1MACEN", rw}, {bit(16), "ETH1TXEN", rw}, {bit(17), "ETH1RXEN", rw},
         {bit(25), "USB1OTGHSEN", rw}, {bit(26), "USB1ULPIEN", rw}, {bit(27), "USB2OTGHSEN", rw},
         {bit(28), "USB2ULPIEN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x13C, .c1 = "C1_AHB2ENR", .c2 = "C2_AHB2ENR", .reset = 0x0000'0000, .only_c1 = 0xE000'0000,
     .fields = {
         {bit(0), "DCMIEN", rw}, {bit(4), "CRYPEN", rw}, {bit(5), "HASHEN", rw}, {bit(6), "RNGEN", rw},
         {bit(9), "SDMMC2EN", rw}, {bit(29), "SRAM1EN", rw}, {bit(30), "SRAM2EN", rw},
         {bit(31), "SRAM3EN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x140, .c1 = "C1_AHB4ENR", .c2 = "C2_AHB4ENR", .reset = 0x0000'0000,
     .fields = {
         {bit(0), "GPIOAEN", rw}, {bit(1), "GPIOBEN", rw}, {bit(2), "GPIOCEN", rw},
         {bit(3), "GPIODEN", rw}, {bit(4), "GPIOEEN", rw}, {bit(5), "GPIOFEN", rw},
         {bit(6), "GPIOGEN", rw}, {bit(7), "GPIOHEN", rw}, {bit(8), "GPIOIEN", rw},
         {bit(9), "GPIOJEN", rw}, {bit(10), "GPIOKEN", rw}, {bit(19), "CRCEN", rw},
         {bit(21), "BDMAEN", rw}, {bit(24), "ADC3EN", rw}, {bit(25), "HSEMEN", rw},
         {bit(28), "BKPRAMEN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x144, .c1 = "C1_APB3ENR", .c2 = "C2_APB3ENR", .reset = 0x0000'0000,
     .fields = {
         {bit(3), "LTDCEN", rw}, {bit(4), "DSIEN", rw}, {bit(6), "WWDG1EN", rs}},
     .written = &Rcc::enables_written},
    {.offset = 0x148, .c1 = "C1_APB1LENR", .c2 = "C2_APB1LENR", .reset = 0x0000'0000,
     .fields = {
         {bit(0), "TIM2EN", rw}, {bit(1), "TIM3EN", rw}, {bit(2), "TIM4EN", rw}, {bit(3), "TIM5EN", rw},
         {bit(4), "TIM6EN", rw}, {bit(5), "TIM7EN", rw}, {bit(6), "TIM12EN", rw}, {bit(7), "TIM13EN", rw},
         {bit(8), "TIM14EN", rw}, {bit(9), "LPTIM1EN", rw}, {bit(11), "WWDG2EN", rs},
         {bit(14), "SPI2EN", rw}, {bit(15), "SPI3EN", rw}, {bit(16), "SPDIFRXEN", rw},
         {bit(17), "USART2EN", rw}, {bit(18), "USART3EN", rw}, {bit(19), "UART4EN", rw},
         {bit(20), "UART5EN", rw}, {bit(21), "I2C1EN", rw}, {bit(22), "I2C2EN", rw},
         {bit(23), "I2C3EN", rw}, {bit(27), "CECEN", rw}, {bit(29), "DAC12EN", rw},
         {bit(30), "UART7EN", rw}, {bit(31), "UART8EN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x14C, .c1 = "C1_APB1HENR", .c2 = "C2_APB1HENR", .reset = 0x0000'0000,
     .fields = {
         {bit(1), "CRSEN", rw}, {bit(2), "SWPMIEN", rw}, {bit(4), "OPAMPEN", rw}, {bit(5), "MDIOSEN", rw},
         {bit(8), "FDCANEN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x150, .c1 = "C1_APB2ENR", .c2 = "C2_APB2ENR", .reset = 0x0000'0000,
     .fields = {
         {bit(0), "TIM1EN", rw}, {bit(1), "TIM8EN", rw}, {bit(4), "USART1EN", rw},
         {bit(5), "USART6EN", rw}, {bit(12), "SPI1EN", rw}, {bit(13), "SPI4EN", rw},
         {bit(16), "TIM15EN", rw}, {bit(17), "TIM16EN", rw}, {bit(18), "TIM17EN", rw},
         {bit(20), "SPI5EN", rw}, {bit(22), "SAI1EN", rw}, {bit(23), "SAI2EN", rw},
         {bit(24), "SAI3EN", rw}, {bit(28), "DFSDM1EN", rw}, {bit(29), "HRTIMEN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x154, .c1 = "C1_APB4ENR", .c2 = "C2_APB4ENR", .reset = 0x0001'0000,
     .fields = {
         {bit(1), "SYSCFGEN", rw}, {bit(3), "LPUART1EN", rw}, {bit(5), "SPI6EN", rw},
         {bit(7), "I2C4EN", rw}, {bit(9), "LPTIM2EN", rw}, {bit(10), "LPTIM3EN", rw},
         {bit(11), "LPTIM4EN", rw}, {bit(12), "LPTIM5EN", rw}, {bit(14), "COMP12EN", rw},
         {bit(15), "VREFEN", rw}, {bit(16), "RTCAPBEN", rw}, {bit(21), "SAI4EN", rw}},
     .written = &Rcc::enables_written},
    {.offset = 0x15C, .c1 = "C1_AHB3LPENR", .c2 = "C2_AHB3LPENR", .reset = 0xF001'5131,
     .fields = {
         {bit(0), "MDMALPEN", rw}, {bit(4), "DMA2DLPEN", rw}, {bit(5), "JPGDECLPEN", rw},
         {bit(8), "FLASHLPEN", rw}, {bit(12), "FMCLPEN", rw}, {bit(14), "QSPILPEN", rw},
         {bit(16), "SDMMC1LPEN", rw}, {bit(28), "DTCM1LPEN", rw}, {bit(29), "DTCM2LPEN", rw},
         {bit(30), "ITCMLPEN", rw}, {bit(31), "AXISRAMLPEN", rw}}},
    {.offset = 0x160, .c1 = "C1_AHB1LPENR", .c2 = "C2_AHB1LPENR", .reset = 0x1E03'C023,
     .fields = {
         {bit(0), "DMA1LPEN", rw}, {bit(1), "DMA2LPEN", rw}, {bit(5), "ADC12LPEN", rw},
         {bit(14), "ARTLPEN", rw}, {bit(15), "ETH1MACLPEN", rw}, {bit(16), "ETH1TXLPEN", rw},
         {bit(17), "ETH1RXLPEN", rw}, {bit(25), "USB1OTGHSLPEN", rw}, {bit(26), "USB1ULPILPEN", rw},
         {bit(27), "USB2OTGHSLPEN", rw}, {bit(28), "USB2ULPILPEN", rw}}},
    {.offset = 0x164, .c1 = "C1_AHB2LPENR", .c2 = "C2_AHB2LPENR", .reset = 0xE000'0271,
     .fields = {
         {bit(0), "DCMILPEN", rw}, {bit(4), "CRYPLPEN", rw}, {bit(5), "HASHLPEN", rw},
         {bit(6), "RNGLPEN", rw}, {bit(9), "SDMMC2LPEN", rw}, {bit(29), "SRAM1LPEN", rw},
         {bit(30), "SRAM2LPEN", rw}, {bit(31), "SRAM3LPEN", rw}}},
    {.offset = 0x168, .c1 = "C1_AHB4LPENR", .c2 = "C2_AHB4LPENR", .reset = 0x3128'07FF,
     .fields = {
         {bit(0), "GPIOALPEN", rw}, {bit(1), "GPIOBLPEN", rw}, {bit(2), "GPIOCLPEN", rw},
         {bit(3), "GPIODLPEN", rw}, {bit(4), "GPIOELPEN", rw}, {bit(5), "GPIOFLPEN", rw},
         {bit(6), "GPIOGLPEN", rw}, {bit(7), "GPIOHLPEN", rw}, {bit(8), "GPIOILPEN", rw},
         {bit(9), "GPIOJLPEN", rw}, {bit(10), "GPIOKLPEN", rw}, {bit(19), "CRCLPEN", rw},
         {bit(21), "BDMALPEN", rw}, {bit(24), "ADC3LPEN", rw}, {bit(28), "BKPRAMLPEN", rw},
         {bit(29), "SRAM4LPEN", rw}}},
    {.offset = 0x16C, .c1 = "C1_APB3LPENR", .c2 = "C2_APB3LPENR", .reset = 0x0000'0058,
     .fields = {
         {bit(3), "LTDCLPEN", rw}, {bit(4), "DSILPEN", rw}, {bit(6), "WWDG1LPEN", rw}}},
    {.offset = 0x170, .c1 = "C1_APB1LLPENR", .c2 = "C2_APB1LLPENR", .reset = 0xE8FF'CBFF,
     .fields = {
         {bit(0), "TIM2LPEN", rw}, {bit(1), "TIM3LPEN", rw}, {bit(2), "TIM4LPEN", rw},
         {bit(3), "TIM5LPEN", rw}, {bit(4), "TIM6LPEN", rw}, {bit(5), "TIM7LPEN", rw},
         {bit(6), "TIM12LPEN", rw}, {bit(7), "TIM13LPEN", rw}, {bit(8), "TIM14LPEN", rw},
         {bit(9), "LPTIM1LPEN", rw}, {bit(11), "WWDG2LPEN", rw}, {bit(14), "SPI2LPEN", rw},
         {bit(15), "SPI3LPEN", rw}, {bit(16), "SPDIFRXLPEN", rw}, {bit(17), "USART2LPEN", rw},
         {bit(18), "USART3LPEN", rw}, {bit(19), "UART4LPEN", rw}, {bit(20), "UART5LPEN", rw},
         {bit(21), "I2C1LPEN", rw}, {bit(22), "I2C2LPEN", rw}, {bit(23), "I2C3LPEN", rw},
         {bit(27), "CECLPEN", rw}, {bit(29), "DAC12LPEN", rw}, {bit(30), "UART7LPEN", rw},
         {bit(31), "UART8LPEN", rw}}},
    {.offset = 0x174, .c1 = "C1_APB1HLPENR", .c2 = "C2_APB1HLPENR", .reset = 0x0000'0136,
     .fields = {
         {bit(1), "CRSLPEN", rw}, {bit(2), "SWPMILPEN", rw}, {bit(4), "OPAMPLPEN", rw},
         {bit(5), "MDIOSLPEN", rw}, {bit(8), "FDCANLPEN", rw}}},
    {.offset = 0x178, .c1 = "C1_APB2LPENR", .c2 = "C2_APB2LPENR", .reset = 0x31D7'3033,
     .fields = {
         {bit(0), "TIM1LPEN", rw}, {bit(1), "TIM8LPEN", rw}, {bit(4), "USART1LPEN", rw},
         {bit(5), "USART6LPEN", rw}, {bit(12), "SPI1LPEN", rw}, {bit(13), "SPI4LPEN", rw},
         {bit(16), "TIM15LPEN", rw}, {bit(17), "TIM16LPEN", rw}, {bit(18), "TIM17LPEN", rw},
         {bit(20), "SPI5LPEN", rw}, {bit(22), "SAI1LPEN", rw}, {bit(23), "SAI2LPEN", rw},
         {bit(24), "SAI3LPEN", rw}, {bit(28), "DFSDM1LPEN", rw}, {bit(29), "HRTIMLPEN", rw}}},
    {.offset = 0x17C, .c1 = "C1_APB4LPENR", .c2 = "C2_APB4LPENR", .reset = 0x0021'DEAA,
     .fields = {
         {bit(1), "SYSCFGLPEN", rw}, {bit(3), "LPUART1LPEN", rw}, {bit(5), "SPI6LPEN", rw},
         {bit(7), "I2C4LPEN", rw}, {bit(9), "LPTIM2LPEN", rw}, {bit(10), "LPTIM3LPEN", rw},
         {bit(11), "LPTIM4LPEN", rw}, {bit(12), "LPTIM5LPEN", rw}, {bit(14), "COMP12LPEN", rw},
         {bit(15), "VREFLPEN", rw}, {bit(16), "RTCAPBLPEN", rw}, {bit(21), "SAI4LPEN", rw}}},
    };
    // clang-format on

    std::array<Register<Rcc>, kRegisters> all{};
    std::size_t next = 0;
    for (const auto& reg : common) all[next++] = reg;
    for (unsigned core = 1; core <= 2; ++core)
        for (const auto& reg : banks) all[next++] = reg.of(core);
    return all;
}

inline constexpr std::array<Register<Rcc>, Rcc::kRegisters> Rcc::registers = Rcc::table();
static_assert(well_formed(Rcc::registers), "two RCC fields overlap, or a reserved bit has a reset value");

}  // namespace h7::rcc

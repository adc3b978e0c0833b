// The DMA engines on the whole chip: what each of them reaches, what protections answer them, caches, code,
// clocks, interrupts. system.md 1.2, 6.10; A14; F-200, F-220, F-229, F-231, F-236.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "emulator/chip/cache_checker.hpp"
#include "tests/support/bench_chip.hpp"
#include "tests/support/text_file.hpp"

namespace h7::test {
namespace {

using testing::HasSubstr;

constexpr Address kDma1 = 0x4002'0000, kDma2 = 0x4002'0400, kBdma = 0x5802'5400, kMdma = 0x5200'0000,
                  kDma2d = 0x5200'1000;
constexpr Address kAhb3 = 0x5802'44D4, kAhb1 = 0x5802'44D8, kAhb4 = 0x5802'44E0;
constexpr Address kFlash = 0x0800'0000, kAxi = 0x2402'0000, kSr1 = 0x5200'2010, kCcr1 = 0x5200'2014;
constexpr std::uint32_t kRdperr = 1U << 23, kRdserr = 1U << 24, kWrperr = 1U << 17;

class DmaChip : public testing::Test {
protected:
    /// Both cores wait in WFI, every engine has its clock.
    void begin(ChipBuilder builder) {
        chip.emplace(builder.flashed("hello_m7").flashed("hello_m4").build());
        start();
    }
    void start() {
        chip->keep_trace();
        chip->power_on();
        chip->run(5 * kMillisecond);
        put(kAhb1, 3), put(kAhb3, 1 | 1 << 4), put(kAhb4, 1U << 21 | 1U << 28);
    }
    void put(Address at, std::uint32_t value) { chip->store(Master::cm7, at, value); }
    std::uint32_t get(Address at) {
        const auto value = chip->load(Master::cm7, at);
        EXPECT_TRUE(value) << std::hex << at;
        return static_cast<std::uint32_t>(value.value_or(0));
    }
    std::uint32_t flash_flags() {
        const std::uint32_t seen = get(kSr1) & 0xFFFF'0000U;
        put(kCcr1, ~0U);
        return seen;
    }
    void pass(Time time = kMillisecond) { chip->run(time); }

    /// Flags of a stream after a memory-to-memory copy of so many words.
    std::uint32_t dma(Address base, unsigned s, Address from, Address to, std::uint32_t words = 4,
                      std::uint32_t enables = 0) {
        const Address stream = base + 0x10 + 0x18 * s, group = std::array<Address, 4>{0, 6, 16, 22}[s % 4];
        put(base + (s < 4 ? 8 : 0xC), 0x3DU << group);
        put(stream + 4, words), put(stream + 8, from), put(stream + 0xC, to), put(stream + 0x14, 0x27);
        put(stream, 2U << 6 | 1U << 9 | 1U << 10 | 2U << 11 | 2U << 13 | enables | 1U);
        pass();
        return get(base + (s < 4 ? 0 : 4)) >> group & 0x3D;
    }
    std::uint32_t mdma(Address from, Address to, std::uint32_t bytes = 16, std::uint32_t enables = 0) {
        const auto tcm = [](Address a) -> std::uint32_t { return a < 0x1'0000 || a >> 24 == 0x20 ? 1 : 0; };
        put(kMdma + 0x44, 0x1F);
        put(kMdma + 0x50, 5U << 28 | (bytes - 1) << 18 | 0xAAA);
        put(kMdma + 0x54, bytes), put(kMdma + 0x58, from), put(kMdma + 0x5C, to);
        put(kMdma + 0x68, tcm(from) << 16 | tcm(to) << 17);
        put(kMdma + 0x4C, enables | 1), put(kMdma + 0x4C, enables | 1 | 1U << 16);
        pass();
        return get(kMdma + 0x40) & 0x1F;
    }
    std::uint32_t bdma(Address from, Address to, std::uint32_t words = 4) {
        put(kBdma + 8, 0), put(kBdma + 4, 0xF);
        put(kBdma + 0xC, words), put(kBdma + 0x10, from), put(kBdma + 0x14, to);
        put(kBdma + 8, 1U << 14 | 3U << 6 | 2U << 8 | 2U << 10 | 1U);
        pass();
        return get(kBdma) & 0xF;
    }
    std::uint32_t dma2d(Address from, Address to, std::uint32_t pixels = 4, std::uint32_t enables = 0) {
        put(kDma2d + 8, 0x3F), put(kDma2d + 0xC, from), put(kDma2d + 0x3C, to);
        put(kDma2d + 0x44, pixels << 16 | 1);
        put(kDma2d, enables | 1);
        pass();
        return get(kDma2d + 4);
    }
    bool traced(std::string_view text) {
        for (const std::string& line : chip->trace_lines())
            if (line.find(text) != std::string::npos) return true;
        return false;
    }
    std::optional<BenchChip> chip;
};

constexpr std::uint32_t kTc = 0x20, kTe = 0x08;         // DMA
constexpr std::uint32_t kMdmaDone = 0x1E, kMdmaTe = 1;  // MDMA
constexpr std::uint32_t kBdmaDone = 7, kBdmaTe = 9;

// --- the table ---

class DmaTable : public testing::TestWithParam<std::string_view> {
protected:
    /// What docs/blocks/dma.md prints, as the firmware says it: "DMA1 from ITCM: eeeeeee".
    static std::string table_of_the_page() {
        std::istringstream table(
            lines_between(H7RSS_SOURCE_DIR "/docs/blocks/dma.md", "<!-- reach: begin", "<!-- reach: end"));
        std::string text;
        for (std::string line; std::getline(table, line);) {
            if (line.starts_with("| engine") || line.starts_with("|-")) continue;
            std::vector<std::string> cells;
            std::istringstream row(line.substr(1));
            for (std::string cell; std::getline(row, cell, '|');)
                cells.push_back(cell.substr(1, cell.size() - 2));  // a blank on either side
            text += cells.at(0) + " from " + cells.at(1) + ": ";
            for (std::size_t n = 2; n < cells.size(); ++n)
                text += cells[n] == "yes" ? 'c' : cells[n] == "error" ? 'e' : 'n';
            text += '\n';
        }
        return text;
    }
};

TEST_P(DmaTable, EveryMemoryToEveryMemory) {  // issue 5; system.md 1.2
    BenchChip chip = a_chip().flashed(GetParam()).with_option("BCM4", GetParam().ends_with("m4") ? 1 : 0);
    SCOPED_TRACE("docs/blocks/dma.md says otherwise");
    expect_says(chip, table_of_the_page() + "done\n", 2 * kSecond);
}

INSTANTIATE_TEST_SUITE_P(BothCores, DmaTable, testing::Values("dma_table_m7", "dma_table_m4"),
                         [](const auto& sample) { return std::string(sample.param); });

// --- reach ---

TEST_F(DmaChip, A14WhatTheEnginesReach) {  // A14
    begin(a_chip());
    put(0x2000'0400, 0x600D'DA7A);
    EXPECT_EQ(mdma(0x2000'0400, 0x3800'0000), kMdmaDone);
    EXPECT_EQ(get(0x3800'0000), 0x600D'DA7AU);
    EXPECT_EQ(dma(kDma2, 0, kFlash, kAxi), 0x10 | kTc);
    EXPECT_EQ(get(kAxi), get(kFlash));
    EXPECT_EQ(bdma(kFlash, 0x3800'0000), kBdmaTe);
    EXPECT_EQ(bdma(0x3800'0000, 0x3800'1000), kBdmaDone);
}

TEST_F(DmaChip, TheAliasOfTheSramsIsTheSameMemory) {  // decision 0162
    begin(a_chip());
    put(0x3001'0000, 0x1234'5678);
    EXPECT_EQ(dma(kDma1, 0, 0x1001'0000, 0x1001'0100), 0x10 | kTc);
    EXPECT_EQ(get(0x3001'0100), 0x1234'5678U);
}

// --- protections ---

TEST_F(DmaChip, PcropReadsAsZerosForEveryEngine) {  // F-220, F-236
    begin(a_chip().with_option("PROT_AREA_START1", 0x400).with_option("PROT_AREA_END1", 0x407));
    const Address area = kFlash + 0x400 * 256;
    put(kAxi, 0xFFFF'FFFF);
    EXPECT_EQ(dma(kDma1, 3, area, kAxi), 0x10 | kTc) << "no bus error";
    EXPECT_EQ(get(kAxi), 0U);
    EXPECT_EQ(flash_flags(), kRdperr);
    put(kAxi, 0xFFFF'FFFF);
    EXPECT_EQ(mdma(area, kAxi), kMdmaDone);
    EXPECT_EQ(get(kAxi), 0U);
    EXPECT_EQ(flash_flags(), kRdperr);
    put(kAxi, 0xFFFF'FFFF);
    EXPECT_EQ(dma2d(area, kAxi), 2U);
    EXPECT_EQ(get(kAxi), 0U);
    EXPECT_EQ(flash_flags(), kRdperr);
    EXPECT_TRUE(traced("by DMA1")) << "the refusal names the engine";
}

TEST_F(DmaChip, ASecureAreaIsClosedForEveryEngine) {  // F-229, F-231, F-236, D-03
    begin(a_chip().with_option("SEC_AREA_START1", 0x400).with_option("SEC_AREA_END1", 0x47F));
    const Address area = kFlash + 0x400 * 256;
    for (const bool through_mdma : {false, true}) {
        put(kAxi, 0xFFFF'FFFF);
        if (through_mdma)
            EXPECT_EQ(mdma(area, kAxi), kMdmaDone);
        else
            EXPECT_EQ(dma(kDma2, 1, area, kAxi), 0x10 | kTc);
        EXPECT_EQ(get(kAxi), 0U);
        EXPECT_EQ(flash_flags(), kRdserr);
    }
}

TEST_F(DmaChip, AWriteProtectedSectorRefusesADma) {  // F-191, F-236
    begin(a_chip().with_option("nWRP1", 0));
    put(0x5200'2004, 0x4567'0123), put(0x5200'2004, 0xCDEF'89AB);  // unlock bank 1
    put(0x5200'200C, 0x32);                                        // PG
    const std::uint32_t before = get(kFlash + 0x2'0000);
    EXPECT_EQ(dma(kDma1, 0, kAxi, kFlash + 0x2'0000, 8), 0x10 | kTc);
    EXPECT_EQ(flash_flags() & kWrperr, kWrperr);
    EXPECT_EQ(get(kFlash + 0x2'0000), before);
}

TEST_F(DmaChip, ADmaProgramsAFlashWord) {  // F-053: eight words make one
    begin(a_chip());
    put(0x5200'2104, 0x4567'0123), put(0x5200'2104, 0xCDEF'89AB);
    put(0x5200'210C, 0x32);
    for (unsigned i = 0; i < 16; ++i) put(kAxi + 4 * i, 0xAB00 + i);
    EXPECT_EQ(dma(kDma1, 0, kAxi, 0x081E'0000, 16), 0x10 | kTc);
    for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(get(0x081E'0000 + 4 * i), 0xAB00 + i);
    EXPECT_EQ(mdma(kAxi, 0x081E'0040, 64), kMdmaDone);
    EXPECT_EQ(get(0x081E'007C), 0xAB0FU);
}

TEST_F(DmaChip, UnderIntrusionEveryEngineGetsABusErrorAndTeif) {  // F-200, F-238
    chip.emplace(a_chip().with_option("RDP", 0xBB).with_option("BCM4", 0).holding("hello_m7").build());
    start();
    (void)(*chip)->debug_port().read(Master::ap0, 0x2400'0000, 4);  // the core sleeps, the debugger comes
    EXPECT_EQ(dma(kDma1, 5, kFlash, kAxi), kTe);
    EXPECT_EQ(get(kDma1 + 0x10 + 5 * 0x18) & 1U, 0U);
    EXPECT_EQ(mdma(kFlash, kAxi), kMdmaTe);
    EXPECT_EQ(get(kMdma + 0x48), 0U) << "TED 0: the read; the address ends in 0";
    EXPECT_EQ(dma2d(kFlash, kAxi), 1U);
    EXPECT_EQ(flash_flags() & kRdperr, kRdperr);
    EXPECT_TRUE(traced("DMA1 stream 5: read of 4 bytes at 0x08000000 refused"));
    EXPECT_TRUE(traced("MDMA channel 0: read of 4 bytes at 0x08000000 refused"));
    EXPECT_TRUE(traced("DMA2D transfer: read of 4 bytes at 0x08000000 refused"));
    // The secured regions read as zeros for the BDMA too.
    put(0x3800'0000, 0xFFFF'FFFF);
    EXPECT_EQ(bdma(0x3880'0000, 0x3800'0000), kBdmaDone);
    EXPECT_EQ(get(0x3800'0000), 0U);
}

// --- code, caches ---

TEST(DmaCode, WhatADmaWroteIsWhatRuns) {  // translated code is never stale
    expect_says(a_chip().flashed("dma_code_m7").with_option("BCM4", 0),
                "DMA1 to AXI SRAM: 1, then 2\nDMA1 to SRAM1: 1, then 2\nMDMA to AXI SRAM: 1, then 2\n"
                "MDMA to ITCM: 1, then 2\ndone\n");
}

TEST_F(DmaChip, TheCacheCheckerHearsReadsAndWrites) {  // docs/caches.md, system.md 11.5
    chip.emplace(a_chip().flashed("caches_bug_cm7").flashed("caches_cm4").check_caches().build());
    ASSERT_TRUE(chip->power_on_until("before\n", 50 * kMillisecond));
    const std::size_t before = (*chip)->cache_findings().size();
    // The Cortex-M7 filled 0x30020000 through its cache and never cleaned it: now a DMA reads it.
    const auto as_cm4 = [&](Address at, std::uint32_t value) { chip->store(Master::cm4, at, value); };
    as_cm4(kAhb1, 2);
    as_cm4(kDma2 + 0x14, 16), as_cm4(kDma2 + 0x18, 0x3002'0000), as_cm4(kDma2 + 0x1C, 0x2407'0000);
    as_cm4(kDma2 + 0x24, 0x27);
    as_cm4(kDma2 + 0x10, 2U << 6 | 1U << 9 | 1U << 10 | 2U << 11 | 2U << 13 | 1U);
    chip->run();
    const auto& findings = (*chip)->cache_findings();
    ASSERT_EQ(findings.size(), before + 1);
    EXPECT_EQ(findings.back().kind, chip::CacheFinding::Kind::not_cleaned);
    EXPECT_EQ(findings.back().reader.master, Master::dma2);
    EXPECT_EQ(findings.back().writer.master, Master::cm7);
    EXPECT_EQ(findings.back().count, 16U);
}

// --- clocks, resets, interrupts, time ---

TEST_F(DmaChip, GatedTheyReadZeroAndStand) {  // system.md 1.5, 4.1
    begin(a_chip());
    put(kDma1 + 0x18, 0x55);
    put(kAhb1, 0);
    EXPECT_EQ(get(kDma1 + 0x18), 0U);
    put(kDma1 + 0x18, 0x66);
    put(kAhb1, 2);
    EXPECT_EQ(get(kDma1 + 0x18), 0U);
    put(kDma2 - 0x400 + 0x800, 45);
    EXPECT_EQ(get(kDma1 + 0x800), 45U) << "DMAMUX1 has its clock with DMA2 as well (decision 0161)";
    put(kAhb1, 1);
    EXPECT_EQ(get(kDma1 + 0x18), 0x55U);
    put(0x5802'4480, 1), put(0x5802'4480, 0);  // AHB1RSTR.DMA1RST
    EXPECT_EQ(get(kDma1 + 0x18), 0U);
}

TEST_F(DmaChip, StoppedInTheMiddleItGoesOnWithItsClock) {
    begin(a_chip());
    put(kDma1 + 0x14, 60'000), put(kDma1 + 0x18, kAxi), put(kDma1 + 0x1C, 0x3000'0000),
        put(kDma1 + 0x24, 0x27);
    put(kDma1 + 0x10, 2U << 6 | 1U << 9 | 1U << 10 | 1U);
    pass(kMillisecond);
    put(kAhb1, 0);
    pass(10 * kMillisecond);
    put(kAhb1, 1);
    const std::uint32_t left = get(kDma1 + 0x14);
    EXPECT_GT(left, 60'000U - 17'000U);
    EXPECT_LT(left, 60'000U - 15'000U) << "64 MHz, four cycles an item";
    pass(5 * kMillisecond);
    EXPECT_EQ(get(kDma1 + 0x14), 0U);
}

TEST_F(DmaChip, InterruptsReachBothCores) {  // system.md 5.1
    begin(a_chip());
    const auto pending = [&](unsigned irq) {
        const Access look{0xE000'E200 + irq / 32 * 4, 4, Op::read, Master::cm7};
        const auto seven = (*chip)->cm7().read_private(look), four = (*chip)->cm4().read_private(look);
        return test_bit(static_cast<std::uint32_t>(*seven), irq % 32) &&
               test_bit(static_cast<std::uint32_t>(*four), irq % 32);
    };
    constexpr std::array<unsigned, 8> kFirst = {11, 12, 13, 14, 15, 16, 17, 47},
                                      kSecond = {56, 57, 58, 59, 60, 68, 69, 70};
    for (unsigned s = 0; s < 8; ++s) {
        EXPECT_FALSE(pending(kFirst[s]) || pending(kSecond[s]));
        dma(kDma1, s, kAxi, kAxi + 0x100, 4, 1U << 4);
        dma(kDma2, s, kAxi, kAxi + 0x100, 4, 1U << 4);
        EXPECT_TRUE(pending(kFirst[s]) && pending(kSecond[s])) << s;
    }
    EXPECT_FALSE(pending(122) || pending(90) || pending(131));
    mdma(kAxi, kAxi + 0x100, 16, 4);
    dma2d(kAxi, kAxi + 0x100, 4, 1U << 9);
    put(kBdma + 8 + 2 * 0x14 + 4, 1), put(kBdma + 8 + 2 * 0x14 + 8, 0x3800'0000);
    put(kBdma + 8 + 2 * 0x14 + 12, 0x3800'0010);
    put(kBdma + 8 + 2 * 0x14, 1U << 14 | 2U | 1U);
    pass();
    EXPECT_TRUE(pending(122) && pending(90) && pending(131));
}

TEST_F(DmaChip, AStreamsEndTriggersTheMdma) {  // RM0399 table 105
    begin(a_chip());
    put(kAxi, 0xFEED'0001);
    const Address channel = kMdma + 0x40 + 3 * 0x40;
    put(channel + 0x10, 1U << 28 | 15U << 18 | 0xAAA);  // a block, by hardware
    put(channel + 0x14, 16), put(channel + 0x18, 0x3000'0000), put(channel + 0x1C, 0x2000'1000);
    put(channel + 0x28, 1U << 17 | 5);                                  // DMA1 stream 5, to the DTCM
    put(channel + 0x30, kDma1 + 0xC), put(channel + 0x34, 0x20U << 6);  // clears its TCIF
    put(channel + 0xC, 1);
    EXPECT_EQ(dma(kDma1, 5, kAxi, 0x3000'0000), 0x10U) << "TCIF is cleared by the mask write";
    EXPECT_EQ(get(channel), 0x1EU);
    EXPECT_EQ(get(0x2000'1000), 0xFEED'0001U);
}

TEST_F(DmaChip, ATimerPacesAStream) {  // TIM3_UP, request 27
    begin(a_chip());
    for (unsigned i = 0; i < 8; ++i) put(kAxi + 4 * i, 100 + i);
    put(0x5802'44E8, 2);                                                    // APB1LENR.TIM3EN
    put(0x4000'0428, 63), put(0x4000'042C, 99), put(0x4000'040C, 1U << 8);  // a microsecond, 100 of them, UDE
    put(0x4002'0800 + 4 * 2, 27);
    put(kDma1 + 0x40 + 4, 8), put(kDma1 + 0x40 + 8, 0x4000'0434), put(kDma1 + 0x40 + 12, kAxi);  // to CCR1
    put(kDma1 + 0x40, 1U << 6 | 1U << 10 | 2U << 11 | 2U << 13 | 1U);
    put(0x4000'0414, 1);  // UG: takes the prescaler, and asks once
    put(0x4000'0400, 1);
    pass(10 * kMicrosecond);
    EXPECT_EQ(get(kDma1 + 0x44), 7U);
    EXPECT_EQ(get(0x4000'0434), 100U);
    pass(350 * kMicrosecond);
    EXPECT_EQ(get(kDma1 + 0x44), 4U);
    EXPECT_EQ(get(0x4000'0434), 103U);
}

TEST_F(DmaChip, TheHashIsFedAndClosed) {  // HAL_HASH_SHA256_Start_DMA; "abc", FIPS 180
    begin(a_chip());
    put(0x5802'44DC, 1U << 5);                                 // AHB2ENR.HASHEN
    put(kAxi, 0x6362'6100 >> 8);                               // "abc"
    put(0x4802'1408, 24);                                      // STR.NBLW
    put(0x4802'1400, 1U << 18 | 1U << 7 | 2U << 4 | 1U << 2);  // SHA-256, bytes, INIT
    put(0x4802'1408, 24);
    put(0x4802'1400, 1U << 18 | 1U << 7 | 2U << 4 | 1U << 3);  // DMAE
    put(0x4002'0800 + 4 * 7, 78);
    const Address stream = kDma1 + 0x10 + 7 * 0x18;
    put(stream + 4, 1), put(stream + 8, 0x4802'1404), put(stream + 0xC, kAxi);
    put(stream, 1U << 6 | 1U << 10 | 2U << 11 | 2U << 13 | 1U);
    pass();
    EXPECT_EQ(get(0x4802'1710), 0xBA78'16BFU);
}

TEST_F(DmaChip, APinStartsAGenerator) {  // DMAMUX1 trigger 6: EXTI0 after SYSCFG_EXTICR
    begin(a_chip());
    put(kAxi, 77);
    put(kAhb4, 1U << 21 | 1U);      // GPIOA
    put(0x5802'0000, 0xABFF'FFFD);  // PA0 is an output: it drives its own input
    put(0x4002'0900, 6 | 1U << 17), put(0x4002'0900, 6 | 1U << 17 | 1U << 16);  // generator 0, rising
    put(0x4002'0800, 1);                                                        // to stream 0
    put(kDma1 + 0x14, 2), put(kDma1 + 0x18, 0x3800'0000), put(kDma1 + 0x1C, kAxi);
    put(kDma1 + 0x10, 1U << 6 | 2U << 11 | 1U);
    pass();
    EXPECT_EQ(get(kDma1 + 0x14), 2U);
    put(0x5802'0018, 1);  // BSRR
    pass();
    EXPECT_EQ(get(kDma1 + 0x14), 1U);
    EXPECT_EQ(get(0x3800'0000), 77U);
}

TEST_F(DmaChip, ALowPowerTimerPacesAStream) {  // RM0399 table 128: DMAMUX1 trigger 3 is lptim1_out
    begin(a_chip());
    put(kAxi, 77);
    put(0x5802'44E8, 1U << 9);                                                  // LPTIM1
    put(0x4002'0900, 3 | 1U << 17), put(0x4002'0900, 3 | 1U << 17 | 1U << 16);  // generator 0, rising
    put(0x4002'0800, 1);                                                        // to stream 0
    put(kDma1 + 0x14, 100), put(kDma1 + 0x18, 0x3800'0000), put(kDma1 + 0x1C, kAxi);
    put(kDma1 + 0x10, 1U << 6 | 2U << 11 | 2U << 13 | 1U);
    constexpr Address kLptim1 = 0x4000'2400;
    put(kLptim1 + 0x10, 1);                               // ENABLE
    put(kLptim1 + 0x18, 6399), put(kLptim1 + 0x14, 100);  // 64 MHz / 6400: 10 kHz
    put(kLptim1 + 0x10, 1 | 4);                           // CNTSTRT
    pass(kMillisecond);
    EXPECT_EQ(get(kDma1 + 0x14), 90U);
    EXPECT_EQ(get(0x3800'0000), 77U);
}

TEST_F(DmaChip, TheWakeUpTimerOfTheRtcStartsTheBdma) {  // RM0399 table 131: DMAMUX2 trigger 19 is rtc_wkup
    begin(a_chip());
    put(0x5802'4474, 1);                   // LSI
    put(0x5802'4800, 1U << 8);             // DBP
    put(0x5802'4470, 2U << 8 | 1U << 15);  // RTC on LSI
    put(0x3800'0000, 0x1234'5678);
    put(0x5802'5900, 19 | 1U << 17), put(0x5802'5900, 19 | 1U << 17 | 1U << 16);
    put(0x5802'5800, 1);  // generator 0 to channel 0
    put(0x5802'540C, 1), put(0x5802'5410, 0x3800'0000), put(0x5802'5414, 0x3800'0100);
    put(0x5802'5408, 2U << 8 | 2U << 10 | 1U);  // words, from the peripheral address
    put(0x5800'4024, 0xCA), put(0x5800'4024, 0x53);
    put(0x5800'4014, 3);                    // 4 steps of RTC / 16: 2 ms
    put(0x5800'4008, 1U << 10 | 1U << 14);  // WUTE, WUTIE
    pass(kMillisecond);
    EXPECT_EQ(get(0x5802'540C), 1U);
    pass(3 * kMillisecond);
    EXPECT_EQ(get(0x5802'540C), 0U);
    EXPECT_EQ(get(0x3800'0100), 0x1234'5678U);
}

TEST_F(DmaChip, AnInterruptOfLpuart1StartsTheBdma) {  // RM0399 table 131: 24 is lpuart1_it_T
    begin(a_chip());
    put(0x5802'44F4, 1U << 3 | 1U << 16);
    put(0x3800'0000, 0x55);
    put(0x5802'5900, 24 | 1U << 17), put(0x5802'5900, 24 | 1U << 17 | 1U << 16);
    put(0x5802'5800, 1);
    put(0x5802'540C, 1), put(0x5802'5410, 0x3800'0100), put(0x5802'5414, 0x3800'0000);
    put(0x5802'5408, 1U << 4 | 2U << 8 | 2U << 10 | 1U);
    pass();
    EXPECT_EQ(get(0x5802'540C), 1U);
    put(0x5800'0C00, 1U | 1U << 3 | 1U << 7);  // UE, TE, TXEIE
    pass();
    EXPECT_EQ(get(0x5802'540C), 0U);
    EXPECT_EQ(get(0x3800'0100), 0x55U);
}

TEST_F(DmaChip, ASystemResetStopsThem) {  // system.md 3.1
    begin(a_chip());
    put(kDma1 + 0x14, 60'000), put(kDma1 + 0x18, kAxi), put(kDma1 + 0x1C, 0x3000'0000);
    put(kDma1 + 0x10, 2U << 6 | 1U << 9 | 1U << 10 | 1U);
    (*chip)->press_reset();
    put(kAhb1, 1);
    EXPECT_EQ(get(kDma1 + 0x10), 0U);
    EXPECT_EQ(get(kDma1 + 0x24), 0x21U);
}

TEST_F(DmaChip, ASnapshotKnowsTransfersUnderWay) {  // emulator/chip/snapshot.hpp
    begin(a_chip());
    for (unsigned i = 0; i < 16; ++i) put(kAxi + 4 * i, 0x1000 + i);
    put(kDma1 + 0x14, 40'000), put(kDma1 + 0x18, kAxi), put(kDma1 + 0x1C, 0x3000'0000),
        put(kDma1 + 0x24, 0x27);
    put(kDma1 + 0x10, 2U << 6 | 1U << 9 | 1U << 10 | 1U);
    put(0x5802'44E8, 2);  // TIM3 paces stream 2, which waits for it
    put(0x4000'0428, 63), put(0x4000'042C, 99), put(0x4000'0414, 1), put(0x4000'040C, 1U << 8);
    put(0x4002'0808, 27);
    put(kDma1 + 0x44, 8), put(kDma1 + 0x48, 0x4000'0434), put(kDma1 + 0x4C, kAxi);
    put(kDma1 + 0x40, 1U << 6 | 1U << 10 | 2U << 11 | 2U << 13 | 1U);
    put(0x4000'0400, 1);
    pass(250 * kMicrosecond);
    const auto snapshot = (*chip)->snapshot();
    const auto ending = [&] {
        pass(210 * kMicrosecond);
        const std::array<std::uint32_t, 5> seen = {get(kDma1 + 0x14), get(kDma1 + 0x44), get(0x4000'0434),
                                                   get(kDma1), get(0x4000'0424)};
        return std::pair(seen, (*chip)->clock().now());
    };
    const auto first = ending();
    EXPECT_EQ(first.first[1], 4U);
    (*chip)->restore(*snapshot);
    EXPECT_EQ(ending(), first);
    dma(kDma2, 3, kAxi, 0x3000'8000), mdma(kAxi, 0x2000'0100);
    put(kDma1 + 0x40, 0), put(kDma1 + 0x10, 0), put(0x4002'0808, 0);
    (*chip)->restore(*snapshot);
    EXPECT_EQ(ending(), first);
}

TEST(DmaRuns, TheShortWayChangesNothing) {  // with the cache checker every access is made by itself
    const auto ending = [](bool one_by_one) {
        ChipBuilder builder = a_chip().flashed("dma_table_m7").with_option("BCM4", 0);
        if (one_by_one) builder.check_caches();
        BenchChip chip = builder;
        EXPECT_TRUE(chip.power_on_until("done\n", 2 * kSecond));
        return std::tuple(chip.console(), chip->clock().now(), chip->cm7().instructions());
    };
    EXPECT_EQ(ending(false), ending(true));
}

TEST(DmaRuns, AreRepeatable) {  // D-28
    const auto ending = [] {
        BenchChip chip = a_chip().flashed("dma_table_m7").with_option("BCM4", 0);
        (void)chip.power_on_until("done\n", 2 * kSecond);
        return std::pair(chip->clock().now(), chip->cm7().instructions());
    };
    EXPECT_EQ(ending(), ending());
}

}  // namespace
}  // namespace h7::test

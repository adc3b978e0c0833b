// Every bit of every xRSTR and xENR register of the RCC: it resets, and it clocks, the blocks system.md 4.1
// names for it and no others (1.5, 3.1).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/idle_chip.hpp"

namespace h7::test {
namespace {

struct Bit {
    Address enr;  // in the window of the core that asks; xRSTR stands 0x58 before it
    unsigned bit;
    std::vector<std::string_view> blocks;
    enum { both, only_clock, never_off } does = both;
};
constexpr Address kAhb3 = 0xD4, kAhb1 = 0xD8, kAhb2 = 0xDC, kAhb4 = 0xE0, kApb3 = 0xE4, kApb1l = 0xE8,
                  kApb1h = 0xEC, kApb2 = 0xF0, kApb4 = 0xF4;
constexpr Address kToRstr = 0x58, kC1 = 0x60, kC2 = 0xC0;

// clang-format off
const std::vector<Bit>& table() {
    static const std::vector<Bit> all = {
        {kAhb3, 0, {"MDMA"}}, {kAhb3, 4, {"DMA2D"}}, {kAhb3, 5, {"JPEG"}}, {kAhb3, 12, {"FMC"}},
        {kAhb3, 14, {"QUADSPI", "DLYB-QSPI"}}, {kAhb3, 16, {"SDMMC1", "DLYB-SDMMC1"}},
        {kAhb1, 0, {"DMA1", "DMAMUX1"}}, {kAhb1, 1, {"DMA2"}}, {kAhb1, 5, {"ADC12"}}, {kAhb1, 14, {"ART"}},
        {kAhb1, 15, {"ETH"}}, {kAhb1, 25, {"USB1"}}, {kAhb1, 27, {"USB2"}},
        {kAhb2, 0, {"DCMI"}}, {kAhb2, 4, {"CRYP"}}, {kAhb2, 5, {"HASH"}}, {kAhb2, 6, {"RNG"}},
        {kAhb2, 9, {"SDMMC2", "DLYB-SDMMC2"}},
        {kAhb4, 0, {"GPIOA"}}, {kAhb4, 1, {"GPIOB"}}, {kAhb4, 2, {"GPIOC"}}, {kAhb4, 3, {"GPIOD"}},
        {kAhb4, 4, {"GPIOE"}}, {kAhb4, 5, {"GPIOF"}}, {kAhb4, 6, {"GPIOG"}}, {kAhb4, 7, {"GPIOH"}},
        {kAhb4, 8, {"GPIOI"}}, {kAhb4, 9, {"GPIOJ"}}, {kAhb4, 10, {"GPIOK"}}, {kAhb4, 19, {"CRC"}},
        {kAhb4, 21, {"BDMA", "DMAMUX2"}}, {kAhb4, 24, {"ADC3"}}, {kAhb4, 25, {"HSEM"}},
        {kApb3, 3, {"LTDC"}}, {kApb3, 4, {"DSI"}}, {kApb3, 6, {"WWDG1"}, Bit::never_off},
        {kApb1l, 0, {"TIM2"}}, {kApb1l, 1, {"TIM3"}}, {kApb1l, 2, {"TIM4"}}, {kApb1l, 3, {"TIM5"}},
        {kApb1l, 4, {"TIM6"}}, {kApb1l, 5, {"TIM7"}}, {kApb1l, 6, {"TIM12"}}, {kApb1l, 7, {"TIM13"}},
        {kApb1l, 8, {"TIM14"}}, {kApb1l, 9, {"LPTIM1"}}, {kApb1l, 11, {"WWDG2"}, Bit::never_off},
        {kApb1l, 14, {"SPI2"}}, {kApb1l, 15, {"SPI3"}}, {kApb1l, 16, {"SPDIFRX"}}, {kApb1l, 17, {"USART2"}},
        {kApb1l, 18, {"USART3"}}, {kApb1l, 19, {"UART4"}}, {kApb1l, 20, {"UART5"}}, {kApb1l, 21, {"I2C1"}},
        {kApb1l, 22, {"I2C2"}}, {kApb1l, 23, {"I2C3"}}, {kApb1l, 27, {"CEC"}}, {kApb1l, 29, {"DAC1"}},
        {kApb1l, 30, {"UART7"}}, {kApb1l, 31, {"UART8"}},
        {kApb1h, 1, {"CRS"}}, {kApb1h, 2, {"SWPMI"}}, {kApb1h, 4, {"OPAMP"}}, {kApb1h, 5, {"MDIOS"}},
        {kApb1h, 8, {"FDCAN1", "FDCAN2", "CAN-CCU", "CAN RAM"}},
        {kApb2, 0, {"TIM1"}}, {kApb2, 1, {"TIM8"}}, {kApb2, 4, {"USART1"}}, {kApb2, 5, {"USART6"}},
        {kApb2, 12, {"SPI1"}}, {kApb2, 13, {"SPI4"}}, {kApb2, 16, {"TIM15"}}, {kApb2, 17, {"TIM16"}},
        {kApb2, 18, {"TIM17"}}, {kApb2, 20, {"SPI5"}}, {kApb2, 22, {"SAI1"}}, {kApb2, 23, {"SAI2"}},
        {kApb2, 24, {"SAI3"}}, {kApb2, 28, {"DFSDM1"}}, {kApb2, 29, {"HRTIM"}},
        {kApb4, 1, {"SYSCFG"}}, {kApb4, 3, {"LPUART1"}}, {kApb4, 5, {"SPI6"}}, {kApb4, 7, {"I2C4"}},
        {kApb4, 9, {"LPTIM2"}}, {kApb4, 10, {"LPTIM3"}}, {kApb4, 11, {"LPTIM4"}}, {kApb4, 12, {"LPTIM5"}},
        {kApb4, 14, {"COMP"}}, {kApb4, 15, {"VREFBUF"}}, {kApb4, 16, {"RTC"}, Bit::only_clock}, {kApb4, 21, {"SAI4"}},
    };
    return all;
}
/// Enables without a block of their own: clocks of a part of one, and of memories.
constexpr std::pair<Address, unsigned> kNoBlock[] = {
    {kAhb1, 16}, {kAhb1, 17}, {kAhb1, 26}, {kAhb1, 28},              // ETH1TX, ETH1RX, USB ULPI
    {kAhb2, 29}, {kAhb2, 30}, {kAhb2, 31}, {kAhb4, 28},              // SRAM1-3, backup SRAM
    {kAhb3, 8}, {kAhb3, 28}, {kAhb3, 29}, {kAhb3, 30}, {kAhb3, 31},  // FLASH, DTCM1, DTCM2, ITCM, AXI SRAM (C2)
};
// clang-format on

const Bit* row(Address enr, unsigned bit) {
    for (const Bit& one : table())
        if (one.enr == enr && one.bit == bit) return &one;
    return nullptr;
}
bool names(const Bit* row, std::string_view block) {
    return row != nullptr && std::ranges::find(row->blocks, block) != row->blocks.end();
}

class RccBits : public IdleChip {
protected:
    /// A register of a block and a value it keeps that is not its reset value.
    struct Mark {
        Address at = 0;
        std::uint32_t reset = 0, value = 0;
    };
    void SetUp() override {
        begin();
        every_gate(~0U);
        or_in(kPwr, 1U << 8);                              // DBP
        set(0x5800'4024, 0xCA), set(0x5800'4024, 0x53);    // RTC_WPR
        for (Address enr = kAhb3; enr <= kApb4; enr += 4)  // what the programs left
            put(kRcc + enr - kToRstr, ~0U), put(kRcc + enr - kToRstr, 0);
        for (Peripheral* block : (*chip)->peripherals()) {
            if (block->name() == "RCC" || block->name() == "SEC" || block->name() == "PWR") continue;
            if (const auto mark = find_mark(*block)) marks_.emplace(block, *mark);
        }
    }
    void every_gate(std::uint32_t bits) {
        for (const Address bank : {kC1, kC2})
            for (Address enr = kAhb3; enr <= kApb4; enr += 4) put(kRcc + bank + enr, bits, Master::ap1);
    }
    /// The last field that keeps what is written: control bits that set something off stand first.
    std::optional<Mark> find_mark(Peripheral& block) {
        std::vector<std::pair<Address, std::uint32_t>> candidates;
        for (const RegisterInfo& reg : block.describe()) {
            if (reg.computed) continue;
            for (const FieldInfo& field : reg.fields)
                if (field.letters == "rw" || !field.modelled)
                    candidates.emplace_back(block.base() + reg.offset, reg.reset ^ 1U << field.lsb);
        }
        if (block.describe().empty())
            for (const Address offset : {0x20U, 0x18U, 0x14U, 0x10U, 0x0CU, 0x04U, 0x00U})
                candidates.emplace_back(block.base() + offset, look(block.base() + offset) ^ 0x40U);
        std::ranges::reverse(candidates);
        for (const auto& [at, value] : candidates) {
            const std::uint32_t before = look(at);
            set(at, value);
            const bool kept = look(at) == value && value != before;
            set(at, before);
            if (kept && look(at) == before) return Mark{at, before, value};
        }
        return std::nullopt;
    }
    std::uint32_t look(Address at) {
        const auto value = (*chip)->read((*chip)->as_core(Master::cm7, at));
        return static_cast<std::uint32_t>(value.value_or(0xBADC'0DE0));
    }
    void set(Address at, std::uint32_t value) {
        (void)(*chip)->write((*chip)->as_core(Master::cm7, at, 4, Op::write), value);
    }
    static std::vector<std::uint8_t> state_of(const Peripheral& block) {
        StateWriter out;
        block.save(out);
        return {out.data().begin(), out.data().end()};
    }
    std::map<Peripheral*, std::vector<std::uint8_t>> states() {
        std::map<Peripheral*, std::vector<std::uint8_t>> all;
        for (Peripheral* block : (*chip)->peripherals()) all[block] = state_of(*block);
        return all;
    }
    /// A gate that software can close again; WWDGxEN stays 1 (system.md 4.1).
    static bool may_close(const Peripheral& block) {
        return std::ranges::any_of(
            table(), [&](const Bit& one) { return one.does != Bit::never_off && names(&one, block.name()); });
    }
    void mark_all() {
        for (const auto& [block, mark] : marks_) set(mark.at, mark.value);
    }
    std::map<Peripheral*, Mark> marks_;
};

TEST_F(RccBits, EachResetBitResetsItsBlocksAndNothingElse) {  // system.md 3.1, 4.1
    for (Address enr = kAhb3; enr <= kApb4; enr += 4)
        for (unsigned bit = 0; bit < 32; ++bit) {
            SCOPED_TRACE(testing::Message()
                         << std::hex << "RCC + 0x" << enr - kToRstr << " bit " << std::dec << bit);
            const Bit* const wanted = row(enr, bit);
            const bool resets = wanted != nullptr && wanted->does == Bit::both;
            mark_all();
            const auto before = states();
            put(kRcc + enr - kToRstr, 1U << bit);
            EXPECT_EQ(get(kRcc + enr - kToRstr), resets ? 1U << bit : 0U);
            for (const auto& [block, mark] : marks_) {
                if (!resets || !names(wanted, block->name())) continue;
                EXPECT_EQ(look(mark.at), mark.reset) << block->name();
                set(mark.at, mark.value);
                EXPECT_EQ(look(mark.at), mark.reset) << block->name() << " is held in reset";
            }
            put(kRcc + enr - kToRstr, 0);
            for (const auto& [block, state] : before) {
                if (resets && names(wanted, block->name())) continue;
                EXPECT_EQ(state_of(*block), state) << block->name() << " has nothing to do with it";
            }
            for (const auto& [block, mark] : marks_) {
                if (!resets || !names(wanted, block->name())) continue;
                EXPECT_EQ(look(mark.at), mark.reset) << block->name();
                set(mark.at, mark.value);
                EXPECT_EQ(look(mark.at), mark.value) << block->name() << " is out of reset";
            }
        }
}

TEST_F(RccBits, EachEnableBitOfEitherCoreClocksItsBlocksAndNothingElse) {  // system.md 1.5, 4.1; A18
    for (const Address bank : {kC1, kC2})
        for (Address enr = kAhb3; enr <= kApb4; enr += 4)
            for (unsigned bit = 0; bit < 32; ++bit) {
                SCOPED_TRACE(testing::Message()
                             << std::hex << "RCC + 0x" << bank + enr << " bit " << std::dec << bit);
                const Bit* const wanted = row(enr, bit);
                const bool other = std::ranges::find(kNoBlock, std::pair{enr, bit}) != std::end(kNoBlock);
                every_gate(~0U);
                mark_all();
                every_gate(0);
                put(kRcc + bank + enr, 1U << bit, Master::ap1);
                if (wanted == nullptr && !other) {
                    EXPECT_EQ(get(kRcc + bank + enr, Master::ap1) & 1U << bit, 0U) << "there is no such bit";
                }
                for (const auto& [block, mark] : marks_) {
                    if (!may_close(*block)) continue;
                    const bool dmamux1 = block->name() == "DMAMUX1" && enr == kAhb1 && bit == 1;  // 0161
                    const bool open = names(wanted, block->name()) || dmamux1;
                    EXPECT_EQ(look(mark.at), open ? mark.value : 0U) << block->name();
                    if (!open) set(mark.at, mark.reset);
                }
                every_gate(~0U);
                for (const auto& [block, mark] : marks_)
                    ASSERT_EQ(look(mark.at), mark.value)
                        << block->name() << " took a write without its clock";
            }
}

TEST_F(IdleChip, AWindowWatchdogIsGatedUntilItsBitIsSetAndNeverAgain) {  // system.md 4.1
    begin();
    for (const auto& [at, enr, bit, core] : {std::tuple{0x5000'3004U, kApb3, 6U, Master::cm7},
                                             std::tuple{0x4000'2C04U, kApb1l, 11U, Master::cm4}}) {
        put(at, 0x55);
        EXPECT_EQ(get(at), 0U);
        put(kRcc + enr, 1U << bit, core);
        put(at, 0x55);
        EXPECT_EQ(get(at), 0x55U);
        put(kRcc + enr, 0, core);
        EXPECT_EQ(get(at), 0x55U);
    }
}

TEST_F(RccBits, EveryBlockWithAGateIsInTheTable) {  // system.md 4.1
    for (const Bit& one : table())
        for (const std::string_view name : one.blocks) {
            const bool looked_at =
                std::ranges::any_of(marks_, [&](const auto& m) { return m.first->name() == name; });
            EXPECT_TRUE(looked_at) << name << " has no register the sweep can mark";
        }
    every_gate(0);
    for (const auto& [block, mark] : marks_) {
        set(mark.at, mark.value);
        EXPECT_EQ(look(mark.at) == mark.value, !may_close(*block)) << block->name();
    }
}

}  // namespace
}  // namespace h7::test

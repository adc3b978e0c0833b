#include <gtest/gtest.h>

#include "emulator/base/bits.hpp"
#include "emulator/chip/block_table.hpp"
#include "emulator/chip/boot.hpp"
#include "emulator/chip/memory_map.hpp"
#include "emulator/chip/part.hpp"
#include "emulator/chip/reset_tree.hpp"

namespace h7::chip {
namespace {

std::string_view seen(Address address, Master master) {
    const Region* region = find_region(address, master);
    return region == nullptr ? "bus error" : region->name;
}

TEST(MemoryMap, SameAddressLeadsElsewhereForEachCore) {  // system.md 1.1
    EXPECT_EQ(seen(0x0000'0000, Master::cm7), "ITCM");
    EXPECT_EQ(seen(0x0000'0000, Master::cm4), "CM4 boot window");
    EXPECT_EQ(seen(0x0001'0000, Master::cm7), "bus error");
    EXPECT_EQ(seen(0x2000'0000, Master::cm7), "DTCM");
    EXPECT_EQ(seen(0x2000'0000, Master::cm4), "bus error");  // A8
    EXPECT_EQ(seen(0x2408'0000, Master::cm4), "bus error");
    EXPECT_EQ(seen(0x1004'8000, Master::cm7), "bus error");  // A9
}

TEST(MemoryMap, Cm4NeverReachesSystemMemory) {  // D-01, R-053
    EXPECT_EQ(seen(0x1FF0'0000, Master::cm7), "system flash bank 1");
    for (const Address a : {0x1FF0'0000U, 0x1FF1'E800U, 0x1FF4'0000U}) {
        EXPECT_EQ(seen(a, Master::cm4), "bus error");
        EXPECT_EQ(seen(a, Master::ap3), "bus error");
    }
    EXPECT_EQ(seen(0x1FF2'0000, Master::cm7), "bus error");  // D-08
}

TEST(MemoryMap, DmaReachFollowsTheBusMatrix) {  // system.md 1.2, A14
    EXPECT_EQ(seen(0x0800'0000, Master::dma2), "user flash");
    EXPECT_EQ(seen(0x0800'0000, Master::bdma), "bus error");
    EXPECT_EQ(seen(0x2000'0000, Master::mdma), "DTCM");
    EXPECT_EQ(seen(0x2000'0000, Master::dma1), "bus error");
    EXPECT_EQ(seen(0x3800'0000, Master::bdma), "SRAM4");
    EXPECT_EQ(seen(0x2400'0000, Master::ap1), "bus error");
}

TEST(MemoryMap, AliasesShareStorage) {  // A9
    const Region* alias = find_region(0x1004'0000, Master::cm4);
    ASSERT_NE(alias, nullptr);
    EXPECT_EQ(alias->canonical_of(0x1004'0000), 0x3004'0000U);
}

TEST(MemoryMap, RowsAreInAddressOrder) {
    Address last = 0;
    for (const Region& row : memory_map()) {
        EXPECT_GE(row.first, last) << row.name;
        EXPECT_GE(row.last, row.first) << row.name;
        last = row.first;
    }
}

/// So a row once found for a master holds until its end, whichever rows lie around it.
TEST(MemoryMap, NoTwoRowsOfOneMasterShareAnAddress) {
    const auto map = memory_map();
    for (std::size_t a = 0; a < map.size(); ++a)
        for (std::size_t b = a + 1; b < map.size(); ++b)
            for (unsigned master = 0; master < kMasters; ++master)
                if (map[a].reach.has(static_cast<Master>(master)) &&
                    map[b].reach.has(static_cast<Master>(master))) {
                    EXPECT_TRUE(map[a].last < map[b].first || map[b].last < map[a].first)
                        << map[a].name << " and " << map[b].name;
                }
}

TEST(Boot, FactoryOptionsStartBothCores) {  // A1, F-027, system.md 2.1
    const BootChoice choice = choose_boot(flash::kFactoryOptions, false);
    EXPECT_EQ(choice.cm7, 0x0800'0000U);
    EXPECT_EQ(choice.cm4, 0x0810'0000U);
    EXPECT_TRUE(choice.cm7_starts);
    EXPECT_TRUE(choice.cm4_starts);
    const BootChoice high = choose_boot(flash::kFactoryOptions, true);
    EXPECT_EQ(high.cm7, 0x1FF0'0000U);
    EXPECT_EQ(high.cm4, 0x1000'0000U);
}

flash::OptionWords with(flash::OptionWord word, unsigned msb, unsigned lsb, std::uint32_t value) {
    flash::OptionWords options = flash::kFactoryOptions;
    options[word] = insert(options[word], msb, lsb, value);
    return options;
}

TEST(Boot, CoreBootBits) {  // A2, A3, system.md 2.2
    EXPECT_FALSE(choose_boot(with(flash::kOptsr, 22, 22, 0), false).cm4_starts);
    EXPECT_TRUE(choose_boot(with(flash::kOptsr, 22, 22, 0), false).cm7_starts);
    EXPECT_FALSE(choose_boot(with(flash::kOptsr, 23, 23, 0), false).cm7_starts);
    EXPECT_TRUE(choose_boot(with(flash::kOptsr, 23, 23, 0), false).cm4_starts);
    const BootChoice neither = choose_boot(with(flash::kOptsr, 23, 22, 0), false);
    EXPECT_TRUE(neither.cm7_starts);
    EXPECT_FALSE(neither.cm4_starts);
}

TEST(Boot, AddressWithNothingBehindItIsReplaced) {  // system.md 2.1
    EXPECT_EQ(choose_boot(with(flash::kBoot7, 15, 0, 0x3FFF), false).cm7, 0x0800'0000U);
    EXPECT_EQ(choose_boot(with(flash::kBoot7, 31, 16, 0x0A00), true).cm7, 0x0000'0000U);
    EXPECT_EQ(choose_boot(with(flash::kBoot4, 15, 0, 0x2000), false).cm4,
              0x0810'0000U);  // DTCM: not for the CM4
    EXPECT_EQ(choose_boot(with(flash::kBoot4, 31, 16, 0x1FF0), true).cm4, 0x1000'0000U);
}

TEST(Boot, Level2BootsFromFlashOnly) {  // F-202, A-36
    flash::OptionWords options = with(flash::kOptsr, 15, 8, 0xCC);
    const BootChoice high = choose_boot(options, true);
    EXPECT_EQ(high.cm7, 0x0800'0000U);
    EXPECT_EQ(high.cm4, 0x0810'0000U);
    options[flash::kBoot7] = insert(options[flash::kBoot7], 15, 0, 0x0804);
    EXPECT_EQ(choose_boot(options, false).cm7, 0x0804'0000U);
}

TEST(ResetTree, FlagsOfTheManual) {  // system.md 3.2
    EXPECT_EQ(reset_row(ResetSource::nrst_pin).rsr_flags, 0x0046'0000U);
    EXPECT_EQ(reset_row(ResetSource::software_cm7).rsr_flags, 0x0146'0000U);
    EXPECT_EQ(reset_row(ResetSource::software_cm4).rsr_flags, 0x0246'0000U);
    EXPECT_FALSE(reset_row(ResetSource::software_cm7).loads_options);  // F-134
}

TEST(Parts, FoundByAnySpelling) {
    ASSERT_NE(find_part("h755"), nullptr);
    EXPECT_EQ(find_part("STM32H747")->name, "STM32H747");
    EXPECT_EQ(find_part("STM32F407"), nullptr);
    EXPECT_FALSE(find_part("H745")->security);  // D-02
}

/// A row whose block is spelled wrong, or got a model, would be lost without a word.
TEST(StoredBlocks, EveryHabitBelongsToOne) {  // system.md 6.12
    unsigned with_habits = 0;
    for (const StoredBlock& block : stored_blocks()) {
        with_habits += habits_of(block.name).empty() ? 0 : 1;
        for (const storage::Habit& habit : habits_of(block.name)) {
            EXPECT_LT(habit.offset, block.size) << block.name;
            EXPECT_LT(habit.cause, block.size) << block.name;
            EXPECT_EQ(habit.offset % 4 + habit.cause % 4, 0U) << block.name;
        }
    }
    EXPECT_EQ(with_habits, blocks_with_habits());
}

}  // namespace
}  // namespace h7::chip

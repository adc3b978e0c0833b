// The reset tree as one table: every source of system.md 3.1, what it resets and what it leaves alone, and
// the flags it leaves for each core (3.2, 3.3). Plus what makes watchdogs start, and resets of single blocks.
#include <gmock/gmock.h>

#include "tests/support/parameter_name.hpp"
#include "tests/support/reset_sources.hpp"

namespace h7::test {
namespace {

// --- what is looked at ---

enum Part : unsigned {
    kCm7Core,
    kD1Block,
    kFlash,
    kWwdg1,
    kCm4Core,
    kD2Block,
    kWwdg2,
    kD3Block,
    kRccClocks,
    kDbp,
    kIwdg1,
    kIwdg2,
    kRtc,
    kBackupSram,
    kSupply,
    kDbgmcu,
    kD1Ram,
    kD2Ram,
    kSram4,
    kParts
};
constexpr const char* kNames[] = {"CM7",      "D1 block",  "FLASH",     "WWDG1",       "CM4",
                                  "D2 block", "WWDG2",     "D3 block",  "RCC",         "PWR_CR1.DBP",
                                  "IWDG1",    "IWDG2",     "RTC",       "backup SRAM", "PWR_CR3",
                                  "DBGMCU",   "RAM of D1", "RAM of D2", "SRAM4"};
using Set = std::uint32_t;
constexpr Set set_of(std::initializer_list<Part> parts) {
    Set set = 0;
    for (const Part part : parts) set |= 1U << part;
    return set;
}
// system.md 3.1, the columns every full reset has; RAM and the retained domain are in none of them (3.3).
constexpr Set kD1 = set_of({kCm7Core, kD1Block, kFlash, kWwdg1}), kD2 = set_of({kCm4Core, kD2Block, kWwdg2});
constexpr Set kSystem = kD1 | kD2 | set_of({kD3Block, kRccClocks, kDbp, kIwdg1, kIwdg2});
constexpr Set kRams = set_of({kD1Ram, kD2Ram, kSram4});
constexpr Set kEverything = (1U << kParts) - 1;

class ResetTable : public ResetSources {
protected:
    static constexpr Address kTim2 = 0x4000'0000, kSar = 0x5200'0058;

    void mark() {
        clocks();
        put(kPwr + 0xC, 2), or_in(kPwr, 1U << 8);
        put_private(kCm7, 0xE000'E400, 0x10), put_private(kCm4, 0xE000'E400, 0x10);
        put(kSar, 0x1234), put(0x5200'2000, 0x22), put(0x5000'3004, 0x55);
        put(kTim2 + 0x2C, 0x1234), put(0x4000'2C04, 0x55);
        put(kGpiob + 0x14, 0x1234), put(kRcc + 0x20, 0x40);
        for (const Address dog : {0x5800'4800U, 0x5800'4C00U}) put(dog, 0x5555), put(dog + 4, 3);
        put(0x5800'4050, 0x1234), put(0x3880'0000, 0x1234), put(0x5C00'1054, 1U << 16);
        put(0x2407'0000, 0x1234), put(0x3000'8000, 0x1234), put(0x3800'9000, 0x1234);
    }
    /// Everything that is no longer as mark() left it.
    Set reset_since() {
        const bool dbp_fell = (get(kPwr) >> 8 & 1) == 0;
        clocks();
        or_in(kPwr, 1U << 8);
        const bool kept[kParts] = {private_register(kCm7, 0xE000'E400) == 0x10,
                                   get(kSar) == 0x1234,
                                   get(0x5200'2000) == 0x22,
                                   get(0x5000'3004) == 0x55,
                                   private_register(kCm4, 0xE000'E400) == 0x10,
                                   get(kTim2 + 0x2C) == 0x1234,
                                   get(0x4000'2C04) == 0x55,
                                   get(kGpiob + 0x14) == 0x1234,
                                   get(kRcc + 0x20) == 0x40,
                                   !dbp_fell,
                                   get(0x5800'4804) == 3,
                                   get(0x5800'4C04) == 3,
                                   get(0x5800'4050) == 0x1234,
                                   get(0x3880'0000) == 0x1234,
                                   (get(kPwr + 0xC) & 0xFF) == 2,
                                   get(0x5C00'1054) != 0,
                                   get(0x2407'0000) == 0x1234,
                                   get(0x3000'8000) == 0x1234,
                                   get(0x3800'9000) == 0x1234};
        Set set = 0;
        for (unsigned part = 0; part < kParts; ++part) set |= kept[part] ? 0 : 1U << part;
        return set;
    }
    static std::string names(Set set) {
        std::string text;
        for (unsigned part = 0; part < kParts; ++part)
            if ((set >> part & 1) != 0) text += std::string(kNames[part]) + ", ";
        return text;
    }
};

struct Row {
    const char* name;
    std::uint32_t flags1, flags2;  // of each core, after the flags had been cleared
    Set resets;
};
// clang-format off
constexpr Row kTable[] = {
    {"power-on",                    0x00FE'0000, 0x00FE'0000, kEverything},
    {"brown-out",                   0x0066'0000, 0x0066'0000, kSystem},
    {"NRST",                        0x0046'0000, 0x0046'0000, kSystem},
    {"SYSRESETREQ of the CM7",      0x0146'0000, 0x0146'0000, kSystem},
    {"SYSRESETREQ of the CM4",      0x0246'0000, 0x0246'0000, kSystem},
    {"IWDG1",                       0x0446'0000, 0x0446'0000, kSystem},
    {"IWDG2",                       0x0846'0000, 0x0846'0000, kSystem},
    {"WWDG1 with WW1RSC",           0x1046'0000, 0x1046'0000, kSystem},
    {"WWDG2 with WW2RSC",           0x2046'0000, 0x2046'0000, kSystem},
    {"WWDG1 without",               0x1002'0000, 0x1002'0000, set_of({kCm7Core, kWwdg1})},
    {"WWDG2 without",               0x2004'0000, 0x2004'0000, set_of({kCm4Core, kWwdg2})},
    {"exit from Standby, pin",      0x001E'0000, 0x001E'0000, (kSystem & ~set_of({kIwdg1, kIwdg2})) | kRams | set_of({kBackupSram})},
    {"exit from Standby, BREN",     0x001E'0000, 0x001E'0000, (kSystem & ~set_of({kIwdg1, kIwdg2})) | kRams},
    {"NRST in Standby",             0x005E'0000, 0x005E'0000, (kSystem & ~set_of({kIwdg1, kIwdg2})) | kRams | set_of({kBackupSram})},
    {"D1 leaves DStandby",          0x000A'0000, 0x000A'0000, kD1 | set_of({kD1Ram})},
    {"D2 leaves DStandby",          0x0014'0000, 0x0014'0000, kD2 | set_of({kD2Ram})},
    {"CStop of the CM7, NRST_STOP_D1", 0x4046'0000, 0x4046'0000, kSystem},
    {"CStop of the CM4, NRST_STOP_D2", 0x8046'0000, 0x8046'0000, kSystem},
    {"DStandby of D1, NRST_STBY_D1", 0x4046'0000, 0x4046'0000, kSystem},
    {"DStandby of D2, NRST_STBY_D2", 0x8046'0000, 0x8046'0000, kSystem},
    {"BDRST",                       0,           0,           set_of({kRtc})},
};
// clang-format on

class EverySource : public ResetTable, public testing::WithParamInterface<Row> {};

TEST_P(EverySource, ResetsWhatTheTableSays) {  // system.md 3.1, 3.2, 3.3, 11.7; A6
    const Row& row = GetParam();
    const std::string name = row.name;
    begin(builder_for(name, a_chip()));
    (void)take_flags(1), (void)take_flags(2);
    mark();
    cause(name);
    EXPECT_EQ(take_flags(1), row.flags1);
    EXPECT_EQ(take_flags(2), row.flags2);
    const Set seen = reset_since();
    // D3's own blocks were used to wake it up.
    EXPECT_EQ(names(seen & ~row.resets), "") << "is reset and should not be";
    EXPECT_EQ(names(row.resets & ~seen), "") << "should be reset and is not";
}

INSTANTIATE_TEST_SUITE_P(Table, EverySource, testing::ValuesIn(kTable),
                         [](const auto& sample) { return parameter_name(sample.param.name); });

}  // namespace
}  // namespace h7::test

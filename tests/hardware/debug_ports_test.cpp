// What each access port may read in each state of the chip, as one table: system.md 7.1, 7.2, decision 0242;
// F-198 to F-203, F-220, F-229; R-041, R-043; D-03, D-21.
#include <gtest/gtest.h>

#include "tests/support/idle_chip.hpp"
#include "tests/support/parameter_name.hpp"

namespace h7::test {
namespace {

struct Place {
    const char* name;
    Address at;
};
constexpr Place kPlaces[] = {{"user flash", 0x0808'0000},    {"PCROP area", 0x0804'0000},
                             {"secure area", 0x0806'0000},   {"RSS", 0x1FF0'0000},
                             {"UID", 0x1FF1'E800},           {"DTCM", 0x2000'0000},
                             {"AXI SRAM", 0x2405'0000},      {"SRAM1", 0x3000'0000},
                             {"SRAM4", 0x3800'0000},         {"backup SRAM", 0x3880'0000},
                             {"RTC_BKP0R", 0x5800'4050},     {"FLASH_OPTSR_CUR", 0x5200'201C},
                             {"DBGMCU", 0x5C00'1000},        {"CPUID of a core", 0xE000'ED00},
                             {"DBGMCU for AP2", 0xE00E'1000}};
constexpr unsigned kPlaceCount = std::size(kPlaces);

/// '#' what stands there, '0' zero instead of it, 'e' a bus error, 'x' the port does not answer.
struct Row {
    const char* state;
    const char* ap0;
    const char* ap1;
    const char* ap2;
    const char* ap3;
};
// clang-format off
constexpr Row kTable[] = {
    //                        flash PCROP secure RSS UID DTCM AXI SRAM1 SRAM4 backup BKP0R OPTSR DBGMCU CPUID APB-D
    {"RDP 0",                   "#000##########0", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "#00eee########0"},
    {"RDP 0, SECURITY, closed", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx"},
    {"RDP 1",                   "eee0#####00###0", "eeeeeeee#00eeee", "eeeeeeeeeeeeee#", "eeeeee###00###0"},
    {"RDP 2",                   "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx"},
    {"no power",                "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx"},
    {"D1 in DStop",             "xxxxxxxxxxxxxxx", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "#00eee########0"},
    {"D2 in DStop",             "#000##########0", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "xxxxxxxxxxxxxxx"},
    {"D1 in DStop, DBGSTOP",    "#000##########0", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "#00eee########0"},
    {"CM4 in CSleep",           "#000##########0", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "#00eee########0"},
    {"CM4 held",                "#000##########0", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "#00eee########0"},
    {"D1 in DStandby",          "xxxxxxxxxxxxxxx", "eeeeeeee###eeee", "eeeeeeeeeeeeee#", "eeeeeee####e##0"},
    {"system in Stop",          "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "eeeeeeeeeeeeee#", "xxxxxxxxxxxxxxx"},
    {"system in Standby",       "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx"},
};
// clang-format on

class EveryState : public IdleChip, public testing::WithParamInterface<Row> {
protected:
    /// The domain of `core` sleeps: nobody uses it.
    void into_dstop(Master core) {
        for (const Address bank : {0x60U, 0xC0U})
            for (const Address enr : {0xD4U, 0xD8U, 0xDCU, 0xE8U, 0xECU, 0xF0U})
                put(kRcc + bank + enr, 0, Master::ap1);
        into_cstop(core);
    }
};

TEST_P(EveryState, OfEveryPort) {  // system.md 7.2
    const std::string state = GetParam().state;
    ChipBuilder builder = a_chip();
    builder.with_option("PROT_AREA_START1", 0x400).with_option("PROT_AREA_END1", 0x407);
    builder.with_option("SEC_AREA_START1", 0x600).with_option("SEC_AREA_END1", 0x67F);
    if (state == "RDP 1") builder.with_option("RDP", 0xBB);
    if (state == "RDP 2") builder.with_option("RDP", 0xCC);
    if (state == "RDP 0, SECURITY, closed") builder.with_option("SECURITY", 1);
    if (state == "CM4 held") builder.with_option("BCM4", 0);
    begin(builder);
    const auto set = [&](Address at, std::uint32_t value) {
        (void)(*chip)->write((*chip)->as_core(Master::cm7, at, 4, Op::write), value);
    };
    set(0x5802'44E0, 1U << 28), set(kPwr, 1U << 8);  // BKPRAMEN, DBP
    for (const Place& place : kPlaces)
        if (place.at >= 0x2000'0000 && place.at < 0x5200'0000) set(place.at, 0x1234'5678);
    set(0x5800'4050, 0x1234'5678);
    if (state == "no power") (*chip)->power_off();
    if (state.ends_with("DBGSTOP")) put(0x5C00'1004, 1U << 1);
    if (state.starts_with("D1 in DStandby")) put(kPwr + 0x10, 1), put(kPwr + 0x14, 1, Master::cm4);
    if (state.ends_with("Standby") && state.starts_with("sys")) put(kPwr + 0x10, 7), put(kPwr + 0x14, 7);
    if (state.starts_with("D1") || state.starts_with("sys")) into_dstop(Master::cm7);
    if (state.starts_with("D2") || state.starts_with("sys")) into_dstop(Master::cm4);
    const auto look = [&](Master ap) {
        std::string seen;
        for (const Place& place : kPlaces) {
            const bool open = (*chip)->debug_port().state(ap, place.at).open;
            const auto value = (*chip)->debug_port().read(ap, place.at, 4);
            seen += !open ? 'x' : !value ? 'e' : *value == 0 ? '0' : '#';
        }
        return seen;
    };
    EXPECT_EQ(look(Master::ap0), GetParam().ap0) << "AP0";
    EXPECT_EQ(look(Master::ap1), GetParam().ap1) << "AP1";
    EXPECT_EQ(look(Master::ap2), GetParam().ap2) << "AP2";
    EXPECT_EQ(look(Master::ap3), GetParam().ap3) << "AP3";
}

INSTANTIATE_TEST_SUITE_P(Table, EveryState, testing::ValuesIn(kTable),
                         [](const auto& sample) { return parameter_name(sample.param.state); });

TEST(Intrusion, AnyPortSetsItAndOnlyPowerTakesItAway) {  // F-198, A-34; system.md 7.2
    for (const Master ap : {Master::ap0, Master::ap1, Master::ap2, Master::ap3}) {
        BenchChip chip = a_chip().with_option("RDP", 0xBB).holding("hello_m7").holding("hello_m4");
        chip.power_on();
        (void)chip.run(5 * kMillisecond);
        EXPECT_TRUE(chip.load(Master::cm7, 0x0808'0000)) << "firmware of its own flash";
        const Address at = ap == Master::ap2 ? 0xE00E'1000 : 0x3800'0000;
        (void)chip->debug_port().state(ap, at);
        EXPECT_TRUE(chip.load(Master::cm7, 0x0808'0000)) << "looking whether it is open is no access";
        (void)chip->debug_port().read(ap, at, 4);
        EXPECT_FALSE(chip.load(Master::cm7, 0x0808'0000));
        EXPECT_FALSE(chip.load(Master::cm4, 0x0818'0000));
        chip->press_reset();
        EXPECT_FALSE(chip.load(Master::cm7, 0x0808'0000)) << "in RDP 1 the latch outlives resets";
        chip->power_off();
        chip.power_on();
        EXPECT_TRUE(chip.load(Master::cm7, 0x0808'0000));
    }
}

TEST(Intrusion, AClosedPortSetsNothing) {  // system.md 7.2
    BenchChip chip = a_chip()
                         .with_option("RDP", 0xBB)
                         .with_option("SECURITY", 1)
                         .with_option("SEC_AREA_START1", 0x600)
                         .with_option("SEC_AREA_END1", 0x67F)
                         .holding("hello_m7");
    chip.power_on();
    EXPECT_FALSE(chip->debug_port().read(Master::ap0, 0x2400'0000, 4));
    EXPECT_FALSE(chip->secure_mode().debugger_seen());
}

}  // namespace
}  // namespace h7::test

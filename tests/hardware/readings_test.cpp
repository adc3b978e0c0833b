// The readings that a chip may be given, seen from the outside; D-03 and D-04 are in density_test.cpp.
#include "emulator/chip/readings.hpp"

#include <gmock/gmock.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using testing::HasSubstr;

chip::Readings readings_with(const std::string& name, const std::string& value) {
    const auto readings = chip::readings_of({{name, value}});
    EXPECT_TRUE(readings) << readings.error().message;
    return readings.value_or({});
}

void place(flash::Image& image, std::uint32_t offset, const std::vector<std::uint32_t>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::size_t at = offset + 4 * i;
        store_le32(image.user[0].data, at, words[i]);
        image.user[0].words[at / 32] = flash::WordState::programmed;
    }
}

/// Secure user software that leaves by exitSecureArea(0x08004000, 0) with a value in R4.
std::unique_ptr<chip::Chip> chip_that_exits(const chip::Readings& readings) {
    chip::Config config;
    config.readings = readings;
    for (flash::ArrayImage& bank : config.image.user) {
        bank.data.assign(1U << 20, 0xFF);
        bank.words.assign((1U << 20) / 32, flash::WordState::erased);
    }
    config.image.options[flash::kOptsr] |= 1U << 21;    // SECURITY
    config.image.options[flash::kScar1] = 0x001F'0000;  // 8 Kbytes from 0x08000000
    place(config.image, 0,
          {0x2000'1000, 0x0800'0009,  // vectors
           0x2100'4802, 0x4A03'4C02,  // ldr r0, =vectors; movs r1, #0; ldr r4, =..; ldr r2, =exit
           0x0000'4710,               // bx r2
           0x0800'4000, 0x1234'5678, 0x1FF0'8A5D});
    place(config.image, 0x4000, {0x2000'1000, 0x0800'4009, 0xE7FE'E7FE});
    auto chip = chip::Chip::create(std::move(config));
    EXPECT_TRUE(chip);
    (*chip)->power_on();
    (*chip)->run({kMillisecond, {}});
    EXPECT_EQ((*chip)->cm7().pc(), 0x0800'4008U);
    return std::move(*chip);
}

TEST(Readings, ExitAbi) {  // D-10, R-041
    for (const char* abi : {"1", "2"}) {
        const auto chip = chip_that_exits(readings_with("exit_abi", abi));
        EXPECT_EQ(chip->debug_port().state(Master::ap0, 0x0800'4000).open, abi[0] == '1');
    }
}

TEST(Readings, ExitClearsRegisters) {  // D-20
    for (const char* clears : {"no", "yes"}) {
        const auto chip = chip_that_exits(readings_with("exit_clears_registers", clears));
        EXPECT_EQ(chip->cm7().registers().r[4], clears[0] == 'y' ? 0U : 0x1234'5678U);
    }
}

TEST(Readings, RamFill) {  // D-13
    for (const auto& [value, expected] : {std::pair{"zeros", 0U}, {"ones", ~0U}}) {
        BenchChip chip = a_chip().readings(readings_with("ram_fill", value));
        chip.power_on();
        for (const Address at : {0x2400'0000U, 0x3000'0000U, 0x3800'FFFCU})
            EXPECT_EQ(chip.load(Master::cm7, at).value(), expected);
    }
    BenchChip random = a_chip().seed(1).readings(readings_with("ram_fill", "random"));
    BenchChip plain = a_chip().seed(1);
    random.power_on();
    plain.power_on();
    EXPECT_EQ(random.load(Master::cm7, 0x2400'0000).value(), plain.load(Master::cm7, 0x2400'0000).value());
    EXPECT_NE(plain.load(Master::cm7, 0x2400'0000).value(), plain.load(Master::cm7, 0x2400'0004).value());
}

TEST(Readings, StrictBusFaults) {  // D-29
    constexpr Address kCfsr = 0xE000'ED28;
    for (const char* strict : {"no", "yes"}) {
        BenchChip chip = a_chip().readings(readings_with("strict_bus_faults", strict));
        Bytes code(16);
        const std::uint32_t words[] = {0x2000'1000, 0x0800'0009,
                                       0x0600'2090,   // movs r0, #0x90; lsls r0, r0, #24: nobody is there
                                       0xE7FE'6000};  // str r0, [r0]; b .
        for (std::size_t i = 0; i < std::size(words); ++i) store_le32(code, 4 * i, words[i]);
        ASSERT_TRUE(chip->program({{0x0800'0000, code}}));
        chip.power_on();
        chip.run(kMillisecond);
        const auto cfsr =
            chip->cm7().read_private({kCfsr, 4, Op::read, Master::cm7, Context::application, true});
        EXPECT_EQ(*cfsr & 0x600U, strict[0] == 'y' ? 0x200U : 0x400U) << "PRECISERR or IMPRECISERR";
    }
}

TEST(Readings, NamesAndValuesAreKnownOrRefused) {
    EXPECT_THAT(chip::readings_of({{"bank_erase", "refuse"}}).error().message,
                HasSubstr("no such reading; known are secure_area_without_security=closed|ignored, "
                          "bank_erase_with_protection=refuse|erase_rest"));
    EXPECT_EQ(chip::readings_of({{"ram_fill", "noise"}}).error().message,
              "reading ram_fill=noise: one of random|zeros|ones (D-13)");
    EXPECT_FALSE(chip::readings_of({{"exit_abi", ""}}));
    for (const chip::Reading& reading : chip::all_readings()) {
        EXPECT_EQ(reading.value_in({}), reading.values[0]) << reading.name;
        for (const std::string_view value : reading.values)
            if (!value.empty()) {
                EXPECT_EQ(reading.value_in(readings_with(std::string(reading.name), std::string(value))),
                          value);
            }
    }
}

}  // namespace
}  // namespace h7::test

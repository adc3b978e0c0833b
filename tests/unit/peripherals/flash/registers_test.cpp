// The register map.
#include <map>

#include "flash_bench.hpp"

namespace h7::flash {
namespace {

using FlashRegisters = FlashBench;

TEST_F(FlashRegisters, PowerOnValuesAndMirrors) {  // T-01 F-266 F-126 F-265 F-047
    const std::map<Address, std::uint32_t> want = {{kAcr, 0x37},
                                                   {kKeyr, 0},
                                                   {kOptkeyr, 0},
                                                   {kCr, 0x31},
                                                   {kSr, 0},
                                                   {kCcr, 0},
                                                   {kOptcr, 1},
                                                   {kOptsrCur, 0x17C6'AAF0},
                                                   {kOptsrPrg, 0x17C6'AAF0},
                                                   {kOptccr, 0},
                                                   {kPrarCur, 0xFF},
                                                   {kPrarPrg, 0xFF},
                                                   {kScarCur, 0xFF},
                                                   {kScarPrg, 0xFF},
                                                   {kWpsnCur, 0xFF},
                                                   {kWpsnPrg, 0xFF},
                                                   {kBoot7Cur, 0x1FF0'0800},
                                                   {kBoot7Prg, 0x1FF0'0800},
                                                   {kBoot4Cur, 0x1000'0810},
                                                   {kBoot4Prg, 0x1000'0810},
                                                   {kCrccr, 0x001C'0000},
                                                   {kCrcsadd, 0},
                                                   {kCrceadd, 0},
                                                   {kCrcdatar, 0},
                                                   {kEccFa, 0}};
    for (const auto& [offset, value] : want) {
        EXPECT_EQ(get(offset), value) << std::hex << offset;
        EXPECT_EQ(get(offset + kB2), value) << std::hex << offset + kB2;
    }
    EXPECT_EQ(get(0x64), 0U);
    EXPECT_EQ(get(0xFC), 0U);
}

TEST_F(FlashRegisters, FactoryOptionFields) {  // F-149 F-150 F-151 F-152 F-153 F-154
    EXPECT_EQ(flash.options(), kFactoryOptions);
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    for (unsigned bank = 0; bank < 2; ++bank) {
        EXPECT_FALSE(flash.pcrop(bank).valid());
        EXPECT_FALSE(flash.secure_area(bank).valid());
    }
}

TEST_F(FlashRegisters, WriteMasks) {  // F-268 F-269 F-271 F-273 F-274 F-275 F-276 F-277 F-279
    unlock(1);
    unlock(2);
    unlock_options();
    ASSERT_TRUE(put(kAcr, ~0U));
    EXPECT_EQ(get(kAcr), 0x3FU);
    ASSERT_TRUE(put(kCr, ~0U & ~(kLock | kStart | kFw)));
    EXPECT_EQ(get(kCr), 0x1FEF'873EU);
    ASSERT_TRUE(put(kCr + kB2, ~0U & ~(kLock | kStart | kFw)));
    EXPECT_EQ(get(kCr + kB2), 0x1FEF'C73EU);  // F-073: SPSS2 in CR2 only
    ASSERT_TRUE(put(kCrccr, ~0U & ~(1U << 16)));
    EXPECT_EQ(get(kCrccr), 0x003C'0107U);
    ASSERT_TRUE(put(kCrccr, 0));
    EXPECT_EQ(get(kCrccr), 0x000C'0000U);
    ASSERT_TRUE(put(kOptsrPrg, ~0U));
    EXPECT_EQ(get(kOptsrPrg), 0xB7FE'FFFCU);
    ASSERT_TRUE(put(kOptsrPrg, 0));
    EXPECT_EQ(get(kOptsrPrg), 0x1400'0000U);
    ASSERT_TRUE(put(kPrarPrg, ~0U));
    EXPECT_EQ(get(kPrarPrg), 0x8FFF'0FFFU);
    ASSERT_TRUE(put(kScarPrg + kB2, ~0U));
    EXPECT_EQ(get(kScarPrg + kB2), 0x8FFF'0FFFU);
    ASSERT_TRUE(put(kWpsnPrg, ~0U));
    EXPECT_EQ(get(kWpsnPrg), 0xFFU);
    ASSERT_TRUE(put(kOptcr, ~0U & ~(kLock | kOptstart | kMer)));
    EXPECT_EQ(get(kOptcr), 1U << 30);
    ASSERT_TRUE(put(kEccFa, ~0U));
    EXPECT_EQ(get(kEccFa), 0U);  // F-278
    ASSERT_TRUE(put(kSr, ~0U));
    EXPECT_EQ(get(kSr), 0U);
    for (const Address cur : {kOptsrCur, kPrarCur, kScarCur, kWpsnCur, kBoot7Cur, kBoot4Cur}) {
        const std::uint32_t before = get(cur);
        ASSERT_TRUE(put(cur, ~before));
        EXPECT_EQ(get(cur), before);
    }
}

TEST_F(FlashRegisters, SwapMovesTheMapAndTheRegisterSets) {  // T-41 F-121 F-122 F-123 F-125 F-128
    program(kBank1, 0x1111'0000);
    program(kBank2, 0x2222'0000);
    flash.write_rom(0x1FF0'9800, Bytes{1, 2, 3, 4});
    change(kOptsrPrg, get(kOptsrCur) | 1U << 31);
    EXPECT_EQ(get(kOptsrCur) >> 31, 1U);
    EXPECT_EQ(get(kOptcr) >> 31, 0U);
    EXPECT_EQ(value_at(kBank1), 0x1111'0000U);
    system_reset();
    EXPECT_EQ(get(kOptcr) >> 31, 1U);
    EXPECT_TRUE(flash.swapped());
    EXPECT_EQ(value_at(kBank1), 0x2222'0000U);
    EXPECT_EQ(value_at(kBank2), 0x1111'0000U);
    EXPECT_EQ(value_at(0x1FF0'9800), 0x0403'0201U);
    EXPECT_EQ(get(kCr), 0x31U);
    // CR at 0x00C drives bank 2, the one visible at 0x0800'0000
    program(kBank1 + 64, 0x3333'0000);
    EXPECT_EQ(flags(1), sr::kEop);
    EXPECT_EQ(load_le32(flash.user(1).bytes(), 64), 0x3333'0000U);
    EXPECT_EQ(flash.view(kBank1 + 4, Master::cm7, Context::application).canonical, kBank2 + 4);
    // SPSS2 moved with physical bank 2
    ASSERT_TRUE(put(kCr, kSpss2));
    EXPECT_EQ(get(kCr), kSpss2);
    unlock(2);
    ASSERT_TRUE(put(kCr + kB2, kSpss2));
    EXPECT_EQ(get(kCr + kB2), 0U);
}

TEST_F(FlashRegisters, ProtectionsFollowTheirPhysicalBank) {  // T-42 F-127
    change(kWpsnPrg, 0xFE);
    change(kOptsrPrg, get(kOptsrCur) | 1U << 31);
    system_reset();
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_EQ(get(kWpsnCur + kB2), 0xFEU);
    EXPECT_EQ(get(kWpsnPrg + kB2), 0xFEU);
    program(kBank2);
    EXPECT_EQ(flags(2), sr::kWrperr);
    program(kBank1);
    EXPECT_EQ(flags(1), sr::kEop);
}

TEST_F(FlashRegisters, SystemResetKeepsOptionsAndClearsTheRest) {  // F-129 F-133 F-134
    unlock();
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0x0F));
    ASSERT_TRUE(put(kAcr, 0x11));
    ASSERT_TRUE(put(kCr, kPg));
    ASSERT_TRUE(store(kBank1, 1));
    flash.reset(ResetKind::system);
    EXPECT_EQ(get(kAcr), 0x37U);
    EXPECT_EQ(get(kCr), 0x31U);
    EXPECT_EQ(get(kOptcr), 1U);
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(get(kWpsnPrg), 0xFFU);
}

TEST_F(FlashRegisters, AnyWaitStateSettingIsTaken) {  // F-048
    for (std::uint32_t value = 0; value < 0x40; ++value) {
        ASSERT_TRUE(put(kAcr + (value % 2) * kB2, value));
        EXPECT_EQ(get(kAcr), value);
    }
}

TEST_F(FlashRegisters, ResetOfTheD1DomainIsASystemResetForTheFlash) {  // F-016 F-129
    unlock();
    ASSERT_TRUE(put(kAcr, 0));
    flash.reset(ResetKind::domain);
    EXPECT_EQ(get(kAcr), 0x37U);
    EXPECT_EQ(get(kCr), 0x31U);
}

TEST_F(FlashRegisters, DescribeNamesEveryRegisterOfTheManual) {  // F-265
    const auto all = flash.describe();
    EXPECT_EQ(all.size(), 50U);
    const auto name_at = [&](Address offset) {
        for (const auto& info : all)
            if (info.offset == offset) return info.name;
        return std::string("none");
    };
    EXPECT_EQ(name_at(0x10C), "CR2");
    EXPECT_EQ(name_at(0x13C), "WPSN_PRG2R");
    EXPECT_EQ(name_at(0x118), "OPTCR");
    EXPECT_EQ(name_at(0x160), "ECC_FA2R");
}

TEST_F(FlashRegisters, WideAccessIsTwoOnTheThirtyTwoBitPort) {  // F-002
    EXPECT_EQ(*flash.read(at(0x5200'2000 + kCr, 8, Op::read)), 0x31U);
    ASSERT_TRUE(flash.write(at(0x5200'2000 + kCrcsadd, 8, Op::write), 0x0000'0200'0000'0100U));
    EXPECT_EQ(get(kCrcsadd), 0x100U);
    EXPECT_EQ(get(kCrceadd), 0x200U);
}

TEST(FlashPart, SmallDensityEndsEachBankAtHalf) {  // F-020 F-001 F-018 F-019 F-029
    Clock clock;
    security::SecureMode secure(true);
    Controller flash(Geometry{4}, Ports{clock, secure});
    flash.reset(ResetKind::power_on);
    EXPECT_EQ(flash.user(0).size(), 512U * 1024);
    EXPECT_TRUE(flash.read_array({0x0807'FFFC, 4, Op::read}));
    EXPECT_TRUE(flash.read_array({0x0817'FFFC, 4, Op::read}));
    const auto hole = flash.read_array({0x0808'0000, 4, Op::read});
    ASSERT_FALSE(hole);
    EXPECT_EQ(hole.error().rule, "A-48");
    (void)flash.write({0x5200'2004, 4, Op::write}, 0x4567'0123);
    (void)flash.write({0x5200'2004, 4, Op::write}, 0xCDEF'89AB);
    (void)flash.write({0x5200'200C, 4, Op::write}, kPg);
    for (unsigned i = 0; i < 4; ++i) EXPECT_TRUE(flash.write_array({0x0808'0000 + 8 * i, 8, Op::write}, 0));
    EXPECT_EQ(*flash.read({0x5200'2010, 4, Op::read}), sr::kWrperr);
    EXPECT_EQ(flash.last_refusal()->id, "reserved-program");
}

TEST(FlashPart, WithoutSecureModeSecurityReadsZero) {  // D-02 F-017 F-171 R-001
    Clock clock;
    security::SecureMode secure(false);
    Controller flash(Geometry{}, Ports{clock, secure});
    flash.reset(ResetKind::power_on);
    (void)flash.write({0x5200'2008, 4, Op::write}, 0x0819'2A3B);
    (void)flash.write({0x5200'2008, 4, Op::write}, 0x4C5D'6E7F);
    (void)flash.write({0x5200'2020, 4, Op::write}, 0x17E6'AAF0);
    EXPECT_EQ(*flash.read({0x5200'2020, 4, Op::read}), 0x17C6'AAF0U);
    Image image = flash.image();  // nor by way of an image
    image.options[kOptsr] |= 1U << 21;
    flash.set_image(image);
    EXPECT_EQ(*flash.read({0x5200'201C, 4, Op::read}), 0x17C6'AAF0U);
    // SCAR is stored and has no effect
    (void)flash.write({0x5200'2034, 4, Op::write}, 0x001F'0000);
    (void)flash.write({0x5200'2018, 4, Op::write}, kOptstart);
    EXPECT_EQ(*flash.read({0x5200'2030, 4, Op::read}), 0x001F'0000U);
    EXPECT_TRUE(flash.read_array({0x0800'0000, 4, Op::fetch}));
    EXPECT_EQ(*flash.read({0x5200'2010, 4, Op::read}), sr::kEop);
}

}  // namespace
}  // namespace h7::flash

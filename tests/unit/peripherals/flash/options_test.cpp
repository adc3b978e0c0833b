// Option changes.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashOptions : public FlashBench {
protected:
    void clear_error() { ASSERT_TRUE(put(kOptccr, 1U << 30)); }
    /// The change must be refused as a whole by `rule`; then the request is taken back.
    void refused(Address prg, std::uint32_t value, std::string_view rule) {
        const OptionWords before = flash.options();
        change(prg, value);
        EXPECT_TRUE(option_error()) << rule;
        EXPECT_EQ(flash.options(), before) << rule;
        EXPECT_EQ(get(prg), value) << "PRG keeps the request";
        ASSERT_TRUE(flash.last_refusal());
        EXPECT_EQ(flash.last_refusal()->rule, rule);
        clear_error();
        EXPECT_FALSE(option_error());
        flash.reset(ResetKind::system);
    }
    void done(Address prg, std::uint32_t value) {
        change(prg, value);
        EXPECT_FALSE(option_error()) << flash.last_refusal()->rule;
        EXPECT_EQ(get(prg), value);
        EXPECT_EQ(get(prg - 4), value) << "CUR";
    }
    std::uint32_t optsr(std::uint32_t set, std::uint32_t clear = 0) {
        return (get(kOptsrCur) & ~clear & 0xBFFF'FFFEU) | set;
    }
    static constexpr std::uint32_t kSecurityBit = 1U << 21, kSwapBit = 1U << 31;
};

TEST_F(FlashOptions, AChangeIsTakenAtOptstart) {  // T-24 F-137 F-139 F-140 F-141 F-143 F-175
    unlock_options();
    ASSERT_TRUE(put(kOptsrPrg, optsr(2U << 2)));
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF0U);
    start_options();
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF8U);
    EXPECT_EQ(get(kOptcr), 0U);
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(sr(2), 0U);
    EXPECT_EQ(flash.image().options[kOptsr], 0x17C6'AAF8U);
}

TEST_F(FlashOptions, AreNotInTheAddressMap) {  // F-024
    flash.contents_changed = [](Address, std::uint32_t) { ADD_FAILURE(); };
    const Image before = flash.image();
    change(kBoot7Prg, 0x1234'5678);
    const Image after = flash.image();
    EXPECT_EQ(after.user[0].data, before.user[0].data);
    EXPECT_EQ(after.system2.data, before.system2.data);
    EXPECT_NE(after.options, before.options);
}

TEST_F(FlashOptions, RulesAreTriedInOrder) {  // F-176
    done(kPrarPrg, 0x000F'0000);
    unlock_options();
    ASSERT_TRUE(put(kOptsrPrg, optsr(0xCC00, 0xFF00)));
    refused(kPrarPrg, 0x0000'00FF, "F-164");  // not the RDP step: it is legal
    set_rdp(0xCC);
    refused(kPrarPrg, 0x0000'00FF, "F-160");  // level 2 first
}

TEST_F(FlashOptions, NothingDifferentIsNothingDone) {  // F-140, A-23
    unlock_options();
    start_options();
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(flash.steps(), 0U);
}

TEST_F(FlashOptions, EitherCoreSetsWhatIsFree) {  // F-162 F-175 F-192 F-155 F-156 F-157 F-158 F-124
    as(Master::cm4);
    done(kWpsnPrg, 0xF0);
    done(kWpsnPrg + kB2, 0x0F);
    done(kWpsnPrg, 0xFF);
    done(kBoot7Prg, 0x0810'0800);
    done(kBoot4Prg, 0x0800'0810);
    done(kOptsrPrg, 0xBFEC'55D0U & 0xB7FE'FFFCU);
}

TEST_F(FlashOptions, EachFreeFieldAtBothLevelsByBothCores) {  // F-162 F-171 F-175, D-22
    constexpr std::uint32_t kFree[] = {1U << 29, 1U << 25, 1U << 24, 1U << 23, 1U << 22, 1U << 19,
                                       1U << 20, 1U << 18, 1U << 17, 1U << 7,  1U << 6,  1U << 5,
                                       1U << 4,  1U << 3,  1U << 2,  kSwapBit};
    for (const std::uint32_t level : {0xAAU, 0x55U}) {
        for (const Master who : {Master::cm7, Master::cm4}) {
            as(who);
            set_rdp(level);
            for (const std::uint32_t bit : kFree)
                for (int twice = 0; twice < 2; ++twice) done(kOptsrPrg, optsr(0) ^ bit);
            for (unsigned sector = 0; sector < 8; ++sector)
                for (const Address prg : {kWpsnPrg, kWpsnPrg + kB2})
                    for (int twice = 0; twice < 2; ++twice) done(prg, get(prg - 4) ^ 1U << sector);
            done(kBoot7Prg, 0x1234'5678);
            done(kBoot7Prg, 0x1FF0'0800);
            done(kBoot4Prg, 0x8765'4321);
            done(kBoot4Prg, 0x1000'0810);
        }
    }
    as(Master::cm4);
    done(kOptsrPrg, optsr(kSecurityBit));
    done(kOptsrPrg, optsr(0, kSecurityBit));  // F-172: nothing to protect
}

TEST_F(FlashOptions, AreasAreWrittenByTheCm7Only) {  // T-30 F-165 F-169 F-225 F-090 R-007
    unlock_options();
    for (const Master who : {Master::cm4, Master::dma1, Master::ap1, Master::ap3}) {
        as(who);
        ASSERT_TRUE(put(kPrarPrg, 0x000F'0000));
        ASSERT_TRUE(put(kScarPrg, 0x000F'0000));
        EXPECT_EQ(get(kPrarPrg), 0xFFU);
        EXPECT_EQ(get(kScarPrg), 0xFFU);
        ASSERT_TRUE(put(kWpsnPrg, static_cast<std::uint32_t>(who)));
        EXPECT_EQ(get(kWpsnPrg), static_cast<std::uint32_t>(who));
    }
    as(Master::ap0);  // the access port of the CM7
    ASSERT_TRUE(put(kPrarPrg, 0x000F'0000));
    EXPECT_EQ(get(kPrarPrg), 0x000F'0000U);
}

TEST_F(FlashOptions, PcropGrowsFreelyAndNeverShrinks) {  // T-29 F-144 F-145 F-163 F-164
    done(kPrarPrg, 0x000F'0004);
    done(kPrarPrg, 0x001F'0002);
    refused(kPrarPrg, 0x001E'0002, "F-164");
    refused(kPrarPrg, 0x001F'0003, "F-164");
    refused(kPrarPrg, 0x0040'0020, "F-164");
    refused(kPrarPrg, 0x0000'00FF, "F-164");
    refused(kPrarPrg, 0x8000'00FF, "F-164");  // DMEP alone is no licence at level 0
    done(kPrarPrg, 0x0005'0005);              // the whole bank covers everything
}

TEST_F(FlashOptions, TheRssMayRemovePcrop) {  // F-164, A-54
    done(kPrarPrg, 0x000F'0000);
    as(Master::cm7, Context::secure_user);
    refused(kPrarPrg, 0x0000'00FF, "F-164");
    as(Master::cm7, Context::rss);
    done(kPrarPrg, 0x0000'00FF);
    done(kPrarPrg, 0x8000'00FF);
    refused(kPrarPrg, 0x0000'00FF, "F-166");  // DME bits bind the RSS too
}

TEST_F(FlashOptions, DmeBitsAreOneWay) {  // T-31 F-166 F-170
    done(kPrarPrg, 0x8000'00FF);
    refused(kPrarPrg, 0x0000'00FF, "F-166");
    done(kScarPrg + kB2, 0x8000'00FF);
    refused(kScarPrg + kB2, 0x0000'00FF, "F-170");
}

TEST_F(FlashOptions, SecureAreasAreSetBySecureCode) {  // T-48 F-167 F-168 F-234 R-018 R-019
    secure_boot();
    refused(kScarPrg, 0x001F'0000, "F-167");
    as(Master::cm7, Context::rss);
    done(kScarPrg, 0x001F'0000);
    as(Master::cm7, Context::secure_user);
    done(kScarPrg, 0x003F'0000);
    done(kScarPrg + kB2, 0x001F'0000);
    done(kScarPrg, 0x000F'0008);
    as(Master::cm7);
    refused(kScarPrg, 0x001F'0000, "F-168");
    refused(kScarPrg, 0x0000'00FF, "F-168");
    refused(kScarPrg, 0x8000'00FF, "F-168");
    as(Master::ap0, Context::secure_user);  // no access port is secure (D-22)
    refused(kScarPrg, 0x0000'00FF, "F-168");
    as(Master::cm7, Context::secure_user);
    done(kScarPrg, 0x0000'00FF);
}

TEST_F(FlashOptions, SecurityIsClearedWhenNothingIsLeftToProtect) {  // T-49 F-171 F-172 F-173 F-227 R-006
    secure_boot();
    EXPECT_TRUE(secure.latched());
    done(kPrarPrg, 0x000F'0000);
    refused(kOptsrPrg, optsr(0, kSecurityBit), "F-173");
    as(Master::cm7, Context::rss);
    done(kPrarPrg, 0x0000'00FF);
    done(kScarPrg, 0x000F'0000);
    as(Master::cm7);
    refused(kOptsrPrg, optsr(0, kSecurityBit), "F-173");
    as(Master::cm7, Context::secure_user);
    done(kScarPrg, 0x0000'00FF);
    done(kOptsrPrg, optsr(0, kSecurityBit));
    EXPECT_TRUE(secure.latched());
    system_reset();
    EXPECT_FALSE(secure.latched());
}

TEST_F(FlashOptions, RdpGoesUpAndSideways) {  // F-159 F-207
    set_rdp(0x00);
    EXPECT_FALSE(option_error());
    set_rdp(0xBB);
    EXPECT_EQ(get(kOptsrCur) >> 8 & 0xFFU, 0xBBU);
    set_rdp(0xCC);
    EXPECT_EQ(flash.rdp(), security::Rdp::level2);
}

TEST_F(FlashOptions, LevelTwoTogetherWithOtherFields) {  // F-159, D-23
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    set_rdp(0xCC);
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
}

TEST_F(FlashOptions, LevelTwoFreezesAllButTheSwap) {  // T-40 F-160 F-124 F-192 F-203
    set_rdp(0xCC);
    refused(kOptsrPrg, optsr(2U << 2), "F-160");
    refused(kOptsrPrg, optsr(0xAA00, 0xFF00), "F-160");
    refused(kWpsnPrg, 0xFE, "F-160");
    refused(kPrarPrg, 0x000F'0000, "F-160");
    refused(kOptsrPrg, optsr(2U << 2) ^ kSwapBit, "F-160");  // the swap beside it goes too
    done(kOptsrPrg, optsr(0) ^ kSwapBit);
    done(kOptsrPrg, optsr(0) ^ kSwapBit);
}

TEST_F(FlashOptions, AFailedChangeChangesNothing) {  // F-144: all or nothing
    done(kPrarPrg, 0x000F'0000);
    unlock_options();
    (void)put(kWpsnPrg, 0xFE);
    (void)put(kBoot4Prg, 0x1234'5678);
    refused(kPrarPrg, 0x000E'0000, "F-164");
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_EQ(get(kBoot4Cur), 0x1000'0810U);
}

TEST_F(FlashOptions, OptionErrorRaisesTheInterruptIfEnabled) {  // F-146 F-261 F-272
    done(kPrarPrg, 0x000F'0000);
    ASSERT_TRUE(put(kOptcr, 1U << 30));
    ASSERT_TRUE(put(kPrarPrg, 0x000E'0000));
    EXPECT_FALSE(flash.irq.level());
    ASSERT_TRUE(put(kOptcr, 1U << 30 | kOptstart));
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kOptcr, kLock));
    clear_error();  // needs no key (F-145)
    EXPECT_FALSE(flash.irq.level());
}

// --- regression ---

class FlashRegression : public FlashOptions {
protected:
    FlashRegression() {
        for (unsigned n = 0; n < 8; ++n) {
            program(kBank1 + n * kSectorBytes);
            program(kBank2 + n * kSectorBytes);
        }
        flash.secured_regions_erased = [this] { ++regions_erased; };
    }
    std::uint32_t left(Address bank) {
        std::uint32_t sectors = 0;
        for (unsigned n = 0; n < 8; ++n)
            if (!erased(bank + n * kSectorBytes, kSectorBytes)) sectors |= 1U << n;
        return sectors;
    }
    int regions_erased = 0;
};

TEST_F(FlashRegression, ErasesEverythingWithDmeBitsSet) {  // T-38 F-161 F-196 F-208 F-210 F-212
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kPrarPrg, 0x83FF'0200);
    done(kScarPrg + kB2, 0x801F'0000);
    done(kPrarPrg + kB2, 0x8000'00FF);
    as(Master::cm7);
    set_rdp(0x55);
    set_rdp(0xAA);
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    EXPECT_EQ(left(kBank1) | left(kBank2), 0U);
    EXPECT_EQ(regions_erased, 1);
    EXPECT_EQ(get(kPrarCur), 0x83FF'0200U);  // the limits were not changed
    EXPECT_EQ(get(kScarCur + kB2), 0x801F'0000U);
    EXPECT_EQ(flags(1) & flags(2) & sr::kEop, sr::kEop);
}

TEST_F(FlashRegression, KeepsAreasWithoutDmeAndIgnoresWrp) {  // T-39 F-097 F-193 F-209
    done(kPrarPrg, 0x03FF'0200);                              // sector 1
    done(kWpsnPrg, 0xF0);
    set_rdp(0x55);
    set_rdp(0xAA);
    EXPECT_EQ(left(kBank1), 0b10U);
    EXPECT_EQ(left(kBank2), 0U);
    EXPECT_EQ(get(kWpsnCur), 0xF0U);
}

TEST_F(FlashRegression, OverlappingAreasAsInTheFigure) {  // F-211
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kPrarPrg, 0x8000'0000U | 0x0BFF'0600);  // sectors 3..5, DMEP
    done(kScarPrg, 0x0FFF'0800);                 // sectors 4..7
    as(Master::cm7);
    set_rdp(0x55);
    set_rdp(0xAA);
    EXPECT_EQ(left(kBank1), 0b1100'0000U);
}

TEST_F(FlashRegression, MayTakeTheAreasAway) {  // F-164 F-168 F-173 F-174 R-049
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kScarPrg, 0x001F'0000);
    as(Master::cm7);
    set_rdp(0x55);
    unlock_options();
    ASSERT_TRUE(put(kScarPrg, 0x0000'00FF));
    set_rdp(0xAA);
    EXPECT_TRUE(option_error());  // DMES missing
    EXPECT_EQ(flash.last_refusal()->rule, "F-168");
    EXPECT_EQ(left(kBank1), 0xFFU);
    EXPECT_EQ(regions_erased, 0);
    clear_error();
    ASSERT_TRUE(put(kScarPrg, 0x8000'00FF));
    ASSERT_TRUE(put(kPrarPrg, 0x8000'00FF));
    ASSERT_TRUE(put(kOptsrPrg, get(kOptsrPrg) & ~kSecurityBit));
    start_options();
    EXPECT_FALSE(option_error());
    EXPECT_EQ(left(kBank1), 0U);
    EXPECT_FALSE(flash.secure_area(0).valid());
    EXPECT_EQ(get(kOptsrCur) & kSecurityBit, 0U);
}

TEST_F(FlashRegression, ClearingSecurityNeedsBothDmeBitsOfTheBank) {  // F-173, A-10
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kScarPrg, 0x001F'0000);
    as(Master::cm7);
    set_rdp(0x55);
    const auto attempt = [&](std::uint32_t prar_word, std::uint32_t scar_word) {
        (void)put(kPrarPrg, prar_word);
        (void)put(kScarPrg, scar_word);
        (void)put(kOptsrPrg, (get(kOptsrCur) & ~(kSecurityBit | 0xFF00U | 1U << 30)) | 0xAA00);
        start_options();
        const bool refused_it = option_error();
        clear_error();
        return refused_it ? flash.last_refusal()->rule : std::string_view("done");
    };
    EXPECT_EQ(attempt(0x0000'00FF, 0x8000'00FF),
              "F-173");  // DMEP missing, although only the other area exists
    EXPECT_EQ(attempt(0x8000'00FF, 0x001F'0000), "F-173");  // DMES missing
    EXPECT_EQ(left(kBank1), 0xFFU);
    EXPECT_EQ(attempt(0x8000'00FF, 0x8000'00FF), "done");
    EXPECT_EQ(left(kBank1), 0U);
}

TEST_F(FlashRegression, ShrinkingPcropInARegressionNeedsDmep) {  // F-164
    done(kPrarPrg, 0x000F'0000);
    set_rdp(0x55);
    unlock_options();
    ASSERT_TRUE(put(kPrarPrg, 0x0000'00FF));
    set_rdp(0xAA);
    EXPECT_TRUE(option_error());
    EXPECT_EQ(flash.rdp(), security::Rdp::level1);
    clear_error();
    ASSERT_TRUE(put(kPrarPrg, 0x8000'00FF));
    start_options();
    EXPECT_FALSE(option_error());
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    EXPECT_FALSE(flash.pcrop(0).valid());
}

TEST_F(FlashRegression, ADmeBitInForceIsEnough) {  // F-164 F-168 F-173: "in CUR or in PRG"
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kPrarPrg + kB2, 0x800F'0000);
    done(kScarPrg + kB2, 0x801F'0000);
    as(Master::cm7);
    set_rdp(0x55);
    unlock_options();
    ASSERT_TRUE(put(kPrarPrg + kB2, 0x0000'00FF));  // the bits themselves go with the regression
    ASSERT_TRUE(put(kScarPrg + kB2, 0x0000'00FF));
    ASSERT_TRUE(put(kOptsrPrg, optsr(0xAA00 | 2U << 2, kSecurityBit | 0xFF00)));  // other fields too
    start_options();
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kPrarCur + kB2), 0x0000'00FFU);
    EXPECT_EQ(get(kScarCur + kB2), 0x0000'00FFU);
    EXPECT_EQ(get(kOptsrCur) & (kSecurityBit | 3U << 2), 2U << 2);
    EXPECT_EQ(left(kBank1) | left(kBank2), 0U);
}

TEST_F(FlashRegression, TheDmeBitsOfTheOtherBankDoNotCount) {  // F-164 F-173, A-10
    secure_boot();
    done(kPrarPrg + kB2, 0x000F'0000);
    done(kPrarPrg, 0x8000'00FF);
    done(kScarPrg, 0x8000'00FF);
    set_rdp(0x55);
    unlock_options();
    ASSERT_TRUE(put(kOptsrPrg, optsr(0xAA00, kSecurityBit | 0xFF00)));
    start_options();
    EXPECT_TRUE(option_error());
    EXPECT_EQ(flash.last_refusal()->rule, "F-173");
    clear_error();
    ASSERT_TRUE(put(kPrarPrg + kB2, 0x0000'00FF));
    start_options();
    EXPECT_TRUE(option_error());
    EXPECT_EQ(flash.last_refusal()->rule, "F-164");
    EXPECT_EQ(left(kBank1) & left(kBank2), 0xFFU);
}

TEST_F(FlashRegression, AnApplicationMayOnlyTakeASecureAreaAway) {  // F-168: not move or shrink it
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kScarPrg, 0x801F'0000);
    as(Master::cm7);
    set_rdp(0x55);
    for (const std::uint32_t request : {0x800F'0000U, 0x803F'0000U, 0x8005'0005U}) {
        unlock_options();
        ASSERT_TRUE(put(kScarPrg, request));
        set_rdp(0xAA);
        EXPECT_TRUE(option_error()) << std::hex << request;
        EXPECT_EQ(flash.last_refusal()->rule, "F-168");
        clear_error();
    }
    EXPECT_EQ(left(kBank1), 0xFFU);
    EXPECT_EQ(flash.rdp(), security::Rdp::level1);
}

TEST_F(FlashRegression, BothAreasOfOneBankGoWithTheirBits) {  // T-38 F-210 F-212
    secure_boot();
    as(Master::cm7, Context::rss);
    done(kPrarPrg, 0x83FF'0200);
    done(kScarPrg, 0x85FF'0400);
    as(Master::cm7);
    set_rdp(0x55);
    set_rdp(0xAA);
    EXPECT_EQ(left(kBank1) | left(kBank2), 0U);
    EXPECT_EQ(get(kPrarCur), 0x83FF'0200U);
    EXPECT_EQ(get(kScarCur), 0x85FF'0400U);
    EXPECT_TRUE(flash.pcrop(0).valid() && flash.secure_area(0).valid());
}

TEST_F(FlashRegression, DmeBitsMayGoInARegression) {  // F-166 F-170
    done(kPrarPrg, 0x8000'00FF);
    set_rdp(0x55);
    unlock_options();
    ASSERT_TRUE(put(kPrarPrg, 0x0000'00FF));
    set_rdp(0xAA);
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kPrarCur), 0x0000'00FFU);
}

TEST_F(FlashRegression, WorksUnderIntrusion) {  // F-200: options stay writable
    set_rdp(0x55);
    secure.debugger_connected();
    as(Master::ap0);
    set_rdp(0xAA);
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
    EXPECT_EQ(left(kBank1) | left(kBank2), 0U);
    as(Master::cm7);
    EXPECT_TRUE(load(kBank1));
}

// --- loading ---

TEST_F(FlashOptions, ImageKeepsOptionsAndContents) {  // F-130 F-134
    program(kBank2 + 0x40, 0x4242'0000);
    done(kWpsnPrg, 0xFE);
    Image image = flash.image();
    Controller other{Geometry{}, Ports{clock, secure}};
    other.set_image(image);
    other.reset(ResetKind::power_on);
    EXPECT_EQ(other.options(), flash.options());
    EXPECT_EQ(*other.read_array(at(kBank2 + 0x40, 4, Op::read)), 0x4242'0000U);
    EXPECT_EQ(other.image().user[1].words, image.user[1].words);
}

TEST_F(FlashOptions, AnEmptyImageIsABlankFlash) {
    flash.set_image(Image{});
    EXPECT_TRUE(erased(kBank1, 0x10'0000));
    EXPECT_EQ(flash.options(), kFactoryOptions);
}

TEST_F(FlashOptions, ImageBitsThatDoNotExistAreDropped) {  // F-149
    Image image;
    image.options.fill(~0U);
    flash.set_image(image);
    EXPECT_EQ(flash.options()[kOptsr], 0xBFFE'FFFCU);
    EXPECT_EQ(flash.options()[kWpsn1], 0xFFU);
    EXPECT_EQ(flash.options()[kPrar1], 0x8FFF'0FFFU);
}

}  // namespace
}  // namespace h7::flash

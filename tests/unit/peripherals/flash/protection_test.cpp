// Who reads and executes what, as flags, zeros and bus errors.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashProtection : public FlashBench {
protected:
    FlashProtection() {
        program(kBank1 + 0x100, 0xC0DE'0000);
        program(kBank1 + 0x1000, 0x0BE0'0000);
        program(kBank2 + 0xF'FFE0, 0xEEEE'0000);
        flash.write_rom(0x1FF0'0000, Bytes(64, 0x5A));
        flash.write_rom(0x1FF0'9500, Bytes(32, 0xA5));
        clear();
    }
    void clear() {
        (void)put(kCcr, ~0U);
        (void)put(kCcr + kB2, ~0U);
    }
    void pcrop_first_4k() {
        change(kPrarPrg, 0x000F'0000);
        clear();
    }
    /// SECURITY latched, secure-only area of 8 KB at the start of bank 1, made by secure code.
    void secure_area() {
        secure_boot();
        as(Master::cm7, Context::secure_user);
        change(kScarPrg, 0x001F'0000);
        as(Master::cm7);
        clear();
    }
    void expect_zero(Address address, std::uint32_t flag, std::string_view id, unsigned bank = 1) {
        clear();
        EXPECT_EQ(value_at(address), 0U);
        EXPECT_EQ(flags(bank), flag);
        EXPECT_EQ(flash.last_refusal()->id, id);
    }
    void expect_error(const BusResult<std::uint64_t>& result, std::uint32_t flag, std::string_view rule,
                      unsigned bank = 1) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, BusFault::Kind::error);
        EXPECT_EQ(result.error().rule, rule);
        EXPECT_EQ(flags(bank), flag);
    }
};

// --- PCROP ---

TEST_F(FlashProtection, PcropIsExecuteOnlyForTheCm7) {  // T-27 F-148 F-214 F-216 F-219 F-220 F-015
    pcrop_first_4k();
    for (const Master who :
         {Master::cm7, Master::cm4, Master::mdma, Master::dma1, Master::ap0, Master::ap1}) {
        as(who);
        expect_zero(kBank1 + 0x100, sr::kRdperr, "pcrop-read");
    }
    as(Master::cm7);
    clear();
    EXPECT_EQ(*fetch(kBank1 + 0x100), 0xC0DE'0000U);
    EXPECT_EQ(value_at(kBank1 + 0x1000), 0x0BE0'0000U);
    EXPECT_EQ(flags(), 0U);
}

TEST_F(FlashProtection, Cm4FetchFromPcropGetsZeros) {  // F-224, A-13, D-34
    pcrop_first_4k();
    as(Master::cm4);
    const auto got = fetch(kBank1 + 0x100);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, 0U);
    EXPECT_EQ(flags(), sr::kRdperr);
}

TEST_F(FlashProtection, EqualLimitsProtectTheWholeBank) {  // T-28 F-214
    change(kPrarPrg + kB2, 0x0123'0123);
    expect_zero(kBank2 + 0xF'FFFC, sr::kRdperr, "pcrop-read", 2);
    expect_zero(kBank2, sr::kRdperr, "pcrop-read", 2);
}

TEST_F(FlashProtection, ProgrammingIntoPcropIsDropped) {  // F-221 F-194
    pcrop_first_4k();
    program(kBank1 + 0x200);
    EXPECT_EQ(flags(), sr::kWrperr);
    EXPECT_TRUE(erased(kBank1 + 0x200, 32));
    as(Master::cm7, Context::secure_user);
    program(kBank1 + 0x200);
    EXPECT_TRUE(erased(kBank1 + 0x200, 32));
    as(Master::cm7, Context::rss);  // ST's library installs modules
    program(kBank1 + 0x200, 0x7777'0000);
    EXPECT_EQ(load_le32(flash.user(0).bytes(), 0x200), 0x7777'0000U);
    expect_zero(kBank1 + 0x200, sr::kRdperr, "pcrop-read");  // and cannot read it back
}

TEST_F(FlashProtection, ProgramIsRefusedBlockByBlockNotSectorBySector) {  // A-47, F-245 F-246
    pcrop_first_4k();
    program(kBank1 + 0x1020);
    EXPECT_EQ(flags(), sr::kEop);
}

TEST_F(FlashProtection, AccessAcrossALimitLeaksNothing) {  // F-220
    pcrop_first_4k();
    program(kBank1 + 0xFE0);  // refused, buffer empty
    clear();
    const auto got = load(kBank1 + 0xFFE, 4);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got & 0xFFFFU, 0U);
    EXPECT_EQ(flags(), sr::kRdperr);
}

// --- secure-only ---

TEST_F(FlashProtection,
       ClosedSecureAreaGivesZerosAndFaultsFetches) {  // T-47 F-229 F-230 F-231 F-257 R-004 R-009
    secure_area();
    secure.close(0);
    for (const Master who : {Master::cm7, Master::cm4, Master::mdma, Master::ap0}) {
        as(who);
        expect_zero(kBank1 + 0x100, sr::kRdserr, "secure-read");
    }
    for (const Master who : {Master::cm7, Master::cm4}) {
        as(who);
        clear();
        expect_error(fetch(kBank1 + 0x100), sr::kRdserr, "F-230");
    }
    as(Master::cm7);
    clear();
    program(kBank1 + 0x200);
    EXPECT_EQ(flags(), sr::kWrperr);
    erase_sector(kBank1);
    EXPECT_EQ(flash.last_refusal()->id, "secure-erase");  // F-232
    EXPECT_FALSE(erased(kBank1 + 0x100, 32));
}

TEST_F(FlashProtection, OpenSecureAreaIsForSecureCodeOfTheCm7) {  // F-226 F-228 F-232 F-084 R-008
    secure_area();
    as(Master::cm7, Context::secure_user);
    EXPECT_EQ(value_at(kBank1 + 0x100), 0xC0DE'0000U);
    EXPECT_EQ(*fetch(kBank1 + 0x100), 0xC0DE'0000U);
    program(kBank1 + 0x200, 0x3333'0000);
    EXPECT_EQ(flags(), sr::kEop);
    EXPECT_EQ(value_at(kBank1 + 0x200), 0x3333'0000U);
    as(Master::cm4);
    expect_zero(kBank1 + 0x100, sr::kRdserr, "secure-read");  // the gate is open, the CM4 is not secure
    as(Master::ap0);
    expect_zero(kBank1 + 0x100, sr::kRdserr, "secure-read");
    as(Master::cm7, Context::secure_user);
    clear();
    erase_sector(kBank1);
    EXPECT_EQ(flags(), sr::kEop);
    ASSERT_TRUE(put(kCr, kBer | kStart));  // F-084: a bank erase although an area is defined
    EXPECT_EQ(flags(), sr::kEop);
    EXPECT_EQ(get(kScarCur), 0x001F'0000U);
}

TEST_F(FlashProtection, SecurityZeroSealsAnExistingArea) {  // F-226, D-03
    Image image = flash.image();
    image.options[kScar1] = 0x001F'0000;
    flash.set_image(image);
    flash.reset(ResetKind::power_on);
    for (const Context who : {Context::application, Context::secure_user, Context::rss}) {
        as(Master::cm7, who);
        expect_zero(kBank1 + 0x100, sr::kRdserr, "sealed-read");
        clear();
        expect_error(fetch(kBank1 + 0x100), sr::kRdserr, "D-03");
    }
    flash.set_readings({.sealed_areas_ignored = true});
    as(Master::cm7);
    EXPECT_EQ(value_at(kBank1 + 0x100), 0xC0DE'0000U);
}

TEST_F(FlashProtection, SecurityActsAtTheNextResetOnly) {  // F-227 F-148 R-005
    Image image = flash.image();
    image.options[kScar1] = 0x001F'0000;
    flash.set_image(image);
    flash.reset(ResetKind::power_on);
    change(kOptsrPrg, get(kOptsrCur) | 1U << 21);
    as(Master::cm7, Context::secure_user);
    expect_zero(kBank1 + 0x100, sr::kRdserr, "sealed-read");
    system_reset();
    EXPECT_EQ(value_at(kBank1 + 0x100), 0xC0DE'0000U);
}

TEST_F(FlashProtection, BothAreasAtOneAddressFilterTwice) {  // F-237, A-12, F-256
    secure_area();
    change(kPrarPrg, 0x001F'0000);
    expect_zero(kBank1 + 0x100, sr::kRdserr, "secure-read");  // secure-only first, and only that flag
    clear();
    expect_error(fetch(kBank1 + 0x100), sr::kRdserr, "F-230");
    as(Master::cm7, Context::secure_user);
    expect_zero(kBank1 + 0x100, sr::kRdperr, "pcrop-read");
    EXPECT_EQ(*fetch(kBank1 + 0x100), 0xC0DE'0000U);
}

// --- system flash ---

TEST_F(FlashProtection, RssPrivateMemoryIsClosedToEverybodyElse) {  // R-042 F-205 R-053, D-07, D-08, A-38
    for (const Master who : {Master::cm7, Master::mdma, Master::ap0}) {
        as(who);
        expect_zero(0x1FF0'0000, sr::kRdserr, "rss-read");
        expect_zero(0x1FF0'7FFC, sr::kRdserr, "rss-read");
        expect_zero(0x1FF4'0000, sr::kRdserr, "rss-read", 2);
        EXPECT_EQ(value_at(0x1FF0'9500), 0xA5A5'A5A5U);
    }
    as(Master::cm7);
    clear();
    expect_error(fetch(0x1FF0'0000), sr::kRdserr, "D-08");
    expect_error(fetch(0x1FF5'FFFC), sr::kRdserr, "D-08", 2);
    EXPECT_TRUE(fetch(0x1FF0'9500));
    as(Master::cm7, Context::rss);
    clear();
    EXPECT_EQ(value_at(0x1FF0'0000), 0x5A5A'5A5AU);
    EXPECT_EQ(flags(), 0U);
}

TEST_F(FlashProtection, Cm4SeesNoSystemFlash) {  // R-053, D-01
    as(Master::cm4);
    expect_error(load(0x1FF1'E800), 0, "D-01");
    expect_error(fetch(0x1FF0'9500), 0, "D-01");
}

TEST_F(FlashProtection, ReservedAddressesAreBusErrorsWithoutFlag) {  // A-48, D-08
    expect_error(load(0x1FF2'0000), 0, "A-48");
    expect_error(load(0x1FF6'0000), 0, "A-48");
}

// --- RDP ---

TEST_F(FlashProtection, LevelOneWithoutIntrusionIsLevelZero) {  // T-35 F-199 F-206
    set_rdp(0x00);
    EXPECT_EQ(flash.rdp(), security::Rdp::level1);
    EXPECT_EQ(value_at(kBank1 + 0x100), 0xC0DE'0000U);
    program(kBank1 + 0x2000);
    EXPECT_EQ(flags(), sr::kEop);
}

TEST_F(FlashProtection,
       IntrusionAtLevelOneClosesUserFlashForAll) {  // T-36 F-198 F-200 F-086 F-204 F-238 F-213
    set_rdp(0x55);
    change(kPrarPrg, 0x000F'0000);
    secure.debugger_connected();
    for (const Master who : {Master::cm7, Master::cm4, Master::dma2, Master::ap0}) {
        as(who);
        clear();
        expect_error(load(kBank1 + 0x1000), sr::kRdperr, "F-200");
    }
    as(Master::cm7);
    clear();
    expect_error(fetch(kBank1 + 0x100), sr::kRdperr, "F-238");  // outranks PCROP
    clear();
    program(kBank1 + 0x2000);
    EXPECT_EQ(flags(), sr::kWrperr);
    erase_sector(kBank1 + kSectorBytes);
    EXPECT_EQ(flash.last_refusal()->id, "level1-erase");
    EXPECT_EQ(value_at(0x1FF0'9500), 0xA5A5'A5A5U);  // system flash stays
    change(kWpsnPrg, 0xFE);                          // options stay writable
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
    system_reset();
    EXPECT_FALSE(load(kBank1 + 0x1000));  // sticky
    secure.power_on();
    flash.reset(ResetKind::power_on);
    EXPECT_TRUE(load(kBank1 + 0x1000));
}

TEST_F(FlashProtection, BootElsewhereIsAnIntrusionToo) {  // T-37 F-198 F-201
    set_rdp(0x55);
    secure.booted_outside_user_flash(true);
    EXPECT_FALSE(load(kBank1 + 0x1000));
    secure.booted_outside_user_flash(false);
    EXPECT_TRUE(load(kBank1 + 0x1000));
}

TEST_F(FlashProtection, LevelTwoReadsAndWritesAsLevelZero) {  // F-202
    secure.debugger_connected();
    set_rdp(0xCC);
    EXPECT_EQ(value_at(kBank1 + 0x100), 0xC0DE'0000U);
    program(kBank1 + 0x2000);
    EXPECT_EQ(flags(), sr::kEop);
}

// --- words for people ---

TEST_F(FlashProtection, EveryRefusalNamesItsRowAndRule) {
    std::vector<std::string> lines;
    Trace trace;
    trace.set_sink([&](std::string_view line) { lines.emplace_back(line); });
    flash.set_trace(&trace);
    pcrop_first_4k();
    lines.clear();
    (void)load(kBank1 + 0x100);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("RDPERR1: read at 0x08000100 by CM7 (application) refused by pcrop-read, F-220"),
              std::string::npos)
        << lines[0];
    change(kPrarPrg, 0x00FF);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(
        lines[1].find("OPTCHANGEERR: option change by CM7 (application) refused by PROT_AREA1, F-164: "),
        std::string::npos)
        << lines[1];
}

}  // namespace
}  // namespace h7::flash

// Erasing.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashErase : public FlashBench {
protected:
    FlashErase() {
        for (unsigned n = 0; n < 8; ++n) {
            program(kBank1 + n * kSectorBytes);
            program(kBank2 + n * kSectorBytes);
        }
        (void)put(kCr, kPsize);
        (void)put(kCr + kB2, kPsize);
        clear();
    }
    void clear() {
        (void)put(kCcr, ~0U);
        (void)put(kCcr + kB2, ~0U);
    }
    bool bank_erased(Address bank) { return erased(bank, 0x10'0000); }
};

TEST_F(FlashErase, OneSector) {  // T-20 F-026 F-031 F-077 F-079 F-080 F-096 F-025
    ASSERT_TRUE(put(kCr, kSer | kStart | kPsize | snb(2)));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(get(kCr), kSer | kPsize | snb(2));
    EXPECT_TRUE(erased(kBank1 + 2 * kSectorBytes, kSectorBytes));
    EXPECT_FALSE(erased(kBank1 + 3 * kSectorBytes, kSectorBytes));
    EXPECT_FALSE(erased(kBank1 + 1 * kSectorBytes, kSectorBytes));
    EXPECT_FALSE(erased(kBank2 + 2 * kSectorBytes, kSectorBytes));
    EXPECT_EQ(value_at(kBank1 + 2 * kSectorBytes), 0xFFFF'FFFFU);
    EXPECT_EQ(sr(), sr::kEop);
}

TEST_F(FlashErase, BankEraseOutranksSectorErase) {  // T-21 F-081 F-082
    ASSERT_TRUE(put(kCr + kB2, kSer | kBer | snb(1)));
    ASSERT_TRUE(put(kCr + kB2, kSer | kBer | kStart | snb(1)));
    EXPECT_TRUE(bank_erased(kBank2));
    EXPECT_FALSE(erased(kBank1, 32));
    EXPECT_EQ(flags(2), sr::kEop);
}

TEST_F(FlashErase, ForgottenBerErasesTheBank) {  // T-61 F-282
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(get(kCr), kBer);
    program(kBank1 + kSectorBytes);
    ASSERT_TRUE(put(kCr, get(kCr) | kSer | kStart | snb(3)));
    EXPECT_TRUE(bank_erased(kBank1));
}

TEST_F(FlashErase, StartWithoutAKindDoesNothing) {
    ASSERT_TRUE(put(kCr, kStart));
    EXPECT_EQ(get(kCr), 0U);
    EXPECT_EQ(sr(), 0U);
}

TEST_F(FlashErase, LockedCrErasesNothing) {  // F-078
    ASSERT_TRUE(put(kCr, kLock));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_FALSE(erased(kBank1, 32));
}

TEST_F(FlashErase, OneProtectedSectorRefusesTheWholeBank) {  // T-23 F-085 F-193, D-04
    change(kWpsnPrg, 0x7F);
    clear();
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    for (unsigned n = 0; n < 8; ++n) EXPECT_FALSE(erased(kBank1 + n * kSectorBytes, 32));
    EXPECT_EQ(flash.last_refusal()->rule, "F-191");
    EXPECT_EQ(flash.last_refusal()->what, "erase");
}

TEST_F(FlashErase, TheOtherReadingErasesTheRest) {  // F-085, D-04
    flash.set_readings({.bank_erase_skips_protected = true});
    change(kWpsnPrg, 0x7F);
    clear();
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_TRUE(erased(kBank1, 7 * kSectorBytes));
    EXPECT_FALSE(erased(kBank1 + 7 * kSectorBytes, 32));
}

TEST_F(FlashErase, PcropSectorIsNotErasedEvenIfTouchedByOneBlock) {  // F-083 F-222 F-217
    change(kPrarPrg, 0x01FFU << 16 | 0x01FE);                        // the last two blocks of sector 0
    clear();
    erase_sector(kBank1);
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_FALSE(erased(kBank1, 32));
    EXPECT_EQ(flash.last_refusal()->id, "pcrop-erase");
    erase_sector(kBank1 + kSectorBytes);
    EXPECT_TRUE(erased(kBank1 + kSectorBytes, kSectorBytes));
}

TEST_F(FlashErase, WithProtectionRemoval) {  // T-32 F-087 F-088 F-091
    change(kPrarPrg, 0x001F'0000);
    change(kWpsnPrg, 0x7F);
    clear();
    ASSERT_TRUE(put(kPrarPrg, 1U << 31 | 0x00FF));
    ASSERT_TRUE(put(kWpsnPrg, 0xFF));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_TRUE(bank_erased(kBank1));
    EXPECT_EQ(get(kPrarCur), 0x8000'00FFU);
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_FALSE(option_error());
    EXPECT_FALSE(erased(kBank2, 32));
    EXPECT_EQ(flash.rdp(), security::Rdp::level0);
}

TEST_F(FlashErase, RemovalFreesASealedSecureArea) {  // F-087 F-091, D-03
    Image image = flash.image();
    image.options[kScar1] = 0x001F'0000;
    flash.set_image(image);
    flash.reset(ResetKind::power_on);
    EXPECT_EQ(value_at(kBank1), 0U);
    unlock();
    unlock_options();
    ASSERT_TRUE(put(kScarPrg, 0x8000'00FF));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(flags(), sr::kEop | sr::kRdserr);
    EXPECT_FALSE(flash.secure_area(0).valid());
    EXPECT_EQ(value_at(kBank1), 0xFFFF'FFFFU);
}

TEST_F(FlashErase, RemovalSpoiledByAnotherFieldIsAPlainErase) {  // T-33 F-089
    change(kPrarPrg, 0x001F'0000);
    clear();
    ASSERT_TRUE(put(kPrarPrg, 1U << 31 | 0x00FF));
    ASSERT_TRUE(put(kOptsrPrg, get(kOptsrPrg) | 2U << 2));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(get(kPrarCur), 0x001F'0000U);
    EXPECT_FALSE(option_error());
    EXPECT_FALSE(erased(kBank1, 32));
}

TEST_F(FlashErase, RemovalSpoiledByAFieldOfTheOtherBankIsAPlainErase) {  // F-089, T-33
    for (const Address other : {kPrarPrg + kB2, kScarPrg + kB2, kWpsnPrg + kB2}) {
        flash.reset(ResetKind::system);
        unlock();
        change(kWpsnPrg, 0x7F);
        clear();
        ASSERT_TRUE(put(kWpsnPrg, 0xFF));
        ASSERT_TRUE(put(other, 0x7E));
        ASSERT_TRUE(put(kCr, kBer | kStart));
        EXPECT_EQ(sr(), sr::kWrperr) << std::hex << other;
        EXPECT_FALSE(option_error());
        EXPECT_EQ(get(kWpsnCur), 0x7FU);
        EXPECT_FALSE(erased(kBank1, 32));
    }
}

TEST_F(FlashErase, APlainEraseTakesNoOptionAlong) {  // F-089: nothing is protected, something is staged
    unlock_options();
    ASSERT_TRUE(put(kOptsrPrg, get(kOptsrPrg) | 2U << 2));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_TRUE(bank_erased(kBank1));
    EXPECT_EQ(get(kOptsrCur), 0x17C6'AAF0U);
    EXPECT_FALSE(option_error());
}

TEST_F(FlashErase, RemovalMayTakeTheDmeBitsOfNoArea) {  // F-166 F-170: 1 to 0 with a protection removal
    change(kPrarPrg, 0x8000'00FF);
    change(kScarPrg, 0x8000'00FF);
    clear();
    ASSERT_TRUE(put(kPrarPrg, 0x0000'00FF));
    ASSERT_TRUE(put(kScarPrg, 0x0000'00FF));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kEop);
    EXPECT_EQ(get(kPrarCur), 0x0000'00FFU);
    EXPECT_EQ(get(kScarCur), 0x0000'00FFU);
}

TEST_F(FlashErase, HalfARemovalIsNone) {  // A-46, F-087
    change(kPrarPrg, 0x001F'0000);
    change(kWpsnPrg, 0x7F);
    clear();
    ASSERT_TRUE(put(kWpsnPrg, 0xFF));  // the PCROP area stays
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    ASSERT_TRUE(put(kPrarPrg, 0x00FF));  // DMEP missing
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_FALSE(erased(kBank1, 32));
    EXPECT_EQ(get(kWpsnCur), 0x7FU);
}

TEST_F(FlashErase, ASecureAreaGoesWithDmesOnly) {  // F-087 F-168
    Image image = flash.image();
    image.options[kScar1] = 0x001F'0000;
    flash.set_image(image);
    flash.reset(ResetKind::power_on);
    unlock();
    unlock_options();
    ASSERT_TRUE(put(kScarPrg, 0x0000'00FF));  // START > END, DMES missing
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_TRUE(flash.secure_area(0).valid());
    EXPECT_FALSE(erased(kBank1, 32));
}

TEST_F(FlashErase, NoRemovalUnderIntrusion) {  // F-086 F-200
    change(kWpsnPrg, 0x7F);
    set_rdp(0x55);
    secure.debugger_connected();
    clear();
    ASSERT_TRUE(put(kWpsnPrg, 0xFF));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(get(kWpsnCur), 0x7FU);
    EXPECT_FALSE(erased(kBank1, 32));
    ASSERT_TRUE(put(kCr + kB2, kBer | kStart));
    EXPECT_EQ(sr(2), sr::kWrperr) << "a plain bank erase neither";
    EXPECT_FALSE(erased(kBank2, 32));
}

TEST_F(FlashErase, NoRemovalAtLevelTwo) {  // F-160 F-192 F-202, decision 0035
    change(kPrarPrg, 0x001F'0000);
    change(kWpsnPrg + kB2, 0x7F);
    set_rdp(0xCC);
    clear();
    ASSERT_TRUE(put(kPrarPrg, 0x8000'00FF));
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(get(kPrarCur), 0x001F'0000U);
    EXPECT_FALSE(erased(kBank1, 32));
    ASSERT_TRUE(put(kPrarPrg, get(kPrarCur)));
    ASSERT_TRUE(put(kWpsnPrg + kB2, 0xFF));
    ASSERT_TRUE(put(kCr + kB2, kBer | kStart));
    EXPECT_EQ(get(kWpsnCur + kB2), 0x7FU);
    EXPECT_FALSE(erased(kBank2, 32));
}

TEST_F(FlashErase, RemovalNeedsUnlockedOptions) {  // F-078
    change(kWpsnPrg, 0x7F);
    ASSERT_TRUE(put(kWpsnPrg, 0xFF));
    ASSERT_TRUE(put(kOptcr, kLock));
    clear();
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(sr(), sr::kWrperr);
    EXPECT_EQ(get(kWpsnCur), 0x7FU);
}

TEST_F(FlashErase, MassEraseNeedsThreeOpenLocks) {  // T-34 F-076 F-092, A-31, A-32
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_FALSE(erased(kBank1, 32));
    unlock_options();
    ASSERT_TRUE(put(kCr + kB2, kLock));
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_FALSE(erased(kBank1, 32));
    unlock(2);
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_TRUE(bank_erased(kBank1));
    EXPECT_TRUE(bank_erased(kBank2));
    EXPECT_EQ(sr(1), sr::kEop);
    EXPECT_EQ(sr(2), sr::kEop);
    EXPECT_EQ(get(kOptcr), 0U);
    EXPECT_EQ(get(kCr) & (kBer | kStart), kBer);
    EXPECT_EQ(get(kCr + kB2) & (kBer | kStart), kBer);
}

TEST_F(FlashErase, MassEraseIsJudgedBankByBank) {  // A-55, F-092
    change(kWpsnPrg, 0xFE);
    clear();
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_EQ(sr(1), sr::kWrperr);
    EXPECT_EQ(sr(2), sr::kEop);
    EXPECT_FALSE(erased(kBank1, 32));
    EXPECT_TRUE(bank_erased(kBank2));
}

TEST_F(FlashErase, MassEraseRemovesTheProtectionsOfBothBanks) {  // F-093 F-094
    change(kPrarPrg, 0x001F'0000);
    change(kWpsnPrg + kB2, 0xFE);
    clear();
    ASSERT_TRUE(put(kPrarPrg, 0x8000'00FF));
    ASSERT_TRUE(put(kWpsnPrg + kB2, 0xFF));
    ASSERT_TRUE(put(kBoot7Prg, 0));
    ASSERT_TRUE(put(kOptcr, kMer));  // F-094: another field differs
    EXPECT_EQ(sr(1), sr::kWrperr);
    EXPECT_EQ(sr(2), sr::kWrperr);
    EXPECT_FALSE(option_error());
    ASSERT_TRUE(put(kBoot7Prg, get(kBoot7Cur)));
    clear();
    ASSERT_TRUE(put(kOptcr, kMer));
    EXPECT_TRUE(bank_erased(kBank1));
    EXPECT_TRUE(bank_erased(kBank2));
    EXPECT_EQ(get(kPrarCur), 0x8000'00FFU);
    EXPECT_EQ(get(kWpsnCur + kB2), 0xFFU);
}

TEST_F(FlashErase, SpecialSectorsAreForStCode) {  // F-073 F-023
    as(Master::cm7, Context::rss);
    ASSERT_TRUE(put(kCr + kB2, kPg));
    store_word(0x1FF4'0000, 0x1000'0000);
    store_word(0x1FF4'4000, 0x2000'0000);
    as(Master::cm7);
    clear();
    ASSERT_TRUE(put(kCr + kB2, kSer | kSpss2 | kStart));
    EXPECT_EQ(flags(2), sr::kWrperr);
    EXPECT_EQ(flash.last_refusal()->id, "system2-erase");
    as(Master::cm7, Context::rss);
    clear();
    ASSERT_TRUE(put(kCr + kB2, kSer | kSpss2 | kStart | snb(1)));
    EXPECT_EQ(flags(2), sr::kEop);
    EXPECT_EQ(value_at(0x1FF4'4000), 0xFFFF'FFFFU);
    EXPECT_EQ(value_at(0x1FF4'0000), 0x1000'0000U);
    EXPECT_FALSE(erased(kBank2 + kSectorBytes, 32));
    ASSERT_TRUE(put(kCr + kB2, kBer | kStart));  // bank erase: user flash only (F-081)
    EXPECT_EQ(value_at(0x1FF4'0000), 0x1000'0000U);
}

TEST_F(FlashErase, ErasedSectorTellsRightsAndContents) {  // F-095
    unsigned rights = 0;
    std::vector<std::pair<Address, std::uint32_t>> heard;
    flash.rights_changed = [&] { ++rights; };
    flash.contents_changed = [&](Address a, std::uint32_t n) { heard.emplace_back(a, n); };
    erase_sector(kBank2 + kSectorBytes);
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0], std::pair(kBank2 + kSectorBytes, kSectorBytes));
    EXPECT_GT(rights, 0U);
}

// Marks say what a snapshot must put back (architecture 3.14): bytes, ECC states and first writers.
TEST(FlashArray, EraseMarksThePagesThatWereNotErased) {
    constexpr std::uint32_t kPage = HostMemory::kPage;
    Array array(8 * kPage);
    const FirstWriter who{.when = 1, .origin = FirstWriter::Origin::store};
    WordData word{};
    word.fill(0x5A);
    array.program(2 * kPage + 32, word, who);
    array.set_state(4 * kPage, WordState::ecc_double);  // its bytes are all ones
    const Array::Copy before = array.copy();
    array.memory().clear_marks();
    array.erase(0, array.size());
    for (std::size_t page = 0; page < 8; ++page)
        EXPECT_EQ(array.memory().marked(page), page == 2 || page == 4) << page;
    EXPECT_FALSE(array.any_flagged(0, array.size()));
    EXPECT_FALSE(array.first_writer(2 * kPage + 32).known());
    EXPECT_EQ(array.image().data, Bytes(8 * kPage, 0xFF));
    for (const std::uint32_t page : array.memory().marked_pages()) array.put_back(before, page);
    EXPECT_EQ(array.copy().cells, before.cells);
    EXPECT_EQ(array.copy().states, before.states);
    EXPECT_TRUE(array.copy().writers == before.writers);
}

}  // namespace
}  // namespace h7::flash

// SMI: a module into a PCROP area, alone and inside an image (rss-sfi-bootloader.md 4.10).
#include "rss/install/module.hpp"

#include <gtest/gtest.h>

#include "tests/support/rss_install.hpp"

namespace h7::rss {
namespace {

using test::InstallBench;
using test::TestImage;
using test::TestModule;

constexpr Address kPlace = 0x0800'1000;

class ModuleTest : public InstallBench {
protected:
    ModuleTest() { module.plaintext = test::pattern(0x210, 5); }
    StagedModule staged(const TestModule& m) {
        return {test::make_license(m.license, m.key, m.nonce, chip), m.file()};
    }
    StagedModule staged() { return staged(module); }
    void expect_module_untouched(const StagedModule& bad, Detail expected) {
        const auto options = board.flash.options();
        const std::uint64_t steps = board.flash.steps();
        EXPECT_EQ(image::name(install_module(bad)), image::name(expected)) << reason;
        EXPECT_EQ(board.flash.steps(), steps) << "something was programmed or erased";
        EXPECT_EQ(board.flash.options(), options);
        EXPECT_FALSE(touched);
    }
    void with(std::size_t row, std::uint32_t value) {
        board.change_options([&](flash::OptionWords& w) { w[row] = value; });
    }
    TestModule module;
};

TEST_F(ModuleTest, GoesIntoItsOwnProtectedArea) {  // R-034 R-048 F-163 F-215 F-221
    ASSERT_EQ(install_module(staged()), Detail::none) << reason;
    EXPECT_TRUE(holds(kPlace, module.plaintext));
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8012'0010U) << "three blocks, DMEP = 1";
    EXPECT_EQ(state, JournalState::idle);
    EXPECT_EQ(board.application_reads(kPlace), 0U) << "PCROP is in force";
}

TEST_F(ModuleTest, OfSixteenBytesTakesTwoBlocks) {  // F-215
    module.plaintext = test::pattern(16, 1);
    module.destination = 0x0810'0100;
    ASSERT_EQ(install_module(staged()), Detail::none) << reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar2], 0x8002'0001U);
}

TEST_F(ModuleTest, ExtendsTheAreaInForce) {  // F-217 F-221
    ASSERT_EQ(install_module(staged()), Detail::none);
    TestModule second = module;
    second.destination = kPlace + 0x300;
    second.nonce[0] ^= 1;
    ASSERT_EQ(install_module(staged(second)), Detail::none) << reason;
    EXPECT_TRUE(holds(second.destination, second.plaintext));
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8015'0010U);
}

TEST_F(ModuleTest, InsideTheAreaInForceNothingIsReadBack) {  // 4.10: success is EOP without error flags
    with(flash::kPrar1, security::limits_of(0x1000, 0x1000, true));
    ASSERT_EQ(install_module(staged()), Detail::none) << reason;
    EXPECT_TRUE(holds(kPlace, module.plaintext));
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x801F'0010U) << "as large as it was";
}

TEST_F(ModuleTest, TheBanksMayBeSwapped) {  // F-125
    board.change_options([](flash::OptionWords& w) { w[flash::kOptsr] |= kOptsrSwapBank; });
    ASSERT_EQ(install_module(staged()), Detail::none) << reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar2], 0x8012'0010U) << "0x08001000 is physical bank 2 now";
    EXPECT_TRUE(holds(kPlace + 0x10'0000, module.plaintext));
}

TEST_F(ModuleTest, SwallowsNothing) {  // F-217
    with(flash::kPrar1, security::limits_of(0x4000, 0x200, true));
    board.put_flash(0x0800'2000, test::pattern(32, 3));
    expect_module_untouched(staged(), Detail::E_PCROP);
    board.put_flash(0x0800'2000, Bytes(32, 0xFF));
    EXPECT_EQ(install_module(staged()), Detail::none) << reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8041'0010U);
}

TEST_F(ModuleTest, ItsPlaceMustBeErased) {
    board.put_flash(kPlace + 0x220, Bytes{0x00});  // behind the module, inside its last block
    expect_module_untouched(staged(), Detail::E_STATE);
}

TEST_F(ModuleTest, PreconditionsOfTheChip) {
    const std::uint32_t optsr = test::secure_options()[flash::kOptsr];
    with(flash::kOptsr, optsr & ~kOptsrSecurity);
    expect_module_untouched(staged(), Detail::E_DISABLED);
    with(flash::kOptsr, insert(optsr, 15, 8, 0xCC));
    expect_module_untouched(staged(), Detail::E_RDP);  // F-160
    with(flash::kOptsr, insert(optsr, 15, 8, 0xBB));
    board.secure.debugger_connected();
    expect_module_untouched(staged(), Detail::E_RDP);  // F-086 F-200
    board.set_options(test::secure_options());
    with(flash::kWpsn1, 0xFE);
    expect_module_untouched(staged(), Detail::E_WRP);  // F-191
    with(flash::kWpsn1, 0xFF);
    with(flash::kScar1, security::limits_of(0x1200, 0x400, false));
    expect_module_untouched(staged(), Detail::E_OVERLAP);
    // A protection that only grows over the secure area is refused too.
    with(flash::kScar1, security::limits_of(0x2000, 0x400, false));
    with(flash::kPrar1, security::limits_of(0x4000, 0x400, true));
    expect_module_untouched(staged(), Detail::E_OVERLAP);
    with(flash::kScar1, 0xFF);
    EXPECT_EQ(install_module(staged()), Detail::none) << reason;
}

TEST_F(ModuleTest, AtLevel1WithoutADebuggerItInstalls) {
    with(flash::kOptsr, insert(test::secure_options()[flash::kOptsr], 15, 8, 0xBB));
    EXPECT_EQ(install_module(staged()), Detail::none) << reason;
}

TEST_F(ModuleTest, EveryChangedBitIsFound) {  // 7, 3
    module.plaintext = test::pattern(32, 5);
    const StagedModule good = staged();
    const std::uint64_t steps = board.flash.steps();
    for (std::size_t at = 0; at < good.file.size(); ++at) {
        StagedModule bad = good;
        bad.file[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        ASSERT_NE(install_module(bad), Detail::none) << at;
    }
    for (std::size_t at = 0; at < good.license.size(); ++at) {
        StagedModule bad = good;
        bad.license[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        ASSERT_NE(install_module(bad), Detail::none) << at;
    }
    for (std::size_t size = 0; size < good.file.size(); ++size) {
        StagedModule bad = good;
        bad.file.resize(size);
        ASSERT_NE(install_module(bad), Detail::none) << size;
    }
    EXPECT_EQ(board.flash.steps(), steps);
    EXPECT_EQ(install_module(good), Detail::none) << reason;
}

TEST_F(ModuleTest, LicensesOfImagesAndModulesDoNotMix) {  // 4.6, 4.10: SMI under an SFI key
    TestModule wrong = module;
    wrong.license.type = image::LicenseType::sfi_static;
    expect_module_untouched(staged(wrong), Detail::E_LIC_FORMAT);
    // An image and a module under one key and nonce: the header tag of the one is no tag of the other,
    // because a module has a key of its own.
    TestModule same_key = module;
    const TestImage image;
    same_key.key = image.key;
    same_key.nonce = image.nonce;
    Bytes file = same_key.file();
    auto raw = aes_gcm::Key::make(same_key.key);
    ASSERT_TRUE(raw);
    image::ModuleHeader header;
    header.destination = same_key.destination;
    header.size = static_cast<std::uint32_t>(same_key.plaintext.size());
    Bytes cipher(header.size);
    ASSERT_EQ(aes_gcm::seal(*raw, same_key.nonce, image::module_aad(header), same_key.plaintext, cipher,
                            header.tag),
              aes_gcm::Status::ok);
    const auto head = image::serialise(header);
    Bytes under_sfi_key(head.begin(), head.end());
    under_sfi_key.insert(under_sfi_key.end(), cipher.begin(), cipher.end());
    StagedModule bad = staged(same_key);
    bad.file = under_sfi_key;
    expect_module_untouched(bad, Detail::E_HDR_TAG);
    bad.file = file;
    EXPECT_EQ(install_module(bad), Detail::none) << reason;
}

// The power fails inside every flash step, and again while the next boot tidies up: the module is complete
// and protected, or nothing of it can be read.
TEST_F(ModuleTest, WhereverThePowerFailsItIsProtectedOrGone) {  // F-131 F-132
    const StagedModule good = staged();
    board.put_flash(0x0804'0000, test::pattern(64, 77));
    const flash::Image before = board.flash.image();
    bool completed = false;
    for (std::uint64_t step = 1; !completed; ++step) {
        ASSERT_LT(step, 100U);
        for (const std::uint64_t second : {std::uint64_t{1}, std::uint64_t{2}}) {
            board.flash.set_cut_at(0, 0);
            board.flash.set_image(before);
            board.power_on();
            board.flash.set_cut_at(board.flash.steps() + step, step + second);
            completed = install_module(good) == Detail::none;
            board.power_on();
            board.flash.set_cut_at(board.flash.steps() + second, step);
            static_cast<void>(recover());
            board.power_on();
            board.flash.set_cut_at(0, 0);
            ASSERT_TRUE(recover()) << step << " " << reason;
            ASSERT_EQ(state, JournalState::idle) << step;
            const bool protected_now = board.flash.options()[flash::kPrar1] == 0x8012'0010U;
            if (protected_now) {
                ASSERT_TRUE(holds(kPlace, module.plaintext)) << step;
            } else {
                for (std::size_t at = 0; at < module.plaintext.size(); at += 32) {
                    const auto word = flash_at(kPlace + static_cast<Address>(at), 32);
                    const bool zero = std::ranges::all_of(word, [](std::uint8_t b) { return b == 0; });
                    const bool blank = std::ranges::all_of(word, [](std::uint8_t b) { return b == 0xFF; });
                    ASSERT_TRUE(zero || blank) << step << " +" << at;
                }
            }
            ASSERT_TRUE(holds(0x0804'0000, test::pattern(64, 77))) << "nothing else is touched";
        }
    }
}

// --- inside an image (combined SFI and SMI) ---

class CombinedTest : public ModuleTest {
protected:
    StagedPart combined(const TestImage& image) {
        StagedPart part = image.build(chip);
        part.module_licenses.push_back(staged().license);
        return part;
    }
    TestImage image_with_module() {
        TestImage image;
        image.firmware(0x0800'0000, test::startable(0x0800'0000, 64)).wrapped(module);
        return image;
    }
};

TEST_F(CombinedTest, TwoLicensesOpenOneImage) {  // 4.10, decision 0225
    const StagedPart part = combined(image_with_module());
    ASSERT_TRUE(install(part)) << reason;
    EXPECT_TRUE(holds(kPlace, module.plaintext));
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0x8012'0010U);
}

TEST_F(CombinedTest, EveryModuleNeedsItsLicense) {
    StagedPart part = combined(image_with_module());
    part.module_licenses.clear();
    expect_untouched(part, Detail::E_LIC_FORMAT);
    part = combined(image_with_module());
    part.module_licenses.push_back(part.module_licenses[0]);
    expect_untouched(part, Detail::E_ARG);
    part.module_licenses.pop_back();
    part.module_licenses[0] = part.license;
    expect_untouched(part, Detail::E_LIC_FORMAT);
    part = combined(image_with_module());
    part.module_licenses[0][0x60] ^= 1;
    expect_untouched(part, Detail::E_LIC_TAG);
}

TEST_F(CombinedTest, AModuleOfAnotherPlaceIsRefused) {
    TestImage image = image_with_module();
    image.areas[1].address = kPlace + 0x1000;
    expect_untouched(combined(image), Detail::E_ORDER);
}

}  // namespace
}  // namespace h7::rss

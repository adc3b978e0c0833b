// The package tool (rss-sfi-bootloader.md 4.3, 4.8, 4.12, Annex A).
#include "rss/host/package/pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rss/crypto/firmware_id.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/host/package/inspect.hpp"
#include "tests/support/annex_a_recipe.hpp"

namespace h7::package {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr image::OptionWords kClosed = {
    0x17E6'BBF0, 0x0000'00FF, 0x0000'00FF, 0x8000'00FF, 0x8000'00FF,
    0x0000'00FF, 0x0000'00FF, 0x0800'0800, 0x0810'0810};  // RDP 1, SECURITY 1

Recipe a_recipe() {
    Recipe recipe;
    recipe.firmware = {{0x0800'0000, Bytes(1000, 0x11), "boot.elf"}};
    recipe.options = kClosed;
    recipe.key = annex_a::key();
    recipe.nonce = Bytes(12, 0x20);
    recipe.nonce.back() = 0;
    return recipe;
}

std::string error_of(const Recipe& recipe) {
    const auto packed = pack(recipe);
    return packed ? "" : packed.error().message;
}

TEST(AnnexA, ImageByteForByte) {
    const auto packed = pack(annex_a::recipe());
    ASSERT_TRUE(packed) << packed.error().message;
    ASSERT_EQ(packed->file.size(), 256U);
    EXPECT_EQ(to_hex(ByteView(packed->file).subspan(0x30, 16)), to_hex(annex_a::header_tag()));
    EXPECT_EQ(to_hex(ByteView(packed->file).subspan(64, 104)), to_hex(annex_a::firmware_record()));
    EXPECT_EQ(to_hex(ByteView(packed->file).subspan(64 + 104 + 24, 16)),
              to_hex(annex_a::configuration_tag()));
    EXPECT_EQ(to_hex(crypto::sha256(packed->file)), to_hex(annex_a::sfi_sha256()));
}

TEST(AnnexA, VerifiesAndOpens) {
    const Bytes file = pack(annex_a::recipe())->file;
    const auto container = image::parse_sfi(file);
    ASSERT_TRUE(container) << container.error().what;
    const auto opened = verify(*container, file, annex_a::key(), annex_a::nonce());
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->plaintexts[0], annex_a::firmware());
    EXPECT_EQ(*opened->options, annex_a::kOptionWords);
}

// Every bit of the file is under some tag, or is the tag, or frames what is.
TEST(Verify, AnyFlippedBitOfTheFileIsRefused) {
    const Bytes file = pack(annex_a::recipe())->file;
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
        Bytes changed = file;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto container = image::parse_sfi(changed);
        if (!container) continue;
        ASSERT_FALSE(verify(*container, changed, annex_a::key(), annex_a::nonce())) << "bit " << bit;
    }
}

TEST(Verify, NamesTheAreaAndItsByte) {
    Bytes file = pack(annex_a::recipe())->file;
    file[64 + 40] ^= 1;
    const auto container = image::parse_sfi(file);
    ASSERT_TRUE(container);
    const auto opened = verify(*container, file, annex_a::key(), annex_a::nonce());
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message,
                AllOf(HasSubstr("byte 0x40"), HasSubstr("E_AREA_TAG"), HasSubstr("area 1 (F)")));
    const auto other_key = verify(*container, file, Bytes(16, 9), annex_a::nonce());
    ASSERT_FALSE(other_key);
    EXPECT_THAT(other_key.error().message, HasSubstr("E_HDR_TAG"));
}

// An area of another image under the same key and nonce does not fit: its AAD holds that image's header tag.
TEST(Verify, AreasOfTwoImagesCannotBeMixed) {
    Recipe recipe = annex_a::recipe();
    const Bytes first = pack(recipe)->file;
    recipe.image_version = 8;
    Bytes mixed = pack(recipe)->file;
    std::copy_n(first.begin() + 64, 104, mixed.begin() + 64);
    const auto container = image::parse_sfi(mixed);
    ASSERT_TRUE(container);
    EXPECT_FALSE(verify(*container, mixed, annex_a::key(), annex_a::nonce()));
}

TEST(Pack, WritesWhatItsOwnReaderAccepts) {
    Recipe recipe = a_recipe();
    recipe.firmware.push_back({0x0810'0000, Bytes(333, 0x22), "cm4.hex"});
    recipe.hash = true;
    recipe.firmware_id = "demo";
    recipe.image_version = 255;
    const auto packed = pack(recipe);
    ASSERT_TRUE(packed) << packed.error().message;
    const auto container = image::parse_sfi(packed->file);
    ASSERT_TRUE(container) << container.error().what;
    EXPECT_EQ(container->header.areas, 4U);
    EXPECT_EQ(container->header.flags, image::kHashPresent);
    EXPECT_EQ(container->header.ram_size, 0U) << "unsplit";
    EXPECT_EQ(container->header.firmware_id, crypto::firmware_id("demo"));
    const auto opened = verify(*container, packed->file, recipe.key, recipe.nonce);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->plaintexts[0].size(), 1008U);
    EXPECT_EQ(opened->plaintexts[0].back(), 0xFF);
    EXPECT_FALSE(opened->readable);
    EXPECT_EQ(pack(recipe)->file, packed->file) << "same recipe, same bytes";
}

TEST(LayOut, JoinsWhatSharesAFlashWordOrIsClose) {  // F-061
    const auto areas = lay_out({{0x0800'0010, Bytes(8, 1), "a"},
                                {0x0800'0018, Bytes(8, 2), "b"},
                                {0x0800'0040, Bytes(4, 3), "b"},
                                {0x0800'1000, Bytes(1, 4), "c"}},
                               {}, 0xFF);
    ASSERT_TRUE(areas);
    ASSERT_EQ(areas->size(), 2U);
    EXPECT_EQ((*areas)[0].address, 0x0800'0000U);
    EXPECT_EQ((*areas)[0].bytes.size(), 80U);
    EXPECT_EQ((*areas)[0].bytes[15], 0xFF);
    EXPECT_EQ((*areas)[0].bytes[16], 1);
    EXPECT_EQ((*areas)[0].bytes[24], 2);
    EXPECT_EQ((*areas)[0].bytes[0x40], 3);
    EXPECT_EQ((*areas)[0].origin, "a, b");
    EXPECT_EQ((*areas)[1].bytes.size(), 16U);
}

TEST(LayOut, CutsAtHalfAMegabyte) {
    const auto areas = lay_out({{0x0800'0000, Bytes((512U << 10) + 5, 1), "big.bin"}}, {}, 0xFF);
    ASSERT_TRUE(areas);
    ASSERT_EQ(areas->size(), 2U);
    EXPECT_EQ((*areas)[0].bytes.size(), 512U << 10);
    EXPECT_EQ((*areas)[1].address, 0x0808'0000U);
    EXPECT_EQ((*areas)[1].bytes.size(), 16U);
}

TEST(LayOut, NamesBothRangesOfAnOverlap) {
    const auto areas =
        lay_out({{0x0800'0000, Bytes(256), "boot.elf"}, {0x0800'00FF, Bytes(16), "app.elf"}}, {}, 0xFF);
    ASSERT_FALSE(areas);
    EXPECT_THAT(areas.error().message,
                AllOf(HasSubstr("app.elf 0x080000ff-0x0800010e"), HasSubstr("boot.elf 0x08000000-0x080000ff"),
                      HasSubstr("E_OVERLAP")));
}

TEST(LayOut, RefusesWhatIsNotInFlash) {
    for (const auto& [address, size] : {std::pair{0x2000'0000U, 4U},
                                        {0x07FF'FFFFU, 2U},
                                        {0x081F'FFFFU, 2U},
                                        {0xFFFF'FFFFU, 2U},
                                        {0x0820'0000U, 1U},
                                        {0x1FF0'0000U, 32U}}) {
        const auto areas = lay_out({{address, Bytes(size), "x.elf"}}, {}, 0xFF);
        ASSERT_FALSE(areas) << address;
        EXPECT_THAT(areas.error().message, AllOf(HasSubstr("x.elf"), HasSubstr("E_RANGE")));
    }
    EXPECT_TRUE(lay_out({{0x081F'FFE0, Bytes(32), "x.elf"}}, {}, 0xFF));
}

TEST(LayOut, AModuleClaimsItsWholeProtectedArea) {  // F-215, F-217
    const Segment module{0x0802'0000, Bytes(16, 7), "m.bin"};
    const auto near = lay_out({{0x0802'01E0, Bytes(32), "f.bin"}}, {module}, 0xFF);
    ASSERT_FALSE(near) << "a protected area has at least two 256-byte blocks";
    EXPECT_THAT(near.error().message, AllOf(HasSubstr("0x08020000-0x080201ff"), HasSubstr("f.bin")));
    EXPECT_TRUE(lay_out({{0x0802'0200, Bytes(32), "f.bin"}}, {module}, 0xFF));
    EXPECT_FALSE(lay_out({}, {{0x080F'FFE0, Bytes(32), "m.bin"}}, 0xFF)) << "would leave bank 1";
    EXPECT_FALSE(lay_out({}, {{0x0802'0010, Bytes(32), "m.bin"}}, 0xFF));
}

TEST(Pack, RefusesImpossibleNumbers) {
    const auto with = [](auto change) {
        Recipe recipe = a_recipe();
        change(recipe);
        return error_of(recipe);
    };
    EXPECT_EQ(error_of(a_recipe()), "");
    EXPECT_THAT(with([](Recipe& r) { r.key.resize(15); }), HasSubstr("16 bytes, not 15"));
    EXPECT_THAT(with([](Recipe& r) { r.nonce.resize(13); }), HasSubstr("12 bytes, not 13"));
    EXPECT_THAT(with([](Recipe& r) { r.image_version = 256; }), HasSubstr("256"));
    EXPECT_THAT(with([](Recipe& r) { r.key = Bytes(16); }), HasSubstr("all-zero"));
    EXPECT_THAT(with([](Recipe& r) { r.nonce = Bytes(12); }), HasSubstr("all-zero"));
    EXPECT_THAT(with([](Recipe& r) { r.nonce.back() = 1; }), HasSubstr("last byte of the nonce"));
    EXPECT_THAT(with([](Recipe& r) { r.ram_size = 0x4EFC1; }), HasSubstr("-rs"));
    EXPECT_THAT(
        with([](Recipe& r) { r.firmware.clear(), r.options.reset(), r.consents.leave_readable = true; }),
        HasSubstr("nothing to pack"));
}

TEST(OptionGuard, RefusesToLeaveTheChipReadable) {  // D-33
    Recipe recipe = a_recipe();
    (*recipe.options)[image::kOptsr] = 0x17E6'AAF0;
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("--leave-readable"), HasSubstr("D-33")));
    recipe.consents.leave_readable = true;
    EXPECT_EQ(error_of(recipe), "");
    recipe.consents.leave_readable = false;
    (*recipe.options)[image::kScarA] = 0x8003'0000;  // a secure area: sectors' first kilobyte
    EXPECT_EQ(error_of(recipe), "");
    recipe.options.reset();
    EXPECT_THAT(error_of(recipe), HasSubstr("--leave-readable"));
}

TEST(OptionGuard, RefusesBricksWithoutForce) {  // 4.8
    for (const std::uint32_t optsr : {0x1766'BBF0U /* BCM7 */, 0x17E6'BBE0U /* IWDG1 */,
                                      0x17E6'BBD0U /* IWDG2 */, 0x17E6'CCF0U /* RDP level 2 */}) {
        Recipe recipe = a_recipe();
        (*recipe.options)[image::kOptsr] = optsr;
        EXPECT_THAT(error_of(recipe), HasSubstr("--force")) << std::hex << optsr;
        recipe.consents.force = true;
        EXPECT_EQ(error_of(recipe), "");
    }
}

TEST(OptionGuard, SecurityMustStayOnBesideAreas) {
    Recipe recipe = a_recipe();
    (*recipe.options)[image::kOptsr] = 0x17C6'BBF0;
    EXPECT_EQ(error_of(recipe), "");
    (*recipe.options)[image::kScarB] = 0x0003'0000;
    recipe.consents.force = true;
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("SECURITY"), HasSubstr("E_OB")));
}

TEST(OptionGuard, PcropRowMustCoverEveryModule) {
    Recipe recipe = a_recipe();
    recipe.modules = {{0x0804'0000, Bytes(600, 3), "m.bin"}};
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("FPRAR_PRG_A"), HasSubstr("m.bin")));
    (*recipe.options)[image::kPrarA] = 0x8402'0400;
    EXPECT_EQ(error_of(recipe), "");
    (*recipe.options)[image::kPrarA] = 0x8401'0400;
    EXPECT_THAT(error_of(recipe), HasSubstr("does not cover"));
    (*recipe.options)[image::kPrarA] = 0x8000'0000;  // START == END: the whole bank
    EXPECT_EQ(error_of(recipe), "");
}

TEST(OptionGuard, SaysWhatTheWordsDo) {
    Recipe recipe = a_recipe();
    (*recipe.options)[image::kOptsr] |= 1U << 31;
    (*recipe.options)[image::kScarA] = 0x8003'0000;
    const auto packed = pack(recipe);
    ASSERT_TRUE(packed);
    EXPECT_THAT(packed->notes, Contains(HasSubstr("RDP level 1")));
    EXPECT_THAT(packed->notes, Contains(HasSubstr("secure area 0x08000000-0x080003ff")));
    EXPECT_THAT(packed->notes, Contains(HasSubstr("SWAP_BANK")));
    EXPECT_THAT(packed->notes, Contains(HasSubstr("R-050")));
    EXPECT_THAT(packed->notes,
                Contains(HasSubstr("CM4 boots from 0x08100000 (BOOT0 low), where this image puts nothing")));
}

}  // namespace
}  // namespace h7::package

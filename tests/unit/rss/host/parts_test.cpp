// Split images (rss-sfi-bootloader.md 4.3 "Order rule", 4.4, 4.7).
#include "rss/host/package/parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "rss/crypto/openssl_sha256.hpp"
#include "rss/host/package/inspect.hpp"
#include "rss/host/package/module.hpp"
#include "rss/host/package/pack.hpp"

namespace h7::package {
namespace {

using image::AreaType;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr image::OptionWords kClosed = {0x17E6'BBF0, 0x0000'00FF, 0x0000'00FF, 0x8000'00FF, 0x8000'00FF,
                                        0x0000'00FF, 0x0000'00FF, 0x0800'0800, 0x0810'0810};

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
    return bytes;
}

Recipe recipe_with(std::vector<Segment> firmware, std::uint32_t ram_size = kDefaultRamSize) {
    Recipe recipe;
    recipe.firmware = std::move(firmware);
    recipe.options = kClosed;
    recipe.key = Bytes(16, 0x10);
    recipe.nonce = Bytes(12, 0x20);
    recipe.nonce.back() = 0;
    recipe.ram_size = ram_size;
    return recipe;
}

std::string error_of(const Recipe& recipe) {
    const auto packed = pack(recipe);
    return packed ? "" : packed.error().message;
}

/// What the key shows of a packed recipe: its reader must accept all of it.
struct Seen {
    Bytes file;
    image::Container container;
    Opened opened;
    std::string letters;  // "FFHPRFHC"
};
Seen see(const Recipe& recipe) {
    Seen seen;
    auto packed = pack(recipe);
    EXPECT_TRUE(packed) << packed.error().message;
    if (!packed) return seen;
    seen.file = packed->file;
    auto container = image::parse_sfi(seen.file);
    EXPECT_TRUE(container) << container.error().what;
    if (!container) return seen;
    seen.container = *container;
    auto opened = verify(seen.container, seen.file, recipe.key, recipe.nonce);
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) seen.opened = *opened;
    for (const image::Record& record : seen.container.records)
        seen.letters += static_cast<char>(record.descriptor.type);
    EXPECT_EQ(packed->parts, seen.container.parts.size());
    return seen;
}

/// Every part must fit where the RSS takes it.
void expect_fits(const Seen& seen, std::uint32_t ram_size) {
    for (const image::Part& part : seen.container.parts) {
        std::size_t bytes = 0;
        for (std::size_t i = part.first; i < part.first + part.count; ++i)
            bytes += image::kRecordHead + seen.container.records[i].ciphertext.size();
        EXPECT_LE(bytes, ram_size);
    }
}

/// The plaintext of every area of one type, put together by address.
Bytes flash_of(const Seen& seen, AreaType type, std::uint32_t begin, std::size_t size) {
    Bytes flash(size, 0xEE);
    for (std::size_t i = 0; i < seen.container.records.size(); ++i) {
        const image::Descriptor& area = seen.container.records[i].descriptor;
        if (area.type != type) continue;
        EXPECT_LE(area.address - begin + area.size, size);
        std::copy(seen.opened.plaintexts[i].begin(), seen.opened.plaintexts[i].end(),
                  flash.begin() + static_cast<std::ptrdiff_t>(area.address - begin));
    }
    return flash;
}

TEST(Split, StartsWhereOneRunOfTheRssIsNotEnough) {  // 4.7: 323,520 bytes of records
    Recipe recipe = recipe_with({{0x0800'0000, counting(kDefaultRamSize - 40 - 88), "boot.elf"}});
    EXPECT_EQ(see(recipe).letters, "FC") << "exactly what fits";
    recipe.firmware[0].bytes.push_back(1);
    const Seen seen = see(recipe);
    EXPECT_EQ(seen.letters, "FPRFC");
    expect_fits(seen, kDefaultRamSize);
    EXPECT_EQ(seen.container.header.ram_size, kDefaultRamSize);
}

TEST(Split, NothingIsLostAndEveryPartFits) {
    for (const std::uint32_t ram_size : {0x200U, 0x1000U, 0x1'E000U, 0x4'EFC0U}) {
        for (const bool hash : {false, true}) {
            const Bytes firmware = counting(ram_size == 0x200 ? 10'000 : 700'000);
            Recipe recipe = recipe_with({{0x0800'0000, firmware, "boot.elf"}}, ram_size);
            recipe.hash = hash;
            if (ram_size == 0x1000) recipe.firmware[0].bytes.resize(100'000);
            const Bytes& bytes = recipe.firmware[0].bytes;
            const Seen seen = see(recipe);
            ASSERT_FALSE(seen.letters.empty());
            expect_fits(seen, ram_size);
            EXPECT_EQ(flash_of(seen, AreaType::firmware, 0x0800'0000, bytes.size()), bytes) << ram_size;
        }
    }
}

TEST(Split, EveryPartHasTheHashOfItsOwnFirmware) {  // 4.3: the RSS never sees earlier records again
    Recipe recipe = recipe_with({{0x0800'0000, counting(10'000), "boot.elf"}}, 0x1000);
    recipe.hash = true;
    const Seen seen = see(recipe);
    EXPECT_EQ(seen.letters, "FHPRFHPRFHC");
    EXPECT_NE(seen.opened.plaintexts[1], seen.opened.plaintexts[5]);
}

TEST(Split, AnUnsplitImageNamesNoToken) {
    Recipe recipe = recipe_with({{0x0800'0000, counting(1000), "boot.elf"}});
    recipe.token_address = 0x080F'F000;
    const Seen seen = see(recipe);
    EXPECT_EQ(seen.container.header.ram_size, 0U);
    EXPECT_EQ(seen.container.header.token_address, 0U);
    EXPECT_THAT(pack(recipe)->notes, Contains(HasSubstr("no continuation token")));
}

TEST(Split, TheTokenGetsASectorThatIsFree) {  // 4.4
    Recipe recipe = recipe_with({{0x0800'0000, counting(700'000), "boot.elf"}});
    EXPECT_EQ(see(recipe).container.header.token_address, 0x0816'0000U) << "there on parts of 1 Mbyte too";
    EXPECT_THAT(pack(recipe)->notes,
                Contains(AllOf(HasSubstr("0x08160000-0x0817ffff"), HasSubstr("3 parts"))));
    recipe.firmware.push_back({0x0816'0000, counting(64), "cm4.elf"});
    EXPECT_EQ(see(recipe).container.header.token_address, 0x0814'0000U);
    recipe.token_address = 0x080F'F000;
    const Seen seen = see(recipe);
    EXPECT_EQ(seen.container.header.token_address, 0x080F'F000U);
    for (const image::Record& record : seen.container.records)
        if (record.descriptor.type == AreaType::pause || record.descriptor.type == AreaType::resume) {
            EXPECT_EQ(record.descriptor.address, 0x080F'F000U);
        }
}

TEST(Split, ABadTokenAddressNamesBothRanges) {
    Recipe recipe = recipe_with({{0x0800'0000, counting(400'000), "boot.elf"}});
    recipe.token_address = 0x0804'0000;
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("0x08040000-0x0805ffff"), HasSubstr("boot.elf"),
                                        HasSubstr("0x08000000-0x08061a7f"), HasSubstr("E_OVERLAP")));
    recipe.token_address = 0x080F'F010;
    EXPECT_THAT(error_of(recipe), HasSubstr("E_ALIGN"));
    for (const std::uint32_t token : {0x081F'FFE0U, 0x0820'0000U, 0x2000'0000U}) {
        recipe.token_address = token;
        EXPECT_THAT(error_of(recipe), HasSubstr("E_RANGE")) << std::hex << token;
    }
    recipe.token_address = 0;
    recipe.firmware[0].bytes = counting(2 << 20);
    EXPECT_THAT(error_of(recipe), HasSubstr("no sector of 128 KB is free"));
}

TEST(Split, APartSizeThatHoldsNothing) {
    Recipe recipe = recipe_with({{0x0800'0000, counting(1000), "boot.elf"}}, 199);
    EXPECT_THAT(error_of(recipe), HasSubstr("at least 200 bytes"));
    recipe.ram_size = 200;
    recipe.firmware[0].bytes.resize(128);
    EXPECT_EQ(error_of(recipe), "");
    recipe.firmware[0].bytes.resize(100'000);
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("255"), HasSubstr("--ram-size")));
}

TEST(Split, AModuleIsCutAtBlocks) {  // F-215: each piece claims two whole blocks
    Recipe recipe = recipe_with({}, 0x800);
    recipe.modules = {{0x0802'0020, counting(5000), "m.bin"}};
    (*recipe.options)[image::kPrarA] = 0x8220'0200;
    const Seen seen = see(recipe);
    expect_fits(seen, 0x800);
    EXPECT_EQ(flash_of(seen, AreaType::module, 0x0802'0020, 5008).size(), 5008U);
    Bytes flash = flash_of(seen, AreaType::module, 0x0802'0020, 5008);
    flash.resize(5000);
    EXPECT_EQ(flash, counting(5000));
    recipe.ram_size = 0x200;
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("m.bin"), HasSubstr("256-byte blocks")));
}

ModuleRecipe module_recipe(std::size_t size = 600) {
    ModuleRecipe recipe;
    recipe.pieces = {{0x0804'0000, counting(size), "m.bin"}};
    recipe.key = Bytes(16, 0x77);
    recipe.nonce = Bytes(12, 0x30);
    recipe.nonce.back() = 0;
    return recipe;
}

TEST(Split, AModuleWithItsOwnLicenseGoesIntoOnePart) {  // 4.10, decision 0225
    Recipe recipe = recipe_with({{0x0800'0000, counting(3000), "boot.elf"}}, 0x800);
    recipe.wrapped_modules = {{0, *pack_module(module_recipe()), "m.smi"}};
    (*recipe.options)[image::kPrarA] = 0x8402'0400;
    const Seen seen = see(recipe);
    expect_fits(seen, 0x800);
    std::size_t modules = 0;
    for (std::size_t i = 0; i < seen.container.records.size(); ++i) {
        const image::Descriptor& area = seen.container.records[i].descriptor;
        if (!area.wrapped_module()) continue;
        ++modules;
        EXPECT_EQ(area.address, 0x0804'0000U);
        const auto module = image::parse_wrapped_module(area, seen.opened.plaintexts[i]);
        ASSERT_TRUE(module) << module.error().what;
        Bytes plain = *open_module(*module, Bytes(16, 0x77), module_recipe().nonce);
        plain.resize(600);
        EXPECT_EQ(plain, counting(600));
        EXPECT_FALSE(open_module(*module, recipe.key, recipe.nonce)) << "the image's key is not the module's";
    }
    EXPECT_EQ(modules, 1U);
    recipe.ram_size = 0x280;
    EXPECT_THAT(error_of(recipe), AllOf(HasSubstr("m.smi"), HasSubstr("cannot be cut")));
}

TEST(SmiPack, OneBlockFromTheFirstByteOn) {  // 4.10
    ModuleRecipe recipe = module_recipe(33);
    recipe.pieces.push_back({0x0804'0100, Bytes(1, 0xAB), "n.bin"});
    recipe.security_version = {1, 2, 3, 4};
    const auto file = pack_module(recipe);
    ASSERT_TRUE(file) << file.error().message;
    const auto module = image::parse_smi(*file);
    ASSERT_TRUE(module) << module.error().what;
    EXPECT_EQ(module->header.destination, 0x0804'0000U);
    EXPECT_EQ(module->header.size, 0x110U);
    EXPECT_EQ(module->header.security_version[3], 4U);
    const Bytes plain = *open_module(*module, recipe.key, recipe.nonce);
    EXPECT_EQ(plain[32], 33);
    EXPECT_EQ(plain[33], 0xFF);
    EXPECT_EQ(plain[0x100], 0xAB);
    EXPECT_EQ(*pack_module(recipe), *file) << "same recipe, same bytes";
    EXPECT_THAT(describe(*module, true),
                AllOf(HasSubstr("0x8040000"), HasSubstr("1.2.3.4"), HasSubstr("matches")));
}

TEST(SmiPack, AnyFlippedBitIsRefused) {
    const ModuleRecipe recipe = module_recipe(16);
    const Bytes file = *pack_module(recipe);
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
        Bytes changed = file;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto module = image::parse_smi(changed);
        if (module) {
            ASSERT_FALSE(open_module(*module, recipe.key, recipe.nonce)) << "bit " << bit;
        }
    }
}

TEST(SmiPack, RefusesWhatNoAreaCanHold) {
    const auto with = [](auto change) {
        ModuleRecipe recipe = module_recipe();
        change(recipe);
        const auto file = pack_module(recipe);
        return file ? std::string() : file.error().message;
    };
    EXPECT_THAT(with([](ModuleRecipe&) {}), IsEmpty());
    EXPECT_THAT(with([](ModuleRecipe& r) { r.pieces.clear(); }), HasSubstr("nothing to pack"));
    EXPECT_THAT(with([](ModuleRecipe& r) { r.pieces[0].address = 0x2000'0000; }), HasSubstr("E_RANGE"));
    EXPECT_THAT(with([](ModuleRecipe& r) { r.pieces[0].address = 0x080F'FE00; }), HasSubstr("E_BANK"));
    EXPECT_THAT(with([](ModuleRecipe& r) {
                    r.pieces.push_back({0x0804'0100, Bytes(9), "n.bin"});
                }),
                AllOf(HasSubstr("m.bin 0x08040000-0x08040257"), HasSubstr("n.bin 0x08040100-0x08040108")));
    EXPECT_THAT(with([](ModuleRecipe& r) {
                    r.pieces.push_back({0x0814'0000, Bytes(9), "n.bin"});
                }),
                AllOf(HasSubstr("512 KB"), HasSubstr("n.bin")));
    EXPECT_THAT(with([](ModuleRecipe& r) { r.key = Bytes(16); }), HasSubstr("all-zero"));
    EXPECT_THAT(with([](ModuleRecipe& r) { r.nonce.back() = 1; }), HasSubstr("last byte"));
}

}  // namespace
}  // namespace h7::package

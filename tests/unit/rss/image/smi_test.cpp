// SMI modules, alone and inside an image (rss-sfi-bootloader.md 4.10).
#include "rss/image/smi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace h7::image {
namespace {

using testing::HasSubstr;

ModuleHeader a_header(std::uint32_t destination = 0x0802'0000, std::uint32_t size = 64) {
    ModuleHeader header{destination, size, {}, {1, 2, 3, 0x8000'0000}};
    header.tag.fill(0x5A);
    return header;
}

Bytes a_file(const ModuleHeader& header = a_header()) {
    const auto head = serialise(header);
    Bytes file(head.begin(), head.end());
    file.resize(file.size() + header.size, 0xC1);
    return file;
}

Fault fault_of(ByteView file) {
    const auto module = parse_smi(file);
    return module ? Fault{} : module.error();
}

TEST(Smi, TheHeaderIsStsFortyEightBytes) {
    const Bytes file = a_file();
    EXPECT_EQ(std::string(file.begin(), file.begin() + 8), std::string("SMI1\0\0\0\0", 8));
    EXPECT_EQ(load_le32(file, 0x08), 0x0802'0000U);
    EXPECT_EQ(load_le32(file, 0x0C), 64U);
    EXPECT_EQ(file[0x10], 0x5A);
    EXPECT_EQ(file[0x1F], 0x5A);
    EXPECT_EQ(load_le32(file, 0x2C), 0x8000'0000U);
    const auto module = parse_smi(file);
    ASSERT_TRUE(module) << module.error().what;
    EXPECT_EQ(module->ciphertext.size(), 64U);
    EXPECT_TRUE(std::ranges::equal(serialise(module->header), ByteView(file).first(48)));
    const auto aad = module_aad(module->header);
    EXPECT_TRUE(
        std::all_of(aad.begin() + 0x10, aad.begin() + 0x20, [](std::uint8_t byte) { return byte == 0; }));
    EXPECT_TRUE(std::equal(aad.begin(), aad.begin() + 0x10, file.begin()));
    EXPECT_TRUE(std::equal(aad.begin() + 0x20, aad.end(), file.begin() + 0x20));
}

TEST(Smi, EachFieldIsRefusedByItsOwnCodeAndByte) {
    const auto expect = [](ModuleHeader header, Detail detail, std::size_t offset) {
        const auto parsed = parse_module_header(serialise(header));
        ASSERT_FALSE(parsed) << name(detail);
        EXPECT_EQ(parsed.error().detail, detail) << parsed.error().what;
        EXPECT_EQ(parsed.error().offset, offset);
    };
    expect(a_header(0x0802'0000, 0), Detail::E_SIZE, 0x0C);
    expect(a_header(0x0802'0000, 24), Detail::E_SIZE, 0x0C);
    expect(a_header(0x0802'0000, (512U << 10) + 16), Detail::E_SIZE, 0x0C);
    expect(a_header(0x0802'0000, 0xFFFF'FFF0), Detail::E_SIZE, 0x0C);
    expect(a_header(0x0802'0020), Detail::E_ALIGN, 0x08);
    expect(a_header(0x2000'0000), Detail::E_RANGE, 0x08);
    expect(a_header(0x07FF'FF00, 512), Detail::E_RANGE, 0x08);
    expect(a_header(0x081F'FF00), Detail::E_RANGE, 0x08);  // two blocks at least (F-215)
    expect(a_header(0xFFFF'FF00, 512), Detail::E_RANGE, 0x08);
    expect(a_header(0x080F'FF00), Detail::E_BANK, 0x08);  // F-217
    Bytes file = a_file();
    file[4] = 1;
    EXPECT_EQ(fault_of(file).detail, Detail::E_MAGIC);
}

TEST(Smi, TruncationAtEveryByteAndATailAreNoticed) {
    Bytes file = a_file();
    for (std::size_t size = 0; size < file.size(); ++size)
        EXPECT_EQ(fault_of(ByteView(file).first(size)).detail, Detail::E_TRUNC) << size;
    file.push_back(0);
    EXPECT_EQ(fault_of(file).detail, Detail::E_SIZE);
    EXPECT_EQ(fault_of(file).offset, 48U + 64U);
}

TEST(Smi, TheAreaItNeedsIsWholeBlocksAndTwoAtLeast) {  // F-215
    EXPECT_EQ(to_string(a_header(0x0802'0100, 16).extent()), "0x08020100-0x080202ff");
    EXPECT_EQ(to_string(a_header(0x0802'0000, 528).extent()), "0x08020000-0x080202ff");
}

Header image_header(std::uint32_t areas) {
    Header header;
    header.areas = areas;
    return header;
}

Bytes area_record(Descriptor area) {
    const auto head = serialise(area);
    Bytes bytes(head.begin(), head.end());
    bytes.resize(bytes.size() + area.size);
    return bytes;
}

Descriptor wrapped(std::uint32_t address, std::uint32_t size) {
    return {AreaType::module, 1, size, address, 1, {}, kWrappedModuleVersion};
}

// Version 2 of an M area says that its plaintext is a module with a key of its own (decision 0225).
TEST(Smi, InsideAnImage) {
    const auto fault = [](Descriptor area) {
        const auto record = parse_area(area_record(area), 0, image_header(1));
        return record ? Detail::none : record.error().detail;
    };
    EXPECT_EQ(fault(wrapped(0x0802'0000, 48 + 64)), Detail::none);
    EXPECT_EQ(fault(wrapped(0x0802'0000, 48)), Detail::E_SIZE);
    EXPECT_EQ(fault(wrapped(0x0802'0020, 48 + 64)), Detail::E_ALIGN);
    Descriptor firmware = wrapped(0x0802'0000, 48 + 64);
    firmware.type = AreaType::firmware;
    EXPECT_EQ(fault(firmware), Detail::E_VERSION);
    Descriptor unknown = wrapped(0x0802'0000, 48 + 64);
    unknown.version = 3;
    EXPECT_EQ(fault(unknown), Detail::E_VERSION);
    // Its header does not reach flash: 512 bytes of module are two blocks, not three.
    EXPECT_EQ(to_string(occupied(wrapped(0x0802'0000, 48 + 512))), "0x08020000-0x080201ff");
    const Bytes file = a_file();
    EXPECT_TRUE(parse_wrapped_module(wrapped(0x0802'0000, 112), file));
    const auto elsewhere = parse_wrapped_module(wrapped(0x0802'0100, 112), file);
    ASSERT_FALSE(elsewhere);
    EXPECT_EQ(elsewhere.error().detail, Detail::E_ORDER);
    EXPECT_THAT(elsewhere.error().what, HasSubstr("0x08020100"));
}

}  // namespace
}  // namespace h7::image

// The SFI-1 container without its key: fields, order, overlap, truncation (rss-sfi-bootloader.md 4.3).
#include "rss/image/sfi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/base/random.hpp"

namespace h7::image {
namespace {

using testing::HasSubstr;

struct Area {
    AreaType type;
    std::uint32_t address = 0, size = 0;
};

constexpr std::uint32_t kToken = 0x080F'F000;
constexpr Area kFirmware{AreaType::firmware, 0x0800'0000, 64};
constexpr Area kOptions{AreaType::configuration, 0, 48};
constexpr Area kPause{AreaType::pause, kToken, 0};
constexpr Area kResume{AreaType::resume, kToken, 0};
constexpr Area kHash{AreaType::hash, 0, 32};

/// A file with these areas; contents and tags are any bytes, nobody looks without the key.
Bytes file_of(const std::vector<Area>& areas, std::uint32_t flags = 0, std::uint32_t token = kToken) {
    Header header;
    header.areas = static_cast<std::uint32_t>(areas.size());
    header.flags = flags;
    header.token_address = token;
    Bytes records;
    std::uint32_t index = 0;
    for (const Area& area : areas) {
        Descriptor descriptor;
        descriptor.type = area.type;
        descriptor.index = ++index;
        descriptor.size = area.size;
        descriptor.address = area.address;
        descriptor.total = header.areas;
        const auto head = serialise(descriptor);
        records.insert(records.end(), head.begin(), head.end());
        records.resize(records.size() + area.size, 0x5A);
    }
    header.total_size = static_cast<std::uint32_t>(kHeaderBytes + records.size());
    const auto head = serialise(header);
    records.insert(records.begin(), head.begin(), head.end());
    return records;
}

Detail detail_of(ByteView file) {
    const auto container = parse_sfi(file);
    return container ? Detail::none : container.error().detail;
}
Detail detail_of(const std::vector<Area>& areas, std::uint32_t flags = 0) {
    return detail_of(file_of(areas, flags));
}

Bytes with_word(Bytes file, std::size_t at, std::uint32_t value) {
    store_le32(file, at, value);
    return file;
}

TEST(SfiHeader, RoundTrip) {
    Header header;
    header.image_version = 255;
    header.areas = 9;
    header.total_size = 4096;
    header.flags = kHashPresent | kKeepFlash;
    header.ram_size = 0x1E000;
    header.token_address = kToken;
    header.firmware_id = {1, 2, 3, 4, 5, 6, 7, 8};
    header.tag.fill(0x77);
    const auto bytes = serialise(header);
    EXPECT_EQ(bytes[0], 'S');
    EXPECT_EQ(bytes[3], '1');
    const auto parsed = parse_header(bytes);
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(serialise(*parsed), bytes);
}

TEST(SfiHeader, EachFieldIsRefusedByItsOwnCodeAndByte) {
    const Bytes good = file_of({kFirmware});
    struct Case {
        std::size_t at;
        std::uint32_t value;
        Detail detail;
    };
    for (const Case& c :
         {Case{0x00, 0x32494653, Detail::E_MAGIC}, Case{0x04, 1, Detail::E_VERSION},
          Case{0x08, 65, Detail::E_VERSION}, Case{0x0C, 256, Detail::E_ARG}, Case{0x10, 0, Detail::E_ARG},
          Case{0x10, 256, Detail::E_ARG}, Case{0x14, 0xFFFF'FFFF, Detail::E_SIZE},
          Case{0x14, 0, Detail::E_SIZE}, Case{0x18, 0x480, Detail::E_DEVICE}, Case{0x1C, 2, Detail::E_TYPE},
          Case{0x1C, 8, Detail::E_VERSION}, Case{0x1C, 0x8000'0000, Detail::E_VERSION},
          Case{0x24, kToken + 16, Detail::E_ALIGN}, Case{0x24, 0x2000'0000, Detail::E_RANGE},
          Case{0x24, 0x081F'FFE0, Detail::E_RANGE}}) {
        const auto refused = parse_sfi(with_word(good, c.at, c.value));
        ASSERT_FALSE(refused) << c.at;
        EXPECT_EQ(refused.error().detail, c.detail) << c.at << ": " << refused.error().what;
        EXPECT_EQ(refused.error().offset, c.at);
        EXPECT_FALSE(refused.error().what.empty());
    }
}

TEST(SfiArea, EachFieldIsRefusedByItsOwnCodeAndByte) {
    const Bytes good = file_of({kFirmware});
    struct Case {
        std::size_t at;
        std::uint32_t value;
        Detail detail;
    };
    for (const Case& c :
         {Case{0x00, 'E', Detail::E_TYPE}, Case{0x00, 'K', Detail::E_TYPE}, Case{0x00, 0x146, Detail::E_TYPE},
          Case{0x04, 2, Detail::E_VERSION}, Case{0x08, 0, Detail::E_ORDER}, Case{0x08, 2, Detail::E_ORDER},
          Case{0x0C, 63, Detail::E_SIZE}, Case{0x0C, 0, Detail::E_SIZE},
          Case{0x0C, 0xFFFF'FFF0, Detail::E_SIZE}, Case{0x0C, 80, Detail::E_TRUNC},
          Case{0x10, 0x0800'0010, Detail::E_ALIGN}, Case{0x10, 0x2400'0000, Detail::E_RANGE},
          Case{0x10, 0x081F'FFE0, Detail::E_RANGE}, Case{0x10, 0xFFFF'FFE0, Detail::E_RANGE},
          Case{0x10, 0, Detail::E_RANGE}, Case{0x14, 2, Detail::E_ORDER}}) {
        const auto refused = parse_sfi(with_word(good, kHeaderBytes + c.at, c.value));
        ASSERT_FALSE(refused) << c.at << ", " << c.value;
        EXPECT_EQ(refused.error().detail, c.detail) << c.at << ": " << refused.error().what;
        EXPECT_EQ(refused.error().offset, kHeaderBytes + c.at);
    }
}

TEST(SfiFile, TruncationAtEveryByteIsNoticed) {
    const Bytes good = file_of({kFirmware, {AreaType::firmware, 0x0802'0000, 16}, kOptions});
    ASSERT_TRUE(parse_sfi(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        const auto refused = parse_sfi(ByteView(good).first(size));
        ASSERT_FALSE(refused) << size;
        EXPECT_EQ(refused.error().detail, Detail::E_TRUNC) << size;
        EXPECT_LE(refused.error().offset, size);
        // The same cut with a header that owns up to it: the records end too early, or do not add up.
        if (size < kHeaderBytes) continue;
        const Bytes honest = with_word(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)),
                                       0x14, static_cast<std::uint32_t>(size));
        EXPECT_FALSE(parse_sfi(honest)) << size;
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_EQ(detail_of(longer), Detail::E_SIZE);
    EXPECT_EQ(detail_of(with_word(longer, 0x14, static_cast<std::uint32_t>(longer.size()))), Detail::E_SIZE);
}

TEST(SfiOrder, OnePart) {
    const Area module{AreaType::module, 0x0804'0000, 512};
    EXPECT_EQ(detail_of({kFirmware, module, kOptions}), Detail::none);
    EXPECT_EQ(detail_of({module, kFirmware}), Detail::none);
    EXPECT_EQ(detail_of({kOptions}), Detail::none) << "option bytes alone";
    EXPECT_EQ(detail_of({kOptions, kFirmware}), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, kOptions, kOptions}), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, kHash, kOptions}, kHashPresent), Detail::none);
    EXPECT_EQ(detail_of({kHash, kFirmware}, kHashPresent), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, kHash, kHash}, kHashPresent), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, kOptions}, kHashPresent), Detail::E_ORDER) << "a hash was promised";
    EXPECT_EQ(detail_of({kFirmware, kHash}), Detail::E_ORDER) << "no hash was announced";
    EXPECT_EQ(detail_of({kFirmware, kPause}), Detail::E_ORDER) << "nothing would ever resume";
    EXPECT_EQ(detail_of({kResume, kFirmware}), Detail::E_ORDER);
}

TEST(SfiOrder, SeveralParts) {
    const Area second{AreaType::firmware, 0x0802'0000, 32};
    const Area third{AreaType::firmware, 0x0804'0000, 32};
    const Bytes file = file_of({kFirmware, kPause, kResume, second, kPause, kResume, third, kOptions});
    const auto container = parse_sfi(file);
    ASSERT_TRUE(container) << container.error().what;
    ASSERT_EQ(container->parts.size(), 3U);
    EXPECT_EQ(container->parts[1].first, 2U);
    EXPECT_EQ(container->parts[1].count, 3U);
    EXPECT_EQ(detail_of({kFirmware, kPause, second}), Detail::E_ORDER) << "a further part begins with R";
    EXPECT_EQ(detail_of({kFirmware, kResume, second}), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, kPause, kResume, kPause, kResume, second}), Detail::none);
    EXPECT_EQ(detail_of({kFirmware, kPause, kOptions}), Detail::E_ORDER);
    EXPECT_EQ(detail_of({kFirmware, {AreaType::pause, kToken + 32, 0}, kResume, second}), Detail::E_TOKEN);
    EXPECT_EQ(detail_of(file_of({kFirmware, kPause, kResume, second}, 0, 0)), Detail::E_TOKEN);
    EXPECT_EQ(detail_of({kFirmware, {AreaType::pause, kToken, 16}, kResume, second}), Detail::E_SIZE);
    // The token's sector belongs to the token, in every part.
    EXPECT_EQ(detail_of({kFirmware, kPause, kResume, {AreaType::firmware, 0x080E'0000, 32}}),
              Detail::E_OVERLAP);
    EXPECT_EQ(detail_of({{AreaType::firmware, 0x080E'0000, 32}}), Detail::none)
        << "unsplit: there is no token";
}

TEST(SfiOverlap, IsJudgedOnOccupiedFlash) {  // F-061, F-215
    const auto two = [](std::uint32_t address, AreaType type = AreaType::firmware) {
        return detail_of({{AreaType::firmware, 0x0800'0000, 48}, {type, address, 16}});
    };
    EXPECT_EQ(two(0x0800'0040), Detail::none);
    EXPECT_EQ(two(0x0800'0020), Detail::E_OVERLAP) << "bytes 48..63 of the last flash word are spent";
    EXPECT_EQ(two(0x0800'0000), Detail::E_OVERLAP);
    EXPECT_EQ(two(0x0800'0100, AreaType::module), Detail::none);
    EXPECT_EQ(two(0x0800'0080, AreaType::module), Detail::E_OVERLAP) << "its block begins at 0x08000000";
    EXPECT_EQ(detail_of({{AreaType::module, 0x0800'0000, 16}, {AreaType::firmware, 0x0800'01E0, 16}}),
              Detail::E_OVERLAP)
        << "a protected area has at least two blocks";
    EXPECT_EQ(detail_of({{AreaType::module, 0x080F'FF00, 16}}), Detail::E_BANK);  // F-217
    EXPECT_EQ(detail_of({{AreaType::module, 0x081F'FF00, 16}}), Detail::E_RANGE);
    const auto refused = parse_sfi(file_of({kFirmware, kFirmware}));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what,
                HasSubstr("area 2 (F) claims 0x08000000-0x0800003f, area 1 (F) claims"));
}

TEST(SfiPart, StagedRecordsOfOnePart) {
    const Area second{AreaType::firmware, 0x0802'0000, 32};
    const Bytes file = file_of({kFirmware, kPause, kResume, second, kOptions});
    const auto header = parse_header(file);
    ASSERT_TRUE(header);
    const ByteView records = ByteView(file).subspan(kHeaderBytes);
    const std::size_t cut = 104 + 40;
    const auto one = parse_part(*header, records.first(cut), 1);
    ASSERT_TRUE(one) << one.error().what;
    EXPECT_EQ(one->size(), 2U);
    const auto two = parse_part(*header, records.subspan(cut), 3);
    ASSERT_TRUE(two) << two.error().what;
    EXPECT_EQ(two->front().descriptor.type, AreaType::resume);
    EXPECT_FALSE(parse_part(*header, records, 1)) << "two parts are not one";
    EXPECT_FALSE(parse_part(*header, records.subspan(cut), 1));
    EXPECT_FALSE(parse_part(*header, records.first(cut), 3));
    for (std::size_t size = 0; size < cut; ++size)
        EXPECT_FALSE(parse_part(*header, records.first(size), 1)) << size;
}

TEST(SfiIv, IsTheNoncePlusTheIndex) {
    const Bytes nonce = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF};
    EXPECT_EQ(area_iv(nonce, 0), (Nonce{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF}));
    EXPECT_EQ(area_iv(nonce, 1), (Nonce{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0}));
    EXPECT_EQ(area_iv(nonce, 255), (Nonce{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0xFE}));
    EXPECT_EQ(area_iv(Bytes(12, 0xFF), 1), Nonce{}) << "modulo 2^96";
}

// What anybody may send: no crash, no read outside (the sanitizer preset looks), and what is accepted is
// whole.
TEST(SfiFile, SurvivesRandomChanges) {
    SeededRandom random(1);
    const Bytes good =
        file_of({kFirmware, kPause, kResume, {AreaType::firmware, 0x0802'0000, 32}, kHash, kOptions});
    for (int round = 0; round < 20'000; ++round) {
        Bytes file = good;
        for (std::uint64_t n = 1 + random.next() % 4; n > 0; --n)
            file[random.next() % file.size()] = static_cast<std::uint8_t>(random.next());
        file.resize(random.next() % 3 == 0 ? random.next() % (file.size() + 40) : file.size());
        const auto container = parse_sfi(file);
        if (!container) continue;
        ASSERT_EQ(container->records.back().end(), file.size());
        ASSERT_EQ(container->records.size(), container->header.areas);
    }
}

}  // namespace
}  // namespace h7::image

// Licenses, certificates, option words and CSV, mailbox, status codes (rss-sfi-bootloader.md 4.5 - 4.9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rss/image/certificate.hpp"
#include "rss/image/license.hpp"
#include "rss/image/mailbox.hpp"
#include "rss/image/option_csv.hpp"
#include "tests/support/annex_a.hpp"

namespace h7::image {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(License, RoundTripOfAnnexA) {
    const auto license = parse_license(annex_a::license());
    ASSERT_TRUE(license);
    EXPECT_EQ(license->type, LicenseType::sfi_static);
    EXPECT_EQ(to_hex(serialise(*license)), to_hex(annex_a::license()));
}

TEST(License, EveryTruncationAndEveryWrongHeaderFieldIsRefused) {
    const Bytes good = annex_a::license();
    for (std::size_t size = 0; size < good.size(); ++size) {
        const auto refused = parse_license(ByteView(good).first(size));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().detail, Detail::E_LIC_FORMAT);
    }
    const auto with = [&](std::size_t at, std::uint32_t value) {
        Bytes bytes = good;
        store_le32(bytes, at, value);
        const auto license = parse_license(bytes);
        return license ? Detail::none : license.error().detail;
    };
    EXPECT_EQ(with(0, 0), Detail::E_LIC_FORMAT);
    EXPECT_EQ(with(0, 4), Detail::E_LIC_FORMAT);
    EXPECT_EQ(with(0, 2), Detail::none);
    EXPECT_EQ(with(0, 3), Detail::none);
    EXPECT_EQ(with(4, 1), Detail::E_LIC_FORMAT) << "a static license has no session";
    EXPECT_EQ(with(8, 0), Detail::E_LIC_VERSION);
    EXPECT_EQ(with(8, 0x8000'0001), Detail::E_LIC_VERSION);
}

TEST(License, FirmwareIdZeroFitsAnyImage) {
    const std::array<std::uint8_t, 8> none{}, a{1}, b{2};
    EXPECT_TRUE(firmware_id_fits(none, a));
    EXPECT_TRUE(firmware_id_fits(a, a));
    EXPECT_FALSE(firmware_id_fits(a, b));
    EXPECT_FALSE(firmware_id_fits(a, none));
}

TEST(Certificate, RoundTripAndLengths) {
    const Bytes good = annex_a::certificate();
    const auto certificate = parse_certificate(good);
    ASSERT_TRUE(certificate);
    EXPECT_EQ(certificate->product(), kProductId);
    EXPECT_EQ(to_hex(serialise(*certificate)), to_hex(good));
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_FALSE(parse_certificate(ByteView(good).first(size))) << size;
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(parse_certificate(longer));
    Bytes unprintable = good;
    unprintable[3] = 0;
    EXPECT_FALSE(parse_certificate(unprintable));
}

TEST(OptionPayload, NineWordsAndTwelveZeros) {
    const auto bytes = serialise(annex_a::kOptionWords);
    EXPECT_EQ(*parse_option_payload(bytes), annex_a::kOptionWords);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(parse_option_payload(ByteView(bytes).first(size)));
    for (std::size_t at = 36; at < 48; ++at) {
        auto changed = bytes;
        changed[at] = 1;
        EXPECT_EQ(parse_option_payload(changed).error().detail, Detail::E_OB);
    }
}

TEST(OptionWords, FieldsOfTheSample) {  // 4.8: BCM7 = BCM4 = 0, IWDG2 hardware-started, no areas
    const OptionWords& words = annex_a::kOptionWords;
    EXPECT_TRUE(rdp_level0(words));
    EXPECT_TRUE(security(words));
    EXPECT_FALSE(bcm7(words));
    EXPECT_FALSE(bcm4(words));
    EXPECT_TRUE(iwdg1_software(words));
    EXPECT_FALSE(iwdg2_software(words));
    EXPECT_FALSE(area_valid(words[kPrarA]));
    EXPECT_FALSE(swap_bank(words));
}

const std::string kCsv = option_csv(annex_a::kOptionWords);

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

TEST(OptionCsv, ReadsWhatItWrites) { EXPECT_EQ(*parse_option_csv(kCsv), annex_a::kOptionWords); }

TEST(OptionCsv, IsTolerantInForm) {
    for (const std::string& text :
         {replaced(kCsv, "\n", "\r\n"), replaced(kCsv, ",", " ,\t"), replaced(kCsv, "_", " "),
          replaced(kCsv, "0x10000810", "268437520"), replaced(kCsv, "FOPTSR_PRG", "foptsr_prg"),
          "\xEF\xBB\xBF" + kCsv, "\n\n" + kCsv + "\n \n", replaced(kCsv, "FOPTSR", "1,FOPTSR"),
          replaced(kCsv, "FOPTSR", "1 FOPTSR"), replaced(kCsv, ",", ";"), replaced(kCsv, "\n", ",\n"),
          kCsv.substr(0, kCsv.size() - 1)}) {
        const auto words = parse_option_csv(text);
        ASSERT_TRUE(words) << words.error().what << "\n" << text;
        EXPECT_EQ(*words, annex_a::kOptionWords) << text;
    }
}

TEST(OptionCsv, NamesTheMissingOrWrongRow) {
    const auto why = [](const std::string& text) {
        const auto words = parse_option_csv(text);
        EXPECT_FALSE(words) << text;
        return words ? "" : words.error().what;
    };
    for (std::size_t row = 0; row < kOptionRows; ++row) {
        const std::size_t begin = kCsv.find(option_row_name(row));
        std::string without = kCsv;
        without.erase(begin, kCsv.find('\n', begin) - begin + 1);
        EXPECT_THAT(why(without), AllOf(HasSubstr(std::string(option_row_name(row))), HasSubstr("row")))
            << row;
    }
    EXPECT_THAT(why(replaced(kCsv, "FSCAR_PRG_A", "FSCAR_PRG_B")), HasSubstr("line 4"));
    EXPECT_THAT(why(replaced(kCsv, "0x24000800", "0x240008000")), HasSubstr("FBOOT7_PRG"));
    EXPECT_THAT(why(replaced(kCsv, "0x24000800", "")), HasSubstr("row 8"));
    EXPECT_THAT(why(kCsv + "MORE,1\n"), HasSubstr("tenth"));
    EXPECT_THAT(why(""), HasSubstr("FOPTSR_PRG, is missing"));
    EXPECT_THAT(why("name,value\n" + kCsv), HasSubstr("line 1"));
    // Cut anywhere before the last value's digits, the file is refused.
    for (std::size_t size = 0; size <= kCsv.rfind("0x"); ++size)
        EXPECT_FALSE(parse_option_csv(std::string_view(kCsv).substr(0, size))) << size;
}

TEST(Mailbox, RoundTripAndRefusals) {
    Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(MailboxService::sfi_part);
    mailbox.arguments = {1, 2, 3, 4, 5, 6};
    mailbox.payload_address = kRecordsAddress;
    mailbox.payload_bytes = 4096;
    mailbox.sequence = 9;
    const auto bytes = serialise(mailbox);
    EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 4), "RSSQ");
    const auto parsed = parse_mailbox(bytes);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(serialise(*parsed), bytes);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        ASSERT_FALSE(parse_mailbox(changed)) << bit;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(parse_mailbox(ByteView(bytes).first(size)).error().detail, Detail::E_TRUNC);
}

TEST(Mailbox, CrcIsThatOfZlib) {
    const std::string text = "123456789";
    EXPECT_EQ(crc32(Bytes(text.begin(), text.end())), 0xCBF4'3926U);
    EXPECT_EQ(crc32({}), 0U);
}

TEST(Detail, EveryCodeHasItsOwnNameAndWords) {
    std::set<std::string_view> names;
    for (std::uint32_t code = 0; code <= 0x60; ++code) {
        const Detail detail{code};
        if (name(detail) == "E_?") continue;
        EXPECT_TRUE(names.insert(name(detail)).second) << code;
        EXPECT_FALSE(text(detail).empty());
    }
    EXPECT_EQ(names.size(), 37U);
    EXPECT_EQ(name(Detail{0x22}), "E_LIC_TAG");
    EXPECT_EQ(name(Detail{0x44}), "E_ROLLBACK");
    EXPECT_EQ(name(Detail{0x99}), "E_?");
}

TEST(Detail, TheChipShowsOneCodeForALicenseThatDoesNotOpen) {  // D-19
    for (const Detail detail : {Detail::E_LIC_FORMAT, Detail::E_LIC_TAG, Detail::E_LIC_POINT})
        EXPECT_EQ(chip_visible(detail), Detail::E_LIC_TAG);
    EXPECT_EQ(chip_visible(Detail::E_LIC_FWID), Detail::E_LIC_FWID);
}

}  // namespace
}  // namespace h7::image

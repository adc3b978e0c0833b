// Every status code of rss-sfi-bootloader.md 4.9 comes out of the RSS for the reason it names.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/support/rss_requests.hpp"

namespace h7::rss {
namespace {

using test::TestImage;
using test::TestModule;

constexpr Address kPage = 0x0800'0000;

class StatusCodes : public test::RequestBench {
protected:
    TestImage image() {
        TestImage made;
        made.firmware(kPage, test::startable(kPage, 64));
        return made;
    }
    StagedPart spoilt(std::size_t header_byte, std::uint8_t value) {
        StagedPart part = image().build();
        part.header[header_byte] = value;
        return part;
    }
    StagedPart record_spoilt(std::size_t at, std::uint8_t value) {
        StagedPart part = image().build();
        part.records[at] = value;
        return part;
    }
    StagedPart license_spoilt(std::size_t at, std::uint8_t value) {
        StagedPart part = image().build();
        part.license[at] = value;
        return part;
    }
    Detail with_option(std::size_t row, std::uint32_t value) {
        set_option(row, value);
        return served(image().build());
    }
};

TEST_F(StatusCodes, EachIsReachedByItsReason) {  // 4.9, D-19
    using D = Detail;
    const std::uint32_t optsr = test::secure_options()[flash::kOptsr];
    const std::map<Detail, std::function<Detail()>> ways = {
        {D::none, [&] { return served(image().build()); }},
        {D::E_ARG, [&] { return areas(0, {}); }},
        {D::E_DISABLED,
         [&] {
             set_option(flash::kOptsr, optsr & ~kOptsrSecurity);
             return refusal(image().build());  // the RSS does not run in standard mode; its parts know too
         }},
        {D::E_EXISTS,
         [&] {
             EXPECT_EQ(areas(1, {{{0x2000, kPage, 0}}}), Detail::none);
             return areas(1, {{{0x2000, 0x0810'0000, 0}}});
         }},
        {D::E_ALIGN,
         [&] {
             return areas(1, {{{0x200, kPage + 0x80, 0}}});
         }},
        {D::E_SIZE,
         [&] {
             return areas(1, {{{0x100, kPage, 0}}});
         }},
        {D::E_RANGE,
         [&] {
             return areas(1, {{{0x200, 0x080F'FF00, 0}}});
         }},
        {D::E_BANK,
         [&] {
             return areas(2, {{{0x200, kPage, 0}}, {{0x200, kPage + 0x400, 0}}});
         }},
        {D::E_MAGIC, [&] { return served(spoilt(0, 'X')); }},
        {D::E_VERSION, [&] { return served(spoilt(4, 3)); }},
        {D::E_HDR_TAG, [&] { return served(spoilt(0x3F, 0x77)); }},
        {D::E_AREA_TAG, [&] { return served(record_spoilt(30, 0x77)); }},
        {D::E_TYPE, [&] { return served(record_spoilt(0, 'E')); }},
        {D::E_ORDER, [&] { return served(record_spoilt(20, 9)); }},
        {D::E_TRUNC,
         [&] {
             StagedPart part = image().build();
             part.records.erase(part.records.end() - 16, part.records.end());
             return served(part);
         }},
        {D::E_OVERLAP, [&] { return served(image().firmware(kPage + 32, Bytes(32, 1)).build()); }},
        {D::E_DEVICE, [&] { return served(spoilt(0x18, 0x83)); }},
        {D::E_LIC_FORMAT, [&] { return served(license_spoilt(0, 3)); }},
        {D::E_LIC_VERSION, [&] { return served(license_spoilt(8, 2)); }},
        {D::E_LIC_TAG, [&] { return served(license_spoilt(0x80, 0x5A)); }},
        {D::E_LIC_POINT, [&] { return served(license_spoilt(0x18, 0x5A)); }},
        {D::E_LIC_SESSION,
         [&] {
             TestImage live = image();
             live.license.type = image::LicenseType::sfi_live;
             live.license.session = 77;
             return served(live.build());
         }},
        {D::E_LIC_FWID,
         [&] {
             TestImage other = image();
             other.license.firmware_id[0] = 1;
             return served(other.build());
         }},
        {D::E_STATE,
         [&] {
             put({}, Service::abort);
             reset();
             return result();
         }},
        {D::E_RDP,
         [&] {
             set_option(flash::kOptsr, insert(optsr, 15, 8, 0xCC));
             return areas(1, {{{0x2000, kPage, 0}}});
         }},
        {D::E_PCROP, [&] { return with_option(flash::kPrar2, 0x000F'0000); }},
        {D::E_WRP, [&] { return with_option(flash::kWpsn1, 0xFE); }},
        {D::E_RAM, [&] { return with_option(flash::kOptsr, insert(optsr, 20, 19, 2)); }},
        {D::E_TOKEN,
         [&] {
             return served(
                 test::parts_of(image().cut(0x080E'0000).firmware(0x0810'0000, Bytes(32, 1)).build())[1]);
         }},
        {D::E_FLASH,
         [&] {
             board.flash.fail_next_operation(1);  // OPERR (F-255)
             return served(image().build());
         }},
        {D::E_VERIFY,
         [&] {
             board.flash.contents_changed = [&](Address canonical, std::uint32_t size) {
                 if (canonical == kPage && size <= 64) board.flash.user(0).bytes()[5] ^= 1;
             };
             const Detail found = served(image().build());
             board.flash.contents_changed = nullptr;
             return found;
         }},
        {D::E_HASH,
         [&] {
             TestImage wrong = image().hash();
             wrong.areas.back().plaintext[0] ^= 1;
             return served(wrong.build());
         }},
        {D::E_OB,
         [&] {
             auto words = test::closed_options();
             words[image::kOptsr] &= ~kOptsrSecurity;
             return served(image().options(words).build());
         }},
        {D::E_ROLLBACK,
         [&] {
             EXPECT_EQ(served(image().build()), Detail::none);
             TestImage older = image();
             older.header.image_version = 6;
             return served(older.build());
         }},
        {D::E_ABORTED,
         [&] {
             FlashDriver driver(board);
             Journal journal(driver);
             journal.load();
             EXPECT_TRUE(journal.append(JournalState::abort_erase));
             reset();
             return result();
         }},
        {D::E_POWER,
         [&] {
             stage(image().build());
             board.flash.set_cut_at(board.flash.steps() + 18, 1);  // behind the erases
             reset();
             power_cycle();
             return result();
         }},
        {D::E_BUSY,
         [&] {
             board.system_reset();
             static_cast<void>(board.write(0x5200'2004, 4, 0xBAD));  // a wrong key (F-180)
             static_cast<void>(run([&](auto& driver, auto& journal) {
                 return Installer(driver, journal, chip, policy).install(image().build());
             }));
             return detail;
         }},
    };
    std::size_t codes = 0;
    for (std::uint32_t code = 0; code <= 0xFF; ++code)
        if (image::name(static_cast<Detail>(code)) != "E_?") ++codes;
    EXPECT_EQ(ways.size(), codes) << "a code that no test reaches";
    for (const auto& [code, way] : ways) {
        board.flash.set_image(flash::Image{});
        board.set_options(test::secure_options());
        engine.reset(true);
        EXPECT_EQ(image::name(way()), image::name(code))
            << (engine.last_result() ? engine.last_result()->reason : reason);
    }
}

}  // namespace
}  // namespace h7::rss

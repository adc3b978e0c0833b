// Requests over the reset: which survive, what an abused one comes to, parts, modules, sessions
// (rss-sfi-bootloader.md 1.4, 2.3, 4, 7).
#include <gtest/gtest.h>

#include "rss/services/calls.hpp"
#include "tests/support/hostile_points.hpp"
#include "tests/support/rss_requests.hpp"

namespace h7::rss {
namespace {

using test::TestImage;
using test::TestModule;
using Kind = Outcome::Kind;

constexpr Address kPage = 0x0800'0000, kToken = 0x080E'0000;

class RequestsTest : public test::RequestBench {
protected:
    RequestsTest() { board.put_flash(kPage + 0x4'0000, test::startable(kPage + 0x4'0000, 64)); }
    std::vector<StagedPart> two_parts() {
        TestImage image;
        image.firmware(kPage, test::startable(kPage, 160)).cut(kToken);
        image.firmware(0x0810'0000, test::pattern(64, 3)).options(test::closed_options());
        return test::parts_of(image.build());
    }
    StagedModule module(TestModule made = {}) {
        if (made.plaintext.empty()) made.plaintext = test::pattern(64, 8);
        return {test::make_license(made.license, made.key, made.nonce, chip), made.file()};
    }
    // SMI_resetAndInstallModules with its three arguments in RAM.
    CallEnd call_smi(test::Program& program, const StagedModule& m) {
        board.put_ram(0x2400'0000, m.license);
        board.put_ram(0x2400'0100, m.file);
        program.r = {0x2400'0000, 0x2400'0100, 0x2400'0130};
        return engine.call(program, 0x1FF0'8A98);
    }
};

TEST_F(RequestsTest, AbusedAreaRequestsChangeNothing) {  // 7, 14 and 21
    struct Bad {
        std::uint32_t count;
        std::vector<std::array<std::uint32_t, 3>> records;
        Detail detail;
    };
    for (const Bad& bad :
         {Bad{0, {}, Detail::E_ARG}, Bad{3, {}, Detail::E_ARG}, Bad{0xFFFF'FFFF, {}, Detail::E_ARG},
          Bad{1, {{0, 0, 0}}, Detail::E_ARG}, Bad{1, {{256, kPage, 0}}, Detail::E_SIZE},
          Bad{1, {{257, kPage, 0}}, Detail::E_SIZE}, Bad{1, {{0x10'0100, kPage, 0}}, Detail::E_RANGE},
          Bad{1, {{0xFFFF'FF00, kPage + 0x100, 0}}, Detail::E_RANGE},
          Bad{1, {{0x200, 0x0820'0000, 0}}, Detail::E_RANGE},
          Bad{1, {{0x200, 0x0810'0000 - 0x100, 0}}, Detail::E_RANGE},
          Bad{1, {{0x200, 0x2000'0000, 0}}, Detail::E_RANGE},
          Bad{1, {{0x200, 0xFFFF'FF00, 0}}, Detail::E_RANGE},
          Bad{2, {{0x200, kPage, 0}, {0x200, kPage + 0x200, 0}}, Detail::E_BANK}}) {
        EXPECT_EQ(image::name(areas(bad.count, bad.records)), image::name(bad.detail)) << bad.count;
        EXPECT_EQ(board.flash.steps(), 0U);
    }
    EXPECT_EQ(areas(2, {{0x200, 0x080F'FE00, 0}, {0, 0, 0}}), Detail::none) << "the last 512 bytes of a bank";
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x0FFF'0FFEU);
}

TEST_F(RequestsTest, PointersAreReadAsTheCallerReads) {  // 7, 14; R-026
    set_option(flash::kScar2, security::limits_of(0, 0x1000, false));
    ASSERT_EQ(power_cycle().kind, Kind::start_secure_area);
    board.secure.close(0);  // non-secure code calls
    for (const Address pointer : {Address{0}, Address{0xFFFF'FFF8}, Address{0x2407'FFF8},
                                  Address{0x4000'0000}, Address{0xE000'ED00}}) {
        test::Program program(board);
        program.r = {1, pointer};
        EXPECT_EQ(engine.call(program, 0x1FF0'8A70), CallEnd::faulted) << std::hex << pointer;
        EXPECT_TRUE(program.faulted_at.has_value());
    }
    test::Program program(board);
    program.r = {1, 0x0810'0000};  // a secure-only area: zeros for this caller, as for any of its loads
    EXPECT_EQ(engine.call(program, 0x1FF0'8A70), CallEnd::system_reset);
    reset();
    EXPECT_EQ(result(), Detail::E_EXISTS);
    EXPECT_EQ(board.flash.steps(), 0U);
}

TEST_F(RequestsTest, ServicesAreLegalInHandlersAndUnprivilegedCodeGetsNoReset) {  // 10, decision 0061
    test::Program handler(board);
    handler.in_handler = true;
    handler.r = {1};
    EXPECT_EQ(engine.call(handler, 0x1FF0'8A84), CallEnd::system_reset);
    reset();
    EXPECT_EQ(result(), Detail::E_PCROP);
    test::Program thread(board);
    thread.is_privileged = false;
    for (const Address stub : {0x1FF0'8A70U, 0x1FF0'8A84U, 0x1FF0'8A98U, 0x1FF0'8AACU}) {
        EXPECT_EQ(engine.call(thread, stub), CallEnd::faulted) << std::hex << stub;
        EXPECT_EQ(thread.faulted_at.value(), 0xE000'ED0CU);
    }
}

TEST_F(RequestsTest, SurviveSystemResetsAndNoPowerLoss) {  // R-037, 1.4
    for (const bool power_lost : {false, true}) {
        board.flash.set_image(flash::Image{});
        board.set_options(test::secure_options());
        test::Program program(board);
        ASSERT_EQ(call_smi(program, module()), CallEnd::system_reset);
        board.put_ram(0x2400'0000, Bytes(0x400, 0xAA));  // too late: everything was copied
        if (power_lost)
            power_cycle();
        else
            reset();
        const bool installed = board.flash.options()[flash::kPrar1] == 0x8011'0010U;
        EXPECT_EQ(installed, !power_lost);
    }
}

TEST_F(RequestsTest, AModuleByServiceCall) {  // R-048 R-034
    test::Program program(board);
    program.forbidden = 0x2400'0130 + 60;  // the MPU denies the last word of the data
    EXPECT_EQ(call_smi(program, module()), CallEnd::faulted);
    EXPECT_EQ(program.faulted_at.value(), program.forbidden) << "at the call site";
    reset();
    EXPECT_FALSE(engine.last_result().has_value());
    program.forbidden = 1;
    ASSERT_EQ(call_smi(program, module()), CallEnd::system_reset);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(result(), Detail::none) << engine.last_result()->reason;
    engine.call(program, 0x1FF0'8A08);
    EXPECT_EQ(program.r[0], kRssOk);
    EXPECT_EQ(board.application_reads(0x0800'1000), 0U);
}

TEST_F(RequestsTest, AModuleByMailbox) {  // decision 0214
    EXPECT_EQ(served(module()), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(mailbox().status, 0U);
    image::Mailbox wrong;
    wrong.payload_address = image::kRecordsAddress;
    wrong.payload_bytes = 112;
    put(wrong, Service::smi);
    reset();
    EXPECT_EQ(result(), Detail::E_ARG);
    wrong.payload_address = image::kHeaderAddress;
    wrong.payload_bytes = 0xFFFF'FFFF;
    put(wrong, Service::smi);
    reset();
    EXPECT_EQ(result(), Detail::E_SIZE);
}

TEST_F(RequestsTest, SecureUserSoftwareMustEnableTheRunTimeServices) {
    set_option(flash::kScar2, security::limits_of(0, 0x1000, false));
    board.put_flash(0x0810'0000, test::startable(0x0810'0000, 64));
    EXPECT_EQ(served(module()), Detail::E_STATE);
    Bytes enabled = test::startable(0x0810'0000, 64);
    store_le32(enabled, 0x1C, 0x4553'5352);
    board.put_flash(0x0810'0000, enabled);
    EXPECT_EQ(served(module()), Detail::none) << engine.last_result()->reason;
}

TEST_F(RequestsTest, BetweenTwoPartsTheChipIsLocked) {  // 4.9, 4: install lock
    const auto parts = two_parts();
    stage(parts[0]);
    EXPECT_EQ(reset().kind, Kind::park);
    EXPECT_EQ(result(), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(mailbox().status, 0U);
    EXPECT_EQ(mailbox().arguments[0], 3U) << "the R area that comes next";
    EXPECT_TRUE(engine.install_lock());
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::park) << "nothing boots";
    EXPECT_FALSE(reset({.cm7 = kPage}).release_cm4);
    EXPECT_EQ(power_cycle({.cm7 = kPage}).kind, Kind::park);
    EXPECT_TRUE(engine.install_lock());
    board.boot0 = true;
    EXPECT_EQ(reset({.cm7 = 0x1FF0'0000}).kind, Kind::park) << "nor does the bootloader";
    // Other services are refused; the next part goes on.
    for (const Service other : {Service::init_areas, Service::destroy_pcrop, Service::smi}) {
        put({}, other);
        EXPECT_EQ(reset().kind, Kind::park);
        EXPECT_EQ(result(), Detail::E_STATE);
        EXPECT_TRUE(engine.install_lock());
    }
    put({}, Service::get_certificate);
    EXPECT_EQ(reset().kind, Kind::park);
    EXPECT_EQ(result(), Detail::none);
    stage(parts[1]);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(result(), Detail::none) << engine.last_result()->reason;
    EXPECT_FALSE(engine.install_lock());
    EXPECT_EQ(reset().kind, Kind::start_secure_area);
}

TEST_F(RequestsTest, AbortUnlocksABlankChip) {  // 4.9, 4
    stage(two_parts()[0]);
    reset();
    put({}, Service::abort);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(result(), Detail::none);
    EXPECT_FALSE(engine.install_lock());
    EXPECT_TRUE(board.user_flash_is_blank());
}

TEST_F(RequestsTest, StagedDataChangedAfterTheCheckChangesNothing) {  // 7, 9: private copies
    const auto parts = two_parts();
    StagedPart part = parts[0];
    stage(part);
    bool changed = false;
    board.flash.contents_changed = [&](Address, std::uint32_t) {
        changed = true;  // whoever writes RAM while the RSS works: everything staged is spoilt
        board.put_ram(image::kMailboxAddress + 64, Bytes(0x2000, 0x5A));
    };
    reset();
    board.flash.contents_changed = nullptr;
    EXPECT_TRUE(changed);
    EXPECT_EQ(result(), Detail::none) << engine.last_result()->reason;
    EXPECT_TRUE(holds(kPage, test::startable(kPage, 160)));
}

TEST_F(RequestsTest, ALiveLicenseServesOneInstall) {  // 4.6; 7, 2
    const auto draw = [&] {
        image::Mailbox ask;
        ask.arguments[0] = 1;
        put(ask, Service::get_certificate);
        reset();
        return mailbox().arguments[1];
    };
    const std::uint32_t first = draw(), drawn = draw();
    EXPECT_NE(drawn, 0U);
    EXPECT_NE(first, drawn);
    TestImage image;
    image.firmware(kPage, test::startable(kPage, 64));
    image.license.type = image::LicenseType::sfi_live;
    image.license.session = first;
    EXPECT_EQ(served(image.build()), Detail::E_LIC_SESSION) << "an earlier session";
    image.license.session = drawn;
    const StagedPart part = image.build();
    EXPECT_EQ(served(part), Detail::none) << engine.last_result()->reason;
    EXPECT_EQ(served(part), Detail::E_LIC_SESSION) << "once";
    image.license.session = draw();
    power_cycle();
    EXPECT_EQ(served(image.build()), Detail::E_LIC_SESSION) << "a session does not outlive the power";
    image.license.type = image::LicenseType::sfi_static;
    StagedPart forged = image.build();
    EXPECT_EQ(served(forged), Detail::E_LIC_FORMAT) << "a static license carries no session";
}

TEST_F(RequestsTest, VersionsOutliveAbortAndRegression) {  // 4.9, anti-rollback
    TestImage image;
    image.firmware(kPage, test::startable(kPage, 64));
    ASSERT_EQ(served(image.build()), Detail::none);
    stage(two_parts()[0]);
    reset();
    put({}, Service::abort);
    reset();
    ASSERT_EQ(result(), Detail::none);
    for (const std::uint32_t rdp : {0xBBU, 0xAAU}) {  // up, and down again: user flash is erased
        FlashDriver driver(board);
        OptionWords words = driver.options().value();
        words[kOptsr] = insert(words[kOptsr], 15, 8, rdp);
        ASSERT_TRUE(driver.change_options(words));
        board.power_on();
    }
    EXPECT_TRUE(board.user_flash_is_blank());
    image.header.image_version = 6;
    EXPECT_EQ(served(image.build()), Detail::E_ROLLBACK);
}

TEST_F(RequestsTest, WhereStartEqualsEndTheWholeBankIsSecure) {  // F-214; 7, 21
    set_option(flash::kScar1, 0x0005'0005);
    const Outcome outcome = power_cycle();
    EXPECT_EQ(outcome.kind, Kind::start_secure_area);
    EXPECT_EQ(outcome.vectors, kPage);
    set_option(flash::kScar1, 0x0004'0005);
    EXPECT_EQ(power_cycle({.cm7 = kPage + 0x4'0000}).kind, Kind::application) << "END < START: none";
}

TEST_F(RequestsTest, HostilePointsAreNamedInsideAndCoarseOutside) {  // 7, 18 and 19; D-19
    TestImage image;
    image.firmware(kPage, test::startable(kPage, 64));
    const StagedPart good = image.build();
    const auto with_point = [&](Bytes point) {
        StagedPart bad = good;
        std::copy(point.begin(), point.end(), bad.license.begin() + 0x18);
        return served(bad);
    };
    std::vector<Bytes> points;
    for (const test::HostilePoint& point : test::kHostilePoints) points.push_back(test::bytes_of(point));
    points.emplace_back(good.license.begin() + 0x18, good.license.begin() + 0x58);
    points.back()[63] ^= 1;
    for (const Bytes& point : points) {
        EXPECT_EQ(image::name(with_point(point)), "E_LIC_POINT");
        EXPECT_EQ(mailbox().detail, static_cast<std::uint32_t>(Detail::E_LIC_TAG));
    }
    EXPECT_EQ(board.flash.steps(), 0U);
    EXPECT_EQ(served(good), Detail::none);
}

// The power fails inside every step of a PCROP removal: the area stays until its contents are gone, and the
// next boot goes on by itself (2.3, R-047).
TEST_F(RequestsTest, APcropRemovalGoesOnAfterAPowerCut) {
    set_option(flash::kPrar1, security::limits_of(0x1000, 0x200, false));
    board.put_flash(0x0800'1000, test::pattern(0x200, 3));
    const flash::Image before = board.flash.image();
    bool completed = false;
    unsigned resumed = 0;
    for (std::uint64_t step = 1; !completed; ++step) {
        ASSERT_LT(step, 100U);
        board.flash.set_image(before);
        board.power_on();
        image::Mailbox ask;
        ask.arguments[0] = 1;
        put(ask, Service::destroy_pcrop);
        board.flash.set_cut_at(board.flash.steps() + step, step);
        completed = reset().kind != Kind::power_lost;
        const bool gone = board.flash.options()[flash::kPrar1] == 0xFFU;
        for (Address at = 0x0800'1000; gone && at < 0x0800'1200; at += 32)
            ASSERT_TRUE(holds(at, Bytes(32, 0))) << "step " << step;
        if (completed) break;
        if (power_cycle().kind != Kind::system_reset) continue;  // cut before the journal knew of it
        ++resumed;
        ASSERT_EQ(board.flash.options()[flash::kPrar1], 0xFFU) << step;
        ASSERT_TRUE(holds(0x0800'1000, Bytes(0x200, 0))) << step;
    }
    EXPECT_GT(resumed, 10U);
}

}  // namespace
}  // namespace h7::rss

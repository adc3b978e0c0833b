// The decision of figure 16 and rss-sfi-bootloader.md 1.3, one test per row, on the real flash interface.
#include "rss/services/boot.hpp"

#include <gtest/gtest.h>

#include "rss/services/engine.hpp"
#include "tests/support/rss_board.hpp"
#include "tests/support/rss_program.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::rss {
namespace {

using test::RssBoard;
using Kind = Outcome::Kind;

constexpr Address kPage = 0x0800'0000;

class BootTest : public testing::Test {
protected:
    BootTest() {
        board.set_options(test::secure_options());
        board.put_flash(kPage, test::startable(kPage, 64));
    }
    // One system reset and the RSS behind it.
    Outcome reset(BootTarget target = {}) {
        board.system_reset();
        engine.reset(false);
        return engine.boot(target);
    }
    Outcome power_cycle(BootTarget target = {}) {
        board.power_on();
        engine.reset(true);
        return engine.boot(target);
    }
    void set_area(std::size_t row, std::uint32_t word) {
        board.change_options([&](flash::OptionWords& w) { w[row] = word; });
    }
    // Through the service, as a program would.
    void ask_for_area(std::uint32_t size, std::uint32_t start, std::uint32_t remove) {
        image::Mailbox mailbox;
        mailbox.service = static_cast<std::uint32_t>(image::MailboxService::init_areas);
        mailbox.arguments[0] = 1;
        mailbox.payload_address = 0x2403'0800;
        mailbox.payload_bytes = 12;
        Bytes record(12);
        store_le32(record, 0, size);
        store_le32(record, 4, start);
        store_le32(record, 8, remove);
        board.put_ram(0x2403'0800, record);
        board.put_ram(0x2403'0000, image::serialise(mailbox));
    }
    void stage(const StagedPart& part) {
        image::Mailbox mailbox;
        mailbox.service = static_cast<std::uint32_t>(image::MailboxService::sfi_part);
        mailbox.payload_address = image::kRecordsAddress;
        mailbox.payload_bytes = static_cast<std::uint32_t>(part.records.size());
        mailbox.sequence = 5;
        board.put_ram(image::kLicenseAddress, part.license);
        board.put_ram(image::kHeaderAddress, part.header);
        board.put_ram(image::kRecordsAddress, part.records);
        board.put_ram(image::kMailboxAddress, image::serialise(mailbox));
    }
    image::Mailbox mailbox() {
        auto parsed = image::parse_mailbox(ByteView(board.axi.memory().bytes()).subspan(0x3'0000, 64));
        return parsed ? *parsed : image::Mailbox{};
    }

    RssBoard board;
    Identity identity = test::annex_a_chip();
    Engine engine{board, identity};
};

TEST_F(BootTest, NoAreaNoRequestBootsTheTarget) {  // R-010 R-011
    const Outcome outcome = reset({.cm7 = kPage});
    EXPECT_EQ(outcome.kind, Kind::application);
    EXPECT_EQ(outcome.vectors, kPage);
    EXPECT_TRUE(outcome.release_cm4);
    EXPECT_EQ(board.secure.confsec(), 0U);
    EXPECT_TRUE(engine.debug_open());
    EXPECT_EQ(board.flash.steps(), 0U);
}

TEST_F(BootTest, TheFlashRegistersAreHandedOverClean) {  // rss-sfi-bootloader.md 1.3
    reset({.cm7 = kPage});
    EXPECT_EQ(board.read(0x5200'200C, 4).value(), 0x31U);
    EXPECT_EQ(board.read(0x5200'2010, 4).value(), 0U);
    EXPECT_EQ(board.read(0x5200'2110, 4).value(), 0U);
    EXPECT_TRUE(board.write(0x5200'2004, 4, 0x4567'0123)) << "the first unlock is the user's";
    EXPECT_TRUE(board.write(0x5200'2004, 4, 0xCDEF'89AB));
}

TEST_F(BootTest, ASecureAreaRunsFirst) {  // R-012 R-014 R-015
    set_area(flash::kScar1, 0x001F'0000);
    const Outcome outcome = power_cycle({.cm7 = 0x0810'0000});
    EXPECT_EQ(outcome.kind, Kind::start_secure_area);
    EXPECT_EQ(outcome.vectors, kPage);
    EXPECT_TRUE(outcome.release_cm4) << "the CM4 is not held during secure user software (D-06)";
    EXPECT_EQ(board.secure.confsec(), 2U);
}

TEST_F(BootTest, OneAreaUndoesASwap) {  // R-050 A-57 T-57
    for (const std::uint32_t rdp : {0xAAU, 0xCCU}) {
        board.change_options([&](flash::OptionWords& w) {
            w[flash::kOptsr] = insert(w[flash::kOptsr], 15, 8, rdp) | kOptsrSwapBank;
            w[flash::kScar1] = 0x001F'0000;
        });
        EXPECT_EQ(power_cycle().kind, Kind::system_reset);
        EXPECT_EQ(board.flash.options()[flash::kOptsr] & kOptsrSwapBank, 0U);
        const Outcome second = reset();
        EXPECT_EQ(second.kind, Kind::start_secure_area);
        EXPECT_EQ(second.vectors, kPage);
    }
}

TEST_F(BootTest, TwoAreasKeepTheSwap) {  // R-050 A-52 T-58
    board.change_options([](flash::OptionWords& w) {
        w[flash::kOptsr] |= kOptsrSwapBank;
        w[flash::kScar1] = 0x001F'0000;
        w[flash::kScar2] = 0x040F'0400;
    });
    const Outcome outcome = power_cycle();
    EXPECT_EQ(outcome.kind, Kind::start_secure_area);
    EXPECT_EQ(outcome.vectors, 0x0804'0000U);
}

TEST_F(BootTest, SystemFlashIsTheBootloaderWithTheDebugPortOpen) {  // D-16
    board.boot0 = true;
    const Outcome outcome = reset({.cm7 = 0x1FF0'0000});
    EXPECT_EQ(outcome.kind, Kind::bootloader);
    EXPECT_EQ(outcome.vectors, kBootVectors);
    EXPECT_EQ(board.secure.confsec(), 0U);
    EXPECT_TRUE(engine.debug_open());
}

TEST_F(BootTest, BlankFlashIsTheSecureCapableBootloader) {  // D-16
    const Outcome outcome = reset({.cm7 = 0x0810'0000});
    EXPECT_EQ(outcome.kind, Kind::bootloader);
    EXPECT_FALSE(outcome.release_cm4);
    EXPECT_EQ(board.secure.confsec(), 1U);
    EXPECT_FALSE(engine.debug_open());
    board.boot0 = true;
    EXPECT_EQ(reset({.cm7 = 0x0810'0000}).kind, Kind::application);
}

TEST_F(BootTest, Level2HasNoBootloader) {  // rss-sfi-bootloader.md 1.3
    board.change_options(
        [](flash::OptionWords& w) { w[flash::kOptsr] = insert(w[flash::kOptsr], 15, 8, 0xCC); });
    EXPECT_EQ(power_cycle({.cm7 = 0x0810'0000}).kind, Kind::application);
}

TEST_F(BootTest, AHeldCm7StaysHeld) {  // rss-sfi-bootloader.md 1.5
    EXPECT_EQ(reset({.cm7 = kPage, .cm7_starts = false}).kind, Kind::no_cm7);
    EXPECT_TRUE(engine.debug_open());
    set_area(flash::kScar1, 0x001F'0000);
    EXPECT_EQ(power_cycle({.cm7 = kPage, .cm7_starts = false}).kind, Kind::no_cm7);
    EXPECT_EQ(board.secure.confsec(), 0U);
    EXPECT_FALSE(engine.debug_open());
}

TEST_F(BootTest, TheRamWindowIsWiped) {  // rss-sfi-bootloader.md 1.6, F-157
    board.put_ram(0x2000'0000, Bytes(0x5000, 0xEE));
    reset({.cm7 = kPage});
    const ByteView dtcm = board.dtcm.memory().bytes();
    EXPECT_EQ(dtcm[0], 0);
    EXPECT_EQ(dtcm[0x3FFF], 0);
    EXPECT_EQ(dtcm[0x4000], 0xEE) << "16 Kbytes belong to the RSS, no more";
}

TEST_F(BootTest, InitialiseByMailbox) {  // R-020 R-037 R-039 T-51
    ask_for_area(0x2000, kPage, 1);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
    EXPECT_TRUE(engine.last_result()->ok());
    EXPECT_EQ(mailbox().magic, image::kMailboxAnswer);
    EXPECT_EQ(mailbox().status, 0U);
    EXPECT_EQ(reset().kind, Kind::start_secure_area);
}

TEST_F(BootTest, ASecondRequestIsNotServed) {  // R-036 R-051 T-59
    set_area(flash::kScar1, 0x001F'0000);
    ask_for_area(0x2000, 0x0810'0000, 1);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(engine.last_result()->detail, Detail::E_EXISTS);
    EXPECT_EQ(board.flash.options()[flash::kScar2], 0xFFU);
    EXPECT_EQ(mailbox().detail, static_cast<std::uint32_t>(Detail::E_EXISTS));
    const Outcome outcome = reset();
    EXPECT_EQ(outcome.kind, Kind::start_secure_area);
    EXPECT_EQ(outcome.vectors, kPage);
}

// resetAndInitializeSecureAreas(1, {0x2000, 0x08000000, 1}) from the application.
CallEnd call_for_area(RssBoard& board, Engine& engine) {
    Bytes record(12);
    store_le32(record, 0, 0x2000);
    store_le32(record, 4, kPage);
    store_le32(record, 8, 1);
    board.put_ram(0x2000'8000, record);
    test::Program program(board);
    program.r = {1, 0x2000'8000};
    const CallEnd end = engine.call(program, 0x1FF0'8A70);
    board.put_ram(0x2000'8000, Bytes(12, 0xFF));  // too late: the arguments were copied
    return end;
}

TEST_F(BootTest, ALatchedRequestSurvivesASystemResetAndIsServedOnce) {  // R-026 R-037, channel A of 1.4
    ASSERT_EQ(call_for_area(board, engine), CallEnd::system_reset);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0xFFU) << "nothing happens before the reset";
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
    EXPECT_EQ(reset().kind, Kind::start_secure_area);
}

TEST_F(BootTest, ALatchedRequestDoesNotSurviveAPowerCut) {  // channel A of 1.4
    ASSERT_EQ(call_for_area(board, engine), CallEnd::system_reset);
    EXPECT_EQ(power_cycle({.cm7 = kPage}).kind, Kind::application);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0xFFU);
}

TEST_F(BootTest, ARequestFromStandardModeIsForgotten) {  // D-27, rss-sfi-bootloader.md 2.3 and 13
    board.set_options(flash::kFactoryOptions);
    FlashDriver driver(board);
    OptionWords words = driver.options().value();
    words[kOptsr] |= kOptsrSecurity;  // set, not latched yet
    ASSERT_TRUE(driver.change_options(words));
    ASSERT_EQ(call_for_area(board, engine), CallEnd::system_reset);
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::application);
    ASSERT_EQ(call_for_area(board, engine), CallEnd::system_reset) << "repeated, as SBSFU does";
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
}

TEST_F(BootTest, ALatchedRequestIsPartOfASnapshot) {
    ASSERT_EQ(call_for_area(board, engine), CallEnd::system_reset);
    StateWriter out;
    engine.save(out);
    Engine restored(board, identity);
    StateReader in(out.data());
    restored.load(in);
    ASSERT_TRUE(in.finish());
    board.system_reset();
    restored.reset(false);
    EXPECT_EQ(restored.boot({}).kind, Kind::system_reset);
    EXPECT_EQ(board.flash.options()[flash::kScar1], 0x801F'0000U);
}

TEST_F(BootTest, AModuleInstallIsRefusedWithAReason) {  // RAM that holds no license
    test::Program program(board);
    program.r = {0x2400'0000, 0x2400'0100, 0};
    ASSERT_EQ(engine.call(program, 0x1FF0'8A98), CallEnd::system_reset);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(engine.last_result()->detail, Detail::E_MAGIC);
    engine.call(program, 0x1FF0'8A08);
    EXPECT_EQ(program.r[0], 0U) << "getStatus: RSS_ERROR";
}

TEST_F(BootTest, TheDebugPinsAreTakenAndGivenBack) {  // rss-sfi-bootloader.md 1.7
    constexpr Address kModer = 0x5802'0000, kPupdr = 0x5802'000C, kAhb4enr = 0x5802'44E0;
    ASSERT_TRUE(board.write(kModer, 4, 0xABFF'FFFF));
    ASSERT_TRUE(board.write(kPupdr, 4, 0x6400'0000));
    set_area(flash::kScar1, 0x001F'0000);
    ASSERT_EQ(power_cycle().kind, Kind::start_secure_area);
    EXPECT_EQ(board.read(kModer, 4).value(), 0x83FF'FFFFU);
    EXPECT_EQ(board.read(kPupdr, 4).value(), 0x4000'0000U);
    EXPECT_EQ(board.read(kAhb4enr, 4).value(), 0U) << "the clock gate is left as it was";
    test::Program program(board);
    program.r = {kPage, 0x97A0'FA17};
    engine.call(program, 0x1FF0'8A5C);
    EXPECT_EQ(board.read(kModer, 4).value(), 0xABFF'FFFFU);
    EXPECT_EQ(board.read(kPupdr, 4).value(), 0x6400'0000U);
}

TEST_F(BootTest, TheMailboxIsReadAtLevel0Only) {  // rss-sfi-bootloader.md 4.7
    board.change_options(
        [](flash::OptionWords& w) { w[flash::kOptsr] = insert(w[flash::kOptsr], 15, 8, 0xBB); });
    ask_for_area(0x2000, kPage, 1);
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::application);
    EXPECT_EQ(mailbox().magic, image::kMailboxRequest);
}

TEST_F(BootTest, AnUnknownServiceIsAnswered) {
    image::Mailbox strange;
    strange.service = 77;
    board.put_ram(image::kMailboxAddress, image::serialise(strange));
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(mailbox().detail, static_cast<std::uint32_t>(Detail::E_ARG));
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::application) << "a request is served once";
}

TEST_F(BootTest, PointersOutsideTheStagingWindowAreRefused) {  // rss-sfi-bootloader.md 7, 5 and 14
    using Service = image::MailboxService;
    struct Bad {
        Service service;
        std::uint32_t count, address, bytes;
        Detail detail;
    };
    for (const Bad& bad : {Bad{Service::sfi_part, 0, 0x2403'1000, 64, Detail::E_ARG},
                           Bad{Service::sfi_part, 0, 0x1FF0'0000, 64, Detail::E_ARG},
                           Bad{Service::sfi_part, 0, 0x2403'1040, 0x4'EFC1, Detail::E_SIZE},
                           Bad{Service::sfi_part, 0, 0x2403'1040, 0xFFFF'FFFF, Detail::E_SIZE},
                           Bad{Service::init_areas, 1, 0x2403'0000, 12, Detail::E_ARG},  // the mailbox itself
                           Bad{Service::init_areas, 1, 0x2407'FFF8, 12, Detail::E_ARG},
                           Bad{Service::init_areas, 1, 0xFFFF'FFF8, 12, Detail::E_ARG},
                           Bad{Service::init_areas, 1, 0x2403'0804, 12, Detail::E_ARG},  // not 8-byte aligned
                           Bad{Service::init_areas, 0xFFFF'FFFF, 0x2403'0800, 0xFFFF'FFF4, Detail::E_ARG}}) {
        image::Mailbox request;
        request.service = static_cast<std::uint32_t>(bad.service);
        request.arguments[0] = bad.count;
        request.payload_address = bad.address;
        request.payload_bytes = bad.bytes;
        board.put_ram(image::kMailboxAddress, image::serialise(request));
        EXPECT_EQ(reset().kind, Kind::system_reset);
        EXPECT_EQ(image::name(engine.last_result()->detail), image::name(bad.detail))
            << std::hex << bad.address << " " << bad.bytes;
    }
    EXPECT_EQ(board.flash.steps(), 0U);
}

TEST_F(BootTest, AbortNeedsAnInstallUnderWay) {
    image::Mailbox request;
    request.service = static_cast<std::uint32_t>(image::MailboxService::abort);
    board.put_ram(image::kMailboxAddress, image::serialise(request));
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(engine.last_result()->detail, Detail::E_STATE);
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::application) << "the firmware is still there";
}

TEST_F(BootTest, ACorruptMailboxIsNoRequest) {
    ask_for_area(0x2000, kPage, 1);
    board.axi.memory().data()[0x3'0020] ^= 1;
    EXPECT_EQ(reset({.cm7 = kPage}).kind, Kind::application);
}

TEST_F(BootTest, GetCertificateByMailbox) {
    image::Mailbox ask;
    ask.service = static_cast<std::uint32_t>(image::MailboxService::get_certificate);
    board.put_ram(image::kMailboxAddress, image::serialise(ask));
    reset();
    EXPECT_EQ(mailbox().payload_address, kCertificate);
    EXPECT_EQ(mailbox().payload_bytes, 136U);
}

TEST_F(BootTest, InstallsFirmwareFromTheStagingWindow) {  // rss-sfi-bootloader.md 4.7, 4.9
    test::TestImage image;
    image.firmware(kPage, test::startable(kPage, 0x400)).options(test::closed_options());
    stage(image.build());
    EXPECT_EQ(reset().kind, Kind::system_reset);
    ASSERT_TRUE(engine.last_result()->ok()) << engine.last_result()->reason;
    EXPECT_EQ(mailbox().magic, image::kMailboxAnswer);
    EXPECT_EQ(mailbox().status, 0U);
    EXPECT_EQ(mailbox().sequence, 5U);
    for (std::size_t at = 64; at < 0x5'0000; at += 4)
        ASSERT_EQ(load_le32(board.axi.memory().bytes(), 0x3'0000 + at), 0U) << "staging is wiped";
    EXPECT_FALSE(engine.install_lock());
    const Outcome outcome = reset();
    EXPECT_EQ(outcome.kind, Kind::start_secure_area);
    EXPECT_EQ(outcome.vectors, kPage);
}

TEST_F(BootTest, AStagingDebuggerMakesItWaitForPowerOn) {  // 4.9, 7: RDP 1 with the intrusion latch
    test::TestImage image;
    image.firmware(kPage, test::startable(kPage, 0x400)).options(test::closed_options());
    stage(image.build());
    board.secure.debugger_connected();
    EXPECT_EQ(reset().kind, Kind::park);
    EXPECT_TRUE(engine.last_result()->ok());
    EXPECT_FALSE(engine.debug_open());
    EXPECT_EQ(power_cycle().kind, Kind::start_secure_area);
}

TEST_F(BootTest, ARefusedInstallShowsACoarseCodeAndKeepsThePreciseReason) {  // D-19
    test::TestImage image;
    image.firmware(kPage, test::pattern(64, 1));
    StagedPart part = image.build();
    part.license[0x18] ^= 1;
    stage(part);
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_EQ(mailbox().status, 1U);
    EXPECT_EQ(mailbox().detail, static_cast<std::uint32_t>(Detail::E_LIC_TAG));
    EXPECT_EQ(engine.last_result()->detail, Detail::E_LIC_POINT);
    EXPECT_TRUE(board.traced("E_LIC_POINT"));
    EXPECT_EQ(board.flash.steps(), 0U);
}

TEST_F(BootTest, SecretsStayOutOfTheTrace) {  // D-14
    test::TestImage image;
    image.firmware(kPage, test::startable(kPage, 0x400)).options(test::closed_options());
    stage(image.build());
    reset();
    for (const std::string& secret : {to_hex(identity.private_key), to_hex(image.key), to_hex(image.nonce)})
        EXPECT_FALSE(board.traced(secret.substr(0, 16)));
}

TEST_F(BootTest, AnInterruptedInstallIsFinishedFirstAndLocked) {  // rss-sfi-bootloader.md 1.3, 0
    test::TestImage image;
    image.firmware(kPage, test::startable(kPage, 0x400)).options(test::closed_options());
    stage(image.build());
    board.flash.set_cut_at(board.flash.steps() + 40, 1);  // after the mass erase, amid the programming
    EXPECT_EQ(reset().kind, Kind::power_lost);
    board.flash.set_cut_at(0, 0);
    EXPECT_EQ(power_cycle().kind, Kind::system_reset);
    EXPECT_EQ(engine.last_result()->detail, Detail::E_POWER);
    EXPECT_TRUE(board.user_flash_is_blank());
    EXPECT_FALSE(engine.install_lock());
}

TEST_F(BootTest, AnEraseThatFailsKeepsTheInstallLock) {  // 4.9, 4
    {
        FlashDriver driver(board);
        Journal journal(driver);
        journal.load();
        ASSERT_TRUE(journal.append(JournalState::abort_erase));
    }
    board.system_reset();
    board.flash.fail_next_operation(0);
    engine.reset(false);
    EXPECT_EQ(engine.boot({}).kind, Kind::park);
    EXPECT_TRUE(engine.install_lock());
    EXPECT_EQ(reset().kind, Kind::system_reset);
    EXPECT_FALSE(engine.install_lock());
}

TEST_F(BootTest, AnOptionChangeIsRedoneBehindASwap) {  // 4.9: by physical bank, test 24
    test::TestImage image;
    auto words = test::closed_options();
    words[image::kOptsr] |= kOptsrSwapBank;
    words[image::kScarB] = 0x800F'0000;  // two areas keep the swap
    image.firmware(kPage, test::startable(kPage, 0x400)).options(words);
    stage(image.build());
    // Cut inside the DONE record: the option change is in force, the journal still says OB_PENDING.
    board.flash.set_cut_at(0, 0);
    const std::uint64_t before = board.flash.steps();
    RssBoard twin;  // counts the steps of a whole install
    {
        twin.set_options(test::secure_options());
        FlashDriver driver(twin);
        Journal journal(driver);
        journal.load();
        InstallPolicy policy;
        ASSERT_TRUE(Installer(driver, journal, identity, policy).install(image.build()));
    }
    board.flash.set_cut_at(before + twin.flash.steps() - 1, 1);
    EXPECT_EQ(reset().kind, Kind::power_lost);
    const auto in_force = board.flash.options();
    EXPECT_EQ(in_force[flash::kScar1], 0x801F'0000U);
    board.flash.set_cut_at(0, 0);
    EXPECT_EQ(power_cycle().kind, Kind::system_reset);
    EXPECT_EQ(board.flash.options(), in_force) << "no difference, nothing moved to the other bank";
    EXPECT_TRUE(engine.last_result()->ok());
}

TEST_F(BootTest, DestroyPcrop) {  // R-047 A-54 F-221
    set_area(flash::kPrar1, security::limits_of(0x1000, 0x400, false));
    board.put_flash(0x0800'1000, test::pattern(0x400, 3));
    image::Mailbox ask;
    ask.service = static_cast<std::uint32_t>(image::MailboxService::destroy_pcrop);
    ask.arguments[0] = 1;
    board.put_ram(image::kMailboxAddress, image::serialise(ask));
    EXPECT_EQ(reset().kind, Kind::system_reset);
    ASSERT_TRUE(engine.last_result()->ok()) << engine.last_result()->reason;
    EXPECT_EQ(board.flash.options()[flash::kPrar1], 0xFFU);
    reset();
    EXPECT_EQ(board.application_reads(0x0800'1000), 0U);
    EXPECT_EQ(board.application_reads(0x0800'13FC), 0U);
    EXPECT_NE(board.application_reads(0x0800'0000), 0U);
}

TEST_F(BootTest, DestroyPcropRefusals) {  // F-160 F-191 R-029
    const auto ask = [&](std::uint32_t bank) {
        image::Mailbox request;
        request.service = static_cast<std::uint32_t>(image::MailboxService::destroy_pcrop);
        request.arguments[0] = bank;
        board.put_ram(image::kMailboxAddress, image::serialise(request));
        reset();
        return engine.last_result()->detail;
    };
    EXPECT_EQ(ask(0), Detail::E_ARG);
    EXPECT_EQ(ask(1), Detail::E_PCROP);
    set_area(flash::kPrar1, security::limits_of(0x1000, 0x400, false));
    set_area(flash::kWpsn1, 0xFE);
    EXPECT_EQ(ask(1), Detail::E_WRP);
    set_area(flash::kWpsn1, 0xFF);
    set_area(flash::kScar1, security::limits_of(0x0, 0x1000, false));
    EXPECT_EQ(ask(1), Detail::E_STATE) << "no RSSE in vector 7";
    board.put_flash(kPage + 0x1C, Bytes{'R', 'S', 'S', 'E'});
    EXPECT_EQ(ask(1), Detail::none);
}

}  // namespace
}  // namespace h7::rss

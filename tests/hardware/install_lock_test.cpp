// An image in two parts on a whole chip: what anybody can reach between them (rss-sfi-bootloader.md 4.9, 4).
#include <gtest/gtest.h>

#include "emulator/chip/chip.hpp"
#include "rss/host/flasher/sfi_install.hpp"
#include "rss/services/engine.hpp"
#include "tests/support/prepared_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kSecure = 0x0800'0000, kSecond = 0x0810'0000, kToken = 0x081E'0000;

class InstallLock : public testing::Test {
protected:
    InstallLock() {
        chip = prepared_chip();
        chip->power_on();
        image.firmware(kSecure, startable(kSecure, 96)).cut(kToken);
        image.firmware(kSecond, pattern(64, 3)).options(closed_options());
    }
    // The first part only: the second one's record is spoilt.
    void install_first_part() {
        auto asked = install_request(image);
        asked.image.back() ^= 1;
        flasher::DebugLink link(*chip);
        ASSERT_FALSE(flasher::install(link, asked));
        ASSERT_TRUE(chip->rss().install_lock());
    }
    bool reaches(Master who, Address address) { return chip->debug_port().state(who, address).open; }
    TestImage image;
    std::unique_ptr<chip::Chip> chip;
};

TEST_F(InstallLock, TheDebugPortReachesTheStagingWindowOnly) {
    install_first_part();
    for (int boot = 0; boot < 2; ++boot) {
        for (const Address inside : {0x2403'0000U, 0x2407'FFFFU}) EXPECT_TRUE(reaches(Master::ap0, inside));
        for (const Address outside : {0x2402'FFFFU, 0x2408'0000U, 0x0800'0000U, 0x2000'0000U, 0x5200'2000U,
                                      0xE000'EDF0U, 0x1FF0'0000U, 0x4FFF'1000U})
            EXPECT_FALSE(reaches(Master::ap0, outside)) << std::hex << outside;
        for (const Master other : {Master::ap1, Master::ap3})
            EXPECT_FALSE(reaches(other, 0x2403'0000)) << name_of(other);
        chip->power_off();
        chip->set_boot0(boot == 0);
        chip->power_on();
        EXPECT_TRUE(chip->rss().install_lock());
    }
}

TEST_F(InstallLock, NoCoreRunsAndTheNextPartStillComes) {  // D-06
    install_first_part();
    chip->set_boot0(false);
    chip->press_reset();
    const auto before = chip->cm4().instructions() + chip->cm7().instructions();
    (void)chip->run({.limit = kMillisecond, .reached = {}});
    EXPECT_EQ(chip->cm4().instructions() + chip->cm7().instructions(), before);
    chip->set_boot0(true);
    flasher::DebugLink link(*chip);
    const auto stage_second = parts_of(image.build())[1];
    ASSERT_TRUE(link.write(image::kRecordsAddress, stage_second.records));
    image::Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(image::MailboxService::sfi_part);
    mailbox.payload_address = image::kRecordsAddress;
    mailbox.payload_bytes = static_cast<std::uint32_t>(stage_second.records.size());
    ASSERT_TRUE(link.write(image::kLicenseAddress, stage_second.license));
    ASSERT_TRUE(link.write(image::kHeaderAddress, stage_second.header));
    ASSERT_TRUE(link.write(image::kMailboxAddress, image::serialise(mailbox)));
    chip->press_reset();
    ASSERT_TRUE(chip->rss().last_result()->ok()) << chip->rss().last_result()->reason;
    EXPECT_FALSE(chip->rss().install_lock());
}

TEST_F(InstallLock, TheFlasherInstallsEveryPart) {
    flasher::DebugLink link(*chip);
    const auto done = flasher::install(link, install_request(image));
    ASSERT_TRUE(done) << done.error().message;
    const flash::Image after = chip->image();
    const Bytes first = startable(kSecure, 96), second = pattern(64, 3);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), after.user[0].data.begin()));
    EXPECT_TRUE(std::equal(second.begin(), second.end(), after.user[1].data.begin()));
    EXPECT_EQ(after.options[flash::kScar1], 0x801F'0000U);
}

TEST_F(InstallLock, TheFlasherTakesALicenseForEachModule) {  // decision 0225
    TestModule module;
    module.plaintext = pattern(96, 5);
    module.destination = 0x0804'0000;
    TestImage combined;
    combined.firmware(kSecure, startable(kSecure, 96)).cut(kToken).wrapped(module);
    auto asked = install_request(combined);
    EXPECT_FALSE(flasher::check_files(asked));
    asked.module_licenses.push_back(make_license(module.license, module.key, module.nonce, annex_a_chip()));
    flasher::DebugLink link(*chip);
    const auto done = flasher::install(link, asked);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(chip->image().options[flash::kPrar1], 0x8401'0400U);
}

}  // namespace
}  // namespace h7::test

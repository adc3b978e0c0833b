// Somebody writes over the staged image while the RSS works on it: a real program on the CM4, a DMA, the
// debugger. The RSS holds both cores and finds every DMA in reset; and where the hold is taken away by the
// test, its private copies still decide (rss-sfi-bootloader.md 1.5, 4.7; 7, test 9; D-06).
#include <gtest/gtest.h>

#include "emulator/chip/chip.hpp"
#include "rss/host/flasher/sfi_install.hpp"
#include "rss/services/engine.hpp"
#include "tests/support/bench_chip.hpp"
#include "tests/support/prepared_chip.hpp"

namespace h7::test {
namespace {

constexpr Address kFirst = 0x0800'0000, kSecond = 0x0810'0000;
constexpr Address kHammer = 0x1000'0000, kRounds = 0x3800'0000;  // hammers_staging_m4
constexpr Address kRcc = 0x5802'4400, kDma2 = 0x4002'0400;

class StagingRace : public testing::Test {
protected:
    StagingRace() {
        chip = prepared_chip();
        const loader::Program hammer = fixture("hammers_staging_m4");
        EXPECT_TRUE(chip->program(pieces_of(hammer)));
        chip->trace().set_sink([this](std::string_view line) {
            if (at_request && line.find("serving mailbox request") != std::string_view::npos) at_request();
        });
        chip->power_on();
        image.firmware(kFirst, startable(kFirst, 2048))
            .firmware(kSecond, pattern(512, 3))
            .options(closed_options());
        put(kRounds, 0);
    }
    std::uint32_t get(Address address) {
        return static_cast<std::uint32_t>(
            chip->read({address, 4, Op::read, Master::cm7, Context::rss, true}).value_or(0xBAD));
    }
    void put(Address address, std::uint32_t value) {
        ASSERT_TRUE(chip->write({address, 4, Op::write, Master::cm7, Context::rss, true}, value));
    }
    Result<void> install() {
        flasher::DebugLink link(*chip);
        return flasher::install(link, install_request(image));
    }
    /// The hold of D-06 is gone: the CM4 runs its program for a while, in the middle of the RSS's work.
    void cm4_runs() {
        if (chip->cm4().state() == cpu::RunState::held) chip->cm4().hand_over(kHammer, true);
        chip->cm4().run_until(chip->clock().now() + kMillisecond);
        chip->cm4().hold();
    }
    /// DMA2 stream 0, memory to memory, over the staging. Whoever may write its registers starts it.
    void start_dma() {
        put(kRcc + 0xD8, get(kRcc + 0xD8) | 2);
        for (std::uint32_t i = 0; i < 0x400; i += 4) put(0x2404'0000 + i, 0xA5A5'A5A5);
        put(kDma2 + 0x08, 0x0F7D'0F7D);
        put(kDma2 + 0x18, 0x2404'0000), put(kDma2 + 0x1C, image::kLicenseAddress);
        put(kDma2 + 0x14, 0x2000), put(kDma2 + 0x24, 4 | 3);
        put(kDma2 + 0x10, 2U << 13 | 2U << 11 | 1U << 10 | 1U << 9 | 2U << 6 | 1);
    }
    void expect_installed() {
        const flash::Image after = chip->image();
        const Bytes first = startable(kFirst, 2048), second = pattern(512, 3);
        EXPECT_TRUE(std::equal(first.begin(), first.end(), after.user[0].data.begin()));
        EXPECT_TRUE(std::equal(second.begin(), second.end(), after.user[1].data.begin()));
        EXPECT_EQ(after.options[flash::kScar1], 0x801F'0000U);
    }
    bool staging_is(std::uint32_t word) { return get(image::kRecordsAddress) == word; }

    TestImage image;
    std::unique_ptr<chip::Chip> chip;
    std::function<void()> at_request;  // the mailbox is taken, nothing else read yet
};

TEST_F(StagingRace, BothCoresStandStillWhileTheRssWorks) {  // D-06, 1.5
    chip->cm4().hand_over(kHammer, true);
    (void)chip->run({.limit = kMillisecond, .reached = {}});
    ASSERT_GT(get(kRounds), 0U) << "the program runs";
    bool seen = false;
    std::uint64_t instructions = 0;
    at_request = [&] { instructions = chip->cm4().instructions(); };
    chip->flash().on_step = [&](const flash::Controller::Step&) {
        seen = true;
        EXPECT_EQ(chip->cm4().state(), cpu::RunState::held);
        EXPECT_EQ(chip->cm7().state(), cpu::RunState::held);
        EXPECT_EQ(chip->cm4().instructions(), instructions);
    };
    const auto done = install();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(seen);
    expect_installed();
}

TEST_F(StagingRace, ACm4ThatIsNotHeldSpoilsTheRequestOrNothing) {  // 7, 9; 4.9, 3b
    // Between the mailbox and the copies: what is copied is garbage, and nothing of it reaches flash.
    const auto steps = chip->flash().steps();
    at_request = [&] { cm4_runs(); };
    const auto spoilt = install();
    ASSERT_FALSE(spoilt);
    EXPECT_TRUE(staging_is(0x5A5A'5A5A));
    EXPECT_EQ(chip->flash().steps(), steps);
    EXPECT_FALSE(chip->rss().install_lock());
    // From the first step of the second pass on: too late.
    at_request = {};
    unsigned runs = 0;
    chip->flash().on_step = [&](const flash::Controller::Step&) {
        if (runs++ % 8 == 0) cm4_runs();
    };
    const std::uint32_t before = get(kRounds);
    const auto done = install();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_GT(get(kRounds), before) << "it did write";
    EXPECT_GT(runs, 80U);
    expect_installed();
}

TEST_F(StagingRace, ADmaSpoilsTheRequestOrNothing) {  // 1.5: every master but the CM7 in reset
    // Started before the reset it is idle when the RSS begins.
    start_dma();
    ASSERT_EQ(get(kDma2 + 0x10) & 1, 1U);
    bool idle = false;
    at_request = [&] { idle = (get(kDma2 + 0x10) & 1) == 0; };
    flash::Image blank = chip->image();
    auto done = install();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(idle);
    expect_installed();
}

TEST_F(StagingRace, ADmaThatSomebodyStartsMeanwhileChangesNothing) {
    unsigned started = 0;
    bool wrote = false;
    chip->flash().on_step = [&](const flash::Controller::Step&) {
        if (started++ == 0) start_dma();
        chip->clock().advance_to(chip->clock().now() + 10 * kMicrosecond);  // a turbo flash takes none
        wrote = wrote || get(image::kLicenseAddress) == 0xA5A5'A5A5;
    };
    const auto done = install();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(wrote) << "the transfer went on while the RSS worked";
    expect_installed();
}

TEST_F(StagingRace, TheDebuggerMayWriteTheStagingAndChangesNothing) {  // 4.9, 4: AP0 under the install lock
    unsigned written = 0;
    chip->flash().on_step = [&](const flash::Controller::Step&) {
        for (Address at = image::kLicenseAddress; at < image::kLicenseAddress + 0x2000; at += 0x40)
            written += chip->debug_port().write(Master::ap0, at, 4, 0x5A5A'5A5A).has_value() ? 1 : 0;
        EXPECT_FALSE(chip->debug_port().write(Master::ap0, 0x2000'0000, 4, 0).has_value());
        EXPECT_FALSE(chip->debug_port().write(Master::ap0, 0x5200'2010, 4, 0).has_value());
        EXPECT_FALSE(chip->debug_port().read(Master::ap0, kFirst, 4).has_value());
    };
    const auto done = install();
    ASSERT_TRUE(done) << done.error().message;
    (void)written;  // the port may be closed altogether while the RSS runs (1.7)
    expect_installed();
}

}  // namespace
}  // namespace h7::test

// The torture of install flows, tortured itself: what it says of a sound RSS, and that it sees a broken rule.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "rss/host/torture/report.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::test {
namespace {

using namespace h7::torture;
using testing::HasSubstr;

constexpr Address kSecure = 0x0800'0000, kModule = 0x0810'4000;

void put_something_old(Subject& subject) {
    for (auto& bank : subject.flash.user) {
        bank.data.assign(64, 0x77);
        bank.words.assign(2, flash::WordState::programmed);
    }
}

/// Firmware, a module and option bytes that close the chip; a chip with something old in it.
Subject three_areas() {
    image::OptionWords words = closed_options();
    words[flash::kPrar2] = 0x8045'0040;  // the module's protected area
    TestImage made;
    made.firmware(kSecure, startable(kSecure, 160)).module(kModule, pattern(320, 9)).options(words);
    const rss::StagedPart part = made.build();
    Subject subject;
    subject.identity = annex_a_chip();
    subject.image = sfi_file(part);
    subject.license = part.license;
    put_something_old(subject);
    return subject;
}

constexpr Effort kSmall{
    .torn = 1, .second_cuts = 1, .payload_bits = 2, .truncations = 4, .every_nth_bit = 8, .attackers = 2};

std::string all_of(const Report& report) {
    return to_json(report, "h7rss sfi torture a b c").dump(1) + junit(report, "h7rss sfi torture a b c");
}

TEST(Torture, NothingBreaksAndEveryEndIsSeen) {  // F-131 F-132; rss-sfi-bootloader.md 4.9
    const auto report = torture::run(three_areas(), {.effort = kSmall, .seed = 3});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->violations(), 0U) << table(*report, "h7rss sfi torture");
    std::set<std::string> ends;
    for (const Line& line : report->lines) ends.insert(line.outcome.ended);
    for (const char* end : {"old, then complete", "blank, then complete", "complete", "E_HDR_TAG",
                            "E_AREA_TAG", "E_LIC_TAG", "E_ROLLBACK"})
        EXPECT_TRUE(ends.contains(end)) << end;
    EXPECT_GT(report->cycles(), 3 * report->steps);
    EXPECT_GT(report->reads(), report->cycles());
}

/// Three parts, the second with a module that brings its own key.
Subject three_parts() {
    image::OptionWords words = closed_options();
    words[flash::kPrar2] = 0x8045'0040;
    TestModule module;
    module.destination = kModule;
    module.plaintext = pattern(96, 0x61);
    constexpr Address kToken = 0x080E'0000;
    TestImage made;
    made.firmware(kSecure, startable(kSecure, 64)).cut(kToken);
    made.firmware(0x0802'0000, pattern(64, 0x31)).wrapped(module).cut(kToken);
    made.firmware(0x0804'0000, pattern(32, 0x41)).options(words);
    const rss::StagedPart part = made.build();
    Subject subject;
    subject.identity = annex_a_chip();
    subject.image = sfi_file(part);
    subject.license = part.license;
    subject.module_licenses = {make_license(module.license, module.key, module.nonce, annex_a_chip())};
    put_something_old(subject);
    return subject;
}

TEST(Torture, ASplitImageWithAModuleOfItsOwn) {  // rss-sfi-bootloader.md 4.4, 4.9; section 7, tests 7 and 23
    Effort effort = kSmall;
    effort.every_nth_bit = 32;
    const auto report = torture::run(three_parts(), {.effort = effort, .seed = 4});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->violations(), 0U) << table(*report, "h7rss sfi torture");
    std::set<std::string> ends;
    for (const Line& line : report->lines) ends.insert(line.outcome.ended);
    for (const char* end : {"blank, then complete", "paused, then complete", "complete"})
        EXPECT_TRUE(ends.contains(end)) << end;
}

TEST(Torture, ShardsTogetherAreOneRunBitForBit) {
    const Subject subject = three_areas();
    const auto whole = torture::run(subject, {.effort = kSmall, .seed = 5});
    ASSERT_TRUE(whole) << whole.error().message;
    std::vector<Report> shards;
    for (const unsigned number : {3U, 1U, 2U}) {
        auto shard = torture::run(subject, {.effort = kSmall, .seed = 5, .shard = {number, 3}});
        ASSERT_TRUE(shard) << shard.error().message;
        EXPECT_LT(shard->lines.size(), whole->lines.size());
        shards.push_back(std::move(*shard));
    }
    EXPECT_EQ(all_of(merge(shards)), all_of(*whole));
}

TEST(Torture, OneCaseComesBackByItsName) {
    const Subject subject = three_areas();
    const auto one = torture::run(subject, {.effort = kSmall, .seed = 3, .only = "flip/header/0x30.0"});
    ASSERT_TRUE(one) << one.error().message;
    ASSERT_EQ(one->lines.size(), 1U);
    EXPECT_EQ(one->lines[0].outcome.ended, "E_HDR_TAG");
    const auto none = torture::run(subject, {.effort = kSmall, .only = "cut/99999/before"});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ExitCode::misuse);
}

TEST(Torture, WhatCannotBeInstalledIsRefusedWithTheReason) {
    Subject subject = three_areas();
    subject.flash.options[flash::kWpsn1] = 0xFE;
    const auto report = torture::run(subject, {.effort = kSmall});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ExitCode::refused);
    EXPECT_THAT(report.error().message, HasSubstr("E_WRP"));
    subject = three_areas();
    subject.license[0x60] ^= 1U;
    EXPECT_EQ(torture::run(subject, {}).error().code, ExitCode::misuse);
}

// --- the judge sees what must not be ---

class TortureJudge : public testing::Test {
protected:
    Subject subject_ = three_areas();
    Plan plan_ = std::move(*plan(subject_));
    std::unique_ptr<Rig> rig_ = std::move(*Rig::create(subject_, plan_));
    Judge judge_{*rig_, rig_->chip().flash().options(), {}};

    /// The chip without power, changed, and powered up.
    template <class Change>
    Seen after(Change change) {
        rig_->start();
        rig_->chip().power_off();
        change(rig_->chip().flash());
        rig_->chip().power_on();
        return judge_.look();
    }
    static flash::Controller::Step word(Address at, ByteView bytes) {
        flash::Operation op{.target = at};
        std::copy_n(bytes.begin(), 32, op.data.begin());
        return {op, {}};
    }
    static flash::Controller::Step erase(Address at) {
        return {
            flash::Operation{.kind = flash::Operation::Kind::erase_sector, .target = at, .size = 0x2'0000},
            {}};
    }
};

// The recording stands for the install: a cut out of it leaves what a cut of the running install leaves.
TEST_F(TortureJudge, ACutOfTheRecordingIsACutOfTheInstall) {  // F-131 F-132
    Recording recording;
    flash::Controller& flash = rig_->chip().flash();
    rig_->start();
    flash.on_step = [&](const flash::Controller::Step& step) { recording.steps.push_back(step); };
    ASSERT_TRUE(rig_->reset().ok());
    flash.on_step = {};
    ASSERT_GT(recording.steps.size(), 30U);
    for (std::size_t cut = 1; cut <= recording.steps.size(); ++cut)
        for (const auto where : {flash::Controller::Cut::before, flash::Controller::Cut::inside}) {
            rig_->start();
            flash.set_cut_at(flash.steps() + cut, cut, where);
            rig_->chip().press_reset();
            ASSERT_TRUE(flash.power_is_cut());
            const flash::Image real = flash.image();
            rig_->replay(recording, cut - 1);
            if (where == flash::Controller::Cut::inside) flash.tear(recording.steps[cut - 1], cut);
            const flash::Image replayed = flash.image();
            for (unsigned bank = 0; bank < 2; ++bank) {
                EXPECT_TRUE(real.user[bank].data == replayed.user[bank].data) << cut;
                EXPECT_TRUE(real.user[bank].words == replayed.user[bank].words) << cut;
            }
            EXPECT_TRUE(real.system2.data == replayed.system2.data) << cut;
            EXPECT_TRUE(real.system2.words == replayed.system2.words) << cut;
            EXPECT_EQ(real.options, replayed.options) << cut;
        }
}

TEST_F(TortureJudge, SeesOldAndBlank) {
    EXPECT_EQ(after([](auto&) {}).state, State::old);
    const Seen blank = after([](flash::Controller& f) {
        f.repeat(erase(0x0800'0000));
        f.repeat(erase(0x0810'0000));
    });
    EXPECT_EQ(blank.state, State::blank);
    EXPECT_TRUE(blank.broken.empty());
}

TEST_F(TortureJudge, CatchesPlaintextLeftBehind) {  // 4.9: blank, old or complete
    const Seen seen = after([&](flash::Controller& f) {
        f.repeat(erase(0x0800'0000));
        f.repeat(erase(0x0810'0000));
        const ByteView bytes = plan_.pieces[0].bytes;
        for (std::size_t at = 0; at < bytes.size(); at += 32)
            f.repeat(word(kSecure + static_cast<Address>(at), bytes.subspan(at)));
    });
    EXPECT_EQ(seen.state, State::broken);
    ASSERT_FALSE(seen.broken.empty());
    EXPECT_THAT(seen.broken[0], HasSubstr("0x08000000 holds plaintext of the image"));
    const Reading reading = read_by_everybody(*rig_, probes(plan_, *rig_, 24, 1), false);
    for (const char* who : {"CM7", "CM4", "MDMA", "DMA1", "DMA2D", "AP0", "flash CRC unit"})
        EXPECT_THAT(reading.leaks, testing::Contains(HasSubstr(who))) << who;
}

TEST_F(TortureJudge, CatchesUnauthenticatedBytes) {  // 4.9: no unauthenticated byte in flash
    const Seen seen =
        after([&](flash::Controller& f) { f.repeat(word(kSecure + 0x400, pattern(32, 0x55))); });
    ASSERT_FALSE(seen.broken.empty());
    EXPECT_THAT(seen.broken[0],
                HasSubstr("0x08000400 holds bytes that are neither the image's nor the old ones"));
}

TEST_F(TortureJudge, CatchesATornWordAndOtherOptions) {
    Seen seen = after([](flash::Controller& f) { f.inject_ecc(0x0800'0000, flash::WordState::ecc_double); });
    EXPECT_THAT(seen.broken, testing::Contains(HasSubstr("a torn word is left in bank 1")));
    seen = after([](flash::Controller& f) {
        flash::OptionWords words = f.options();
        words[flash::kWpsn2] = 0x7F;
        f.repeat({std::nullopt, words});
    });
    EXPECT_THAT(seen.broken,
                testing::Contains(HasSubstr("the option words are neither the old nor the image's")));
}

TEST_F(TortureJudge, CatchesAWrittenJournalAndAChangedChipAfterARefusal) {
    rig_->start();
    EXPECT_TRUE(judge_.untouched().empty());
    rig_->chip().flash().repeat(word(0x1FF4'0000, pattern(32, 1)));
    rig_->chip().flash().repeat(word(0x0801'0000, pattern(32, 1)));
    EXPECT_THAT(judge_.untouched(), testing::UnorderedElementsAre(HasSubstr("flash was changed"),
                                                                  HasSubstr("the journal was written")));
}

TEST_F(TortureJudge, CatchesAKeyOrPlaintextInRam) {
    rig_->start();
    EXPECT_TRUE(judge_.ram_is_clean().empty());
    const auto put = [&](Address at, ByteView bytes) {
        for (unsigned i = 0; i < 16; i += 4)
            ASSERT_TRUE(rig_->chip().write({at + i, 4, Op::write, Master::mdma, Context::application, true},
                                           load_le32(bytes, i)));
    };
    put(0x2401'0000, plan_.key.key.view());
    put(0x3000'1000, plan_.pieces[1].bytes);
    EXPECT_THAT(judge_.ram_is_clean(), testing::ElementsAre(HasSubstr("the firmware key stands in RAM"),
                                                            HasSubstr("plaintext stands in RAM")));
}

TEST(TortureReaders, MayReadFollowsTheManual) {  // F-200 F-219 F-229
    flash::OptionWords words = flash::kFactoryOptions;
    EXPECT_TRUE(may_read(words, 0x0800'0000, Master::ap0, true));
    words[flash::kPrar2] = 0x0003'0000;
    EXPECT_FALSE(may_read(words, 0x0810'0000, Master::cm7, false));
    EXPECT_TRUE(may_read(words, 0x0810'0400, Master::cm7, false));
    words[flash::kScar1] = 0x0003'0000;
    EXPECT_TRUE(may_read(words, 0x0800'0000, Master::cm4, false)) << "SECURITY = 0";
    words[flash::kOptsr] |= 1U << 21;
    EXPECT_FALSE(may_read(words, 0x0800'0000, Master::cm4, false));
    words[flash::kOptsr] = (words[flash::kOptsr] & ~0xFF00U) | 0xBB00U;
    EXPECT_TRUE(may_read(words, 0x0800'1000, Master::dma1, false));
    EXPECT_FALSE(may_read(words, 0x0800'1000, Master::dma1, true));
    EXPECT_FALSE(may_read(words, 0x0800'1000, Master::ap3, false));
}

TEST(TortureReport, AViolationSaysHowToSeeItAgain) {
    Report report{7, 2, 5, {}};
    report.lines.push_back({0, "install", Group::cuts, {"complete", 1, 10, {}}});
    report.lines.push_back(
        {1, "cut/3/inside/7000", Group::cuts, {"broken", 1, 10, {"AP0 reads <plaintext>"}}});
    const std::string again = "h7rss sfi torture a b c --seed 7 --only cut/3/inside/7000";
    EXPECT_THAT(table(report, "h7rss sfi torture a b c"), HasSubstr("again: " + again));
    EXPECT_THAT(table(report, "h7rss sfi torture a b c"),
                HasSubstr("torture: 2 cycles, 20 reads, 1 violations\n"));
    const auto json = to_json(report, "h7rss sfi torture a b c");
    EXPECT_EQ(json["broken"][0]["again"], again);
    EXPECT_EQ(json["violations"], 1);
    const std::string xml = junit(report, "h7rss sfi torture a b c");
    EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"1\""));
    EXPECT_THAT(xml, HasSubstr("AP0 reads &lt;plaintext&gt;"));
}

}  // namespace
}  // namespace h7::test

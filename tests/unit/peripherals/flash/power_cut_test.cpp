// The power fails inside a flash step.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashPowerCut : public FlashBench {
protected:
    FlashPowerCut() {
        flash.power_cut = [this] { ++cuts; };
        for (unsigned i = 0; i < 100; ++i) program(kBank1 + 32 * i, 0x1000'0000 + i);
        flash.set_cut_at(flash.steps() + 1, 42);
    }
    void power_cycle() { flash.reset(ResetKind::power_on); }
    int cuts = 0;
};

TEST_F(FlashPowerCut, TearsAWord) {  // F-132
    program(kBank2, 0x1234'0000);
    EXPECT_EQ(cuts, 1);
    EXPECT_TRUE(flash.power_is_cut());
    EXPECT_EQ(flags(2), 0U);
    power_cycle();
    EXPECT_EQ(flash.image().user[1].words[0], WordState::ecc_double);
    EXPECT_FALSE(load(kBank2));
    for (unsigned i = 0; i < 8; ++i)  // bits only fall, and only those that were to fall
        EXPECT_EQ(load_le32(flash.user(1).bytes(), 4 * i) & (0x1234'0000U + i), 0x1234'0000U + i);
}

TEST_F(FlashPowerCut, ErasesASectorPartly) {  // F-132
    erase_sector(kBank1);
    EXPECT_EQ(cuts, 1);
    power_cycle();
    const Image image = flash.image();
    std::array<unsigned, 4> count{};
    for (unsigned i = 0; i < 100; ++i) ++count[static_cast<unsigned>(image.user[0].words[i])];
    EXPECT_GT(count[0], 0U);
    EXPECT_GT(count[1], 0U);
    EXPECT_GT(count[3], 0U);
    for (unsigned i = 0; i < 100; ++i)
        EXPECT_TRUE(image.user[0].words[i] != WordState::programmed ||
                    value_at(kBank1 + 32 * i) == 0x1000'0000U + i);
}

TEST_F(FlashPowerCut, TakesNoOptionChange) {  // F-131
    change(kWpsnPrg, 0xFE);
    EXPECT_EQ(cuts, 1);
    power_cycle();
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    EXPECT_EQ(get(kWpsnPrg), 0xFFU);
    EXPECT_FALSE(option_error());
}

TEST_F(FlashPowerCut, NothingWorksUntilPowerComesBack) {
    program(kBank2);
    program(kBank2 + 32);
    ASSERT_TRUE(put(kAcr, 0));
    EXPECT_EQ(get(kAcr), 0x37U);
    EXPECT_TRUE(erased(kBank2 + 32, 32));
    flash.reset(ResetKind::system);
    EXPECT_TRUE(flash.power_is_cut());
    power_cycle();
    program(kBank2 + 32);
    EXPECT_EQ(flags(2), sr::kEop);
    EXPECT_EQ(cuts, 1);
}

TEST_F(FlashPowerCut, CutsInsideABankErase) {
    flash.set_cut_at(flash.steps() + 3, 7);  // in the third sector
    program(kBank1 + 7 * kSectorBytes);      // first step
    ASSERT_TRUE(put(kCr, kBer | kStart));
    EXPECT_EQ(cuts, 1);
    power_cycle();
    EXPECT_TRUE(erased(kBank1, kSectorBytes));
    EXPECT_FALSE(erased(kBank1 + 7 * kSectorBytes, 32));
}

TEST_F(FlashPowerCut, TheRestOfTheWriteThatLostThePowerIsLostToo) {  // F-131: one store asks for two things
    unlock(1);
    unlock(2);
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    program(kBank2 + 7 * kSectorBytes);  // the first step after the fixture's: the power fails here
    power_cycle();
    unlock(1);
    unlock(2);
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    flash.set_cut_at(flash.steps() + 1, 7);
    ASSERT_TRUE(put(kOptcr, kMer | kOptstart));
    EXPECT_TRUE(flash.power_is_cut());
    EXPECT_EQ(sr(1) | sr(2), 0U);
    EXPECT_FALSE(flash.busy());
    EXPECT_EQ(flash.options()[kWpsn1], 0xFFU);
    EXPECT_EQ(cuts, 2);
}

TEST_F(FlashPowerCut, ARegressionCutAnywhereStaysAtLevelOne) {  // F-131 F-208
    for (std::uint64_t step = 1; step <= 17; ++step) {
        flash.set_image(Image{});
        flash.set_cut_at(0, 0);
        flash.reset(ResetKind::power_on);
        bool regions = false;
        flash.secured_regions_erased = [&] { regions = true; };
        set_rdp(0x55);
        flash.set_cut_at(flash.steps() + step, step);
        set_rdp(0xAA);
        EXPECT_TRUE(flash.power_is_cut()) << step;
        EXPECT_TRUE(regions);
        power_cycle();
        EXPECT_EQ(flash.rdp(), security::Rdp::level1) << step;
    }
}

TEST_F(FlashPowerCut, TheSameSeedTearsTheSameBits) {
    std::array<Image, 2> images;
    for (Image& image : images) {
        flash.set_image(Image{});
        flash.set_cut_at(flash.steps() + 1, 99);
        flash.reset(ResetKind::power_on);
        program(kBank1, 0);
        image = flash.image();
    }
    EXPECT_EQ(images[0].user[0].data, images[1].user[0].data);
}

// What a tool records of one run stands for a run cut at any of its steps.
TEST_F(FlashPowerCut, AStepIsRepeatedAndTornAsTheCutLeftIt) {  // F-131 F-132
    const auto fresh = [&] {
        Image image;
        image.user[0].data.assign(kSectorBytes, 0x5A);
        image.user[0].words.assign(kSectorBytes / 32, WordState::programmed);
        flash.set_cut_at(0, 0);
        flash.set_image(image);
        flash.reset(ResetKind::power_on);
    };
    const auto scenario = [&] {
        program(kBank1 + kSectorBytes, 3);
        if (!flash.power_is_cut()) program(kBank2, 4);
        if (!flash.power_is_cut()) erase_sector(kBank1);
        if (!flash.power_is_cut()) change(kWpsnPrg, 0xFE);
    };
    const auto same = [](const Image& a, const Image& b) {
        const auto alike = [](const ArrayImage& x, const ArrayImage& y) {
            return x.data == y.data && x.words == y.words;
        };
        return alike(a.user[0], b.user[0]) && alike(a.user[1], b.user[1]) && a.options == b.options;
    };
    std::vector<Controller::Step> steps;
    fresh();
    flash.on_step = [&](const Controller::Step& step) { steps.push_back(step); };
    scenario();
    flash.on_step = {};
    ASSERT_EQ(steps.size(), 4U);
    for (std::size_t cut = 1; cut <= steps.size(); ++cut)
        for (const auto where : {Controller::Cut::before, Controller::Cut::inside}) {
            fresh();
            flash.set_cut_at(flash.steps() + cut, 7 * cut, where);
            scenario();
            ASSERT_TRUE(flash.power_is_cut());
            const Image was = flash.image();
            fresh();
            for (std::size_t n = 0; n + 1 < cut; ++n) flash.repeat(steps[n]);
            if (where == Controller::Cut::inside) flash.tear(steps[cut - 1], 7 * cut);
            EXPECT_TRUE(same(flash.image(), was)) << cut;
        }
}

}  // namespace
}  // namespace h7::flash

// The memory of who programmed a flash word first (D-12): what it keeps, what it forgets, where it goes.
#include "peripherals/flash/first_writer.hpp"

#include <gmock/gmock.h>

#include "emulator/fabric/trace.hpp"
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

using testing::Contains;
using testing::HasSubstr;

class FlashFirstWriter : public FlashBench {
protected:
    FlashFirstWriter() {
        flash.pc_of = [this](Master) {
            ++asked;
            return pc;
        };
        flash.set_trace(&trace);
        trace.set_sink([this](std::string_view line) { lines.emplace_back(line); });
    }
    std::string who(Address canonical) {
        const auto writer = flash.first_writer(canonical);
        return writer ? text_of(*writer) : "nobody";
    }
    Address pc = 0x0800'1000;
    unsigned asked = 0;
    Trace trace;
    std::vector<std::string> lines;
};

TEST_F(FlashFirstWriter, IsTheFirstStoreIntoTheBuffer) {  // D-12
    unlock();
    ASSERT_TRUE(put(kCr, kPg));
    let_pass(5 * kMicrosecond);
    ASSERT_TRUE(store(kBank1 + 64, 1, 8));
    pc = 0x0800'2000;
    let_pass(kMillisecond);
    for (unsigned i = 8; i < 32; i += 8) ASSERT_TRUE(store(kBank1 + 64 + i, 1, 8));
    EXPECT_EQ(who(kBank1 + 64), "CM7 (application), the store at pc 0x08001000, 5000000 ps after power-on");
    EXPECT_EQ(asked, 1U) << "the core is asked once a word";
    EXPECT_EQ(who(kBank1), "nobody");
}

TEST_F(FlashFirstWriter, ForceWriteAndQueueKeepIt) {  // D-12 F-059 F-010
    flash.set_timing(Timing::typical());
    unlock();
    ASSERT_TRUE(put(kCr, kPg));
    store_word(kBank1, 1);
    pc = 0x0800'3000;
    ASSERT_TRUE(store(kBank1 + 32, 7, 1));
    pc = 0x0800'4000;
    ASSERT_TRUE(put(kCr, kPg | kFw));
    let_pass(kSecond);
    EXPECT_EQ(flash.first_writer(kBank1)->pc, 0x0800'1000U);
    EXPECT_EQ(flash.first_writer(kBank1 + 32)->pc, 0x0800'3000U);
    EXPECT_EQ(flash.first_writer(kBank1 + 32)->when, 0U);
}

TEST_F(FlashFirstWriter, ALostBufferLeavesNoTrace) {  // D-12 F-063
    unlock();
    ASSERT_TRUE(put(kCr, kPg));
    ASSERT_TRUE(store(kBank1, 1, 8));
    ASSERT_TRUE(put(kCr, 0));
    pc = 0x0800'5000;
    as(Master::cm4);
    program(kBank1);
    EXPECT_EQ(who(kBank1), "CM4 (application), the store at pc 0x08005000, 0 ps after power-on");
}

TEST_F(FlashFirstWriter, StaysTheFirstWhenTheWordIsSpoiledAndGoesWithTheErase) {  // D-12 F-034 F-036
    program(kBank1, 0xFFFF'0000);
    pc = 0x0800'6000;
    as(Master::cm4);
    program(kBank1, 0x0000'FFFF);
    EXPECT_EQ(flash.first_writer(kBank1)->master, Master::cm7);
    EXPECT_THAT(lines,
                Contains(HasSubstr("the flash word at 0x08000000 was not erased: its ECC is bad until it is "
                                   "(D-12); programmed again by: CM4 (application), the store at pc "
                                   "0x08006000, 0 ps after power-on; first by: CM7 (application), the store "
                                   "at pc 0x08001000, 0 ps after power-on")));
    EXPECT_FALSE(load(kBank1));
    EXPECT_THAT(
        lines.back(),
        HasSubstr("DBECCERR1: read at 0x08000000 by CM4 (application) meets a double ECC error, F-036; the "
                  "flash word was first programmed by: CM7 (application), the store at pc 0x08001000"));
    EXPECT_EQ(flash.judge(kBank1, security::Action::read, Master::cm7, Context::application).writer.pc,
              0x0800'1000U);
    erase_sector(kBank1);
    EXPECT_EQ(who(kBank1), "nobody");
    program(kBank1);
    EXPECT_EQ(flash.first_writer(kBank1)->pc, 0x0800'6000U);
}

TEST_F(FlashFirstWriter, ATornWordHasOneToo) {  // D-12 F-132
    flash.set_cut_at(flash.steps() + 1, 42);
    program(kBank2);
    flash.reset(ResetKind::power_on);
    ASSERT_FALSE(load(kBank2));
    EXPECT_EQ(flash.first_writer(kBank2)->pc, 0x0800'1000U);
}

TEST_F(FlashFirstWriter, AnInjectedErrorHasNone) {  // D-12 F-035
    flash.inject_ecc(kBank1, WordState::ecc_single);
    EXPECT_EQ(who(kBank1), "not known");
    EXPECT_TRUE(load(kBank1));
    EXPECT_THAT(lines.back(),
                HasSubstr("SNECCERR1: read at 0x08000000 by CM7 (application) meets a single ECC "
                          "error, F-035; the flash word was first programmed by: not known"));
}

TEST_F(FlashFirstWriter, GoesThroughSnapshotAndImage) {  // D-12
    program(kBank1 + 0x4000);
    program(kBank2 + 32);
    ASSERT_TRUE(store(kBank1, 1, 8));  // begun, not complete
    StateWriter out;
    flash.save(out);
    Controller other{Geometry{}, Ports{clock, secure}};
    StateReader in(out.data());
    other.load(in);
    ASSERT_TRUE(in.finish()) << in.finish().error().message;
    EXPECT_EQ(other.first_writer(kBank1 + 0x4000), flash.first_writer(kBank1 + 0x4000));
    for (unsigned i = 8; i < 32; i += 8) ASSERT_TRUE(other.write_array(at(kBank1 + i, 8, Op::write), 1));
    EXPECT_EQ(other.first_writer(kBank1)->pc, pc);

    Controller third{Geometry{}, Ports{clock, secure}};
    third.set_image(flash.image());
    EXPECT_EQ(third.first_writer(kBank2 + 32), flash.first_writer(kBank2 + 32));
    EXPECT_TRUE(third.image().user[0].writers == flash.image().user[0].writers);
    EXPECT_FALSE(third.image().user[0].writers == FirstWriters{});
}

TEST(FirstWriters, ABlankChipHasNoPages) {
    FirstWriters all;
    all.forget(0, 32768);
    EXPECT_EQ(all.of(5), FirstWriter{});
    EXPECT_EQ(all.pages(), 0U);
    all.set(1000, {.pc = 2, .origin = FirstWriter::Origin::store});
    EXPECT_EQ(all.page(6), Bytes{});
    EXPECT_EQ(all.page(7).size(), 2048U);
    all.forget(1000, 1);
    EXPECT_TRUE(all == FirstWriters{});
    all.set(1000, {.pc = 2, .origin = FirstWriter::Origin::store});
    all.set(1001, {.pc = 4, .origin = FirstWriter::Origin::store});
    all.limit(1001);
    EXPECT_TRUE(all.of(1000).known());
    EXPECT_FALSE(all.of(1001).known());
}

TEST(FirstWriters, APageOfNonsenseIsRefused) {
    FirstWriters all;
    Bytes page(2048, 0);
    EXPECT_TRUE(all.set_page(0, page));
    EXPECT_FALSE(all.set_page(0, ByteView(page).first(2047)));
    for (const auto& [at, value] : {std::pair{4, int{kMasters}}, {5, 4}, {6, 3}, {7, 1}}) {
        Bytes bad = page;
        bad[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
        EXPECT_FALSE(all.set_page(0, bad)) << at;
    }
}

}  // namespace
}  // namespace h7::flash

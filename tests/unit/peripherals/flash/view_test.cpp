// view(): what a master may keep in its TLB must say what read_array() would have said.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashView : public FlashBench {
protected:
    View seen(Address address, Master who = Master::cm7, Context code = Context::application) {
        return flash.view(address, who, code);
    }
    /// For every word of the granule, view and read_array agree.
    void agree(Address address, Master who, Context code) {
        const View view = seen(address, who, code);
        const Address first = align_down(address, view.granule);
        as(who, code);
        for (Address at = first; at < first + view.granule; at += 32) {
            (void)put(kCcr, ~0U);
            (void)put(kCcr + kB2, ~0U);
            const bool clean_read = load(at).has_value() && (flags(1) | flags(2)) == 0;
            EXPECT_TRUE(clean_read || !view.read) << std::hex << at;
            (void)put(kCcr, ~0U);
            (void)put(kCcr + kB2, ~0U);
            const bool clean_fetch = fetch(at).has_value() && (flags(1) | flags(2)) == 0;
            EXPECT_EQ(view.execute, clean_fetch) << std::hex << at;
        }
    }
};

TEST_F(FlashView, PlainFlashIsReadableAndExecutableInKilobytes) {
    const View view = seen(kBank1 + 0x12345 % 0x10000);
    EXPECT_TRUE(view.read);
    EXPECT_TRUE(view.execute);
    EXPECT_EQ(view.granule, 1024U);
    EXPECT_EQ(view.canonical, kBank1 + 0x2345);
    EXPECT_FALSE(view.stalled);
}

TEST_F(FlashView, ALimitInsideTheKilobyteCutsTheGranule) {  // F-218 F-219 F-220
    change(kPrarPrg, 0x0009'0000);  // blocks 0..9: ends in the middle of the third KiB
    EXPECT_EQ(seen(kBank1 + 0x400).granule, 1024U);
    EXPECT_EQ(seen(kBank1 + 0x900).granule, 256U);
    EXPECT_FALSE(seen(kBank1 + 0x9FC).read);
    EXPECT_TRUE(seen(kBank1 + 0x9FC).execute);
    EXPECT_TRUE(seen(kBank1 + 0xA00).read);
    EXPECT_FALSE(seen(kBank1, Master::cm4).execute);
}

// Many bytes at once are what as many loads give, and end where a load would raise a flag or fault.
TEST_F(FlashView, PlainReadsEndWhereALoadIsMoreThanALoad) {  // F-035 F-229 D-08
    for (Address at = 0; at < 0x1000; at += 32) program(kBank1 + at, at);
    const auto plain = [&](Address from, std::size_t size, Context code = Context::application) {
        Bytes bytes(size);
        const std::size_t count = flash.read_plain(from, Master::cm7, code, bytes);
        as(Master::cm7, code);
        for (std::size_t i = 0; i < count; i += 8)
            EXPECT_EQ(load_le<std::uint64_t>(bytes.data() + i), value_at(from + static_cast<Address>(i), 8));
        return count;
    };
    EXPECT_EQ(plain(kBank1, 0x1000), 0x1000U);
    EXPECT_EQ(plain(kBank2 - 0x100, 0x200), 0x200U) << "over both banks";
    EXPECT_EQ(plain(kBank2 + 0xF'FFF8, 0x10), 8U) << "not beyond the end";
    EXPECT_EQ(plain(0x1FF4'0000, 64), 0U);
    EXPECT_EQ(plain(0x1FF4'0000, 64, Context::rss), 64U);
    flash.inject_ecc(kBank1 + 0x820, WordState::ecc_single);
    EXPECT_EQ(plain(kBank1, 0x1000), 0x800U);
    EXPECT_EQ(plain(kBank1 + 0x800, 64), 0U);
    EXPECT_EQ(plain(kBank1 + 0x900, 0x700), 0x700U);
    change(kPrarPrg, 0x000B'000A);
    EXPECT_EQ(plain(kBank1 + 0x900, 0x700), 0x100U);
    EXPECT_EQ(plain(kBank1 + 0xA00, 8), 0U);
}

TEST_F(FlashView, BadWordsAreReadOneByOne) {  // F-035 F-036
    program(kBank1 + 0x800);
    flash.inject_ecc(kBank1 + 0x820, WordState::ecc_single);
    const View near = seen(kBank1 + 0x800);
    EXPECT_FALSE(near.read);
    EXPECT_TRUE(near.execute);
    EXPECT_EQ(near.granule, 256U);
    EXPECT_TRUE(seen(kBank1 + 0x900).read);
    EXPECT_EQ(seen(kBank1 + 0x900).granule, 256U);
    flash.inject_ecc(kBank1 + 0x820, WordState::ecc_double);
    EXPECT_FALSE(seen(kBank1 + 0x820).execute);
    EXPECT_TRUE(seen(kBank1 + 0x800).execute);
    flash.inject_ecc(kBank1 + 0x820, WordState::programmed);
    EXPECT_EQ(seen(kBank1 + 0x900).granule, 1024U);
}

TEST_F(FlashView, SaysWhatAReadWouldSay) {  // F-236
    change(kPrarPrg + kB2, 0x0025'0011);
    secure_boot();
    as(Master::cm7, Context::rss);
    change(kScarPrg, 0x0013'0006);
    change(kScarPrg + kB2, 0x001F'0000);
    for (const Master who : {Master::cm7, Master::cm4})
        for (const Context code : {Context::application, Context::secure_user, Context::rss}) {
            if (who == Master::cm4 && code != Context::application) continue;
            for (Address at = 0; at < 0x3000; at += 0x100) {
                agree(kBank1 + at, who, code);
                agree(kBank2 + at, who, code);
            }
            for (const Address at :
                 {0x1FF0'0000U, 0x1FF0'7F00U, 0x1FF0'8000U, 0x1FF1'FF00U, 0x1FF4'0000U, 0x1FF5'FF00U})
                agree(at, who, code);
        }
}

TEST_F(FlashView, RightsChangedIsHeardWhenOptionsChange) {  // F-148
    unsigned heard = 0;
    flash.rights_changed = [&] { ++heard; };
    change(kPrarPrg, 0x000F'0000);
    EXPECT_GT(heard, 0U);
    heard = 0;
    program(kBank1 + 0x2000);
    EXPECT_EQ(heard, 0U);                   // programming with the turbo clock changes no rights
    program(kBank1 + 0x2000, 0x0F0F'0F0F);  // ECC goes bad
    EXPECT_EQ(heard, 1U);
}

TEST_F(FlashView, ReservedIsNothing) {
    const View view = seen(0x1FF2'0000);
    EXPECT_FALSE(view.read);
    EXPECT_FALSE(view.execute);
}

}  // namespace
}  // namespace h7::flash

#include "emulator/chip_file/dump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emulator/chip_file/chip_file.hpp"

namespace h7 {
namespace {

using flash::WordState;
using testing::HasSubstr;

flash::Image blank(bool swap = false) {
    flash::Image image = blank_image(1U << 20);
    if (swap) image.options[flash::kOptsr] |= 1U << 31;
    return image;
}
loader::Program program_at(Address address, Bytes bytes) {
    loader::Program program;
    program.path = "dump.bin";
    program.segments.push_back({address, std::move(bytes), "contents"});
    return program;
}
bool same(const flash::Image& a, const flash::Image& b) {
    return a.user[0].data == b.user[0].data && a.user[0].words == b.user[0].words &&
           a.user[1].data == b.user[1].data && a.user[1].words == b.user[1].words;
}

TEST(Dump, OnesAreErasedAndTheRestIsProgrammed) {  // F-031
    flash::Image image = blank();
    Bytes bytes(96, 0xFF);
    bytes[33] = 0;
    ASSERT_TRUE(place_dump(image, program_at(0x0800'0000, bytes)));
    EXPECT_EQ(image.user[0].words[0], WordState::erased);
    EXPECT_EQ(image.user[0].words[1], WordState::programmed);
    EXPECT_EQ(image.user[0].words[2], WordState::erased);
    const auto segments = dump_of(image);
    ASSERT_EQ(segments.size(), 1U);
    EXPECT_EQ(segments[0].address, 0x0800'0020U);
}

TEST(Dump, AddressesAreThoseOfTheBus) {  // F-121
    flash::Image image = blank(true);
    ASSERT_TRUE(place_dump(image, program_at(0x0800'0000, Bytes(32, 1))));
    EXPECT_EQ(image.user[1].words[0], WordState::programmed);
    EXPECT_EQ(image.user[0].words[0], WordState::erased);
    EXPECT_EQ(dump_of(image)[0].address, 0x0800'0000U);
}

TEST(Dump, ComesBackToTheLastState) {  // D-12, F-035, F-036
    flash::Image image = blank(true);
    ASSERT_TRUE(place_dump(image, program_at(0x080F'FFF0, Bytes(64, 5))));  // over the middle
    image.user[0].words[7] = WordState::ecc_double;
    image.user[1].words[9] = WordState::ecc_single;
    image.user[1].words[100] = WordState::programmed;  // ones, programmed
    flash::Image again = blank(true);
    for (loader::Segment& segment : dump_of(image))
        ASSERT_TRUE(place_dump(again, program_at(segment.address, segment.bytes)));
    EXPECT_FALSE(same(again, image));
    ASSERT_TRUE(apply_word_states(again, word_states(image), "states"));
    EXPECT_TRUE(same(again, image));
    EXPECT_EQ(word_states(blank()), "");
}

TEST(Dump, RefusesWhatIsNotUserFlash) {
    flash::Image image = blank();
    for (const Address address : {0x07FF'FFFFU, 0x081F'FFFFU, 0x2000'0000U, 0xFFFF'FFFEU}) {
        const auto done = place_dump(image, program_at(address, Bytes(4, 0)));
        ASSERT_FALSE(done);
        EXPECT_THAT(done.error().message, HasSubstr("dump.bin: contents: 0x"));
    }
    for (const char* text : {"0x08000000", "0x08000001 double", "0x08000000 rotten", "0x20000000 double",
                             "0x08000000 double twice", "there double"}) {
        const auto done = apply_word_states(image, text, "s.txt");
        ASSERT_FALSE(done) << text;
        EXPECT_THAT(done.error().message, HasSubstr("s.txt: line 1"));
    }
}

}  // namespace
}  // namespace h7

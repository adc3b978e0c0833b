#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "emulator/base/bits.hpp"
#include "emulator/base/bytes.hpp"
#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/base/random.hpp"

namespace h7 {
namespace {

using ::testing::HasSubstr;

TEST(Bits, FieldsAsTheManualPrintsThem) {
    EXPECT_EQ(mask(31, 0), 0xFFFF'FFFFU);
    EXPECT_EQ(mask(10, 8), 0x700U);
    EXPECT_EQ(extract(0x17C6'AAF0, 15, 8), 0xAAU);
    EXPECT_EQ(insert(0x17C6'AAF0, 15, 8, 0xBB), 0x17C6'BBF0U);
    EXPECT_EQ(insert(0, 7, 4, 0x123), 0x30U);
    EXPECT_EQ(align_up(33U, 32U), 64U);
    EXPECT_TRUE(aligned(0x0802'0000U, 0x20U));
}

TEST(Bytes, BothEndiannesses) {
    std::uint8_t b[8];
    store_le<std::uint32_t>(b, 0x1122'3344);
    EXPECT_EQ(b[0], 0x44);
    EXPECT_EQ(load_le<std::uint32_t>(b), 0x1122'3344U);
    store_be<std::uint64_t>(b, 0x0102'0304'0506'0708U);
    EXPECT_EQ(b[0], 1);
    EXPECT_EQ(load_be<std::uint64_t>(b), 0x0102'0304'0506'0708U);
    wipe(b);
    EXPECT_EQ(load_le<std::uint64_t>(b), 0U);
}

TEST(Hex, RefusesWhatIsNotHex) {
    EXPECT_EQ(from_hex("00fFa5").value(), (Bytes{0x00, 0xFF, 0xA5}));
    EXPECT_EQ(to_hex(Bytes{0x00, 0xFF}), "00ff");
    EXPECT_THAT(from_hex("0").error().message, HasSubstr("even number"));
    EXPECT_THAT(from_hex("0g").error().message, HasSubstr("'0g'"));
    EXPECT_EQ(parse_number("0x1FF0").value(), 0x1FF0U);
    EXPECT_EQ(parse_number("0b101").value(), 5U);
    EXPECT_EQ(parse_number("4294967295").value(), 0xFFFF'FFFFU);
    for (const char* bad : {"", "0x", "12z", "4294967296", "-1", " 1"})
        EXPECT_FALSE(parse_number(bad)) << bad;
}

class FileTest : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directory(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("h7-file-" + std::to_string(::getpid()));
};

TEST_F(FileTest, IsReplacedWholeWithTheModeAskedFor) {
    const auto path = folder_ / "secret";
    ASSERT_TRUE(write_file(path, Bytes{1, 2, 3}, Mode::secret));
    ASSERT_TRUE(write_file(path, Bytes{4}, Mode::secret));
    EXPECT_EQ(read_file(path).value(), Bytes{4});
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);  // no temporary left
}

TEST_F(FileTest, ErrorsNameTheFileAndTheReason) {
    EXPECT_THAT(read_file(folder_ / "absent").error().message,
                HasSubstr("absent: cannot open: No such file"));
    EXPECT_THAT(read_file(folder_).error().message, HasSubstr("is a directory"));
    EXPECT_THAT(write_file(folder_ / "no" / "where", Bytes{}).error().message, HasSubstr("cannot create"));
    ASSERT_TRUE(write_file(folder_ / "big", Bytes(100)));
    EXPECT_THAT(read_file(folder_ / "big", 99).error().message, HasSubstr("larger than the 99 bytes"));
}

TEST(SeededRandom, TheSameSeedGivesTheSameBytes) {
    Bytes a(37), b(37);
    SeededRandom(7).fill(a);
    SeededRandom(7).fill(b);
    EXPECT_EQ(a, b);
    SeededRandom(8).fill(b);
    EXPECT_NE(a, b);
    EXPECT_EQ(SeededRandom(0).next(),
              0xE220'A839'7B1D'CDAFU);  // published first output of SplitMix64, seed 0
}

Result<int> half(int x) {
    if (x % 2 != 0) return misuse("odd");
    return x / 2;
}
Result<int> quarter(int x) { return half(TRY(half(x))); }

TEST(Result, TryHandsTheErrorUp) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(quarter(6).error().code, ExitCode::misuse);
}

}  // namespace
}  // namespace h7

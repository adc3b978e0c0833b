// Files: inside the folder everything fopen wants, outside of it nothing.
#include <sys/stat.h>

#include "guest.hpp"

namespace h7::semihosting::test {
namespace {

class Files : public SessionTest {};

TEST_F(Files, NoneWithoutAFolder) {
    EXPECT_EQ(open("out.txt", 4), kFailed);
    EXPECT_EQ(error(), 13U);
    EXPECT_EQ(open("other\n.txt", 4), kFailed);
    EXPECT_EQ(call(0x0E, {guest.put("x"), 1}), kFailed);
    EXPECT_EQ(call(0x0F, {guest.put("x"), 1, guest.put("y"), 1}), kFailed);
    ASSERT_EQ(notices.size(), 1U) << "said once";
    EXPECT_EQ(notices[0],
              "semihosting: the firmware asks for the file 'out.txt' and is given no folder "
              "(run --semihosting-folder DIR)");
}

TEST_F(Files, AreWrittenReadAndMeasured) {
    allow();
    const std::uint32_t out = open("out.txt", 4);
    ASSERT_NE(out, kFailed);
    EXPECT_EQ(write(out, "hello "), 0U);
    EXPECT_EQ(write(out, "world"), 0U);
    EXPECT_EQ(call(0x0C, {out}), 11U);
    EXPECT_EQ(call(0x09, {out}), 0U) << "no terminal";
    EXPECT_EQ(contents("box/out.txt"), "hello world") << "nothing waits in a buffer";
    EXPECT_EQ(call(0x02, {out}), 0U);
    EXPECT_EQ(call(0x02, {out}), kFailed);
    EXPECT_EQ(error(), 9U);

    const std::uint32_t in = open("./out.txt", 1);
    ASSERT_NE(in, kFailed);
    const Address buffer = guest.block({0, 0, 0, 0, 0});
    EXPECT_EQ(call(0x0A, {in, 6}), 0U);
    EXPECT_EQ(call(0x06, {in, buffer, 20}), 15U);
    EXPECT_EQ(guest.text(buffer, 5), "world");
    EXPECT_EQ(call(0x06, {in, buffer, 20}), 20U) << "the end of the file";
    EXPECT_EQ(write(in, "x"), 1U) << "opened for reading";
}

TEST_F(Files, ModesAreThoseOfFopen) {
    allow();
    make("box/old", "old");
    EXPECT_EQ(open("none", 0), kFailed);
    EXPECT_EQ(error(), 2U);
    EXPECT_EQ(open("none", 2), kFailed);
    const std::uint32_t update = open("old", 3);
    EXPECT_EQ(write(update, "O"), 0U);
    EXPECT_EQ(contents("box/old"), "Old");
    const std::uint32_t append = open("old", 8);
    EXPECT_EQ(write(append, "er"), 0U);
    EXPECT_EQ(contents("box/old"), "Older");
    EXPECT_NE(open("old", 6), kFailed);
    EXPECT_EQ(contents("box/old"), "");
    EXPECT_EQ(open("old", 12), kFailed);
    EXPECT_EQ(open("old", 0xFFFF'FFFF), kFailed);
}

TEST_F(Files, AreRemovedAndRenamed) {
    allow();
    make("box/a", "a");
    std::filesystem::create_directory(directory / "box/sub");
    EXPECT_EQ(call(0x0F, {guest.put("a"), 1, guest.put("sub/b"), 5}), 0U);
    EXPECT_EQ(contents("box/sub/b"), "a");
    EXPECT_EQ(call(0x0E, {guest.put("sub/b"), 5}), 0U);
    EXPECT_FALSE(std::filesystem::exists(directory / "box/sub/b"));
    EXPECT_EQ(call(0x0E, {guest.put("sub/b"), 5}), kFailed);
}

TEST_F(Files, NothingLeadsOutOfTheFolder) {
    allow();
    make("secret", "secret");
    std::filesystem::create_directory(directory / "box/sub");
    std::filesystem::create_symlink("../secret", directory / "box/link");
    std::filesystem::create_symlink("..", directory / "box/up");
    std::filesystem::create_symlink("../new", directory / "box/dangling");
    const std::string absolute = (directory / "secret").string();
    const std::string zero("ok\0../secret", 12);
    for (const std::string& name :
         std::vector<std::string>{"../secret", "sub/../../secret", "link", "up/secret", "dangling", absolute,
                                  "/etc/passwd", zero, "", ".", "..", "sub", "sub/", std::string(5000, 'x')})
        for (const std::uint32_t mode : {0U, 2U, 4U, 6U, 8U, 10U}) {
            EXPECT_EQ(open(name, mode), kFailed) << name << " " << mode;
            guest.next = 0x100;
        }
    const auto at = [&](const std::string& name) { return guest.put(name); };
    EXPECT_EQ(call(0x0E, {at("../secret"), 9}), kFailed);
    EXPECT_EQ(call(0x0E, {at("up/secret"), 9}), kFailed);
    make("box/in", "in");
    EXPECT_EQ(call(0x0F, {at("in"), 2, at("../out"), 6}), kFailed);
    EXPECT_EQ(call(0x0F, {at("../secret"), 9, at("stolen"), 6}), kFailed);
    EXPECT_EQ(call(0x0F, {at("in"), 2, at("up/out"), 6}), kFailed);
    EXPECT_EQ(contents("secret"), "secret");
    EXPECT_FALSE(std::filesystem::exists(directory / "new"));
    EXPECT_FALSE(std::filesystem::exists(directory / "out"));
}

TEST_F(Files, APipeHoldsNobody) {
    allow();
    ASSERT_EQ(mkfifo((directory / "box/pipe").c_str(), 0600), 0);
    for (const std::uint32_t mode : {0U, 2U, 4U}) EXPECT_EQ(open("pipe", mode), kFailed);
}

TEST_F(Files, AreLimitedInNumberAndClosedByARestart) {
    allow();
    std::uint32_t last = 0;
    for (std::size_t n = 0; n < Session::kMostFiles; ++n) last = open("f", 4);
    EXPECT_NE(last, kFailed);
    EXPECT_EQ(open("f", 4), kFailed);
    EXPECT_EQ(error(), 24U);
    session.restart();
    EXPECT_EQ(write(last, "x"), 1U);
    EXPECT_NE(open("f", 4), kFailed);
}

TEST_F(Files, AHandleIsNothingButAHandle) {
    allow();
    for (const std::uint32_t handle : {0U, 4U, 5U, 67U, 68U, 0x8000'0000U, 0xFFFF'FFFFU}) {
        EXPECT_EQ(call(0x02, {handle}), kFailed);
        EXPECT_EQ(write(handle, "x"), 1U);
        EXPECT_EQ(call(0x06, {handle, Guest::kRam, 4}), kFailed);
        EXPECT_EQ(call(0x09, {handle}), kFailed);
        EXPECT_EQ(call(0x0A, {handle, 0}), kFailed);
        EXPECT_EQ(call(0x0C, {handle}), kFailed);
        EXPECT_EQ(error(), 9U);
    }
}

TEST_F(Files, AReadStopsWhereTheMemoryDoes) {
    allow();
    make("box/long", std::string(10000, 'x'));
    const std::uint32_t in = open("long", 0);
    const Address end = Guest::kRam + Guest::kSize;
    EXPECT_EQ(call(0x06, {in, end - 10, 100}), 90U);
    EXPECT_EQ(guest.text(end - 10, 10), "xxxxxxxxxx");
    const std::uint32_t whole = open("long", 0);
    EXPECT_EQ(call(0x06, {whole, Guest::kRam + 0x8000, 0x1'0000}), 0x1'0000U - 10000U);
}

TEST_F(Files, TheFeaturesAreAFileOfTheirOwn) {
    const std::uint32_t features = open(":semihosting-features", 0);
    ASSERT_NE(features, kFailed) << "no folder is needed";
    EXPECT_EQ(call(0x0C, {features}), 5U);
    const Address buffer = guest.block({0, 0});
    EXPECT_EQ(call(0x06, {features, buffer, 5}), 0U);
    EXPECT_EQ(guest.text(buffer, 5), "SHFB\x03");
    EXPECT_EQ(call(0x06, {features, buffer, 5}), 5U);
    EXPECT_EQ(call(0x0A, {features, 4}), 0U);
    EXPECT_EQ(call(0x06, {features, buffer, 1}), 0U);
    EXPECT_EQ(guest.text(buffer, 1), "\x03");
    EXPECT_EQ(write(features, "x"), 1U);
    EXPECT_EQ(open(":semihosting-features", 4), kFailed);
}

TEST_F(Files, AFolderThatIsNoneIsRefused) {
    const auto none = Folder::open((directory / "none").string());
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("cannot open the folder"), std::string::npos);
}

}  // namespace
}  // namespace h7::semihosting::test

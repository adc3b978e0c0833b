// Hosted C programs (newlib, --specs=rdimon.specs) on both cores: what a real C library asks of semihosting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "emulator/semihosting/session.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

using ::testing::HasSubstr;

class Newlib : public testing::TestWithParam<std::pair<const char*, const char*>> {
protected:
    void SetUp() override {
        // Its own: two tests of one core may run at once.
        std::string made = (std::filesystem::temp_directory_path() / "h7rss-newlib-XXXXXX").string();
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        box = made;
    }
    void TearDown() override { std::filesystem::remove_all(box); }
    static std::string name() { return GetParam().second; }

    chip::Stop run(bool with_folder, std::string& said) {
        BenchChip chip = a_chip().flashed(GetParam().first);
        semihosting::Host& host = chip->semihosting();
        host.console = [&](std::string_view text) { said += text; };
        host.input = [lines = std::vector<std::string>{"three\n", "two\n"}](std::size_t) mutable {
            if (lines.empty()) return std::string{};
            std::string line = lines.back();
            lines.pop_back();
            return line;
        };
        if (with_folder) host.folder.emplace(std::move(*semihosting::Folder::open(box.string())));
        chip.power_on();
        return chip.run(kSecond);
    }
    std::filesystem::path box;
};

TEST_P(Newlib, PrintsReadsWritesFilesAndExits) {  // D-32
    std::string said;
    const chip::Stop stop = run(true, said);
    EXPECT_EQ(stop.why, chip::Stop::Why::guest_exit) << said;
    EXPECT_EQ(stop.guest_status, 3U);
    EXPECT_THAT(said, HasSubstr(name() + " says pi is 3.1416\n"));
    EXPECT_THAT(said, HasSubstr(name() + " reads 26 bytes back: abcdefghijklmnopqrstuvwxyz\n"));
    EXPECT_THAT(said, HasSubstr(name() + " renamed and removed it\n"));
    EXPECT_THAT(said, HasSubstr(name() + " hears two\n" + name() + " hears three\n"));
    EXPECT_THAT(said, HasSubstr(name() + " leaves\n"));
    std::ifstream kept(box / (name() + ".kept"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), "kept by the " + name() + "\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(box), {}), 1);

    std::string again;
    run(true, again);
    EXPECT_EQ(again, said) << "times and all: the clock of the program is virtual";  // D-28
}

TEST_P(Newlib, WithoutAFolderItHasNoFiles) {
    std::string said;
    EXPECT_EQ(run(false, said).guest_status, 4U);
    EXPECT_THAT(said, HasSubstr("no file: EACCES\n"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(box), {}), 0);
}

INSTANTIATE_TEST_SUITE_P(BothCores, Newlib,
                         testing::Values(std::pair{"newlib_files_m7", "CM7"},
                                         std::pair{"newlib_files_m4", "CM4"}),
                         [](const auto& core) { return core.param.second; });

}  // namespace
}  // namespace h7::test

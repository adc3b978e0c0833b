#include "emulator/chip_file/chip_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contents.hpp"
#include "emulator/base/file.hpp"

namespace h7 {
namespace {

using test::some_contents;
using testing::HasSubstr;
using Use = ChipFile::Use;

class ChipFiles : public test::InDirectory {
protected:
    std::filesystem::path made(const ChipContents& contents) {
        const auto done = ChipFile::create(file("board.h7"), contents);
        EXPECT_TRUE(done) << done.error().message;
        return file("board.h7");
    }
    std::string refusal(const std::filesystem::path& path, Use use = Use::change) {
        auto opened = ChipFile::open(path, use);
        if (opened) {
            const auto contents = opened->load();
            if (contents) return "accepted";
            EXPECT_EQ(contents.error().code, ExitCode::misuse);
            return contents.error().message;
        }
        EXPECT_EQ(opened.error().code, ExitCode::misuse);
        EXPECT_THAT(opened.error().message, HasSubstr(path.filename().string()));
        return opened.error().message;
    }
    static void sql(const std::filesystem::path& path, const std::string& text) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
        sqlite3_close(db);
    }
};

TEST_F(ChipFiles, KeepsEverythingSiliconKeepsWithoutPower) {
    const ChipContents before = some_contents(1);
    const auto path = made(before);
    const auto after = ChipFile::open(path, Use::look)->load();
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_TRUE(*after == before);
}

TEST_F(ChipFiles, IsForItsOwnerOnly) {  // D-14
    struct stat info {};
    ASSERT_EQ(::stat(made(some_contents(1)).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(files(), 1U);
}

TEST_F(ChipFiles, ABlankChipIsSmallAndStoresNoBlocks) {
    ChipContents blank{
        .part = "STM32H745", .image = blank_image(test::kBankSize), .identity = {}, .ram_seed = 7};
    const auto path = made(blank);
    EXPECT_LT(std::filesystem::file_size(path), 100'000U);
    EXPECT_TRUE(*ChipFile::open(path, Use::look)->load() == blank);
}

TEST_F(ChipFiles, SaveReplacesAllOfItIncludingWhatBecameBlank) {
    const auto path = made(some_contents(1));
    const ChipContents other = some_contents(2);
    {
        auto chip = ChipFile::open(path, Use::change);
        ASSERT_TRUE(chip->save(other));
        ASSERT_TRUE(chip->save(other));
    }
    EXPECT_TRUE(*ChipFile::open(path, Use::look)->load() == other);
}

TEST_F(ChipFiles, AnErasedStateIsNotTheSameAsOnesThatWereProgrammed) {  // F-031
    ChipContents contents{
        .part = "STM32H755", .image = blank_image(test::kBankSize), .identity = {}, .ram_seed = 0};
    contents.image.user[1].words[77] = flash::WordState::programmed;
    const auto path = made(contents);
    EXPECT_EQ(ChipFile::open(path, Use::look)->load()->image.user[1].words[77], flash::WordState::programmed);
}

TEST_F(ChipFiles, NeverReplacesAFile) {
    const auto path = made(some_contents(1));
    const auto again = ChipFile::create(path, some_contents(2));
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr("exists already"));
    EXPECT_TRUE(*ChipFile::open(path, Use::look)->load() == some_contents(1));
    EXPECT_EQ(files(), 1U);
    EXPECT_THAT(ChipFile::create(file("no/such/dir.h7"), some_contents(1)).error().message,
                HasSubstr("cannot create"));
}

TEST_F(ChipFiles, ASecondOpenerIsRefusedAndAChangeNobodySavedIsNone) {  // D-31
    const auto path = made(some_contents(1));
    int ready[2], go[2];
    ASSERT_EQ(pipe(ready), 0);
    ASSERT_EQ(pipe(go), 0);
    const pid_t child = fork();
    if (child == 0) {
        auto chip = ChipFile::open(path, Use::change);
        char byte = chip ? 1 : 0;
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
        _exit(0);
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    ASSERT_EQ(byte, 1);
    EXPECT_THAT(refusal(path, Use::change), HasSubstr("board.h7: in use"));
    EXPECT_THAT(refusal(path, Use::look), HasSubstr("board.h7: in use"));
    ASSERT_EQ(write(go[1], &byte, 1), 1);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    for (const int fd : {ready[0], ready[1], go[0], go[1]}) close(fd);
    EXPECT_TRUE(*ChipFile::open(path, Use::change)->load() == some_contents(1));
}

TEST_F(ChipFiles, ALookDoesNotStopAnotherLook) {
    const auto path = made(some_contents(1));
    const auto first = ChipFile::open(path, Use::look);
    EXPECT_TRUE(first);
    EXPECT_EQ(refusal(path, Use::look), "accepted");
}

TEST_F(ChipFiles, RefusesWhatIsNoChipFile) {
    EXPECT_THAT(refusal(file("none.h7")), HasSubstr("none.h7: cannot open: No such file"));
    EXPECT_FALSE(std::filesystem::exists(file("none.h7")));
    EXPECT_THAT(refusal(directory_), HasSubstr("not a chip file"));
    ASSERT_TRUE(write_file(file("text.h7"), Bytes(5000, 'x')));
    EXPECT_THAT(refusal(file("text.h7")), HasSubstr("text.h7: not a chip file"));
    ASSERT_TRUE(write_file(file("empty.h7"), {}));
    EXPECT_THAT(refusal(file("empty.h7")), HasSubstr("empty.h7: not a chip file"));
    sql(file("other.db"), "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    EXPECT_THAT(refusal(file("other.db")), HasSubstr("other.db: not a chip file"));
}

// What h7rss wrote before it kept first writers and readings: the tables of that day, word for word.
constexpr const char* kVersion1 = R"(
PRAGMA application_id = 1211585107; PRAGMA user_version = 1;
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE option_word (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE flash_block (bank INTEGER NOT NULL, block INTEGER NOT NULL, data BLOB NOT NULL, words BLOB NOT NULL,
                          PRIMARY KEY (bank, block));
CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), uid BLOB NOT NULL, certificate BLOB NOT NULL,
                       private_key BLOB NOT NULL);
INSERT INTO meta VALUES ('part', 'STM32H755'), ('ram_seed', 7), ('bank_size', 1048576), ('system_size', 131072);
INSERT INTO option_word VALUES ('OPTSR', 398895856), ('PRAR1', 255), ('PRAR2', 255), ('SCAR1', 255),
    ('SCAR2', 255), ('WPSN1', 255), ('WPSN2', 255), ('BOOT7', 535824384), ('BOOT4', 268437520);
INSERT INTO flash_block VALUES (1, 2, zeroblob(4096), zeroblob(128));
INSERT INTO identity VALUES (1, zeroblob(12), zeroblob(136), zeroblob(32));
)";

TEST_F(ChipFiles, AFileOfVersion1OpensAndBecomesOneOfVersion2WhenItIsSaved) {  // D-12
    const auto path = file("old.h7");
    std::string words = "02";
    for (int i = 1; i < 128; ++i) words += "01";
    sql(path, std::string(kVersion1) + "UPDATE flash_block SET words = x'" + words + "'");
    const Bytes before = *read_file(path);
    const auto old = ChipFile::open(path, Use::look)->load();
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_EQ(old->image.options, flash::kFactoryOptions);
    EXPECT_EQ(old->image.user[0].words[2 * 128], flash::WordState::ecc_single);
    EXPECT_EQ(flash::text_of(old->image.user[0].writers.of(2 * 128)), "not known");
    EXPECT_TRUE(old->readings.empty());
    EXPECT_TRUE(*ChipFile::open(path, Use::change)->load() == *old);
    EXPECT_EQ(*read_file(path), before) << "nobody saved";

    const ChipContents other = some_contents(2);
    ASSERT_TRUE(ChipFile::open(path, Use::change)->save(other));
    EXPECT_TRUE(*ChipFile::open(path, Use::look)->load() == other);
    EXPECT_EQ((*read_file(path))[63], 2) << "PRAGMA user_version";
}

TEST_F(ChipFiles, RefusesANewerVersion) {
    const auto path = made(some_contents(1));
    sql(path, "PRAGMA user_version = 3");
    EXPECT_THAT(refusal(path), HasSubstr("board.h7: chip file of version 3, this h7rss knows version 2"));
}

TEST_F(ChipFiles, RefusesAFileCutAnywhere) {
    const Bytes whole = *read_file(made(some_contents(1)));
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 97 + 1) {
        const auto path = file("cut.h7");
        ASSERT_TRUE(write_file(path, ByteView(whole).first(size)));
        EXPECT_THAT(refusal(path), testing::AnyOf(HasSubstr("not a chip file"), HasSubstr("damaged")))
            << size;
        EXPECT_EQ(*read_file(path), Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    }
}

TEST_F(ChipFiles, RefusesAFileThatLostItsLastByte) {  // SQLite itself would read a zero there
    const Bytes whole = *read_file(made(some_contents(1)));
    for (const std::size_t lost : {1, 40, 4095, 4096}) {
        ASSERT_TRUE(write_file(file("cut.h7"), ByteView(whole).first(whole.size() - lost)));
        EXPECT_THAT(refusal(file("cut.h7")), HasSubstr("damaged or truncated")) << lost;
    }
}

TEST_F(ChipFiles, RefusesImpossibleRows) {
    const std::pair<const char*, const char*> damages[] = {
        {"DELETE FROM option_word WHERE name = 'SCAR2'", "no option word SCAR2"},
        {"UPDATE option_word SET value = 4294967296 WHERE name = 'OPTSR'", "no option word OPTSR"},
        {"UPDATE flash_block SET block = 100000 WHERE rowid = 1", "lies outside"},
        {"UPDATE flash_block SET bank = 9 WHERE rowid = 1", "flash bank 9"},
        {"UPDATE flash_block SET data = x'00' WHERE rowid = 1", "wrong size"},
        {"UPDATE flash_block SET words = zeroblob(127) || x'04' WHERE rowid = 1", "damaged"},
        {"UPDATE meta SET value = 1000 WHERE key = 'bank_size'", "impossible flash sizes"},
        {"UPDATE meta SET value = 0 WHERE key = 'bank_size'", "impossible flash sizes"},
        {"UPDATE meta SET value = 0 WHERE key = 'system_size'", "impossible flash sizes"},
        {"DELETE FROM meta WHERE key = 'ram_seed'", "no number 'ram_seed'"},
        {"DELETE FROM identity", "no identity"},
        {"UPDATE identity SET private_key = x'00'", "wrong size"},
        {"DROP TABLE flash_block", "damaged"},
        {"UPDATE first_writer SET words = x'00' WHERE rowid = 1", "first writers of block"},
        {"UPDATE first_writer SET block = 100000 WHERE rowid = 1", "first writers of block 100000 of bank"},
        {"UPDATE first_writer SET bank = 9 WHERE rowid = 1", "first writers of flash bank 9"},
        {"DROP TABLE reading", "damaged"},
    };
    for (const auto& [damage, expected] : damages) {
        const auto path = made(some_contents(1));
        sql(path, damage);
        EXPECT_THAT(refusal(path), HasSubstr(expected)) << damage;
        std::filesystem::remove(path);
    }
}

TEST_F(ChipFiles, SpecialNamesAreOrdinaryFiles) {
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(directory_);
    EXPECT_TRUE(ChipFile::create(":memory:", some_contents(1)));
    EXPECT_TRUE(ChipFile::open(":memory:", Use::look));
    EXPECT_TRUE(std::filesystem::exists(file(":memory:")));
    std::filesystem::current_path(here);
}

}  // namespace
}  // namespace h7

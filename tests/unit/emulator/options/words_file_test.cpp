#include "emulator/options/words_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace h7::options {
namespace {

using testing::HasSubstr;

flash::OptionWords some_words() {
    flash::OptionWords words = flash::kFactoryOptions;
    find("RDP")->set(words, 0xBB);
    find("nWRP12")->set(words, 0);
    find("PROT_AREA_START2")->set(words, 0x10);
    find("PROT_AREA_END2")->set(words, 0x7FF);
    find("BOOT_CM4_ADD1")->set(words, 0x3000);
    return words;
}
flash::OptionWords read(std::string_view text) {
    const auto file = parse_words_file(text, "words");
    EXPECT_TRUE(file) << file.error().message;
    return file ? file->words : flash::OptionWords{};
}

TEST(WordsFile, ReadsBackWhatIsWritten) {  // F-149..F-154
    const flash::OptionWords words = some_words();
    EXPECT_EQ(read(words_text(words)), words);
    EXPECT_EQ(read(words_csv(words)), words);
    EXPECT_EQ(read(print(words)), words);
    EXPECT_EQ(read(print_json(words)), words);
}

TEST(WordsFile, TakesWholeWordsAndNamesWhatIsMissing) {
    const auto file = parse_words_file("# a board\nOPTSR=0x17C6BBF0\r\n\n  bor_lev : 2 (level 2)\n", "words");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->words[flash::kOptsr], 0x17C6'BBF8U);
    EXPECT_EQ(file->words[flash::kBoot7], flash::kFactoryOptions[flash::kBoot7]);
    EXPECT_THAT(file->missing, testing::Contains("PROT_AREA_START1"));
    EXPECT_THAT(file->missing, testing::Not(testing::Contains("RDP")));
    EXPECT_TRUE(parse_words_file(words_csv(some_words()), "words")->missing.empty());
}

TEST(WordsFile, NamesThePlaceOfAMistake) {
    const auto fails = [](std::string_view text) {
        const auto file = parse_words_file(text, "w.txt");
        EXPECT_FALSE(file) << text;
        return file ? std::string() : file.error().message;
    };
    EXPECT_THAT(fails(""), HasSubstr("w.txt: is empty"));
    EXPECT_THAT(fails("RDP=0xAA\nRPD=1\n"), HasSubstr("w.txt: line 2: 'RPD'"));
    EXPECT_THAT(fails("RDP=0x1AA"), HasSubstr("greatest value"));
    EXPECT_THAT(fails("hello"), HasSubstr("line 1"));
    EXPECT_THAT(fails("Title:\n"), HasSubstr("names no option byte"));
    EXPECT_THAT(fails("OPTSR=red"), HasSubstr("line 1"));
    EXPECT_THAT(fails("{\"RDP\": 1"), HasSubstr("damaged JSON"));
    EXPECT_THAT(fails("{\"RDP\": -1}"), HasSubstr("RDP is no number"));
    EXPECT_THAT(fails("{\"RDP\": 99999999999}"), HasSubstr("w.txt"));
    EXPECT_THAT(fails("FOPTSR_PRG,1\n"), HasSubstr("w.txt"));
}

}  // namespace
}  // namespace h7::options

// Chips to store: contents with something in every field, different for every seed.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "emulator/base/random.hpp"
#include "emulator/chip_file/chip_file.hpp"

namespace h7::test {

inline constexpr std::uint32_t kBankSize = 1U << 20;

inline ChipContents some_contents(std::uint64_t seed) {
    SeededRandom random(seed);
    ChipContents contents{
        .part = "STM32H755", .image = blank_image(kBankSize), .identity = {}, .ram_seed = random.next()};
    for (flash::ArrayImage* array :
         {&contents.image.user[0], &contents.image.user[1], &contents.image.system2}) {
        for (int i = 0; i < 40; ++i) {
            const std::size_t word = random.next() % array->words.size();
            random.fill(MutableBytes(array->data).subspan(word * 32, 32));
            array->words[word] = static_cast<flash::WordState>(random.next() % 4);
            array->writers.set(word, {.when = random.next(),
                                      .pc = static_cast<Address>(random.next()),
                                      .master = static_cast<Master>(random.next() % kMasters),
                                      .context = static_cast<Context>(random.next() % 4),
                                      .origin = flash::FirstWriter::Origin::store});
        }
    }
    contents.readings["bank_erase_with_protection"] = random.next() % 2 == 0 ? "erase_rest" : "refuse";
    for (std::uint32_t& word : contents.image.options) word = static_cast<std::uint32_t>(random.next());
    random.fill(contents.identity.uid);
    random.fill(contents.identity.certificate);
    random.fill(contents.identity.private_key);
    return contents;
}

/// A fresh directory for each test, removed afterwards.
class InDirectory : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "h7rss-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    std::filesystem::path file(std::string_view name) const { return directory_ / name; }
    std::size_t files() const {
        std::size_t n = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory_)) ++n;
        return n;
    }
    std::filesystem::path directory_;
};

}  // namespace h7::test

// A nonce is spent once (rss-sfi-bootloader.md 4.3, "Nonce uniqueness").
#include "rss/host/package/nonce_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "emulator/base/file.hpp"

namespace h7::package {
namespace {

using testing::HasSubstr;

class NonceRegistry : public testing::Test {
protected:
    NonceRegistry() {
        std::filesystem::create_directories(folder_);
        path_ = folder_ / "nonces";
    }
    ~NonceRegistry() override { std::filesystem::remove_all(folder_); }

    Result<void> claim(std::uint8_t key, Bytes nonce, std::uint8_t image) {
        crypto::Digest digest{};
        digest.fill(image);
        return claim_nonce(path_, Bytes(16, key), nonce, digest);
    }
    static Bytes nonce(std::uint32_t low) {
        Bytes bytes(12, 0x33);
        store_be<std::uint32_t>(bytes.data() + 8, low);
        return bytes;
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("h7rss-nonces-" + std::to_string(::getpid()));
    std::filesystem::path path_;
};

TEST_F(NonceRegistry, TheSameImageAgainIsFineAnotherIsRefused) {
    EXPECT_TRUE(claim(1, nonce(0x100), 7));
    EXPECT_TRUE(claim(1, nonce(0x100), 7));
    const auto again = claim(1, nonce(0x100), 8);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ExitCode::refused);
    EXPECT_THAT(again.error().message, HasSubstr("fresh nonce"));
    EXPECT_TRUE(claim(2, nonce(0x100), 8)) << "another key";
}

TEST_F(NonceRegistry, NoncesLessThanTwoHundredFiftySixApartAreTheSame) {
    EXPECT_TRUE(claim(1, nonce(0x1FF), 1));
    EXPECT_FALSE(claim(1, nonce(0x200), 2));
    EXPECT_FALSE(claim(1, nonce(0x1FE), 2));
    EXPECT_FALSE(claim(1, nonce(0x2FE), 2));
    EXPECT_FALSE(claim(1, nonce(0x100), 2));
    EXPECT_TRUE(claim(1, nonce(0x2FF), 2));
    EXPECT_TRUE(claim(1, nonce(0x0FF), 3));
    EXPECT_TRUE(claim(1, Bytes(12, 0xFF), 4));
    EXPECT_FALSE(claim(1, Bytes(12, 0x00), 5)) << "the number wraps";
}

TEST_F(NonceRegistry, WhatIsNoRegistryIsLeftAlone) {
    for (const std::string text : {"hello\n", "00 11 22\n", "\x01\x02\n"}) {
        ASSERT_TRUE(write_file(path_, Bytes(text.begin(), text.end())));
        const auto refused = claim(1, nonce(0), 1);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr("line 1"));
        const Bytes after = *read_file(path_);
        EXPECT_EQ(std::string(after.begin(), after.end()), text);
    }
}

TEST_F(NonceRegistry, FreshNoncesHaveAClearLowByte) {
    const auto a = fresh_nonce(), b = fresh_nonce();
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->back(), 0);
    EXPECT_NE(*a, *b);
    EXPECT_EQ(fresh_key()->size(), 16U);
}

}  // namespace
}  // namespace h7::package

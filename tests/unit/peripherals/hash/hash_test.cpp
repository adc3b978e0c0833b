#include "peripherals/hash/hash.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"

namespace h7::hash {
namespace {

constexpr Address kCr = 0x00, kDin = 0x04, kStr = 0x08, kHra0 = 0x0C, kImr = 0x20, kSr = 0x24, kCsr0 = 0xF8,
                  kHr0 = 0x310;
constexpr std::uint32_t kInit = 4, kBytes = 2U << 4, kHmac = 1U << 6, kLongKey = 1U << 16, kDcal = 1U << 8;
constexpr std::uint32_t kSha1 = 0, kMd5 = 1U << 7, kSha224 = 1U << 18, kSha256 = kMd5 | kSha224;

class HashTest : public testing::Test {
protected:
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            hash.read({hash.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(hash.write({hash.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    /// As HASH_WriteData and the end of HASH_Start.
    void feed(std::string_view text) {
        write(kStr, 8 * (text.size() % 4));
        for (std::size_t at = 0; at < text.size(); at += 4) {
            std::uint32_t word = 0;
            for (std::size_t n = 0; n < 4 && at + n < text.size(); ++n)
                word |= std::uint32_t{static_cast<std::uint8_t>(text[at + n])} << (8 * n);
            write(kDin, word);
        }
        write(kStr, 8 * (text.size() % 4) | kDcal);
    }
    std::string digest(std::size_t bytes) {
        std::string text;
        for (Address at = 0; at < bytes; at += 4) text += fmt::format("{:08x}", read(kHr0 + at));
        return text;
    }
    Hash hash;
};

TEST_F(HashTest, PublishedDigests) {  // FIPS 180-4 and RFC 1321 examples; system.md 6.9
    write(kCr, kSha1 | kBytes | kInit);
    feed("abc");
    EXPECT_EQ(digest(20), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(read(kHra0), 0xA999'3E36U);
    EXPECT_EQ(read(kHr0 + 20), 0U) << "unused results read 0";
    write(kCr, kMd5 | kBytes | kInit);
    feed("abc");
    EXPECT_EQ(digest(16), "900150983cd24fb0d6963f7d28e17f72");
    write(kCr, kSha224 | kBytes | kInit);
    feed("abc");
    EXPECT_EQ(digest(28), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
    write(kCr, kSha256 | kBytes | kInit);
    feed("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    EXPECT_EQ(digest(32), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_F(HashTest, EveryLength) {  // against the whole message at once, with the FIPS padding
    for (std::size_t length = 1; length < 200; ++length) {
        std::string text;
        for (std::size_t n = 0; n < length; ++n) text += static_cast<char>('a' + n % 23);
        write(kCr, kSha256 | kBytes | kInit);
        feed(text);
        crypto::BlockHash whole(crypto::BlockHash::Algorithm::sha256);
        whole.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
        EXPECT_EQ(digest(32), to_hex(whole.finish())) << length;
    }
}

TEST_F(HashTest, DataTypesSwap) {  // RM0399, "data type"
    const auto digest_of = [&](unsigned type, std::uint32_t word) {
        write(kCr, kSha256 | type << 4 | kInit);
        write(kDin, word);
        write(kStr, kDcal);
        return digest(32);
    };
    const std::string expected = digest_of(0, 0x6162'6364);
    EXPECT_EQ(digest_of(1, 0x6364'6162), expected);
    EXPECT_EQ(digest_of(2, 0x6463'6261), expected);
    EXPECT_EQ(digest_of(3, 0x26C6'4686), expected);
}

TEST_F(HashTest, Hmac) {  // RFC 4231, cases 2 and 6
    write(kCr, kSha256 | kBytes | kHmac | kInit);
    for (const std::string_view part : {"Jefe", "what do ya want for nothing?", "Jefe"}) {
        EXPECT_EQ(read(kSr) & 3U, 1U);
        feed(part);
    }
    EXPECT_EQ(read(kSr) & 2U, 2U);
    EXPECT_EQ(digest(32), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const std::string key(131, '\xAA');
    write(kCr, kSha256 | kBytes | kHmac | kLongKey | kInit);
    feed(key);
    feed("Test Using Larger Than Block-Size Key - Hash Key First");
    feed(key);
    EXPECT_EQ(digest(32), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_F(HashTest, InterruptsAndFlags) {  // system.md 6.9, IRQ 80
    EXPECT_EQ(read(kSr), 1U);
    write(kImr, 2);
    EXPECT_FALSE(hash.irq.level());
    write(kCr, kSha1 | kBytes | kInit);
    write(kDin, 1);
    EXPECT_EQ(read(kCr) >> 8 & 0x1FU, 0x11U);  // one word: NBW, DINNE
    write(kStr, kDcal);
    EXPECT_TRUE(hash.irq.level());
    EXPECT_EQ(read(kCr) >> 8 & 0x1FU, 0U);
    write(kSr, 0);
    EXPECT_FALSE(hash.irq.level());
}

TEST_F(HashTest, DmaAsksUntilItsLastWord) {
    write(kCr, kSha256 | kBytes | kInit | 1U << 3);
    EXPECT_TRUE(hash.dma_in.level());
    write(kStr, 24);
    write(kDin, 0x0063'6261);
    EXPECT_EQ(read(kSr) & 2U, 0U);
    hash.dma_completed();  // DCAL by itself
    EXPECT_EQ(digest(32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(HashTest, ContextSwap) {  // RM0399, "context swapping"
    write(kCr, kSha256 | kBytes | kInit);
    for (std::uint32_t n = 0; n < 21; ++n) write(kDin, n);
    const std::uint32_t cr = read(kCr), str = read(kStr);
    std::array<std::uint32_t, Hash::kContextWords> kept{};
    for (unsigned n = 0; n < kept.size(); ++n) kept[n] = read(kCsr0 + 4 * n);
    write(kStr, kDcal);
    const std::string expected = digest(32);
    write(kCr, kSha1 | kInit);  // somebody else's
    write(kDin, 77);
    write(kStr, kDcal);
    write(kStr, str);
    write(kCr, cr);
    write(kCr, cr | kInit);
    for (unsigned n = 0; n < kept.size(); ++n) write(kCsr0 + 4 * n, kept[n]);
    write(kStr, kDcal);
    EXPECT_EQ(digest(32), expected);
}

}  // namespace
}  // namespace h7::hash

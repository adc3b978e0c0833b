#include "peripherals/cryp/cryp.hpp"

#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"

namespace h7::cryp {
namespace {

constexpr Address kCr = 0x00, kSr = 0x04, kDin = 0x08, kDout = 0x0C, kDmacr = 0x10, kImscr = 0x14,
                  kMisr = 0x1C, kK0lr = 0x20, kIv0lr = 0x40;
constexpr std::uint32_t kDecrypt = 1U << 2, kBytes = 2U << 6, kEnable = 1U << 15, kFlush = 1U << 14;
constexpr std::uint32_t kOfne = 4;
enum AlgoMode : std::uint32_t {
    kTdesEcb = 0,
    kTdesCbc = 1,
    kDesEcb = 2,
    kDesCbc = 3,
    kEcb = 4,
    kCbc = 5,
    kCtr = 6,
    kKey = 7
};
constexpr std::uint32_t kGcm = 1U << 19, kCcm = kGcm | 1U << 3;
constexpr std::uint32_t algo(std::uint32_t mode) { return mode << 3; }
constexpr std::uint32_t phase(std::uint32_t n) { return n << 16; }

class CrypTest : public testing::Test {
protected:
    std::uint32_t read(Address offset) {
        return static_cast<std::uint32_t>(
            cryp.read({cryp.base() + offset, 4, Op::read, Master::cm7}).value());
    }
    void write(Address offset, std::uint32_t value) {
        ASSERT_TRUE(cryp.write({cryp.base() + offset, 4, Op::write, Master::cm7}, value));
    }
    /// Big-endian words into K0LR.. or IV0LR.., the key at the right end.
    void numbers(Address first, std::size_t words, std::string_view hex) {
        const Bytes bytes = from_hex(hex).value();
        const Address start = first + 4 * static_cast<Address>(words) - static_cast<Address>(bytes.size());
        for (std::size_t n = 0; n < bytes.size(); n += 4)
            write(start + static_cast<Address>(n), std::uint32_t{bytes[n]} << 24 |
                                                       std::uint32_t{bytes[n + 1]} << 16 |
                                                       std::uint32_t{bytes[n + 2]} << 8 | bytes[n + 3]);
    }
    void key(std::string_view hex) { numbers(kK0lr, 8, hex); }
    void iv(std::string_view hex) { numbers(kIv0lr, 4, hex); }
    /// As the HAL: words of memory, data type 8 bits.
    std::string through(std::string_view hex) {
        Bytes bytes = from_hex(hex).value(), out;
        bytes.resize((bytes.size() + 7) / 8 * 8);
        for (std::size_t n = 0; n < bytes.size(); n += 4) {
            write(kDin, load_le<std::uint32_t>(&bytes[n]));
            drain(out);
        }
        return to_hex(out);
    }
    void drain(Bytes& out) {
        while ((read(kSr) & kOfne) != 0) {
            const std::uint32_t word = read(kDout);
            for (unsigned n = 0; n < 4; ++n) out.push_back(static_cast<std::uint8_t>(word >> (8 * n)));
        }
    }
    void raw(std::initializer_list<std::uint32_t> words) {
        for (const std::uint32_t word : words) write(kDin, word);
    }
    std::string result() {
        Bytes out;
        drain(out);
        return to_hex(out);
    }
    Cryp cryp;
};

constexpr std::string_view kPlain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
constexpr std::string_view kKey128 = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kIv = "000102030405060708090a0b0c0d0e0f";

TEST_F(CrypTest, AesEcbOfEveryKeySize) {  // SP 800-38A, F.1; system.md 6.9
    const std::tuple<std::uint32_t, std::string_view, std::string_view> cases[] = {
        {0, kKey128, "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"},
        {1, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
         "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"},
        {2, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"}};
    for (const auto& [size, text, cipher] : cases) {
        write(kCr, kFlush);
        key(text);
        write(kCr, algo(kEcb) | kBytes | size << 8 | kEnable);
        EXPECT_EQ(through(kPlain), cipher);
        write(kCr, 0);
        write(kCr, algo(kKey) | kBytes | size << 8 | kEnable);
        EXPECT_EQ(read(kCr) & kEnable, 0U) << "the key is prepared";
        write(kCr, algo(kEcb) | kDecrypt | kBytes | size << 8 | kEnable);
        EXPECT_EQ(through(cipher), kPlain);
    }
}

TEST_F(CrypTest, AesCbcAndCtr) {  // SP 800-38A, F.2, F.5
    constexpr std::string_view cbc = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
    key(kKey128);
    iv(kIv);
    write(kCr, algo(kCbc) | kBytes | kEnable);
    EXPECT_EQ(through(kPlain), cbc);
    EXPECT_EQ(read(kIv0lr), 0x5086'CB9BU) << "the chain is there for a context swap";
    write(kCr, 0);
    iv(kIv);
    write(kCr, algo(kCbc) | kDecrypt | kBytes | kEnable);
    EXPECT_EQ(through(cbc), kPlain);
    write(kCr, 0);
    iv("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    write(kCr, algo(kCtr) | kBytes | kEnable);
    EXPECT_EQ(through(kPlain), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
}

TEST_F(CrypTest, DesAndTripleDes) {         // FIPS 81 example; SP 800-20 style three keys
    numbers(kK0lr, 4, "0123456789abcdef");  // K1
    write(kCr, algo(kDesEcb) | kBytes | kEnable);
    EXPECT_EQ(through("4e6f772069732074"), "3fa40e8a984d4815");
    write(kCr, 0);
    iv("1234567890abcdef0000000000000000");
    write(kCr, algo(kDesCbc) | kBytes | kEnable);
    EXPECT_EQ(through("4e6f77206973207468652074696d6520"), "e5c7cdde872bf27c43e934008c389c0f");
    write(kCr, 0);
    numbers(kK0lr, 8, "0123456789abcdef23456789abcdef01456789abcdef0123");
    write(kCr, algo(kTdesEcb) | kBytes | kEnable);
    const std::string cipher = through("5468652071756663");
    EXPECT_EQ(cipher, "a826fd8ce53b855f");
    write(kCr, algo(kTdesEcb) | kDecrypt | kBytes | kEnable);
    EXPECT_EQ(through(cipher), "5468652071756663");
}

TEST_F(CrypTest, GcmByPhases) {  // McGrew and Viega, test case 4
    constexpr std::string_view plain =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16a"
        "edf5aa0de657"
        "ba637b39";
    constexpr std::string_view cipher =
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba3"
        "0b396a0aac97"
        "3d58e091";
    constexpr std::string_view header = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    for (const bool decrypt : {false, true}) {
        const std::uint32_t base = kGcm | kBytes | (decrypt ? kDecrypt : 0);
        write(kCr, kFlush);
        key("feffe9928665731c6d6a8f9467308308");
        iv("cafebabefacedbaddecaf88800000002");
        write(kCr, base | phase(0) | kEnable);
        EXPECT_EQ(read(kCr) & kEnable, 0U) << "the hash key is made";
        write(kCr, base | phase(1) | kEnable);
        Bytes aad = from_hex(header).value();
        aad.resize(32);
        for (std::size_t n = 0; n < aad.size(); n += 4) write(kDin, load_le<std::uint32_t>(&aad[n]));
        EXPECT_EQ(result(), "");
        const std::string_view in = decrypt ? cipher : plain;
        write(kCr, base | phase(2) | kEnable);
        std::string out = through(in.substr(0, 96));
        write(kCr, base | phase(2));
        write(kCr, base | phase(2) | 4U << 20);  // NPBLB
        write(kCr, base | phase(2) | 4U << 20 | kEnable);
        out += through(std::string(in.substr(96)) + "00000000").substr(0, 24);
        EXPECT_EQ(out, decrypt ? plain : cipher);
        write(kCr, base | phase(3) | kEnable);
        raw({0, 20 * 8, 0, 60 * 8});
        EXPECT_EQ(result(), "5bc94fbc3221a5db94fae95ae7121a47");
    }
}

TEST_F(CrypTest, CcmByPhases) {  // SP 800-38C, example 2
    const std::uint32_t base = kCcm | kBytes;
    key("404142434445464748494a4b4c4d4e4f");
    iv("06101112131415161700000000000001");
    write(kCr, base | phase(0) | kEnable);
    raw({0x5610'1112, 0x1314'1516, 0x1700'0000, 0x0000'0010});  // B0
    EXPECT_EQ(read(kCr) & kEnable, 0U);
    write(kCr, base | phase(1) | kEnable);
    EXPECT_EQ(through("0010000102030405060708090a0b0c0d0e0f0000000000000000000000000000"), "");
    write(kCr, base | phase(2) | kEnable);
    EXPECT_EQ(through("202122232425262728292a2b2c2d2e2f"), "d2a1f0e051ea5f62081a7792073d593d");
    write(kCr, base | phase(3) | kEnable);
    raw({0x0610'1112, 0x1314'1516, 0x1700'0000, 0});
    EXPECT_EQ(result().substr(0, 12), "1fc64fbfaccd");
}

TEST_F(CrypTest, FifosAndFlags) {  // RM0399, CRYP_SR
    EXPECT_EQ(read(kSr), 3U);
    write(kDin, 1);
    EXPECT_EQ(read(kSr), 2U);
    for (int n = 0; n < 7; ++n) write(kDin, 1);
    EXPECT_EQ(read(kSr), 0U);
    write(kImscr, 3);
    key(kKey128);
    write(kCr, algo(kEcb) | kEnable);
    EXPECT_EQ(read(kSr), 3U | 4U | 8U);
    EXPECT_TRUE(cryp.irq.level());
    EXPECT_EQ(read(kMisr), 3U);
    write(kDmacr, 3);
    EXPECT_TRUE(cryp.dma_in.level() && cryp.dma_out.level());
    for (int n = 0; n < 8; ++n) read(kDout);
    EXPECT_FALSE(cryp.dma_out.level());
    write(kCr, kFlush);
    EXPECT_FALSE(cryp.dma_in.level());
    EXPECT_EQ(read(kK0lr), 0U) << "keys cannot be read";
}

TEST_F(CrypTest, StateIsKeptBetweenBlocks) {
    key(kKey128);
    iv(kIv);
    write(kCr, algo(kCbc) | kBytes | kEnable);
    EXPECT_EQ(through(kPlain.substr(0, 32)), "7649abac8119b246cee98e9b12e9197d");
    StateWriter out;
    cryp.save(out);
    const Bytes state = out.take();
    cryp.reset(ResetKind::system);
    StateReader in(state);
    cryp.load(in);
    EXPECT_TRUE(in.finish());
    EXPECT_EQ(through(kPlain.substr(32)), "5086cb9b507219ee95db113a917678b2");
}

}  // namespace
}  // namespace h7::cryp

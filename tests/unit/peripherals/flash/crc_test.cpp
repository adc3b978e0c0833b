// The CRC unit.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

constexpr std::uint32_t kStartCrc = 1U << 16, kCleanCrc = 1U << 17, kBySect = 1U << 8, kAddSect = 1U << 9,
                        kCleanSect = 1U << 10, kAllBank = 1U << 22;
constexpr std::uint32_t burst(unsigned code) { return code << 20; }

class FlashCrc : public FlashBench {
protected:
    FlashCrc() {
        unlock(1);
        unlock(2);
        (void)put(kCr, kCrcEn | kPsize);
        (void)put(kCr + kB2, kCrcEn | kPsize);
    }
    void program_bytes(Address address, ByteView bytes) {
        const unsigned bank = bank_register(address);
        (void)put(kCr + bank, get(kCr + bank) | kPg);
        for (std::size_t i = 0; i < bytes.size(); i += 8)
            ASSERT_TRUE(
                store(address + static_cast<Address>(i), load_le<std::uint64_t>(bytes.data() + i), 8));
    }
    std::uint32_t range(std::uint32_t first, std::uint32_t last, unsigned code = 0) {
        (void)put(kCrccr, burst(code));
        (void)put(kCrcsadd, kBank1 + first);
        (void)put(kCrceadd, kBank1 + last);
        (void)put(kCrccr, get(kCrccr) | kCleanCrc);
        (void)put(kCrccr, get(kCrccr) | kStartCrc);
        return get(kCrcdatar);
    }
};

TEST(FlashCrcAlgorithm, Vectors) {  // F-102 F-103 F-104 F-105
    EXPECT_EQ(crc_over(0, Bytes(128, 0x00)), 0x11E6'6C62U);
    EXPECT_EQ(crc_over(0, Bytes(128, 0xFF)), 0x9A93'CD87U);
    EXPECT_EQ(crc_over(0, Bytes(512, 0x00)), 0x5741'4A6BU);
    EXPECT_EQ(crc_over(0, Bytes(512, 0xFF)), 0xB02C'C19BU);
    EXPECT_EQ(crc_over(0, Bytes(2048, 0xFF)), 0x2E10'D04AU);
    EXPECT_EQ(crc_over(0, Bytes(8192, 0xFF)), 0xE1AE'372DU);
    EXPECT_EQ(crc_over(0, Bytes(131072, 0xFF)), 0x6D73'FF23U);
    EXPECT_EQ(crc_over(0, Bytes(1048576, 0xFF)), 0xF031'7346U);
    Bytes counting(128);
    std::iota(counting.begin(), counting.end(), std::uint8_t{0});
    EXPECT_EQ(crc_over(0, counting), 0x8C9F'6A57U);
}

TEST_F(FlashCrc, RangeOf128Zeros) {  // T-43 F-109 F-110 F-112 F-113 F-115 F-117
    program_bytes(kBank1, Bytes(128, 0));
    ASSERT_TRUE(put(kCcr, ~0U));
    EXPECT_EQ(range(0, 0x7C), 0x11E6'6C62U);
    EXPECT_EQ(sr(), sr::kCrcend);
    EXPECT_EQ(get(kCrcdatar + kB2), 0x11E6'6C62U);
    EXPECT_EQ(get(kCrccr), 0x000C'0000U);
    ASSERT_TRUE(put(kCr, 0));
    EXPECT_EQ(get(kCrcdatar), 0U);
    EXPECT_EQ(get(kCrccr), 0x001C'0000U);
    EXPECT_EQ(get(kCrceadd), 0x7CU);
}

TEST_F(FlashCrc, RangesAreRoundedToWholeBursts) {  // F-106 F-110
    EXPECT_EQ(range(0, 0), range(0, 0x7C));
    EXPECT_EQ(range(4, 8), range(0, 0x7C));
    EXPECT_EQ(range(0, 0, 1), 0xB02C'C19BU);
    EXPECT_EQ(range(0, 0, 2), 0x2E10'D04AU);
    EXPECT_EQ(range(0, 0, 3), 0xE1AE'372DU);
}

TEST_F(FlashCrc, SectorsAndBank) {  // F-107 F-108 F-114, A-17, A-18
    ASSERT_TRUE(put(kCrccr, kBySect | 2 | kAddSect));
    ASSERT_TRUE(put(kCrccr, kBySect | kCleanCrc | kStartCrc));
    EXPECT_EQ(get(kCrcdatar), 0x6D73'FF23U);
    ASSERT_TRUE(put(kCrccr, kBySect | kStartCrc));  // goes on from the last result
    EXPECT_NE(get(kCrcdatar), 0x6D73'FF23U);
    ASSERT_TRUE(put(kCrccr, kCleanCrc | kAllBank));
    ASSERT_TRUE(put(kCrccr, kStartCrc));
    EXPECT_EQ(get(kCrcdatar), 0xF031'7346U);
    ASSERT_TRUE(put(kCrccr, kBySect | kCleanSect | kCleanCrc | kStartCrc));
    EXPECT_EQ(get(kCrcdatar), 0U);  // empty list
}

TEST_F(FlashCrc, TheListIsEmptiedByBothMeans) {  // F-108 F-112
    for (const std::uint32_t listed : {kBySect | kAddSect | 2, kBySect | kAllBank}) {
        ASSERT_TRUE(put(kCrccr, listed));
        ASSERT_TRUE(put(kCr, 0));
        ASSERT_TRUE(put(kCr, kCrcEn | kPsize));
        ASSERT_TRUE(put(kCrccr, kBySect | kCleanCrc | kStartCrc));
        EXPECT_EQ(get(kCrcdatar), 0U) << "CRC_EN = 0";
        ASSERT_TRUE(put(kCrccr, listed));
        ASSERT_TRUE(put(kCrccr, kCleanSect));
        EXPECT_EQ(range(0, 0x7C), 0x9A93'CD87U) << "CLEAN_SECT: the addresses count again";
    }
}

TEST_F(FlashCrc, RegisterSetOneCoversTheBankAtTheLowWindow) {  // F-125 F-107
    program_bytes(kBank2, Bytes(128, 0));
    change(kOptsrPrg, get(kOptsrCur) | 1U << 31);
    system_reset();
    unlock();
    ASSERT_TRUE(put(kCr, kCrcEn | kPsize));
    EXPECT_EQ(range(0, 0x7C), 0x11E6'6C62U);
    EXPECT_EQ(flags(1), sr::kCrcend);
    EXPECT_EQ(flags(2), 0U);
}

TEST_F(FlashCrc, WritesNeedCrcEn) {  // F-111 F-277
    ASSERT_TRUE(put(kCr, 0));
    ASSERT_TRUE(put(kCrccr, kStartCrc | 3));
    EXPECT_EQ(get(kCrccr), 0x001C'0000U);
    EXPECT_EQ(sr(), 0U);
}

TEST_F(FlashCrc, OringTheBurstCannotLowerIt) {  // T-46 F-120
    ASSERT_TRUE(put(kCrccr, get(kCrccr) | burst(0)));
    EXPECT_EQ(get(kCrccr) & burst(3), burst(1));
    ASSERT_TRUE(put(kCrccr, get(kCrccr) | burst(2)));
    EXPECT_EQ(get(kCrccr) & burst(3), burst(3));
}

TEST_F(FlashCrc, ProtectedBytesEnterAsZeros) {  // T-44 F-119
    change(kPrarPrg, 0x0001'0000);              // 512 bytes
    ASSERT_TRUE(put(kCcr, ~0U));
    EXPECT_EQ(range(0, 0x1FC, 1), 0x5741'4A6BU);
    EXPECT_EQ(flags(), sr::kCrcend | sr::kCrcrderr);
    ASSERT_TRUE(put(kCcr, ~0U));
    EXPECT_EQ(range(0x200, 0x3FC, 1), 0xB02C'C19BU);
    EXPECT_EQ(flags(), sr::kCrcend);
}

TEST_F(FlashCrc, AnAreaInsideTheRangeIsZerosThereOnly) {  // T-44 F-119
    program_bytes(kBank1 + 0x400, Bytes(512, 0x5A));
    change(kPrarPrg, 0x0005'0004);  // 0x400..0x5FF
    ASSERT_TRUE(put(kCcr, ~0U));
    Bytes want(2048, 0xFF);
    std::fill_n(want.begin() + 0x400, 512, std::uint8_t{0});
    EXPECT_EQ(range(0, 0x7FC, 2), crc_over(0, want));
    EXPECT_EQ(flags(), sr::kCrcend | sr::kCrcrderr);
    ASSERT_TRUE(put(kCcr, ~0U));
    // by sector: the same zeros
    ASSERT_TRUE(put(kCrccr, kBySect | kCleanSect | kCleanCrc));
    ASSERT_TRUE(put(kCrccr, kBySect | kAddSect | 0));
    ASSERT_TRUE(put(kCrccr, kBySect | kStartCrc));
    Bytes sector(kSectorBytes, 0xFF);
    std::fill_n(sector.begin() + 0x400, 512, std::uint8_t{0});
    EXPECT_EQ(get(kCrcdatar), crc_over(0, sector));
    EXPECT_EQ(flags(), sr::kCrcend | sr::kCrcrderr);
}

TEST_F(FlashCrc, ASecureAreaIsZerosToEverybody) {  // T-44 F-119: secure code too, and no RDSERR
    secure_boot();
    as(Master::cm7, Context::secure_user);
    change(kScarPrg, 0x0001'0000);
    for (const Context code : {Context::secure_user, Context::rss, Context::application}) {
        as(Master::cm7, code);
        unlock();
        ASSERT_TRUE(put(kCr, kCrcEn | kPsize));
        ASSERT_TRUE(put(kCcr, ~0U));
        EXPECT_EQ(range(0, 0x1FC, 1), 0x5741'4A6BU);
        EXPECT_EQ(flags(), sr::kCrcend | sr::kCrcrderr);
    }
}

TEST_F(FlashCrc, TheReadErrorRisesAtTheEnd) {  // T-44 F-119: with CRCEND, at the same moment
    change(kPrarPrg, 0x0001'0000);
    ASSERT_TRUE(put(kCcr, ~0U));
    Timing slow;
    slow.crc_word = 125 * kNanosecond;
    flash.set_timing(slow);
    (void)range(0, 0x7C);
    EXPECT_EQ(sr(), kCrcBusy);
    let_pass(kMillisecond);
    EXPECT_EQ(sr(), sr::kCrcend | sr::kCrcrderr);
}

TEST_F(FlashCrc, WriteProtectionDoesNotHideBytes) {  // F-119 F-190
    change(kWpsnPrg, 0xFE);
    ASSERT_TRUE(put(kCcr, ~0U));
    EXPECT_EQ(range(0, 0x1FC, 1), 0xB02C'C19BU);
    EXPECT_EQ(flags(), sr::kCrcend);
}

TEST_F(FlashCrc, IntrusionProtectsEverything) {
    set_rdp(0x55);
    secure.debugger_connected();
    EXPECT_EQ(range(0, 0x7C), 0x11E6'6C62U);
    EXPECT_EQ(flags() & sr::kCrcrderr, sr::kCrcrderr);
}

TEST_F(FlashCrc, EccErrorsRaiseNoFlag) {  // F-119
    flash.inject_ecc(kBank1, WordState::ecc_double);
    (void)range(0, 0x7C);
    EXPECT_EQ(flags(), sr::kCrcend);
    EXPECT_EQ(get(kEccFa), 0U);
}

TEST_F(FlashCrc, InterruptOfTheReadErrorFallsWithCrcend) {  // T-60 F-263
    change(kPrarPrg, 0x0001'0000);
    ASSERT_TRUE(put(kCcr, ~0U));
    ASSERT_TRUE(put(kCr, kCrcEn | 1U << 28));
    (void)range(0, 0x7C);
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kCcr, sr::kCrcend));
    EXPECT_FALSE(flash.irq.level());
    EXPECT_EQ(flags(), sr::kCrcrderr);
}

TEST_F(FlashCrc, OptstartIsIgnoredWhileItComputes) {  // T-45 F-099 F-147 F-100 F-116 F-118
    Timing slow;
    slow.crc_word = 125 * kNanosecond;
    flash.set_timing(slow);
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    ASSERT_TRUE(put(kCrccr, kAllBank | kStartCrc));
    EXPECT_EQ(sr(), kCrcBusy);
    EXPECT_TRUE(load(kBank1));  // reads are not locked out
    start_options();
    EXPECT_FALSE(option_error());
    EXPECT_EQ(get(kWpsnCur), 0xFFU);
    ASSERT_TRUE(put(kCrccr + kB2, kAllBank | kStartCrc));
    EXPECT_EQ(sr(2), 0U);
    let_pass(32768 * slow.crc_word);
    EXPECT_EQ(sr(), sr::kCrcend);
    EXPECT_EQ(get(kCrcdatar), 0xF031'7346U);
    start_options();
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
}

TEST_F(FlashCrc, CrcEnZeroAborts) {  // F-112 F-116
    Timing slow;
    slow.crc_word = 125 * kNanosecond;
    flash.set_timing(slow);
    ASSERT_TRUE(put(kCrccr, kAllBank | kStartCrc));
    ASSERT_TRUE(put(kCr, kPsize));
    EXPECT_EQ(sr(), 0U);
    let_pass(kSecond);
    EXPECT_EQ(sr(), 0U);
    EXPECT_EQ(get(kCrcdatar), 0U);
}

}  // namespace
}  // namespace h7::flash

// Keys and locks.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

using FlashKeys = FlashBench;

TEST_F(FlashKeys, TwoKeysInOrderUnlockTheirOwnBank) {  // T-02 F-177 F-179
    EXPECT_EQ(get(kCr), 0x31U);
    ASSERT_TRUE(put(kKeyr, 0x4567'0123));
    EXPECT_EQ(get(kCr), 0x31U);
    ASSERT_TRUE(put(kKeyr, 0xCDEF'89AB));
    EXPECT_EQ(get(kCr), 0x30U);
    EXPECT_EQ(get(kCr + kB2), 0x31U);
    EXPECT_EQ(get(kKeyr), 0U);  // F-189
}

TEST_F(FlashKeys, OptionKeysWorkAtEitherMirror) {  // F-178
    ASSERT_TRUE(put(kOptkeyr + kB2, 0x0819'2A3B));
    ASSERT_TRUE(put(kOptkeyr, 0x4C5D'6E7F));
    EXPECT_EQ(get(kOptcr), 0U);
}

TEST_F(FlashKeys, WrongKeyLocksUntilReset) {  // T-03 F-180 F-259
    const auto wrong = put(kKeyr, 0xDEAD'BEEF);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().rule, "F-180");
    (void)put(kKeyr, 0x4567'0123);
    (void)put(kKeyr, 0xCDEF'89AB);
    EXPECT_EQ(get(kCr), 0x31U);
    unlock(2);  // the other bank does not care
    flash.reset(ResetKind::system);
    unlock(1);
}

TEST_F(FlashKeys, WrongSecondKeyLocksUntilReset) {  // F-180 F-181
    ASSERT_TRUE(put(kKeyr, 0x4567'0123));
    EXPECT_FALSE(put(kKeyr, 0x4567'0123));
    (void)put(kKeyr, 0xCDEF'89AB);
    EXPECT_EQ(get(kCr), 0x31U);
}

TEST_F(FlashKeys, RepeatedUnlockLocksUntilReset) {  // T-04 F-184
    unlock();
    EXPECT_FALSE(put(kKeyr, 0x4567'0123));
    EXPECT_EQ(get(kCr) & kLock, 1U);
    (void)put(kKeyr, 0xCDEF'89AB);
    (void)put(kKeyr, 0x4567'0123);
    (void)put(kKeyr, 0xCDEF'89AB);
    EXPECT_EQ(get(kCr) & kLock, 1U);
    EXPECT_TRUE(put(kCr, kPg)) << "a locked register, no error";
    EXPECT_EQ(get(kCr), 0x31U);
    flash.reset(ResetKind::system);
    unlock();
    unlock_options();  // the option lock alike
    EXPECT_FALSE(put(kOptkeyr, 0x0819'2A3B));
    EXPECT_EQ(get(kOptcr), 1U);
    (void)put(kOptkeyr, 0x0819'2A3B);
    (void)put(kOptkeyr, 0x4C5D'6E7F);
    EXPECT_EQ(get(kOptcr), 1U);
    flash.reset(ResetKind::system);
    unlock_options();
}

TEST_F(FlashKeys, AnotherRegisterOfTheBankBetweenTheKeysIsAMistake) {  // T-05 F-181
    for (const Address offset : {kCr, kSr, kCcr, kWpsnPrg, kCrcsadd}) {
        flash.reset(ResetKind::system);
        ASSERT_TRUE(put(kKeyr, 0x4567'0123));
        EXPECT_FALSE(put(offset, 0)) << offset;
        (void)put(kKeyr, 0xCDEF'89AB);
        EXPECT_EQ(get(kCr), 0x31U) << offset;
    }
}

TEST_F(FlashKeys, OtherBankCommonRegistersAndReadsDoNotDisturb) {  // T-05 F-181
    ASSERT_TRUE(put(kKeyr, 0x4567'0123));
    EXPECT_TRUE(put(kCcr + kB2, 0));
    EXPECT_TRUE(put(kAcr, 0x37));
    (void)get(kCr);
    ASSERT_TRUE(put(kKeyr, 0xCDEF'89AB));
    EXPECT_EQ(get(kCr) & kLock, 0U);
}

TEST_F(FlashKeys, NarrowKeyIsAMistake) {  // T-06 F-183 F-005
    EXPECT_FALSE(put(kKeyr, 0x0123, 2));
    (void)put(kKeyr + 2, 0x4567, 2);  // the other half does not mend it
    (void)put(kKeyr, 0x4567'0123);
    (void)put(kKeyr, 0xCDEF'89AB);
    EXPECT_EQ(get(kCr), 0x31U);
    ASSERT_TRUE(put(kKeyr + kB2, 0x4567'0123));
    EXPECT_FALSE(put(kKeyr + kB2, 0xAB, 1)) << "a byte of the second key";
    (void)put(kKeyr + kB2, 0xCDEF'89AB);
    EXPECT_EQ(get(kCr + kB2), 0x31U);
    EXPECT_FALSE(put(kOptkeyr, 0x2A3B, 2));
    (void)put(kOptkeyr, 0x0819'2A3B);
    (void)put(kOptkeyr, 0x4C5D'6E7F);
    EXPECT_EQ(get(kOptcr), 1U);
    flash.reset(ResetKind::system);
    unlock(1);
    unlock(2);
    unlock_options();
}

TEST_F(FlashKeys, AnyRegisterBetweenTheOptionKeysIsAMistake) {  // T-07 F-182
    for (const Address offset : {kAcr, kCcr, kKeyr + kB2, kOptccr + kB2}) {
        flash.reset(ResetKind::system);
        ASSERT_TRUE(put(kOptkeyr, 0x0819'2A3B));
        const auto mistake = put(offset, 0x37);
        ASSERT_FALSE(mistake) << offset;
        EXPECT_EQ(mistake.error().rule, "F-182");
        (void)put(kOptkeyr, 0x4C5D'6E7F);
        EXPECT_EQ(get(kOptcr), 1U);
        (void)put(kOptkeyr, 0x0819'2A3B);
        (void)put(kOptkeyr, 0x4C5D'6E7F);
        EXPECT_EQ(get(kOptcr), 1U) << "till reset";
    }
    EXPECT_EQ(get(kAcr), 0x37U) << "the intruding write is lost";
}

TEST_F(FlashKeys, LockedRegistersIgnoreWrites) {  // T-08 T-25 F-188 F-186 F-138
    EXPECT_TRUE(put(kCr, kPg));
    EXPECT_EQ(get(kCr), 0x31U);
    for (const Address offset :
         {kOptsrPrg, kPrarPrg, kScarPrg, kWpsnPrg, kBoot7Prg, kBoot4Prg, kWpsnPrg + kB2}) {
        const std::uint32_t before = get(offset);
        EXPECT_TRUE(put(offset, 0xFE));
        EXPECT_EQ(get(offset), before) << offset;
    }
    EXPECT_TRUE(put(kOptcr, 1U << 30 | kOptstart | kMer));
    EXPECT_EQ(get(kOptcr), 1U);
}

TEST_F(FlashKeys, UnguardedRegistersNeedNoKey) {  // F-187 F-267
    ASSERT_TRUE(put(kAcr, 0x14));
    EXPECT_EQ(get(kAcr), 0x14U);
    EXPECT_EQ(get(kAcr + kB2), 0x14U);
    ASSERT_TRUE(put(kCrcsadd, 0x0800'0107));
    EXPECT_EQ(get(kCrcsadd), 0x0000'0104U);  // F-109
}

TEST_F(FlashKeys, SettingLockChangesNothingElse) {  // F-185
    unlock();
    ASSERT_TRUE(put(kCr, kPg | 1U << 4));
    ASSERT_TRUE(put(kCr, kLock | kSer | kStart | snb(3)));
    EXPECT_EQ(get(kCr), kLock | kPg | 1U << 4);
    EXPECT_EQ(flags(), 0U);
    unlock();  // the count starts again
    unlock_options();
    ASSERT_TRUE(put(kOptcr, kLock | 1U << 30));
    EXPECT_EQ(get(kOptcr), 1U);
    unlock_options();
}

TEST_F(FlashKeys, ByteWritesKeepTheOtherBytes) {  // F-005
    unlock();
    ASSERT_TRUE(put(kCr, 0x00FF'0030));
    ASSERT_TRUE(put(kCr + 1, 0x02, 1));
    EXPECT_EQ(get(kCr), 0x00EF'0230U);
    EXPECT_EQ(*flash.read(at(0x5200'2000 + kCr + 2, 2, Op::read)), 0x00EFU);
}

}  // namespace
}  // namespace h7::flash

// The interrupt line.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

using FlashInterrupt = FlashBench;

TEST_F(FlashInterrupt, IsALevelOfFlagAndEnable) {  // T-55 F-014 F-258 F-260 F-261
    unlock();
    ASSERT_TRUE(put(kCr, 1U << 22));
    flash.fail_next_operation(0);
    program(kBank1);
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kCr, kLock));
    ASSERT_TRUE(put(kCr, 0));  // masking needs the key
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kCcr, sr::kOperr));  // clearing does not
    EXPECT_FALSE(flash.irq.level());
}

TEST_F(FlashInterrupt, EnablingAStandingFlagRaisesItAtOnce) {  // F-264
    program(kBank2);
    EXPECT_FALSE(flash.irq.level());
    ASSERT_TRUE(put(kCr + kB2, 1U << 16));
    EXPECT_TRUE(flash.irq.level());
    ASSERT_TRUE(put(kCr + kB2, 0));
    EXPECT_FALSE(flash.irq.level());
}

TEST_F(FlashInterrupt, EveryFlagHasItsEnableAtTheSameBit) {  // F-244 F-260
    unlock();
    for (unsigned bit = 16; bit <= 28; ++bit) {
        if (bit == 20 || bit >= 27) continue;  // 27 and 28: crc_test
        ASSERT_TRUE(put(kCcr, ~0U));
        ASSERT_TRUE(put(kCr, 1U << bit));
        EXPECT_FALSE(flash.irq.level()) << bit;
        switch (bit) {
            case 16:
                program(kBank1 + 0x1000);
                break;
            case 17:
                (void)put(kCr, 1U << bit | kPg), store_word(0x1FF1'0000, 0);
                break;
            case 18:
                (void)put(kCr, 1U << bit), (void)store(kBank1, 0);
                break;
            case 19:
                (void)put(kCr, 1U << bit | kPg), (void)store(kBank1, 0), (void)store(kBank1, 0);
                break;
            case 21:
                (void)put(kCr, 1U << bit | kPg), (void)store(kBank1, 0), (void)store(kBank1 + 32, 0);
                break;
            case 22:
                flash.fail_next_operation(0), program(kBank1 + 0x2000);
                break;
            case 23:
                change(kPrarPrg, 0x000F'0000), (void)load(kBank1);
                break;
            case 24:
                (void)load(0x1FF0'0000);
                break;
            case 25:
                flash.inject_ecc(kBank1 + 0x3000, WordState::ecc_single), (void)load(kBank1 + 0x3000);
                break;
            case 26:
                flash.inject_ecc(kBank1 + 0x4000, WordState::ecc_double), (void)load(kBank1 + 0x4000);
                break;
            default:
                break;
        }
        EXPECT_EQ(flags() >> bit & 1U, 1U) << bit;
        EXPECT_TRUE(flash.irq.level()) << bit;
    }
}

TEST_F(FlashInterrupt, ResetDropsTheLine) {  // F-129
    unlock();
    ASSERT_TRUE(put(kCr, 1U << 18));
    ASSERT_TRUE(store(kBank1, 0));
    EXPECT_TRUE(flash.irq.level());
    flash.reset(ResetKind::system);
    EXPECT_FALSE(flash.irq.level());
}

}  // namespace
}  // namespace h7::flash

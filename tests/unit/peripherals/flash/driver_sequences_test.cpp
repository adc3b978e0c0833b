// What public drivers do to the flash, in their order (flash-driver-view.md 13): plain stores,
// read-modify-write, polling.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

class FlashDriver : public FlashBench {
protected:
    static constexpr std::uint32_t kErrors = 0x17EE'0000;  // bits 17,18,19,21-26,28
    void set(Address offset, std::uint32_t bits) { ASSERT_TRUE(put(offset, get(offset) | bits)); }
    void clear(Address offset, std::uint32_t bits) { ASSERT_TRUE(put(offset, get(offset) & ~bits)); }

    /// Waits for QW = 0; errors are cleared and reported, EOP is cleared.
    bool wait(unsigned bank) {
        const Address at = (bank - 1) * kB2;
        for (int tries = 0; (get(kSr + at) & kQw) != 0; ++tries) {
            if (tries > 100) return false;
            let_pass(100 * kMillisecond);
        }
        const std::uint32_t errors = get(kSr + at) & kErrors;
        if (errors != 0) {
            (void)put(kCcr + at, errors);
            return false;
        }
        if ((get(kSr + at) & sr::kEop) != 0) (void)put(kCcr + at, sr::kEop);
        return true;
    }
    bool driver_program(unsigned bank, Address address, std::uint32_t first) {
        const Address at = (bank - 1) * kB2;
        if (!wait(bank)) return false;
        set(kCr + at, kPg);
        for (unsigned i = 0; i < 8; ++i) (void)store(address + 4 * i, first + i);
        const bool good = wait(bank);
        clear(kCr + at, kPg);
        return good;
    }
    bool driver_erase(unsigned bank, unsigned sector) {
        const Address at = (bank - 1) * kB2;
        if (!wait(bank)) return false;
        clear(kCr + at, kPsize | 7U << 8);
        set(kCr + at, kSer | 2U << 4 | snb(sector) | kStart);
        const bool good = wait(bank);
        clear(kCr + at, kSer | 7U << 8);
        return good;
    }
    void run(const Timing& timing) {
        flash.set_timing(timing);
        unlock(1);
        unlock(2);
        EXPECT_TRUE(driver_program(1, kBank1 + 0x40, 0xAB00'0000));
        EXPECT_TRUE(driver_program(2, kBank2 + 0x40, 0xCD00'0000));
        EXPECT_EQ(value_at(kBank1 + 0x44), 0xAB00'0001U);
        EXPECT_TRUE(driver_erase(1, 0));
        EXPECT_TRUE(driver_erase(2, 0));
        EXPECT_EQ(value_at(kBank1 + 0x44), 0xFFFF'FFFFU);
        // mass erase of both banks, in the driver's order: BER of a bank is cleared while the other may still
        // run
        set(kCr, kPsize);
        set(kCr + kB2, kPsize);
        unlock_options();
        set(kOptcr, kMer);
        EXPECT_TRUE(wait(1));
        clear(kCr, kBer);
        EXPECT_TRUE(wait(2));
        clear(kCr + kB2, kBer);
        // option bytes: PRG by read-modify-write, launch, poll
        clear(kWpsnPrg, 1U << 3);
        set(kOptcr, kOptstart);
        for (int tries = 0; (get(kOptsrCur) & 1U) != 0 && tries < 10; ++tries) let_pass(10 * kMillisecond);
        EXPECT_EQ(get(kOptsrCur) & (1U | 1U << 30), 0U);
        EXPECT_EQ(get(kWpsnCur), 0xF7U);
        EXPECT_FALSE(driver_program(1, kBank1 + 3 * kSectorBytes, 0));
        EXPECT_TRUE(driver_program(1, kBank1, 0));
        set(kOptcr, kLock);
        EXPECT_EQ(get(kOptcr) & kLock, kLock);
        set(kCr, kLock);
        set(kCr + kB2, kLock);
        EXPECT_EQ(get(kCr) & get(kCr + kB2) & kLock, kLock);
    }
};

TEST_F(FlashDriver, WholeLifeWithTheTurboClock) { run(Timing::turbo()); }   // F-054 F-079 F-092 F-139
TEST_F(FlashDriver, WholeLifeWithTypicalTimes) { run(Timing::typical()); }  // F-054 F-079 F-092 F-139

TEST_F(FlashDriver, AStaleReadFlagFailsTheNextCallOnce) {  // flash-driver-view 13, rule 6
    change(kPrarPrg, 0x000F'0000);
    unlock();
    (void)load(kBank1);
    EXPECT_FALSE(driver_program(1, kBank1 + 0x2000, 1));
    EXPECT_TRUE(erased(kBank1 + 0x2000, 32));
    EXPECT_TRUE(driver_program(1, kBank1 + 0x2000, 1));
}

TEST_F(FlashDriver, LockedBankGivesPgserr) {  // rule 11; F-062
    EXPECT_FALSE(driver_program(1, kBank1, 1));
    EXPECT_EQ(flags(), 0U);
}

TEST_F(FlashDriver, CrcWithTheSmallestBurstReallyRunsSixteen) {  // rule 22; F-120 F-113
    unlock();
    for (unsigned i = 0; i < 4; ++i) EXPECT_TRUE(driver_program(1, kBank1 + 32 * i, 0));
    set(kCr, kCrcEn);
    set(kCcr, sr::kCrcend | sr::kCrcrderr);
    set(kCrccr, 1U << 17 | 0U << 20);
    ASSERT_TRUE(put(kCrcsadd, kBank1));
    ASSERT_TRUE(put(kCrceadd, kBank1 + 0x7C));
    set(kCrccr, 1U << 16);
    EXPECT_EQ(sr() & kCrcBusy, 0U);
    const ByteView half_kilobyte = flash.user(0).bytes().subspan(0, 512);
    EXPECT_EQ(get(kCrcdatar), crc_over(0, half_kilobyte));
    clear(kCr, kCrcEn);
    EXPECT_EQ(get(kCrcdatar), 0U);
}

TEST_F(FlashDriver,
       PlainStoresOfALoader) {  // rule 25: CR = PG clears PSIZE, CR = LOCK keeps the rest (D-24), F-185
    unlock();
    ASSERT_TRUE(put(kCr, kPg));
    store_word(kBank1, 1);
    EXPECT_EQ(sr(), sr::kEop);
    ASSERT_TRUE(put(kCr, kLock));
    EXPECT_EQ(get(kCr), kPg | kLock);
    unlock_options();
    ASSERT_TRUE(put(kWpsnPrg, 0xFE));
    ASSERT_TRUE(put(kOptccr, 1U << 30));
    ASSERT_TRUE(put(kOptcr, kOptstart));
    EXPECT_EQ(get(kWpsnCur), 0xFEU);
}

}  // namespace
}  // namespace h7::flash

// A flash interface on the bench: real clock, real secure mode, registers by offset, contents by address.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "peripherals/flash/controller.hpp"

namespace h7::flash {

// Offsets of the first block; + kB2 for the second.
inline constexpr Address kAcr = 0x00, kKeyr = 0x04, kOptkeyr = 0x08, kCr = 0x0C, kSr = 0x10, kCcr = 0x14,
                         kOptcr = 0x18, kOptsrCur = 0x1C, kOptsrPrg = 0x20, kOptccr = 0x24, kPrarCur = 0x28,
                         kPrarPrg = 0x2C, kScarCur = 0x30, kScarPrg = 0x34, kWpsnCur = 0x38, kWpsnPrg = 0x3C,
                         kBoot7Cur = 0x40, kBoot7Prg = 0x44, kBoot4Cur = 0x48, kBoot4Prg = 0x4C,
                         kCrccr = 0x50, kCrcsadd = 0x54, kCrceadd = 0x58, kCrcdatar = 0x5C, kEccFa = 0x60,
                         kB2 = 0x100;
inline constexpr std::uint32_t kLock = 1, kPg = 2, kSer = 4, kBer = 8, kFw = 1U << 6, kStart = 1U << 7,
                               kSpss2 = 1U << 14, kCrcEn = 1U << 15, kPsize = 3U << 4, kOptstart = 2,
                               kMer = 1U << 4;
constexpr std::uint32_t snb(unsigned n) { return n << 8; }
inline constexpr std::uint32_t kBsy = 1, kWbne = 2, kQw = 4, kCrcBusy = 8;
inline constexpr Address kBank1 = 0x0800'0000, kBank2 = 0x0810'0000, kSectorBytes = 0x2'0000;

class FlashBench : public ::testing::Test {
protected:
    Clock clock;
    security::SecureMode secure{true};
    Controller flash{Geometry{}, Ports{clock, secure}};
    Master master = Master::cm7;
    Context context = Context::application;

    FlashBench() { flash.reset(ResetKind::power_on); }

    Access at(Address address, unsigned size, Op op) const {
        return {address, static_cast<std::uint8_t>(size), op, master, context, true};
    }
    std::uint32_t get(Address offset) {
        auto value = flash.read(at(0x5200'2000 + offset, 4, Op::read));
        EXPECT_TRUE(value);
        return value ? static_cast<std::uint32_t>(*value) : 0;
    }
    BusResult<void> put(Address offset, std::uint32_t value, unsigned size = 4) {
        return flash.write(at(0x5200'2000 + offset, size, Op::write), value);
    }
    std::uint32_t sr(unsigned bank = 1) { return get(kSr + (bank - 1) * kB2); }
    std::uint32_t flags(unsigned bank = 1) { return sr(bank) & 0xFFFF'0000U; }

    void unlock(unsigned bank = 1) {
        if ((get(kCr + (bank - 1) * kB2) & kLock) == 0) return;
        ASSERT_TRUE(put(kKeyr + (bank - 1) * kB2, 0x4567'0123));
        ASSERT_TRUE(put(kKeyr + (bank - 1) * kB2, 0xCDEF'89AB));
        ASSERT_EQ(get(kCr + (bank - 1) * kB2) & kLock, 0U);
    }
    void unlock_options() {
        if ((get(kOptcr) & kLock) == 0) return;
        ASSERT_TRUE(put(kOptkeyr, 0x0819'2A3B));
        ASSERT_TRUE(put(kOptkeyr, 0x4C5D'6E7F));
        ASSERT_EQ(get(kOptcr) & kLock, 0U);
    }
    void start_options() { ASSERT_TRUE(put(kOptcr, kOptstart)); }
    bool option_error() { return (get(kOptsrCur) >> 30 & 1U) != 0; }
    /// One option register changed, by the actor set in `master` and `context`.
    void change(Address prg, std::uint32_t value) {
        unlock_options();
        ASSERT_TRUE(put(prg, value));
        start_options();
    }
    void set_rdp(std::uint32_t byte) { change(kOptsrPrg, (get(kOptsrCur) & 0xFFFF'00FFU) | byte << 8); }

    BusResult<void> store(Address address, std::uint64_t value, unsigned size = 4) {
        return flash.write_array(at(address, size, Op::write), value);
    }
    BusResult<std::uint64_t> load(Address address, unsigned size = 4) {
        return flash.read_array(at(address, size, Op::read));
    }
    BusResult<std::uint64_t> fetch(Address address) { return flash.read_array(at(address, 4, Op::fetch)); }
    std::uint64_t value_at(Address address, unsigned size = 4) {
        auto value = load(address, size);
        EXPECT_TRUE(value) << std::hex << address;
        return value ? *value : ~std::uint64_t{0};
    }
    void store_word(Address address, std::uint32_t pattern) {
        for (unsigned i = 0; i < 8; ++i) ASSERT_TRUE(store(address + 4 * i, pattern + i));
    }
    /// Unlocks if needed, programs one flash word of 32-bit words pattern, pattern + 1, ..
    void program(Address address, std::uint32_t pattern = 0x1000'0000) {
        const unsigned bank = bank_register(address);
        unlock(bank == 0 ? 1 : 2);
        ASSERT_TRUE(put(kCr + bank, get(kCr + bank) | kPg));
        store_word(address, pattern);
    }
    void erase_sector(Address address) {
        const unsigned bank = bank_register(address);
        unlock(bank == 0 ? 1 : 2);
        ASSERT_TRUE(put(kCr + bank, kSer | kStart | kPsize | snb(address % 0x10'0000 / kSectorBytes)));
    }
    static unsigned bank_register(Address address) { return address % 0x20'0000 >= 0x10'0000 ? kB2 : 0; }

    bool erased(Address address, std::uint32_t size) {
        const ByteView bytes =
            flash.user(address >= kBank2 ? 1 : 0).bytes().subspan(address % 0x10'0000, size);
        return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; });
    }
    void as(Master who, Context code = Context::application) {
        master = who;
        context = code;
    }
    void let_pass(Time time) { clock.advance_to(clock.now() + time); }
    /// A chip whose SECURITY option is set and latched, as after a reset.
    void secure_boot() {
        change(kOptsrPrg, get(kOptsrCur) | 1U << 21);
        system_reset();
    }
    void system_reset() {
        flash.reset(ResetKind::system);
        secure.sample_at_reset((flash.options()[kOptsr] >> 21 & 1U) != 0);
    }
};

}  // namespace h7::flash

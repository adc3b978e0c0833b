// A chip whose cores do what a test writes into RAM, and whose registers the test reads and writes as a core
// would.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>

#include "peripherals/gpio/gpio.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {

/// Both cores wait in WFI, the program of each in its flash.
class IdleChip : public ::testing::Test {
protected:
    static constexpr Address kRcc = 0x5802'4400, kPwr = 0x5802'4800, kExti = 0x5800'0000;

    void begin(ChipBuilder builder = a_chip()) {
        bench = std::make_unique<BenchChip>(builder.holding("hello_m7").holding("hello_m4").build());
        chip = bench.get();
        chip->keep_trace({Topic::reset, Topic::boot, Topic::notice});
        chip->power_on();
        (void)chip->run(10 * kMillisecond);
    }
    void put(Address address, std::uint32_t value, Master as = Master::cm7) {
        chip->store(as, address, value);
    }
    std::uint32_t get(Address address, Master as = Master::cm7) {
        const auto value = chip->load(as, address);
        EXPECT_TRUE(value) << std::hex << address;
        return static_cast<std::uint32_t>(value.value_or(0xBADC'0DE0));
    }
    void or_in(Address address, std::uint32_t bits, Master as = Master::cm7) {
        put(address, get(address, as) | bits, as);
    }
    std::uint32_t private_register(Master core, Address address) {
        cpu::Core& c = core == Master::cm7 ? (*chip)->cm7() : (*chip)->cm4();
        return static_cast<std::uint32_t>(
            c.read_private({address, 4, Op::read, core, Context::application, true}).value());
    }
    void put_private(Master core, Address address, std::uint32_t value) {
        cpu::Core& c = core == Master::cm7 ? (*chip)->cm7() : (*chip)->cm4();
        EXPECT_TRUE(c.write_private({address, 4, Op::write, core, Context::application, true}, value));
    }
    cpu::RunState state(Master core) const {
        return core == Master::cm7 ? (*chip)->cm7().state() : (*chip)->cm4().state();
    }
    /// Reset flags of core 1 or 2, which are forgotten.
    std::uint32_t take_flags(unsigned core) {
        const Address at = kRcc + (core == 1 ? 0x130 : 0x190);
        const std::uint32_t seen = get(at, Master::ap1);
        put(at, 1U << 16, Master::ap1), put(at, 0, Master::ap1);
        return seen;
    }
    /// The core goes on with SLEEPDEEP = 1 and WFI for ever, from SRAM4: that keeps its supply with D3.
    void into_cstop(Master core) {
        const Address code = core == Master::cm7 ? 0x3800'0100 : 0x3800'0180;
        const std::uint32_t words[] = {
            0x3800'8000, code + 9,    0xB672'4802,  // cpsid i: it wakes, no handler
            0x6001'2104, 0xE7FD'BF30, 0xE000'ED10};
        for (unsigned i = 0; i < std::size(words); ++i) put(code + 4 * i, words[i], Master::ap1);
        (core == Master::cm7 ? (*chip)->cm7() : (*chip)->cm4()).hand_over(code, true);
        (void)chip->run(10 * kMicrosecond);
    }
    bool traced(std::string_view text) const {
        for (const std::string& line : chip->trace_lines())
            if (line.find(text) != std::string::npos) return true;
        return false;
    }
    BenchChip* chip = nullptr;

private:
    std::unique_ptr<BenchChip> bench;
};

}  // namespace h7::test

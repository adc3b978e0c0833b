// Any access of any width to any address by any master has a defined answer: a value, a bus error that names
// itself, or something named "not modelled". Nothing asserts, nothing crashes, and twice is the same.
// Issue 5, "bad input"; system.md 1.1, 1.2, 1.5; D-28.
#include <gtest/gtest.h>

#include "emulator/base/random.hpp"
#include "emulator/chip/memory_map.hpp"
#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr std::uint64_t kSpace = std::uint64_t{1} << 32;
constexpr Address kPage = 4096;

class Sweep {
public:
    explicit Sweep(std::uint64_t seed)
        : random_(seed), bench_(a_chip().flashed("hello_m7").flashed("hello_m4").build()) {
        bench_.power_on();
        (void)bench_.run(5 * kMillisecond);
    }
    chip::Chip& chip() { return *bench_; }
    std::uint64_t digest() const { return digest_; }

    /// Both banks of RCC enables: registers answer instead of reading 0.
    void open_every_gate() {
        for (const Address bank : {0x134U, 0x194U})
            for (Address offset = 0; offset <= 0x20; offset += 4)
                (void)chip().write({0x5802'4400 + bank + offset, 4, Op::write, Master::cm7}, 0xFFFF'FFFF);
    }
    void access(Master master, Address at, unsigned size, Op op) {
        const Access access{
            at, static_cast<std::uint8_t>(size), op, master, Context::application, (random_.next() & 1) != 0};
        if (op == Op::write) {
            take(chip().write(access, random_.next() >> (64 - 8 * size)), access);
        } else {
            const auto value = chip().read(access);
            if (value && size < 8) {
                EXPECT_EQ(*value >> (8 * size), 0U) << std::hex << at << " more bits than asked for";
            }
            take(value, access);
        }
    }
    void through_port(Master ap, Address at, unsigned size, Op op) {
        const Access access{at, static_cast<std::uint8_t>(size), op, ap};
        if (op == Op::write)
            take(chip().debug_port().write(ap, at, size, random_.next() >> (64 - 8 * size)), access);
        else
            take(chip().debug_port().read(ap, at, size), access);
    }
    void run() {
        (void)bench_.run(kMillisecond);
        note(chip().clock().now());
        note(chip().cm7().instructions());
    }
    Address draw(Address below) { return static_cast<Address>(random_.next() % below); }

private:
    template <class Result>
    void take(const Result& result, const Access& access) {
        if (result) {
            if constexpr (requires { *result + 0U; }) note(*result);
            return note(1);
        }
        const BusFault& fault = result.error();
        EXPECT_FALSE(fault.why.empty()) << std::hex << access.address;
        EXPECT_FALSE(fault.rule.empty()) << std::hex << access.address << ' ' << fault.why;
        note(fault.kind == BusFault::Kind::wait ? 3 : 2);
    }
    void note(std::uint64_t what) { digest_ = (digest_ ^ what) * 0x1000'0000'01B3U; }

    SeededRandom random_;
    BenchChip bench_;
    std::uint64_t digest_ = 0xCBF2'9CE4'8422'2325U;
};

std::vector<Master> masters() {
    std::vector<Master> all;
    for (unsigned n = 0; n < kMasters; ++n) all.push_back(static_cast<Master>(n));
    return all;
}

/// Everything somebody answers at: memories, and each page of each block.
std::vector<Address> pages(const chip::Chip& chip) {
    std::vector<Address> all;
    for (const chip::Region& region : chip::memory_map())
        if (region.target != chip::Target::peripheral)
            for (std::uint64_t at = region.first; at <= region.last; at += 16 * kPage)
                all.push_back(static_cast<Address>(at));
    for (const Peripheral* block : chip.peripherals())
        for (Address offset = 0;
             offset<block->size(); offset += block->size()> 16 * kPage ? 8 * kPage : kPage)
            all.push_back(block->base() + offset);
    return all;
}

std::uint64_t sweep_of_what_answers(std::uint64_t seed) {
    Sweep sweep(seed);
    sweep.open_every_gate();
    for (const Address page : pages(sweep.chip()))
        for (const Master master : masters())
            for (const unsigned size : {1U, 2U, 4U, 8U})
                for (const Op op : {Op::read, Op::write}) {
                    const Address aligned = page + sweep.draw(0x400 / size) * size;
                    // What would end the power-on life of the test: the watchdogs start, resets are asked
                    // for.
                    sweep.access(master, aligned, size, op);
                    sweep.access(master, page + sweep.draw(kPage), size, op);
                }
    sweep.run();
    for (const Master ap : {Master::ap0, Master::ap1, Master::ap2, Master::ap3})
        for (Address at = 0xE000'0000; at <= 0xE00F'F000; at += 0x400)
            for (const unsigned size : {1U, 2U, 4U, 8U})
                for (const Op op : {Op::read, Op::write})
                    sweep.through_port(ap, at + sweep.draw(0x400), size, op);
    sweep.run();
    return sweep.digest();
}

TEST(AnyAccess, HasADefinedAnswerAndTheSameEachTime) {  // issue 5, bad input; D-28
    EXPECT_EQ(sweep_of_what_answers(1), sweep_of_what_answers(1));
    (void)sweep_of_what_answers(2);
}

TEST(AnyAccess, WhereNobodyIsEveryMasterGetsABusError) {  // system.md 1.1, 1.5
    Sweep sweep(3);
    const auto somebody = [&](Address at, Master master) { return chip::find_region(at, master) != nullptr; };
    for (std::uint64_t megabyte = 0; megabyte < kSpace; megabyte += 0x10'0000)
        for (const Master master : masters())
            for (const unsigned size : {1U, 2U, 4U, 8U}) {
                const Address at = static_cast<Address>(megabyte) + sweep.draw(0x10'0000 - 8);
                if (somebody(at, master) || somebody(at + 7, master)) continue;
                EXPECT_FALSE(sweep.chip().read({at, static_cast<std::uint8_t>(size), Op::read, master}))
                    << std::hex << at << ' ' << name_of(master);
                EXPECT_FALSE(sweep.chip().write({at, static_cast<std::uint8_t>(size), Op::write, master}, 0));
            }
}

TEST(AnyAccess, EveryPageOfTheMapForBothCores) {  // system.md 1.1
    Sweep sweep(4);
    for (const Master core : {Master::cm7, Master::cm4})
        for (std::uint64_t page = 0; page < kSpace; page += kPage) {
            const Address at = static_cast<Address>(page) + (sweep.draw(kPage) & ~3U);
            const auto value = sweep.chip().read({at, 4, Op::read, core, Context::application, true});
            const bool nobody = chip::find_region(at, core) == nullptr;
            ASSERT_TRUE(!nobody || !value) << std::hex << at;
            ASSERT_TRUE(value || !value.error().rule.empty()) << std::hex << at;
        }
    sweep.run();
}

TEST(AnyAccess, TheEndOfAMemoryIsTheEnd) {  // wider than what is left: no half of it happens
    Sweep sweep(5);
    for (const chip::Region& region : chip::memory_map()) {
        if (region.target != chip::Target::ram) continue;
        for (const Master master : masters()) {
            if (!region.reach.has(master)) continue;
            EXPECT_TRUE(sweep.chip().read({region.last - 3, 4, Op::read, master}));
            EXPECT_FALSE(sweep.chip().read({region.last - 2, 4, Op::read, master})) << region.name;
            EXPECT_FALSE(sweep.chip().write({region.last - 3, 8, Op::write, master}, 0)) << region.name;
        }
    }
}

}  // namespace
}  // namespace h7::test

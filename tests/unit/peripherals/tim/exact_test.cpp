// The counter against two independent computations: whole numbers over changing clocks, and a timer that
// really ticks.
#include <algorithm>
#include <random>

#include "tests/unit/peripherals/tim/bench.hpp"

namespace h7::tim {
namespace {

__extension__ using Wide = unsigned __int128;

TEST(TimExact, CounterOverChangingClocksIsTheQuotientOfWholeNumbers) {  // system.md 6.3, 4.2; D-28
    std::mt19937_64 random(5);
    const auto pick = [&random](std::uint64_t low, std::uint64_t high) {
        return low + random() % (high - low + 1);
    };
    for (unsigned round = 0; round < 200; ++round) {
        Bench b(Kind::general_32, 1);
        const auto psc = static_cast<std::uint32_t>(pick(0, 3) == 0 ? pick(0, 5) : pick(0, 0xFFFF));
        const auto arr = static_cast<std::uint32_t>(pick(0, 1) == 0 ? 0xFFFF'FFFF : pick(1, 70'001));
        b.tim.set_clock(0);
        b.write(kPsc, psc);
        b.write(kArr, arr);
        b.write(kEgr, 1);
        b.write(kCr1, kCen);
        Wide sum = 0;  // of Hz times picoseconds
        for (unsigned step = 0; step < 30; ++step) {
            const auto hz = static_cast<std::uint32_t>(pick(0, 9) == 0 ? 0 : pick(1, 480'000'000));
            b.tim.set_clock(hz);
            for (unsigned look = 0; look < 3; ++look) {
                const Time time = pick(1, pick(0, 1) == 0 ? 50'000 : 3 * kSecond);
                b.wait(time);
                sum += Wide{hz} * time;
                const Wide periods = sum / kSecond / (psc + 1U);
                const auto expected = static_cast<std::uint32_t>(periods % (Wide{arr} + 1));
                ASSERT_EQ(b.read(kCnt), expected) << "round " << round << " step " << step;
            }
        }
    }
}

/// A timer that ticks, one period of the kernel clock after the other, with everything preloaded.
struct Ticking {
    std::uint32_t mode = 0, psc = 0, arr = 0, rcr = 0, value = 0, divided = 0, repetitions = 0;  // in use
    std::uint32_t next_psc = 0, next_arr = 0, next_rcr = 0;
    std::array<std::uint32_t, 4> compare{}, next_compare{};
    bool down = false, one_pulse = false, enabled = true, center_up = true, center_down = true;
    std::uint32_t flags = 0;

    void update() {
        flags |= 1;
        psc = next_psc;
        arr = next_arr;
        repetitions = next_rcr;
        compare = next_compare;
        if (one_pulse) enabled = false;
    }
    void turn() {
        if (repetitions > 0)
            --repetitions;
        else
            update();
    }
    void match(std::uint32_t arrived, bool up, bool end, std::uint32_t range) {
        if (mode == 2 && !(up ? center_up : center_down)) return;
        for (unsigned i = 0; i < 4; ++i)
            if (compare[i] == arrived || (end && compare[i] > range)) flags |= 2U << i;
    }
    void tick() {
        if (!enabled || arr == 0) return;
        if (divided < psc) {
            ++divided;
            return;
        }
        divided = 0;
        const std::uint32_t range = arr;
        if (mode == 0) {
            const bool over = value == arr;
            value = over ? 0 : value + 1;
            match(value, true, over, range);
            if (over) turn();
        } else if (mode == 1) {
            const bool under = value == 0;
            value = under ? arr : value - 1;
            match(value, false, under, range);
            if (under) {
                turn();
                value = arr;
            }
        } else if (!down) {
            ++value;
            match(value, true, value == arr, range);
            if (value == arr) {
                down = true;
                turn();
            }
        } else {
            --value;
            match(value, false, false, range);
            if (value == 0) {
                down = false;
                turn();
            }
        }
    }
};

TEST(TimExact, ATimerThatTicksShowsTheSame) {  // system.md 6.3
    std::mt19937 random(11);
    const auto pick = [&random](std::uint32_t low, std::uint32_t high) {
        return static_cast<std::uint32_t>(low + random() % (high - low + 1));
    };
    for (unsigned round = 0; round < 400; ++round) {
        Bench b(Kind::advanced);
        Ticking t;
        t.mode = pick(0, 2);
        const std::uint32_t cms = t.mode == 2 ? pick(1, 3) : 0;
        t.center_up = (cms & 2) != 0;
        t.center_down = (cms & 1) != 0;
        const auto settings = [&](bool first) {
            t.next_psc = pick(0, 4);
            // A counter outside its range takes its own way: changed while running, the range only grows.
            t.next_arr = first ? pick(1, 20) : t.next_arr + pick(0, 5);
            t.next_rcr = pick(0, 3) == 0 ? pick(1, 6) : 0;
            for (auto& c : t.next_compare) c = pick(0, 25);
            b.write(kPsc, t.next_psc);
            b.write(kArr, t.next_arr);
            b.write(kRcr, t.next_rcr);
            for (unsigned i = 0; i < 4; ++i) b.write(kCcr1 + 4 * i, t.next_compare[i]);
        };
        b.write(kCcmr1, 0x0808);
        b.write(kCcmr2, 0x0808);
        b.write(kCr1, kArpe | cms << 5 | (t.mode == 1 ? kDir : 0U));
        settings(true);
        b.write(kEgr, 1);
        t.update();
        t.value = t.mode == 1 ? t.arr : 0;
        t.flags = 0;
        b.write(kSr, 0);
        const bool interrupts = pick(0, 1) == 1;  // with events on the clock or without: the same
        b.write(kDier, interrupts ? pick(0, 31) : 0);
        b.write(kCr1, kCen | kArpe | cms << 5 | (t.mode == 1 ? kDir : 0U));
        for (unsigned step = 0; step < 12; ++step) {
            const std::uint32_t ticks = pick(0, 2) == 0 ? pick(200, 3000) : pick(0, 30);
            b.wait_us(ticks);
            for (std::uint32_t n = 0; n < ticks; ++n) t.tick();
            ASSERT_EQ(b.read(kCnt), t.value) << "round " << round << " step " << step;
            ASSERT_EQ(b.read(kSr) & 0x1FU, t.flags) << "round " << round << " step " << step;
            if (interrupts) {
                ASSERT_EQ(b.tim.irq.level(), (t.flags & b.read(kDier)) != 0)
                    << "round " << round << " step " << step;
            }
            if (pick(0, 1) == 1) {
                b.write(kSr, 0);
                t.flags = 0;
            }
            if (pick(0, 2) == 0) settings(false);
            if (pick(0, 9) == 0) {
                t.one_pulse = !t.one_pulse;
                b.write(kCr1, (b.read(kCr1) & ~kOpm) | (t.one_pulse ? kOpm : 0));
            }
        }
    }
}

TEST(TimExact, AnEnabledInterruptComesAtTheFirstInstantOfItsPeriod) {  // system.md 6.3; D-28
    std::mt19937_64 random(3);
    for (unsigned round = 0; round < 100; ++round) {
        const auto hz = static_cast<std::uint32_t>(1 + random() % 240'000'000);
        Bench b(Kind::basic, hz);
        const auto psc = static_cast<std::uint32_t>(random() % 999),
                   arr = static_cast<std::uint32_t>(1 + random() % 999);
        b.write(kPsc, psc);
        b.write(kArr, arr);
        b.write(kEgr, 1);
        b.write(kSr, 0);
        b.write(kDier, 1);
        b.write(kCr1, kCen);
        for (std::uint64_t period = 1; period < 6; ++period) {
            const Wide ticks = Wide{period} * (psc + 1) * (arr + 1);
            const auto due = static_cast<Time>((ticks * kSecond + hz - 1) / hz);
            ASSERT_EQ(b.clock.next_deadline(), due);
            b.clock.advance_to(due);
            EXPECT_TRUE(b.tim.irq.level());
            b.write(kSr, 0);
            EXPECT_FALSE(b.tim.irq.level());
        }
    }
}

}  // namespace
}  // namespace h7::tim

#include "peripherals/tim/counter.hpp"

#include <algorithm>

namespace h7::tim {

bool Leg::meets(std::uint32_t compare) const {
    if (up ? compare > from && compare <= last : compare < from && compare >= last) return true;
    if (landing != last && compare == landing) return true;
    return beyond && compare > reload;
}

// What lies ahead up to the next turn, or up to the top when the value is above the reload value.
Counter::Road Counter::road() const {
    const std::uint64_t here = value;
    switch (mode) {
        case Mode::up:
            if (value > reload) return {std::uint64_t{top} - here + 1, top, 0, true, false};
            return {std::uint64_t{reload} - here + 1, reload, 0, true, true};
        case Mode::down:
            return {here + 1, 0, reload, false, true};
        case Mode::center:
            break;
    }
    if (down) return {std::max<std::uint64_t>(here, 1), 0, 0, false, true};
    if (value >= reload)
        return {1, reload, reload, true, true};  // the reload value became smaller: it turns here
    return {std::uint64_t{reload} - here, reload, reload, true, true};
}

Leg Counter::advance(std::uint64_t ticks) {
    const Road ahead = road();
    const std::uint64_t divider = std::uint64_t{prescaler} + 1;
    // A prescaler that became smaller may have passed its end: the next period takes it there.
    const std::uint64_t whole = ahead.steps * divider;
    const std::uint64_t needed = whole > phase ? whole - phase : 1;
    Leg leg{.from = value, .up = ahead.up, .reload = reload};
    if (ticks >= needed) {
        leg.ticks = needed;
        leg.last = ahead.last;
        leg.turn = ahead.turn;
        leg.beyond = ahead.turn && (mode == Mode::down || ahead.up);
        phase = 0;
        value = ahead.landing;
        if (mode == Mode::center && ahead.turn) down = ahead.up;
    } else {
        leg.ticks = ticks;
        const std::uint64_t moved = (phase + ticks) / divider;
        phase = (phase + ticks) % divider;
        value = static_cast<std::uint32_t>(ahead.up ? value + moved : value - moved);
        leg.last = value;
    }
    leg.landing = value;
    return leg;
}

std::uint64_t Counter::turn_distance() const {
    const std::uint64_t steps = mode == Mode::center ? reload : std::uint64_t{reload} + 1;
    return steps * (std::uint64_t{prescaler} + 1);
}

std::uint64_t Counter::ticks_to_turn() const {
    Counter ahead = *this;
    std::uint64_t ticks = 0;
    while (true) {
        const Leg leg = ahead.advance(~std::uint64_t{0});
        ticks += leg.ticks;
        if (leg.turn) return ticks;
    }
}

std::uint64_t Counter::ticks_to(std::uint32_t compare, bool while_up, bool while_down) const {
    Counter ahead = *this;
    std::uint64_t ticks = 0;
    for (unsigned legs = 0; legs < 4; ++legs) {
        const Counter start = ahead;
        const Leg leg = ahead.advance(~std::uint64_t{0});
        if ((leg.up ? while_up : while_down) && leg.meets(compare)) {
            const bool passed = leg.up ? compare > leg.from && compare <= leg.last
                                       : compare < leg.from && compare >= leg.last;
            if (!passed) return ticks + leg.ticks;
            const std::uint64_t steps = leg.up ? compare - leg.from : leg.from - compare;
            const std::uint64_t whole = steps * (std::uint64_t{prescaler} + 1);
            return ticks + std::min(whole > start.phase ? whole - start.phase : 1, leg.ticks);
        }
        ticks += leg.ticks;
    }
    return 0;
}

void Counter::save(StateWriter& out) const {
    out.u32(value);
    out.flag(down);
    out.u8(static_cast<std::uint8_t>(mode));
    out.u32(reload);
    out.u32(prescaler);
    out.u64(phase);
}

void Counter::load(StateReader& in) {
    value = in.u32() & top;
    down = in.flag();
    mode = static_cast<Mode>(in.u8() % 3);
    reload = in.u32() & top;
    prescaler = in.u32() & 0xFFFFU;
    phase = in.u64() % (std::uint64_t{prescaler} + 1);
}

}  // namespace h7::tim

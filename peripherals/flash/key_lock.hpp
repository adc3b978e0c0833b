// A lock of two keys in order. Any mistake shuts it until the next system reset (F-177..F-184).
#pragma once

#include <cstdint>

namespace h7::flash {

class KeyLock {
public:
    constexpr KeyLock(std::uint32_t first, std::uint32_t second) : first_(first), second_(second) {}

    bool open() const { return state_ == State::open; }
    /// The first key was given: until the second one no other register of the set may be written.
    bool half_open() const { return state_ == State::half; }
    bool shut_until_reset() const { return state_ == State::shut; }

    /// A write to the key register. False: a bus error. Once shut the register is dead: it takes anything and
    /// does nothing (decision 0030).
    bool feed(std::uint32_t key, bool whole_word) {
        if (state_ == State::shut) return true;
        const bool right = whole_word && ((state_ == State::closed && key == first_) ||
                                          (state_ == State::half && key == second_));
        if (!right) return shut();
        state_ = state_ == State::closed ? State::half : State::open;
        return true;
    }
    /// Another register was written between the keys (F-181, F-182).
    bool shut() {
        state_ = State::shut;
        return false;
    }
    /// LOCK written 1 by software: a new key sequence opens it again (F-185).
    void close() {
        if (state_ != State::shut) state_ = State::closed;
    }
    void reset() { state_ = State::closed; }

    std::uint8_t state() const { return static_cast<std::uint8_t>(state_); }
    void restore(std::uint8_t state) { state_ = state <= 3 ? static_cast<State>(state) : State::shut; }

private:
    enum class State : std::uint8_t { closed, half, open, shut };
    std::uint32_t first_;
    std::uint32_t second_;
    State state_ = State::closed;
};

}  // namespace h7::flash

// A value or the reason why there is none. Two uses: Result<T> (the user's mistake) and BusResult<T> (the
// guest's fault). Our own bugs are asserts, never an Expected.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

namespace h7 {

template <class T, class E>
class [[nodiscard]] Expected {
public:
    using value_type = T;
    Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Expected(E error) : state_(std::in_place_index<1>, std::move(error)) {}
    /// The value made where it will stay, for what is large or leaves traces when moved.
    template <class... Args>
    explicit Expected(std::in_place_t, Args&&... args)
        : state_(std::in_place_index<0>, std::forward<Args>(args)...) {}

    explicit operator bool() const { return state_.index() == 0; }
    bool has_value() const { return state_.index() == 0; }
    T& value() {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    const T& value() const {
        assert(has_value());
        return *std::get_if<0>(&state_);
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    E& error() {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }
    const E& error() const {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }
    T value_or(T other) const { return has_value() ? value() : std::move(other); }

private:
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Expected<void, E> {
public:
    using value_type = void;
    Expected() = default;
    Expected(E error) : error_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return error_.index() == 0; }
    bool has_value() const { return error_.index() == 0; }
    void value() const { assert(has_value()); }
    E& error() {
        assert(!has_value());
        return *std::get_if<1>(&error_);
    }
    const E& error() const {
        assert(!has_value());
        return *std::get_if<1>(&error_);
    }

private:
    std::variant<std::monostate, E> error_;
};

namespace detail {
template <class T, class E>
T take(Expected<T, E>&& expected) {
    return std::move(expected.value());
}
template <class E>
void take(Expected<void, E>&&) {}
}  // namespace detail

}  // namespace h7

// Every use has its own variable, so that one TRY may stand inside the argument of another.
#define H7_TRY_JOIN_(a, b) a##b
#define H7_TRY_NAME_(n) H7_TRY_JOIN_(h7_try_, n)
#define H7_TRY_(expr, name)                        \
    __extension__({                                \
        auto name = (expr);                        \
        if (!name) return std::move(name.error()); \
        ::h7::detail::take(std::move(name));       \
    })

/// The value of `expr`, or a return from the enclosing function with its error.
#define TRY(expr) H7_TRY_(expr, H7_TRY_NAME_(__COUNTER__))

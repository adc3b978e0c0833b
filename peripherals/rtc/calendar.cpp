#include "peripherals/rtc/calendar.hpp"

#include <algorithm>
#include <array>

#include "emulator/base/bits.hpp"

namespace h7::rtc {
namespace {

constexpr unsigned kMinute = 60, kHour = 3600, kDay = 86400;
constexpr std::uint64_t kHorizon = 400ULL * kDay;  // virtual time ends before (2^64 ps)

unsigned from_bcd(std::uint32_t bcd) { return 10 * (bcd >> 4 & 15U) + (bcd & 15U); }
std::uint32_t to_bcd(unsigned value) { return value / 10 << 4 | value % 10; }

unsigned days_of(unsigned month, unsigned year) {
    constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return kDays[month - 1] + (month == 2 && year % 4 == 0 ? 1U : 0U);
}

std::uint32_t hours_bcd(unsigned hour, bool twelve) {
    if (!twelve) return to_bcd(hour);
    const unsigned shown = hour % 12 == 0 ? 12 : hour % 12;
    return to_bcd(shown) | (hour >= 12 ? 1U << 6 : 0U);
}

}  // namespace

Moment Moment::from_registers(std::uint32_t tr, std::uint32_t dr, bool twelve) {
    Moment m;
    unsigned hours = from_bcd(extract(tr, 21, 16));
    if (twelve) hours = hours % 12 + (test_bit(tr, 22) ? 12 : 0);
    m.second = std::min(hours, 23U) * kHour + std::min(from_bcd(extract(tr, 14, 8)), 59U) * kMinute +
               std::min(from_bcd(extract(tr, 6, 0)), 59U);
    m.year = std::min(from_bcd(extract(dr, 23, 16)), 99U);
    m.month = std::clamp(from_bcd(extract(dr, 12, 8)), 1U, 12U);
    m.date = std::clamp(from_bcd(extract(dr, 5, 0)), 1U, days_of(m.month, m.year));
    m.weekday = std::max(extract(dr, 15, 13), 1U);
    return m;
}

std::uint32_t Moment::tr(bool twelve) const {
    return hours_bcd(second / kHour, twelve) << 16 | to_bcd(second % kHour / kMinute) << 8 |
           to_bcd(second % kMinute);
}

std::uint32_t Moment::dr() const {
    return to_bcd(year) << 16 | weekday << 13 | to_bcd(month) << 8 | to_bcd(date);
}

void Moment::advance(std::uint64_t seconds) {
    const std::uint64_t total = second + seconds;
    second = static_cast<unsigned>(total % kDay);
    for (std::uint64_t days = total / kDay; days > 0; --days) {
        weekday = weekday % 7 + 1;
        if (++date <= days_of(month, year)) continue;
        date = 1;
        if (++month <= 12) continue;
        month = 1;
        year = (year + 1) % 100;
    }
}

bool Match::day(const Moment& m) const {
    if (test_bit(alarm, 31)) return true;
    if (test_bit(alarm, 30)) return extract(alarm, 27, 24) == m.weekday;
    return extract(alarm, 29, 24) == to_bcd(m.date);
}

bool Match::hour(const Moment& m, bool twelve) const {
    return test_bit(alarm, 23) || extract(alarm, 22, 16) == hours_bcd(m.second / kHour, twelve);
}

bool Match::minute(const Moment& m) const {
    return test_bit(alarm, 15) || extract(alarm, 14, 8) == to_bcd(m.second % kHour / kMinute);
}

bool Match::second(const Moment& m) const {
    return test_bit(alarm, 7) || extract(alarm, 6, 0) == to_bcd(m.second % kMinute);
}

std::optional<std::uint64_t> Match::seconds_from(Moment m, bool twelve) const {
    std::uint64_t passed = 0;
    while (passed <= kHorizon) {
        unsigned step = 0;
        if (!day(m))
            step = kDay - m.second;
        else if (!hour(m, twelve))
            step = kHour - m.second % kHour;
        else if (!minute(m))
            step = kMinute - m.second % kMinute;
        else if (!second(m))
            step = 1;
        else
            return passed;
        m.advance(step);
        passed += step;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> Match::period(std::uint32_t prediv_s) const {
    const unsigned width = extract(subsecond, 27, 24);
    if (width == 0) return 0;
    const std::uint32_t compared = mask(width - 1, 0), wanted = subsecond & compared & 0x7FFFU;
    // The first value at or below prediv_s with these low bits.
    std::uint32_t value = (prediv_s & ~compared) | wanted;
    if (value > prediv_s) {
        if (value <= compared) return std::nullopt;
        value -= compared + 1;
    }
    return prediv_s - value;
}

}  // namespace h7::rtc

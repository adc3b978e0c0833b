// The calendar of the RTC: binary-coded registers, seconds that carry into years, and when an alarm is due.
// Arithmetic only, without time and without the block. RM0399, "RTC registers"; system.md 6.6.
#pragma once

#include <cstdint>
#include <optional>

namespace h7::rtc {

/// A second of the calendar. RTC_TR and RTC_DR show it in BCD.
struct Moment {
    unsigned year = 0;     // 0..99; every fourth is a leap year
    unsigned month = 1;    // 1..12
    unsigned date = 1;     // 1..31
    unsigned weekday = 1;  // 1 = Monday .. 7
    unsigned second = 0;   // of the day: 0..86399

    /// `twelve`: CR.FMT, hours 1 to 12 with PM. Digits that are no time or date count as the nearest one.
    static Moment from_registers(std::uint32_t tr, std::uint32_t dr, bool twelve);
    std::uint32_t tr(bool twelve) const;
    std::uint32_t dr() const;

    void advance(std::uint64_t seconds);
    bool operator==(const Moment&) const = default;
};

/// RTC_ALRMxR and RTC_ALRMxSSR.
struct Match {
    std::uint32_t alarm = 0;
    std::uint32_t subsecond = 0;

    bool day(const Moment& m) const;                // MSK4, WDSEL
    bool hour(const Moment& m, bool twelve) const;  // MSK3
    bool minute(const Moment& m) const;             // MSK2
    bool second(const Moment& m) const;             // MSK1

    /// Whole seconds from `m` to the first one, `m` itself included, in which the alarm is due; empty: not
    /// within the time a run can last.
    std::optional<std::uint64_t> seconds_from(Moment m, bool twelve) const;
    /// Which ck_apre period of that second: SSR counts down from `prediv_s` and meets SS in the MASKSS lowest
    /// bits. Empty: it never does.
    std::optional<std::uint32_t> period(std::uint32_t prediv_s) const;
};

}  // namespace h7::rtc

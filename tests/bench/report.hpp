// What a benchmark prints: one JSON object a line, {bench, case, tier, value, unit, ratio, against, bar};
// tier only where one case is measured on several implementations. scripts/bench reads it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace h7::bench {

struct Row {
    std::string_view bench, name, unit, against;
    double value = 0, ratio = 0;
    std::optional<double> bar;  // the ratio we hold ourselves to
    std::string_view tier = {};
};

inline void print(const Row& row) {
    fmt::print(
        R"({{"bench":"{}","case":"{}","tier":{},"value":{:.1f},"unit":"{}","ratio":{:.3f},"against":"{}","bar":{}}})"
        "\n",
        row.bench, row.name, row.tier.empty() ? "null" : fmt::format("\"{}\"", row.tier), row.value, row.unit,
        row.ratio, row.against, row.bar ? fmt::format("{:.2f}", *row.bar) : "null");
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Seconds per call, over enough calls to fill two milliseconds.
template <class Work>
double seconds_per_call(Work&& work) {
    using Clock = std::chrono::steady_clock;
    for (std::size_t calls = 1;; calls *= 2) {
        const auto start = Clock::now();
        for (std::size_t i = 0; i < calls; ++i) work();
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        if (seconds >= 0.002) return seconds / static_cast<double>(calls);
    }
}

struct Paired {
    double ours = 0, ratio = 0;  // seconds per call; theirs / ours
};

/// Both in turns, so that a slow moment of the machine hits both: median time of ours, median of the paired
/// ratios.
template <class Ours, class Theirs>
Paired compare(Ours&& ours, Theirs&& theirs, int repeats = 15) {
    std::vector<double> times, ratios;
    for (int i = 0; i < repeats; ++i) {
        const double a = seconds_per_call(ours), b = seconds_per_call(theirs);
        times.push_back(a);
        ratios.push_back(b / a);
    }
    return {median(times), median(ratios)};
}

/// The same for work of nanoseconds to milliseconds: neighbours are half a millisecond long and start
/// alternately, so that even short phases of the machine hit both.
template <class Ours, class Theirs>
Paired alternate(Ours&& ours, Theirs&& theirs, int repeats = 41) {
    using Clock = std::chrono::steady_clock;
    const auto calls_for = [](auto& work) {
        return std::max(1, static_cast<int>(0.0005 / seconds_per_call(work)));
    };
    const auto seconds = [](auto& work, int calls) {
        const auto start = Clock::now();
        for (int i = 0; i < calls; ++i) work();
        return std::chrono::duration<double>(Clock::now() - start).count() / calls;
    };
    const int our_calls = calls_for(ours), their_calls = calls_for(theirs);
    std::vector<double> times, ratios;
    for (int i = 0; i < repeats; ++i) {
        const double first = i % 2 == 0 ? seconds(ours, our_calls) : seconds(theirs, their_calls);
        const double second = i % 2 == 0 ? seconds(theirs, their_calls) : seconds(ours, our_calls);
        times.push_back(i % 2 == 0 ? first : second);
        ratios.push_back(i % 2 == 0 ? second / first : first / second);
    }
    return {median(times), median(ratios)};
}

}  // namespace h7::bench

#include "emulator/cli/live_input.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

namespace h7::cli {
namespace {

constexpr std::size_t kAhead = 4096;  // characters on the line before no more are taken from the host
constexpr auto kBetweenQuestions = std::chrono::microseconds(200);
constexpr int kLongestSleep = 50;  // milliseconds: ^C and --host-limit are seen that soon

bool asleep(const cpu::Core& core) { return core.state() != cpu::RunState::running; }

}  // namespace

void LiveInput::add(const std::string& name, console::Console& console, chip::SerialLine& line) {
    if (console.descriptor() >= 0) lines_.push_back({name, &console, &line});
}

bool LiveInput::open() const {
    return std::any_of(lines_.begin(), lines_.end(),
                       [](const Line& one) { return one.console->descriptor() >= 0; });
}

void LiveInput::exchange(chip::Chip& chip) {
    if (lines_.empty()) return;
    const bool idle = asleep(chip.cm7()) && asleep(chip.cm4());
    const auto host = HostClock::now();
    if (!idle && host - asked_ < kBetweenQuestions) return;
    asked_ = host;
    const bool was_idle = std::exchange(idle_, idle);
    const Time now = std::max({chip.clock().now(), std::min(chip.cm7().now(), chip.cm4().now())});
    if (move_characters() || !idle) {
        idle_ = false;
        return;
    }
    if (!was_idle) {
        idle_since_ = now;
        idle_since_host_ = host;
    }
    hold_back(now, host);
}

bool LiveInput::move_characters() {
    bool any = false;
    for (Line& one : lines_) {
        const Bytes text = one.console->exchange(one.line->waiting() < kAhead);
        if (text.empty()) continue;
        one.heard += text.size();
        one.line->send(text);
        any = true;
    }
    return any;
}

void LiveInput::hold_back(Time now, HostClock::time_point host) {
    const auto virtual_time = std::chrono::nanoseconds((now - idle_since_) / kNanosecond);
    const auto ahead =
        std::chrono::duration_cast<std::chrono::milliseconds>(virtual_time - (host - idle_since_host_));
    if (ahead.count() <= 0) return;
    std::vector<pollfd> open;
    for (const Line& one : lines_)
        if (one.console->descriptor() >= 0) open.push_back({one.console->descriptor(), POLLIN, 0});
    if (open.empty()) return;  // standard input has ended: nobody to wait for
    const int timeout = static_cast<int>(std::min<std::int64_t>(ahead.count(), kLongestSleep));
    (void)poll(open.data(), open.size(), timeout);
    if (std::any_of(open.begin(), open.end(), [](const pollfd& one) { return one.revents != 0; }))
        (void)move_characters();
}

std::vector<std::string> LiveInput::summary() const {
    std::vector<std::string> all;
    for (const Line& one : lines_)
        if (one.heard != 0)
            all.push_back(fmt::format(
                "{} heard {} characters from outside at their own time: this run is not repeatable "
                "(--uart-input is)",
                one.name, one.heard));
    return all;
}

}  // namespace h7::cli

// A one-bit level signal: an interrupt line, an event, a request. The driver sets it; whoever is connected
// hears edges.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace h7 {

class Wire {
public:
    using Listener = std::function<void(bool level)>;

    /// Heard at each change of level. Connect while the machine is built.
    void connect(Listener listener) { listeners_.push_back(std::move(listener)); }

    void set(bool level) {
        if (level == level_) return;
        level_ = level;
        for (const Listener& listener : listeners_) listener(level);
    }
    /// A one-shot event: high and low again.
    void pulse() {
        set(true);
        set(false);
    }
    bool level() const { return level_; }

private:
    bool level_ = false;
    std::vector<Listener> listeners_;
};

}  // namespace h7

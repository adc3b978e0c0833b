// A debug probe on one core's access port: what a viewer of SWO or RTT does on a desk. It looks before it
// connects, because connecting has consequences (F-200, A-34), and says why it cannot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/chip/chip.hpp"

namespace h7::debug {

/// The memory of a target as a viewer reaches it.
class Target {
public:
    struct Ram {
        Address first;
        ByteView bytes;
    };
    virtual ~Target() = default;
    /// Why nothing can be read now; empty: it can.
    virtual std::string refusal() const = 0;
    /// 1, 2, 4 or 8 bytes.
    virtual BusResult<std::uint64_t> read(Address address, unsigned size) = 0;
    virtual BusResult<void> write(Address address, unsigned size, std::uint64_t value) = 0;
    /// [address, address + size) lies in one RAM.
    virtual bool is_ram(Address address, std::uint32_t size) const = 0;
    /// The RAMs to search, the core's own first.
    virtual std::vector<Ram> rams() const = 0;
    /// For people; each text once.
    virtual void say(std::string_view text) = 0;
};

/// AP0 for the CM7, AP3 for the CM4.
class Probe final : public Target {
public:
    /// `name` in front of what it says: "rtt cm7".
    Probe(chip::Chip& chip, Master core, std::string name);

    std::string refusal() const override;
    BusResult<std::uint64_t> read(Address address, unsigned size) override;
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) override;
    bool is_ram(Address address, std::uint32_t size) const override;
    std::vector<Ram> rams() const override;
    void say(std::string_view text) override;

private:
    chip::Chip& chip_;
    Master core_, port_;
    std::string name_;
    std::vector<std::string> said_;
};

/// Calls `action` at the multiples of `period` of virtual time while a core is awake, and once after the last
/// one fell asleep: moments that depend on nothing but virtual time (D-28).
class Poll {
public:
    Poll(chip::Chip& chip, Time period, std::function<void()> action)
        : chip_(chip), period_(period), action_(std::move(action)) {}
    ~Poll() { chip_.clock().cancel(event_); }
    Poll(const Poll&) = delete;
    Poll& operator=(const Poll&) = delete;

    /// From chip::Until::reached: takes it up again when a core has woken.
    void between_turns() {
        if (event_ == 0 && awake()) arm();
    }

private:
    bool awake() const;
    void arm();
    void due();

    chip::Chip& chip_;
    Time period_;
    std::function<void()> action_;
    Clock::EventId event_ = 0;
};

}  // namespace h7::debug

// The chip as the RSS sees it: the CM7's bus in context rss, virtual time, and the core that called a
// service.
#pragma once

#include "emulator/chip/interconnect.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/fabric/clock.hpp"
#include "emulator/security/secure_mode.hpp"
#include "rss/install/machine.hpp"
#include "rss/services/caller.hpp"
#include "rss/services/engine.hpp"

namespace h7::chip {

/// Levels the RSS looks at; they outlive it.
struct RssInputs {
    const bool& boot0;
    const bool& powered;
};

/// The bus as the CM7 in context rss: judged by the same policy as everybody (architecture 3.1).
class RssMachine final : public rss::Machine {
public:
    RssMachine(Interconnect& bus, Clock& clock, security::SecureMode& secure, Trace& trace, RssInputs inputs)
        : bus_(bus), clock_(clock), secure_(secure), trace_(trace), inputs_(inputs) {}

    BusResult<std::uint64_t> read(Address address, unsigned size) override {
        if (!inputs_.powered) return kNoPower;
        return bus_.read(access(address, size, Op::read));
    }
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) override {
        if (!inputs_.powered) return kNoPower;
        return bus_.write(access(address, size, Op::write), value);
    }
    std::size_t read_plain(Address address, MutableBytes out) override {
        return inputs_.powered ? bus_.read_plain(access(address, 8, Op::read), out) : 0;
    }
    std::size_t fill_plain(Address address, std::size_t size, std::uint64_t value) override {
        return inputs_.powered ? bus_.fill_plain(access(address, 8, Op::write), size, value) : 0;
    }
    /// While a service runs inside the CM7's turn its time is the core's and passes there.
    void spend(Time time) override {
        if (!clock_.in_turn()) clock_.advance_to(clock_.now() + time);
    }
    Time now() const override { return clock_.now(); }
    Time next_deadline() const override { return clock_.next_deadline(); }
    bool powered() const override { return inputs_.powered; }
    bool boot0_pin() const override { return inputs_.boot0; }
    security::SecureMode& secure_mode() override { return secure_; }
    Trace& trace() override { return trace_; }

private:
    static constexpr BusFault kNoPower{BusFault::Kind::error, 0, "the power is gone", ""};

    static Access access(Address address, unsigned size, Op op) {
        return {address, static_cast<std::uint8_t>(size), op, Master::cm7, Context::rss, true};
    }
    Interconnect& bus_;
    Clock& clock_;
    security::SecureMode& secure_;
    Trace& trace_;
    RssInputs inputs_;
};

/// The program on the CM7 that stands at a service stub.
class CoreCaller final : public rss::Caller {
public:
    explicit CoreCaller(cpu::Core& core) : core_(core) {}

    std::uint32_t reg(unsigned n) const override { return core_.reg(n); }
    void set_reg(unsigned n, std::uint32_t value) override;
    std::uint32_t lr() const override { return core_.reg(14); }
    bool privileged() const override { return core_.privileged(); }
    bool handler_mode() const override { return core_.handler_mode(); }
    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        return core_.load_as_program(address, size);
    }
    void fault(Address address, const BusFault& why) override { core_.fault_as_program(address, why); }
    void call_again(Time when) override { core_.breakpoint_again(when); }
    void set_vector_table(std::uint32_t vectors) override;
    void return_to_lr() override;
    void hand_over(Address vectors, bool clear) override { core_.hand_over(vectors, clear); }

private:
    cpu::Core& core_;
};

/// Takes the BKPT of a stub to the RSS.
class RssCalls final : public cpu::RomCalls {
public:
    /// `reset` asserts a software system reset, as the CM7's SYSRESETREQ.
    RssCalls(rss::Engine& rss, std::function<void()> reset) : rss_(rss), reset_(std::move(reset)) {}
    cpu::AddressRange window() const override { return {rss::kStubs, rss::kStubBytes}; }
    void call(cpu::Core& core, Address pc) override;

private:
    rss::Engine& rss_;
    std::function<void()> reset_;
};

}  // namespace h7::chip

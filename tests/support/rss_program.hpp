// A program on the CM7 that calls an RSS service, on the bench's bus with application rights.
#pragma once

#include <array>
#include <optional>

#include "rss/services/caller.hpp"
#include "tests/support/rss_board.hpp"

namespace h7::test {

class Program : public rss::Caller {
public:
    explicit Program(RssBoard& board) : board_(board) {}

    std::uint32_t reg(unsigned n) const override { return r[n]; }
    void set_reg(unsigned n, std::uint32_t value) override { r[n] = value; }
    std::uint32_t lr() const override { return 0x0800'0401; }
    bool privileged() const override { return is_privileged; }
    bool handler_mode() const override { return in_handler; }
    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        if (address == forbidden) return bus_error("MPU", "");
        return board_.access({address, static_cast<std::uint8_t>(size), Op::read, Master::cm7,
                              board_.secure.cm7_context(), is_privileged},
                             0);
    }
    void fault(Address address, const BusFault&) override { faulted_at = address; }
    void call_again(Time when) override { again = when; }
    void set_vector_table(std::uint32_t value) override { vtor = value; }
    void return_to_lr() override { ++returns; }
    void hand_over(Address to, bool clear) override {
        vectors = to;
        cleared = clear;
        confsec_at_hand_over = board_.secure.confsec();
    }

    std::array<std::uint32_t, 13> r{};
    bool is_privileged = true, in_handler = false;
    Address forbidden = 1;
    std::optional<Address> faulted_at, vectors;
    std::optional<Time> again;
    std::optional<std::uint32_t> vtor;
    std::uint32_t confsec_at_hand_over = 99;
    bool cleared = false;
    int returns = 0;

private:
    RssBoard& board_;
};

}  // namespace h7::test

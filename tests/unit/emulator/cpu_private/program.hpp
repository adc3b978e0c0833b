// The code that runs, as the private peripherals see it: its cycle, its exception, its masks. And a bus to
// try them.
#pragma once

#include <gtest/gtest.h>

#include "emulator/cpu/private_bus.hpp"

namespace h7::cpu::test {

struct Program final : CoreStatus {
    std::uint64_t cycle = 0;
    unsigned ipsr = kThread;
    Masks mask{};

    std::uint64_t cycles() const override { return cycle; }
    unsigned exception() const override { return ipsr; }
    Masks masks() const override { return mask; }
};

/// One core's private bus and the program that uses it.
struct Private {
    explicit Private(Model model = Model::cortex_m7) : bus(model, program), master(master_of(model)) {
        bus.reset(ResetKind::power_on, 0x0800'0000);
    }

    Access access(Address address, Op op, unsigned size) const {
        return {.address = address,
                .size = static_cast<std::uint8_t>(size),
                .op = op,
                .master = master,
                .privileged = privileged};
    }
    std::uint32_t read(Address address, unsigned size = 4) {
        const auto value = bus.read(access(address, Op::read, size));
        EXPECT_TRUE(value.has_value()) << std::hex << address;
        return static_cast<std::uint32_t>(value.value_or(0xDEAD'BEEF));
    }
    void write(Address address, std::uint32_t value, unsigned size = 4) {
        EXPECT_TRUE(bus.write(access(address, Op::write, size), value).has_value()) << std::hex << address;
    }
    static Master master_of(Model model) { return model == Model::cortex_m7 ? Master::cm7 : Master::cm4; }

    Program program;
    PrivateBus bus;
    Master master;
    bool privileged = true;
};

}  // namespace h7::cpu::test

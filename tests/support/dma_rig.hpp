// What the tests of the DMA engines share: a bus with 64 Kbytes of memory at 0, register-like addresses that
// give and take one value after the other, and an address where nobody answers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/peripheral.hpp"
#include "emulator/fabric/state.hpp"

namespace h7::test {

struct Bench {
    static constexpr Address kNobody = 0xF000'0000;

    struct Bus : BusPort {
        explicit Bus(Bench& owner) : bench(owner) {}
        Bench& bench;
        std::map<Address, std::vector<std::uint32_t>> reads, writes;  // by register-like address
        std::vector<Access> log;
        bool may_copy = false;
        unsigned copies = 0;
        Time busy_until = 0;         // memory holds whoever reads until then
        Time writes_busy_until = 0;  // and whoever writes
        Slave* slave = nullptr;
        Address slave_base = 0;

        BusResult<std::uint64_t> read(const Access& access) override {
            log.push_back(access);
            if (slave != nullptr && access.address - slave_base < 0x1000) return slave->read(access);
            if (auto port = reads.find(access.address); port != reads.end()) {
                if (port->second.empty()) return std::uint64_t{0};
                const std::uint64_t value = port->second.front();
                port->second.erase(port->second.begin());
                return value;
            }
            if (access.address + access.size > bench.memory.size()) return bus_error("nobody", "");
            if (bench.clock.now() < busy_until) return wait_until(busy_until, "busy", "");
            std::uint64_t value = 0;
            for (unsigned i = 0; i < access.size; ++i)
                value |= std::uint64_t{bench.memory[access.address + i]} << (8 * i);
            return value;
        }
        BusResult<void> write(const Access& access, std::uint64_t value) override {
            log.push_back(access);
            if (slave != nullptr && access.address - slave_base < 0x1000) return slave->write(access, value);
            if (access.address >= 0x4000'0000 && access.address < 0x6000'0000) {
                writes[access.address].push_back(static_cast<std::uint32_t>(value));
                return {};
            }
            if (access.address + access.size > bench.memory.size()) return bus_error("nobody", "");
            if (bench.clock.now() < writes_busy_until) return wait_until(writes_busy_until, "busy", "");
            for (unsigned i = 0; i < access.size; ++i)
                bench.memory[access.address + i] = static_cast<std::uint8_t>(value >> (8 * i));
            return {};
        }
        bool copy(const Copy& copy) override {
            if (!may_copy || copy.from + copy.size > bench.memory.size() ||
                copy.to + copy.size > bench.memory.size())
                return false;
            ++copies;
            std::copy_n(bench.memory.begin() + copy.from, copy.size, bench.memory.begin() + copy.to);
            return true;
        }
    };

    Clock clock;
    Bytes memory = Bytes(0x1'0000, 0);
    Bus bus{*this};

    void pass(Time time) { clock.advance_to(clock.now() + time); }
    void fill(Address at, std::size_t size, std::uint8_t first = 1) {
        for (std::size_t i = 0; i < size; ++i) memory[at + i] = static_cast<std::uint8_t>(first + i * 1);
    }
    void put(Address at, std::uint32_t value) {
        for (unsigned i = 0; i < 4; ++i) memory[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    Bytes bytes(Address at, std::size_t size) const {
        return Bytes(memory.begin() + at, memory.begin() + at + static_cast<std::ptrdiff_t>(size));
    }
    static std::uint32_t read_register(Peripheral& block, Address offset) {
        const auto value = block.read({block.base() + offset, 4, Op::read, Master::cm7});
        EXPECT_TRUE(value.has_value());
        return static_cast<std::uint32_t>(value.value_or(0));
    }
    static void write_register(Peripheral& block, Address offset, std::uint32_t value) {
        EXPECT_TRUE(block.write({block.base() + offset, 4, Op::write, Master::cm7}, value).has_value());
    }
};

/// A bench with one engine at 100 MHz, `Engine(names.., clock, bus)`; the registers of its channels lie
/// `kStep` apart, those of channel 0 at `kFirst`.
template <typename Engine, Address kFirst = 0, Address kStep = 0>
struct EngineBench : Bench {
    Engine dma;

    template <typename... Names>
    explicit EngineBench(Names... names) : dma(names..., clock, bus) {
        dma.set_clock(100'000'000);
    }
    static Address at(unsigned channel, Address offset) { return kFirst + kStep * channel + offset; }
    std::uint32_t reg(Address offset) { return read_register(dma, offset); }
    void reg(Address offset, std::uint32_t value) { write_register(dma, offset, value); }
    /// The engine goes on from where the other one stands.
    void take_state_of(const EngineBench& other) {
        StateWriter out;
        other.dma.save(out);
        StateReader in(out.data());
        dma.load(in);
        EXPECT_TRUE(in.finish());
    }
};

/// The same with eight request lines, each item taking `kItem`, and the channel registers that DMA and BDMA
/// have in common: control, items left, peripheral, memory 0, memory 1.
template <typename Engine, Address kFirst, Address kStep, Time kItem>
struct RequestBench : EngineBench<Engine, kFirst, kStep> {
    using Base = EngineBench<Engine, kFirst, kStep>;
    using Base::at;
    using Base::reg;
    std::array<DmaRequest, 8> request;

    template <typename... Names>
    explicit RequestBench(Names... names) : Base(names...) {
        for (unsigned channel = 0; channel < request.size(); ++channel)
            this->dma.connect(channel, request[channel]);
    }
    std::uint32_t control(unsigned channel = 0) { return reg(at(channel, 0)); }
    std::uint32_t left(unsigned channel = 0) { return reg(at(channel, 4)); }
    void start(unsigned channel, std::uint32_t bits, std::uint32_t items, Address peripheral, Address memory0,
               Address memory1 = 0) {
        reg(at(channel, 4), items);
        reg(at(channel, 8), peripheral);
        reg(at(channel, 0xC), memory0);
        reg(at(channel, 0x10), memory1);
        reg(at(channel, 0), bits | 1U);
    }
    /// The request falls when it is served.
    void falls_when_served(unsigned channel) {
        request[channel].served = [this, channel] { request[channel].set(false); };
    }
    /// One request, served.
    void serve(unsigned channel = 0) {
        falls_when_served(channel);
        request[channel].set(true);
        this->pass(kItem);
    }
};

}  // namespace h7::test

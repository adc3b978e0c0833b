// A core on the smallest possible board: flash, RAM, an alias, and one device, with rights a test may change
// while the core runs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "emulator/cpu/core.hpp"
#include "emulator/cpu/core_status.hpp"
#include "emulator/fabric/memory.hpp"
#include "snippets.hpp"

namespace h7::cpu {

inline constexpr Address kFlash = 0x0800'0000, kRam = 0x2000'0000, kAlias = 0x1000'0000,
                         kDevice = 0x4000'0000;
inline constexpr std::uint32_t kMemorySize = 0x1'0000;

class Board final : public AddressSpace, public RomCalls {
public:
    explicit Board(Model model = Model::cortex_m7) {
        std::fill(flash.memory().bytes().begin(), flash.memory().bytes().end(), std::uint8_t{0xFF});
        std::copy(std::begin(snippet::kImage), std::end(snippet::kImage), flash.memory().data());
        std::fill(ram.memory().bytes().begin(), ram.memory().bytes().end(), std::uint8_t{0});
        auto made = Core::create(model, "CM7", *this, clock, trace);
        EXPECT_TRUE(made) << (made ? "" : made.error().message);
        core = std::move(*made);
        core->set_rom_calls(this);
        clock.set_source(core.get());
        restart();
    }
    ~Board() override { clock.set_source(nullptr); }

    /// Reset, then Thread mode at `done`.
    void restart() {
        core->reset(kFlash);
        core->start();
    }

    // --- running ---
    /// Runs `from` to the native call at `done`, or to `limit`. `slice`: so many cycles a turn.
    bool run(Address from, std::uint64_t limit = 100'000, std::uint64_t slice = 10'000) {
        set_pc(from);
        return resume(limit, slice);
    }
    bool resume(std::uint64_t limit = 100'000, std::uint64_t slice = 10'000) {
        finished = false;
        const Time end = core->now() + limit * kCycle;
        while (!finished && core->now() < end && core->state() != RunState::locked_up)
            core->run_until(std::min(end, core->now() + slice * kCycle));
        return finished;
    }
    void set_pc(Address pc) {
        Registers r = core->registers();
        r.r[15] = pc;
        core->set_registers(r);
    }
    void set(unsigned n, std::uint32_t value) {
        Registers r = core->registers();
        r.r[n] = value;
        core->set_registers(r);
    }
    std::uint32_t r(unsigned n) const { return core->registers().r[n]; }

    /// Native calls: `done` and every handler end the run unless the test says otherwise.
    AddressRange window() const override {
        return {snippet::native_window, snippet::native_end - snippet::native_window};
    }
    void call(Core&, Address pc) override {
        called_at = pc;
        if (on_call && on_call(pc)) return;
        finished = true;
        core->yield();
    }

    // --- what the handler sees ---
    std::uint32_t word(Address a) {
        auto value = load_memory(a, 4);
        return static_cast<std::uint32_t>(value.value_or(0xDEAD'DEAD));
    }
    void set_word(Address a, std::uint32_t value) { std::memcpy(host(a), &value, 4); }
    /// The word `n` of the exception frame the handler found: 0-3 r0-r3, 4 r12, 5 lr, 6 pc, 7 xPSR.
    std::uint32_t stacked(unsigned n) { return word(r(13) + 4 * n); }
    void set_vector(unsigned exception, Address handler) { set_word(kFlash + 4 * exception, handler | 1U); }

    std::uint32_t scs(Address a) { return static_cast<std::uint32_t>(core->read_private({a}).value()); }
    void set_scs(Address a, std::uint32_t value) {
        ASSERT_TRUE(core->write_private({a, 4, Op::write}, value));
    }

    // --- AddressSpace ---
    View view(Address address, Op op, bool privileged) override {
        ++views;
        if (rights) {
            if (std::optional<View> special = rights(address, op, privileged)) return *special;
        }
        return plain(address);
    }
    static View plain(Address address) {
        View v;
        const auto memory = [&](Address base, Address canonical, bool write) {
            v.kind = View::Kind::memory;
            v.canonical = canonical + (address - base);
            v.read = v.execute = true;
            v.write = write;
        };
        if (address - kFlash < kMemorySize)
            memory(kFlash, kFlash, false);
        else if (address - kRam < kMemorySize)
            memory(kRam, kRam, true);
        else if (address - kAlias < kMemorySize)
            memory(kAlias, kRam, true);
        else if (address - kDevice < 0x1000) {
            v.kind = View::Kind::slave;
            v.read = v.write = true;
        } else
            v.fault = bus_error("no slave answers", "system.md 1.5");
        return v;
    }
    BusResult<std::uint64_t> load(Address address, unsigned size, bool privileged) override {
        if (on_load) {
            if (auto special = on_load(address, size)) return *special;
        }
        if (rights) {
            const auto special = rights(address, Op::read, privileged);
            if (special && special->kind == View::Kind::fault) return special->fault;
        }
        if (address - kDevice < 0x1000) {
            seen.push_back({address, size, false, 0, core->now(), core->pc()});
            return std::uint64_t{device_value};
        }
        return load_memory(address, size);
    }
    BusResult<void> store(Address address, unsigned size, std::uint64_t value, bool) override {
        seen.push_back({address, size, true, value, core->now(), core->pc()});
        if (on_store) {
            if (auto special = on_store(address, size, value)) return *special;
        }
        if (address - kDevice < 0x1000) return {};
        if (address - kFlash < kMemorySize) return {};
        if (std::uint8_t* at = host(address)) {
            std::memcpy(at, &value, size);
            return {};
        }
        return bus_error("no slave answers", "system.md 1.5");
    }
    std::vector<MemoryBlock> memory() const override {
        auto& self = const_cast<Board&>(*this);
        return {{kFlash, self.flash.memory().data(), kMemorySize, false},
                {kRam, self.ram.memory().data(), kMemorySize, true}};
    }
    std::vector<AddressRange> code_windows() const override { return {{kAlias, kMemorySize}}; }
    std::vector<AddressRange> store_windows() const override { return {{kFlash, kMemorySize}}; }

    struct Seen {
        Address address;
        unsigned size;
        bool write;
        std::uint64_t value;
        Time at;
        Address pc;
    };
    static constexpr Time kCycle = 15'625;  // 64 MHz

    Clock clock;
    Trace trace;
    Ram flash{"flash", kFlash, kMemorySize};
    Ram ram{"RAM", kRam, kMemorySize};
    std::unique_ptr<Core> core;

    std::function<std::optional<View>(Address, Op, bool)> rights;
    std::function<std::optional<BusResult<std::uint64_t>>(Address, unsigned)> on_load;
    std::function<std::optional<BusResult<void>>(Address, unsigned, std::uint64_t)> on_store;
    std::function<bool(Address pc)> on_call;  // true: go on
    std::uint32_t device_value = 7;
    std::vector<Seen> seen;
    std::uint64_t views = 0;
    bool finished = false;
    Address called_at = 0;

private:
    std::uint8_t* host(Address a) {
        if (a - kFlash < kMemorySize) return flash.memory().data() + (a - kFlash);
        if (a - kRam < kMemorySize) return ram.memory().data() + (a - kRam);
        if (a - kAlias < kMemorySize) return ram.memory().data() + (a - kAlias);
        return nullptr;
    }
    BusResult<std::uint64_t> load_memory(Address a, unsigned size) {
        std::uint64_t value = 0;
        if (std::uint8_t* at = host(a)) {
            std::memcpy(&value, at, size);
            return value;
        }
        return bus_error("no slave answers", "system.md 1.5");
    }
};

/// A fact of the architecture, shown on the CM7 and on the CM4.
class BothCores : public ::testing::TestWithParam<Model> {
public:
    static std::string name(const ::testing::TestParamInfo<Model>& core) {
        return core.param == Model::cortex_m7 ? "CM7" : "CM4";
    }
};
#define H7_ON_BOTH_CORES(suite)                                                                \
    INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::Values(Model::cortex_m7, Model::cortex_m4), \
                             &BothCores::name)

}  // namespace h7::cpu

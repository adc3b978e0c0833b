// Random bytes as firmware, on the CM7, the CM4 or both, on a whole chip: the host does not crash or hang,
// and the guest ends in lock-up, in an exit or at the limit, with a state that can be told.
//
// First byte: bit 0 the CM7 runs, bit 1 the CM4 (neither: both), bit 2 the registers begin with places worth
// touching, bit 3 unprivileged threads, bit 4 the FPU is on, bit 5 faults go to their own handlers. Second
// byte: how the rest is shared, in 1/256 for the CM7. Without a vector table of its own the rest is code;
// each exception vector leads into it.
#include <algorithm>
#include <memory>

#include "emulator/chip/chip.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

constexpr Time kLimit = 40 * kMicrosecond;  // 2,560 instructions of each core
constexpr Time kSlack = 20 * kMillisecond;  // one instruction of a core at its slowest, and a bit
constexpr Address kVectors7 = 0x2400'0000, kVectors4 = 0x3000'0000, kCodeAt = 0x400, kStack = 0x8000;
constexpr std::size_t kLongest = 1024;
constexpr unsigned kRunsOfOneChip = 20'000;

// clang-format off
constexpr std::uint32_t kPlaces[13] = {
    0x2400'0400, 0x3000'0400, 0xE000'ED00, 0x5802'4400, 0x5200'2000, 0x2407'FFFC, 0x3004'7FFE, 0xE000'E100,
    0x5802'6400, 0x080F'FFFC, 0x1000'0400, 0xE000'ED90, 0x3800'FFFF};
// clang-format on

class Bench {
public:
    void run(const std::uint8_t* data, std::size_t size) {
        if (!chip_ || ++runs_ % kRunsOfOneChip == 0) make();
        chip::Chip& chip = *chip_;
        chip.power_on();
        const std::uint8_t how = size > 0 ? data[0] : std::uint8_t{0};
        const std::size_t rest = size > 2 ? std::min(size - 2, kLongest) : 0;
        const std::size_t mine = rest * (size > 1 ? data[1] : 0U) / 256;
        const bool both = (how & 3U) == 0;
        prepare(chip.cm7(), both || (how & 1U) != 0, kVectors7, {data + 2, mine}, how);
        prepare(chip.cm4(), both || (how & 2U) != 0, kVectors4, {data + 2 + mine, rest - mine}, how);

        const Time begin = chip.clock().now();
        const chip::Stop stop = chip.run({kLimit, {}});
        H7_MUST(chip.clock().now() - begin <= kLimit + kSlack);
        switch (stop.why) {
            case chip::Stop::Why::limit:
            case chip::Stop::Why::guest_exit:
                break;
            case chip::Stop::Why::locked_up:
                H7_MUST(stop.detail.find("CM7: ") != std::string::npos &&
                        stop.detail.find("CM4: ") != std::string::npos);
                break;
            default:
                H7_MUST(!"an end that nobody asked for");
        }
        for (const cpu::Core* core : {&chip.cm7(), &chip.cm4()}) {
            H7_MUST((core->state() == cpu::RunState::locked_up) == !core->lock_up_report().empty());
            H7_MUST((core->registers().r[15] & 1U) == 0);
        }
        // Whoever found the keys may have changed what lasts: the next run gets a new chip.
        const auto locked = [&](Address control) {
            return (*chip.read(chip.as_core(Master::cm7, control)) & 1U) != 0;
        };
        const bool flash_changed = !locked(0x5200'200C) || !locked(0x5200'210C) || !locked(0x5200'2018);
        chip.power_off();
        if (flash_changed) chip_.reset();
    }

private:
    void make() {
        chip::Config config;
        config.seed = 1;
        auto made = chip::Chip::create(config);
        H7_MUST(made.has_value());
        chip_ = std::move(*made);
    }

    void put(Address at, std::uint32_t word) {
        H7_MUST(chip_->write({at, 4, Op::write, Master::dma1, Context::application, true}, word).has_value());
    }

    void prepare(cpu::Core& core, bool runs, Address vectors, ByteView code, std::uint8_t how) {
        core.reset(vectors);
        if (!runs) return;
        put(vectors, vectors + kStack);
        const std::uint32_t words = static_cast<std::uint32_t>(code.size() / 4) + 1;
        for (std::uint32_t n = 1; n < 64; ++n)
            put(vectors + 4 * n, (vectors + kCodeAt + (n < 3 ? 0 : 2 * (n * 37 % (2 * words)))) | 1U);
        for (std::uint32_t n = 0; n < words; ++n) {
            std::uint32_t word = 0xE7FE'E7FE;  // b .
            for (std::size_t i = 4 * n; i < std::min<std::size_t>(4 * n + 4, code.size()); ++i)
                word = (word & ~(0xFFU << 8 * (i % 4))) | std::uint32_t{code[i]} << 8 * (i % 4);
            put(vectors + kCodeAt + 4 * n, word);
        }
        put(vectors + kCodeAt + 4 * words, 0xE7FE'E7FE);
        const auto set = [&](Address at, std::uint32_t value) {
            H7_MUST(core.write_private({at, 4, Op::write, Master::cm7, Context::application, true}, value)
                        .has_value());
        };
        if ((how & 0x10U) != 0) set(0xE000'ED88, 0x00F0'0000);
        if ((how & 0x20U) != 0) set(0xE000'ED24, 0x0007'0000);
        core.start();
        cpu::Registers registers = core.registers();
        if ((how & 4U) != 0) std::copy(std::begin(kPlaces), std::end(kPlaces), registers.r.begin());
        if ((how & 8U) != 0) registers.control = 3;
        if ((how & 8U) != 0) registers.psp = vectors + kStack + 0x4000;
        core.set_registers(registers);
    }

    std::unique_ptr<chip::Chip> chip_;
    unsigned runs_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Bench bench;
    bench.run(data, size);
    return 0;
}

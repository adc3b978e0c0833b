// Random bytes as firmware, on the CM7, the CM4 or both, on a whole chip: the host does not crash or hang,
// and the guest ends in lock-up, in an exit or at the limit, with a state that can be told.
//
// First byte: bit 0 the CM7 runs, bit 1 the CM4 (neither: both), bit 2 the registers begin with places worth
// touching, bit 3 unprivileged threads, bit 4 the FPU is on, bit 5 faults go to their own handlers. Second
// byte: how the rest is shared, in 1/256 for the CM7. Without a vector table of its own the rest is code;
// each exception vector leads into it.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "emulator/chip/chip.hpp"
#include "emulator/chip/snapshot.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

constexpr Time kLimit = 40 * kMicrosecond;  // 2,560 instructions of each core
constexpr Time kSlack = 60 * kSecond;       // a block of 512 instructions of a CM4 at CSI / 512 / 512
constexpr Address kVectors7 = 0x2400'0000, kVectors4 = 0x3000'0000, kCodeAt = 0x400, kStack = 0x8000;
constexpr std::size_t kLongest = 1024;
constexpr unsigned kRunsBetweenRepetitions = 64;

// clang-format off
constexpr std::uint32_t kPlaces[13] = {
    0x2400'0400, 0x3000'0400, 0xE000'ED00, 0x5802'4400, 0x5200'2000, 0x2407'FFFC, 0x3004'7FFE, 0xE000'E100,
    0x5802'6400, 0x080F'FFFC, 0x1000'0400, 0xE000'ED90, 0x3800'FFFF};
// clang-format on

/// How a run ended, for its repetition.
struct End {
    chip::Stop::Why why{};
    std::string detail;
    Time now = 0;
    std::uint64_t cm7 = 0, cm4 = 0;
    std::array<std::uint32_t, 16> r7{}, r4{};
    bool operator==(const End&) const = default;
};

class Bench {
public:
    Bench() {
        chip::Config config;
        config.seed = 1;
        auto made = chip::Chip::create(config);
        H7_MUST(made.has_value());
        chip_ = std::move(*made);
        chip_->power_on();
        lay_out(kVectors7);
        lay_out(kVectors4);
        start_ = chip_->snapshot();
    }

    /// Now and then twice: nothing of one run may be left in the next.
    void run(ByteView input) {
        const End end = once(input);
        if (++runs_ % kRunsBetweenRepetitions == 0) H7_MUST(once(input) == end);
    }

private:
    End once(ByteView input) {
        chip::Chip& chip = *chip_;
        chip.restore(*start_);
        const std::uint8_t how = input.empty() ? std::uint8_t{0} : input[0];
        const ByteView rest =
            input.size() > 2 ? input.subspan(2, std::min(input.size() - 2, kLongest)) : ByteView{};
        const std::size_t mine = rest.empty() ? 0 : rest.size() * input[1] / 256;
        const bool both = (how & 3U) == 0;
        prepare(chip.cm7(), both || (how & 1U) != 0, kVectors7, rest.first(mine), how);
        prepare(chip.cm4(), both || (how & 2U) != 0, kVectors4, rest.subspan(mine), how);

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
                H7_MUST(stop.why == chip::Stop::Why::limit);  // an end that nobody asked for
        }
        for (const cpu::Core* core : {&chip.cm7(), &chip.cm4()}) {
            H7_MUST((core->state() == cpu::RunState::locked_up) == !core->lock_up_report().empty());
            H7_MUST((core->registers().r[15] & 1U) == 0);
        }
        return {stop.why,
                stop.detail,
                chip.clock().now(),
                chip.cm7().instructions(),
                chip.cm4().instructions(),
                chip.cm7().registers().r,
                chip.cm4().registers().r};
    }

    void put(Address at, std::uint64_t value, unsigned size) {
        const Access access{
            at, static_cast<std::uint8_t>(size), Op::write, Master::dma1, Context::application, true};
        H7_MUST(chip_->write(access, value).has_value());
    }

    /// What no input changes: the vectors lead into the code, behind it stands `b .`
    void lay_out(Address vectors) {
        put(vectors, vectors + kStack, 4);
        for (std::uint32_t n = 1; n < 64; ++n)
            put(vectors + 4 * n, (vectors + kCodeAt + (n < 3 ? 0 : 2 * (n * 37 % 128))) | 1U, 4);
        for (Address at = 0; at < kLongest + 8; at += 8)
            put(vectors + kCodeAt + at, 0xE7FE'E7FE'E7FE'E7FE, 8);
    }

    void prepare(cpu::Core& core, bool runs, Address vectors, ByteView code, std::uint8_t how) {
        core.reset(vectors);
        if (!runs) return;
        for (std::size_t at = 0; at < code.size(); at += 8) {
            std::uint64_t value = 0xE7FE'E7FE'E7FE'E7FE;
            std::memcpy(&value, code.data() + at, std::min<std::size_t>(8, code.size() - at));
            put(vectors + kCodeAt + static_cast<Address>(at), value, 8);
        }
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
    std::unique_ptr<chip::Snapshot> start_;
    unsigned runs_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Bench bench;
    bench.run({data, size});
    return 0;
}

// Random number generator. Not random here: the words follow from the seed, so that a run can be repeated.
// The times, the flags and the errors are the hardware's. system.md 6.7.
#pragma once

#include <array>

#include "emulator/base/random.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "emulator/fabric/wire.hpp"

namespace h7::rng {

/// Words come by fours: one set in the output buffer, the next behind it. Registers are accessed by words.
class Rng final : public RegisterBlock<Rng> {
public:
    static const Register<Rng> registers[3];

    Rng(std::uint64_t seed, Clock& clock);

    /// The kernel clock (RCC RNGSEL; 0: off) and the AHB clock from now on.
    void set_clocks(std::uint32_t kernel_hz, std::uint32_t ahb_hz);
    /// For tests and fault injection: while true, the noise source fails its health test.
    void set_noise_fault(bool faulty);

    /// DRDY, SEIS or CEIS with IE. IRQ 80.
    Wire irq;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool enabled() const { return regs_.get<"CR.RNGEN">() != 0; }
    bool clock_too_slow() const;
    bool seed_error() const { return noise_fault_ || regs_.get<"SR.SEIS">() != 0; }
    std::uint32_t status(unsigned) const;
    std::uint32_t take(const Access&, unsigned);
    BusResult<void> control_written(const RegisterWrite& write);

    Time set_time() const;
    void begin();
    void catch_up();
    void settle();

    Clock& clock_;
    Alarm alarm_;
    SeededRandom noise_;
    std::uint32_t kernel_hz_ = 0, ahb_hz_ = 0;
    bool noise_fault_ = false, started_ = false;
    unsigned words_ = 0;     // in the output buffer
    bool next_set_ = false;  // four more are ready behind it
    Time due_ = kNever;      // of the set under way
};

}  // namespace h7::rng

#include "peripherals/rng/registers.hpp"  // IWYU pragma: export

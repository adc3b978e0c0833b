// The instrumentation trace macrocell of one core (0xE0000000): 32 stimulus ports that firmware prints to.
// What is written leaves at once through `stimulus`, as whoever listens on the SWO pin would decode it
// (emulator/debug/swo). system.md 5.5; otherwise ARMv7-M C1.7. Timestamps, synchronisation by the DWT and
// the serial rate of the pin are not modelled: a port is always ready.
#pragma once

#include <cstdint>
#include <functional>

#include "emulator/cpu/core.hpp"
#include "emulator/cpu/dwt.hpp"
#include "emulator/fabric/register_map.hpp"

namespace h7::cpu {

/// Keeps its state over every reset but power-on, as the debug domain does.
class Itm final : public RegisterBlock<Itm> {
public:
    static constexpr unsigned kPorts = 32;
    static const Register<Itm> registers[6];
    Itm(Model model, const CoreDebug& debug);

    /// A write of 1, 2 or 4 bytes to an enabled port: DEMCR.TRCENA, TCR.ITMENA, the port's bit in TER, and
    /// for unprivileged code its group's bit in TPR.
    std::function<void(unsigned port, unsigned size, std::uint32_t value)> stimulus;

    /// Writes without effect: everything but LAR before LAR = 0xC5ACCE55 (CM7, software only), everything
    /// without TRCENA, and what unprivileged code may not write.
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    std::uint32_t ready(unsigned) const { return 1; }
    std::uint32_t lock_status(unsigned) const;
    BusResult<void> unlock(const RegisterWrite& write);
    bool held_back(const Access& access) const;
    std::uint32_t open_to_unprivileged() const;
    void send(const Access& access, std::uint32_t value);

    Model model_;
    const CoreDebug& debug_;
    bool locked_ = true;
};

}  // namespace h7::cpu

// SEC: the one word behind exitSecureArea. The secure bootloader of the CM7 clears CONFSEC bit 1 and the
// secure user area is gone until the next reset. In no reference manual; spec/rss-sfi-bootloader.md 3.1,
// decisions D-05, 0043.
#pragma once

#include "emulator/fabric/register_map.hpp"
#include "emulator/security/secure_mode.hpp"

namespace h7::sec {

class Sec final : public RegisterBlock<Sec> {
public:
    static const Register<Sec> registers[1];

    /// The state itself belongs to the chip; this is its face on the bus.
    explicit Sec(security::SecureMode& mode);

    /// Every offset but that of CONFSEC is a bus error, for every master.
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;

private:
    std::uint32_t confsec(unsigned) const { return mode_.confsec(); }
    BusResult<void> close(const RegisterWrite& write);

    security::SecureMode& mode_;
};

}  // namespace h7::sec

#include "peripherals/sec/registers.hpp"  // IWYU pragma: export

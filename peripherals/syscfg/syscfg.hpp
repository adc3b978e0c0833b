// System configuration: option bytes as firmware sees them outside the flash interface (UR0..UR17), EXTI pin
// selection, break-input locks. system.md 4.5; mirrors follow at reset (D-09, D-25).
#pragma once

#include <array>
#include <functional>

#include "emulator/fabric/register_map.hpp"

namespace h7::syscfg {

/// Current option words in the order OPTSR, PRAR1, PRAR2, SCAR1, SCAR2, WPSN1, WPSN2, BOOT7, BOOT4.
using OptionWords = std::array<std::uint32_t, 9>;

/// PKGR of system.md 4.5.
enum class Package : std::uint8_t {
    lqfp144 = 0x3,
    lqfp176 = 0x6,
    ufbga176 = 0x7,
    lqfp176_x7 = 0x2,
    lqfp208_x7 = 0x9,
    lqfp208 = 0xA
};

class Syscfg final : public RegisterBlock<Syscfg> {
public:
    static const Register<Syscfg> registers[30];

    /// `csi_ready`: the compensation cell needs the CSI oscillator (empty: it runs).
    /// `cm4`: SR0 says that the part has the second core.
    explicit Syscfg(Package package = Package::lqfp144, std::function<bool()> csi_ready = {},
                    bool cm4 = true);

    /// What a reset loads into UR0..UR17: the current option words, SECURITY as latched and SWAP_BANK as in
    /// force. They hold until the next call, whatever reset comes in between; writes to UR1..UR4, UR13, UR14
    /// are forgotten then.
    void mirror(const OptionWords& words, bool security_latched, bool banks_swapped,
                bool private_key_programmed = true);

    /// Port (A = 0 .. K = 10) whose pin `line` feeds EXTI line 0..15.
    unsigned exti_port(unsigned line) const;
    /// CFGR.PVDL: PWR_CR1.PVDE and PLS are locked until the next reset.
    bool pvd_locked() const { return regs_.get<"CFGR.PVDL">() != 0; }
    /// PWRCR.ODEN: with VOS1 this is VOS0.
    bool overdrive() const { return regs_.get<"PWRCR.ODEN">() != 0; }

    /// exti_port() may answer differently.
    std::function<void()> exti_selection_changed;

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    static constexpr std::size_t kUserRegisters = 18;

    BusResult<void> selection_written(const RegisterWrite&);
    std::uint32_t compensation(unsigned) const;
    std::uint32_t package(unsigned) const { return static_cast<std::uint32_t>(package_); }
    std::uint32_t cores(unsigned) const { return cm4_ ? 0x0001'0001U : 0U; }
    void show_mirror();

    Package package_;
    bool cm4_;
    std::function<bool()> csi_ready_;
    std::array<std::uint32_t, kUserRegisters> mirrored_{};
};

}  // namespace h7::syscfg

#include "peripherals/syscfg/registers.hpp"  // IWYU pragma: export

// The reset tree as rows: which source resets what, and which flags RCC_RSR shows afterwards
// (system.md 3.1, 3.2).
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "emulator/fabric/reset.hpp"

namespace h7::chip {

enum class ResetSource : std::uint8_t {
    power_on,
    brown_out,
    nrst_pin,
    software_cm7,
    software_cm4,
    independent_watchdog1,
    independent_watchdog2,
    window_watchdog1,
    window_watchdog2,
    window_watchdog1_core,  // RCC_GCR.WWnRSC = 0: that core and its watchdog alone
    window_watchdog2_core,
    standby_exit,  // a wake-up pin or the RTC, in Standby
    domain1_exit,  // D1 leaves DStandby: the CM7 starts again
    domain2_exit,
    domain1_exit_secured,  // the same with SECURITY in force: everything starts again (0191)
    low_power1,            // the option bytes forbid this Stop or Standby (NRST_STOP_Dn, NRST_STBY_Dn = 0)
    low_power2,
    vector_cm7,  // AIRCR.VECTRESET by a debugger: that core alone (0150)
    vector_cm4,
};

inline constexpr std::size_t kResetSources = 17;  // those a run counts
inline constexpr std::size_t kAllResetSources = 19;

/// 1 or 2 when the source resets one core alone, else 0.
constexpr unsigned core_alone(ResetSource source) {
    if (source == ResetSource::window_watchdog1_core || source == ResetSource::vector_cm7) return 1;
    return source == ResetSource::window_watchdog2_core || source == ResetSource::vector_cm4 ? 2 : 0;
}

/// 1 or 2 when the source resets one domain with its core, else 0.
constexpr unsigned domain_alone(ResetSource source) {
    if (source == ResetSource::domain1_exit) return 1;
    return source == ResetSource::domain2_exit ? 2 : 0;
}

struct ResetRow {
    ResetSource source;
    std::string_view name;
    ResetKind kind;           // what it means to every block
    bool loads_options;       // only POR and the way back from Standby re-read the option bytes (F-134)
    std::uint32_t rsr_flags;  // ORed into C1_RSR and C2_RSR
};

// RCC_RSR bits (system.md 3.2).
namespace rsr {
inline constexpr std::uint32_t c1 = 1U << 17, c2 = 1U << 18, d1 = 1U << 19, d2 = 1U << 20, bor = 1U << 21,
                               pin = 1U << 22, por = 1U << 23, sft1 = 1U << 24, sft2 = 1U << 25,
                               iwdg1 = 1U << 26, iwdg2 = 1U << 27, wwdg1 = 1U << 28, wwdg2 = 1U << 29,
                               lpwr1 = 1U << 30, lpwr2 = 1U << 31;
inline constexpr std::uint32_t both = c1 | c2;
}  // namespace rsr

// clang-format off
inline constexpr ResetRow kResetTree[] = {
    //source                      name                      kind                  options  RCC_RSR flags
    {ResetSource::power_on,      "power-on reset",          ResetKind::power_on,  true,    rsr::por | rsr::bor | rsr::pin | rsr::d1 | rsr::d2 | rsr::both},
    {ResetSource::brown_out,     "brown-out reset",         ResetKind::system,    false,   rsr::bor | rsr::pin | rsr::both},
    {ResetSource::nrst_pin,      "NRST pin reset",          ResetKind::system,    false,   rsr::pin | rsr::both},
    {ResetSource::software_cm7,  "CM7 SYSRESETREQ",         ResetKind::system,    false,   rsr::sft1 | rsr::pin | rsr::both},
    {ResetSource::software_cm4,  "CM4 SYSRESETREQ",         ResetKind::system,    false,   rsr::sft2 | rsr::pin | rsr::both},
    {ResetSource::independent_watchdog1, "IWDG1 reset",     ResetKind::system,    false,   rsr::iwdg1 | rsr::pin | rsr::both},
    {ResetSource::independent_watchdog2, "IWDG2 reset",     ResetKind::system,    false,   rsr::iwdg2 | rsr::pin | rsr::both},
    {ResetSource::window_watchdog1, "WWDG1 reset",          ResetKind::system,    false,   rsr::wwdg1 | rsr::pin | rsr::both},
    {ResetSource::window_watchdog2, "WWDG2 reset",          ResetKind::system,    false,   rsr::wwdg2 | rsr::pin | rsr::both},
    {ResetSource::window_watchdog1_core, "WWDG1 reset of the CM7 alone", ResetKind::domain, false, rsr::wwdg1 | rsr::c1},
    {ResetSource::window_watchdog2_core, "WWDG2 reset of the CM4 alone", ResetKind::domain, false, rsr::wwdg2 | rsr::c2},
    {ResetSource::standby_exit,  "exit from Standby",       ResetKind::standby_exit, true, rsr::d1 | rsr::d2 | rsr::both},
    {ResetSource::domain1_exit,  "D1 leaves DStandby",      ResetKind::domain,    true,    rsr::d1 | rsr::c1},
    {ResetSource::domain2_exit,  "D2 leaves DStandby",      ResetKind::domain,    false,   rsr::d2 | rsr::c2},
    {ResetSource::domain1_exit_secured, "D1 leaves DStandby, SECURITY in force", ResetKind::system, true, rsr::d1 | rsr::pin | rsr::both},
    {ResetSource::low_power1,    "illegal low power of D1", ResetKind::system,    false,   rsr::lpwr1 | rsr::pin | rsr::both},
    {ResetSource::low_power2,    "illegal low power of D2", ResetKind::system,    false,   rsr::lpwr2 | rsr::pin | rsr::both},
    {ResetSource::vector_cm7,    "CM7 VECTRESET",           ResetKind::domain,    false,   0},
    {ResetSource::vector_cm4,    "CM4 VECTRESET",           ResetKind::domain,    false,   0},
};
// clang-format on

constexpr const ResetRow& reset_row(ResetSource source) {
    for (const ResetRow& row : kResetTree)
        if (row.source == source) return row;
    return kResetTree[0];
}
static_assert(reset_row(ResetSource::power_on).rsr_flags == 0x00FE'0000U);  // system.md 3.2, cold boot

// system.md 3.2: after IWDG1 with cleared flags.
static_assert(reset_row(ResetSource::independent_watchdog1).rsr_flags == 0x0446'0000U);

/// Resets that were asked for and did not happen yet. One of everything takes the place of all others, the
/// first of them counts; those of single cores and domains wait for each other.
class PendingResets {
public:
    void ask(ResetSource source) {
        const bool part = core_alone(source) != 0 || domain_alone(source) != 0;
        if (whole_) return;
        if (!part) {
            whole_ = source;
            parts_.reset();
        } else {
            parts_.set(static_cast<std::size_t>(source));
        }
    }
    bool any() const { return whole_.has_value() || parts_.any(); }
    /// The next to perform, which is none of them any longer. There must be one.
    ResetSource take() {
        if (whole_) return *std::exchange(whole_, std::nullopt);
        std::size_t first = 0;
        while (first + 1 < parts_.size() && !parts_.test(first)) ++first;
        parts_.reset(first);
        return static_cast<ResetSource>(first);
    }
    void clear() { *this = {}; }

private:
    std::optional<ResetSource> whole_;
    std::bitset<kAllResetSources> parts_;
};

}  // namespace h7::chip

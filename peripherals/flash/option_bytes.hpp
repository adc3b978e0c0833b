// What an option change may do (F-137..F-176): pure functions on the current words, the requested words and
// who asks. The controller carries them out; `h7rss ob explain` asks them too.
#pragma once

#include <optional>
#include <string_view>

#include "emulator/security/life_cycle.hpp"
#include "peripherals/flash/image.hpp"

namespace h7::flash {

/// What of the part matters here.
struct OptionTraits {
    bool security_capable = true;        // D-02
    std::uint32_t bank_size = 1U << 20;  // bytes
};

/// Who wrote OPTSTART (D-22).
enum class Asker : std::uint8_t { application, secure_user, rss };

/// Why a change is refused as a whole (F-144).
struct ChangeRefusal {
    std::string_view field;  // "PROT_AREA1", "RDP"
    std::string_view why;
    std::string_view rule;  // "F-164"
};

namespace optsr {
inline constexpr std::uint32_t kSwapBank = 1U << 31, kSecurity = 1U << 21, kRdp = 0xFF00U;
/// Bits that are stored: all but OPT_BUSY, OPTCHANGEERR and the two reserved ones (F-149).
inline constexpr std::uint32_t kStored = 0xBFFE'FFFC;
}  // namespace optsr

constexpr OptionWord prar(unsigned bank) { return bank == 0 ? kPrar1 : kPrar2; }
constexpr OptionWord scar(unsigned bank) { return bank == 0 ? kScar1 : kScar2; }
constexpr OptionWord wpsn(unsigned bank) { return bank == 0 ? kWpsn1 : kWpsn2; }

security::Rdp rdp_of(const OptionWords& words);
security::Area pcrop_of(const OptionWords& words, unsigned bank, const OptionTraits& part);
/// Empty on parts without secure access mode (D-02).
security::Area secure_of(const OptionWords& words, unsigned bank, const OptionTraits& part);

/// The whole request, in the order of F-176 (4)..(7). No value: it may go ahead.
std::optional<ChangeRefusal> refuse_change(const OptionWords& cur, const OptionWords& prg, Asker asker,
                                           const OptionTraits& part);

/// F-161: the change takes the chip from level 1 to level 0.
bool is_regression(const OptionWords& cur, const OptionWords& prg);
/// Sectors of `bank` that a regression leaves alone (F-208..F-211).
std::uint32_t sectors_kept(const OptionWords& cur, const OptionWords& prg, unsigned bank,
                           const OptionTraits& part);

/// PRG asks for the protections of the banks in `banks` (bit 0 bank 1, bit 1 bank 2) to be removed by their
/// erase, and for nothing else (F-087, F-089, F-093, F-094, A-46).
bool removal_requested(const OptionWords& cur, const OptionWords& prg, unsigned banks,
                       const OptionTraits& part);

}  // namespace h7::flash

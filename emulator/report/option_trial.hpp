// Option changes and erases tried out: the real flash controller, alone on the desk, driven through its
// registers as a person's tool or firmware would drive it. What it refuses, it refuses in its own words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/chip/part.hpp"
#include "peripherals/flash/controller.hpp"

namespace h7::report {

/// Who asks for an option change.
struct Requester {
    std::string_view id;    // "debugger"
    std::string_view name;  // "a debugger through AP0"
    Master master;
    Context context;
};
inline constexpr Requester kDebugger{"debugger", "a debugger through AP0", Master::ap0, Context::application};
inline constexpr Requester kApplication{"cm7", "firmware of the CM7, not secure", Master::cm7,
                                        Context::application};
inline constexpr Requester kSecureUser{"cm7-secure", "secure user software of the CM7", Master::cm7,
                                       Context::secure_user};
inline constexpr Requester kCm4{"cm4", "firmware of the CM4", Master::cm4, Context::application};

/// The state the flash interface is in when it is asked.
struct FlashState {
    flash::OptionWords words{};
    bool swapped = false;  // the swap in force, not the option
    bool latched = false;  // SECURITY in force
    std::uint32_t confsec = 0;
    bool intrusion = false;
};

/// Sectors of both banks, bit bank * 8 + sector, physical.
using Sectors = std::uint32_t;

struct Trial {
    bool accepted = false;
    flash::OptionWords words{};  // in force afterwards
    Sectors erased = 0;
    bool secured_regions_erased = false;    // backup SRAM and RTC backup registers (F-208)
    std::optional<flash::Refusal> refusal;  // when not accepted
};

class OptionTrial {
public:
    explicit OptionTrial(const chip::Part& part, const flash::Readings& readings);
    ~OptionTrial();

    /// OPTSTART with `wanted` in the PRG registers.
    Trial change(const FlashState& state, const flash::OptionWords& wanted, const Requester& who);
    /// Bank erase of `banks` (bit 0 bank 1, bit 1 bank 2; both: mass erase), with the protections removed or
    /// plain.
    Trial erase(const FlashState& state, unsigned banks, bool remove_protections, const Requester& who);

    /// The words an erase with protection removal has to ask for (F-087).
    static flash::OptionWords removal_words(const flash::OptionWords& now, unsigned banks,
                                            bool security_capable);

private:
    struct Bench;
    std::unique_ptr<Bench> bench_;
};

}  // namespace h7::report

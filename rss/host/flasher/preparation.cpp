#include "rss/host/flasher/preparation.hpp"

#include <fmt/format.h>

#include "emulator/base/bits.hpp"
#include "rss/host/flasher/option_change.hpp"
#include "rss/image/mailbox.hpp"
#include "rss/services/engine.hpp"

namespace h7::flasher {
namespace {

constexpr unsigned kSecurity = 21;
constexpr unsigned kRamSizeMsb = 20, kRamSizeLsb = 19;  // F-149

Result<void> check_areas(const flash::OptionWords& words) {
    for (const auto word : {flash::kPrar1, flash::kPrar2, flash::kScar1, flash::kScar2})
        if (extract(words[word], 11, 0) <= extract(words[word], 27, 16))
            return refused_with(
                image::Detail::E_PCROP,
                fmt::format("bank {} has a {} area in force; an install needs a chip without",
                            word == flash::kPrar1 || word == flash::kScar1 ? 1 : 2,
                            word == flash::kPrar1 || word == flash::kPrar2 ? "PCROP" : "secure-only"));
    return {};
}

}  // namespace

Error refused_with(image::Detail detail, std::string_view reason) {
    return refused(fmt::format("{}: {}", image::name(detail), reason));
}

Result<void> check_chip(DebugLink& link, const Needs& needs) {
    chip::Chip& chip = link.chip();
    if (!chip.part().security)
        return refused_with(
            image::Detail::E_DISABLED,
            fmt::format("{} has no secure access mode; STM32H755 and STM32H757 have it (D-02)",
                        chip.part().name));
    const flash::OptionWords& words = chip.flash().options();
    if (const std::uint32_t rdp = extract(words[flash::kOptsr], 15, 8); rdp != 0xAA)
        return refused_with(image::Detail::E_RDP,
                            fmt::format("RDP is 0x{:02X}; an install needs level 0 (0xAA)", rdp));
    if (needs.no_areas) TRY(check_areas(words));
    if (const auto port = chip.debug_port().state(Master::ap0, image::kMailboxAddress); !port.open)
        return refused_with(image::Detail::E_STATE,
                            fmt::format("the debug port is closed: {} ({})", port.why, port.rule));
    return {};
}

Result<void> prepare_options(DebugLink& link, const Needs& needs, bool may_change,
                             const std::function<void(std::string_view line)>& say) {
    flash::OptionWords words = link.chip().flash().options();
    const std::uint32_t optsr = words[flash::kOptsr];
    const bool security = test_bit(optsr, kSecurity);
    const std::uint32_t ram = extract(optsr, kRamSizeMsb, kRamSizeLsb);
    const std::uint32_t wanted = needs.ram_size.value_or(ram);
    if (security && ram == wanted) return {};
    if (!may_change)
        return security
                   ? refused_with(
                         image::Detail::E_RAM,
                         fmt::format(
                             "ST_RAM_SIZE is {}, the install needs {}; set it, or leave out --no-prepare",
                             ram, wanted))
                   : refused_with(image::Detail::E_DISABLED,
                                  "SECURITY is 0, the install needs 1; set it, or leave out --no-prepare");
    say(fmt::format("Option bytes: setting SECURITY=1{} (one change, through AP0)",
                    needs.ram_size ? fmt::format(" ST_RAM_SIZE={}", wanted) : ""));
    words[flash::kOptsr] = insert(optsr | (1U << kSecurity), kRamSizeMsb, kRamSizeLsb, wanted);
    TRY(change_options(link, words));
    return {};
}

Result<void> let_the_rss_install(DebugLink& link, const std::function<void(std::string_view line)>& say) {
    say("System reset: the RSS installs");
    link.chip().press_reset();
    const auto& result = link.chip().rss().last_result();
    if (!result)
        return refused("the RSS did not serve the request: it found no valid mailbox in secure access mode");
    if (!result->ok()) return refused_with(result->detail, result->reason);
    return {};
}

}  // namespace h7::flasher

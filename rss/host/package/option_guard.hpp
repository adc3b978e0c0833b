// What option words will do to the chip, said before they do it (rss-sfi-bootloader.md 4.8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.hpp"
#include "rss/host/package/segments.hpp"
#include "rss/image/option_words.hpp"

namespace h7::package {

struct OptionConsents {
    bool leave_readable = false;  // the image may leave the chip at RDP 0 with no protected area (D-33)
    bool force = false;           // hardware-started watchdogs, a CM7 that does not boot, RDP level 2
};

/// D-33: does the chip end at RDP level 0 with no protected (PCROP) and no secure area?
bool leaves_readable(const std::optional<image::OptionWords>& words, bool has_module);

/// One line per consequence: who boots from where, watchdogs, protections, what cannot be undone.
std::vector<std::string> consequences(const image::OptionWords& words, const std::vector<Content>& areas);

/// Refuses (misuse, with the consent that would allow it): READABLE, watchdogs, BCM7 = 0, RDP level 2; and
/// without any consent (E_OB): SECURITY = 0 beside a protected or secure area, a PCROP row that does not
/// cover a module.
Result<void> check_options(const std::optional<image::OptionWords>& words, const std::vector<Content>& areas,
                           const OptionConsents& consents);

}  // namespace h7::package

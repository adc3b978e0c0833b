// Install of a module alone over a debug cable (rss-sfi-bootloader.md 4.10; decision 0214): license and .smi
// file are staged through AP0, one system reset, and the RSS puts it into its PCROP area.
#pragma once

#include <functional>
#include <string_view>

#include "emulator/base/bytes.hpp"
#include "rss/host/flasher/debug_link.hpp"
#include "rss/image/smi.hpp"

namespace h7::flasher {

struct ModuleRequest {
    Bytes module;   // SMI-1 file
    Bytes license;  // 136 bytes, for a module
    std::string_view module_name, license_name;
    bool prepare = true;  // may set SECURITY=1 first
    /// Progress, one line at a time.
    std::function<void(std::string_view line)> say = [](std::string_view) {};
};

/// What both files say, before any chip is touched. Errors (exit 2) name file, place and reason.
Result<image::Module> check_files(const ModuleRequest& request);

/// Installs on a powered chip whose BOOT0 is high and whose debug port is open: no secure-only area. Areas of
/// earlier modules may be in force. Error (refused): the chip or its RSS says no; the message carries the
/// code of 4.9 and the precise reason (D-19). The caller removes the power afterwards, whatever happened.
Result<void> install(DebugLink& link, const ModuleRequest& request);

}  // namespace h7::flasher

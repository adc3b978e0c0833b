// Secure firmware install over a debug cable (rss-sfi-bootloader.md 4.7, 11.1; D-16): prepare the option
// bytes, stage the mailbox through AP0, one system reset, and the RSS does the rest.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "rss/host/flasher/debug_link.hpp"
#include "rss/image/sfi.hpp"

namespace h7::flasher {

struct InstallRequest {
    Bytes image;    // SFI-1 file
    Bytes license;  // 136 bytes
    std::vector<Bytes>
        module_licenses{};  // for modules that bring their own key, in their order in the image
    std::string_view image_name, license_name;
    bool prepare = true;  // may set SECURITY=1 and ST_RAM_SIZE=3 first
    /// Progress, one line at a time.
    std::function<void(std::string_view line)> say = [](std::string_view) {};
};

/// What both files say, before any chip is touched. Errors (exit 2) name file, place and reason.
Result<image::Container> check_files(const InstallRequest& request);

/// Installs on a powered chip whose BOOT0 is high (the bootloader is reached and the debug port is open), one
/// part of the image at a time.
/// Error (refused): the chip or its RSS says no; the message carries the code of 4.9 and the precise reason
/// (D-19). The caller removes the power afterwards, whatever happened.
Result<void> install(DebugLink& link, const InstallRequest& request);

}  // namespace h7::flasher

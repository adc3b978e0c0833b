// Who boots where: BOOT0 pin x BOOT_CMx_ADDx x BCM7/BCM4 x RDP (system.md 2.1, 2.2). Secure access mode puts
// the RSS before the CM7's choice; that is the chip's and the RSS's business, this page is pure.
#pragma once

#include "emulator/fabric/access.hpp"
#include "peripherals/flash/image.hpp"

namespace h7::chip {

struct BootChoice {
    Address cm7 = 0;  // vector table of the CM7
    Address cm4 = 0;
    bool cm7_starts = true;  // false: held until RCC_GCR.BOOT_C1
    bool cm4_starts = true;
    bool cm7_substituted =
        false;  // the option named an address that cannot be booted; the hardware took another
    bool cm4_substituted = false;
};

/// The choice the hardware makes at the end of a reset from the options now in force and the BOOT0 pin.
BootChoice choose_boot(const flash::OptionWords& options, bool boot0_pin);

/// RDP level 1 treats a boot from RAM or system flash as an intrusion (F-198). `start` is a boot address.
bool outside_user_flash(Address start);

}  // namespace h7::chip

// What the RSS keeps outside the guest's reach between two resets: the request a service latched before it
// asserted the system reset (rss-sfi-bootloader.md 1.4, channel A), the answer of the last service, and the
// two switches that keep the debug ports closed.
#pragma once

#include <optional>
#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/state.hpp"
#include "rss/image/detail.hpp"
#include "rss/image/mailbox.hpp"

namespace h7::rss {

using image::Detail;

/// A request as latched: copied whole, so that the guest can no longer edit it. Kept over every system reset,
/// forgotten at power-on, brown-out and exit from Standby, used once.
struct PendingRequest {
    image::MailboxService service = image::MailboxService::init_areas;
    std::uint32_t count = 0;  // init_areas: n; destroy_pcrop: bank
    Bytes blob;               // init_areas: the records; smi: license, module header, ciphertext
};

/// How the last service that needs a reset ended. `detail` is the precise reason for people and tools (D-19);
/// the guest sees image::chip_visible(detail).
struct InstallResult {
    std::uint32_t service = 0;  // image::MailboxService
    Detail detail = Detail::none;
    std::string reason;  // one line; empty on success
    bool ok() const { return detail == Detail::none; }
};

struct Retained {
    std::optional<PendingRequest> pending;
    std::optional<InstallResult> last;
    /// The session number given out for a live license, good for one install; 0: none (4.6).
    std::uint32_t session = 0;
    /// An install is under way (4.9, 4): access ports closed but AP0 to 0x24030000-0x2407FFFF.
    bool install_lock = false;
    /// False after exitSecureArea without the magic, and wherever the RSS keeps the debug port closed.
    bool debug_open = true;

    void forget_volatile() {
        pending.reset();
        last.reset();
        session = 0;
    }
    void save(StateWriter& out) const;
    void load(StateReader& in);
};

}  // namespace h7::rss

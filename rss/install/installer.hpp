// Secure firmware install of one part (rss-sfi-bootloader.md 4.9, in its order). Everything is verified
// before anything is changed: header, license, every descriptor and every tag, the option words by a dry run.
// Plaintext exists only in private memory until the tag of its area was right.
#pragma once

#include <string>

#include "rss/crypto/license_key.hpp"
#include "rss/identity.hpp"
#include "rss/image/license.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"
#include "rss/install/flash_driver.hpp"
#include "rss/install/journal.hpp"

namespace h7::rss {

using image::Detail;

/// A service of the RSS refused or failed: the precise code (D-19) and one line for the trace and `explain`.
struct Refusal {
    Detail detail = Detail::none;
    std::string reason;
};
template <class T = void>
using Answer = Expected<T, Refusal>;

/// Provisioning of the chip that the install looks at.
struct InstallPolicy {
    bool allow_rollback = false;            // a lower image_version under the same fw_id is accepted
    bool allow_unstartable_level2 = false;  // RDP 2 with a secure area that has no plausible vector table
};

/// A part as copied out of the guest's reach.
struct StagedPart {
    Bytes header;   // 64 bytes
    Bytes license;  // 136 bytes
    Bytes records;  // concatenated area records
};

struct Installed {
    std::uint32_t image_version = 0;
};

class Installer {
public:
    Installer(FlashDriver& driver, Journal& journal, const Identity& identity, const InstallPolicy& policy);

    /// Installs a whole part: preconditions, verification, erase, program, read-back, options, journal DONE.
    /// After a refusal from the verification flash and journal are untouched; after a later one flash was
    /// erased.
    Answer<Installed> install(const StagedPart& part);

    /// Finishes what the journal says was interrupted: INSTALLING and ABORT_ERASE end in a blank chip (IDLE),
    /// an OB_PENDING option change is done again (DONE), LICENSED is forgotten.
    Answer<> recover();

    /// ABORT: ABORT_ERASE, erase with protection removal, blank check, IDLE. Only while an install is under
    /// way.
    Answer<> abort();

private:
    struct Verified;  // header, key, areas in plaintext, option words to come

    Answer<> preconditions(const OptionWords& now) const;
    Answer<Verified> verify(const StagedPart& part, const OptionWords& now) const;
    Answer<> begin(const Verified& part);
    Answer<> program(const Verified& part);
    Answer<> finish(const Verified& part);
    Answer<> erase_everything();
    Answer<> apply_options(const OptionWords& words);

    FlashDriver& driver_;
    Journal& journal_;
    const Identity& identity_;
    const InstallPolicy& policy_;
};

}  // namespace h7::rss

// Secure firmware install of one part (rss-sfi-bootloader.md 4.9, in its order). Everything is verified
// before anything is changed: header, license, every descriptor and every tag, the option words by a dry run.
// Plaintext exists only in private memory until the tag of its area was right.
#pragma once

#include "rss/identity.hpp"
#include "rss/install/journal.hpp"
#include "rss/install/part.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

struct Installed {
    std::uint32_t image_version = 0;
};

class Installer {
public:
    Installer(FlashDriver& driver, Journal& journal, const Identity& identity, const InstallPolicy& policy)
        : driver_(driver), journal_(journal), identity_(identity), policy_(policy) {}

    /// Installs a whole part: preconditions, verification, erase, program, read-back, options, journal DONE.
    /// After a refusal by the verification flash and journal are untouched; after a later one user flash is
    /// blank.
    Answer<Installed> install(const StagedPart& staged);

    /// Finishes what the journal says was interrupted: INSTALLING and ABORT_ERASE end in a blank chip (IDLE),
    /// an OB_PENDING option change is done again (DONE), LICENSED is forgotten.
    Answer<> recover();

    /// ABORT: ABORT_ERASE, erase with protection removal, blank check, IDLE. E_STATE when no install is under
    /// way.
    Answer<> abort();

    /// Whether the journal says that an install is under way: the install lock.
    static bool under_way(JournalState state) {
        return state == JournalState::installing || state == JournalState::ob_pending ||
               state == JournalState::abort_erase;
    }

private:
    Answer<> preconditions(const OptionWords& now) const;
    Answer<> may_begin(const VerifiedPart& part) const;
    Answer<> begin(const VerifiedPart& part);
    Answer<> program(const VerifiedPart& part);
    Answer<> check_hash(const VerifiedPart& part) const;
    Answer<> finish(const VerifiedPart& part);
    Answer<> erase_everything();
    Answer<> blank() const;

    FlashDriver& driver_;
    Journal& journal_;
    const Identity& identity_;
    const InstallPolicy& policy_;
};

}  // namespace h7::rss

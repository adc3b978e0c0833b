// Secure firmware install, one part at a time (rss-sfi-bootloader.md 4.9, in its order). Everything is
// verified before anything is changed: header, license, every descriptor and every tag, the option words by a
// dry run. Plaintext exists only in private memory until the tag of its area was right.
#pragma once

#include "rss/identity.hpp"
#include "rss/install/journal.hpp"
#include "rss/install/part.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

struct Installed {
    std::uint32_t image_version = 0;
    std::uint32_t next_index = 0;  // of the R area the chip waits for; 0: the whole image is installed
};

class Installer {
public:
    /// `session`: the session number given out for a live license; 0: none.
    Installer(FlashDriver& driver, Journal& journal, const Identity& identity, const InstallPolicy& policy,
              std::uint32_t session = 0)
        : driver_(driver), journal_(journal), identity_(identity), policy_(policy), session_(session) {}

    /// Installs one part: preconditions, verification, erase (or the token of the part before), program,
    /// read-back; then the token for the next part, or options and journal DONE. After a refusal by the
    /// verification flash and journal are untouched; after a later one user flash is blank.
    Answer<Installed> install(const StagedPart& staged);

    /// Finishes what the journal says was interrupted: ABORT_ERASE, and INSTALLING anywhere but between two
    /// parts, end in a blank chip (IDLE), an OB_PENDING option change is done again (DONE), LICENSED is
    /// forgotten. Between two parts nothing happens.
    Answer<> recover();

    /// The chip stands between two parts: the journal says INSTALLING, and the token in flash is the one it
    /// tells of.
    bool awaits_part() const;

    /// ABORT: ABORT_ERASE, erase with protection removal, blank check, IDLE. E_STATE when no install is under
    /// way.
    Answer<> abort();

    /// Whether the journal says that an image is being installed.
    static bool under_way(JournalState state) {
        return state == JournalState::installing || state == JournalState::ob_pending ||
               state == JournalState::abort_erase;
    }

private:
    Answer<> preconditions(const OptionWords& now) const;
    Answer<> may_begin(const VerifiedPart& part) const;
    Answer<> may_continue(const VerifiedPart& part, bool swapped) const;
    Answer<> begin(const VerifiedPart& part);
    Answer<> take_token(const VerifiedPart& part);
    Answer<> program(const VerifiedPart& part);
    Answer<> check_hash(const VerifiedPart& part) const;
    Answer<> pause(const VerifiedPart& part);
    Answer<> finish(const VerifiedPart& part);
    Answer<> erase_everything();
    Answer<> blank() const;

    FlashDriver& driver_;
    Journal& journal_;
    const Identity& identity_;
    const InstallPolicy& policy_;
    std::uint32_t session_;
};

/// While the journal says so at a reset nothing is booted and the debug port is shut but for the staging
/// window: the install lock.
inline bool locks(JournalState state) {
    return Installer::under_way(state) || state == JournalState::smi_installing ||
           state == JournalState::smi_pending;
}

}  // namespace h7::rss

// A part of an SFI image: as staged, out of the guest's reach, and as verified, in plaintext. Verification
// looks at the chip only through the option words given to it and changes nothing.
#pragma once

#include <optional>
#include <vector>

#include "rss/identity.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"
#include "rss/install/option_words.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

/// Provisioning of the chip that an install looks at.
struct InstallPolicy {
    bool allow_rollback = false;            // a lower image_version under the same fw_id is accepted
    bool allow_unstartable_level2 = false;  // RDP 2 with a secure area that has no plausible vector table
};

/// A part as copied into private memory.
struct StagedPart {
    Bytes header;   // 64 bytes
    Bytes license;  // 136 bytes
    Bytes records;  // concatenated area records
};

/// An area whose tag was right, decrypted. Wiped when it goes.
struct PlainArea {
    image::Descriptor descriptor;
    Bytes plaintext;

    PlainArea(const image::Descriptor& d, Bytes p) : descriptor(d), plaintext(std::move(p)) {}
    PlainArea(PlainArea&&) noexcept = default;
    PlainArea& operator=(PlainArea&&) noexcept = default;
    ~PlainArea() { wipe(plaintext); }
};

struct VerifiedPart {
    image::Header header;
    std::vector<PlainArea> areas;
    OptionWords options{};  // to come into force at the end, by physical bank

    bool keeps_flash() const { return (header.flags & image::kKeepFlash) != 0; }
};

/// What verification needs to know of the chip.
struct ChipState {
    OptionWords options{};  // in force, by physical bank
    bool swapped = false;   // SWAP_BANK in force
};

/// Steps 2, 3 and 3b of rss-sfi-bootloader.md 4.9: header, license, header tag, descriptors, every area's
/// tag, the hash area, and a dry run of the option words. The precise reason is in the refusal; key material
/// never is.
Answer<VerifiedPart> verify_part(const StagedPart& staged, const Identity& identity, const ChipState& chip,
                                 const InstallPolicy& policy);

/// Step 3b, options: the words of a C area (`requested`, by physical bank; none: those in force) merged with
/// the PCROP areas of the M areas. E_OB: the hardware would refuse the change (F-166, F-170, F-173) or the
/// RSS does (4.8).
Answer<OptionWords> plan_options(const std::optional<OptionWords>& requested,
                                 const std::vector<PlainArea>& areas, const ChipState& chip,
                                 const InstallPolicy& policy);

}  // namespace h7::rss

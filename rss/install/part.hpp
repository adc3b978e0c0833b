// A part of an SFI image: as staged, out of the guest's reach, and as verified, in plaintext. Verification
// looks at the chip only through the option words given to it and changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "rss/identity.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"
#include "rss/install/option_words.hpp"
#include "rss/install/refusal.hpp"
#include "rss/install/token.hpp"

namespace h7::rss {

/// Provisioning of the chip that an install looks at.
struct InstallPolicy {
    bool allow_rollback = false;            // a lower image_version under the same fw_id is accepted
    bool allow_unstartable_level2 = false;  // RDP 2 with a secure area that has no plausible vector table
};

/// A part as copied into private memory.
struct StagedPart {
    Bytes header;                          // 64 bytes
    Bytes license;                         // 136 bytes
    Bytes records;                         // concatenated area records
    std::vector<Bytes> module_licenses{};  // one for each M area of version 2, in their order
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
    std::vector<PlainArea> areas;  // a module that brought its own key is decrypted to the module itself
    OptionWords options{};         // of the last part: to come into force at the end, by physical bank
    Progress before, after;        // where the image stands before and behind this part
    bool last = true;              // no P area: nothing follows

    /// The part begins with R: it goes on with an image of which earlier parts are installed.
    bool continues() const { return before.begun(); }
    bool keeps_flash() const { return (header.flags & image::kKeepFlash) != 0; }
};

/// What verification needs to know of the chip.
struct ChipState {
    OptionWords options{};      // in force, by physical bank
    bool swapped = false;       // SWAP_BANK in force
    Progress progress{};        // of the image under way, if its token is in flash
    std::uint32_t session = 0;  // given out for a live license; 0: none
    /// A word of what earlier parts left in flash; empty: there are none.
    std::function<std::optional<std::uint32_t>(Address)> installed;
};

/// Steps 2, 3 and 3b of rss-sfi-bootloader.md 4.9: header, license, header tag, descriptors, every area's
/// tag, the hash area, and a dry run of the option words. The precise reason is in the refusal; key material
/// never is.
Answer<VerifiedPart> verify_part(const StagedPart& staged, const Identity& identity, const ChipState& chip,
                                 const InstallPolicy& policy);

/// The PCROP area of each physical bank that the modules so far and those of `areas` need: one per bank
/// (F-217). E_PCROP: it would swallow firmware of this part.
Answer<std::array<Area, 2>> module_areas(const std::vector<PlainArea>& areas, const ChipState& chip);

/// Step 3b, options: the words of a C area (`requested`, by physical bank; none: those in force) merged with
/// the PCROP areas of the modules. E_OB: the hardware would refuse the change (F-166, F-170, F-173) or the
/// RSS does (4.8).
Answer<OptionWords> plan_options(const std::optional<OptionWords>& requested,
                                 const std::vector<PlainArea>& areas, const std::array<Area, 2>& modules,
                                 const ChipState& chip, const InstallPolicy& policy);

}  // namespace h7::rss

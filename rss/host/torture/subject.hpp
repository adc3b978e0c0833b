// What is tortured: a chip, an image and its licenses, and what follows from them without any RSS: which
// bytes belong where at the end, and which of them are secret.
#pragma once

#include <optional>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "rss/crypto/license_key.hpp"
#include "rss/identity.hpp"
#include "rss/image/license.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"

namespace h7::torture {

struct Subject {
    const chip::Part* part = &chip::kDefaultPart;
    flash::Image flash;  // the chip as it is; SECURITY = 1 and ST_RAM_SIZE = 3 are set where they are not
    rss::Identity identity;
    std::uint64_t ram_seed = 0;
    chip::Readings readings{};
    Bytes image;                           // SFI-1 file
    Bytes license;                         // 136 bytes, for this chip
    std::vector<Bytes> module_licenses{};  // for modules that bring their own
};

/// What is staged for one run of the RSS.
struct Part {
    Bytes license, header, records;
    std::vector<Bytes> module_licenses{};
    std::size_t first = 0, count = 0;  // its areas
};
using Flow = std::vector<Part>;

/// An area as it was before encryption.
struct Area {
    image::Descriptor descriptor;
    Bytes plaintext;
};

/// Plaintext in flash at the end. `address` is physical (bank 1 at 0x08000000).
struct Piece {
    Address address = 0;
    Bytes bytes;
    bool module = false;
};

struct Plan {
    bool module = false;  // a module alone: header, areas and words mean nothing
    image::Header header;
    Flow flow;
    std::vector<Area> areas;
    std::vector<Piece> pieces;
    std::optional<image::OptionWords> words;  // of the C area, by physical bank
    crypto::FirmwareKey key;
    std::array<Bytes, 2> flash;  // user flash as it must be at the end, physical banks
};

/// Opens image and license with the chip's own key. Errors (misuse): a file that is none, a license that does
/// not open it; (refused): the chip's part has no secure access mode.
Result<Plan> plan(const Subject& subject);

/// The same for an SMI-1 file and its license: one part whose `header` and `records` are the file, one piece.
Result<Plan> plan_of_module(const Subject& subject);

/// An image of these areas under key and nonce: what its owner could have made. Indexes, counts and tags are
/// set.
Flow seal(image::Header header, std::vector<Area> areas, const crypto::FirmwareKey& key, ByteView license);

/// A license of the owner of `key` for a chip.
Bytes license_for(const rss::Identity& chip, const crypto::FirmwareKey& key, const image::License& like = {});

}  // namespace h7::torture

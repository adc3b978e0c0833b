// From areas to the records of an image, in the order of the file: hash areas, option words, and parts with
// their pause and resume areas when the RSS cannot take all at once (rss-sfi-bootloader.md 4.3, 4.4).
#pragma once

#include <optional>

#include "rss/host/package/segments.hpp"
#include "rss/image/option_words.hpp"

namespace h7::package {

/// An area before encryption: index and total are set, the tag is not.
struct PlainArea {
    image::Descriptor descriptor;
    Bytes bytes;
};

struct PartsRequest {
    const std::vector<Content>& contents;  // of lay_out
    std::optional<image::OptionWords> options;
    bool hash = false;                // an H area in every part
    std::uint32_t ram_size = 0;       // most bytes of records in a part
    std::uint32_t token_address = 0;  // 0: the packer chooses a sector that the image leaves free
};

struct Parts {
    std::vector<PlainArea> areas;
    std::size_t count = 1;
    std::uint32_t token_address = 0;  // 0 when there is one part
};

/// As few parts as it takes, filled in the order of `contents`. An area that does not fit is cut: firmware at
/// a flash word, a plain module at a 256-byte block (each piece needs two of them), a wrapped module nowhere.
/// Errors (misuse): a part size that holds nothing, a module that fits into no part, more than 255 areas, no
/// free sector for the token, a token out of flash or in a sector of the image (both ranges named).
Result<Parts> plan_parts(const PartsRequest& request);

}  // namespace h7::package

// Reading an SFI-1 file: as anybody can, and as who has the key can.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"

namespace h7::package {

/// What the key shows: every tag is right, and this is inside.
struct Opened {
    std::vector<Bytes> plaintexts;  // one per record, in order
    std::optional<image::OptionWords> options;
    bool readable = false;  // D-33: leaves the chip at RDP 0 with no protected area
};

/// Checks the header's tag, then every area's, then the H areas and the frames of modules of version 2.
/// Nothing is decrypted before its tag is right. Errors (misuse): a tag, naming the area and its byte in the
/// file; a hash; option words with a wrong padding.
Result<Opened> verify(const image::Container& container, ByteView file, ByteView key, ByteView nonce);

/// What verify() looked at, one line each: "header tag", "ok".
struct Check {
    std::string what, result;
};
std::vector<Check> checks_of(const image::Container& container, const Opened& opened);

/// The lines ST's programmer prints while it parses a file, and whose format this is. `opened` adds what the
/// key shows.
std::string describe(const image::Container& container, const Opened* opened = nullptr);

/// The same for programs (`sfi inspect --json`). No secrets: no plaintext, no key.
nlohmann::ordered_json describe_json(const image::Container& container, const Opened* opened = nullptr);

}  // namespace h7::package

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

/// Checks the header's tag, then every area's, then the H areas. Nothing is decrypted before its tag is
/// right. Errors (misuse): a tag, naming the area and its byte in the file; a hash; option words with a wrong
/// padding.
Result<Opened> verify(const image::Container& container, ByteView file, ByteView key, ByteView nonce);

/// The lines ST's programmer prints while it parses a file, and whose format this is. `opened` adds what the
/// key shows.
std::string describe(const image::Container& container, const Opened* opened = nullptr);

/// The same for programs (`sfi inspect --json`). No secrets: no plaintext, no key.
nlohmann::json describe_json(const image::Container& container, const Opened* opened = nullptr);

}  // namespace h7::package

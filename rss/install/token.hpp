// The continuation token (rss-sfi-bootloader.md 4.4; ours, D-11): 64 bytes in user flash by which a chip
// knows that it was the one who installed the parts so far. And what the journal keeps of an image that comes
// in parts.
#pragma once

#include "rss/identity.hpp"
#include "rss/install/journal.hpp"
#include "rss/install/option_words.hpp"

namespace h7::rss {

using Transcript = std::array<std::uint8_t, 16>;

/// Where an image stands between two parts. In the journal it is the payload of INSTALLING; the token in
/// flash must agree with every field.
struct Progress {
    std::uint32_t next_index = 1;  // 1: nothing is installed yet
    std::array<std::uint8_t, 16> header_tag{};
    std::array<Area, 2> modules{};    // PCROP areas noted for M areas, by physical bank; they come into force
                                      // with the options
    std::uint32_t record_bytes = 0;   // of all parts so far
    std::uint32_t token_address = 0;  // as the header names it
    Transcript transcript{};

    bool begun() const { return next_index > 1; }
    JournalRecord record(const FirmwareId& firmware_id) const;
    /// From an INSTALLING record; any other record says that nothing is installed yet.
    static Progress of(const JournalRecord& record);
};

/// The transcript after a part: truncated SHA-256 over the transcript before and the tags of the part.
Transcript extend(const Transcript& before, bool begun,
                  const std::vector<std::array<std::uint8_t, 16>>& tags);

inline constexpr std::uint32_t kTokenBytes = 64;
using TokenBytes = std::array<std::uint8_t, kTokenBytes>;

/// The token for `progress`, with a MAC under a key that only this chip has. (A MAC, not GCM: two transcripts
/// under one header would repeat the IV.)
TokenBytes make_token(const Progress& progress, const Identity& identity);
/// Whether `bytes` are exactly that token; in constant time.
bool token_fits(ByteView bytes, const Progress& progress, const Identity& identity);

}  // namespace h7::rss

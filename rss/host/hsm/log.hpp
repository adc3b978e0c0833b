// The HSM's log: everything that ever happened to it, each entry hashing the one before. State and counter
// are what the log says; there is no second place that could say otherwise.
#pragma once

#include <array>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::hsm {

inline constexpr std::size_t kEntryBytes = 0x70;

using HsmId = std::array<std::uint8_t, 16>;

/// rss-sfi-bootloader.md 4.12.
enum class State : std::uint32_t { open = 1, operational = 2 };
std::string_view describe(State state);

enum class Event : std::uint32_t {
    created = 1,
    provisioned = 2,  // amount = the counter's start
    locked = 3,
    issued = 4,    // amount = 1
    reissued = 5,  // to a chip that has one already; amount = 0
    reserved = 6,  // amount licenses handed to a license server
    returned = 7,  // amount of them unused
};
std::string_view describe(Event event);

struct LogEntry {
    std::uint64_t sequence = 0;  // 1, 2, ..
    std::uint64_t time = 0;      // seconds since 1970, by the host's clock
    Event event = Event::created;
    std::uint32_t left = 0;  // the counter afterwards
    std::uint32_t amount = 0;
    std::uint32_t type = 0;  // of the license (image::LicenseType), else 0
    std::array<std::uint8_t, 12> uid{};
    std::uint32_t session = 0;
    crypto::Digest subject{};  // SHA-256 of the certificate, or of the settings
    crypto::Digest chain{};    // SHA-256(chain of the entry before || bytes 0x00..0x4F of this one)
};

LogEntry parse_entry(ByteView bytes112);
std::array<std::uint8_t, kEntryBytes> serialise(const LogEntry& entry);

class Log {
public:
    explicit Log(const HsmId& id);

    State state() const { return state_; }
    bool provisioned() const { return provisioned_; }
    std::uint32_t counter() const { return counter_; }    // what `provisioned` started with
    std::uint32_t left() const { return left_; }          // licenses to give
    std::uint32_t reserved() const { return reserved_; }  // handed to servers and not returned
    const crypto::Digest& head() const { return head_; }  // the last entry's chain
    const crypto::Digest& settings() const { return settings_; }
    const std::vector<LogEntry>& entries() const { return entries_; }
    /// Has this chip a license of this HSM?
    bool knows(const crypto::Digest& certificate, const std::array<std::uint8_t, 12>& uid) const;

    /// `wanted` with sequence, counter and chain filled in: what add() will take. Errors (refused): the state
    /// does not allow it, the counter is 0 or smaller than the amount, the log is full.
    Result<LogEntry> next(LogEntry wanted) const;
    /// Adds an entry that next() made, or that a file holds. Error (misuse): it does not follow.
    Result<void> add(const LogEntry& entry);

private:
    using Chip = std::array<std::uint8_t, 44>;
    struct ChipHash {
        std::size_t operator()(const Chip& chip) const;
    };
    static Chip chip(const crypto::Digest& certificate, const std::array<std::uint8_t, 12>& uid);
    Result<void> allowed(const LogEntry& entry) const;
    std::uint32_t left_after(const LogEntry& entry) const;

    State state_ = State::open;
    bool provisioned_ = false;
    std::uint32_t counter_ = 0, left_ = 0, reserved_ = 0;
    crypto::Digest head_, settings_{};
    std::vector<LogEntry> entries_;
    std::unordered_set<Chip, ChipHash> chips_;
};

}  // namespace h7::hsm

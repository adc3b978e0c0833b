// What the RSS remembers without power: a journal in the special sectors 0 and 1 of system flash bank 2
// (rss-sfi-bootloader.md 6.3, D-17). Records are only ever added. A record counts when its CRC, written last,
// is right; a torn slot is skipped, never completed (F-034). A full sector is compacted into the other one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "rss/install/flash_driver.hpp"

namespace h7::rss {

enum class JournalState : std::uint8_t {
    idle = 1,
    licensed = 2,
    installing = 3,      // the install lock is on; next_index awaits its R record
    ob_pending = 4,      // flash is complete; the option words of the payload must still come into force
    done = 5,            // payload: image_version
    abort_erase = 6,     // flash must be erased before anything else
    destroy_pcrop = 7,   // payload: bank whose PCROP area is being overwritten
    smi_installing = 8,  // payload: bank, offset, size of a module that is being programmed
    smi_pending = 9,     // the same, and the PRAR word that must still come into force
};
inline constexpr std::uint8_t kLastJournalState = 9;
std::string_view name_of(JournalState state);

using FirmwareId = std::array<std::uint8_t, 8>;

struct JournalRecord {
    static constexpr std::size_t kBytes = 128;
    static constexpr std::size_t kPayload = 64;

    std::uint32_t sequence = 0;
    JournalState state = JournalState::idle;
    std::uint8_t next_index = 0;
    std::uint16_t length = 0;  // bytes of payload in use
    FirmwareId fw_id{};
    std::array<std::uint8_t, 16> header_tag{};
    std::array<std::uint8_t, kPayload> payload{};

    std::array<std::uint8_t, kBytes> encode() const;
    /// None: no magic, an unknown state, a length beyond the payload, or a wrong CRC.
    static std::optional<JournalRecord> decode(ByteView slot);

    std::uint32_t word(std::size_t n) const { return load_le32(payload, 4 * n); }
    void add_word(std::uint32_t value) {
        store_le32(payload, length, value);
        length = static_cast<std::uint16_t>(length + 4);
    }
};

class Journal {
public:
    static constexpr unsigned kSectors = 2;
    static constexpr unsigned kSlots = kSpecialSectorBytes / JournalRecord::kBytes;  // 128 a sector
    static constexpr std::size_t kMostFirmwareIds = 100;

    explicit Journal(FlashDriver& driver) : driver_(driver) {}

    /// Reads both sectors. A word with a double ECC error means "no record"; the flags such reads leave are
    /// cleared.
    void load();

    /// The newest record; an empty journal is idle.
    const JournalRecord& current() const { return current_; }
    JournalState state() const { return current_.state; }

    /// The highest image_version ever installed under an id; survives ABORT and regression (anti-rollback).
    std::optional<std::uint32_t> highest_version(const FirmwareId& id) const;
    /// Whether a DONE record for `id` would still fit (100 ids); an install that would not fit must not
    /// begin.
    bool has_room_for(const FirmwareId& id) const;

    /// Adds a record with the next sequence number; compacts first when the sector is full. After an error
    /// the journal on the chip still says what it said before.
    FlashResult<> append(JournalRecord record);
    /// The same for a record without payload.
    FlashResult<> append(JournalState state) { return append(JournalRecord{.state = state}); }

private:
    struct Sector {
        std::vector<JournalRecord> records;  // in slot order
        unsigned next_slot = 0;              // behind the last slot that is not blank
    };
    Address slot_address(unsigned sector, unsigned slot) const;
    std::optional<JournalRecord> read_slot(unsigned sector, unsigned slot, bool& blank) const;
    FlashResult<> write(unsigned sector, const JournalRecord& record);
    FlashResult<> compact();
    void choose_active();

    FlashDriver& driver_;
    std::array<Sector, kSectors> sectors_;
    unsigned active_ = 0;
    JournalRecord current_;
};

}  // namespace h7::rss

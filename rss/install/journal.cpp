#include "rss/install/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rss/image/mailbox.hpp"

namespace h7::rss {
namespace {

constexpr std::uint32_t kMagic = 0x3130'4A52;  // "RJ01"
constexpr std::size_t kFwId = 12, kHeaderTag = 20, kPayloadAt = 36, kCrc = 0x7C;

// The newest DONE record of every id: what compaction must carry.
std::map<FirmwareId, JournalRecord> installed(
    const std::array<std::vector<JournalRecord>, Journal::kSectors>& all) {
    std::map<FirmwareId, JournalRecord> highest;
    for (const auto& records : all)
        for (const JournalRecord& record : records) {
            if (record.state != JournalState::done) continue;
            const auto [at, added] = highest.try_emplace(record.fw_id, record);
            if (!added && record.word(0) > at->second.word(0)) at->second = record;
        }
    return highest;
}

}  // namespace

std::string_view name_of(JournalState state) {
    switch (state) {
        case JournalState::idle:
            return "IDLE";
        case JournalState::licensed:
            return "LICENSED";
        case JournalState::installing:
            return "INSTALLING";
        case JournalState::ob_pending:
            return "OB_PENDING";
        case JournalState::done:
            return "DONE";
        case JournalState::abort_erase:
            return "ABORT_ERASE";
        case JournalState::destroy_pcrop:
            return "DESTROY_PCROP";
        case JournalState::smi_installing:
            return "SMI_INSTALLING";
        case JournalState::smi_pending:
            return "SMI_PENDING";
    }
    return "?";
}

std::array<std::uint8_t, JournalRecord::kBytes> JournalRecord::encode() const {
    std::array<std::uint8_t, kBytes> out{};
    store_le32(out, 0, kMagic);
    store_le32(out, 4, sequence);
    out[8] = static_cast<std::uint8_t>(state);
    out[9] = next_index;
    store_le<std::uint16_t>(out.data() + 10, length);
    std::copy(fw_id.begin(), fw_id.end(), out.begin() + kFwId);
    std::copy(header_tag.begin(), header_tag.end(), out.begin() + kHeaderTag);
    std::copy(payload.begin(), payload.end(), out.begin() + kPayloadAt);
    store_le32(out, kCrc, image::crc32(ByteView(out).first(kCrc)));
    return out;
}

std::optional<JournalRecord> JournalRecord::decode(ByteView slot) {
    if (slot.size() != kBytes || load_le32(slot, 0) != kMagic) return std::nullopt;
    if (load_le32(slot, kCrc) != image::crc32(slot.first(kCrc))) return std::nullopt;
    JournalRecord record;
    record.sequence = load_le32(slot, 4);
    record.state = static_cast<JournalState>(slot[8]);
    record.next_index = slot[9];
    record.length = load_le<std::uint16_t>(slot.data() + 10);
    if (slot[8] < 1 || slot[8] > kLastJournalState || record.length > kPayload) return std::nullopt;
    std::copy_n(slot.begin() + kFwId, record.fw_id.size(), record.fw_id.begin());
    std::copy_n(slot.begin() + kHeaderTag, record.header_tag.size(), record.header_tag.begin());
    std::copy_n(slot.begin() + kPayloadAt, kPayload, record.payload.begin());
    return record;
}

Address Journal::slot_address(unsigned sector, unsigned slot) const {
    return kSystemFlash2 + sector * kSpecialSectorBytes + slot * static_cast<Address>(JournalRecord::kBytes);
}

std::optional<JournalRecord> Journal::read_slot(unsigned sector, unsigned slot, bool& blank) const {
    std::array<std::uint8_t, JournalRecord::kBytes> bytes;
    blank = false;
    if (!driver_.bus().read_block(slot_address(sector, slot), bytes)) return std::nullopt;
    blank = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; });
    return JournalRecord::decode(bytes);
}

void Journal::load() {
    sectors_ = {};
    for (unsigned sector = 0; sector < kSectors; ++sector)
        for (unsigned slot = 0; slot < kSlots; ++slot) {
            bool blank = false;
            if (auto record = read_slot(sector, slot, blank)) sectors_[sector].records.push_back(*record);
            if (!blank) sectors_[sector].next_slot = slot + 1;
        }
    driver_.clear_read_flags();
    choose_active();
}

void Journal::choose_active() {
    // Copies made by a compaction keep their sequence number and the newest record is copied last: a
    // compaction that power cut short leaves the newest record in the old sector only; a finished one leaves
    // it in both, and the sector with more room is the new one.
    const auto newest = [](const Sector& sector) -> const JournalRecord* {
        const auto at =
            std::max_element(sector.records.begin(), sector.records.end(),
                             [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
        return at == sector.records.end() ? nullptr : &*at;
    };
    const JournalRecord* first = newest(sectors_[0]);
    const JournalRecord* second = newest(sectors_[1]);
    const auto rank = [&](const JournalRecord* record, const Sector& sector) {
        return std::pair{record != nullptr ? record->sequence + std::uint64_t{1} : 0,
                         kSlots - sector.next_slot};
    };
    active_ = rank(second, sectors_[1]) > rank(first, sectors_[0]) ? 1 : 0;
    const JournalRecord* chosen = active_ == 1 ? second : first;
    current_ = chosen != nullptr ? *chosen : JournalRecord{};
}

std::optional<std::uint32_t> Journal::highest_version(const FirmwareId& id) const {
    const auto all = installed({sectors_[0].records, sectors_[1].records});
    const auto at = all.find(id);
    if (at == all.end()) return std::nullopt;
    return at->second.word(0);
}

bool Journal::has_room_for(const FirmwareId& id) const {
    const auto all = installed({sectors_[0].records, sectors_[1].records});
    return all.size() < kMostFirmwareIds || all.contains(id);
}

FlashResult<> Journal::write(unsigned sector, const JournalRecord& record) {
    Sector& to = sectors_[sector];
    const Address address = slot_address(sector, to.next_slot++);  // used up, whatever comes of it
    const auto bytes = record.encode();
    TRY(driver_.program(address, bytes));
    TRY(driver_.verify(address, bytes));
    to.records.push_back(record);
    return {};
}

FlashResult<> Journal::compact() {
    const auto carried = installed({sectors_[0].records, sectors_[1].records});
    const unsigned fresh = 1 - active_;
    TRY(driver_.erase_special_sector(fresh));
    TRY(driver_.check_blank(slot_address(fresh, 0), kSpecialSectorBytes));
    sectors_[fresh] = {};
    for (const auto& [id, record] : carried)
        if (record.sequence != current_.sequence) TRY(write(fresh, record));
    if (current_.sequence != 0) TRY(write(fresh, current_));
    active_ = fresh;
    return {};
}

FlashResult<> Journal::append(JournalRecord record) {
    // A sector that is empty of records but not blank (a torn first write) is used up slot by slot like any
    // other.
    if (sectors_[active_].next_slot == kSlots) TRY(compact());
    record.sequence = current_.sequence + 1;
    auto written = write(active_, record);
    if (!written) return written;
    current_ = record;
    return {};
}

}  // namespace h7::rss

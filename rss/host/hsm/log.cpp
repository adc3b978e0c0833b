#include "rss/host/hsm/log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/host/hsm/format.hpp"

namespace h7::hsm {
namespace {

constexpr std::string_view kFirst = "H7RSS-HSM-LOG-1";
constexpr std::size_t kChained = 0x50;

crypto::Digest chained(const crypto::Digest& before, const LogEntry& entry) {
    const auto bytes = serialise(entry);
    return crypto::Sha256().update(before).update(ByteView(bytes).first(kChained)).finish();
}

}  // namespace

std::string_view describe(State state) { return state == State::open ? "OPEN" : "OPERATIONAL"; }

std::string_view describe(Event event) {
    switch (event) {
        case Event::created:
            return "created";
        case Event::provisioned:
            return "provisioned";
        case Event::locked:
            return "locked";
        case Event::issued:
            return "issued";
        case Event::reissued:
            return "reissued";
        case Event::reserved:
            return "reserved";
        case Event::returned:
            return "returned";
    }
    return "unknown";
}

LogEntry parse_entry(ByteView bytes) {
    LogEntry entry;
    entry.sequence = load_le<std::uint64_t>(bytes.data());
    entry.time = load_le<std::uint64_t>(bytes.data() + 0x08);
    entry.event = static_cast<Event>(load_le32(bytes, 0x10));
    entry.left = load_le32(bytes, 0x14);
    entry.amount = load_le32(bytes, 0x18);
    entry.type = load_le32(bytes, 0x1C);
    std::copy_n(bytes.begin() + 0x20, 12, entry.uid.begin());
    entry.session = load_le32(bytes, 0x2C);
    std::copy_n(bytes.begin() + 0x30, 32, entry.subject.begin());
    std::copy_n(bytes.begin() + 0x50, 32, entry.chain.begin());
    return entry;
}

std::array<std::uint8_t, kEntryBytes> serialise(const LogEntry& entry) {
    std::array<std::uint8_t, kEntryBytes> bytes{};
    store_le<std::uint64_t>(bytes.data(), entry.sequence);
    store_le<std::uint64_t>(bytes.data() + 0x08, entry.time);
    store_le32(bytes, 0x10, static_cast<std::uint32_t>(entry.event));
    store_le32(bytes, 0x14, entry.left);
    store_le32(bytes, 0x18, entry.amount);
    store_le32(bytes, 0x1C, entry.type);
    std::copy(entry.uid.begin(), entry.uid.end(), bytes.begin() + 0x20);
    store_le32(bytes, 0x2C, entry.session);
    std::copy(entry.subject.begin(), entry.subject.end(), bytes.begin() + 0x30);
    std::copy(entry.chain.begin(), entry.chain.end(), bytes.begin() + 0x50);
    return bytes;
}

Log::Log(const HsmId& id) {
    const Bytes first(kFirst.begin(), kFirst.end());
    head_ = crypto::Sha256().update(first).update(id).finish();
}

std::size_t Log::ChipHash::operator()(const Chip& chip) const {
    return load_le<std::uint64_t>(chip.data());  // the front of a SHA-256
}

Log::Chip Log::chip(const crypto::Digest& certificate, const std::array<std::uint8_t, 12>& uid) {
    Chip chip{};
    std::copy(certificate.begin(), certificate.end(), chip.begin());
    std::copy(uid.begin(), uid.end(), chip.begin() + 32);
    return chip;
}

bool Log::knows(const crypto::Digest& certificate, const std::array<std::uint8_t, 12>& uid) const {
    return chips_.contains(chip(certificate, uid));
}

Result<void> Log::allowed(const LogEntry& entry) const {
    const auto need = [&](State state) -> Result<void> {
        if (entries_.empty()) return refused("the log begins with another entry than its creation");
        if (state_ == state) return {};
        if (state_ == State::operational)
            return refused("the HSM is locked (OPERATIONAL): it is provisioned once; make a new one");
        return refused("the HSM is OPEN: provision it, then lock it (license hsm provision, hsm lock)");
    };
    const auto amount = [&](bool fits) -> Result<void> {
        if (fits) return {};
        return refused(fmt::format("'{}' of {} licenses", describe(entry.event), entry.amount));
    };
    if (entries_.size() >= kMostEntries)
        return refused(fmt::format("the log is full ({} entries): make a new HSM file", kMostEntries));
    switch (entry.event) {
        case Event::created:
            if (!entries_.empty()) return refused("an HSM is created once");
            return amount(entry.amount == 0);
        case Event::provisioned:
            TRY(need(State::open));
            return amount(entry.amount != 0);
        case Event::locked:
            TRY(need(State::open));
            if (!provisioned_) return refused("the HSM holds no firmware key yet: license hsm provision");
            return amount(entry.amount == 0);
        case Event::issued:
            TRY(need(State::operational));
            if (left_ == 0)
                return refused(fmt::format("the counter is 0: all {} licenses are given", counter_));
            return amount(entry.amount == 1);
        case Event::reissued:
            TRY(need(State::operational));
            if (!knows(entry.subject, entry.uid)) return refused("this chip has no license of this HSM");
            return amount(entry.amount == 0);
        case Event::reserved:
            TRY(need(State::operational));
            if (entry.amount > left_)
                return refused(
                    fmt::format("{} licenses asked, {} left of {}", entry.amount, left_, counter_));
            return amount(entry.amount != 0);
        case Event::returned:
            TRY(need(State::operational));
            if (entry.amount > reserved_)
                return refused(fmt::format("{} licenses returned, {} reserved", entry.amount, reserved_));
            return amount(entry.amount != 0);
    }
    return refused(fmt::format("event {} does not exist", static_cast<std::uint32_t>(entry.event)));
}

std::uint32_t Log::left_after(const LogEntry& entry) const {
    switch (entry.event) {
        case Event::provisioned:
            return entry.amount;
        case Event::issued:
        case Event::reserved:
            return left_ - entry.amount;
        case Event::returned:
            return left_ + entry.amount;
        default:
            return left_;
    }
}

Result<LogEntry> Log::next(LogEntry wanted) const {
    TRY(allowed(wanted));
    wanted.sequence = entries_.size() + 1;
    wanted.left = left_after(wanted);
    wanted.chain = chained(head_, wanted);
    return wanted;
}

Result<void> Log::add(const LogEntry& entry) {
    const auto wrong = [&](std::string_view what) {
        return misuse(fmt::format("log entry {}: {}", entries_.size() + 1, what));
    };
    if (entry.sequence != entries_.size() + 1) return wrong("the sequence number does not follow");
    if (entry.chain != chained(head_, entry)) return wrong("the hash does not chain to the entry before");
    if (const auto may = allowed(entry); !may) return wrong(may.error().message);
    if (entry.left != left_after(entry)) return wrong("the counter does not add up");

    left_ = entry.left;
    if (entry.event == Event::provisioned) {
        provisioned_ = true;
        counter_ = entry.amount;
        settings_ = entry.subject;
    }
    if (entry.event == Event::locked) state_ = State::operational;
    if (entry.event == Event::issued) chips_.insert(chip(entry.subject, entry.uid));
    if (entry.event == Event::reserved) reserved_ += entry.amount;
    if (entry.event == Event::returned) reserved_ -= entry.amount;
    head_ = entry.chain;
    entries_.push_back(entry);
    return {};
}

}  // namespace h7::hsm

// An HSM file from anybody. The first byte chooses: the file's front; the opened body, as somebody with the
// passphrase could write it (scrypt and GCM are skipped); a log whose hashes are made right, so that states
// and counters are reached; an anchor.
#include <algorithm>

#include "rss/host/hsm/anchor.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

constexpr hsm::HsmId kId{1, 2, 3};

void check_log(const hsm::Log& log) {
    std::uint64_t given = 0, reserved = 0, returned = 0;
    for (const hsm::LogEntry& entry : log.entries()) {
        if (entry.event == hsm::Event::issued) given += entry.amount;
        if (entry.event == hsm::Event::reserved) reserved += entry.amount;
        if (entry.event == hsm::Event::returned) returned += entry.amount;
    }
    H7_MUST(returned <= reserved);
    H7_MUST(given + reserved - returned + log.left() == log.counter());
    H7_MUST(log.reserved() == reserved - returned);
    if (log.state() == hsm::State::open) H7_MUST(given + reserved == 0);
}

void front(ByteView bytes) {
    if (const auto header = hsm::parse_header(bytes)) {
        H7_MUST(std::ranges::equal(hsm::serialise(*header), bytes.first(hsm::kHeaderBytes)));
        H7_MUST(header->cost.memory() <= hsm::kMostScryptMemory);
    }
}

void body(ByteView bytes) {
    const auto parsed = hsm::parse_body(kId, bytes);
    if (!parsed) return;
    H7_MUST(std::ranges::equal(hsm::serialise(parsed->settings, parsed->log), bytes));
    check_log(parsed->log);
}

/// Entries in 16 bytes each: event, amount, chip; the rest is made to fit, or now and then not.
void log(ByteView bytes) {
    hsm::Log log(kId);
    for (; bytes.size() >= 16; bytes = bytes.subspan(16)) {
        hsm::LogEntry wanted;
        wanted.event = static_cast<hsm::Event>(bytes[0]);
        wanted.amount = load_le32(bytes, 4);
        wanted.uid[0] = bytes[1];
        wanted.subject[0] = bytes[2];
        const auto next = log.next(wanted);
        if (!next) continue;
        hsm::LogEntry entry = *next;
        if (bytes[3] != 0) entry.left += bytes[3];
        H7_MUST(static_cast<bool>(log.add(entry)) == (bytes[3] == 0));
    }
    check_log(log);
    if (log.entries().empty()) return;
    const Bytes made = hsm::serialise({}, log);
    body(made);
    const auto parsed = hsm::parse_body(kId, made);
    H7_MUST(static_cast<bool>(parsed) == !log.provisioned());  // without settings only an empty HSM is one
}

void anchor(ByteView bytes) {
    const crypto::Secret<32> key;
    H7_MUST(!hsm::parse_anchor(bytes, key) || bytes.size() == hsm::kAnchorBytes);
    if (bytes.size() < 56) return;
    hsm::Anchor made;
    std::copy_n(bytes.begin(), 16, made.id.begin());
    made.sequence = load_le<std::uint64_t>(bytes.data() + 16);
    std::copy_n(bytes.begin() + 24, 32, made.head.begin());
    const auto back = hsm::parse_anchor(hsm::serialise(made, key), key);
    H7_MUST(back && back->sequence == made.sequence && back->head == made.head && back->id == made.id);
    H7_MUST(!hsm::check_anchor(made, kId, hsm::Log(kId)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    if (bytes.empty()) return 0;
    switch (bytes[0] % 4) {
        case 0:
            front(bytes.subspan(1));
            break;
        case 1:
            body(bytes.subspan(1));
            break;
        case 2:
            log(bytes.subspan(1));
            break;
        default:
            anchor(bytes.subspan(1));
            break;
    }
    return 0;
}

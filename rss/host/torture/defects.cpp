#include "rss/host/torture/defects.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::torture {
namespace {

using Record = std::optional<rss::JournalRecord>;

constexpr Address kJournal = 0x1FF4'0000;

bool interrupted(const Record& before) { return before && rss::Installer::under_way(before->state); }
bool was_refused(const Served& served) { return served.served && !served.ok(); }

void program(Rig& rig, Address at, ByteView bytes) {
    flash::Operation op{.target = at};
    std::copy_n(bytes.begin(), std::min(bytes.size(), op.data.size()), op.data.begin());
    rig.chip().flash().repeat({op, {}});
}

void write_ram(Rig& rig, Address at, ByteView bytes) {
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4)
        static_cast<void>(
            rig.chip().write({at + static_cast<Address>(i), 4, Op::write, Master::mdma, Context::rss, true},
                             load_le32(bytes, i)));
}

// --- after a loss of power ---

void keep_plaintext(Rig& rig, const Record& before) {
    if (!interrupted(before) || before->state == rss::JournalState::ob_pending ||
        rig.chip().rss().install_lock())
        return;
    const Piece& piece = rig.plan().pieces.front();
    program(rig, piece.address, piece.bytes);
}

void leave_a_torn_word(Rig& rig, const Record& before) {
    if (interrupted(before))
        rig.chip().flash().inject_ecc(rig.plan().pieces.front().address, flash::WordState::ecc_double);
}

void forget_versions(Rig& rig, const Record&) {
    if (const auto record = rig.journal(); !record || record->state != rss::JournalState::done) return;
    rig.chip().flash().repeat({flash::Operation{.kind = flash::Operation::Kind::erase_special,
                                                .target = kJournal,
                                                .size = rss::Journal::kSectors * rss::kSpecialSectorBytes},
                               {}});
}

// --- after an install ---

void program_before_the_tags(Rig& rig, Served& served) {
    const Bytes& records = rig.plan().flow.front().records;
    if (was_refused(served))
        program(rig, rig.plan().pieces.front().address, ByteView(records).subspan(image::kRecordHead));
}

void note_before_the_tags(Rig& rig, Served& served) {
    // The last slot of the first sector: no record, but not blank any more.
    if (was_refused(served)) program(rig, kJournal + rss::kSpecialSectorBytes - 32, Bytes(32, 0));
}

void leave_the_key_in_ram(Rig& rig, Served& served) {
    if (served.served) write_ram(rig, 0x2401'0000, rig.plan().key.key.view());
}

void never_set_the_options(Rig& rig, Served& served) {
    if (served.ok()) rig.chip().flash().repeat({std::nullopt, rig.first_options()});
}

void tell_the_precise_reason(Rig&, Served& served) {
    if (was_refused(served) && served.answer)
        served.answer->detail = static_cast<std::uint32_t>(served.detail);
}

// clang-format off
constexpr Defect kDefects[] = {
    {"no-abort-erase",    "4.9, power loss: an interrupted install is erased",         "holds plaintext of the image", keep_plaintext},
    {"torn-word",         "4.9, 4: blank is read, not believed (F-132)",               "a torn word is left",          leave_a_torn_word},
    {"version-forgotten", "4.9: the journal keeps the version of every firmware id",   "the journal",                  forget_versions},
    {"flash-before-tags", "4.9, 3b: no byte is programmed before every tag was right", "holds bytes that are neither", nullptr, program_before_the_tags},
    {"journal-before-tags", "4.9, 3b: nor is the journal written",                     "the journal was written",      nullptr, note_before_the_tags},
    {"key-in-ram",        "10: secrets are wiped",                                     "the firmware key stands in RAM", nullptr, leave_the_key_in_ram},
    {"no-options",        "4.9, 6: the image ends with its own protections",           "neither old nor blank nor complete", nullptr, never_set_the_options},
    {"license-oracle",    "4.9: tag, point and form of a license share one code (D-19)", "the mailbox shows",          nullptr, tell_the_precise_reason},
};
// clang-format on

}  // namespace

std::span<const Defect> defects() { return kDefects; }

Result<const Defect*> find_defect(std::string_view name) {
    std::string names;
    for (const Defect& defect : kDefects) {
        if (defect.name == name) return &defect;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", defect.name);
    }
    return misuse(fmt::format("--break {}: the rules that can be taken away are {}", name, names));
}

Result<std::vector<Sighting>> self_test(const Subject& subject, std::uint64_t seed) {
    constexpr Effort kEnough{.torn = 1,
                             .second_cuts = 0,
                             .payload_bits = 1,
                             .truncations = 1,
                             .every_nth_bit = 16,
                             .attackers = 1};
    std::vector<Sighting> all;
    for (const Defect& defect : kDefects) {
        Sighting sighting{&defect};
        const auto seen = [&](const Line& line) {
            for (const std::string& what : line.outcome.broken)
                if (sighting.seen_in.empty() && what.find(defect.seen_as) != std::string::npos)
                    sighting = {&defect, line.name, what};
            return !sighting.seen_in.empty();
        };
        TRY(run(subject, {.effort = kEnough, .seed = seed, .defect = &defect, .enough = seen}));
        all.push_back(std::move(sighting));
    }
    return all;
}

}  // namespace h7::torture

#include "rss/install/installer.hpp"

#include <fmt/format.h>

#include "rss/crypto/openssl_sha256.hpp"

namespace h7::rss {
namespace {

using image::AreaType;

bool goes_to_flash(const PlainArea& area) {
    return area.descriptor.type == AreaType::firmware || area.descriptor.type == AreaType::module;
}

// The OB_PENDING payload: nine words by physical bank, then the image_version that DONE will carry.
constexpr std::size_t kVersionWord = kOptionWords;

// AES-GCM on the chip: 25 cycles a byte at 64 MHz (rss-sfi-bootloader.md 10, ours).
constexpr Time kTimePerByte = 25 * kSecond / 64'000'000;

}  // namespace

Answer<> Installer::preconditions(const OptionWords& now) const {
    if (!driver_.bus().machine().secure_mode().latched())
        return Refusal{Detail::E_DISABLED, "an install needs SECURITY = 1, in force since a reset"};
    if (rdp_of(now[kOptsr]) != security::Rdp::level0)
        return Refusal{Detail::E_RDP, fmt::format("an install needs RDP level 0, not {}",
                                                  security::name_of(rdp_of(now[kOptsr])))};
    if (st_ram_bytes(now[kOptsr]) != 0x4000)
        return Refusal{Detail::E_RAM, "an install needs ST_RAM_SIZE = 3 (16 Kbytes of DTCM)"};
    for (const OptionWord row : {kPrar1, kPrar2})
        if (area_of(now[row]).valid())
            return Refusal{Detail::E_PCROP, fmt::format("bank {} has a PCROP area", row == kPrar1 ? 1 : 2)};
    for (const OptionWord row : {kScar1, kScar2})
        if (area_of(now[row]).valid())
            return Refusal{Detail::E_EXISTS,
                           fmt::format("bank {} has a secure-only area", row == kScar1 ? 1 : 2)};
    for (const OptionWord row : {kWpsn1, kWpsn2})
        if ((now[row] & 0xFF) != 0xFF)
            return Refusal{Detail::E_WRP,
                           fmt::format("bank {} has write-protected sectors", row == kWpsn1 ? 1 : 2)};
    return {};
}

// What else must hold before the first change: the journal's view of this image, and blank targets where the
// image asks to keep the flash.
Answer<> Installer::may_begin(const VerifiedPart& part) const {
    const auto& header = part.header;
    const auto highest = journal_.highest_version(header.firmware_id);
    if (highest && header.image_version < *highest && !policy_.allow_rollback)
        return Refusal{Detail::E_ROLLBACK, fmt::format("version {} is older than the installed version {}",
                                                       header.image_version, *highest)};
    if (!journal_.has_room_for(header.firmware_id))
        return Refusal{Detail::E_STATE, "the journal has no room for another firmware identifier"};
    if (!part.keeps_flash()) return {};
    if (under_way(journal_.state()))
        return Refusal{Detail::E_STATE, "the image keeps the flash, but another install is under way"};
    const auto keeps = [&](Address first, std::uint32_t size) -> Answer<> {
        if (auto is_blank = driver_.check_blank(first, size); !is_blank)
            return Refusal{Detail::E_STATE, "the image keeps the flash, but " + is_blank.error().what};
        return {};
    };
    for (const PlainArea& area : part.areas) {
        if (!goes_to_flash(area)) continue;
        const auto extent = image::occupied(area.descriptor);
        TRY(keeps(extent.first, extent.last + 1 - extent.first));
    }
    if (part.last) return {};
    return keeps(align_down(header.token_address, security::kSector), security::kSector);
}

// A further part lands on flash that earlier parts left blank: nobody sees their records again, so flash is
// asked.
Answer<> Installer::may_continue(const VerifiedPart& part, bool swapped) const {
    const Address token = part.header.token_address;
    for (const PlainArea& area : part.areas) {
        if (!goes_to_flash(area)) continue;
        const auto extent = image::occupied(area.descriptor);
        if (!driver_.check_blank(extent.first, extent.last + 1 - extent.first))
            return Refusal{Detail::E_OVERLAP,
                           fmt::format("area {} lies over an earlier part", area.descriptor.index)};
    }
    // What the PCROP area of the modules newly takes in between them must be nobody's (F-217).
    for (unsigned bank = 0; bank < 2; ++bank) {
        const Area all = part.after.modules[bank], before = part.before.modules[bank];
        if (!all.valid() || before.covers(all)) continue;
        const Address window = kUserFlash + ((bank == 1) != swapped ? kBankBytes : 0);
        for (std::uint32_t block = all.first; block <= all.last; ++block) {
            const Address first = window + block * kBlock;
            const bool token_there =
                align_down(token, security::kSector) == align_down(first, security::kSector);
            if (before.contains(block * kBlock) || token_there) continue;
            if (!driver_.check_blank(first, kBlock))
                return Refusal{Detail::E_PCROP,
                               fmt::format("the PCROP area of the modules would swallow 0x{:08X} of an "
                                           "earlier part",
                                           first)};
        }
    }
    return {};
}

Answer<> Installer::blank() const {
    return answer_of(driver_.check_blank(kUserFlash, kUserFlashEnd - kUserFlash));
}

Answer<> Installer::begin(const VerifiedPart& part) {
    TRY(answer_of(driver_.take_over()));
    if (part.continues()) return take_token(part);
    Progress nothing;
    nothing.header_tag = part.header.tag;
    TRY(answer_of(journal_.append(nothing.record(part.header.firmware_id))));
    if (part.keeps_flash()) return {};
    TRY(answer_of(driver_.mass_erase()));
    return blank();
}

bool Installer::awaits_part() const {
    const Progress progress = Progress::of(journal_.current());
    if (!progress.begun()) return false;
    TokenBytes bytes;
    const bool read = bool(driver_.bus().read_block(progress.token_address, bytes));
    driver_.clear_read_flags();
    return read && token_fits(bytes, progress, identity_);
}

// From here on the part cannot be sent again: zeros over the word with the MAC first, then over the other
// (zeros over a programmed word are ECC-clean, D-12). A cut behind this ends in a blank chip.
Answer<> Installer::take_token(const VerifiedPart& part) {
    const Bytes zeros(kFlashWord, 0);
    TRY(answer_of(driver_.program(part.header.token_address + kFlashWord, zeros)));
    return answer_of(driver_.program(part.header.token_address, zeros));
}

// Zeroed words cannot take a second token (F-030): erase their sector unless it is still blank.
Answer<> Installer::pause(const VerifiedPart& part) {
    const Address address = part.header.token_address;
    if (!driver_.check_blank(address, kTokenBytes)) TRY(answer_of(driver_.erase_sector(address)));
    const TokenBytes token = make_token(part.after, identity_);
    TRY(answer_of(driver_.program(address, token)));  // ascending: the word with the MAC last
    TRY(answer_of(driver_.verify(address, token)));
    return answer_of(journal_.append(part.after.record(part.header.firmware_id)));
}

Answer<> Installer::program(const VerifiedPart& part) {
    for (const PlainArea& area : part.areas) {
        if (!goes_to_flash(area)) continue;
        TRY(answer_of(driver_.program(area.descriptor.address, area.plaintext)));
        TRY(answer_of(driver_.verify(area.descriptor.address, area.plaintext)));
    }
    return check_hash(part);
}

// The 'H' area once more, over what flash reads back.
Answer<> Installer::check_hash(const VerifiedPart& part) const {
    crypto::Sha256 hash;
    for (const PlainArea& area : part.areas) {
        if (area.descriptor.type == AreaType::hash) {
            const auto digest = hash.finish();
            if (!std::equal(digest.begin(), digest.end(), area.plaintext.begin(), area.plaintext.end()))
                return Refusal{Detail::E_HASH, "the hash area does not match what flash reads back"};
            return {};
        }
        if (area.descriptor.type != AreaType::firmware) continue;
        std::array<std::uint8_t, 8> head;
        store_le32(head, 0, area.descriptor.address);
        store_le32(head, 4, area.descriptor.size);
        Bytes read_back(align_up<std::size_t>(area.plaintext.size(), 8));
        if (!driver_.bus().read_block(area.descriptor.address, read_back))
            return Refusal{Detail::E_VERIFY, "flash does not read back"};
        hash.update(head).update(ByteView(read_back).first(area.plaintext.size()));
        wipe(read_back);
    }
    return {};
}

Answer<> Installer::finish(const VerifiedPart& part) {
    if (part.continues()) {
        // For good, and now: under the new options the erase could be refused (RDP 1, WRP, PCROP).
        TRY(answer_of(driver_.erase_sector(part.header.token_address)));
        TRY(answer_of(driver_.check_blank(align_down(part.header.token_address, security::kSector),
                                          security::kSector)));
    }
    JournalRecord record{.state = JournalState::ob_pending};
    record.fw_id = part.header.firmware_id;
    record.header_tag = part.header.tag;
    for (const std::uint32_t word : part.options) record.add_word(word);
    record.add_word(part.header.image_version);
    TRY(answer_of(journal_.append(record)));
    return recover();
}

Answer<> Installer::erase_everything() {
    TRY(answer_of(driver_.mass_erase_with_protection_removal()));
    return blank();
}

Answer<> Installer::abort() {
    if (!under_way(journal_.state())) return Refusal{Detail::E_STATE, "no install is under way"};
    if (journal_.state() != JournalState::abort_erase) {
        TRY(answer_of(driver_.take_over()));
        TRY(answer_of(journal_.append(JournalState::abort_erase)));
    }
    TRY(erase_everything());
    return answer_of(journal_.append(JournalState::idle));
}

Answer<> Installer::recover() {
    switch (journal_.state()) {
        case JournalState::licensed:
            return answer_of(journal_.append(JournalState::idle));
        case JournalState::installing:
            if (awaits_part()) return {};
            return abort();
        case JournalState::abort_erase:
            return abort();
        case JournalState::ob_pending: {
            const JournalRecord pending = journal_.current();
            OptionWords words{};
            for (std::size_t row = 0; row < kOptionWords; ++row) words[row] = pending.word(row);
            TRY(answer_of(driver_.take_over()));
            if (auto changed = driver_.change_options(words); !changed) {
                // CUR is unchanged (F-144): the image may not stay behind without its protections.
                if (changed.error().kind == FlashError::Kind::option_refused) TRY(abort());
                return refusal_of(changed.error());
            }
            JournalRecord done{.state = JournalState::done};
            done.fw_id = pending.fw_id;
            done.header_tag = pending.header_tag;
            done.add_word(pending.word(kVersionWord));
            return answer_of(journal_.append(done));
        }
        case JournalState::idle:
        case JournalState::done:
        case JournalState::destroy_pcrop:
        case JournalState::smi_installing:
        case JournalState::smi_pending:
            break;
    }
    return {};
}

Answer<Installed> Installer::install(const StagedPart& staged) {
    ChipState chip;
    chip.options = TRY(answer_of(driver_.options()));
    chip.swapped = TRY(answer_of(driver_.swapped()));
    chip.session = session_;
    if (awaits_part()) {
        chip.progress = Progress::of(journal_.current());
        chip.installed = [&](Address at) -> std::optional<std::uint32_t> {
            const auto word = driver_.bus().read32(at);
            return word ? std::optional(*word) : std::nullopt;
        };
    }
    TRY(preconditions(chip.options));
    const VerifiedPart part = TRY(verify_part(staged, identity_, chip, policy_));
    driver_.bus().machine().spend(staged.records.size() * kTimePerByte);
    if (part.continues()) {
        TRY(may_continue(part, chip.swapped));
    } else {
        TRY(may_begin(part));
        // Somebody else's install, or this one begun again: nothing of it may stay behind, or anybody could
        // finish a stranger's image with a small one of his own and read the rest.
        if (under_way(journal_.state())) TRY(abort());
    }

    // From here on flash changes: any failure ends in a blank chip.
    auto done = [&]() -> Answer<> {
        TRY(begin(part));
        TRY(program(part));
        return part.last ? finish(part) : pause(part);
    }();
    if (!done) {
        // The first reason is the one to tell; an erase that does not work keeps the journal at ABORT_ERASE.
        if (under_way(journal_.state()) && journal_.state() != JournalState::ob_pending)
            static_cast<void>(abort());
        return done.error();
    }
    return Installed{part.header.image_version, part.last ? 0 : part.after.next_index};
}

}  // namespace h7::rss

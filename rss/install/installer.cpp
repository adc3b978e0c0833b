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
constexpr std::size_t kVersionWord = kOptionRows;

// AES-GCM on the chip: 25 cycles a byte at 64 MHz (rss-sfi-bootloader.md 10, ours).
constexpr Time kTimePerByte = 25 * kSecond / 64'000'000;

}  // namespace

Answer<> Installer::preconditions(const OptionWords& now) const {
    if (rdp_of(now[kOptsr]) != security::Rdp::level0)
        return Refusal{Detail::E_RDP, fmt::format("an install needs RDP level 0, not {}",
                                                  security::name_of(rdp_of(now[kOptsr])))};
    if (st_ram_bytes(now[kOptsr]) != 0x4000)
        return Refusal{Detail::E_RAM, "an install needs ST_RAM_SIZE = 3 (16 Kbytes of DTCM)"};
    for (const OptionRow row : {kPrar1, kPrar2})
        if (area_of(now[row]).valid())
            return Refusal{Detail::E_PCROP, fmt::format("bank {} has a PCROP area", row == kPrar1 ? 1 : 2)};
    for (const OptionRow row : {kScar1, kScar2})
        if (area_of(now[row]).valid())
            return Refusal{Detail::E_EXISTS,
                           fmt::format("bank {} has a secure-only area", row == kScar1 ? 1 : 2)};
    for (const OptionRow row : {kWpsn1, kWpsn2})
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
    for (const PlainArea& area : part.areas) {
        if (!goes_to_flash(area)) continue;
        const auto extent =
            image::occupied(area.descriptor.type, area.descriptor.address, area.descriptor.size);
        if (auto is_blank = driver_.check_blank(extent.first, extent.last + 1 - extent.first); !is_blank)
            return Refusal{Detail::E_STATE, "the image keeps the flash, but " + is_blank.error().what};
    }
    return {};
}

Answer<> Installer::blank() const {
    return answer_of(driver_.check_blank(kUserFlash, kUserFlashEnd - kUserFlash));
}

Answer<> Installer::begin(const VerifiedPart& part) {
    TRY(answer_of(driver_.take_over()));
    JournalRecord record{.state = JournalState::installing, .next_index = 1};
    record.fw_id = part.header.firmware_id;
    record.header_tag = part.header.tag;
    TRY(answer_of(journal_.append(record)));
    if (part.keeps_flash()) return {};
    TRY(answer_of(driver_.mass_erase()));
    return blank();
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
        case JournalState::abort_erase:
            return abort();
        case JournalState::ob_pending: {
            const JournalRecord pending = journal_.current();
            OptionWords words{};
            for (std::size_t row = 0; row < kOptionRows; ++row) words[row] = pending.word(row);
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
            break;
    }
    return {};
}

Answer<Installed> Installer::install(const StagedPart& staged) {
    const ChipState chip {
        TRY(answer_of(driver_.options()))
        , TRY(answer_of(driver_.swapped()))
    };
    TRY(preconditions(chip.options));
    const VerifiedPart part = TRY(verify_part(staged, identity_, chip, policy_));
    driver_.bus().machine().spend(staged.records.size() * kTimePerByte);
    TRY(may_begin(part));

    // From here on flash changes: any failure ends in a blank chip.
    auto done = [&]() -> Answer<> {
        TRY(begin(part));
        TRY(program(part));
        return finish(part);
    }();
    if (!done) {
        // The first reason is the one to tell; an erase that does not work keeps the journal at ABORT_ERASE.
        if (under_way(journal_.state()) && journal_.state() != JournalState::ob_pending)
            static_cast<void>(abort());
        return done.error();
    }
    return Installed{part.header.image_version};
}

}  // namespace h7::rss

#include "rss/install/module.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/install/open.hpp"

namespace h7::rss {
namespace {

constexpr OptionWord prar_of(Bank bank) { return bank == Bank::one ? kPrar1 : kPrar2; }
constexpr OptionWord scar_of(Bank bank) { return bank == Bank::one ? kScar1 : kScar2; }
constexpr OptionWord wpsn_of(Bank bank) { return bank == Bank::one ? kWpsn1 : kWpsn2; }

// Payload of SMI_INSTALLING and SMI_PENDING.
constexpr std::size_t kBankWord = 0, kOffsetWord = 1, kSizeWord = 2, kPrarWord = 3;

bool all_blank(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; });
}

}  // namespace

Answer<> ModuleInstaller::preconditions(const OptionWords& now) const {
    const auto& secure = driver_.bus().machine().secure_mode();
    if (!secure.latched())
        return Refusal{Detail::E_DISABLED, "a module install needs SECURITY = 1, in force since a reset"};
    const auto rdp = rdp_of(now[kOptsr]);
    if (rdp == security::Rdp::level2)
        return Refusal{Detail::E_RDP, "options are frozen at RDP level 2 (F-160)"};
    if (rdp == security::Rdp::level1 && secure.intrusion())
        return Refusal{Detail::E_RDP, "RDP level 1 has closed user flash until a power-on (F-086, F-200)"};
    return {};
}

Answer<ModuleInstaller::Place> ModuleInstaller::place(const image::ModuleHeader& header,
                                                      const OptionWords& now) const {
    Place place;
    place.bank = TRY(answer_of(driver_.bank_at(header.destination)));
    place.offset = header.destination - TRY(answer_of(driver_.window(place.bank)));
    place.size = header.size;
    const image::Extent extent = header.extent();
    const std::uint32_t end = place.offset + (extent.last - extent.first);
    place.blocks = {place.offset / kBlock, end / kBlock};
    place.before = area_of(now[prar_of(place.bank)]);
    place.after = place.before.valid() ? Area{std::min(place.before.first, place.blocks.first),
                                              std::max(place.before.last, place.blocks.last)}
                                       : place.blocks;
    return place;
}

Answer<> ModuleInstaller::must_be_free(const Place& place, const OptionWords& now) const {
    const Area secure = area_of(now[scar_of(place.bank)]);
    const auto offset_of = [](std::uint32_t block) { return block * kBlock; };
    const auto is_target = [&](std::uint32_t block) {
        return block >= place.blocks.first && block <= place.blocks.last;
    };
    // Neither a module nor its protection may reach into what only secure user software may touch.
    for (std::uint32_t block = place.after.first; block <= place.after.last; ++block) {
        const bool new_there = is_target(block) || !place.before.contains(offset_of(block));
        if (new_there && secure.contains(offset_of(block)))
            return Refusal{Detail::E_OVERLAP, "the module reaches into a secure-only area (F-231)"};
    }
    for (unsigned n = 0; n < kBankBytes / security::kSector; ++n)
        if (place.blocks.touches_sector(n) && !test_bit(now[wpsn_of(place.bank)], n))
            return Refusal{Detail::E_WRP,
                           fmt::format("sector {} under the module is write protected (F-191)", n)};
    const Address window = TRY(answer_of(driver_.window(place.bank)));
    for (std::uint32_t block = place.after.first; block <= place.after.last; ++block) {
        if (place.before.contains(offset_of(block))) continue;  // reads zeros, for the RSS too (F-236)
        const bool target = is_target(block);
        if (!driver_.check_blank(window + offset_of(block), kBlock))
            return Refusal{target ? Detail::E_STATE : Detail::E_PCROP,
                           fmt::format("0x{:08X} is not blank{}", window + offset_of(block),
                                       target ? ": the module's place must be erased before"
                                              : ", and the PCROP area would swallow it (F-217)")};
    }
    return {};
}

Answer<> ModuleInstaller::note(JournalState state, const Place& place) {
    JournalRecord record{.state = state};
    record.add_word(static_cast<std::uint32_t>(place.bank));
    record.add_word(place.offset);
    record.add_word(place.size);
    record.add_word(place.prar());
    return answer_of(journal_.append(record));
}

ModuleInstaller::Place ModuleInstaller::noted() const {
    const JournalRecord& record = journal_.current();
    Place place;
    place.bank = record.word(kBankWord) == 2 ? Bank::two : Bank::one;
    place.offset = record.word(kOffsetWord) % kBankBytes;
    place.size = std::min(record.word(kSizeWord), kBankBytes - place.offset);
    place.after = area_of(record.word(kPrarWord));
    return place;
}

// Inside an area already in force there is no read-back: EOP without an error is success (4.10).
Answer<> ModuleInstaller::program(const Place& place, ByteView plaintext) {
    const Address at = TRY(answer_of(driver_.window(place.bank)))
    +place.offset;
    TRY(answer_of(driver_.program(at, plaintext)));
    for (std::uint32_t done = 0; done < plaintext.size(); done += kFlashWord) {
        if (place.before.contains(place.offset + done)) continue;
        const std::size_t size = std::min<std::size_t>(kFlashWord, plaintext.size() - done);
        TRY(answer_of(driver_.verify(at + done, plaintext.subspan(done, size))));
    }
    return {};
}

Answer<> ModuleInstaller::protect(const Place& place) {
    OptionWords words = TRY(answer_of(driver_.options()));
    words[prar_of(place.bank)] = place.prar();
    TRY(answer_of(driver_.change_options(words)));
    return answer_of(journal_.append(JournalState::idle));
}

// Whoever may read the place afterwards reads zeros where the module was. Blank words stay blank.
Answer<> ModuleInstaller::overwrite(const Place& place) {
    const Address at = TRY(answer_of(driver_.window(place.bank)))
    +place.offset;
    const Bytes zeros(kFlashWord, 0);
    std::array<std::uint8_t, kFlashWord> word;
    for (std::uint32_t done = 0; done < place.size; done += kFlashWord) {
        const bool blank = driver_.bus().read_block(at + done, word) && all_blank(word);
        if (!blank) TRY(answer_of(driver_.program(at + done, zeros)));
    }
    driver_.clear_read_flags();
    return answer_of(journal_.append(JournalState::idle));
}

Answer<> ModuleInstaller::install(const StagedModule& staged) {
    const OptionWords now = TRY(answer_of(driver_.options()));
    TRY(preconditions(now));
    const image::Module module = TRY(parsed(image::parse_smi(staged.file)));
    Bytes plaintext = TRY(open_module(module, staged.license, identity_));
    const auto done = [&]() -> Answer<> {
        const Place where = TRY(place(module.header, now));
        TRY(must_be_free(where, now));
        TRY(answer_of(driver_.take_over()));
        TRY(note(JournalState::smi_installing, where));
        if (auto programmed = program(where, plaintext); !programmed) {
            TRY(overwrite(where));
            return programmed.error();
        }
        TRY(note(JournalState::smi_pending, where));
        if (auto protected_now = protect(where); !protected_now) {
            TRY(overwrite(where));
            return protected_now.error();
        }
        return {};
    }();
    wipe(plaintext);
    return done;
}

Answer<> ModuleInstaller::recover() {
    TRY(answer_of(driver_.take_over()));
    const Place where = noted();
    if (journal_.state() == JournalState::smi_pending) return protect(where);
    if (journal_.state() == JournalState::smi_installing) return overwrite(where);
    return {};
}

}  // namespace h7::rss

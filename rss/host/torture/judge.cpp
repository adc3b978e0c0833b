#include "rss/host/torture/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "rss/install/installer.hpp"

namespace h7::torture {
namespace {

bool same(ByteView a, ByteView b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

bool all_ones(ByteView bytes) {
    return bytes.empty() ||
           (bytes[0] == 0xFF && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

constexpr std::array<std::string_view, 6> kNames = {"old", "blank", "paused", "complete", "locked", "broken"};

}  // namespace

std::string_view name_of(State state) { return kNames[static_cast<std::size_t>(state)]; }

Judge::Judge(Rig& rig, const flash::OptionWords& installed, std::vector<std::array<Bytes, 2>> paused)
    : rig_(rig), installed_(installed), paused_(std::move(paused)) {
    rig_.start();
    flash::Controller& flash = rig_.chip().flash();
    first_version_ = rig_.remembered_version(rig_.plan().header.firmware_id);
    for (unsigned bank = 0; bank < 2; ++bank)
        first_flagged_[bank] = flash.arrays()[bank]->any_flagged(0, flash.arrays()[bank]->size());
    const ByteView journal = flash.system(1).bytes();
    first_journal_.assign(journal.begin(), journal.end());
}

bool Judge::flash_is(const std::array<ByteView, 2>& wanted) const {
    flash::Controller& flash = rig_.chip().flash();
    return same(flash.user(0).bytes(), wanted[0]) && same(flash.user(1).bytes(), wanted[1]);
}

bool Judge::flash_is_blank() const {
    flash::Controller& flash = rig_.chip().flash();
    return all_ones(flash.user(0).bytes()) && all_ones(flash.user(1).bytes());
}

/// The first flash word that is neither erased nor as before nor of the image, else the first one of the
/// image.
std::string Judge::first_wrong_word() const {
    std::string ours;
    for (unsigned bank = 0; bank < 2; ++bank) {
        const ByteView now = rig_.chip().flash().user(bank).bytes();
        const ByteView goal = rig_.plan().flash[bank], before = rig_.first_flash(bank);
        for (std::size_t at = 0; at < now.size(); at += 32) {
            const ByteView word = now.subspan(at, 32);
            if (all_ones(word)) continue;
            const auto address = 0x0800'0000U + bank * 0x10'0000U + at;
            if (same(word, goal.subspan(at, 32))) {
                if (ours.empty()) ours = fmt::format("0x{:08X} holds plaintext of the image", address);
            } else if (!same(word, before.subspan(at, 32))) {
                return fmt::format("0x{:08X} holds bytes that are neither the image's nor the old ones",
                                   address);
            }
        }
    }
    return ours.empty() ? "a part of the old contents is still there" : ours;
}

Seen Judge::look() const {
    chip::Chip& chip = rig_.chip();
    flash::Controller& flash = chip.flash();
    Seen seen;
    const auto say = [&](std::string what) { seen.broken.push_back(std::move(what)); };
    const auto record = rig_.journal();
    const rss::JournalState journal = record ? record->state : rss::JournalState::idle;
    const bool under_way = rss::Installer::under_way(journal), lock = chip.rss().install_lock();
    if (under_way != lock)
        say(fmt::format("the install lock is {} while the journal says {}", lock ? "on" : "off",
                        name_of(journal)));

    const flash::OptionWords& words = flash.options();
    const bool first_options = words == rig_.first_options();
    if (words == installed_ && flash_is({rig_.plan().flash[0], rig_.plan().flash[1]}) && !under_way)
        seen.state = State::complete;
    else if (first_options && !under_way && flash_is({rig_.first_flash(0), rig_.first_flash(1)}))
        seen.state = State::old;
    else if (first_options && !under_way && flash_is_blank())
        seen.state = State::blank;
    else if (first_options && lock && journal == rss::JournalState::installing &&
             std::any_of(paused_.begin(), paused_.end(), [&](const auto& part) {
                 return flash_is({part[0], part[1]});
             }))
        seen.state = State::paused;
    else if (lock)
        seen.state = State::locked;
    else
        say(fmt::format(
            "flash is neither old nor blank nor complete, and not locked: {}{}", first_wrong_word(),
            first_options || words == installed_ ? ""
                                                 : "; the option words are neither the old nor the image's"));

    for (unsigned bank = 0; bank < 2; ++bank)
        if (seen.state != State::locked && !first_flagged_[bank] &&
            flash.arrays()[bank]->any_flagged(0, flash.arrays()[bank]->size()))
            say(fmt::format("a torn word is left in bank {}", bank + 1));

    const auto version = rig_.remembered_version(rig_.plan().header.firmware_id);
    if (version.value_or(0) < first_version_.value_or(0)) say("the journal forgot an installed version");
    if (seen.state == State::complete && installed_ != rig_.first_options() && !version)
        say("the journal does not remember the version of a complete image");
    return seen;
}

std::vector<std::string> Judge::untouched() const {
    flash::Controller& flash = rig_.chip().flash();
    std::vector<std::string> broken;
    if (!flash_is({rig_.first_flash(0), rig_.first_flash(1)}))
        broken.push_back("flash was changed: " + first_wrong_word());
    if (flash.options() != rig_.first_options()) broken.emplace_back("the option bytes were changed");
    if (!same(flash.system(1).bytes(), first_journal_)) broken.emplace_back("the journal was written");
    if (rig_.chip().rss().install_lock()) broken.emplace_back("the install lock is on");
    return broken;
}

std::vector<std::string> Judge::ram_is_clean() const {
    std::vector<std::string> broken;
    constexpr std::size_t kEnough = 16;
    for (const Address base : {0x2000'0000U, 0x2400'0000U, 0x3000'0000U, 0x3800'0000U}) {
        const ByteView ram = rig_.chip().ram(base);
        const auto holds = [&](ByteView secret) {
            return secret.size() >= kEnough &&
                   memmem(ram.data(), ram.size(), secret.data(), kEnough) != nullptr;
        };
        if (holds(rig_.plan().key.key.view()))
            broken.push_back(fmt::format("the firmware key stands in RAM at 0x{:08X}+", base));
        for (const Piece& piece : rig_.plan().pieces)
            if (holds(piece.bytes))
                broken.push_back(fmt::format("plaintext stands in RAM at 0x{:08X}+", base));
    }
    return broken;
}

}  // namespace h7::torture

#include "emulator/chip_file/dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "emulator/base/bits.hpp"
#include "emulator/base/hex.hpp"

namespace h7 {
namespace {

using flash::ArrayImage;
using flash::Image;
using flash::WordState;

constexpr Address kUserFlash = 0x0800'0000, kBank = 0x10'0000;
constexpr std::size_t kWord = 32;
constexpr std::array<std::string_view, 4> kStates = {"erased", "programmed", "single", "double"};

bool swapped(const Image& image) { return test_bit(image.options[flash::kOptsr], 31); }

struct Place {
    ArrayImage* bank = nullptr;  // null: no user flash there
    std::size_t offset = 0;
};
Place place_of(Image& image, Address address) {
    if (address < kUserFlash || address >= kUserFlash + 2 * kBank) return {};
    const unsigned window = address >= kUserFlash + kBank ? 1 : 0;
    ArrayImage& bank = image.user[window ^ (swapped(image) ? 1U : 0U)];
    const std::size_t offset = address % kBank;
    return {offset < bank.data.size() ? &bank : nullptr, offset};
}

bool all_ones(const ArrayImage& bank, std::size_t word) {
    const auto first = bank.data.begin() + static_cast<std::ptrdiff_t>(word * kWord);
    return std::all_of(first, first + kWord, [](std::uint8_t byte) { return byte == 0xFF; });
}
WordState told_by_bytes(const ArrayImage& bank, std::size_t word) {
    return all_ones(bank, word) ? WordState::erased : WordState::programmed;
}

/// Both banks in the order of bus addresses.
template <class Visit>
void each_word(const Image& image, Visit visit) {
    for (unsigned window = 0; window < 2; ++window) {
        const ArrayImage& bank = image.user[window ^ (swapped(image) ? 1U : 0U)];
        for (std::size_t word = 0; word < bank.words.size(); ++word)
            visit(bank, word, kUserFlash + window * kBank + static_cast<Address>(word * kWord));
    }
}

}  // namespace

Result<void> place_dump(Image& image, const loader::Program& program) {
    for (const loader::Segment& segment : program.segments)
        for (std::size_t i = 0; i < segment.bytes.size(); ++i) {
            const Address address = segment.address + static_cast<Address>(i);
            const Place to = place_of(image, address);
            if (to.bank == nullptr || std::uint64_t{segment.address} + i > 0xFFFF'FFFFU)
                return misuse(fmt::format("{}: {}: 0x{:08X} is not in the user flash of this part",
                                          program.path, segment.origin, address));
            to.bank->data[to.offset] = segment.bytes[i];
            if (i + 1 == segment.bytes.size() || to.offset % kWord == kWord - 1)
                to.bank->words[to.offset / kWord] = told_by_bytes(*to.bank, to.offset / kWord);
        }
    return {};
}

std::vector<loader::Segment> dump_of(const Image& image) {
    std::vector<loader::Segment> all;
    each_word(image, [&](const ArrayImage& bank, std::size_t word, Address address) {
        if (bank.words[word] == WordState::erased && all_ones(bank, word)) return;
        if (all.empty() || all.back().end() != address) all.push_back({address, {}, "flash"});
        const auto first = bank.data.begin() + static_cast<std::ptrdiff_t>(word * kWord);
        all.back().bytes.insert(all.back().bytes.end(), first, first + kWord);
    });
    return all;
}

std::string word_states(const Image& image) {
    std::string text;
    each_word(image, [&](const ArrayImage& bank, std::size_t word, Address address) {
        if (bank.words[word] != told_by_bytes(bank, word))
            text +=
                fmt::format("0x{:08X} {}\n", address, kStates[static_cast<std::size_t>(bank.words[word])]);
    });
    return text;
}

Result<void> apply_word_states(Image& image, std::string_view text, std::string_view path) {
    std::istringstream lines{std::string(text)};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::istringstream words(line);
        std::string address_text, state_text, more;
        if (!(words >> address_text)) continue;
        words >> state_text;
        const auto address = parse_number(address_text);
        const auto state = std::ranges::find(kStates, state_text);
        const Place to = address ? place_of(image, *address) : Place{};
        if (to.bank == nullptr || to.offset % kWord != 0 || state == kStates.end() || words >> more)
            return misuse(fmt::format(
                "{}: line {}: not \"ADDRESS STATE\" with the address of a flash word and one of erased, "
                "programmed, single, double",
                path, number));
        to.bank->words[to.offset / kWord] = static_cast<WordState>(state - kStates.begin());
    }
    return {};
}

}  // namespace h7

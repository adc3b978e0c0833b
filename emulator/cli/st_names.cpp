#include "emulator/cli/st_names.hpp"

#include <algorithm>
#include <string_view>

#include "emulator/base/hex.hpp"

namespace h7::cli {
namespace {

enum class Takes : std::uint8_t { as_is, nothing, files, zero_or_one, refused };

struct Name {
    std::string_view st, ours;
    Takes takes;
};
// clang-format off
constexpr Name kNames[] = {
    {"-sfi",       "",                   Takes::nothing},     {"--sfi",    "",           Takes::nothing},
    {"-smi",       "",                   Takes::nothing},     {"--smi",    "",           Takes::nothing},
    {"-fir",       "--firmware",         Takes::files},       {"--firmware", "--firmware", Takes::files},
    {"-elf",       "--firmware",         Takes::files},       {"--elf",    "--firmware", Takes::files},
    {"-m",         "--module",           Takes::files},       {"--module", "--module",   Takes::files},
    {"-firx",      "",                   Takes::refused},     {"--firmwx", "",           Takes::refused},
    {"-ob",        "--obfile",           Takes::as_is},
    {"-rs",        "--ram-size",         Takes::as_is},
    {"-ct",        "--token-address",    Takes::as_is},
    {"-devid",     "--deviceid",         Takes::as_is},
    {"-sv",        "--security-version", Takes::as_is},
    {"-hash",      "--hash",             Takes::zero_or_one}, {"--hash",   "--hash",     Takes::zero_or_one},
};
// clang-format on

const Name* find(std::string_view word) {
    const auto found = std::ranges::find(kNames, word, &Name::st);
    return found == std::end(kNames) ? nullptr : &*found;
}

bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }
bool is_address(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9' && parse_number(word);
}

}  // namespace

Result<std::vector<std::string>> in_our_names(std::vector<std::string> words) {
    if (words.size() < 2 || words[1] != "pack" || (words[0] != "sfi" && words[0] != "smi")) return words;
    std::vector<std::string> ours(words.begin(), words.begin() + 2);
    for (std::size_t i = 2; i < words.size(); ++i) {
        const Name* name = find(words[i]);
        if (name == nullptr) {
            ours.push_back(words[i]);
            continue;
        }
        if (name->takes == Takes::refused)
            return misuse(
                words[i] +
                ": firmware in external memory (SFIx) needs the OTFDEC unit, which STM32H745/755/747/757 do "
                "not have (E_TYPE); put it into internal flash with -fir");
        if (name->takes == Takes::nothing) continue;
        if (name->takes == Takes::zero_or_one) {
            const bool number = i + 1 < words.size() && (words[i + 1] == "0" || words[i + 1] == "1");
            if (!number || words[i + 1] == "1") ours.emplace_back(name->ours);
            if (number) ++i;
            continue;
        }
        ours.emplace_back(name->ours);
        if (name->takes != Takes::files) continue;
        for (; i + 1 < words.size() && !is_option(words[i + 1]); ++i) {
            const std::string& value = words[i + 1];
            const bool behind_file = !is_option(ours.back()) && ours.back().find('@') == std::string::npos;
            if (behind_file && is_address(value))
                ours.back() += "@" + value;
            else
                ours.push_back(value);
        }
    }
    return ours;
}

}  // namespace h7::cli

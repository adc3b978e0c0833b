#include "emulator/options/option_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "emulator/base/bits.hpp"
#include "emulator/base/hex.hpp"

namespace h7::options {
namespace {

using namespace flash;  // kOptsr ..

constexpr std::string_view kRdp = "Read Out Protection", kBor = "BOR Level", kUser = "User Configuration",
                           kBoot = "Boot address Option Bytes", kPcrop = "PCROP Protection",
                           kSecure = "Secure Protection", kDtcm = "DTCM RAM Protection",
                           kWrp = "Write Protection";

// clang-format off
constexpr Field kFields[] = {
//   section  name               word    msb lsb      F-149: OPTSR
    {kRdp,    "RDP",              kOptsr, 15,  8},
    {kBor,    "BOR_LEV",          kOptsr,  3,  2},
    {kUser,   "IWDG1_SW",         kOptsr,  4,  4},
    {kUser,   "IWDG2_SW",         kOptsr,  5,  5},
    {kUser,   "NRST_STOP_D1",     kOptsr,  6,  6},
    {kUser,   "NRST_STBY_D1",     kOptsr,  7,  7},
    {kUser,   "FZ_IWDG_STOP",     kOptsr, 17, 17},
    {kUser,   "FZ_IWDG_SDBY",     kOptsr, 18, 18},
    {kUser,   "SECURITY",         kOptsr, 21, 21},
    {kUser,   "BCM4",             kOptsr, 22, 22},
    {kUser,   "BCM7",             kOptsr, 23, 23},
    {kUser,   "NRST_STOP_D2",     kOptsr, 24, 24},
    {kUser,   "NRST_STBY_D2",     kOptsr, 25, 25},
    {kUser,   "SWAP_BANK",        kOptsr, 31, 31},
    {kUser,   "IO_HSLV",          kOptsr, 29, 29},
//                                                   F-150, F-151: address bits 31:16
    {kBoot,   "BOOT_CM7_ADD0",    kBoot7, 15,  0},
    {kBoot,   "BOOT_CM7_ADD1",    kBoot7, 31, 16},
    {kBoot,   "BOOT_CM4_ADD0",    kBoot4, 15,  0},
    {kBoot,   "BOOT_CM4_ADD1",    kBoot4, 31, 16},
//                                                   F-152: blocks of 256 bytes
    {kPcrop,  "PROT_AREA_START1", kPrar1, 11,  0},
    {kPcrop,  "PROT_AREA_END1",   kPrar1, 27, 16},
    {kPcrop,  "DMEP1",            kPrar1, 31, 31},
    {kPcrop,  "PROT_AREA_START2", kPrar2, 11,  0},
    {kPcrop,  "PROT_AREA_END2",   kPrar2, 27, 16},
    {kPcrop,  "DMEP2",            kPrar2, 31, 31},
//                                                   F-153
    {kSecure, "SEC_AREA_START1",  kScar1, 11,  0},
    {kSecure, "SEC_AREA_END1",    kScar1, 27, 16},
    {kSecure, "DMES1",            kScar1, 31, 31},
    {kSecure, "SEC_AREA_START2",  kScar2, 11,  0},
    {kSecure, "SEC_AREA_END2",    kScar2, 27, 16},
    {kSecure, "DMES2",            kScar2, 31, 31},
    {kDtcm,   "ST_RAM_SIZE",      kOptsr, 20, 19},
//                                                   F-154: bank 1 is nWRP0-7, bank 2 nWRP8-15
    {kWrp,    "nWRP0",            kWpsn1,  0,  0},
    {kWrp,    "nWRP1",            kWpsn1,  1,  1},
    {kWrp,    "nWRP2",            kWpsn1,  2,  2},
    {kWrp,    "nWRP3",            kWpsn1,  3,  3},
    {kWrp,    "nWRP4",            kWpsn1,  4,  4},
    {kWrp,    "nWRP5",            kWpsn1,  5,  5},
    {kWrp,    "nWRP6",            kWpsn1,  6,  6},
    {kWrp,    "nWRP7",            kWpsn1,  7,  7},
    {kWrp,    "nWRP8",            kWpsn2,  0,  0},
    {kWrp,    "nWRP9",            kWpsn2,  1,  1},
    {kWrp,    "nWRP10",           kWpsn2,  2,  2},
    {kWrp,    "nWRP11",           kWpsn2,  3,  3},
    {kWrp,    "nWRP12",           kWpsn2,  4,  4},
    {kWrp,    "nWRP13",           kWpsn2,  5,  5},
    {kWrp,    "nWRP14",           kWpsn2,  6,  6},
    {kWrp,    "nWRP15",           kWpsn2,  7,  7},
};

struct WordName { std::string_view name, csv; };
constexpr WordName kWords[kOptionWords] = {
    {"OPTSR", "FOPTSR_PRG"},
    {"PRAR1", "FPRAR_PRG_A"}, {"PRAR2", "FPRAR_PRG_B"},
    {"SCAR1", "FSCAR_PRG_A"}, {"SCAR2", "FSCAR_PRG_B"},
    {"WPSN1", "FWPSN_PRG_A"}, {"WPSN2", "FWPSN_PRG_B"},
    {"BOOT7", "FBOOT7_PRG"},  {"BOOT4", "RESERVED"},
};
// clang-format on

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

/// Levenshtein distance, letters compared without case.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = std::toupper(static_cast<unsigned char>(a[i - 1])) ==
                              std::toupper(static_cast<unsigned char>(b[j - 1]));
            const std::size_t replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

std::string_view nearest(std::string_view name) {
    name = name.substr(0, 32);
    return std::min_element(std::begin(kFields), std::end(kFields),
                            [&](const Field& a, const Field& b) {
                                return distance(name, a.name) < distance(name, b.name);
                            })
        ->name;
}

std::string area_block(const Field& field, std::uint32_t value) {
    const bool bank2 = field.word == kPrar2 || field.word == kScar2;
    return fmt::format("0x{:X}", (bank2 ? 0x0810'0000U : 0x0800'0000U) + (value << 8));
}

bool is_area_limit(const Field& field) { return field.msb - field.lsb == 11; }

}  // namespace

std::uint32_t Field::get(const OptionWords& words) const { return extract(words[word], msb, lsb); }
std::uint32_t Field::greatest() const { return mask(msb, lsb) >> lsb; }
void Field::set(OptionWords& words, std::uint32_t value) const {
    words[word] = insert(words[word], msb, lsb, value);
}

std::string Field::meaning(std::uint32_t value) const {
    static constexpr std::string_view kRamSizes[] = {"2 KB", "4 KB", "8 KB", "16 KB"};
    const auto either = [&](std::string_view zero, std::string_view one) {
        return std::string(value != 0 ? one : zero);
    };
    if (name == "RDP")
        return value == 0xAA   ? "Level 0, no protection"
               : value == 0xCC ? "Level 2, chip protection"
                               : "Level 1, read protection of memories";
    if (name == "BOR_LEV") return fmt::format("reset level is set to VBOR{}", value);
    if (name == "ST_RAM_SIZE") return std::string(kRamSizes[value]);
    if (name.starts_with("IWDG")) return either("hardware watchdog", "software watchdog");
    if (name.starts_with("NRST_")) return either("reset on entry", "no reset on entry");
    if (name.starts_with("FZ_")) return either("watchdogs frozen", "watchdogs keep running");
    if (name == "SECURITY") return either("security feature disabled", "security feature enabled");
    if (name == "BCM4") return either("CM4 boot disabled", "CM4 boot enabled");
    if (name == "BCM7") return either("CM7 boot disabled", "CM7 boot enabled");
    if (name == "SWAP_BANK") return either("banks not swapped", "banks swapped after the next reset");
    if (name == "IO_HSLV")
        return either("product working in the full voltage range", "product working below 2.7 V");
    if (name.starts_with("BOOT_")) return fmt::format("0x{:X}", value << 16);
    if (name.starts_with("DMEP"))
        return either("PCROP area kept by an erase with removal",
                      "PCROP area erased by an erase with removal");
    if (name.starts_with("DMES"))
        return either("secure area kept by an erase with removal",
                      "secure area erased by an erase with removal");
    if (name.starts_with("nWRP")) return either("write protection active", "write protection not active");
    return is_area_limit(*this) ? area_block(*this, value) : "";
}

std::span<const Field> fields() { return kFields; }

const Field* find(std::string_view name) {
    const auto found = std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& field) {
        return equal_ignoring_case(field.name, name);
    });
    return found == std::end(kFields) ? nullptr : found;
}

Result<Change> parse_change(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        return misuse(fmt::format("'{}': an option byte is set as NAME=VALUE, for instance RDP=0xBB", text));
    const std::string_view name = text.substr(0, equals), number = text.substr(equals + 1);
    const Field* field = find(name);
    if (field == nullptr)
        return misuse(fmt::format("'{}': there is no option byte of that name; the nearest is {}", name,
                                  nearest(name)));
    const auto value = parse_number(number);
    if (!value) return misuse(fmt::format("{}: {}", field->name, value.error().message));
    if (*value > field->greatest())
        return misuse(fmt::format("{}=0x{:X}: the field has {} bit{}, the greatest value is 0x{:X}",
                                  field->name, *value, field->msb - field->lsb + 1,
                                  field->msb == field->lsb ? "" : "s", field->greatest()));
    return Change{field, *value};
}

Result<std::vector<Change>> parse_changes(std::span<const std::string> texts) {
    std::vector<Change> changes;
    for (const std::string& text : texts) {
        const Change change = TRY(parse_change(text));
        for (const Change& earlier : changes)
            if (earlier.field == change.field)
                return misuse(fmt::format("{}: given twice", change.field->name));
        changes.push_back(change);
    }
    return changes;
}

OptionWords with_changes(OptionWords words, std::span<const Change> changes) {
    for (const Change& change : changes) change.field->set(words, change.value);
    return words;
}

bool exists(const Field& field, Cores cores) {
    static constexpr std::string_view kOfTwo[] = {
        "IWDG2_SW", "BCM4", "BCM7", "NRST_STOP_D2", "NRST_STBY_D2", "BOOT_CM4_ADD0", "BOOT_CM4_ADD1"};
    return cores == Cores::two ||
           std::find(std::begin(kOfTwo), std::end(kOfTwo), field.name) == std::end(kOfTwo);
}

std::string print(const OptionWords& words, Cores cores) {
    std::string text = "OPTION BYTES BANK: 0\n";
    std::string_view section;
    for (const Field& field : kFields) {
        if (!exists(field, cores)) continue;
        if (field.section != section) text += fmt::format("\n   {}:\n\n", section = field.section);
        const std::uint32_t value = field.get(words);
        const std::string meaning = field.meaning(value);
        text += fmt::format("     {:<16} : 0x{:X}{}\n", field.name, value,
                            meaning.empty() ? "" : "  (" + meaning + ")");
    }
    return text;
}

std::string print_json(const OptionWords& words, Cores cores) {
    nlohmann::ordered_json json;
    for (const Field& field : kFields) {
        if (!exists(field, cores)) continue;
        const std::uint32_t value = field.get(words);
        json[std::string(field.name)] = {{"value", value}, {"meaning", field.meaning(value)}};
    }
    for (std::size_t i = 0; i < kOptionWords; ++i)
        json["words"][std::string(kWords[i].name)] = fmt::format("0x{:08X}", words[i]);
    return json.dump(2) + "\n";
}

std::string_view name_of(OptionWord word) { return kWords[word].name; }
std::string_view csv_name_of(OptionWord word) { return kWords[word].csv; }

}  // namespace h7::options

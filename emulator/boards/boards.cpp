#include "emulator/boards/boards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "emulator/base/file.hpp"
#include "emulator/settings/settings.hpp"

namespace h7::boards {
namespace {

using settings::Section;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

template <class T>
struct Choice {
    std::string_view name;
    T value;
};
template <class T, std::size_t N>
Result<T> chosen(const Section& section, std::string_view key, const std::string& text,
                 const Choice<T> (&table)[N]) {
    std::string known;
    for (const Choice<T>& choice : table) {
        if (lower(choice.name) == lower(text)) return choice.value;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", choice.name);
    }
    return section.wrong(key, fmt::format("expected one of {}, found '{}'", known, text));
}

// clang-format off
constexpr Choice<std::uint32_t> kRevisions[] = {{"V", dbgmcu::kRevisionV}, {"X", dbgmcu::kRevisionX}};
using syscfg::Package;
constexpr Choice<Package> kPackages[] = {
    {"LQFP144", Package::lqfp144},         {"LQFP176", Package::lqfp176},       {"UFBGA176", Package::ufbga176},
    {"LQFP176-X7", Package::lqfp176_x7},   {"UFBGA169-X7", Package::lqfp176_x7}, {"LQFP208-X7", Package::lqfp208_x7},
    {"LQFP208", Package::lqfp208}};
using pwr::Supply;
constexpr Choice<Supply> kSupplies[] = {
    {"any", Supply::any},           {"LDO", Supply::ldo},       {"SMPS", Supply::smps}, {"SMPS-LDO", Supply::smps_ldo},
    {"SMPS-external", Supply::smps_external}, {"bypass", Supply::bypass}};
// clang-format on
constexpr std::string_view kPorts[] = {"usart1", "usart2", "usart3", "uart4",  "uart5",
                                       "usart6", "uart7",  "uart8",  "lpuart1"};

/// [hse] or [lse]: `frequency = N`, or `present = false`.
Result<void> clock(Section& board, std::string_view key, std::uint64_t least, std::uint64_t most,
                   std::uint32_t& hz, bool& present) {
    auto section = TRY(board.section(key));
    if (!section) return {};
    const std::string expected = fmt::format("a frequency in Hz from {} to {}", least, most);
    const auto frequency = TRY(section->number("frequency", least, most, expected));
    const auto there = TRY(section->flag("present"));
    if (there && !*there && frequency)
        return section->wrong("frequency", "a clock that is not present has no frequency");
    if (there) present = *there;
    if (frequency) hz = static_cast<std::uint32_t>(*frequency);
    return section->finish();
}

Result<void> pins(Section& board, std::map<std::string, Pin>& into) {
    auto section = TRY(board.section("pins"));
    if (!section) return {};
    for (const settings::Entry& entry : section->entries()) {
        const auto* text = std::get_if<std::string>(&entry.value.data);
        const auto pin = text != nullptr ? pin_called(*text) : std::nullopt;
        if (!pin)
            return section->wrong(entry.key, fmt::format("expected a pin, \"PA0\" to \"PK15\", found {}",
                                                         text != nullptr ? "'" + *text + "'"
                                                                         : std::string(entry.value.kind())));
        if (pin_called(entry.key)) return section->wrong(entry.key, "this is the name of a pin already");
        into[entry.key] = *pin;
    }
    return {};
}

}  // namespace

std::optional<Pin> pin_called(std::string_view text) {
    if (text.size() < 3 || text.size() > 4 || (text[0] != 'P' && text[0] != 'p')) return std::nullopt;
    const char port = static_cast<char>(std::toupper(static_cast<unsigned char>(text[1])));
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number);
    if (port < 'A' || port > 'K' || error != std::errc{} || end != text.data() + text.size() || number > 15 ||
        (text.size() == 4 && text[2] == '0'))
        return std::nullopt;
    return Pin{port, number};
}

std::string name_of(Pin pin) { return fmt::format("P{}{}", pin.port, pin.number); }

Result<Board> parse_board(std::string_view text, std::string_view path) {
    const settings::Document document = TRY(settings::parse_document(text, path));
    Section file(document);
    Board board;
    board.name = TRY(file.text("name", "the name of the board"))
    .value_or(std::string(path));
    if (const auto part = TRY(file.text("part", "the name of a part, \"STM32H745\""))) {
        board.part = chip::find_part(*part);
        if (board.part == nullptr) {
            std::string known;
            for (const chip::Part& one : chip::kParts)
                known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
            return file.wrong("part", fmt::format("expected one of {}, found '{}'", known, *part));
        }
    }
    if (const auto revision = TRY(file.text("revision", "\"V\" or \"X\"")))
        board.surroundings.idcode = TRY(chosen(file, "revision", *revision, kRevisions));
    if (const auto package = TRY(file.text("package", "the name of a package, \"LQFP144\"")))
        board.surroundings.package = TRY(chosen(file, "package", *package, kPackages));
    if (const auto supply = TRY(file.text("supply", "\"LDO\", \"SMPS\" or another supply")))
        board.surroundings.supply.supply = TRY(chosen(file, "supply", *supply, kSupplies));
    board.surroundings.supply.supply_ready_from_power_on = TRY(file.flag("supply-ready-from-power-on"))
    .value_or(false);
    rcc::Board& clocks = board.surroundings.clocks;
    TRY(clock(file, "hse", 1'000'000, 50'000'000, clocks.hse_hz, clocks.hse_present));
    TRY(clock(file, "lse", 1'000, 1'000'000, clocks.lse_hz, clocks.lse_present));
    if (const auto console = TRY(file.text("console", "the name of a serial port, \"usart3\""))) {
        board.console = lower(*console);
        if (std::ranges::find(kPorts, board.console) == std::end(kPorts))
            return file.wrong("console", fmt::format("expected usart1, usart2, usart3, uart4, uart5, usart6, "
                                                     "uart7, uart8 or lpuart1, found '{}'",
                                                     *console));
    }
    TRY(pins(file, board.pins));
    TRY(file.finish());
    return board;
}

Result<Board> board_called(const std::string& name) {
    if (name.ends_with(".toml") || name.find('/') != std::string::npos) {
        const Bytes bytes = TRY(read_file(name, settings::kLargestFile));
        return parse_board({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
    }
    std::string known;
    for (const BuiltIn& board : built_in()) {
        if (lower(board.name) == lower(name)) return parse_board(board.text, std::string(board.name));
        known += fmt::format("{}, ", board.name);
    }
    return misuse(
        fmt::format("--board {}: no such board; known are {}or give a file, board.toml", name, known));
}

}  // namespace h7::boards

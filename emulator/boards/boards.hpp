// Boards: what a circuit board decides about its chip, as a file a person writes or as one of those that come
// with this program. docs/boards.md is the manual of the file.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/result.hpp"
#include "emulator/chip/part.hpp"
#include "emulator/chip/surroundings.hpp"

namespace h7::boards {

/// A pin: port 'A' to 'K', number 0 to 15.
struct Pin {
    char port = 'A';
    unsigned number = 0;
    bool operator==(const Pin&) const = default;
};
/// "PB14", any case; no value: no such pin.
std::optional<Pin> pin_called(std::string_view text);
std::string name_of(Pin pin);

struct Board {
    std::string name;
    const chip::Part* part = nullptr;  // null: the file does not say
    chip::Surroundings surroundings;
    std::string console = "usart3";     // the port that a person reads
    std::map<std::string, Pin> pins{};  // names of the board: "LED1" -> PB0
};

/// A board file. Error (misuse): "board.toml:3:9: hse: ..", what was expected.
Result<Board> parse_board(std::string_view text, std::string_view path);

/// Those compiled in, with the text of their files.
struct BuiltIn {
    std::string_view name, text;
};
std::span<const BuiltIn> built_in();

/// "NUCLEO-H745ZI-Q" (any case), or the path of a file, which ends in .toml or has a '/'. Error: neither; the
/// known names are listed.
Result<Board> board_called(const std::string& name);

}  // namespace h7::boards

// Pins on the command line: --pins tells of outputs, --pin drives inputs at moments of virtual time.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "emulator/boards/boards.hpp"
#include "emulator/chip/chip.hpp"

namespace h7::cli {

struct PinOptions {
    std::string watch;                // --pins: "-" or a file
    std::vector<std::string> drives;  // --pin NAME=LEVEL[@TIME]
};
void add_pins(CLI::App& command, PinOptions& options);

class PinWatch {
public:
    /// Understands the options; makes no file. Error (misuse): no such pin, level or time.
    Result<void> take(const PinOptions& options, const boards::Board& board);
    /// Opens the file, listens, and drives what is to be driven. Error: the file cannot be made.
    Result<void> connect(chip::Chip& chip);
    Result<void> finish();
    /// [{"time_ps": .., "pin": "PB0", "name": "LED1", "level": 1}, ..]
    const nlohmann::ordered_json& json() const { return changes_; }

private:
    struct Drive {
        boards::Pin pin;
        char level;  // '0', '1', 'z'
        Time when;
    };
    void tell(chip::Chip& chip, boards::Pin pin, bool level);

    std::string path_;
    std::vector<Drive> drives_;
    std::map<std::string, boards::Pin> names_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
    nlohmann::ordered_json changes_ = nlohmann::ordered_json::array();
};

}  // namespace h7::cli

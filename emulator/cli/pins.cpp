#include "emulator/cli/pins.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "emulator/cli/values.hpp"
#include "peripherals/gpio/gpio.hpp"

namespace h7::cli {

void add_pins(CLI::App& command, PinOptions& options) {
    command.add_option("--pins", options.watch,
                       "write each change of an output pin, with its time; - is standard error");
    command
        .add_option(
            "--pin", options.drives,
            "NAME=0, NAME=1 or NAME=z (nobody drives), with @TIME at that virtual time: PC13=1@10ms; NAME is "
            "a pin or a name of the board; repeatable")
        ->allow_extra_args(false);
}

Result<void> PinWatch::take(const PinOptions& options, const boards::Board& board) {
    path_ = options.watch;
    names_ = board.pins;
    for (const std::string& text : options.drives) {
        const std::size_t equals = text.find('='), at = text.find('@');
        const std::string name = text.substr(0, equals);
        const auto named = names_.find(name);
        const auto pin = named != names_.end() ? named->second : boards::pin_called(name);
        if (equals == std::string::npos || !pin)
            return misuse(
                fmt::format("--pin {}: write NAME=LEVEL or NAME=LEVEL@TIME, NAME PA0 to PK15 or a name of "
                            "the board",
                            text));
        const std::string level = text.substr(equals + 1, at == std::string::npos ? at : at - equals - 1);
        if (level != "0" && level != "1" && level != "z")
            return misuse(fmt::format("--pin {}: the level is 0, 1 or z", text));
        const auto when =
            at == std::string::npos ? Result<Time>(0) : parse_time("--pin", text.substr(at + 1));
        if (!when)
            return misuse(
                fmt::format("--pin {}: the time behind @ is written 2s, 1.5ms, 300us or 20ns", text));
        drives_.push_back({*pin, level[0], *when});
    }
    return {};
}

Result<void> PinWatch::connect(chip::Chip& chip) {
    for (const Drive& drive : drives_) {
        gpio::Gpio* port = chip.port(drive.pin.port);
        const auto act = [port, drive] {
            if (drive.level == 'z')
                port->release(drive.pin.number);
            else
                port->drive(drive.pin.number, drive.level == '1');
        };
        if (drive.when == 0)
            act();
        else
            chip.clock().at(drive.when, "--pin", act);
    }
    if (path_.empty()) return {};
    if (path_ != "-") {
        file_.reset(std::fopen(path_.c_str(), "wb"));
        if (!file_) return misuse(fmt::format("--pins {}: cannot create: {}", path_, std::strerror(errno)));
    }
    chip.on_pin = [this, &chip](char port, unsigned number, bool level) {
        const gpio::Gpio* block = chip.port(port);
        if (block->output(number)) tell(chip, {port, number}, level);
    };
    return {};
}

void PinWatch::tell(chip::Chip& chip, boards::Pin pin, bool level) {
    std::string name;
    for (const auto& [called, at] : names_)
        if (at == pin) name = called;
    const Time now = chip.clock().now();
    nlohmann::ordered_json change{{"time_ps", now}, {"pin", boards::name_of(pin)}, {"level", level ? 1 : 0}};
    if (!name.empty()) change["name"] = name;
    changes_.push_back(std::move(change));
    fmt::print(file_ ? file_.get() : stderr, "{:>15} ps  {} {}{}\n", now, boards::name_of(pin), level ? 1 : 0,
               name.empty() ? "" : "  " + name);
}

Result<void> PinWatch::finish() {
    if (file_ && (std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0))
        return misuse(fmt::format("{}: cannot write: {}", path_, std::strerror(errno)));
    return {};
}

}  // namespace h7::cli

// Every way firmware has to speak: serial ports, SWO, RTT, semihosting; where each goes, and what ends the
// run. docs/consoles.md.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/cli/input.hpp"
#include "emulator/cli/live_input.hpp"
#include "emulator/cli/output.hpp"
#include "emulator/debug/rtt.hpp"
#include "emulator/debug/swo.hpp"
#include "emulator/loader/program.hpp"
#include "emulator/semihosting/session.hpp"

namespace h7::cli {

struct ConsoleOptions {
    std::vector<std::string> uarts, uart_inputs, swo, rtt, rtt_blocks, rtt_inputs;
    std::string semihosting = "stdio", semihosting_folder, semihosting_arguments;
    std::string until_output, fail_output;
    std::string uart_time = "baud";
};

/// --uart, --uart-input, --uart-time, --swo, --rtt, --rtt-block, --rtt-input, --semihosting*, --until-output,
/// --fail-output.
void add_console_options(CLI::App& command, ConsoleOptions& options);

class Consoles {
public:
    Consoles() = default;
    Consoles(const Consoles&) = delete;
    Consoles& operator=(const Consoles&) = delete;

    /// `console` is the port that goes to standard output when no --uart is given ("usart3").
    /// Opens every destination; nothing is made before all is understood. `json`: standard output belongs to
    /// the JSON text. `trace`: a file that is taken.
    Result<void> open(const ConsoleOptions& options, const std::string& console, bool json,
                      const std::string& trace);
    /// `m7`, `m4`: the programs, null when not given; their symbol _SEGGER_RTT says where the control block
    /// is.
    Result<void> connect(chip::Chip& chip, const loader::Program* m7, const loader::Program* m4,
                         const Interrupt& interrupt);

    /// After power-on, before the first instruction: the probes look.
    void powered();
    /// From chip::Until::reached.
    void between_turns(chip::Chip& chip);
    /// Somebody outside may still say something to a port.
    bool listening() const { return live_.open(); }
    /// What the user should know of the consoles after the run.
    std::vector<std::string> notices() const;
    /// After the run, with the power still on: what is left in RTT buffers.
    void last_look();
    /// Error: something could not be written.
    Result<void> finish();

    const std::vector<std::unique_ptr<Stream>>& streams() const { return streams_; }

private:
    enum class Kind : std::uint8_t { uart, swo, rtt, semihosting };
    struct Line {
        Kind kind;
        std::string name;  // of the port, as written: "usart3", "cm7", "cm7.2", "cm7.raw"
        std::string where;
        Master core = Master::cm7;
        unsigned channel = 0;
        bool raw = false;
        bool keyboard = false;  // standard input is this port's
        Stream* stream = nullptr;
    };
    struct CoreProbes {
        std::unique_ptr<debug::Probe> swo_probe, rtt_probe;
        std::unique_ptr<debug::Swo> swo;
        std::unique_ptr<debug::Rtt> rtt;
        std::optional<Address> rtt_block;
        std::string rtt_input;
    };
    /// What a port gets to hear, at its baud rate from the moment it listens.
    struct Input {
        std::string name;  // of the port, as written
        Bytes text;
    };
    /// As it was written: "--uart usart3=pty".
    static std::string asked_for(const Line& line);
    Result<Line> uart_line(const std::string& text) const;
    Result<void> uart_inputs(const ConsoleOptions& options);
    Result<void> connect_uart(chip::Chip& chip, const Line& line);
    Result<Line> core_line(Kind kind, const std::string& option, const std::string& text) const;
    Result<void> rtt_extras(const ConsoleOptions& options);
    CoreProbes& probes(Master core) { return probes_[core == Master::cm4 ? 1 : 0]; }
    std::function<void(char)> taker(chip::Chip& chip, Stream& stream) const;
    std::function<void(std::string_view)> sink(chip::Chip& chip, Stream& stream) const;
    void connect_swo(chip::Chip& chip, const Line& line);
    void connect_rtt(chip::Chip& chip, const Line& line, const loader::Program* program);
    void look();

    std::vector<Line> lines_;
    std::vector<Input> inputs_;
    std::vector<std::unique_ptr<Stream>> streams_;
    LiveInput live_;
    std::array<CoreProbes, 2> probes_;
    std::unique_ptr<debug::Poll> poll_;
    std::optional<semihosting::Folder> folder_;
    std::string arguments_;
    StandardInput input_;
};

}  // namespace h7::cli

#include "emulator/cli/consoles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "peripherals/usart/usart.hpp"

namespace h7::cli {
namespace {

/// How often a probe looks at RTT buffers.
constexpr Time kLook = 100 * kMicrosecond;
/// A text that ends the run was said: the rest of its line may follow, for at most this virtual time.
constexpr Time kRestOfLine = 100 * kMillisecond;

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string lower(std::string_view text) {
    std::string small(text);
    for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return small;
}

std::optional<Master> core_called(std::string_view name) {
    if (name == "cm7") return Master::cm7;
    if (name == "cm4") return Master::cm4;
    return std::nullopt;
}

std::string ports_of(const chip::Chip& chip) {
    std::string all;
    for (const Peripheral* block : chip.peripherals())
        if (block->name().find("ART") != std::string_view::npos && block->name() != "ART")
            all += fmt::format("{}{}", all.empty() ? "" : ", ", lower(block->name()));
    return all;
}

/// "cm7=REST" of an option that is given once for a core.
Result<std::pair<Master, std::string>> of_core(std::string_view option, const std::string& text) {
    const std::size_t equals = text.find('=');
    const auto core = core_called(std::string_view(text).substr(0, equals));
    if (equals == std::string::npos || !core)
        return misuse(fmt::format("{} {}: write cm7=.. or cm4=..", option, text));
    return std::pair{*core, text.substr(equals + 1)};
}

}  // namespace

void add_console_options(CLI::App& command, ConsoleOptions& options) {
    command.add_option("--uart", options.uarts,
                       "where a port leads, several at once: NAME=stdio, NAME=file:PATH, NAME=pty, "
                       "NAME=tcp:PORT (this host only) or NAME=tcp:ADDRESS:PORT; port 0 is any free one "
                       "(default: the console of the board, else usart3, =stdio, without input)");
    command.add_option("--uart-input", options.uart_inputs,
                       "NAME=PATH: what the port hears, at its baud rate from the moment it listens; "
                       "repeatable, as live input is not");
    command
        .add_option("--uart-time", options.uart_time,
                    "baud: characters take their time on the line; instant: they take none")
        ->check(CLI::IsMember({"baud", "instant"}))
        ->capture_default_str();
    command.add_option(
        "--swo", options.swo,
        "ITM output of a core: cm7=stdio (port 0), cm4.5=file:PATH (port 5), cm7.raw=file:PATH (ITM "
        "packets)");
    command.add_option("--rtt", options.rtt,
                       "SEGGER RTT of a core: cm7=stdio (up channel 0), cm4.1=file:PATH (up channel 1)");
    command.add_option(
        "--rtt-block", options.rtt_blocks,
        "cm7=ADDRESS of the RTT control block (default: symbol _SEGGER_RTT, else a search in RAM)");
    command.add_option("--rtt-input", options.rtt_inputs,
                       "cm7=PATH: the file's bytes go to RTT down channel 0");
    command
        .add_option("--semihosting", options.semihosting,
                    "where the semihosting console goes: stdio or file:PATH")
        ->expected(0, 1)
        ->default_str("stdio");
    command.add_option("--semihosting-folder", options.semihosting_folder,
                       "the folder whose files the firmware may open (default: none)");
    command.add_option("--semihosting-args", options.semihosting_arguments,
                       "the command line that the firmware is told");
    command.add_option("--until-output", options.until_output,
                       "end with exit code 0 once a port has said TEXT");
    command.add_option("--fail-output", options.fail_output,
                       "end with exit code 1 once a port has said TEXT");
    // One value each time: what stands behind it may be a program.
    for (const char* list : {"--uart", "--uart-input", "--swo", "--rtt", "--rtt-block", "--rtt-input"})
        command.get_option(list)->allow_extra_args(false);
}

// --- the command line ---

Result<Consoles::Line> Consoles::uart_line(const std::string& text) const {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
        return misuse(
            fmt::format("--uart {}: write NAME=stdio, NAME=file:PATH, NAME=pty or NAME=tcp:PORT", text));
    return Line{.kind = Kind::uart, .name = text.substr(0, equals), .where = text.substr(equals + 1)};
}

std::string Consoles::asked_for(const Line& line) {
    if (line.kind == Kind::semihosting) return "--semihosting " + line.where;
    if (line.kind == Kind::uart) return fmt::format("--uart {}={}", line.name, line.where);
    const std::size_t dot = line.name.find('.');  // "swo.cm7.1"
    return fmt::format("--{} {}={}", line.name.substr(0, dot), line.name.substr(dot + 1), line.where);
}

Result<void> Consoles::uart_inputs(const ConsoleOptions& options) {
    for (const std::string& text : options.uart_inputs) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) return misuse(fmt::format("--uart-input {}: write NAME=PATH", text));
        auto bytes = read_file(text.substr(equals + 1));
        if (!bytes) return misuse(fmt::format("--uart-input {}", bytes.error().message));
        Input input{text.substr(0, equals), std::move(*bytes)};
        const auto same = [&](const auto& other) { return upper(other.name) == upper(input.name); };
        if (std::any_of(inputs_.begin(), inputs_.end(), same))
            return misuse(fmt::format("--uart-input {}: this port has its input already", text));
        inputs_.push_back(std::move(input));
    }
    // Standard input belongs to the first port that was sent to stdio in so many words and hears no file.
    if (options.uarts.empty()) return {};
    for (Line& line : lines_) {
        const auto same = [&](const Input& input) { return upper(input.name) == upper(line.name); };
        line.keyboard = line.kind == Kind::uart && line.where == "stdio" &&
                        std::none_of(inputs_.begin(), inputs_.end(), same);
        if (line.keyboard) break;
    }
    return {};
}

Result<Consoles::Line> Consoles::core_line(Kind kind, const std::string& option,
                                           const std::string& text) const {
    const bool swo = kind == Kind::swo;
    const auto wrong = [&] {
        return misuse(
            fmt::format("{} {}: write CORE=WHERE or CORE.{}=WHERE, CORE cm7 or cm4, WHERE stdio or file:PATH",
                        option, text, swo ? "PORT (0 to 31) or CORE.raw" : "CHANNEL (0 to 63)"));
    };
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return wrong();
    Line line{.kind = kind,
              .name = option.substr(2) + "." + text.substr(0, equals),
              .where = text.substr(equals + 1)};
    const std::string_view name = std::string_view(text).substr(0, equals);
    const std::size_t dot = name.find('.');
    const auto core = core_called(name.substr(0, dot));
    if (!core) return wrong();
    line.core = *core;
    if (dot == std::string_view::npos) return line;
    const std::string_view channel = name.substr(dot + 1);
    line.raw = swo && channel == "raw";
    if (line.raw) return line;
    const auto [end, error] = std::from_chars(channel.data(), channel.data() + channel.size(), line.channel);
    if (error != std::errc{} || end != channel.data() + channel.size() || line.channel >= (swo ? 32U : 64U))
        return wrong();
    return line;
}

Result<void> Consoles::rtt_extras(const ConsoleOptions& options) {
    const auto listened = [&](Master core) {
        return std::any_of(lines_.begin(), lines_.end(),
                           [&](const Line& line) { return line.kind == Kind::rtt && line.core == core; });
    };
    for (const std::string& text : options.rtt_blocks) {
        const auto [core, address] = TRY(of_core("--rtt-block", text));
        const auto number = parse_number(address);
        if (!number) return misuse(fmt::format("--rtt-block {}: {}", text, number.error().message));
        if (!listened(core)) return misuse(fmt::format("--rtt-block {}: give --rtt for this core too", text));
        probes(core).rtt_block = *number;
    }
    for (const std::string& text : options.rtt_inputs) {
        const auto [core, path] = TRY(of_core("--rtt-input", text));
        if (!listened(core)) return misuse(fmt::format("--rtt-input {}: give --rtt for this core too", text));
        const Bytes bytes = TRY(read_file(path));
        probes(core).rtt_input.assign(bytes.begin(), bytes.end());
    }
    return {};
}

Result<void> Consoles::open(const ConsoleOptions& options, const std::string& console, bool json,
                            const std::string& trace) {
    for (const std::string& text : options.uarts) lines_.push_back(TRY(uart_line(text)));
    if (options.uarts.empty()) lines_.push_back(TRY(uart_line(console + "=stdio")));
    TRY(uart_inputs(options));
    for (const std::string& text : options.swo) lines_.push_back(TRY(core_line(Kind::swo, "--swo", text)));
    for (const std::string& text : options.rtt) lines_.push_back(TRY(core_line(Kind::rtt, "--rtt", text)));
    TRY(rtt_extras(options));
    if (!options.semihosting_folder.empty())
        folder_.emplace(TRY(semihosting::Folder::open(options.semihosting_folder)));
    arguments_ = options.semihosting_arguments;
    lines_.push_back({.kind = Kind::semihosting, .name = "semihosting", .where = options.semihosting});

    std::vector<std::string> taken;  // ports and files: one port a file, and the trace has its own
    if (!trace.empty()) taken.push_back("file:" + trace);
    const auto take = [&](const std::string& what) {
        if (std::find(taken.begin(), taken.end(), what) != taken.end()) return false;
        taken.push_back(what);
        return true;
    };
    for (const Line& line : lines_) {
        const bool connected_to = line.where == "pty" || line.where.starts_with("tcp:");
        if (connected_to && line.kind != Kind::uart)
            return misuse(asked_for(line) + ": only a serial port can be connected to");
        const bool shared = line.where == "stdio" || line.where == "file:/dev/null" || line.where == "pty" ||
                            (connected_to && line.where.ends_with(":0"));
        if (!take(upper(line.name)))
            return misuse(asked_for(line) + ": it leads somewhere already; one place for each");
        if (!shared && !take(line.where))
            return misuse(asked_for(line) + ": another one writes there already; give each its own");
    }
    for (Line& line : lines_) {
        Stream stream{
            .name = line.name, .console = nullptr, .keep = json, .text = {}, .until = {}, .fail = {}};
        // With --json standard output belongs to the JSON text, which holds what the port said.
        if (!(json && line.where == "stdio")) {
            auto opened = console::open_console(line.where, line.keyboard);
            if (!opened) return misuse(fmt::format("{}: {}", asked_for(line), opened.error().message));
            stream.console = std::move(*opened);
        }
        if (!options.until_output.empty()) stream.until.emplace_back(options.until_output);
        if (!options.fail_output.empty()) stream.fail.emplace_back(options.fail_output);
        streams_.push_back(std::make_unique<Stream>(std::move(stream)));
        line.stream = streams_.back().get();
    }
    return {};
}

// --- the chip ---

std::function<void(char)> Consoles::taker(chip::Chip& chip, Stream& stream) const {
    return [&chip, &stream](char c) {
        if (!stream.take(c)) return;
        if (c == '\n') chip.stop();
        if (!std::exchange(stream.ending, true))
            chip.clock().after(kRestOfLine, "the line that ends the run", [&chip] { chip.stop(); });
    };
}

std::function<void(std::string_view)> Consoles::sink(chip::Chip& chip, Stream& stream) const {
    return [take = taker(chip, stream)](std::string_view text) {
        for (const char c : text) take(c);
    };
}

void Consoles::connect_swo(chip::Chip& chip, const Line& line) {
    CoreProbes& of = probes(line.core);
    if (!of.swo) {
        cpu::Core& core = line.core == Master::cm4 ? chip.cm4() : chip.cm7();
        of.swo_probe = std::make_unique<debug::Probe>(
            chip, line.core, fmt::format("swo.{}", line.core == Master::cm4 ? "cm4" : "cm7"));
        of.swo = std::make_unique<debug::Swo>(*of.swo_probe, core);
    }
    if (line.raw)
        of.swo->listen_raw(sink(chip, *line.stream));
    else
        of.swo->listen(line.channel, sink(chip, *line.stream));
}

void Consoles::connect_rtt(chip::Chip& chip, const Line& line, const loader::Program* program) {
    CoreProbes& of = probes(line.core);
    if (!of.rtt) {
        if (!of.rtt_block && program != nullptr)
            if (const loader::Symbol* symbol = program->find("_SEGGER_RTT")) of.rtt_block = symbol->address;
        of.rtt_probe = std::make_unique<debug::Probe>(
            chip, line.core, fmt::format("rtt.{}", line.core == Master::cm4 ? "cm4" : "cm7"));
        of.rtt = std::make_unique<debug::Rtt>(*of.rtt_probe, of.rtt_block);
        of.rtt->feed(of.rtt_input);
    }
    of.rtt->listen(line.channel, sink(chip, *line.stream));
}

Result<void> Consoles::connect_uart(chip::Chip& chip, const Line& line) {
    usart::Usart* port = chip.uart(upper(line.name));
    if (port == nullptr)
        return misuse(fmt::format("--uart {}: {} has no such port; it has {}", line.name, chip.part().name,
                                  ports_of(chip)));
    port->transmit = [take = taker(chip, *line.stream)](std::uint8_t byte) { take(static_cast<char>(byte)); };
    if (line.stream->console == nullptr) return {};
    live_.add(line.name, *line.stream->console, *chip.serial_line(upper(line.name)));
    if (const std::string place = line.stream->console->place(); !place.empty())
        fmt::print(stderr, "h7rss: note: {} is at {}\n", line.name, place);
    return {};
}

Result<void> Consoles::connect(chip::Chip& chip, const loader::Program* m7, const loader::Program* m4,
                               const Interrupt& interrupt) {
    for (const Line& line : lines_) {
        if (line.core == Master::cm4 && !chip.part().cm4)
            return misuse(fmt::format("--{}: {} has no Cortex-M4", line.name, chip.part().name));
        switch (line.kind) {
            case Kind::uart:
                TRY(connect_uart(chip, line));
                break;
            case Kind::swo:
                connect_swo(chip, line);
                break;
            case Kind::rtt:
                connect_rtt(chip, line, line.core == Master::cm4 ? m4 : m7);
                break;
            case Kind::semihosting: {
                semihosting::Host& host = chip.semihosting();
                host.console = sink(chip, *line.stream);
                host.input = [this, &interrupt](std::size_t most) { return input_.line(most, interrupt); };
                host.folder = std::move(folder_);
                host.command_line = arguments_;
                break;
            }
        }
    }
    for (const Input& input : inputs_) {
        chip::SerialLine* line = chip.serial_line(upper(input.name));
        if (line == nullptr)
            return misuse(fmt::format("--uart-input {}: {} has no such port; it has {}", input.name,
                                      chip.part().name, ports_of(chip)));
        line->send(input.text);
    }
    const bool watched =
        std::any_of(probes_.begin(), probes_.end(), [](const CoreProbes& of) { return of.swo || of.rtt; });
    if (watched) poll_ = std::make_unique<debug::Poll>(chip, kLook, [this] { look(); });
    return {};
}

void Consoles::look() {
    for (CoreProbes& of : probes_) {
        if (of.swo) of.swo->poll();
        if (of.rtt) of.rtt->poll();
    }
}

void Consoles::powered() { look(); }

void Consoles::between_turns(chip::Chip& chip) {
    if (poll_) poll_->between_turns();
    live_.exchange(chip);
}

std::vector<std::string> Consoles::notices() const {
    std::vector<std::string> all = live_.summary();
    for (const auto& stream : streams_)
        if (const std::uint64_t lost = stream->console ? stream->console->dropped() : 0; lost != 0)
            all.push_back(
                fmt::format("{}: nobody read {} characters, they were dropped", stream->name, lost));
    return all;
}

void Consoles::last_look() {
    for (CoreProbes& of : probes_)
        if (of.rtt) of.rtt->finish();
}

Result<void> Consoles::finish() {
    for (const auto& stream : streams_)
        if (stream->console) TRY(stream->console->finish());
    return {};
}

}  // namespace h7::cli

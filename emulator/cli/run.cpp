// h7rss run: firmware on both cores, until it has said or done what was waited for.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/boards/boards.hpp"
#include "emulator/chip/chip.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/caches.hpp"
#include "emulator/cli/consoles.hpp"
#include "emulator/cli/gdb.hpp"
#include "emulator/cli/interrupt.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/pins.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/program_cores.hpp"
#include "emulator/cli/readings.hpp"
#include "emulator/cli/script.hpp"
#include "emulator/cli/values.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/loader/loader.hpp"
#include "emulator/report/run_story.hpp"
#include "rss/host/provisioning/identity.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;
using HostClock = std::chrono::steady_clock;

struct Options {
    std::vector<std::string> files, m7, m4, symbols, readings;
    std::string chip, part, board, limit, host_limit, trace, scenario, junit;
    PinOptions pins;
    ConsoleOptions consoles;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> interleave;
    std::uint64_t turn = 10'000;
    int boot0 = 0;
    bool discard = false, strict = false, check_caches = false, guest_status = false, json = false,
         quiet = false;
    GdbOptions gdb;
};

/// Everything a run needs, found out before anything runs.
struct Bench {
    std::vector<loader::Program> programs;  // of --m7, of --m4, then of --symbols, which are not loaded
    std::size_t loaded = 0;
    boards::Board board;
    PinWatch pins;
    std::optional<ChipFile> file;
    ChipContents contents;
    std::optional<Time> limit, host_limit;
    const loader::Program *m7 = nullptr, *m4 = nullptr;  // of `programs`, the first with symbols
    std::unique_ptr<chip::Chip> chip;
    Consoles consoles;  // behind the chip: its probes let go of it first
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> trace{nullptr, &std::fclose};
    std::vector<std::string> notices;
    Json start;  // who boots where and why
    std::optional<Script> script;
    std::string unmodelled;  // --strict: the access that ends the run
};

/// How it ended, for people and for --json.
struct Ending {
    std::string stop;  // one word
    std::string line;  // "" when all is well
    ExitCode code = ExitCode::done;
};

std::string board_names() {
    std::string names;
    for (const boards::BuiltIn& board : boards::built_in())
        names += fmt::format("{}{}", names.empty() ? "" : ", ", board.name);
    return names;
}

/// After take_chip(): option bytes and BOOT0 say whose a file is that was given without --m7 or --m4.
Result<void> take_programs(const Options& options, Bench& bench) {
    std::vector<loader::Program> of_m4;
    for (const std::string& argument : options.m7)
        bench.programs.push_back(TRY(loader::load_argument(argument)));
    for (const std::string& argument : options.m4) of_m4.push_back(TRY(loader::load_argument(argument)));
    const chip::BootChoice boot = chip::choose_boot(bench.contents.image.options, options.boot0 != 0);
    for (const std::string& argument : options.files) {
        loader::Program program = TRY(loader::load_argument(argument));
        const Master core =
            TRY(core_of_program(argument, program, *chip::find_part(bench.contents.part), boot));
        (core == Master::cm7 ? bench.programs : of_m4).push_back(std::move(program));
    }
    const std::size_t of_m7 = bench.programs.size();
    std::ranges::move(of_m4, std::back_inserter(bench.programs));
    bench.loaded = bench.programs.size();
    TRY(loader::check_disjoint(bench.programs));
    for (const std::string& path : options.symbols) {
        bench.programs.push_back(TRY(loader::load_program(path)));
        if (bench.programs.back().symbols.empty())
            return misuse(fmt::format("--symbols {}: there are no symbols in it; give an ELF file", path));
    }
    const auto speaks_for = [&](std::size_t first, std::size_t count) -> const loader::Program* {
        for (std::size_t i = first; i < first + count; ++i)
            if (!bench.programs[i].symbols.empty()) return &bench.programs[i];
        return count != 0 ? &bench.programs[first] : nullptr;
    };
    bench.m7 = speaks_for(0, of_m7);
    bench.m4 = speaks_for(of_m7, bench.loaded - of_m7);
    if (bench.m7 == nullptr && !options.symbols.empty()) bench.m7 = &bench.programs[bench.loaded];
    return {};
}

/// --part, else that of the board, else the default.
Result<const chip::Part*> part_of(const Options& options, const boards::Board& board) {
    if (options.part.empty()) return board.part != nullptr ? board.part : &chip::kDefaultPart;
    const auto called = part_called(options.part);
    if (!called) return misuse("--part " + called.error().message);
    const chip::Part* part = *called;
    if (board.part != nullptr && board.part != part)
        return misuse(
            fmt::format("--part {}: the board {} carries an {}", options.part, board.name, board.part->name));
    return part;
}

Result<void> take_chip(const Options& options, Bench& bench) {
    if (options.chip.empty()) {
        const chip::Part* part = TRY(part_of(options, bench.board));
        bench.contents = {std::string(part->name), part->factory_image(), provisioning::test_identity(), 0};
        bench.contents.readings = TRY(with_readings({}, options.readings));
    } else {
        if (!options.readings.empty())
            return misuse(
                fmt::format("--reading {}: the chip file has its readings; make another with h7rss chip "
                            "copy {} NEW.h7 --reading {}",
                            options.readings[0], options.chip, options.readings[0]));
        bench.file = TRY(ChipFile::open(options.chip, ChipFile::Use::change));
        bench.contents = TRY(bench.file->load());
        if (bench.board.part != nullptr && bench.board.part->name != bench.contents.part)
            return misuse(fmt::format("--board {}: it carries an {}, {} is an {}", options.board,
                                      bench.board.part->name, options.chip, bench.contents.part));
    }
    if (options.seed) bench.contents.ram_seed = *options.seed;
    if (!options.m4.empty() && cores_of(bench.contents) == options::Cores::one)
        return misuse(fmt::format("--m4 {}: {} has no Cortex-M4", options.m4.front(), bench.contents.part));
    return {};
}

Result<void> take_limits(const Options& options, Bench& bench) {
    if (!options.limit.empty()) bench.limit = TRY(parse_time("--limit", options.limit));
    if (!options.host_limit.empty()) bench.host_limit = TRY(parse_time("--host-limit", options.host_limit));
    return {};
}

Result<void> open_trace(const Options& options, Bench& bench) {
    if (options.trace.empty()) return {};
    bench.trace.reset(std::fopen(options.trace.c_str(), "wb"));
    if (!bench.trace)
        return misuse(fmt::format("--trace {}: cannot create: {}", options.trace, std::strerror(errno)));
    return {};
}

void connect_trace(chip::Chip& chip, const Bench& bench) {
    if (!bench.trace) return;
    // A disk that is full is told at the end; nothing is thrown through the engine.
    chip.trace().set_sink([file = bench.trace.get()](std::string_view line) {
        std::fwrite(line.data(), 1, line.size(), file);
        std::fputc('\n', file);
    });
}

Result<void> program(chip::Chip& chip, const Bench& bench) {
    std::vector<chip::Chip::Piece> pieces;
    for (std::size_t i = 0; i < bench.loaded; ++i)
        for (const loader::Segment& segment : bench.programs[i].segments)
            pieces.push_back({segment.address, segment.bytes});
    Result<void> done = chip.program(pieces);
    if (!done && bench.loaded == 1)
        return Error{done.error().code, fmt::format("{}: {}", bench.programs[0].path, done.error().message)};
    return done;
}

Ending ending_of(const Options& options, const Bench& bench, const chip::Stop& stop, bool host_time_up) {
    const auto& streams = bench.consoles.streams();
    for (const auto& stream : streams) {
        for (const TextSearch& search : stream->fail)
            if (search.found())
                return {
                    "fail-output",
                    fmt::format("{}: said '{}' (--fail-output)", stream->name, options.consoles.fail_output),
                    ExitCode::refused};
    }
    for (const auto& stream : streams)
        for (const TextSearch& search : stream->until)
            if (search.found()) return {"until-output", "", ExitCode::done};

    const std::string waited = options.consoles.until_output.empty()
                                   ? ""
                                   : fmt::format(" before '{}' was said", options.consoles.until_output);
    using Why = chip::Stop::Why;
    switch (stop.why) {
        case Why::reached:
            if (host_time_up)
                return {"host-limit", fmt::format("--host-limit {} reached{}", options.host_limit, waited),
                        ExitCode::limit};
            return {"stopped", "", ExitCode::done};
        case Why::limit:
            if (!bench.limit)
                return {"limit", fmt::format("both cores sleep and nothing can wake them{}", waited),
                        ExitCode::limit};
            return {"limit", fmt::format("--limit {} reached{}", options.limit, waited), ExitCode::limit};
        case Why::guest_exit: {
            const std::string line = fmt::format("the firmware ended with status {}", stop.guest_status);
            if (options.guest_status)
                return {"guest-exit", stop.guest_status == 0 ? "" : line,
                        static_cast<ExitCode>(stop.guest_status & 0xFF)};
            if (stop.guest_status != 0) return {"guest-exit", line, ExitCode::refused};
            if (!waited.empty()) return {"guest-exit", "the firmware ended" + waited, ExitCode::refused};
            return {"guest-exit", "", ExitCode::done};
        }
        case Why::locked_up:
            return {"lock-up", fmt::format("lock-up: {}", stop.detail), ExitCode::emulation};
        case Why::unmodelled:
            return {"unmodelled", fmt::format("--strict: {}", bench.unmodelled), ExitCode::emulation};
        case Why::halted:  // the debugger has gone, or ended the run
            return {"killed", "", ExitCode::done};
        case Why::power_lost:
            return {"power-lost", "the power was cut", ExitCode::refused};
    }
    return {"stopped", "", ExitCode::done};
}

/// Added to what went wrong under --interleave: how to have it again.
std::string again(const Options& options) {
    if (!options.interleave) return "";
    return fmt::format(" [the same again with --interleave {} --turn {}]", *options.interleave, options.turn);
}

// --- scenarios ---

/// What the file says of the run, where the command line says nothing.
void take_setup(Options& options, const Script& script) {
    const scenario::Setup& setup = script.file().setup;
    if (options.m7.empty() && options.files.empty()) options.m7 = script.beside(setup.m7);
    if (options.m4.empty() && options.files.empty()) options.m4 = script.beside(setup.m4);
    if (options.symbols.empty()) options.symbols = script.beside(setup.symbols);
    if (options.board.empty())
        options.board = setup.board.ends_with(".toml") ? script.beside(setup.board) : setup.board;
    if (options.part.empty()) options.part = setup.part;
    if (options.chip.empty() && !setup.chip.empty()) options.chip = script.beside(setup.chip);
    if (!options.seed && setup.has_seed) options.seed = setup.seed;
    if (setup.boot0) options.boot0 = 1;
}

scenario::Names names_for(const Bench& bench) {
    scenario::Names names{.console = bench.board.console, .pins = {}, .programs = bench.programs};
    for (const auto& [name, pin] : bench.board.pins) names.pins[name] = {pin.port, pin.number};
    return names;
}

std::string report(const Options& options, const Bench& bench, chip::Chip& chip, const chip::Stop& stop,
                   const Ending& ending) {
    Json json{{"schema", kJsonSchema},
              {"verb", "run"},
              {"stop", ending.stop},
              {"exit", static_cast<int>(ending.code)},
              {"reason", ending.line},
              {"virtual_time_ps", chip.clock().now()},
              {"instructions", {{"cm7", chip.cm7().instructions()}}}};
    if (chip.part().cm4) json["instructions"]["cm4"] = chip.cm4().instructions();
    // What it takes to have this run again.
    json["repeat"] = {{"turn", options.turn}, {"seed", bench.contents.ram_seed}};
    if (options.interleave) json["repeat"]["interleave"] = *options.interleave;
    if (stop.why == chip::Stop::Why::guest_exit) json["guest_status"] = stop.guest_status;
    for (const auto& stream : bench.consoles.streams()) json["output"][stream->name] = stream->text;
    json["notices"] = bench.notices;
    if (bench.script)
        json["scenario"] = bench.script->json();
    else
        json["start"] = bench.start;
    json.update(report::end_json(chip));
    if (!options.pins.watch.empty()) json["pins"] = bench.pins.json();
    if (options.check_caches) json["caches"] = json_of(chip.cache_findings(), bench.programs);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ExitCode> run(const Options& given) {
    Options options = given;
    Bench bench;
    if (!options.scenario.empty()) {
        bench.script = TRY(Script::read(options.scenario));
        take_setup(options, *bench.script);
    }
    TRY(take_limits(options, bench));
    if (!options.board.empty()) bench.board = TRY(boards::board_called(options.board));
    TRY(take_chip(options, bench));
    TRY(take_programs(options, bench));

    bench.chip = TRY(chip_of(
        options.chip, bench.contents,
        {.image = {},
         .identity = {},
         .boot0 = options.boot0 != 0,
         .turn_cycles = options.turn,
         .interleave = options.interleave,
         .check_caches = options.check_caches,
         .uart_pace = options.consoles.uart_time == "instant" ? usart::Pace::instant : usart::Pace::baud,
         .strict = options.strict,
         .board = bench.board.surroundings}));
    chip::Chip* const chip = bench.chip.get();
    chip->trace().set_notice_sink([&](std::string_view text) {
        bench.notices.emplace_back(text);
        if (!options.json && !options.quiet) fmt::print(stderr, "h7rss: note: {}\n", text);
        if (options.strict && bench.unmodelled.empty() && text.starts_with("not modelled")) {
            bench.unmodelled = text;
            chip->stop();  // there, not at the end of the turn
        }
    });
    TRY(program(*chip, bench));
    TRY(bench.pins.take(options.pins, bench.board));
    std::optional<scenario::Runner> runner;
    if (bench.script) {
        runner.emplace(bench.script->file(), *chip, names_for(bench));
        TRY(runner->check());
    }
    const auto debugger = TRY(debugger_of(options.gdb, *chip));
    TRY(bench.consoles.open(
        options.consoles, bench.board.console, options.json,
        options.trace));  // from here on files are made: everything that can be refused was
    TRY(open_trace(options, bench));
    connect_trace(*chip, bench);
    TRY(bench.pins.connect(*chip));
    const Interrupt interrupt;
    TRY(bench.consoles.connect(*chip, bench.m7, bench.m4, interrupt));

    bool host_time_up = false;
    std::optional<HostClock::time_point> end;
    if (bench.host_limit) end = HostClock::now() + std::chrono::nanoseconds(*bench.host_limit / kNanosecond);
    // Somebody outside may wake sleeping cores: asked for by the millisecond.
    const auto questions = [&] { return bench.consoles.listening() ? kMillisecond : kNever; };
    chip::Until until{.limit = bench.limit.value_or(kNever), .reached = {}, .at_least_every = questions()};
    until.reached = [&] {
        bench.consoles.between_turns(*chip);
        until.at_least_every = questions();
        host_time_up = end && HostClock::now() >= *end;
        return host_time_up || interrupt.came();
    };
    const auto say = [&](const std::vector<std::string>& lines) {
        if (options.json || options.quiet) return;
        for (const std::string& line : lines) fmt::print(stderr, "h7rss: {}\n", line);
    };
    chip::Stop stop;
    if (runner) {
        bench.script->carry_out(*runner, !options.json && !options.quiet, until.reached);
    } else {
        chip->power_on();
        const report::StartStory start = report::start_story(*chip);
        bench.start = start.json();
        if (!debugger) say(start.lines());  // GDB may be refused now: that is the one line then
        bench.consoles.powered();
        stop = debugger ? TRY(debugger->run(until)) : chip->run(until);
    }
    if (chip->powered()) bench.consoles.last_look();
    for (const std::string& text : bench.consoles.notices()) chip->trace().notice(text);
    Ending ending = ending_of(options, bench, stop, host_time_up);
    if (bench.script)
        ending = {"scenario", bench.script->failure(),
                  bench.script->failure().empty() ? ExitCode::done : ExitCode::refused};
    say(report::end_lines(*chip));
    if (!options.json)
        for (const chip::CacheFinding& finding : chip->cache_findings())
            fmt::print(stderr, "h7rss: caches: {}\n", line_of(finding, bench.programs));
    if (const std::string found = summary_of(chip->cache_findings()); !found.empty() && ending.line.empty())
        ending = {ending.stop, found, ExitCode::refused};
    if (debugger) debugger->finish(static_cast<int>(ending.code));
    const std::string told = options.json ? report(options, bench, *chip, stop, ending) : "";
    chip->power_off();

    TRY(bench.consoles.finish());
    TRY(bench.pins.finish());
    if (!options.junit.empty()) TRY(bench.script->write_junit(options.junit));
    if (bench.trace && (std::fflush(bench.trace.get()) != 0 || std::ferror(bench.trace.get()) != 0))
        return misuse(fmt::format("{}: cannot write: {}", options.trace, std::strerror(errno)));
    if (bench.file && !options.discard) {
        bench.contents.image = chip->image();
        TRY(bench.file->save(bench.contents));
    }
    print(told);  // only now: had something not been written, that would be the answer
    std::fflush(stdout);
    interrupt.deliver();
    if (!options.json && !ending.line.empty()) return Error{ending.code, ending.line + again(options)};
    if (!ending.line.empty()) tell(ending.line + again(options));
    return ending.code;
}

}  // namespace

void add_run(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &run);
    command.add_option("FILE", options->files,
                       "program of the core whose boot address it fills: ELF, Intel HEX, S-record, or "
                       "file.bin@0x08000000; several files allowed");
    command.add_option("--m7", options->m7, "program of the Cortex-M7, wherever it lies; repeatable")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command.add_option("--m4", options->m4, "program of the Cortex-M4, wherever it lies; repeatable")
        ->allow_extra_args(false);
    command
        .add_option("--symbols", options->symbols,
                    "ELF file whose symbols are known and which is not loaded; repeatable")
        ->allow_extra_args(false);
    command.add_option(
        "--board", options->board,
        "what is around the chip: the name of a board (" + board_names() + ") or a file, docs/boards.md");
    add_pins(command, options->pins);
    command.add_option("--chip", options->chip,
                       "chip file to run on; saved at the end (default: a factory chip in memory)");
    command.add_flag("--discard", options->discard, "leave the chip file as it was");
    command.add_option("--part", options->part,
                       "the part, when there is no chip file (default: that of the board, else STM32H755)");
    add_readings(command, options->readings);
    command.add_option("--boot0", options->boot0, "level of the BOOT0 pin")
        ->check(CLI::Range(0, 1))
        ->capture_default_str();
    add_console_options(command, options->consoles);
    command.add_option("--limit", options->limit,
                       "end with exit code 42 after this virtual time: 2s, 500ms, 10us");
    command.add_option("--host-limit", options->host_limit,
                       "end with exit code 42 after this time of the host");
    command.add_option("--trace", options->trace, "write what happens inside, one line a fact");
    command.add_option("--turn", options->turn, "longest turn of a core, in Cortex-M7 cycles")
        ->check(whole_number)
        ->check(CLI::Range(std::uint64_t{1}, chip::kLongestTurn))
        ->capture_default_str();
    command
        .add_option("--interleave", options->interleave,
                    "draw the length and the order of the turns from this seed, to find races between "
                    "the cores; slower")
        ->check(whole_number);
    command.add_flag("--check-caches", options->check_caches,
                     "tell where silicon would read stale data because the Cortex-M7 did not clean or "
                     "invalidate its cache; a run that went well ends with exit code 1 then; slower");
    command.add_flag("--strict", options->strict,
                     "an access that is not modelled, or a lock-up of one core, ends the run "
                     "with exit code 3");
    command.add_option("--seed", options->seed, "contents of the RAM at power-on (default: the chip's own)")
        ->check(whole_number);
    command.add_flag("--guest-status", options->guest_status,
                     "pass the firmware's semihosting exit status through");
    auto* script =
        command.add_option("--scenario", options->scenario,
                           "carry out the steps of this file and check what it expects, docs/scenarios.md");
    script->excludes(command.get_option("--limit"));
    command.add_option("--junit", options->junit, "write the verdicts of the scenario's steps as JUnit XML")
        ->needs(script);
    command.add_flag("-q,--quiet", options->quiet, "no summary at start and end, no notes");
    add_gdb(command, options->gdb);
    script->excludes(command.get_option("--gdb"));
    add_json(command, options->json);
    command.footer(
        "Programs are written before power-on, refused over protected sectors or when RDP is not level 0.\n"
        "A guest's exit status 0 ends with 0, any other with 1. With --json, ports on stdio are part of the "
        "JSON.\n"
        "Exit codes: 0 done; 1 refused, the text of --fail-output, or what --check-caches found; 2 misuse or "
        "bad input;\n3 lock-up, or --strict; "
        "42 --limit or --host-limit reached.");
}

}  // namespace h7::cli

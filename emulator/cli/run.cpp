// h7rss run: firmware on both cores, until it has said or done what was waited for.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/chip/chip.hpp"
#include "emulator/chip_file/chip_file.hpp"
#include "emulator/cli/caches.hpp"
#include "emulator/cli/consoles.hpp"
#include "emulator/cli/gdb.hpp"
#include "emulator/cli/interrupt.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/readings.hpp"
#include "emulator/cli/values.hpp"
#include "emulator/cli/verbs.hpp"
#include "emulator/loader/loader.hpp"
#include "rss/host/provisioning/identity.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;
using HostClock = std::chrono::steady_clock;

struct Options {
    std::string m7, m4, chip, part = "STM32H755", limit, host_limit, trace;
    std::vector<std::string> readings;
    ConsoleOptions consoles;
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> interleave;
    std::uint64_t turn = 10'000;
    int boot0 = 0;
    bool discard = false, strict = false, check_caches = false, guest_status = false, json = false;
    GdbOptions gdb;
};

/// Everything a run needs, found out before anything runs.
struct Bench {
    std::vector<loader::Program> programs;
    std::optional<ChipFile> file;
    ChipContents contents;
    std::optional<Time> limit, host_limit;
    const loader::Program *m7 = nullptr, *m4 = nullptr;  // of `programs`
    std::unique_ptr<chip::Chip> chip;
    Consoles consoles;  // behind the chip: its probes let go of it first
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> trace{nullptr, &std::fclose};
    std::vector<std::string> notices;
    std::string unmodelled;  // --strict: the access that ends the run
};

/// How it ended, for people and for --json.
struct Ending {
    std::string stop;  // one word
    std::string line;  // "" when all is well
    ExitCode code = ExitCode::done;
};

Result<void> take_programs(const Options& options, Bench& bench) {
    for (const std::string* argument : {&options.m7, &options.m4})
        if (!argument->empty()) bench.programs.push_back(TRY(loader::load_argument(*argument)));
    if (!options.m7.empty()) bench.m7 = &bench.programs.front();
    if (!options.m4.empty()) bench.m4 = &bench.programs.back();
    return loader::check_disjoint(bench.programs);
}

Result<void> take_chip(const Options& options, Bench& bench) {
    if (options.chip.empty()) {
        const chip::Part* part = TRY(part_called(options.part));
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
    }
    if (options.seed) bench.contents.ram_seed = *options.seed;
    if (!options.m4.empty() && cores_of(bench.contents) == options::Cores::one)
        return misuse(fmt::format("--m4 {}: {} has no Cortex-M4", options.m4, bench.contents.part));
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
        return misuse(fmt::format("{}: cannot create: {}", options.trace, std::strerror(errno)));
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
    for (const loader::Program& one : bench.programs)
        for (const loader::Segment& segment : one.segments)
            pieces.push_back({segment.address, segment.bytes});
    Result<void> done = chip.program(pieces);
    if (!done && bench.programs.size() == 1)
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

std::string report(const Options& options, const Bench& bench, chip::Chip& chip, const chip::Stop& stop,
                   const Ending& ending) {
    Json json{{"stop", ending.stop},
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
    if (options.check_caches) json["caches"] = json_of(chip.cache_findings(), bench.programs);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ExitCode> run(const Options& options) {
    Bench bench;
    TRY(take_programs(options, bench));
    TRY(take_limits(options, bench));
    TRY(take_chip(options, bench));

    bench.chip = TRY(chip_of(
        options.chip, bench.contents,
        {.image = {},
         .identity = {},
         .boot0 = options.boot0 != 0,
         .turn_cycles = options.turn,
         .interleave = options.interleave,
         .check_caches = options.check_caches,
         .uart_pace = options.consoles.uart_time == "instant" ? usart::Pace::instant : usart::Pace::baud,
         .strict = options.strict}));
    chip::Chip* const chip = bench.chip.get();
    chip->trace().set_notice_sink([&](std::string_view text) {
        bench.notices.emplace_back(text);
        if (!options.json) fmt::print(stderr, "h7rss: note: {}\n", text);
        if (options.strict && bench.unmodelled.empty() && text.starts_with("not modelled")) {
            bench.unmodelled = text;
            chip->stop();  // there, not at the end of the turn
        }
    });
    TRY(program(*chip, bench));
    const auto debugger = TRY(debugger_of(options.gdb, *chip));
    TRY(bench.consoles.open(
        options.consoles, options.json,
        options.trace));  // from here on files are made: everything that can be refused was
    TRY(open_trace(options, bench));
    connect_trace(*chip, bench);
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
    chip->power_on();
    bench.consoles.powered();
    const chip::Stop stop = debugger ? TRY(debugger->run(until)) : chip->run(until);
    bench.consoles.last_look();
    for (const std::string& text : bench.consoles.notices()) chip->trace().notice(text);
    Ending ending = ending_of(options, bench, stop, host_time_up);
    if (!options.json)
        for (const chip::CacheFinding& finding : chip->cache_findings())
            fmt::print(stderr, "h7rss: caches: {}\n", line_of(finding, bench.programs));
    if (const std::string found = summary_of(chip->cache_findings()); !found.empty() && ending.line.empty())
        ending = {ending.stop, found, ExitCode::refused};
    if (debugger) debugger->finish(static_cast<int>(ending.code));
    const std::string told = options.json ? report(options, bench, *chip, stop, ending) : "";
    chip->power_off();

    TRY(bench.consoles.finish());
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
    command.add_option("--m7", options->m7,
                       "program of the Cortex-M7: ELF, Intel HEX, S-record, or file.bin@0x08000000");
    command.add_option("--m4", options->m4, "program of the Cortex-M4");
    command.add_option("--chip", options->chip,
                       "chip file to run on; saved at the end (default: a factory chip in memory)");
    command.add_flag("--discard", options->discard, "leave the chip file as it was");
    command.add_option("--part", options->part, "the part, when there is no chip file")
        ->capture_default_str();
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
    add_gdb(command, options->gdb);
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

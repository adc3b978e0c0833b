#include "emulator/cli/gdb.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "emulator/base/hex.hpp"

namespace h7::cli {

void add_gdb(CLI::App& command, GdbOptions& options) {
    auto* gdb =
        command.add_option("--gdb", options.where,
                           "wait for GDB on this port of the loopback interface: PORT or cm7:PORT for "
                           "the Cortex-M7, cm4:PORT for the Cortex-M4; 0 takes a free port");
    command
        .add_flag("--gdb-unseen", options.unseen,
                  "the chip is not told of the debugger: no intrusion at RDP level 1, no closed debug port")
        ->needs(gdb);
    command.add_flag("--gdb-no-wait", options.runs, "do not wait for GDB at the first instruction")
        ->needs(gdb);
}

Result<std::unique_ptr<debug::Server>> debugger_of(const GdbOptions& options, chip::Chip& chip) {
    if (options.where.empty()) return std::unique_ptr<debug::Server>();
    std::string_view text = options.where;
    debug::ServerOptions server{Master::cm7, 0, options.unseen, !options.runs};
    if (text.starts_with("cm7:")) {
        text.remove_prefix(4);
    } else if (text.starts_with("cm4:")) {
        text.remove_prefix(4);
        server.core = Master::cm4;
        if (!chip.part().cm4)
            return misuse(fmt::format("--gdb {}: {} has no Cortex-M4", options.where, chip.part().name));
    }
    const auto port = parse_number(text);
    if (!port || *port > 0xFFFF)
        return misuse(
            fmt::format("--gdb {}: write PORT, cm7:PORT or cm4:PORT with a port of 0..65535", options.where));
    server.port = static_cast<std::uint16_t>(*port);
    return debug::Server::create(chip, server, [](std::string_view line) {
        fmt::print(stderr, "h7rss: {}\n", line);
        std::fflush(stderr);
    });
}

}  // namespace h7::cli

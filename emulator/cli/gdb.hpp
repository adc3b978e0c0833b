// The --gdb options of `h7rss run`.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "emulator/base/result.hpp"
#include "emulator/debug/server.hpp"

namespace h7::cli {

struct GdbOptions {
    std::string where;  // "3333", "cm4:3333"
    bool unseen = false, runs = false;
};

void add_gdb(CLI::App& command, GdbOptions& options);

/// Null without --gdb. Error: not a core and a port, or the port cannot be had.
Result<std::unique_ptr<debug::Server>> debugger_of(const GdbOptions& options, chip::Chip& chip);

}  // namespace h7::cli

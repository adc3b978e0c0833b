// What sfi install and smi install do with a chip file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "emulator/base/result.hpp"
#include "emulator/cli/verb.hpp"
#include "rss/host/flasher/debug_link.hpp"

namespace h7::cli {

/// Opens the chip file, powers the chip with BOOT0 high, lets `act` install through the debug port, removes
/// the power and saves. Where the RSS refused before anything in flash or journal changed, the file stays as
/// it was, a preparing option change included (decision 0080); otherwise the error also says `left`, what the
/// RSS left behind.
Result<void> install_on(const std::string& path, std::string_view left,
                        const std::function<Result<void>(flasher::DebugLink&)>& act);

/// The progress lines, or with --json `chip`, `installed` and `log`.
ExitCode report_installed(std::string_view verb, const std::string& path, const std::vector<std::string>& log,
                          bool json);

}  // namespace h7::cli

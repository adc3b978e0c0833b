// The consoles that somebody else connects to.
#pragma once

#include <memory>
#include <string>

#include "emulator/console/console.hpp"

namespace h7::console {

/// A pseudo-terminal in raw mode.
Result<std::unique_ptr<Console>> open_pty();
/// "5001", "0.0.0.0:5001", "[::1]:5001". One client at a time; without an address only this host can connect.
Result<std::unique_ptr<Console>> open_tcp(const std::string& place);

}  // namespace h7::console

// The option names of ST's Trusted Package Creator, as our command line spells them
// (rss-sfi-bootloader.md 4.12).
#pragma once

#include <string>
#include <vector>

#include "emulator/base/result.hpp"

namespace h7::cli {

/// The words behind "h7rss". Those of `sfi pack` and `smi pack` may be ST's, long or short: -sfi -fir -k -n
/// -ob -v -rs -ct -devid -hash -m -o. An address behind a file ("-fir app.bin 0x08000000") becomes
/// app.bin@0x08000000. Other verbs pass through. Error: -firx, external firmware, which this chip cannot
/// decrypt.
Result<std::vector<std::string>> in_our_names(std::vector<std::string> words);

}  // namespace h7::cli

// Files that verbs of packaging and licensing take.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::cli {

/// A key or nonce file: exactly `size` raw bytes, or their hexadecimal digits. Error names the file and
/// `what`.
Result<Bytes> read_secret(const std::string& path, std::size_t size, std::string_view what);

/// Refuses to write `output` over a file that the same command reads: a key must not end as an image.
Result<void> not_an_input(std::string_view option, const std::string& output,
                          const std::vector<std::string>& inputs);

/// `error` with the file it is about in front.
Error in_file(const std::string& path, const Error& error);

}  // namespace h7::cli

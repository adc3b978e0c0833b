// Files that verbs of packaging and licensing take.
#pragma once

#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7::cli {

/// A key or nonce file: exactly `size` raw bytes, or their hexadecimal digits. Error names the file and
/// `what`.
Result<Bytes> read_secret(const std::string& path, std::size_t size, std::string_view what);

/// `error` with the file it is about in front.
Error in_file(const std::string& path, const Error& error);

}  // namespace h7::cli

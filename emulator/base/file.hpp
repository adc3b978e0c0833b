// Files of the host: read whole, replaced atomically.
#pragma once

#include <filesystem>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7 {

/// The whole file. Error: it cannot be opened or read, is not a regular file, or is larger than `limit`
/// bytes.
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit = 64U << 20);

enum class Mode : unsigned { shared = 0644, secret = 0600 };

/// Replaces `path` with `bytes`: written to a temporary file beside it, synced, renamed. After an error, or a
/// crash at any moment, the old file is whole.
Result<void> write_file(const std::filesystem::path& path, ByteView bytes, Mode mode = Mode::shared);

}  // namespace h7

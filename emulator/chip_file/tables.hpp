// The tables of a chip file: contents to rows and back. Private to this room.
#pragma once

#include <filesystem>

#include "emulator/chip_file/chip_file.hpp"
#include "emulator/chip_file/sqlite.hpp"

namespace h7::chip_file {

/// "H7RS": tells a chip file from any other SQLite database (PRAGMA application_id).
inline constexpr std::int32_t kApplicationId = 0x48375253;

/// One line for an SQLite status.
Error error_of(const std::filesystem::path& path, sqlite3* db, int status);

/// Makes the empty tables. SQLite status.
int create_tables(sqlite3* db);

/// Tables of an older version become those of today, inside the caller's transaction. SQLite status.
int migrate_tables(sqlite3* db);

/// Makes the rows say `contents`, inside the caller's transaction. SQLITE_OK, or the error.
int write_rows(sqlite3* db, const ChipContents& contents);

/// The rows as contents; every size, state and word is checked.
Result<ChipContents> read_rows(sqlite3* db, const std::filesystem::path& path);

}  // namespace h7::chip_file

// A thin face on SQLite: handles that close themselves, statements that bind and step. Nothing throws.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/bytes.hpp"

namespace h7::sqlite {

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// One prepared statement. A statement that could not be prepared steps to its error code.
class Statement {
public:
    Statement(sqlite3* db, const char* sql) {
        sqlite3_stmt* raw = nullptr;
        status_ = sqlite3_prepare_v2(db, sql, -1, &raw, nullptr);
        handle_.reset(raw);
    }

    Statement& bind(int parameter, std::int64_t value) {
        if (handle_) sqlite3_bind_int64(handle_.get(), parameter, value);
        return *this;
    }
    Statement& bind(int parameter, std::string_view text) {
        if (handle_)
            sqlite3_bind_text(handle_.get(), parameter, text.data(), static_cast<int>(text.size()),
                              SQLITE_TRANSIENT);
        return *this;
    }
    /// The bytes must live until the next step.
    Statement& bind(int parameter, ByteView bytes) {
        if (handle_)
            sqlite3_bind_blob(handle_.get(), parameter, bytes.data(), static_cast<int>(bytes.size()),
                              SQLITE_STATIC);
        return *this;
    }

    /// SQLITE_ROW, SQLITE_DONE or an error.
    int step() { return handle_ ? sqlite3_step(handle_.get()) : status_; }
    /// Steps a statement that returns no row, and makes it ready for the next binding. SQLITE_DONE when it
    /// worked.
    int run() {
        const int status = step();
        if (handle_) sqlite3_reset(handle_.get());
        return status;
    }
    /// Ends a query before its last row, and lets go of what it reads.
    void reset() {
        if (handle_) sqlite3_reset(handle_.get());
    }

    bool is_integer(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_INTEGER; }
    std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
    std::string text(int column) const {
        const unsigned char* value = sqlite3_column_text(handle_.get(), column);
        return value == nullptr ? "" : reinterpret_cast<const char*>(value);
    }
    ByteView blob(int column) const {
        const void* value = sqlite3_column_blob(handle_.get(), column);
        const int size = sqlite3_column_bytes(handle_.get(), column);
        return {static_cast<const std::uint8_t*>(value),
                value == nullptr ? 0 : static_cast<std::size_t>(size)};
    }

private:
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle_;
    int status_ = SQLITE_OK;
};

inline int execute(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }

}  // namespace h7::sqlite

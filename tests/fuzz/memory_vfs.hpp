// SQLite on a database in memory, for fuzzing: every file is the given bytes or empty, nothing is locked or
// synced, memory comes from a pool. Files in WAL mode are refused, as by any host without shared memory.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "emulator/base/bytes.hpp"
#include "tests/fuzz/check.hpp"

namespace h7::fuzz {

/// SQLite's memory: blocks by power of two that are kept for the next time. SQLite itself carries no
/// sanitizer, so a sanitizer's allocator would only cost time here.
class Pool {
public:
    static void* get(int wanted) {
        const unsigned kind = kind_of(static_cast<std::size_t>(wanted));
        Head* head = free_[kind];
        if (head != nullptr)
            free_[kind] = head->next;
        else
            head = static_cast<Head*>(std::malloc(sizeof(Head) + (std::size_t{1} << kind)));
        if (head == nullptr) return nullptr;
        head->kind = kind;
        return head + 1;
    }
    static void put(void* block) {
        if (block == nullptr) return;
        Head* head = static_cast<Head*>(block) - 1;
        const unsigned kind = head->kind;
        head->next = free_[kind];
        free_[kind] = head;
    }
    static int size(void* block) {
        return block == nullptr ? 0
                                : static_cast<int>(std::size_t{1} << (static_cast<Head*>(block) - 1)->kind);
    }
    static void* grow(void* block, int wanted) {
        if (wanted <= size(block)) return block;
        void* larger = get(wanted);
        if (larger == nullptr) return nullptr;
        std::memcpy(larger, block, static_cast<std::size_t>(size(block)));
        put(block);
        return larger;
    }
    static int round(int wanted) {
        return static_cast<int>(std::size_t{1} << kind_of(static_cast<std::size_t>(wanted)));
    }

private:
    union Head {
        unsigned kind;
        Head* next;
        std::max_align_t align;
    };
    static unsigned kind_of(std::size_t wanted) {
        unsigned kind = 4;
        while ((std::size_t{1} << kind) < wanted) ++kind;
        return kind;
    }
    static inline std::array<Head*, 40> free_{};
};

class MemoryVfs {
public:
    /// Becomes SQLite's default. Once, before SQLite is used.
    static void install() {
        sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        static sqlite3_mem_methods memory = {&Pool::get,   &Pool::put,   &Pool::grow,
                                             &Pool::size,  &Pool::round, [](void*) { return SQLITE_OK; },
                                             [](void*) {}, nullptr};
        sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
        H7_MUST(sqlite3_initialize() == SQLITE_OK);
        static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
        vfs.pNext = nullptr;
        vfs.zName = "fuzz";
        vfs.szOsFile = sizeof(File);
        vfs.xOpen = &open;
        vfs.xDelete = [](sqlite3_vfs*, const char*, int) { return SQLITE_OK; };
        vfs.xAccess = [](sqlite3_vfs*, const char*, int, int* there) {
            *there = 0;
            return SQLITE_OK;
        };
        vfs.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* full) {
            sqlite3_snprintf(size, full, "%s", name);
            return SQLITE_OK;
        };
        H7_MUST(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
    }
    /// What the next main database holds.
    static void set(ByteView bytes) { database_.assign(bytes.begin(), bytes.end()); }

private:
    struct File {
        sqlite3_file base;
        bool main;
    };
    static bool is_main(sqlite3_file* file) { return reinterpret_cast<File*>(file)->main; }

    static int open(sqlite3_vfs*, const char*, sqlite3_file* file, int flags, int* answered) {
        static const sqlite3_io_methods methods = {
            1,
            [](sqlite3_file*) { return SQLITE_OK; },
            &read,
            [](sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; },
            [](sqlite3_file*, sqlite3_int64) { return SQLITE_OK; },
            [](sqlite3_file*, int) { return SQLITE_OK; },
            [](sqlite3_file* of, sqlite3_int64* size) {
                *size = is_main(of) ? static_cast<sqlite3_int64>(database_.size()) : 0;
                return SQLITE_OK;
            },
            [](sqlite3_file*, int) { return SQLITE_OK; },
            [](sqlite3_file*, int) { return SQLITE_OK; },
            [](sqlite3_file*, int* reserved) {
                *reserved = 0;
                return SQLITE_OK;
            },
            [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
            [](sqlite3_file*) { return 512; },
            [](sqlite3_file*) { return 0; },
            nullptr,
            nullptr,
            nullptr,
            nullptr,
            nullptr,
            nullptr};
        auto* made = reinterpret_cast<File*>(file);
        made->base.pMethods = &methods;
        made->main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
        if (answered != nullptr) *answered = flags;
        return SQLITE_OK;
    }
    static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
        const auto wanted = static_cast<std::size_t>(size), from = static_cast<std::size_t>(at);
        const std::size_t all = is_main(file) ? database_.size() : 0;
        const std::size_t there = from >= all ? 0 : std::min(wanted, all - from);
        if (there != 0) std::memcpy(to, database_.data() + from, there);
        std::memset(static_cast<char*>(to) + there, 0, wanted - there);
        return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }

    static inline Bytes database_;
};

}  // namespace h7::fuzz

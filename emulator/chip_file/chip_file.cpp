#include "emulator/chip_file/chip_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "emulator/chip_file/tables.hpp"

namespace h7 {
namespace {

namespace fs = std::filesystem;
using chip_file::error_of;

/// SQLite gives some names a meaning (":memory:", ""); an absolute path has none.
fs::path plain(const fs::path& path) {
    std::error_code ignored;
    return fs::absolute(path, ignored);
}

Result<sqlite::Database> open_database(const fs::path& path) {
    sqlite3* raw = nullptr;
    const int status = sqlite3_open_v2(plain(path).c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    sqlite::Database db(raw);
    if (status != SQLITE_OK)
        return misuse(fmt::format("{}: cannot open: {}", path.string(), sqlite3_errmsg(raw)));
    // The file may come from a stranger: its schema may not call functions, and a broken page is an error,
    // not a guess.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    // EXTRA: the directory is synced too when a transaction ends, so a finished verb survives a power cut of
    // the host.
    sqlite::execute(raw, "PRAGMA cell_size_check = ON; PRAGMA synchronous = EXTRA; PRAGMA mmap_size = 0;");
    return db;
}

int pragma(sqlite3* db, const char* sql, std::int64_t& value) {
    sqlite::Statement get(db, sql);
    const int status = get.step();
    if (status == SQLITE_ROW) value = get.integer(0);
    return status;
}

/// Is it ours, whole, and of a version we know?
Result<void> check_file(sqlite3* db, const fs::path& path) {
    std::int64_t application = 0, version = 0;
    if (const int s = pragma(db, "PRAGMA application_id", application); s != SQLITE_ROW)
        return error_of(path, db, s);
    if (const int s = pragma(db, "PRAGMA user_version", version); s != SQLITE_ROW)
        return error_of(path, db, s);
    if (application != chip_file::kApplicationId) return error_of(path, db, SQLITE_NOTADB);
    if (version < 1 || version > kChipFileVersion)
        return misuse(
            fmt::format("{}: chip file of version {}, this h7rss knows version {}; use a newer h7rss",
                        path.string(), version, kChipFileVersion));
    sqlite::Statement check(db, "PRAGMA quick_check(1)");
    if (const int s = check.step(); s != SQLITE_ROW) return error_of(path, db, s);
    if (check.text(0) != "ok") return error_of(path, db, SQLITE_CORRUPT);
    // SQLite reads a last page that is cut short as if zeros followed: those zeros could be the end of the
    // device key.
    std::int64_t pages = 0, page = 0;
    if (const int s = pragma(db, "PRAGMA page_count", pages); s != SQLITE_ROW) return error_of(path, db, s);
    if (const int s = pragma(db, "PRAGMA page_size", page); s != SQLITE_ROW) return error_of(path, db, s);
    struct stat info {};
    if (::stat(plain(path).c_str(), &info) != 0 || info.st_size != pages * page)
        return error_of(path, db, SQLITE_CORRUPT);
    return {};
}

Result<void> fill(const fs::path& path, const ChipContents& contents) {
    const sqlite::Database db = TRY(open_database(path));
    int status = sqlite::execute(db.get(), "BEGIN EXCLUSIVE");
    if (status == SQLITE_OK) status = chip_file::create_tables(db.get());
    if (status == SQLITE_OK) status = chip_file::write_rows(db.get(), contents);
    if (status == SQLITE_OK) status = sqlite::execute(db.get(), "COMMIT");
    if (status != SQLITE_OK) return error_of(path, db.get(), status);
    return {};
}

bool same(const flash::ArrayImage& a, const flash::ArrayImage& b) {
    return a.data == b.data && a.words == b.words && a.writers == b.writers;
}

}  // namespace

flash::Image blank_image(std::uint32_t bank_size, std::uint32_t system_size) {
    const auto blank = [](std::uint32_t size) {
        return flash::ArrayImage{Bytes(size, 0xFF),
                                 std::vector<flash::WordState>(size / 32, flash::WordState::erased)};
    };
    flash::Image image;
    image.user = {blank(bank_size), blank(bank_size)};
    image.system2 = blank(system_size);
    return image;
}

bool operator==(const ChipContents& a, const ChipContents& b) {
    return a.part == b.part && a.readings == b.readings && a.ram_seed == b.ram_seed &&
           a.identity == b.identity && a.image.options == b.image.options &&
           same(a.image.user[0], b.image.user[0]) && same(a.image.user[1], b.image.user[1]) &&
           same(a.image.system2, b.image.system2);
}

struct ChipFile::Impl {
    fs::path path;
    sqlite::Database db;
    Use use = Use::look;
};

ChipFile::ChipFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChipFile::~ChipFile() = default;
ChipFile::ChipFile(ChipFile&&) noexcept = default;
ChipFile& ChipFile::operator=(ChipFile&&) noexcept = default;
const fs::path& ChipFile::path() const { return impl_->path; }

Result<void> ChipFile::create(const fs::path& path, const ChipContents& contents) {
    // Filled beside its place and then linked there: link() fails when the name is taken, and never leaves
    // half a file.
    std::string temporary = path.string() + ".XXXXXX";
    const int fd = ::mkstemp(temporary.data());  // mode 0600
    if (fd < 0) return misuse(fmt::format("{}: cannot create: {}", path.string(), std::strerror(errno)));
    ::close(fd);
    Result<void> done = fill(temporary, contents);
    if (done && ::link(temporary.c_str(), path.c_str()) != 0) {
        const bool taken = errno == EEXIST;
        done = misuse(fmt::format("{}: {}", path.string(),
                                  taken ? "exists already; a chip is never replaced, remove the file yourself"
                                        : std::strerror(errno)));
    }
    ::unlink(temporary.c_str());
    return done;
}

Result<ChipFile> ChipFile::open(const fs::path& path, Use use) {
    struct stat info {};
    if (::stat(plain(path).c_str(), &info) != 0)
        return misuse(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
    if (!S_ISREG(info.st_mode))
        return misuse(fmt::format("{}: not a chip file: no regular file", path.string()));
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->use = use;
    impl->db = TRY(open_database(path));
    sqlite3* db = impl->db.get();
    // Either way the shared lock taken by the first read stays. A change goes on to the exclusive lock in an
    // empty transaction, once the file is known to be ours, and keeps it over every transaction that follows.
    sqlite::execute(db, use == Use::look ? "BEGIN" : "PRAGMA locking_mode = EXCLUSIVE");
    TRY(check_file(db, path));
    if (use == Use::change)
        if (const int status = sqlite::execute(db, "BEGIN EXCLUSIVE; COMMIT"); status != SQLITE_OK)
            return error_of(path, db, status);
    return ChipFile(std::move(impl));
}

Result<ChipContents> ChipFile::load() const { return chip_file::read_rows(impl_->db.get(), impl_->path); }

Result<void> ChipFile::save(const ChipContents& contents) {
    assert(impl_->use == Use::change);
    sqlite3* db = impl_->db.get();
    int status = sqlite::execute(db, "BEGIN IMMEDIATE");
    if (status == SQLITE_OK) status = chip_file::migrate_tables(db);
    if (status == SQLITE_OK) status = chip_file::write_rows(db, contents);
    if (status == SQLITE_OK) status = sqlite::execute(db, "COMMIT");
    if (status == SQLITE_OK) return {};
    Error error = error_of(impl_->path, db, status);
    sqlite::execute(db, "ROLLBACK");
    return error;
}

}  // namespace h7

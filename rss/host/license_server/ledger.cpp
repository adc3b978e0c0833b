#include "rss/host/license_server/ledger.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "emulator/base/descriptor.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/chip_file/sqlite.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/host/license_server/seen.hpp"

namespace h7::license_server {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kApplication = 0x48374C47;  // "H7LG"
constexpr std::int64_t kVersion = 1;
constexpr std::string_view kChain = "H7RSS-LEDGER-1";
constexpr std::size_t kLongestName = 200;

constexpr const char* kSchema =
    "CREATE TABLE ledger (id BLOB NOT NULL);"
    "CREATE TABLE license (sequence INTEGER PRIMARY KEY, milliseconds INTEGER NOT NULL, product TEXT NOT "
    "NULL,"
    " operator TEXT NOT NULL, type INTEGER NOT NULL, session INTEGER NOT NULL, uid BLOB NOT NULL,"
    " certificate BLOB NOT NULL, license BLOB NOT NULL, chain BLOB NOT NULL);"
    "CREATE UNIQUE INDEX subject ON license (certificate, product, uid, type, session);";
constexpr const char* kColumns =
    "SELECT sequence, milliseconds, product, operator, type, session, uid, certificate, license, chain FROM "
    "license ";

Error no_ledger(const fs::path& path) {
    return misuse(fmt::format("{}: no license ledger; name the file that the server's file calls ledger",
                              path.string()));
}

Error sqlite_error(const fs::path& path, sqlite3* db) {
    const int status = sqlite3_errcode(db);
    if (status == SQLITE_NOTADB) return no_ledger(path);
    return misuse(fmt::format("{}: {}", path.string(), sqlite3_errmsg(db)));
}

Result<sqlite::Database> connect(const fs::path& path) {
    sqlite3* raw = nullptr;
    std::error_code ignored;
    const int status =
        sqlite3_open_v2(fs::absolute(path, ignored).c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    sqlite::Database db(raw);
    if (status != SQLITE_OK) return sqlite_error(path, raw);
    sqlite3_extended_result_codes(raw, 0);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_busy_timeout(raw, 5000);
    sqlite::execute(raw,
                    "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
                    "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;");
    return db;
}

Result<std::int64_t> pragma(const fs::path& path, sqlite3* db, const char* sql) {
    sqlite::Statement get(db, sql);
    if (get.step() != SQLITE_ROW) return sqlite_error(path, db);
    return get.integer(0);
}

/// One server at a time: a lock beside the file, because SQLite's own locks go with each transaction.
Result<FileDescriptor> lock(const fs::path& path) {
    const std::string name = path.string() + ".lock";
    FileDescriptor fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return system_error(name, "cannot make the lock");
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return misuse(
            fmt::format("{}: another license server uses this ledger; stop it first", path.string()));
    return fd;
}

Result<void> create(const fs::path& path, sqlite3* db) {
    std::array<std::uint8_t, 16> id{};
    TRY(crypto::random_bytes(id));
    // The mode of the journal stands in the file and cannot be changed inside a transaction.
    const std::string begin = fmt::format(
        "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; PRAGMA application_id = {}; PRAGMA user_version = {};",
        kApplication, kVersion);
    if (sqlite::execute(db, begin.c_str()) != SQLITE_OK || sqlite::execute(db, kSchema) != SQLITE_OK)
        return sqlite_error(path, db);
    sqlite::Statement put(db, "INSERT INTO ledger VALUES (?1)");
    if (put.bind(1, ByteView(id)).run() != SQLITE_DONE || sqlite::execute(db, "COMMIT") != SQLITE_OK)
        return sqlite_error(path, db);
    return {};
}

Result<void> check(const fs::path& path, sqlite3* db) {
    const std::int64_t application = TRY(pragma(path, db, "PRAGMA application_id"));
    const std::int64_t version = TRY(pragma(path, db, "PRAGMA user_version"));
    if (application != kApplication) return no_ledger(path);
    if (version != kVersion)
        return misuse(fmt::format("{}: ledger of version {}; this program knows version {}", path.string(),
                                  version, kVersion));
    return {};
}

bool take(ByteView from, MutableBytes to) {
    if (from.size() != to.size()) return false;
    std::copy(from.begin(), from.end(), to.begin());
    return true;
}

/// The row a statement of kColumns stands on; nothing when it is damaged.
std::optional<Entry> entry_at(const sqlite::Statement& row) {
    Entry entry;
    entry.sequence = static_cast<std::uint64_t>(row.integer(0));
    entry.milliseconds = static_cast<std::uint64_t>(row.integer(1));
    entry.subject.product = row.text(2);
    entry.operator_name = row.text(3);
    entry.subject.type = static_cast<std::uint32_t>(row.integer(4));
    entry.subject.session = static_cast<std::uint32_t>(row.integer(5));
    if (!take(row.blob(6), entry.subject.uid) || !take(row.blob(7), entry.subject.certificate) ||
        !take(row.blob(8), entry.license) || !take(row.blob(9), entry.chain) ||
        entry.subject.product.size() > kLongestName || entry.operator_name.size() > kLongestName)
        return {};
    return entry;
}

void add_name(Bytes& message, std::string_view name) {
    message.push_back(static_cast<std::uint8_t>(name.size()));
    message.push_back(static_cast<std::uint8_t>(name.size() >> 8));
    message.insert(message.end(), name.begin(), name.end());
}

/// Of what find() compares.
crypto::Digest fingerprint(const Subject& subject) {
    Bytes message(subject.certificate.begin(), subject.certificate.end());
    message.insert(message.end(), subject.uid.begin(), subject.uid.end());
    std::array<std::uint8_t, 8> numbers{};
    store_le(numbers.data(), subject.type);
    store_le(numbers.data() + 4, subject.session);
    message.insert(message.end(), numbers.begin(), numbers.end());
    message.insert(message.end(), subject.product.begin(), subject.product.end());
    return crypto::sha256(message);
}

}  // namespace

crypto::Digest chain_of(const crypto::Digest& before, const Entry& entry) {
    Bytes message(kChain.begin(), kChain.end());
    message.reserve(320 + entry.subject.product.size() + entry.operator_name.size());
    const auto add = [&](ByteView bytes) { message.insert(message.end(), bytes.begin(), bytes.end()); };
    std::array<std::uint8_t, 24> numbers{};
    store_le(numbers.data(), entry.sequence);
    store_le(numbers.data() + 8, entry.milliseconds);
    store_le(numbers.data() + 16, entry.subject.type);
    store_le(numbers.data() + 20, entry.subject.session);
    add(before);
    add(numbers);
    add(entry.subject.uid);
    add(entry.subject.certificate);
    add(entry.license);
    add_name(message, entry.subject.product);
    add_name(message, entry.operator_name);
    return crypto::sha256(message);
}

struct Ledger::Impl {
    fs::path path;
    FileDescriptor serving;
    sqlite::Database writer, reader, mover;
    std::unique_ptr<sqlite::Statement> begin, insert, commit, find;
    std::mutex reading;
    std::uint64_t last = 0;
    crypto::Digest head{};
    bool broken = false;
    Seen seen;
    std::atomic<bool> seen_all = false;  // since walk(): what is not in `seen` is not in the ledger

    Result<crypto::Digest> identity() const;
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

Result<Ledger> Ledger::open(const fs::path& path, Use use) {
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    if (use == Use::serve) {
        impl->serving = TRY(lock(path));
        const FileDescriptor made(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (!made) return system_error(path, "cannot open");
    }
    if (use == Use::look && ::access(path.c_str(), F_OK) != 0) return system_error(path, "cannot open");
    impl->reader = TRY(connect(path));
    // Empty, or made by a server that died before its first transaction.
    if (use == Use::serve && TRY(pragma(path, impl->reader.get(), "PRAGMA application_id")) == 0 &&
        TRY(pragma(path, impl->reader.get(), "SELECT count(*) FROM sqlite_schema")) == 0)
        TRY(create(path, impl->reader.get()));
    TRY(check(path, impl->reader.get()));
    impl->find = std::make_unique<sqlite::Statement>(
        impl->reader.get(),
        (std::string(kColumns) +
         "WHERE certificate = ?1 AND product = ?2 AND uid = ?3 AND type = ?4 AND session = ?5")
            .c_str());
    if (use == Use::serve) {
        impl->writer = TRY(connect(path));
        impl->mover = TRY(connect(path));
        sqlite3* db = impl->writer.get();
        impl->begin = std::make_unique<sqlite::Statement>(db, "BEGIN IMMEDIATE");
        impl->commit = std::make_unique<sqlite::Statement>(db, "COMMIT");
        impl->insert = std::make_unique<sqlite::Statement>(
            db, "INSERT INTO license VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    }
    return Ledger(std::move(impl));
}

Result<crypto::Digest> Ledger::Impl::identity() const {
    sqlite::Statement get(reader.get(), "SELECT id FROM ledger");
    if (get.step() != SQLITE_ROW) return sqlite_error(path, reader.get());
    const ByteView id = get.blob(0);
    return crypto::sha256(id);
}

Result<Totals> Ledger::walk(const std::function<Result<void>(const Entry&)>& visit) const {
    Totals totals;
    totals.head = TRY(impl_->identity());
    sqlite::Statement rows(impl_->reader.get(), (std::string(kColumns) + "ORDER BY sequence").c_str());
    const auto wrong = [&](std::string_view what) {
        return Error{ExitCode::rule_violated,
                     fmt::format("{}: entry {}: {}: the ledger was changed by somebody, or is damaged; the "
                                 "entries before it hold",
                                 impl_->path.string(), totals.entries + 1, what)};
    };
    int status = rows.step();
    for (; status == SQLITE_ROW; status = rows.step()) {
        const auto entry = entry_at(rows);
        if (!entry) return wrong("a field has the wrong length");
        if (entry->sequence != totals.entries + 1)
            return wrong(fmt::format("missing; {} follows", entry->sequence));
        if (entry->chain != chain_of(totals.head, *entry))
            return wrong("its hash does not follow from its fields and the entry before");
        if (visit) TRY(visit(*entry));
        impl_->seen.add(fingerprint(entry->subject));
        totals.head = entry->chain;
        ++totals.entries;
        ++totals.by_product[entry->subject.product];
        ++totals.by_operator[entry->operator_name];
    }
    if (status != SQLITE_DONE) return sqlite_error(impl_->path, impl_->reader.get());
    sqlite::Statement twice(impl_->reader.get(),
                            "SELECT max(sequence) FROM license GROUP BY product, certificate, uid, type, "
                            "session HAVING count(*) > 1 LIMIT 1");
    if (twice.step() == SQLITE_ROW)
        return Error{ExitCode::rule_violated,
                     fmt::format("{}: entry {}: a second license for the same chip and product",
                                 impl_->path.string(), twice.integer(0))};
    impl_->last = totals.entries;
    impl_->head = totals.head;
    impl_->seen_all = impl_->writer != nullptr;
    return totals;
}

std::optional<AppendFault> Ledger::append(std::span<Entry* const> batch) {
    if (impl_->broken) return AppendFault::broken;
    sqlite3* db = impl_->writer.get();
    std::uint64_t sequence = impl_->last;
    crypto::Digest head = impl_->head;
    const auto add = [&](Entry& entry) {
        entry.sequence = ++sequence;
        entry.chain = head = chain_of(head, entry);
        const Subject& subject = entry.subject;
        impl_->seen.add(fingerprint(subject));
        return impl_->insert->bind(1, static_cast<std::int64_t>(entry.sequence))
            .bind(2, static_cast<std::int64_t>(entry.milliseconds))
            .bind(3, subject.product)
            .bind(4, entry.operator_name)
            .bind(5, std::int64_t{subject.type})
            .bind(6, std::int64_t{subject.session})
            .bind(7, ByteView(subject.uid))
            .bind(8, ByteView(subject.certificate))
            .bind(9, ByteView(entry.license))
            .bind(10, ByteView(entry.chain))
            .run();
    };
    bool good = impl_->begin->run() == SQLITE_DONE;
    for (std::size_t i = 0; good && i < batch.size(); ++i) good = add(*batch[i]) == SQLITE_DONE;
    good = good && impl_->commit->run() == SQLITE_DONE;
    if (good) {
        impl_->last = sequence;
        impl_->head = head;
        return {};
    }
    // After a failed fsync nobody knows what the disk holds, and a second fsync may lie.
    const int reason = sqlite3_extended_errcode(db);
    impl_->broken = reason == SQLITE_IOERR_FSYNC || reason == SQLITE_IOERR_DIR_FSYNC ||
                    (reason & 0xFF) == SQLITE_CORRUPT || (reason & 0xFF) == SQLITE_CONSTRAINT;
    sqlite::execute(db, "ROLLBACK");
    return impl_->broken ? AppendFault::broken : AppendFault::no_space;
}

Result<std::optional<Entry>> Ledger::find(const Subject& subject) const {
    if (impl_->seen_all && !impl_->seen.perhaps(fingerprint(subject))) return std::optional<Entry>();
    const std::lock_guard guard(impl_->reading);
    sqlite::Statement& find = *impl_->find;
    const int status = find.bind(1, ByteView(subject.certificate))
                           .bind(2, subject.product)
                           .bind(3, ByteView(subject.uid))
                           .bind(4, std::int64_t{subject.type})
                           .bind(5, std::int64_t{subject.session})
                           .step();
    std::optional<Entry> entry;
    if (status == SQLITE_ROW) entry = entry_at(find);
    const bool damaged = status == SQLITE_ROW ? !entry : status != SQLITE_DONE;
    find.reset();
    if (damaged) return sqlite_error(impl_->path, impl_->reader.get());
    return entry;
}

Result<std::vector<Entry>> Ledger::page(std::uint64_t before, std::size_t most) const {
    const std::lock_guard guard(impl_->reading);
    sqlite::Statement rows(
        impl_->reader.get(),
        (std::string(kColumns) + "WHERE ?1 = 0 OR sequence < ?1 ORDER BY sequence DESC LIMIT ?2").c_str());
    rows.bind(1, static_cast<std::int64_t>(before)).bind(2, static_cast<std::int64_t>(most));
    std::vector<Entry> entries;
    while (rows.step() == SQLITE_ROW)
        if (auto entry = entry_at(rows)) entries.push_back(std::move(*entry));
    return entries;
}

void Ledger::checkpoint() {
    sqlite3_wal_checkpoint_v2(impl_->mover.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // namespace h7::license_server

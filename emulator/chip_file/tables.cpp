#include "emulator/chip_file/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace h7::chip_file {
namespace {

using flash::WordState;

constexpr std::size_t kBlock = 4096, kWord = 32, kWordsPerBlock = kBlock / kWord;
constexpr std::size_t kLargestBank = 8U << 20;

// clang-format off
constexpr std::array<std::string_view, flash::kOptionWords> kWordNames = {
    "OPTSR", "PRAR1", "PRAR2", "SCAR1", "SCAR2", "WPSN1", "WPSN2", "BOOT7", "BOOT4"};
// clang-format on

constexpr const char* kSchema = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE option_word (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE flash_block (bank INTEGER NOT NULL, block INTEGER NOT NULL, data BLOB NOT NULL, words BLOB NOT NULL,
                          PRIMARY KEY (bank, block));
CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), uid BLOB NOT NULL, certificate BLOB NOT NULL,
                       private_key BLOB NOT NULL);
)";
constexpr const char* kSchemaOfVersion2 = R"(
CREATE TABLE first_writer (bank INTEGER NOT NULL, block INTEGER NOT NULL, words BLOB NOT NULL,
                           PRIMARY KEY (bank, block));
CREATE TABLE reading (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)";

/// The three arrays by the number of their rows.
template <class Image>
auto arrays_of(Image& image) {
    return std::array{&image.user[0], &image.user[1], &image.system2};
}

/// One block as it is stored. A bank's last block may be short.
struct Block {
    ByteView data;
    std::span<const WordState> words;

    Block(const flash::ArrayImage& array, std::size_t index) {
        const std::size_t at = index * kBlock, size = std::min(kBlock, array.data.size() - at);
        data = ByteView(array.data).subspan(at, size);
        words = std::span(array.words).subspan(at / kWord, size / kWord);
    }
    bool blank() const {
        return std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte == 0xFF; }) &&
               std::all_of(words.begin(), words.end(),
                           [](WordState state) { return state == WordState::erased; });
    }
    ByteView states() const { return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size()}; }
};
static_assert(sizeof(WordState) == 1);

std::size_t blocks_of(const flash::ArrayImage& array) { return (array.data.size() + kBlock - 1) / kBlock; }

int write_meta(sqlite3* db, const ChipContents& contents) {
    sqlite::Statement put(
        db, "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value");
    const auto number = [&](std::string_view key, std::uint64_t value) {
        return put.bind(1, key).bind(2, static_cast<std::int64_t>(value)).run();
    };
    if (const int s = put.bind(1, "part").bind(2, contents.part).run(); s != SQLITE_DONE) return s;
    if (const int s = number("ram_seed", contents.ram_seed); s != SQLITE_DONE) return s;
    if (const int s = number("bank_size", contents.image.user[0].data.size()); s != SQLITE_DONE) return s;
    if (const int s = number("system_size", contents.image.system2.data.size()); s != SQLITE_DONE) return s;
    return SQLITE_OK;
}

int write_options(sqlite3* db, const flash::OptionWords& words) {
    sqlite::Statement put(
        db, "INSERT INTO option_word VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value");
    for (std::size_t i = 0; i < words.size(); ++i)
        if (const int s = put.bind(1, kWordNames[i]).bind(2, std::int64_t{words[i]}).run(); s != SQLITE_DONE)
            return s;
    return SQLITE_OK;
}

int write_blocks(sqlite3* db, int bank, const flash::ArrayImage& array) {
    sqlite::Statement put(
        db,
        "INSERT INTO flash_block VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET data = "
        "excluded.data, words = excluded.words WHERE data IS NOT excluded.data OR words IS NOT "
        "excluded.words");
    sqlite::Statement drop(db, "DELETE FROM flash_block WHERE bank = ?1 AND block = ?2");
    for (std::size_t i = 0; i < blocks_of(array); ++i) {
        const Block block(array, i);
        const auto number = static_cast<std::int64_t>(i);
        const int status = block.blank() ? drop.bind(1, std::int64_t{bank}).bind(2, number).run()
                                         : put.bind(1, std::int64_t{bank})
                                               .bind(2, number)
                                               .bind(3, block.data)
                                               .bind(4, block.states())
                                               .run();
        if (status != SQLITE_DONE) return status;
    }
    return SQLITE_OK;
}

static_assert(flash::FirstWriters::kPage == kWordsPerBlock);

int write_writers(sqlite3* db, int bank, const flash::ArrayImage& array) {
    sqlite::Statement put(db,
                          "INSERT INTO first_writer VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET words = "
                          "excluded.words WHERE words IS NOT excluded.words");
    sqlite::Statement drop(db, "DELETE FROM first_writer WHERE bank = ?1 AND block = ?2");
    for (std::size_t i = 0; i < blocks_of(array); ++i) {
        const Bytes words = array.writers.page(i);
        sqlite::Statement& change = words.empty() ? drop : put;
        change.bind(1, std::int64_t{bank}).bind(2, static_cast<std::int64_t>(i));
        if (!words.empty()) change.bind(3, words);
        if (const int status = change.run(); status != SQLITE_DONE) return status;
    }
    return SQLITE_OK;
}

int write_readings(sqlite3* db, const std::map<std::string, std::string>& readings) {
    if (const int s = sqlite::execute(db, "DELETE FROM reading"); s != SQLITE_OK) return s;
    sqlite::Statement put(db, "INSERT INTO reading VALUES (?1, ?2)");
    for (const auto& [name, value] : readings)
        if (const int s = put.bind(1, name).bind(2, value).run(); s != SQLITE_DONE) return s;
    return SQLITE_OK;
}

int version_of(sqlite3* db) {
    sqlite::Statement get(db, "PRAGMA user_version");
    return get.step() == SQLITE_ROW ? static_cast<int>(get.integer(0)) : 0;
}

int write_identity(sqlite3* db, const rss::Identity& identity) {
    sqlite::Statement put(
        db,
        "INSERT INTO identity VALUES (1, ?1, ?2, ?3) ON CONFLICT DO UPDATE SET uid = excluded.uid, "
        "certificate = excluded.certificate, private_key = excluded.private_key");
    const int status = put.bind(1, ByteView(identity.uid))
                           .bind(2, ByteView(identity.certificate))
                           .bind(3, ByteView(identity.private_key))
                           .run();
    return status == SQLITE_DONE ? SQLITE_OK : status;
}

class Reader {
public:
    Reader(sqlite3* db, const std::filesystem::path& path) : db_(db), path_(path) {}

    Result<ChipContents> read() {
        ChipContents contents;
        TRY(meta(contents));
        TRY(options(contents.image.options));
        TRY(blocks(contents.image));
        if (version_of(db_) >= 2) {
            TRY(writers(contents.image));
            TRY(readings(contents.readings));
        }
        TRY(identity(contents.identity));
        return contents;
    }

private:
    Error damaged(std::string_view what) const {
        return misuse(fmt::format("{}: damaged chip file: {}; restore a copy", path_.string(), what));
    }
    Error failed(int status) const { return error_of(path_, db_, status); }

    Result<std::uint64_t> number(std::string_view key) {
        sqlite::Statement get(db_, "SELECT value FROM meta WHERE key = ?1");
        const int status = get.bind(1, key).step();
        if (status != SQLITE_ROW && status != SQLITE_DONE) return failed(status);
        if (status == SQLITE_DONE || !get.is_integer(0))
            return damaged(fmt::format("meta has no number '{}'", key));
        return static_cast<std::uint64_t>(get.integer(0));
    }

    Result<void> meta(ChipContents& contents) {
        sqlite::Statement get(db_, "SELECT value FROM meta WHERE key = 'part'");
        const int status = get.step();
        if (status != SQLITE_ROW && status != SQLITE_DONE) return failed(status);
        if (status == SQLITE_DONE) return damaged("meta has no 'part'");
        contents.part = get.text(0);
        contents.ram_seed = TRY(number("ram_seed"));
        const std::uint64_t bank = TRY(number("bank_size"))
        , system = TRY(number("system_size"));
        const auto impossible = [](std::uint64_t size) {
            return size == 0 || size > kLargestBank || size % kBlock != 0;
        };
        if (impossible(bank) || impossible(system)) return damaged("impossible flash sizes");
        contents.image = blank_image(static_cast<std::uint32_t>(bank), static_cast<std::uint32_t>(system));
        return {};
    }

    Result<void> options(flash::OptionWords& words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            sqlite::Statement one(db_, "SELECT value FROM option_word WHERE name = ?1");
            const int status = one.bind(1, kWordNames[i]).step();
            if (status != SQLITE_ROW && status != SQLITE_DONE) return failed(status);
            if (status == SQLITE_DONE || !one.is_integer(0) || one.integer(0) < 0 ||
                one.integer(0) > 0xFFFF'FFFF)
                return damaged(fmt::format("no option word {}", kWordNames[i]));
            words[i] = static_cast<std::uint32_t>(one.integer(0));
        }
        return {};
    }

    Result<void> blocks(flash::Image& image) {
        const auto arrays = arrays_of(image);
        sqlite::Statement get(db_, "SELECT bank, block, data, words FROM flash_block");
        int status;
        while ((status = get.step()) == SQLITE_ROW) {
            const std::int64_t bank = get.integer(0), index = get.integer(1);
            if (bank < 1 || bank > 3) return damaged(fmt::format("flash bank {}", bank));
            flash::ArrayImage& array = *arrays[static_cast<std::size_t>(bank - 1)];
            if (index < 0 || static_cast<std::uint64_t>(index) >= blocks_of(array))
                return damaged(fmt::format("block {} of bank {} lies outside it", index, bank));
            const ByteView data = get.blob(2), states = get.blob(3);
            if (data.size() != kBlock || states.size() != kWordsPerBlock)
                return damaged(fmt::format("block {} of bank {} has the wrong size", index, bank));
            const std::size_t at = static_cast<std::size_t>(index) * kBlock;
            std::copy(data.begin(), data.end(), array.data.begin() + static_cast<std::ptrdiff_t>(at));
            for (std::size_t i = 0; i < states.size(); ++i) {
                if (states[i] > static_cast<std::uint8_t>(WordState::ecc_double))
                    return damaged(fmt::format("block {} of bank {} has an unknown word state", index, bank));
                array.words[at / kWord + i] = static_cast<WordState>(states[i]);
            }
        }
        if (status != SQLITE_DONE) return failed(status);
        return {};
    }

    Result<void> writers(flash::Image& image) {
        const auto arrays = arrays_of(image);
        sqlite::Statement get(db_, "SELECT bank, block, words FROM first_writer");
        int status;
        while ((status = get.step()) == SQLITE_ROW) {
            const std::int64_t bank = get.integer(0), index = get.integer(1);
            if (bank < 1 || bank > 3) return damaged(fmt::format("first writers of flash bank {}", bank));
            flash::ArrayImage& array = *arrays[static_cast<std::size_t>(bank - 1)];
            if (index < 0 || static_cast<std::uint64_t>(index) >= blocks_of(array) ||
                !array.writers.set_page(static_cast<std::size_t>(index), get.blob(2)))
                return damaged(fmt::format("first writers of block {} of bank {}", index, bank));
        }
        if (status != SQLITE_DONE) return failed(status);
        return {};
    }

    Result<void> readings(std::map<std::string, std::string>& all) {
        sqlite::Statement get(db_, "SELECT name, value FROM reading");
        int status;
        while ((status = get.step()) == SQLITE_ROW) all[get.text(0)] = get.text(1);
        if (status != SQLITE_DONE) return failed(status);
        return {};
    }

    Result<void> identity(rss::Identity& who) {
        sqlite::Statement get(db_, "SELECT uid, certificate, private_key FROM identity");
        const int status = get.step();
        if (status != SQLITE_ROW && status != SQLITE_DONE) return failed(status);
        if (status == SQLITE_DONE) return damaged("no identity");
        const auto take = [&](int column, auto& into) {
            const ByteView bytes = get.blob(column);
            if (bytes.size() != into.size()) return false;
            std::copy(bytes.begin(), bytes.end(), into.begin());
            return true;
        };
        if (!take(0, who.uid) || !take(1, who.certificate) || !take(2, who.private_key))
            return damaged("the identity has a field of the wrong size");
        return {};
    }

    sqlite3* db_;
    const std::filesystem::path& path_;
};

}  // namespace

Error error_of(const std::filesystem::path& path, sqlite3* db, int status) {
    const std::string name = path.string();
    switch (status & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return misuse(
                fmt::format("{}: in use by another process; one verb at a time may have a chip", name));
        case SQLITE_NOTADB:
            return misuse(fmt::format("{}: not a chip file; make one with: h7rss chip new", name));
        case SQLITE_CORRUPT:
            return misuse(fmt::format("{}: damaged or truncated chip file; restore a copy", name));
        case SQLITE_ERROR:  // a table or column that must be there is not
            return misuse(fmt::format("{}: damaged chip file: {}; restore a copy", name, sqlite3_errmsg(db)));
        case SQLITE_READONLY:
            return misuse(fmt::format("{}: write-protected", name));
        case SQLITE_FULL:
            return misuse(fmt::format("{}: no space left on the device; nothing was changed", name));
        default:
            return misuse(fmt::format("{}: {}", name, sqlite3_errmsg(db)));
    }
}

int create_tables(sqlite3* db) {
    const std::string identify = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};",
                                             kApplicationId, kChipFileVersion);
    if (const int status = sqlite::execute(db, identify.c_str()); status != SQLITE_OK) return status;
    if (const int status = sqlite::execute(db, kSchema); status != SQLITE_OK) return status;
    return sqlite::execute(db, kSchemaOfVersion2);
}

int migrate_tables(sqlite3* db) {
    if (version_of(db) >= 2) return SQLITE_OK;
    if (const int status = sqlite::execute(db, kSchemaOfVersion2); status != SQLITE_OK) return status;
    return sqlite::execute(db, "PRAGMA user_version = 2");
}

int write_rows(sqlite3* db, const ChipContents& contents) {
    if (const int s = write_meta(db, contents); s != SQLITE_OK) return s;
    if (const int s = write_options(db, contents.image.options); s != SQLITE_OK) return s;
    int bank = 1;
    for (const flash::ArrayImage* array : arrays_of(contents.image)) {
        if (const int s = write_blocks(db, bank, *array); s != SQLITE_OK) return s;
        if (const int s = write_writers(db, bank++, *array); s != SQLITE_OK) return s;
    }
    if (const int s = write_readings(db, contents.readings); s != SQLITE_OK) return s;
    return write_identity(db, contents.identity);
}

Result<ChipContents> read_rows(sqlite3* db, const std::filesystem::path& path) {
    return Reader(db, path).read();
}

}  // namespace h7::chip_file

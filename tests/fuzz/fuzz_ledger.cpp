// A ledger from anybody: an SQLite database with any bytes. Refused in one line that names the file, or its
// chain holds and every entry can be exported.
#include <nlohmann/json.hpp>

#include "rss/host/license_server/ledger.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace h7;
using license_server::Entry;
using license_server::Ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::TemporaryFolder folder(test::TemporaryFolder::Where::memory);
    const auto path = folder.at("ledger.db");
    for (const char* name : {"ledger.db-wal", "ledger.db-shm", "ledger.db-journal"})
        ::unlink(folder.at(name).c_str());
    folder.write("ledger.db", ByteView(data, size));
    const auto told = [&](const Error& error) {
        H7_MUST(error.message.find(path.string()) != std::string::npos);
        H7_MUST(error.message.find('\n') == std::string::npos);
        return 0;
    };
    const auto ledger = Ledger::open(path, Ledger::Use::look);
    if (!ledger) return told(ledger.error());
    std::uint64_t seen = 0;
    const auto totals = ledger->walk([&](const Entry& entry) -> Result<void> {
        H7_MUST(entry.sequence == ++seen);
        H7_MUST(nlohmann::json::accept(license_server::json_of(entry)));
        H7_MUST(!license_server::csv_of(entry).empty());
        return {};
    });
    if (const auto page = ledger->page(0, 10))
        for (const Entry& entry : *page) H7_MUST(nlohmann::json::accept(license_server::json_of(entry)));
    if (!totals) return told(totals.error());
    H7_MUST(totals->entries == seen);
    return 0;
}

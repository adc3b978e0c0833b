#include <gmock/gmock.h>
#include <sqlite3.h>

#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;

void change(const Folder& folder, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(folder.at("ledger.db").c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

/// Four licenses in a ledger that nobody serves any more.
void fill(const Folder& folder) {
    Office office(folder);
    for (std::uint32_t n = 0; n < 4; ++n) ASSERT_TRUE(office.issue(make_chip(n)));
}

Result<Totals> walked(const Folder& folder) {
    const Ledger ledger = TRY(Ledger::open(folder.at("ledger.db"), Ledger::Use::look));
    return ledger.walk();
}

TEST(Ledger, TheChainIsTheDocumentedHash) {
    Entry entry;
    entry.sequence = 1;
    entry.milliseconds = 2;
    entry.subject = {.product = "ab", .certificate = {}, .uid = {}, .type = 1, .session = 0};
    entry.operator_name = "c";
    Bytes message;
    const auto add = [&](std::string_view text) { message.insert(message.end(), text.begin(), text.end()); };
    add("H7RSS-LEDGER-1");
    message.resize(message.size() + 32);  // chain before
    for (const int byte : {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
        message.push_back(static_cast<std::uint8_t>(byte));
    message.resize(message.size() + 12 + 32 + 136);
    add(std::string_view("\2\0ab\1\0c", 7));
    EXPECT_EQ(chain_of({}, entry), crypto::sha256(message));
}

TEST(Ledger, HoldsAfterwards) {
    const Folder folder;
    fill(folder);
    const auto totals = walked(folder);
    ASSERT_TRUE(totals) << totals.error().message;
    EXPECT_EQ(totals->entries, 4U);
    EXPECT_EQ(totals->by_product.at("motor"), 4U);
    EXPECT_EQ(totals->by_operator.at("line-3"), 4U);
}

TEST(Ledger, AnyChangedFieldBreaksTheChain) {
    for (const char* sql : {"UPDATE license SET operator = 'eve' WHERE sequence = 2",
                            "UPDATE license SET milliseconds = milliseconds + 1 WHERE sequence = 2",
                            "UPDATE license SET product = 'other' WHERE sequence = 2",
                            "UPDATE license SET session = 7 WHERE sequence = 2",
                            "UPDATE license SET uid = zeroblob(12) WHERE sequence = 2",
                            "UPDATE license SET license = zeroblob(136) WHERE sequence = 2",
                            "UPDATE license SET uid = zeroblob(11) WHERE sequence = 2",
                            "DELETE FROM license WHERE sequence = 2"}) {
        const Folder folder;
        fill(folder);
        change(folder, sql);
        const auto totals = walked(folder);
        ASSERT_FALSE(totals) << sql;
        EXPECT_EQ(totals.error().code, ExitCode::rule_violated) << sql;
        EXPECT_THAT(totals.error().message, HasSubstr("entry 2")) << sql;
    }
}

TEST(Ledger, AServerDoesNotServeOverABrokenChain) {
    const Folder folder;
    fill(folder);
    change(folder, "DELETE FROM license WHERE sequence = 1");
    EXPECT_THROW(Office{folder}, std::runtime_error);
}

TEST(Ledger, OneServerAtATime) {
    const Folder folder;
    const Office office(folder);
    const auto second = Ledger::open(folder.at("ledger.db"), Ledger::Use::serve);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("another license server"));
    EXPECT_TRUE(walked(folder));  // looking is allowed
}

TEST(Ledger, OtherFilesAreNamed) {
    const Folder folder;
    folder.write("ledger.db", "this is text, and long enough to be taken for a page of something else");
    EXPECT_FALSE(Ledger::open(folder.at("ledger.db"), Ledger::Use::serve));
    EXPECT_FALSE(Ledger::open(folder.at("absent.db"), Ledger::Use::look));
}

TEST(Ledger, AnEndOfLifeInsideTheFirstTransactionIsAnEmptyLedger) {
    const Folder folder;
    folder.write("ledger.db", "");
    Office office(folder);
    EXPECT_TRUE(office.issue(make_chip(1)));
}

TEST(Ledger, ASpreadsheetSeesNoFormula) {
    Entry entry;
    entry.subject.product = "=cmd()";
    entry.operator_name = "a\"b";
    EXPECT_THAT(csv_of(entry), HasSubstr("\"'=cmd()\",\"a\"\"b\""));
}

}  // namespace
}  // namespace h7::license_server::test

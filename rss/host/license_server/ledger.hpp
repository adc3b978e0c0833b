// The ledger: every license that may have left the server, in one SQLite file, each entry hashing the one
// before it (docs/rss/license-server.md). Durability is the ledger's promise: append() returns after an
// fsync, or nothing of it happened.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "emulator/base/result.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/host/license/issuer.hpp"

namespace h7::license_server {

using Uid = std::array<std::uint8_t, crypto::kUidBytes>;

/// Which license this is: the same four again get the same license again.
struct Subject {
    std::string product;
    crypto::Digest certificate{};  // SHA-256 of the 136 bytes
    Uid uid{};
    std::uint32_t type = 1;     // image::LicenseType
    std::uint32_t session = 0;  // live licenses
};

struct Entry {
    std::uint64_t sequence = 0;      // 1, 2, ..; given by append()
    std::uint64_t milliseconds = 0;  // since 1970, by the server's clock
    Subject subject;
    std::string operator_name;
    license::LicenseBytes license{};
    crypto::Digest chain{};  // given by append()
    std::string remote;      // who asked, for the audit log: the ledger does not keep it
};

/// chain(n) = SHA-256("H7RSS-LEDGER-1" || chain(n - 1) || sequence u64 || milliseconds u64 || type u32 ||
/// session u32 || uid 12 || certificate 32 || license 136 || length u16 || product || length u16 ||
/// operator), numbers little-endian.
crypto::Digest chain_of(const crypto::Digest& before, const Entry& entry);

struct Totals {
    std::uint64_t entries = 0;
    std::map<std::string, std::uint64_t> by_product, by_operator;
    crypto::Digest head{};  // chain of the last entry; of the empty ledger, its identity
};

/// Why a batch is not in the ledger.
enum class AppendFault {
    no_space,  // disk full or file limit reached: what was there is kept; it may work again later
    broken,    // the disk did not say that it has written: nothing is accepted until a restart
};

class Ledger {
public:
    enum class Use {
        look,   // beside a running server
        serve,  // made when absent; one process at a time
    };
    /// Errors (misuse): no such file, no ledger, a newer version, another server has it.
    static Result<Ledger> open(const std::filesystem::path& path, Use use);
    ~Ledger();
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;

    /// Every entry in order; checks that the chain holds, that sequence numbers have no gap and no license
    /// stands twice. Errors (rule_violated, exit 4): the first entry that does not fit; (misuse): unreadable;
    /// whatever `visit` says.
    Result<Totals> walk(const std::function<Result<void>(const Entry&)>& visit = {}) const;

    /// Makes one transaction of the batch and gives its entries sequence and chain. Only one thread; walk()
    /// must have succeeded before.
    std::optional<AppendFault> append(std::span<Entry* const> batch);
    /// The newest entries, newest first, below `before` (0: from the end).
    Result<std::vector<Entry>> page(std::uint64_t before, std::size_t most) const;

    /// The license this subject has. Any thread.
    Result<std::optional<Entry>> find(const Subject& subject) const;

    /// Moves what append() wrote from SQLite's log into the file. A thread of its own, while append() works.
    void checkpoint();

private:
    struct Impl;
    explicit Ledger(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// "2026-11-22T21:30:00.123Z"
std::string utc(std::uint64_t milliseconds);
/// One line of JSON, or of CSV, without line end; header of the CSV.
std::string json_of(const Entry& entry);
std::string csv_of(const Entry& entry);
std::string csv_header();

}  // namespace h7::license_server

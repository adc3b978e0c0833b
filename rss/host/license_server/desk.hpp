// The desk: one request for one license, from the certificate to the durable entry. Nothing here knows HTTP.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>

#include "rss/host/license_server/audit.hpp"
#include "rss/host/license_server/committer.hpp"
#include "rss/host/license_server/configuration.hpp"
#include "rss/host/license_server/refusal.hpp"

namespace h7::license_server {

struct Issued {
    Entry entry;
    bool again = false;  // this chip had it already: no quota was spent
};

/// What is spent of a quota, reservations of requests under way included.
struct Spent {
    std::uint64_t used = 0;
    std::optional<std::uint64_t> quota;
    std::optional<std::uint64_t> in_store;  // what the key store may still give
    std::optional<std::uint64_t> left() const {
        if (!quota) return in_store;
        const std::uint64_t of_quota = *quota > used ? *quota - used : 0;
        return std::min(of_quota, in_store.value_or(of_quota));
    }
};

class Desk {
public:
    /// `ledger` is open for serving and has been walked: `totals`. Ledger and log outlive the desk.
    Desk(Ledger& ledger, const Totals& totals, Audit& audit);

    /// Order: the product is the operator's; the chip's data; the certificate; the allow-list; a license this
    /// chip already has (given again); quotas; wrapping; the ledger. Any thread; returns when the entry is
    /// durable. `remote`: the address that asked, for the audit log.
    Answered<Issued> issue(const Operator& who, const Product& product, ByteView certificate, ByteView uid,
                           std::uint32_t session, std::string_view remote = {});

    Spent spent(const Product& product) const;
    Spent spent(const Operator& who) const;
    /// May licenses be given? False after the disk failed.
    bool healthy() const { return !broken_; }
    std::uint64_t again() const { return again_; }
    CommitCounts commits() const { return committer_.counts(); }
    const Ledger& ledger() const { return ledger_; }

private:
    using Key = std::string;

    Answered<void> reserve(const Operator& who, const Product& product);
    void give_back(const Operator& who, const Product& product);
    Answered<Issued> make(const Operator& who, const Product& product, const image::Certificate& chip,
                          ByteView certificate, Entry entry);
    void enter(const Key& key);
    void leave(const Key& key);

    Ledger& ledger_;
    Audit& audit_;
    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::map<std::string, std::uint64_t, std::less<>> by_product_, by_operator_;
    std::set<Key> under_way_;   // subjects
    std::size_t queueing_ = 0;  // requests that wait for one under way
    std::atomic<bool> broken_ = false;
    std::atomic<std::uint64_t> again_ = 0;
    Committer committer_;
};

}  // namespace h7::license_server

// Group commit: licenses made at the same time share one transaction and one fsync. Whoever hands an entry in
// waits until it is durable.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "rss/host/license_server/ledger.hpp"

namespace h7::license_server {

struct CommitCounts {
    std::uint64_t commits = 0, entries = 0, failures = 0;
    double seconds = 0;  // spent in append()
};

class Committer {
public:
    /// `committed` is called in the committer's thread with what has just become durable, before anybody who
    /// waits for it goes on.
    Committer(Ledger& ledger, std::function<void(std::span<Entry* const>)> committed);
    /// Commits what was handed in, then ends.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Says that an entry is being made. The committer waits a moment for announced entries, so that a batch
    /// under load is as large as the load; a lone entry never waits.
    class Ticket {
    public:
        explicit Ticket(Committer& committer);
        ~Ticket();
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;
        /// Blocks until the entry, now complete, is durable, or is known not to be.
        std::optional<AppendFault> commit(Entry& entry);

    private:
        Committer& committer_;
        bool open_ = true;
    };

    CommitCounts counts() const;

private:
    struct Waiting;
    void run();
    void close_ticket(bool& open);

    Ledger& ledger_;
    std::function<void(std::span<Entry* const>)> committed_;
    mutable std::mutex mutex_;
    std::condition_variable work_, ends_;  // for the committer, for the mover
    std::vector<Waiting*> queue_;
    std::size_t announced_ = 0;  // entries in the making
    bool ending_ = false;
    CommitCounts counts_;
    std::thread thread_, mover_;
};

}  // namespace h7::license_server

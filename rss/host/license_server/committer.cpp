#include "rss/host/license_server/committer.hpp"

#include <semaphore.h>

#include <cerrno>
#include <chrono>

namespace h7::license_server {
namespace {

using Clock = std::chrono::steady_clock;

/// The longest that a finished entry waits for announced ones. Short beside the 20 ms a client may wait.
constexpr auto kGather = std::chrono::milliseconds(3);
constexpr std::size_t kLargestBatch = 512;
constexpr auto kMove = std::chrono::seconds(1);

}  // namespace

/// The wait is long: std::binary_semaphore would turn and yield first, on a processor that others need.
struct Committer::Waiting {
    explicit Waiting(Entry& e) : entry(&e) { ::sem_init(&done, 0, 0); }
    ~Waiting() { ::sem_destroy(&done); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    void wait() {
        while (::sem_wait(&done) != 0 && errno == EINTR) {
        }
    }

    Entry* entry;
    std::optional<AppendFault> fault = {};
    ::sem_t done;
};

Committer::Committer(Ledger& ledger, std::function<void(std::span<Entry* const>)> committed)
    : ledger_(ledger), committed_(std::move(committed)) {
    thread_ = std::thread([this] { run(); });
    // SQLite's own checkpoint would run inside a commit and make everybody wait for it.
    mover_ = std::thread([this] {
        std::unique_lock guard(mutex_);
        std::uint64_t moved = 0;
        while (!ending_) {
            ends_.wait_for(guard, kMove, [this] { return ending_; });
            if (counts_.commits == moved) continue;
            moved = counts_.commits;
            guard.unlock();
            ledger_.checkpoint();
            guard.lock();
        }
    });
}

Committer::~Committer() {
    {
        const std::lock_guard guard(mutex_);
        ending_ = true;
    }
    work_.notify_all();
    ends_.notify_all();
    thread_.join();
    mover_.join();
}

Committer::Ticket::Ticket(Committer& committer) : committer_(committer) {
    const std::lock_guard guard(committer_.mutex_);
    ++committer_.announced_;
}

Committer::Ticket::~Ticket() {
    const std::lock_guard guard(committer_.mutex_);
    committer_.close_ticket(open_);
}

void Committer::close_ticket(bool& open) {
    if (!open) return;
    open = false;
    // Only the last of a batch wakes the committer; the others would wake it for nothing.
    if (--announced_ == 0) work_.notify_one();
}

std::optional<AppendFault> Committer::Ticket::commit(Entry& entry) {
    Waiting waiting(entry);
    {
        const std::lock_guard guard(committer_.mutex_);
        committer_.queue_.push_back(&waiting);
        if (committer_.queue_.size() == 1 || committer_.queue_.size() >= kLargestBatch)
            committer_.work_.notify_one();
        committer_.close_ticket(open_);
    }
    waiting.wait();
    return waiting.fault;
}

void Committer::run() {
    std::vector<Waiting*> batch;
    std::vector<Entry*> entries;
    std::unique_lock guard(mutex_);
    for (;;) {
        work_.wait(guard, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) return;
        work_.wait_for(guard, kGather,
                       [this] { return ending_ || announced_ == 0 || queue_.size() >= kLargestBatch; });
        batch.swap(queue_);
        guard.unlock();

        entries.clear();
        for (const Waiting* waiting : batch) entries.push_back(waiting->entry);
        const auto start = Clock::now();
        const auto fault = ledger_.append(entries);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        if (!fault && committed_) committed_(entries);

        guard.lock();
        ++counts_.commits;
        counts_.seconds += seconds;
        (fault ? counts_.failures : counts_.entries) += entries.size();
        guard.unlock();
        for (Waiting* waiting : batch) {
            waiting->fault = fault;
            ::sem_post(&waiting->done);
        }
        batch.clear();
        guard.lock();
    }
}

CommitCounts Committer::counts() const {
    const std::lock_guard guard(mutex_);
    return counts_;
}

}  // namespace h7::license_server

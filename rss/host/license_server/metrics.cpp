#include "rss/host/license_server/metrics.hpp"

#include <fmt/format.h>

namespace h7::license_server {

void Metrics::answered(int status, double seconds) {
    const std::lock_guard guard(mutex_);
    ++by_status_[status];
    ++requests_;
    seconds_ += seconds;
    for (std::size_t i = 0; i < kBounds.size(); ++i)
        if (seconds <= kBounds[i]) ++at_most_[i];
}

void Metrics::refused(const std::string& code) {
    const std::lock_guard guard(mutex_);
    ++refused_[code];
}

std::string Metrics::text(const Configuration& configuration, const Desk& desk, const Audit& audit) const {
    std::string out;
    const auto family = [&](std::string_view name, std::string_view type, std::string_view help) {
        fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    };
    const auto one = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
        family(name, type, help);
        fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
    };
    const auto to = std::back_inserter(out);

    family("h7rss_licenses", "gauge", "licenses in the ledger, reservations included");
    for (const auto& product : configuration.products)
        fmt::format_to(to, "h7rss_licenses{{product=\"{}\"}} {}\n", product->id, desk.spent(*product).used);
    family("h7rss_quota_left", "gauge", "licenses a product may still give");
    for (const auto& product : configuration.products)
        fmt::format_to(to, "h7rss_quota_left{{product=\"{}\"}} {}\n", product->id,
                       desk.spent(*product).left().value_or(0));
    family("h7rss_hsm_left", "gauge", "licenses the HSM of a product may still give, reserved ones included");
    for (const auto& product : configuration.products)
        if (const auto left = product->keys->left())
            fmt::format_to(to, "h7rss_hsm_left{{product=\"{}\"}} {}\n", product->id, *left);
    family("h7rss_hsm_healthy", "gauge", "0: the HSM file could not be written");
    for (const auto& product : configuration.products)
        if (product->keys->left())
            fmt::format_to(to, "h7rss_hsm_healthy{{product=\"{}\"}} {}\n", product->id,
                           product->keys->healthy() ? 1 : 0);
    family("h7rss_operator_quota_left", "gauge", "licenses an operator may still get");
    for (const Operator& who : configuration.operators)
        if (const auto left = desk.spent(who).left())
            fmt::format_to(to, "h7rss_operator_quota_left{{operator=\"{}\"}} {}\n", who.name, *left);

    const CommitCounts commits = desk.commits();
    one("h7rss_licenses_issued_total", "counter", "fresh licenses since the start", commits.entries);
    one("h7rss_licenses_again_total", "counter", "licenses given to their chip again", desk.again());
    one("h7rss_ledger_commits_total", "counter", "transactions of the ledger", commits.commits);
    one("h7rss_ledger_commit_seconds_total", "counter", "time in them", commits.seconds);
    one("h7rss_ledger_failures_total", "counter",
        "licenses not given because the ledger could not be written", commits.failures);
    one("h7rss_audit_lost_total", "counter", "lines the audit log could not take", audit.lost());
    one("h7rss_healthy", "gauge", "1: licenses can be given", desk.healthy() ? 1 : 0);

    const std::lock_guard guard(mutex_);
    family("h7rss_refused_total", "counter", "requests refused, by reason");
    for (const auto& [code, count] : refused_)
        fmt::format_to(to, "h7rss_refused_total{{code=\"{}\"}} {}\n", code, count);
    family("h7rss_responses_total", "counter", "answers, by HTTP status");
    for (const auto& [status, count] : by_status_)
        fmt::format_to(to, "h7rss_responses_total{{status=\"{}\"}} {}\n", status, count);
    family("h7rss_request_seconds", "histogram", "from the whole request to the answer");
    for (std::size_t i = 0; i < kBounds.size(); ++i)
        fmt::format_to(to, "h7rss_request_seconds_bucket{{le=\"{}\"}} {}\n", kBounds[i], at_most_[i]);
    fmt::format_to(to,
                   "h7rss_request_seconds_bucket{{le=\"+Inf\"}} {}\nh7rss_request_seconds_sum {}\n"
                   "h7rss_request_seconds_count {}\n",
                   requests_, seconds_, requests_);
    return out;
}

}  // namespace h7::license_server

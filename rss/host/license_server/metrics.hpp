// Counters for Prometheus, in its text format 0.0.4.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "rss/host/license_server/desk.hpp"

namespace h7::license_server {

class Metrics {
public:
    void answered(int status, double seconds);
    void refused(const std::string& code);

    std::string text(const Configuration& configuration, const Desk& desk, const Audit& audit) const;

private:
    static constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0};

    mutable std::mutex mutex_;
    std::map<int, std::uint64_t> by_status_;
    std::map<std::string, std::uint64_t> refused_;
    std::array<std::uint64_t, kBounds.size()> at_most_{};
    std::uint64_t requests_ = 0;
    double seconds_ = 0;
};

}  // namespace h7::license_server

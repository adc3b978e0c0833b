#include "rss/host/license_server/audit.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

#include "rss/host/license_server/ledger.hpp"

namespace h7::license_server {

std::uint64_t wall_clock() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

Result<std::unique_ptr<Audit>> Audit::open(const std::filesystem::path& path) {
    int fd = -1;
    if (!path.empty()) {
        fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return misuse(
                fmt::format("{}: cannot open the audit log: {}", path.string(), std::strerror(errno)));
    }
    return std::unique_ptr<Audit>(new Audit(fd));
}

Audit::~Audit() {
    if (fd_ >= 0) ::close(fd_);
}

void Audit::write(std::string_view event, const nlohmann::ordered_json& fields) {
    if (fd_ < 0) return;
    nlohmann::ordered_json line{{"time", utc(wall_clock())}, {"event", event}};
    line.update(fields);
    append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void Audit::append(std::string_view lines) {
    if (fd_ < 0) return;
    const std::lock_guard guard(writing_);
    while (!lines.empty()) {
        const ssize_t done = ::write(fd_, lines.data(), lines.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            ++lost_;
            return;
        }
        lines.remove_prefix(static_cast<std::size_t>(done));
    }
}

}  // namespace h7::license_server

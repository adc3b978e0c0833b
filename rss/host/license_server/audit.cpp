#include "rss/host/license_server/audit.hpp"

#include <fcntl.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "rss/host/license_server/ledger.hpp"

namespace h7::license_server {

std::uint64_t wall_clock() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

Result<std::unique_ptr<Audit>> Audit::open(const std::filesystem::path& path) {
    FileDescriptor file;
    if (!path.empty()) {
        file = FileDescriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
        if (!file) return system_error(path, "cannot open the audit log");
    }
    return std::unique_ptr<Audit>(new Audit(std::move(file)));
}

void Audit::write(std::string_view event, const nlohmann::ordered_json& fields) {
    if (!file_) return;
    nlohmann::ordered_json line{{"time", utc(wall_clock())}, {"event", event}};
    line.update(fields);
    append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void Audit::append(std::string_view lines) {
    if (!file_) return;
    const std::lock_guard guard(writing_);
    if (!write_all(file_.get(), {reinterpret_cast<const std::uint8_t*>(lines.data()), lines.size()})) ++lost_;
}

}  // namespace h7::license_server

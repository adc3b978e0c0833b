// The audit log: one line of JSON for everything the server did or refused, appended to a file.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "emulator/base/descriptor.hpp"

namespace h7::license_server {

class Audit {
public:
    /// An empty path: no log. Error (misuse): the file cannot be opened.
    static Result<std::unique_ptr<Audit>> open(const std::filesystem::path& path);
    Audit(const Audit&) = delete;
    Audit& operator=(const Audit&) = delete;

    /// Adds {"time": .., "event": event, fields..}. Never fails: what could not be written is counted.
    void write(std::string_view event, const nlohmann::ordered_json& fields);
    /// Finished lines, each with its line end, in one piece.
    void append(std::string_view lines);
    std::uint64_t lost() const { return lost_; }

private:
    explicit Audit(FileDescriptor file) : file_(std::move(file)) {}
    const FileDescriptor file_;
    std::mutex writing_;
    std::atomic<std::uint64_t> lost_ = 0;
};

/// Milliseconds since 1970.
std::uint64_t wall_clock();

}  // namespace h7::license_server

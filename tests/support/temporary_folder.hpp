// A folder of one test's own, which goes with it.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "emulator/base/bytes.hpp"

namespace h7::test {

class TemporaryFolder {
public:
    enum class Where {
        disk,
        memory,  // where the machine has such a place: what fsync is worth is not asked there
    };

    explicit TemporaryFolder(Where where = Where::disk) {
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = where == Where::memory && ::access(memory.c_str(), W_OK) == 0;
        const auto base = in_memory ? memory : std::filesystem::temp_directory_path();
        std::string name = (base / "h7rss-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path at(std::string_view name) const { return path_ / name; }
    void write(std::string_view name, std::string_view text) const {
        std::ofstream(at(name), std::ios::binary) << text;
    }
    void write(std::string_view name, ByteView bytes) const {
        write(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    std::string read(std::string_view name) const {
        std::ifstream in(at(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::filesystem::path path_;
};

}  // namespace h7::test

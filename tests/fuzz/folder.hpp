// A folder of one fuzzing process, in memory where the machine has such a place; it goes with the process.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "emulator/base/bytes.hpp"

namespace h7::fuzz {

class Folder {
public:
    Folder() {
        path_ = std::filesystem::path(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") /
                ("h7rss-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::filesystem::path at(std::string_view name) const { return path_ / name; }
    void write(std::string_view name, ByteView bytes) const {
        std::ofstream file(at(name), std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    void write(std::string_view name, std::string_view text) const {
        write(name, ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    }

private:
    std::filesystem::path path_;
};

}  // namespace h7::fuzz

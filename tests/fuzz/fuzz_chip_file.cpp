// A chip file from anybody: an SQLite database with any bytes. Refused in one line that names the file, or
// everything in it is of the right size and state, and a copy says the same.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "emulator/chip_file/chip_file.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

/// In memory where the machine has such a folder; one file a process.
const std::string& path() {
    static const std::string name = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") +
                                    ("/h7rss-fuzz-" + std::to_string(::getpid()));
    return name;
}

struct Cleanup {
    Cleanup() { path(); }  // made first, so it goes last
    ~Cleanup() {
        for (const char* tail : {"", "-journal", "-wal", "-shm"}) ::unlink((path() + tail).c_str());
    }
} cleanup;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    {
        std::ofstream file(path(), std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    }
    const auto told = [](const Error& error) {
        H7_MUST(error.code == ExitCode::misuse);
        H7_MUST(error.message.find(path()) != std::string::npos);
        return 0;
    };
    const auto opened = ChipFile::open(path(), ChipFile::Use::look);
    if (!opened) return told(opened.error());
    const auto contents = opened->load();
    if (!contents) return told(contents.error());
    for (const flash::ArrayImage* array :
         {&contents->image.user[0], &contents->image.user[1], &contents->image.system2})
        H7_MUST(array->data.size() == 32 * array->words.size() && !array->words.empty());
    H7_MUST(*opened->load() == *contents);
    return 0;
}

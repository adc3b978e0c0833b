// A chip file from anybody: an SQLite database with any bytes. Refused in one line that names the file, or
// everything in it is of the right size and state, and a copy says the same.
#include "emulator/chip_file/chip_file.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/memory_vfs.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace h7;

namespace {

/// SQLite reads memory; a real file of the same length is there for those who ask the host.
struct Place : test::TemporaryFolder {
    Place() : TemporaryFolder(Where::memory) {
        fuzz::MemoryVfs::install();
        write("chip.h7", std::string_view());
    }
    const std::filesystem::path file = at("chip.h7");
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Place place;
    static const std::filesystem::path& path = place.file;
    static std::size_t runs = 0;
    fuzz::MemoryVfs::set({data, size});
    H7_MUST(::truncate(path.c_str(), static_cast<off_t>(size)) == 0);
    const auto told = [](const Error& error) {
        H7_MUST(error.code == ExitCode::misuse);
        H7_MUST(error.message.find(path.string()) != std::string::npos);
        return 0;
    };
    const auto opened = ChipFile::open(path, ChipFile::Use::look);
    if (!opened) return told(opened.error());
    const auto contents = opened->load();
    if (!contents) return told(contents.error());
    for (const flash::ArrayImage* array :
         {&contents->image.user[0], &contents->image.user[1], &contents->image.system2})
        H7_MUST(array->data.size() == 32 * array->words.size() && !array->words.empty());
    if (++runs % 64 == 0) H7_MUST(*opened->load() == *contents);  // as long as the rest together
    return 0;
}

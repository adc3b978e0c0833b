// Whatever a firmware asks of semihosting: parameter blocks, handles, file names, in any order. Its folder
// lies in another one with a file that it must never read, change or remove, and with links that lead there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/semihosting/session.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/script.hpp"

using namespace h7;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSecret = "what lies outside the folder";
constexpr Address kRam = 0x2000'0000;
constexpr std::uint32_t kSize = 0x1000;

/// outer/secret, outer/box: the folder of the firmware.
class Outer {
public:
    Outer() {
        const fs::path shared = "/dev/shm";
        root_ = (fs::is_directory(shared) ? shared : fs::temp_directory_path()) /
                ("h7rss-fuzz-semihosting-" + std::to_string(::getpid()));
        fs::remove_all(root_);
        fs::create_directories(root_);
        std::ofstream(root_ / "secret") << kSecret;
        fill();
        H7_MUST(::stat((root_ / "secret").c_str(), &secret_) == 0);
        H7_MUST(::stat(root_.c_str(), &outer_) == 0);
    }
    ~Outer() { fs::remove_all(root_); }

    /// The folder as every run finds it. Its own directory entry stays.
    void fill() {
        const fs::path box = root_ / "box";
        fs::create_directories(box);
        for (const auto& entry : fs::directory_iterator(box)) fs::remove_all(entry.path());
        fs::create_directories(box / "d");
        std::ofstream(box / "f") << "inside";
        std::ofstream(box / "d/f") << "deeper";
        fs::create_symlink("../secret", box / "l");
        fs::create_symlink("..", box / "u");
        fs::create_symlink("../..", box / "d/u");
        H7_MUST(::mkfifo((box / "p").c_str(), 0600) == 0);
    }
    void must_be_untouched() const {
        struct stat now {};
        H7_MUST(::stat((root_ / "secret").c_str(), &now) == 0);
        H7_MUST(now.st_ino == secret_.st_ino && now.st_size == secret_.st_size && now.st_nlink == 1 &&
                now.st_mtim.tv_sec == secret_.st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == secret_.st_mtim.tv_nsec);
        H7_MUST(::stat(root_.c_str(), &now) == 0);
        H7_MUST(now.st_nlink == outer_.st_nlink && now.st_mtim.tv_sec == outer_.st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == outer_.st_mtim.tv_nsec);
    }
    std::string box() const { return (root_ / "box").string(); }

private:
    fs::path root_;
    struct stat secret_ {
    }, outer_{};
};

/// RAM at kRam; nothing elsewhere, but one word that a slave holds back for a while.
class Guest final : public semihosting::Program {
public:
    static constexpr Address kBusy = 0x0800'0000;
    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        H7_MUST((size == 1 || size == 4) && address % size == 0);
        if (address == kBusy && waits-- > 0) return wait_until(1, "busy", "fuzz");
        if (address - kRam > kSize - size) return bus_error("nothing there", "fuzz");
        std::uint64_t value = 0;
        std::memcpy(&value, memory.data() + (address - kRam), size);
        return value;
    }
    BusResult<void> store(Address address, unsigned size, std::uint64_t value) override {
        H7_MUST((size == 1 || size == 4) && address % size == 0);
        if (address - kRam > kSize - size) return bus_error("nothing there", "fuzz");
        std::memcpy(memory.data() + (address - kRam), &value, size);
        return {};
    }
    Time now() const override { return 123'456'789; }

    Bytes memory = Bytes(kSize);
    int waits = 2;
};

/// Names that lead somewhere, and any others.
std::string name_from(fuzz::Script& script) {
    static constexpr std::string_view kParts[] = {"f",  "d",    "l",   "u",        "p",   "..",
                                                  ".",  "/",    "new", "secret",   "box", "../",
                                                  "d/", "d/u/", ":tt", "/dev/shm/"};
    std::string text;
    for (unsigned n = script.byte() % 8; n > 0; --n) {
        const std::uint8_t c = script.byte();
        if (c < 16)
            text += kParts[c];
        else
            text += static_cast<char>(c);
    }
    return text;
}

bool contains(ByteView bytes, std::string_view text) {
    return memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Outer outer;
    fuzz::Script script(data, size);
    semihosting::Host host;
    bool changed = false;
    std::string said;
    host.console = [&](std::string_view text) { said.append(text.substr(0, 4096)); };
    host.input = [](std::size_t most) { return std::string("a line\n").substr(0, most); };
    host.notice = [](std::string_view text) { H7_MUST(text.find('\n') == text.npos); };
    host.command_line = "firmware --option";
    auto folder = semihosting::Folder::open(outer.box());
    H7_MUST(folder);
    host.folder.emplace(std::move(*folder));
    semihosting::Session session(host);
    Guest guest;
    for (unsigned calls = 0; !script.empty() && calls < 64; ++calls) {
        std::uint32_t operation = script.byte(), parameter = kRam;
        const auto word = [&](std::uint32_t n, std::uint32_t value) {
            store_le<std::uint32_t>(guest.memory.data() + 4 * std::size_t{n}, value);
        };
        const auto put = [&](std::uint32_t at, const std::string& text) {
            std::copy(text.begin(), text.end(), guest.memory.begin() + at);
            return static_cast<std::uint32_t>(text.size());
        };
        switch (operation) {
            case 0x01: {  // open
                const std::uint8_t mode = script.byte();
                changed |= mode >= 2;
                word(0, kRam + 0x100);
                word(1, mode % 16);
                word(2, put(0x100, name_from(script)));
                break;
            }
            case 0x0E:  // remove
                changed = true;
                word(0, kRam + 0x100);
                word(1, put(0x100, name_from(script)));
                break;
            case 0x0F:  // rename
                changed = true;
                word(0, kRam + 0x100);
                word(1, put(0x100, name_from(script)));
                word(2, kRam + 0x200);
                word(3, put(0x200, name_from(script)));
                break;
            case 0x02:
            case 0x05:
            case 0x06:
            case 0x0A:
            case 0x0C:  // with a handle that may be one
                word(0, script.byte() % 8);
                word(1, (operation == 0x0A ? 0 : kRam) + script.byte() * 16U);
                word(2, script.byte() * 17U);
                break;
            default: {  // a block as it stands in the input
                parameter = script.word();
                for (std::uint32_t n = script.byte() % 8; n > 0; --n) word(n, script.word());
                operation %= 0x40;
                changed |= operation == 0x01 || operation == 0x0E || operation == 0x0F;
                break;
            }
        }
        const auto answer = session.serve(guest, operation, parameter);
        H7_MUST(answer || answer.error().kind == BusFault::Kind::wait);
        H7_MUST(said.size() < 64 * 70'000);
    }
    H7_MUST(!contains(guest.memory, kSecret) && said.find(kSecret) == said.npos);
    session.restart();
    outer.must_be_untouched();
    if (changed) outer.fill();
    return 0;
}

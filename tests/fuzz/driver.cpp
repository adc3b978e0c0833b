// Runs a fuzz target without an engine: every file of the given folders, then mutations of them from a fixed
// seed, so that any compiler finds the same inputs. With clang the target links libFuzzer instead (preset
// `fuzz`).
//
//   fuzz_sfi [--runs N] [--seed N] folder-or-file ..
//
// A crash leaves the input in crash-<target>.bin in the working directory.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/file.hpp"
#include "emulator/base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using h7::Bytes;

constexpr std::size_t kLongest = 1U << 16;
constexpr std::uint32_t kInteresting[] = {0,   1,   2,           16,          31,          32,
                                          255, 256, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFF0, 0xFFFF'FFFF};

const Bytes* current = nullptr;  // for the signal handler
const char* crash_file = "crash.bin";

void on_crash(int signal) {
    if (std::FILE* file = current == nullptr ? nullptr : std::fopen(crash_file, "wb")) {
        std::fwrite(current->data(), 1, current->size(), file);
        std::fclose(file);
        std::fprintf(stderr, "signal %d; the input is in %s\n", signal, crash_file);
    }
    std::_Exit(1);
}

void run(const Bytes& input) {
    current = &input;
    LLVMFuzzerTestOneInput(input.data(), input.size());
    current = nullptr;
}

/// One of: flip a bit, set a byte, set a word to something interesting, cut, repeat or insert a piece, splice
/// another.
void mutate(Bytes& input, const std::vector<Bytes>& corpus, h7::SeededRandom& random) {
    const auto below = [&](std::size_t n) {
        return n == 0 ? 0 : static_cast<std::size_t>(random.next() % n);
    };
    const auto at = [&] { return input.begin() + static_cast<std::ptrdiff_t>(below(input.size())); };
    switch (below(8)) {
        case 0:
            if (!input.empty()) *at() ^= static_cast<std::uint8_t>(1U << below(8));
            break;
        case 1:
            if (!input.empty()) *at() = static_cast<std::uint8_t>(random.next());
            break;
        case 2:
        case 3:
            if (input.size() >= 4) {
                const std::uint32_t value = kInteresting[below(std::size(kInteresting))];
                h7::store_le<std::uint32_t>(input.data() + 4 * below(input.size() / 4), value);
            }
            break;
        case 4:
            input.resize(below(input.size() + 1));
            break;
        case 5: {
            const Bytes piece(input.begin(), at());
            input.insert(at(), piece.begin(), piece.end());
            break;
        }
        case 6: {
            Bytes piece(1 + below(40));
            random.fill(piece);
            input.insert(at(), piece.begin(), piece.end());
            break;
        }
        default: {
            const Bytes& other = corpus[below(corpus.size())];
            input.resize(below(input.size() + 1));
            input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())),
                         other.end());
            break;
        }
    }
    if (input.size() > kLongest) input.resize(kLongest);
}

bool load(const std::filesystem::path& path, std::vector<Bytes>& corpus) {
    if (std::filesystem::is_directory(path)) {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        for (const auto& file : files)
            if (!load(file, corpus)) return false;
        return true;
    }
    auto bytes = h7::read_file(path);
    if (!bytes) {
        std::fprintf(stderr, "%s\n", bytes.error().message.c_str());
        return false;
    }
    corpus.push_back(std::move(*bytes));
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t runs = 10'000, seed = 1;
    std::vector<Bytes> corpus;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if ((argument == "--runs" || argument == "--seed") && i + 1 < argc)
            (argument == "--runs" ? runs : seed) = std::strtoull(argv[++i], nullptr, 0);
        else if (!load(argv[i], corpus))
            return 2;
    }
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_crash);
    const std::string name = "crash-" + std::filesystem::path(argv[0]).filename().string() + ".bin";
    crash_file = name.c_str();

    run({});
    for (const Bytes& input : corpus) run(input);
    if (corpus.empty()) corpus.emplace_back(64);
    h7::SeededRandom random(seed);
    for (std::uint64_t n = 0; n < runs; ++n) {
        Bytes input = corpus[random.next() % corpus.size()];
        for (std::uint64_t changes = 1 + random.next() % 4; changes > 0; --changes)
            mutate(input, corpus, random);
        run(input);
    }
    std::printf("%zu files, %llu mutations, seed %llu: no crash\n", corpus.size(),
                static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
    return 0;
}

// The benchmark guests of firmware-fixtures/bench, run by our chip and by qemu-system-arm -M mps2-an500.
// Times are CPU time of the thread or process that emulates: what else the machine does costs both sides the
// same caches and no seconds.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/loader/loader.hpp"
#include "emulator/options/option_names.hpp"

namespace h7::bench {

inline double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline std::string guest_file(std::string_view name) {
    return std::string(H7RSS_FIXTURES_DIR) + "/bench_" + std::string(name) + ".elf";
}

/// Work left out in --quick: the count in vector slot 7 of a guest is divided by this.
inline std::uint32_t shortened_by = 1;
inline constexpr std::size_t kTimesOffset = 7 * 4;

struct Run {
    double seconds = 0;
    std::uint64_t instructions = 0;
};

/// A chip with these programs, the count divided.
inline std::unique_ptr<chip::Chip> chip_with(const std::vector<std::string>& guests, std::uint64_t turn) {
    chip::Config config;
    config.turn_cycles = turn;
    if (guests.size() == 1) options::find("BCM4")->set(config.image.options, 0);
    auto chip = chip::Chip::create(config);
    if (!chip) return nullptr;
    for (const std::string& guest : guests) {
        auto program = loader::load_program(guest_file(guest));
        if (!program) return nullptr;
        std::vector<chip::Chip::Piece> pieces;
        for (loader::Segment& segment : program->segments) {
            if (segment.address == 0x0800'0000U || segment.address == 0x0810'0000U)
                store_le(segment.bytes.data() + kTimesOffset,
                         load_le<std::uint32_t>(segment.bytes.data() + kTimesOffset) / shortened_by);
            pieces.push_back({segment.address, segment.bytes});
        }
        if (!(*chip)->program(pieces)) return nullptr;
    }
    return std::move(*chip);
}

/// From reset until one of the guests has done its work.
inline std::optional<Run> run_chip(const std::vector<std::string>& guests, std::uint64_t turn = 10'000) {
    const auto chip = chip_with(guests, turn);
    if (!chip) return std::nullopt;
    chip->power_on();
    const double start = thread_seconds();
    const chip::Stop stop = chip->run({1000 * kSecond, {}});
    const double seconds = thread_seconds() - start;
    if (stop.why != chip::Stop::Why::guest_exit || stop.guest_status != 0) return std::nullopt;
    return Run{seconds, chip->cm7().instructions() + chip->cm4().instructions()};
}

/// Seconds for "restore a snapshot, run 2,000 instructions of CoreMark-like code".
inline std::optional<double> run_snapshots(unsigned rounds) {
    const auto chip = chip_with({"coremark_m7"}, 10'000);
    if (!chip) return std::nullopt;
    chip->power_on();
    chip->run({5 * kMillisecond, {}});
    const auto snapshot = chip->snapshot();
    const std::uint64_t before = chip->cm7().instructions();
    constexpr Time kStretch = 2000 * kSecond / 64'000'000;
    const auto once = [&] {
        chip->restore(*snapshot);
        chip->run({kStretch, {}});
    };
    once();
    const std::uint64_t instructions = chip->cm7().instructions() - before;
    const double start = thread_seconds();
    for (unsigned n = 0; n < rounds; ++n) once();
    const double seconds = thread_seconds() - start;
    const std::uint64_t again = chip->cm7().instructions() - before;
    if (again != instructions || again < 2000 || again > 2100) return std::nullopt;
    return seconds / rounds;
}

/// The file of a guest with its count divided, in the folder for temporary files.
inline std::string shortened_file(const std::string& guest) {
    if (shortened_by == 1) return guest_file(guest);
    std::ifstream in(guest_file(guest), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto word = [&](std::size_t at) { return reinterpret_cast<std::uint8_t*>(bytes.data() + at); };
    const auto first_segment = load_le<std::uint32_t>(word(28));  // e_phoff; the vectors are the first one
    const std::size_t times = load_le<std::uint32_t>(word(first_segment + 4)) + kTimesOffset;
    store_le(word(times), load_le<std::uint32_t>(word(times)) / shortened_by);
    const std::string path = std::filesystem::temp_directory_path() / ("bench_" + guest + ".quick.elf");
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

enum class Qemu { plain, icount };

/// CPU seconds of one QEMU process from its start to the guest's exit.
inline std::optional<double> run_qemu(Qemu mode, const std::string& guest) {
    const std::string file = shortened_file(guest);
    std::vector<const char*> words{"qemu-system-arm",
                                   "-M",
                                   "mps2-an500",
                                   "-display",
                                   "none",
                                   "-monitor",
                                   "none",
                                   "-serial",
                                   "none",
                                   "-semihosting-config",
                                   "enable=on,target=native",
                                   "-kernel",
                                   file.c_str()};
    if (mode == Qemu::icount) words.insert(words.end(), {"-icount", "shift=0,sleep=off"});
    words.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) return std::nullopt;
    if (child == 0) {
        execvp(words[0], const_cast<char**>(words.data()));
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return std::nullopt;
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace h7::bench

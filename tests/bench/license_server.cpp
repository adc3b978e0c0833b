// The license server under wrk: fresh licenses a second of its processor time, and how long a client waits at
// half that load. The server has one processor, wrk the other. Other machines' work comes and goes in
// seconds: five rounds, the middle one counts.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include "rss/host/license_server/http.hpp"
#include "tests/bench/report.hpp"
#include "tests/unit/rss/license_server/office.hpp"

namespace {

using namespace h7;
using namespace h7::license_server;

constexpr int kConnections = 64, kSeconds = 8;
constexpr int kRounds = 5, kRoundSeconds = 3;  // full load; the middle one counts
constexpr double kGoal = 4000, kLongest = 20;  // licenses a processor second; ms

constexpr const char* kScript = R"lua(
local chips, at, wait = {}, tonumber(os.getenv("BENCH_FIRST")), tonumber(os.getenv("BENCH_WAIT"))
for line in io.lines(os.getenv("BENCH_CHIPS")) do chips[#chips + 1] = line end
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer h7l_operator"
wrk.headers["Content-Type"] = "application/json"
function request() at = at + 1; return wrk.format(nil, "/v1/licenses", nil, chips[at]) end
if wait > 0 then function delay() return math.random(0, 2 * wait) end end
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %f %f %d\n", summary.requests, summary.duration, latency:percentile(50) / 1000,
           latency:percentile(99) / 1000, summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
)lua";

/// Until the parent closes the pipe.
[[noreturn]] void serve(const license_server::test::Folder& folder, int say, int end) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(std::thread::hardware_concurrency() > 1 ? 1 : 0, &set);
    sched_setaffinity(0, sizeof set, &set);
    license_server::test::Office office(folder);
    const auto http = Http::start(office.configuration.listen, *office.api, office.metrics);
    const std::uint16_t port = http ? (*http)->port() : 0;
    char byte = 0;
    if (::write(say, &port, sizeof port) == sizeof port) (void)!::read(end, &byte, 1);
    ::_exit(0);
}

/// User and system seconds of a process.
double processor_seconds(pid_t pid) {
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string text((std::istreambuf_iterator<char>(stat)), {}), word;
    std::istringstream words(text.substr(text.rfind(')') + 2));
    double ticks = 0;
    for (int n = 3; words >> word && n <= 15; ++n)
        if (n >= 14) ticks += std::stod(word);
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Load {
    double requests = 0, seconds = 0, median = 0, p99 = 0, errors = 0;
};

Load wrk(const license_server::test::Folder& folder, int port, std::size_t first, double wait, int seconds) {
    const std::string command = fmt::format(
        "BENCH_CHIPS={} BENCH_FIRST={} BENCH_WAIT={:.0f} taskset -c 0 wrk -t1 -c{} -d{}s -s {} "
        "http://127.0.0.1:{} 2>&1",
        folder.at("chips.json").string(), first, wait, kConnections, seconds, folder.at("load.lua").string(),
        port);
    Load load;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 512> line{};
    std::string all;
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
        all += line.data();
        std::istringstream words(line.data());
        std::string name;
        if (words >> name && name == "RESULT")
            words >> load.requests >> load.seconds >> load.median >> load.p99 >> load.errors;
    }
    ::pclose(pipe);
    load.seconds /= 1e6;
    if (load.requests == 0 || load.errors != 0) {
        fmt::print(stderr, "wrk (Debian package wrk) says:\n{}", all);
        std::exit(1);
    }
    return load;
}

}  // namespace

int main() {
    const license_server::test::Folder folder;
    folder.write("server.toml", license_server::test::file_text(
                                    "quota = 100000000", "", fmt::format("connections = {}", kConnections)));
    folder.write("load.lua", kScript);
    {
        std::ofstream chips(folder.at("chips.json"));
        constexpr std::uint32_t kChips = 130'000;  // more than all runs can ask for
        for (std::uint32_t n = 0; n < kChips; ++n)
            chips << license_server::test::request_json(license_server::test::make_chip(n)) << '\n';
    }
    std::array<int, 2> up{}, down{};
    if (::pipe(up.data()) != 0 || ::pipe(down.data()) != 0) return 1;
    const pid_t server = ::fork();
    if (server == 0) {
        ::close(down[1]);
        serve(folder, up[1], down[0]);
    }
    std::uint16_t port = 0;
    if (::read(up[0], &port, sizeof port) != sizeof port || port == 0) return 1;

    struct Round {
        double a_second;
        Load load;
    };
    std::vector<Round> rounds;
    std::size_t asked = 0;
    double given = 0;
    for (int n = 0; n < kRounds; ++n) {
        const double before = processor_seconds(server);
        const Load load = wrk(folder, port, asked, 0, kRoundSeconds);
        rounds.push_back({load.requests / (processor_seconds(server) - before), load});
        given += load.requests;
        asked += static_cast<std::size_t>(load.requests) + 1000;  // wrk had more under way
    }
    std::ranges::sort(rounds, {}, &Round::a_second);
    const auto& [a_second, full] = rounds[kRounds / 2];
    bench::print({.bench = "license_server",
                  .name = "fresh licenses a server-CPU-second",
                  .unit = "licenses",
                  .against = "4000",
                  .value = a_second,
                  .ratio = a_second / kGoal,
                  .bar = 1.0});
    bench::print({.bench = "license_server",
                  .name = "fresh licenses a second, full load",
                  .unit = "licenses",
                  .against = "4000",
                  .value = full.requests / full.seconds,
                  .ratio = full.requests / full.seconds / kGoal,
                  .bar = {}});

    const double rate = full.requests / full.seconds / 2;
    const double wait = std::max(1.0, kConnections / rate * 1000 - full.median / 2);
    const Load half = wrk(folder, port, asked, wait, kSeconds);
    bench::print({.bench = "license_server",
                  .name = "half load",
                  .unit = "licenses/s",
                  .against = "full load",
                  .value = half.requests / half.seconds,
                  .ratio = half.requests / half.seconds / (full.requests / full.seconds),
                  .bar = {}});
    bench::print({.bench = "license_server",
                  .name = "p99 at half load",
                  .unit = "ms",
                  .against = "20 ms",
                  .value = half.p99,
                  .ratio = kLongest / half.p99,
                  .bar = 1.0});
    ::close(down[1]);
    ::waitpid(server, nullptr, 0);
    const auto ledger = Ledger::open(folder.at("ledger.db"), Ledger::Use::look);
    const auto totals = ledger ? ledger->walk() : Result<Totals>(ledger.error());
    if (!totals || static_cast<double>(totals->entries) < given + half.requests) {
        fmt::print(stderr, "the ledger does not hold what wrk got\n");
        return 1;
    }
    return 0;
}

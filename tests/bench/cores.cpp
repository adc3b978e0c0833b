// How fast the cores run: six guests, interrupts on, 1 kHz SysTick, against qemu-system-arm -M mps2-an500,
// plain and with -icount shift=0,sleep=off; both cores on one thread; layouts that hurt; what an exception, a
// register access and a native call cost. Everything in turns, medians of five (--quick: once, with a
// fiftieth of the work; --costs: only exceptions, register accesses, native calls and snapshots).
#include <cmath>
#include <cstdio>
#include <map>
#include <string_view>

#include "tests/bench/guests.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;
using bench::Qemu;

constexpr std::string_view kGuests[] = {"integer", "copy", "float", "double", "coremark", "dhrystone"};
constexpr std::string_view kLayouts[] = {"axi", "itcm", "aligned", "together"};
constexpr std::string_view kLaidOut[] = {"coremark", "dhrystone"};

/// All times of one cell, by name: "one-core", "dual", "qemu", ..
using Cells = std::map<std::string, std::vector<double>>;

class Measurement {
public:
    Measurement(int repeats, bool costs_only) : repeats_(repeats), costs_only_(costs_only) {}

    bool run() {
        for (int n = 0; n < repeats_; ++n)
            if (!once()) return false;
        return true;
    }

    void report() const {
        if (!costs_only_) report_speed();
        each("svc", "SVC entry and return", 600);
        each("mmio", "MMIO read", 60);
        row("snapshot restore and 2,000 instructions", 1 / seconds("snapshot"), "/s",
            1 / seconds("snapshot") / 150'000, "of 150,000 /s", 1.0);
        each("native", "native call (RSS getVersion)", 120);
    }

private:
    void report_speed() const {
        for (const std::string_view guest : kGuests) one_core(guest);
        geomean("one-core-geomean", "one-core", "qemu-icount", 1.3);
        geomean("one-core-geomean", "one-core", "qemu", 0.9);
        for (const std::string_view guest : kGuests) dual("dual-", guest);
        geomean("dual-geomean", "dual-", "qemu", 0.85);
        for (const std::string_view guest : kGuests) dual("dual-turn-1000-", guest);
        geomean("dual-turn-1000-geomean", "dual-turn-1000-", "qemu", std::nullopt);
        for (const std::string_view guest : kLaidOut)
            for (const std::string_view layout : kLayouts) laid_out(guest, layout);
    }

    static std::string of(std::string_view what, std::string_view guest) {
        return std::string(what) + std::string(guest);
    }
    double seconds(const std::string& cell) const { return bench::median(cells_.at(cell)); }

    bool ours(const std::string& cell, const std::vector<std::string>& guests, std::uint64_t turn = 10'000) {
        const auto run = bench::run_chip(guests, turn);
        if (!run) {
            std::fprintf(stderr, "cores: the chip did not finish %s\n", cell.c_str());
            return false;
        }
        cells_[cell].push_back(run->seconds);
        instructions_[cell] = run->instructions;
        return true;
    }
    bool theirs(const std::string& cell, Qemu mode, const std::string& guest) {
        const auto empty = bench::run_qemu(mode, "empty_qemu"), run = bench::run_qemu(mode, guest + "_qemu");
        if (!empty || !run) {
            std::fprintf(stderr, "cores: qemu-system-arm -M mps2-an500 did not finish %s\n", cell.c_str());
            return false;
        }
        cells_[cell].push_back(std::max(*run - *empty, 1e-4));
        return true;
    }
    bool once() { return (costs_only_ || speed_once()) && costs_once(); }

    bool speed_once() {
        for (const std::string_view name : kGuests) {
            const std::string guest(name), m7 = guest + "_m7", m4 = guest + "_m4";
            if (!theirs(of("qemu", name), Qemu::plain, guest) || !ours(of("one-core", name), {m7}) ||
                !theirs(of("qemu-icount", name), Qemu::icount, guest) || !ours(of("dual-", name), {m7, m4}) ||
                !ours(of("dual-turn-1000-", name), {m7, m4}, 1000))
                return false;
        }
        for (const std::string_view guest : kLaidOut)
            for (const std::string_view layout : kLayouts)
                if (!ours(of(layout, guest), {std::string(guest) + "_" + std::string(layout)})) return false;
        return true;
    }
    bool costs_once() {
        for (const std::string what : {"svc", "mmio", "native"})
            if (!ours(what, {what + "_m7"})) return false;
        const auto restore = bench::run_snapshots(100'000 / bench::shortened_by);
        if (!restore) {
            std::fputs("cores: a restored chip did something else\n", stderr);
            return false;
        }
        cells_["snapshot"].push_back(*restore);
        return true;
    }

    double mips(const std::string& cell) const {
        return static_cast<double>(instructions_.at(cell)) / seconds(cell) / 1e6;
    }
    /// Speed against QEMU with the same guest on one core. Our count of its instructions is theirs as well.
    double ratio(std::string_view cell, std::string_view against, std::string_view guest) const {
        const double theirs =
            static_cast<double>(instructions_.at(of("one-core", guest))) / seconds(of(against, guest)) / 1e6;
        return mips(of(cell, guest)) / theirs;
    }
    void row(const std::string& name, double value, std::string_view unit, double ratio,
             std::string_view against, std::optional<double> bar) const {
        bench::print({.bench = "cores",
                      .name = name,
                      .unit = unit,
                      .against = against,
                      .value = value,
                      .ratio = ratio,
                      .bar = bar});
    }
    void one_core(std::string_view guest) const {
        const std::string cell = of("one-core", guest), name = "one-core-" + std::string(guest);
        row(name, mips(cell), "MIPS", ratio("one-core", "qemu-icount", guest), "qemu-icount", 0.9);
        row(name, mips(cell), "MIPS", ratio("one-core", "qemu", guest), "qemu", std::nullopt);
    }
    void dual(std::string_view cell, std::string_view guest) const {
        row(of(cell, guest), mips(of(cell, guest)), "MIPS", ratio(cell, "qemu", guest), "qemu", std::nullopt);
    }
    void geomean(const std::string& name, std::string_view cell, std::string_view against,
                 std::optional<double> bar) const {
        double speed = 0, ratios = 0;
        for (const std::string_view guest : kGuests) {
            speed += std::log(mips(of(cell, guest)));
            ratios += std::log(ratio(cell, against, guest));
        }
        const auto count = static_cast<double>(std::size(kGuests));
        row(name, std::exp(speed / count), "MIPS", std::exp(ratios / count), against, bar);
    }
    void laid_out(std::string_view guest, std::string_view layout) const {
        const std::string cell = of(layout, guest);
        row(std::string(guest) + ", " + std::string(layout), mips(cell), "MIPS",
            mips(cell) / mips(of("one-core", guest)), "code in flash, data in DTCM", std::nullopt);
    }
    /// One loop of a few instructions around it included.
    void each(const std::string& cell, const std::string& name, double bar) const {
        const double value = seconds(cell) / static_cast<double>(kTimes.at(cell) / bench::shortened_by) * 1e9;
        row(name, value, "ns", bar / value, fmt::format("of {:.0f} ns", bar), 1.0);
    }

    static const std::map<std::string, std::uint32_t>
        kTimes;  // as firmware-fixtures/CMakeLists.txt builds them
    int repeats_;
    bool costs_only_;
    Cells cells_;
    std::map<std::string, std::uint64_t> instructions_;
};
const std::map<std::string, std::uint32_t> Measurement::kTimes{
    {"svc", 1'000'000}, {"mmio", 5'000'000}, {"native", 2'000'000}};

}  // namespace

int main(int argc, char** argv) {
    const std::string_view option = argc > 1 ? argv[1] : "";
    if (option == "--quick") bench::shortened_by = 50;
    Measurement measurement(option == "--quick" ? 1 : 5, option == "--costs");
    if (!measurement.run()) return 1;
    measurement.report();
    return 0;
}

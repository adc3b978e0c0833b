// What the flash interface costs: code and data in flash against the same in RAM, a change of the rules, and
// programming.
#include <cstdio>

#include "emulator/chip/chip.hpp"
#include "emulator/loader/loader.hpp"
#include "emulator/options/option_names.hpp"
#include "peripherals/usart/usart.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;

constexpr Address kCode = 0x400, kData = 0x4000, kFlash = 0x0800'0000, kRam = 0x2400'0000;
constexpr unsigned kPairs = 450;  // 1.8 Kbytes of code: more than one granule of the access view

void append(Bytes& bytes, std::uint32_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// ldr r1, =data; then over and over: ldr r2, [r1, #n]; adds r3, r3, r2.
Bytes loop(Address data) {
    Bytes code;
    append(code, 0x4900, 2);  // ldr r1, [pc, #0]
    append(code, 0xE001, 2);  // b over the literal
    append(code, data, 4);
    for (unsigned i = 0; i < kPairs; ++i) {
        append(code, 0x6800U | (i % 32U) << 6 | 1U << 3 | 2U, 2);
        append(code, 0x1800U | 2U << 6 | 3U << 3 | 3U, 2);
    }
    const int back = -static_cast<int>(4 * kPairs + 4);
    append(code, 0xE000U | (static_cast<unsigned>(back / 2) & 0x7FFU), 2);
    return code;
}

std::unique_ptr<chip::Chip> make_chip(const std::vector<chip::Chip::Piece>& pieces) {
    chip::Config config;
    options::find("BCM4")->set(config.image.options, 0);
    auto chip = chip::Chip::create(config);
    if (!chip || !(*chip)->program(pieces)) return nullptr;
    return std::move(*chip);
}

std::unique_ptr<chip::Chip> looping_in(Address memory) {
    Bytes vectors;
    append(vectors, 0x2000'1000, 4);
    append(vectors, memory + kCode + 1, 4);
    vectors.resize(32, 0xFF);
    const Bytes code = loop(memory + kData);
    const Bytes data(128, 0x5A);
    auto chip = make_chip({{kFlash, vectors}, {memory + kCode, code}, {memory + kData, data}});
    if (chip) chip->power_on();
    return chip;
}

void row(std::string_view name, double value, std::string_view unit, double bar) {
    bench::print({.bench = "bus",
                  .name = name,
                  .unit = unit,
                  .against = fmt::format("of {:.0f} {}", bar, unit),
                  .value = value,
                  .ratio = bar / value,
                  .bar = 1.0});
}

bool measure_reads() {
    const auto flash = looping_in(kFlash), ram = looping_in(kRam);
    if (!flash || !ram) return false;
    constexpr Time kSlice = 10 * kMillisecond;  // 640,000 instructions at 64 MHz
    const auto run = [](chip::Chip& chip) { return chip.run({kSlice, {}}).why == chip::Stop::Why::limit; };
    bool good = run(*flash) && run(*ram);
    const bench::Paired paired = bench::compare([&] { good &= run(*flash); }, [&] { good &= run(*ram); });
    good &= flash->cm7().pc() >= kFlash && flash->cm7().pc() < kFlash + 0x1000;
    good &= ram->cm7().pc() >= kRam && ram->cm7().pc() < kRam + 0x1000;
    bench::print({.bench = "bus",
                  .name = "fetch and read in flash",
                  .unit = "MIPS",
                  .against = "the same in AXI SRAM",
                  .value = 0.64 / paired.ours,
                  .ratio = paired.ratio,
                  .bar = 0.95});
    return good;
}

/// The access views of both cores forget what they knew; then, for information, a whole option change and
/// what the running core pays to ask again.
bool measure_rule_change() {
    const auto chip = looping_in(kFlash);
    if (!chip) return false;
    const auto put = [&](Address at, std::uint32_t value) {
        return chip->write(chip->as_core(Master::cm7, at, 4, Op::write), value).has_value();
    };
    bool good = put(0x5200'2008, 0x0819'2A3B) && put(0x5200'2008, 0x4C5D'6E7F);
    chip->run({kMillisecond, {}});
    row("rule change, access view of both cores",
        bench::seconds_per_call([&] { chip->flash().rights_changed(); }) * 1e6, "us", 5);
    std::uint32_t protections = 0xFF;
    row("option change: WRP, OPTSTART",
        bench::seconds_per_call([&] { good &= put(0x5200'213C, protections ^= 1U) && put(0x5200'2018, 2); }) *
            1e6,
        "us", 5);
    constexpr Time kShort = 100 * kMicrosecond;
    const bench::Paired paired = bench::compare(
        [&] {
            chip->flash().rights_changed();
            chip->run({kShort, {}});
        },
        [&] {
            chip->run({kShort, {}});
        });
    row("rule change and asking again (running core)", paired.ours * (1 - paired.ratio) * 1e6, "us", 5);
    return good;
}

bool measure_programming() {
    const auto program = loader::load_program(std::string(H7RSS_FIXTURES_DIR) + "/flash_fill.elf");
    if (!program) return false;
    std::vector<chip::Chip::Piece> pieces;
    for (const loader::Segment& segment : program->segments)
        pieces.push_back({segment.address, segment.bytes});
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
        const auto chip = make_chip(pieces);
        if (!chip) return false;
        std::string console;
        chip->uart("USART3")->transmit = [&](std::uint8_t c) { console.push_back(static_cast<char>(c)); };
        chip->power_on();
        const auto said = [&](std::string_view text) {
            return chip->run({kSecond, [&] { return console.find(text) != std::string::npos; }}).why ==
                   chip::Stop::Why::reached;
        };
        if (!said("programming\n")) return false;
        const auto start = std::chrono::steady_clock::now();
        if (!said("reads back")) return false;
        times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    row("programming 1 MiB through guest stores", bench::median(times) * 1e3, "ms", 150);
    return true;
}

}  // namespace

int main() {
    const bool good = measure_reads() && measure_rule_change() && measure_programming();
    if (!good) std::fputs("bus: the chip did not do what was measured\n", stderr);
    return good ? 0 : 1;
}

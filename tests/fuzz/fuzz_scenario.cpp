// A scenario file from anybody: refused in one line that begins with its place, or every step is whole.
#include "emulator/scenario/runner.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = scenario::parse_scenario({reinterpret_cast<const char*>(data), size}, "s.toml");
    if (!parsed) {
        H7_MUST(parsed.error().code == ExitCode::misuse);
        H7_MUST(parsed.error().message.starts_with("s.toml:"));
        return 0;
    }
    H7_MUST(!parsed->steps.empty() && parsed->steps.size() <= scenario::kMostSteps);
    std::vector<scenario::Verdict> verdicts;
    for (const scenario::Step& step : parsed->steps) {
        H7_MUST(step.place.line >= 1 && !step.title.empty());
        H7_MUST(step.size == 1 || step.size == 2 || step.size == 4 || step.size == 8);
        H7_MUST(step.level <= 2 && step.time <= 200ULL * 24 * 3600 * kSecond);
        const auto kind = static_cast<scenario::Verdict::Kind>(verdicts.size() % 3);
        verdicts.push_back({kind, step.title, step.place, 0, step.time, step.text});
    }
    const std::string xml = scenario::junit(*parsed, verdicts);
    for (const char c : xml) H7_MUST(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    return 0;
}

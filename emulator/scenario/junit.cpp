#include <fmt/format.h>

#include <algorithm>

#include "emulator/scenario/runner.hpp"

namespace h7::scenario {
namespace {

/// What XML 1.0 may hold; control characters become '?'.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
    return out;
}

double seconds(Time time) { return static_cast<double>(time) / static_cast<double>(kSecond); }

}  // namespace

std::string junit(const Scenario& scenario, std::span<const Verdict> verdicts) {
    const auto count = [&](Verdict::Kind kind) { return std::ranges::count(verdicts, kind, &Verdict::kind); };
    Time all = 0;
    for (const Verdict& verdict : verdicts) all += verdict.took;
    std::string xml = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.9f}\">\n",
        escaped(scenario.name), verdicts.size(), count(Verdict::Kind::failed), count(Verdict::Kind::skipped),
        seconds(all));
    std::size_t number = 0;
    for (const Verdict& verdict : verdicts) {
        xml += fmt::format("  <testcase classname=\"{}\" name=\"{} {}\" time=\"{:.9f}\"",
                           escaped(scenario.name), ++number, escaped(verdict.title), seconds(verdict.took));
        if (verdict.kind == Verdict::Kind::passed)
            xml += "/>\n";
        else if (verdict.kind == Verdict::Kind::skipped)
            xml += "><skipped/></testcase>\n";
        else
            xml += fmt::format(">\n    <failure message=\"{}\">{}:{}: {}</failure>\n  </testcase>\n",
                               escaped(verdict.message), escaped(scenario.path), verdict.place.line,
                               escaped(verdict.message));
    }
    return xml + "</testsuite>\n";
}

}  // namespace h7::scenario

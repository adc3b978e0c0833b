#include "rss/host/torture/report.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace h7::torture {
namespace {

constexpr std::array kGroups = {Group::cuts, Group::tampering, Group::situations};

struct Sum {
    std::uint64_t cases = 0, cycles = 0, reads = 0, violations = 0;
    std::map<std::string, std::uint64_t> ends;
};

Sum sum_of(const Report& report, Group group) {
    Sum sum;
    for (const Line& line : report.lines) {
        if (line.group != group) continue;
        ++sum.cases;
        sum.cycles += line.outcome.cycles;
        sum.reads += line.outcome.reads;
        sum.violations += line.outcome.broken.size();
        ++sum.ends[line.outcome.ended];
    }
    return sum;
}

std::string reproducer(std::string_view command, const Report& report, const Line& line) {
    return fmt::format("{} --seed {} --only {}", command, report.seed, line.name);
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
        }
    return out;
}

}  // namespace

std::string table(const Report& report, std::string_view command) {
    std::string text =
        fmt::format("{} flash steps; {} of {} cases\n\n{:<12}{:>8}{:>9}{:>10}{:>12}\n", report.steps,
                    report.lines.size(), report.catalogue, "group", "cases", "cycles", "reads", "violations");
    for (const Group group : kGroups) {
        const Sum sum = sum_of(report, group);
        text += fmt::format("{:<12}{:>8}{:>9}{:>10}{:>12}\n", name_of(group), sum.cases, sum.cycles,
                            sum.reads, sum.violations);
    }
    text += "\n";
    for (const Group group : kGroups)
        for (const auto& [end, count] : sum_of(report, group).ends)
            text += fmt::format("{:<12}{:>8}  {}\n", name_of(group), count, end);
    for (const Line& line : report.lines)
        for (const std::string& what : line.outcome.broken)
            text += fmt::format("\nVIOLATION {}: {}\n  again: {}\n", line.name, what,
                                reproducer(command, report, line));
    text += fmt::format("\ntorture: {} cycles, {} reads, {} violations\n", report.cycles(), report.reads(),
                        report.violations());
    return text;
}

nlohmann::ordered_json to_json(const Report& report, std::string_view command) {
    nlohmann::ordered_json json{{"seed", report.seed},
                                {"steps", report.steps},
                                {"catalogue", report.catalogue},
                                {"cases", report.lines.size()},
                                {"cycles", report.cycles()},
                                {"reads", report.reads()},
                                {"violations", report.violations()}};
    auto outcomes = nlohmann::ordered_json::array(), broken = nlohmann::ordered_json::array();
    for (const Line& line : report.lines) {
        outcomes.push_back({{"number", line.number},
                            {"case", line.name},
                            {"group", name_of(line.group)},
                            {"ended", line.outcome.ended}});
        for (const std::string& what : line.outcome.broken)
            broken.push_back(
                {{"case", line.name}, {"what", what}, {"again", reproducer(command, report, line)}});
    }
    json["outcomes"] = std::move(outcomes);
    json["broken"] = std::move(broken);
    return json;
}

std::string junit(const Report& report, std::string_view command) {
    std::size_t failures = 0;
    for (const Line& line : report.lines) failures += line.outcome.broken.empty() ? 0 : 1;
    std::string xml = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"sfi torture\" tests=\"{}\" "
        "failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
        report.lines.size(), failures);
    for (const Line& line : report.lines) {
        xml += fmt::format("  <testcase classname=\"torture.{}\" name=\"{}\"", name_of(line.group),
                           escaped(line.name));
        if (line.outcome.broken.empty()) {
            xml += "/>\n";
            continue;
        }
        std::string all;
        for (const std::string& what : line.outcome.broken) all += what + "\n";
        xml += fmt::format(">\n    <failure message=\"{}\">{}again: {}</failure>\n  </testcase>\n",
                           escaped(line.outcome.broken.front()), escaped(all),
                           escaped(reproducer(command, report, line)));
    }
    return xml + "</testsuite>\n";
}

}  // namespace h7::torture

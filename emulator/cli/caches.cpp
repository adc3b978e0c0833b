#include "emulator/cli/caches.hpp"

#include <fmt/format.h>

namespace h7::cli {
namespace {

/// "fill+0x8", or "" where no function is known.
std::string symbol_at(Address pc, const std::vector<loader::Program>& programs) {
    for (const loader::Program& program : programs)
        for (const loader::Symbol& symbol : program.symbols)
            if (symbol.function && pc - symbol.address < symbol.size)
                return pc == symbol.address ? symbol.name
                                            : fmt::format("{}+0x{:x}", symbol.name, pc - symbol.address);
    return "";
}

std::string party(const chip::CacheFinding::Party& who, const std::vector<loader::Program>& programs) {
    if (!is_core(who.master)) return std::string(name_of(who.master));
    const std::string symbol = symbol_at(who.pc, programs);
    return fmt::format("{} at 0x{:08x}{}", name_of(who.master), who.pc,
                       symbol.empty() ? "" : " (" + symbol + ")");
}

nlohmann::ordered_json json_of(const chip::CacheFinding::Party& who,
                               const std::vector<loader::Program>& programs) {
    nlohmann::ordered_json json{{"master", name_of(who.master)}};
    if (!is_core(who.master)) return json;
    json["pc"] = who.pc;
    if (const std::string symbol = symbol_at(who.pc, programs); !symbol.empty()) json["symbol"] = symbol;
    return json;
}

bool not_cleaned(const chip::CacheFinding& finding) {
    return finding.kind == chip::CacheFinding::Kind::not_cleaned;
}

}  // namespace

std::string line_of(const chip::CacheFinding& finding, const std::vector<loader::Program>& programs) {
    return fmt::format(
        "{} reads 0x{:08x}, written by {} and {}; {} accesses, the first at {:.3f} us",
        party(finding.reader, programs), finding.address, party(finding.writer, programs),
        not_cleaned(finding) ? "never cleaned from its cache" : "never invalidated in the reader's cache",
        finding.count, static_cast<double>(finding.time) / static_cast<double>(kMicrosecond));
}

nlohmann::ordered_json json_of(const std::vector<chip::CacheFinding>& findings,
                               const std::vector<loader::Program>& programs) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const chip::CacheFinding& finding : findings)
        all.push_back({{"kind", not_cleaned(finding) ? "not-cleaned" : "not-invalidated"},
                       {"writer", json_of(finding.writer, programs)},
                       {"reader", json_of(finding.reader, programs)},
                       {"address", finding.address},
                       {"time_ps", finding.time},
                       {"count", finding.count}});
    return all;
}

std::string summary_of(const std::vector<chip::CacheFinding>& findings) {
    if (findings.empty()) return "";
    std::uint64_t count = 0;
    for (const chip::CacheFinding& finding : findings) count += finding.count;
    return fmt::format(
        "--check-caches: {} pair{} of writer and reader, {} access{} that would read stale data",
        findings.size(), findings.size() == 1 ? "" : "s", count, count == 1 ? "" : "es");
}

}  // namespace h7::cli

#include "emulator/cli/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "emulator/base/file.hpp"
#include "emulator/settings/settings.hpp"

namespace h7::cli {
namespace {

using scenario::Verdict;

std::string_view word_of(Verdict::Kind kind) {
    static constexpr std::string_view kWords[] = {"ok", "FAILED", "skipped"};
    return kWords[static_cast<unsigned>(kind)];
}

}  // namespace

Result<Script> Script::read(const std::string& path) {
    const Bytes bytes = TRY(read_file(path, settings::kLargestFile));
    return Script(
        TRY(scenario::parse_scenario({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path)));
}

std::string Script::beside(const std::string& path) const {
    return (std::filesystem::path(file_.path).parent_path() / path).string();
}

std::vector<std::string> Script::beside(const std::vector<std::string>& paths) const {
    std::vector<std::string> all;
    for (const std::string& path : paths) all.push_back(beside(path));
    return all;
}

void Script::carry_out(scenario::Runner& runner, bool loud, const std::function<bool()>& between) {
    std::size_t number = 0;
    const auto progress = [&](const Verdict& verdict) {
        ++number;
        if (!loud) return;
        fmt::print(stderr, "h7rss: [{}/{}] {:<7} {} ({:.3f} ms)\n", number, file_.steps.size(),
                   word_of(verdict.kind), verdict.title,
                   static_cast<double>(verdict.took) / static_cast<double>(kMillisecond));
    };
    verdicts_ = runner.run(progress, between);
}

std::string Script::failure() const {
    const auto failed = std::ranges::find(verdicts_, Verdict::Kind::failed, &Verdict::kind);
    if (failed == verdicts_.end()) return "";
    return fmt::format("{}:{}:{}: {}: {}", file_.path, failed->place.line, failed->place.column,
                       failed->title, failed->message);
}

nlohmann::ordered_json Script::json() const {
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    for (const Verdict& verdict : verdicts_) {
        steps.push_back({{"title", verdict.title},
                         {"result", word_of(verdict.kind)},
                         {"line", verdict.place.line},
                         {"began_ps", verdict.began},
                         {"took_ps", verdict.took}});
        if (!verdict.message.empty()) steps.back()["message"] = verdict.message;
    }
    return steps;
}

Result<void> Script::write_junit(const std::string& path) const {
    const std::string xml = scenario::junit(file_, verdicts_);
    return write_file(path, {reinterpret_cast<const std::uint8_t*>(xml.data()), xml.size()});
}

}  // namespace h7::cli

#include "emulator/cli/readings.hpp"

#include <fmt/format.h>

#include "emulator/chip/readings.hpp"

namespace h7::cli {

void add_readings(CLI::App& command, std::vector<std::string>& texts) {
    std::string help = "NAME=VALUE, where the manual can be read in more than one way (default first):";
    for (const chip::Reading& reading : chip::all_readings())
        help += fmt::format("\n{}={}: {} ({})", reading.name, chip::values_text(reading), reading.question,
                            reading.decision);
    command.add_option("--reading", texts, help)->allow_extra_args(false);
}

Result<std::map<std::string, std::string>> with_readings(std::map<std::string, std::string> kept,
                                                         const std::vector<std::string>& texts) {
    std::map<std::string, std::string> given;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) return misuse(fmt::format("--reading {}: write NAME=VALUE", text));
        if (!given.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
            return misuse(fmt::format("--reading {}: this reading is given twice", text));
    }
    if (const auto known = chip::readings_of(given); !known)
        return Error{known.error().code, "--" + known.error().message};
    for (const auto& [name, value] : given) kept[name] = value;
    for (const chip::Reading& reading : chip::all_readings())
        if (const auto at = kept.find(std::string(reading.name)); at != kept.end())
            if (at->second == reading.values[0]) kept.erase(at);
    return kept;
}

}  // namespace h7::cli

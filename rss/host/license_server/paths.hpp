// Paths in the server's file: relative to its folder.
#pragma once

#include <fmt/format.h>

#include <filesystem>

#include "emulator/settings/settings.hpp"

namespace h7::license_server {

/// Empty: the key is not there. Error (misuse): an empty text.
inline Result<std::filesystem::path> path_at(settings::Section& section, std::string_view key,
                                             std::string_view expected, const std::filesystem::path& folder) {
    const auto text = TRY(section.text(key, expected));
    if (!text) return std::filesystem::path();
    if (text->empty()) return section.wrong(key, fmt::format("empty; expected {}", expected));
    return folder / *text;
}

/// Error (misuse): it is not there.
inline Result<std::filesystem::path> needed_path_at(settings::Section& section, std::string_view key,
                                                    std::string_view expected,
                                                    const std::filesystem::path& folder) {
    const std::filesystem::path found = TRY(path_at(section, key, expected, folder));
    if (found.empty()) return section.wrong(key, fmt::format("missing; expected {}", expected));
    return found;
}

}  // namespace h7::license_server

// Published vectors that are not part of this project: Wycheproof beside the checkout (or where H7RSS_VECTORS
// says) and NIST's CAVP files from Debian's python3-cryptography-vectors. A test that finds none says so and
// is skipped.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "emulator/base/hex.hpp"

namespace h7::vectors {

inline std::filesystem::path wycheproof(const std::string& name) {
    const char* folder = std::getenv("H7RSS_VECTORS");
    return std::filesystem::path(folder == nullptr ? H7RSS_VECTORS_DIR : folder) / "wycheproof" / name;
}

inline std::filesystem::path cavp(const std::string& name) {
    return std::filesystem::path("/usr/lib/python3/dist-packages/cryptography_vectors/ciphers/AES/GCM") /
           name;
}

inline Bytes bytes(const nlohmann::json& value) { return from_hex(value.get<std::string>()).value(); }

/// Calls `check(group, test)` for every test of the file.
template <class Check>
void for_each_wycheproof(const std::filesystem::path& path, Check check) {
    std::ifstream stream(path);
    const nlohmann::json file = nlohmann::json::parse(stream);
    for (const auto& group : file["testGroups"])
        for (const auto& test : group["tests"]) check(group, test);
}

}  // namespace h7::vectors

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GTEST_SKIP returns from the test
#define H7_NEEDS(path)                                                                                  \
    if (!std::filesystem::exists(path))                                                                 \
    GTEST_SKIP() << "absent: " << (path) << " (Wycheproof: set H7RSS_VECTORS to the folder that holds " \
                 << "wycheproof/; NIST: apt-get install python3-cryptography-vectors)"

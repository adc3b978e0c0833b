#include "emulator/cli/inputs.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"

namespace h7::cli {

Result<Bytes> read_secret(const std::string& path, std::size_t size, std::string_view what) {
    Bytes bytes = TRY(read_file(path, 4096));
    if (bytes.size() == size) return bytes;
    std::string text(bytes.begin(), bytes.end());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    auto parsed = from_hex(text);
    if (!parsed || parsed->size() != size)
        return misuse(fmt::format("{}: {} bytes; {} has {} bytes, raw or as {} hexadecimal digits", path,
                                  bytes.size(), what, size, 2 * size));
    return parsed;
}

Result<void> not_an_input(std::string_view option, const std::string& output,
                          const std::vector<std::string>& inputs) {
    for (const std::string& input : inputs) {
        std::error_code none;  // one of them does not exist: they are not the same
        if (!input.empty() && std::filesystem::equivalent(output, input, none))
            return misuse(fmt::format("{} {}: this command reads that file", option, output));
    }
    return {};
}

Error in_file(const std::string& path, const Error& error) {
    return {error.code,
            error.message.starts_with(path) ? error.message : fmt::format("{}: {}", path, error.message)};
}

}  // namespace h7::cli

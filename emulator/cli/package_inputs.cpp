#include "emulator/cli/package_inputs.hpp"

#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/loader/loader.hpp"
#include "rss/host/package/nonce_registry.hpp"
#include "rss/host/package/option_toml.hpp"
#include "rss/image/option_csv.hpp"
#include "rss/image/smi.hpp"

namespace h7::cli {

Result<std::vector<package::Segment>> segments_of(const std::vector<std::string>& arguments) {
    std::vector<loader::Program> programs;
    for (const std::string& argument : arguments) programs.push_back(TRY(loader::load_argument(argument)));
    TRY(loader::check_disjoint(programs));
    std::vector<package::Segment> segments;
    for (loader::Program& program : programs)
        for (loader::Segment& segment : program.segments)
            segments.push_back({segment.address, std::move(segment.bytes),
                                fmt::format("{}: {}", program.path, segment.origin)});
    return segments;
}

Result<Modules> modules_of(const std::vector<std::string>& arguments) {
    Modules modules;
    std::vector<std::string> programs;
    for (const std::string& argument : arguments) {
        const auto file = read_file(argument, image::kModuleHeaderBytes + image::kMaxModuleBytes);
        if (file && image::looks_like_smi(*file))
            modules.wrapped.push_back({0, *file, argument});
        else
            programs.push_back(argument);
    }
    modules.plain = TRY(segments_of(programs));
    return modules;
}

Result<std::optional<image::OptionWords>> option_words_of(const std::string& path) {
    if (path.empty()) return std::optional<image::OptionWords>();
    const Bytes file = TRY(read_file(path, 1U << 16));
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (path.ends_with(".toml"))
        return std::optional<image::OptionWords>(TRY(package::parse_option_toml(text, path)));
    const auto words = image::parse_option_csv(text);
    if (!words) return image::to_error(words.error(), path);
    return std::optional<image::OptionWords>(*words);
}

Result<std::uint32_t> number_of(std::string_view option, const std::string& text, std::uint32_t otherwise) {
    if (text.empty()) return otherwise;
    auto value = parse_number(text);
    if (!value) return misuse(fmt::format("{}: {}", option, value.error().message));
    return value;
}

Result<std::uint8_t> padding_of(const std::string& text) {
    const std::uint32_t padding = TRY(number_of("--padding", text, 0xFF));
    if (padding > 0xFF) return misuse(fmt::format("--padding 0x{:X}: one byte is needed", padding));
    return static_cast<std::uint8_t>(padding);
}

Result<SpentNonce> SpentNonce::of(const std::string& path, const std::string& output) {
    if (!path.empty()) return SpentNonce(TRY(read_secret(path, 12, "a nonce")), "");
    const image::Nonce fresh = TRY(package::fresh_nonce());
    return SpentNonce(Bytes(fresh.begin(), fresh.end()), output + ".nonce");
}

Result<void> SpentNonce::write() const {
    if (written_to_.empty()) return {};
    return write_file(written_to_, bytes_, Mode::secret);
}

}  // namespace h7::cli

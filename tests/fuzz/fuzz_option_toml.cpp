// An option-byte TOML file from anybody: refused in one line that begins with its place, or the nine words it
// gives say the same when they are written and read again.
#include "rss/host/package/option_toml.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto words = package::parse_option_toml({reinterpret_cast<const char*>(data), size}, "o.toml");
    if (!words) {
        H7_MUST(words.error().code == ExitCode::misuse);
        H7_MUST(words.error().message.starts_with("o.toml:"));
        H7_MUST(words.error().message.find('\n') == std::string::npos);
        return 0;
    }
    const auto again = package::parse_option_toml(package::option_toml(*words), "again");
    H7_MUST(again && *again == *words);
    return 0;
}

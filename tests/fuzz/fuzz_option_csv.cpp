// An option-byte CSV from anybody: what is accepted says the same when it is written and read again.
#include "rss/image/option_csv.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto words = image::parse_option_csv({reinterpret_cast<const char*>(data), size});
    if (!words) {
        H7_MUST(words.error().offset <= size);
        H7_MUST(words.error().what.find('\n') == std::string::npos);
        return 0;
    }
    const auto again = image::parse_option_csv(image::option_csv(*words));
    H7_MUST(again && *again == *words);
    return 0;
}

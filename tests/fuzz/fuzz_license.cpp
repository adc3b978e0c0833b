// A license from anybody.
#include <algorithm>

#include "rss/image/license.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto license = image::parse_license(bytes);
    if (license)
        H7_MUST(std::ranges::equal(image::serialise(*license), bytes));
    else
        H7_MUST(license.error().offset <= size);
    return 0;
}

// A certificate from anybody, through the issuer's checks.
#include <algorithm>

#include "rss/host/license/authority.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto parsed = image::parse_certificate(bytes);
    if (parsed) H7_MUST(std::ranges::equal(image::serialise(*parsed), bytes));
    static const crypto::PublicKey ca = license::test_ca_point();
    const auto checked = license::check_certificate(bytes, ca);
    H7_MUST(!checked || parsed);
    H7_MUST(checked || !checked.error().message.empty());
    return 0;
}

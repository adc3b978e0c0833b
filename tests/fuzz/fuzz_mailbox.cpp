// A mailbox from anybody who can write the AXI SRAM.
#include <algorithm>

#include "rss/image/mailbox.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    const auto mailbox = image::parse_mailbox(bytes);
    if (mailbox && size == image::kMailboxBytes && load_le32(bytes, 56) == 0)
        H7_MUST(std::ranges::equal(image::serialise(*mailbox), bytes));
    return 0;
}

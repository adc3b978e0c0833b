// An SFI-1 file from anybody: no crash, and what is accepted is whole, in order and writes back to the same
// bytes.
#include <algorithm>

#include "rss/image/sfi.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView file(data, size);
    const auto container = image::parse_sfi(file);
    if (!container) {
        H7_MUST(container.error().offset <= size);
        H7_MUST(!container.error().what.empty());
        return 0;
    }
    const auto header = image::serialise(container->header);
    Bytes written(header.begin(), header.end());
    std::size_t in_parts = 0;
    for (const image::Part& part : container->parts) in_parts += part.count;
    H7_MUST(in_parts == container->records.size());
    for (const image::Record& record : container->records) {
        const auto head = image::serialise(record.descriptor);
        written.insert(written.end(), head.begin(), head.end());
        written.insert(written.end(), record.ciphertext.begin(), record.ciphertext.end());
    }
    H7_MUST(std::ranges::equal(written, file));
    // Each part alone is what the RSS would be given.
    for (const image::Part& part : container->parts) {
        const std::size_t begin = container->records[part.first].offset;
        const std::size_t end = container->records[part.first + part.count - 1].end();
        H7_MUST(image::parse_part(container->header, file.subspan(begin, end - begin),
                                  static_cast<std::uint32_t>(part.first + 1)));
    }
    return 0;
}

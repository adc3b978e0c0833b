// An .smi file from anybody: no crash, and what is accepted writes back to the same bytes and lies where a
// protected area can lie. The same bytes as the plaintext of an M area are judged alike.
#include <algorithm>

#include "rss/image/smi.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView file(data, size);
    const auto header = image::parse_module_header(file);
    const auto module = image::parse_smi(file);
    H7_MUST(header || !module);
    if (!module) {
        H7_MUST(module.error().offset <= size);
        H7_MUST(!module.error().what.empty());
        return 0;
    }
    Bytes written(image::kModuleHeaderBytes);
    std::ranges::copy(image::serialise(module->header), written.begin());
    written.insert(written.end(), module->ciphertext.begin(), module->ciphertext.end());
    H7_MUST(std::ranges::equal(written, file));
    const image::Extent extent = module->header.extent();
    H7_MUST(extent.first >= image::kUserFlashFirst && extent.last <= image::kUserFlashLast);
    H7_MUST((extent.last - extent.first + 1) % 256 == 0 && extent.last - extent.first + 1 >= 512);
    H7_MUST((extent.first >> 20) == (extent.last >> 20));
    image::Descriptor area;
    area.type = image::AreaType::module;
    area.version = image::kWrappedModuleVersion;
    area.address = module->header.destination;
    H7_MUST(image::parse_wrapped_module(area, file));
    area.address ^= 0x100;
    H7_MUST(!image::parse_wrapped_module(area, file));
    return 0;
}

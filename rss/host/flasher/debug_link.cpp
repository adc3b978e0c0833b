#include "rss/host/flasher/debug_link.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::flasher {
namespace {

Error refusal(std::string_view operation, Address address, const BusFault& fault) {
    return refused(fmt::format("AP0 {} of 0x{:08X}: {}{}", operation, address, fault.why,
                               fault.rule.empty() ? "" : fmt::format(" ({})", fault.rule)));
}

}  // namespace

Result<std::uint32_t> DebugLink::read(Address address) {
    const auto value = chip_.debug_port().read(Master::ap0, address, 4);
    if (!value) return refusal("read", address, value.error());
    return static_cast<std::uint32_t>(*value);
}

Result<void> DebugLink::write(Address address, std::uint32_t value) {
    const auto done = chip_.debug_port().write(Master::ap0, address, 4, value);
    if (!done) return refusal("write", address, done.error());
    return {};
}

Result<void> DebugLink::write(Address address, ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        std::uint8_t word[4] = {};
        const ByteView part = bytes.subspan(at, std::min<std::size_t>(4, bytes.size() - at));
        std::copy(part.begin(), part.end(), word);
        TRY(write(address + static_cast<Address>(at), load_le<std::uint32_t>(word)));
    }
    return {};
}

}  // namespace h7::flasher

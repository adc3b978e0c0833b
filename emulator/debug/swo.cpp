#include "emulator/debug/swo.hpp"

#include <cstring>

namespace h7::debug {
namespace {

constexpr Address kDemcr = 0xE000'EDFC, kTer = 0xE000'0E00, kTcr = 0xE000'0E80, kLar = 0xE000'0FB0;
constexpr std::uint32_t kTrcena = 1U << 24, kKey = 0xC5AC'CE55, kItmena = 1, kSyncena = 4,
                        kTraceBusId = 1U << 16;

/// 47 zero bits or more and a one: where a decoder begins.
constexpr std::string_view kSynchronisation{"\0\0\0\0\0\x80", 6};

}  // namespace

Swo::Swo(Target& target, cpu::Core& core) : target_(target), core_(core) {
    core_.on_stimulus = [this](unsigned port, unsigned size, std::uint32_t value) {
        take(port, size, value);
    };
}

Swo::~Swo() { core_.on_stimulus = {}; }

void Swo::poll() {
    if (enabled_) return;
    if (const std::string why = target_.refusal(); !why.empty())
        return target_.say("the firmware must enable the ITM itself, the probe waits: " + why);
    std::uint32_t ports = raw_ ? ~0U : 0U;
    for (const auto& [port, sink] : ports_) ports |= 1U << port;
    const auto demcr = target_.read(kDemcr, 4);
    if (!demcr || !target_.write(kDemcr, 4, *demcr | kTrcena)) return;
    const auto ter = target_.read(kTer, 4);
    const bool done = ter && target_.write(kLar, 4, kKey) &&
                      target_.write(kTcr, 4, kTraceBusId | kSyncena | kItmena) &&
                      target_.write(kTer, 4, *ter | ports);
    enabled_ = done;
}

void Swo::take(unsigned port, unsigned size, std::uint32_t value) {
    char bytes[4];
    std::memcpy(bytes, &value, 4);
    const std::string_view payload(bytes, size);
    if (const auto listener = ports_.find(port); listener != ports_.end()) listener->second(payload);
    if (!raw_) return;
    if (!std::exchange(synchronised_, true)) raw_(kSynchronisation);
    // A software packet: the port in bits 7:3, the size as 1, 2 or 3 in bits 1:0, then the payload.
    const char header = static_cast<char>(port << 3 | (size == 4 ? 3U : size));
    raw_({&header, 1});
    raw_(payload);
}

}  // namespace h7::debug

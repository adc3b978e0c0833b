#include "emulator/debug/rtt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace h7::debug {
namespace {

// The control block: 16 bytes of identifier, the numbers of up and down buffers, then their descriptors of
// six words: name, buffer, size, write offset, read offset, flags.
constexpr std::array<char, 16> kId = {'S', 'E', 'G', 'G', 'E', 'R', ' ', 'R', 'T', 'T'};
constexpr Address kUps = 16, kDowns = 20, kRings = 24, kRing = 24;
constexpr Address kBuffer = 4, kSize = 8, kWrite = 12, kRead = 16;

}  // namespace

bool Rtt::holds_id(Address block) {
    if (!target_.is_ram(block, kRings)) return false;
    for (Address n = 0; n < kId.size(); n += 4) {
        std::uint32_t expected = 0;
        std::memcpy(&expected, kId.data() + n, 4);
        const auto word = target_.read(block + n, 4);
        if (!word || *word != expected) return false;
    }
    return true;
}

/// The numbers of buffers; they change only while the firmware initialises.
bool Rtt::counts(Address block) {
    const auto ups = target_.read(block + kUps, 4), downs = target_.read(block + kDowns, 4);
    if (!ups || !downs || *ups == 0 || *ups > kMostChannels || *downs > kMostChannels) return false;
    ups_ = static_cast<std::uint32_t>(*ups);
    downs_ = static_cast<std::uint32_t>(*downs);
    return target_.is_ram(block, kRings + kRing * (ups_ + downs_));
}

/// Not at every look: less and less often, down to every 64th, while there is nothing to be found.
std::optional<Address> Rtt::search() {
    if (skip_ != 0) {
        --skip_;
        return std::nullopt;
    }
    for (const Target::Ram& ram : target_.rams()) {
        ByteView rest = ram.bytes;
        while (const void* hit = memmem(rest.data(), rest.size(), kId.data(), kId.size())) {
            const std::uint8_t* at = static_cast<const std::uint8_t*>(hit);
            const Address block = ram.first + static_cast<Address>(at - ram.bytes.data());
            if (block % 4 == 0 && holds_id(block) && counts(block)) {
                pause_ = 0;
                return block;
            }
            rest = ram.bytes.subspan(static_cast<std::size_t>(at - ram.bytes.data()) + 1);
        }
    }
    pause_ = std::min(2 * pause_ + 1, 63U);
    skip_ = pause_;
    return std::nullopt;
}

void Rtt::poll() {
    if (const std::string why = target_.refusal(); !why.empty()) {
        refused_ = true;
        target_.say("waits: " + why);
        return;
    }
    // A reset clears the block, and a start may place it elsewhere.
    if (block_ && !holds_id(*block_)) block_.reset();
    if (!block_) {
        if (fixed_ && holds_id(*fixed_)) block_ = fixed_;
        if (!fixed_) block_ = search();
    }
    if (!block_) return;
    if (!counts(*block_))
        return target_.say(fmt::format("the control block at 0x{:08x} is malformed", *block_));
    found_ = true;
    for (const auto& [channel, sink] : sinks_) drain(channel, sink);
    if (!down_.empty()) fill();
}

void Rtt::finish() {
    skip_ = 0;
    poll();
    if (found_ || refused_) return;
    target_.say(fixed_ ? fmt::format("there is no control block at 0x{:08x}", *fixed_)
                       : "no control block was found in the RAM");
}

/// Nothing when the buffer is not set up yet, or nonsense.
std::optional<Rtt::Ring> Rtt::ring(Address at, const std::string& name) {
    Ring ring{at, 0, 0, 0, 0};
    for (const auto& [offset, word] : {std::pair{kBuffer, &ring.buffer}, std::pair{kSize, &ring.size},
                                       std::pair{kWrite, &ring.write}, std::pair{kRead, &ring.read}}) {
        const auto value = target_.read(at + offset, 4);
        if (!value) return std::nullopt;
        *word = static_cast<std::uint32_t>(*value);
    }
    if (ring.buffer == 0 || ring.size == 0) return std::nullopt;
    if (target_.is_ram(ring.buffer, ring.size) && ring.write < ring.size && ring.read < ring.size)
        return ring;
    target_.say(fmt::format("{} is malformed: buffer 0x{:08x}, {} bytes, write offset {}, read offset {}",
                            name, ring.buffer, ring.size, ring.write, ring.read));
    return std::nullopt;
}

void Rtt::drain(unsigned channel, const Sink& sink) {
    if (channel >= ups_) return target_.say(fmt::format("there is no up channel {}, only {}", channel, ups_));
    const auto up = ring(*block_ + kRings + kRing * channel, fmt::format("up channel {}", channel));
    if (!up || up->read == up->write) return;
    std::string text;
    for (std::uint32_t at = up->read; at != up->write; at = at + 1 == up->size ? 0 : at + 1) {
        const auto c = target_.read(up->buffer + at, 1);
        if (!c) return;
        text += static_cast<char>(*c);
    }
    if (!target_.write(up->at + kRead, 4, up->write)) return;
    sink(text);
}

void Rtt::fill() {
    if (downs_ == 0) return target_.say("there is no down channel 0");
    const auto down = ring(*block_ + kRings + kRing * ups_, "down channel 0");
    if (!down) return;
    const std::uint32_t room = (down->read + down->size - down->write - 1) % down->size;
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(room, down_.size()));
    std::uint32_t write = down->write;
    for (std::uint32_t n = 0; n < count; ++n) {
        if (!target_.write(down->buffer + write, 1, static_cast<std::uint8_t>(down_[n]))) return;
        write = write + 1 == down->size ? 0 : write + 1;
    }
    if (count != 0 && target_.write(down->at + kWrite, 4, write)) down_.erase(0, count);
}

}  // namespace h7::debug

#include "rss/install/bus.hpp"

#include <algorithm>

namespace h7::rss {
namespace {

// A slave that names a time it is ready at and is not ready then, again and again, would hang the host.
constexpr int kMostWaits = 4096;

void wait(Machine& machine, const BusFault& fault) {
    const Time now = machine.now();
    machine.spend(fault.until > now ? fault.until - now : kNanosecond);
}

}  // namespace

BusResult<std::uint64_t> Bus::read(Address address, unsigned size) const {
    for (int waits = 0;; ++waits) {
        auto got = machine_->read(address, size);
        if (got || got.error().kind != BusFault::Kind::wait || waits == kMostWaits) return got;
        wait(*machine_, got.error());
    }
}

BusResult<void> Bus::write(Address address, unsigned size, std::uint64_t value) const {
    for (int waits = 0;; ++waits) {
        auto done = machine_->write(address, size, value);
        if (done || done.error().kind != BusFault::Kind::wait || waits == kMostWaits) return done;
        wait(*machine_, done.error());
    }
}

BusResult<std::uint32_t> Bus::read32(Address address) const {
    return static_cast<std::uint32_t>(TRY(read(address, 4)));
}

BusResult<void> Bus::read_block(Address address, MutableBytes out) const {
    for (std::size_t at = 0; at + 8 <= out.size();) {
        const Address from = address + static_cast<Address>(at);
        if (const std::size_t plain = machine_->read_plain(from, out.subspan(at)); plain != 0) {
            at += plain;
            continue;
        }
        store_le<std::uint64_t>(out.data() + at, TRY(read(from, 8)));
        at += 8;
    }
    return {};
}

BusResult<void> Bus::fill(Address address, std::uint32_t size, std::uint64_t value) const {
    for (std::uint32_t at = 0; at + 8 <= size;) {
        if (const std::size_t plain = machine_->fill_plain(address + at, size - at, value); plain != 0) {
            at += static_cast<std::uint32_t>(plain);
            continue;
        }
        TRY(write(address + at, 8, value));
        at += 8;
    }
    return {};
}

}  // namespace h7::rss

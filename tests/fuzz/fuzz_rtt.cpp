// Whatever a firmware leaves in its RAM as an RTT control block, changed between any two looks: a probe
// touches nothing but RAM, and never more of it than there is.
#include <algorithm>
#include <array>
#include <cstring>

#include "emulator/base/bytes.hpp"
#include "emulator/debug/rtt.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/script.hpp"

using namespace h7;

namespace {

constexpr std::uint32_t kSize = 0x400;
constexpr std::array<Address, 2> kRams = {0x2000'0000,
                                          0xFFFF'FC00};  // the second ends with the address space

class Memory final : public debug::Target {
public:
    std::string refusal() const override { return closed ? "closed" : ""; }
    BusResult<std::uint64_t> read(Address address, unsigned size) override {
        ++accesses;
        H7_MUST(is_ram(address, size));
        if (refuses != 0 && accesses % refuses == 0) return bus_error("refused", "fuzz");
        std::uint64_t value = 0;
        std::memcpy(&value, at(address), size);
        return value;
    }
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) override {
        ++accesses;
        H7_MUST(is_ram(address, size));
        if (refuses != 0 && accesses % refuses == 0) return bus_error("refused", "fuzz");
        std::memcpy(at(address), &value, size);
        return {};
    }
    bool is_ram(Address address, std::uint32_t size) const override {
        return size != 0 && size <= kSize && std::ranges::any_of(kRams, [&](Address ram) {
                   return address >= ram && address - ram <= kSize - size;
               });
    }
    std::vector<Ram> rams() const override { return {{kRams[0], bytes[0]}, {kRams[1], bytes[1]}}; }
    void say(std::string_view text) override { H7_MUST(text.size() < 200); }

    std::array<Bytes, 2> bytes = {Bytes(kSize), Bytes(kSize)};
    bool closed = false;
    unsigned refuses = 0;
    std::uint64_t accesses = 0;

private:
    std::uint8_t* at(Address address) {
        const std::size_t ram = address >= kRams[1] ? 1 : 0;
        return bytes[ram].data() + (address - kRams[ram]);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script(data, size);
    Memory memory;
    const std::uint8_t how = script.byte();
    std::optional<Address> fixed;
    if ((how & 1U) != 0) fixed = script.word();
    debug::Rtt rtt(memory, fixed);
    std::size_t heard = 0;
    const auto listen = [&](unsigned channel) {
        rtt.listen(channel, [&](std::string_view text) { heard += text.size(); });
    };
    listen(0);
    if ((how & 2U) != 0) listen(script.byte());
    while (!script.empty()) {
        switch (script.byte() % 8) {
            case 0: {  // a piece of RAM as it stands in the input
                const unsigned ram = script.byte() & 1U;
                const std::uint32_t at = script.word() % kSize;
                const ByteView piece = script.take(std::min<std::size_t>(script.byte(), kSize - at));
                std::copy(piece.begin(), piece.end(), memory.bytes[ram].begin() + at);
                break;
            }
            case 1: {  // a block with its identifier and one descriptor, whose words are the input's
                const unsigned ram = script.byte() & 1U;
                std::uint32_t at = script.byte() * 4U;
                if (at > kSize - 48) at = kSize - 48;
                std::uint8_t* const block = memory.bytes[ram].data() + at;
                std::memcpy(block, "SEGGER RTT\0\0\0\0\0\0", 16);
                store_le<std::uint32_t>(block + 16, script.byte());
                store_le<std::uint32_t>(block + 20, script.byte());
                store_le<std::uint32_t>(block + 24, 0);
                store_le<std::uint32_t>(block + 28, kRams[ram] + script.byte() * 4U);
                for (std::uint32_t word = 32; word < 44; word += 4)
                    store_le<std::uint32_t>(block + word, script.byte());
                store_le<std::uint32_t>(block + 44, script.word());
                break;
            }
            case 2:
                rtt.feed(std::string(script.byte(), 'x'));
                break;
            case 3:
                memory.closed = !memory.closed;
                break;
            case 4:
                memory.refuses = script.byte();
                break;
            default: {
                const std::uint64_t before = memory.accesses;
                const std::size_t text = heard;
                rtt.poll();
                // Each listener a buffer, the one that is filled, and every aligned word that could be a
                // block.
                H7_MUST(heard - text <= 2 * std::size_t{kSize});
                H7_MUST(memory.accesses - before < 16 * std::uint64_t{kSize});
                break;
            }
        }
    }
    rtt.finish();
    return 0;
}

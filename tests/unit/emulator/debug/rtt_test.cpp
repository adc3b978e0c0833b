// RTT control blocks as firmware may leave them: good, half made, and nonsense.
#include "emulator/debug/rtt.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace h7::debug {
namespace {

/// One RAM at kRam.
class Memory final : public Target {
public:
    static constexpr Address kRam = 0x2000'0000;
    std::string refusal() const override { return closed; }
    BusResult<std::uint64_t> read(Address address, unsigned size) override {
        if (!is_ram(address, size)) return bus_error("nothing there", "a test");
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + (address - kRam), size);
        return value;
    }
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) override {
        if (!is_ram(address, size)) return bus_error("nothing there", "a test");
        std::memcpy(bytes.data() + (address - kRam), &value, size);
        return {};
    }
    bool is_ram(Address address, std::uint32_t size) const override {
        return address >= kRam && size != 0 && size <= bytes.size() && address - kRam <= bytes.size() - size;
    }
    std::vector<Ram> rams() const override { return {{kRam, bytes}}; }
    void say(std::string_view text) override { said.emplace_back(text); }
    void word(Address offset, std::uint32_t value) { std::memcpy(bytes.data() + offset, &value, 4); }

    Bytes bytes = Bytes(0x1000);
    std::string closed;
    std::vector<std::string> said;
};

class RttTest : public testing::Test {
protected:
    /// A block at kRam + 0x100 with one up buffer of `size` at kRam + 0x800.
    void block(std::uint32_t size, std::uint32_t write, std::uint32_t read) {
        std::memcpy(memory.bytes.data() + 0x100, "SEGGER RTT\0\0\0\0\0\0", 16);
        const std::uint32_t words[] = {1, 0, 0, Memory::kRam + 0x800, size, write, read, 0};
        for (Address n = 0; n < 8; ++n) memory.word(0x110 + 4 * n, words[n]);
    }
    std::string poll() {
        std::string text;
        Rtt rtt(memory, std::nullopt);
        rtt.listen(0, [&](std::string_view more) { text += more; });
        rtt.poll();
        return text;
    }
    Memory memory;
};

TEST_F(RttTest, TextThatWrapsIsWhole) {
    std::memcpy(memory.bytes.data() + 0x800, "lo!.hel", 7);
    block(7, 3, 4);
    EXPECT_EQ(poll(), "hello!");
    EXPECT_EQ(memory.read(Memory::kRam + 0x128, 4).value(), 3U) << "RdOff follows";
    EXPECT_EQ(poll(), "");
}

TEST_F(RttTest, NonsenseIsNamedAndLeftAlone) {
    for (const auto& [size, write, read] :
         {std::tuple{16U, 16U, 0U}, {16U, 0U, 16U}, {0xFFFF'FFFFU, 1U, 0U}, {0x801U, 1U, 0U}}) {
        memory.said.clear();
        block(size, write, read);
        const Bytes before = memory.bytes;
        EXPECT_EQ(poll(), "");
        EXPECT_EQ(memory.bytes, before);
        EXPECT_EQ(memory.said.size(), 1U);
    }
}

TEST_F(RttTest, AClosedPortIsNotTouched) {
    block(16, 3, 0);
    memory.closed = "RDP";
    EXPECT_EQ(poll(), "");
    EXPECT_EQ(memory.said, std::vector<std::string>{"waits: RDP"});
}

TEST_F(RttTest, RandomBlocksNeverLeadAnywhereElse) {
    std::mt19937 engine(1);
    const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
    for (int n = 0; n < 2000; ++n) {
        block(16, 3, 0);
        for (int k = 0; k < 4; ++k) memory.word(0x110 + 4 * (random() % 8), random() >> (random() % 32));
        EXPECT_LE(poll().size(), memory.bytes.size());
    }
}

}  // namespace
}  // namespace h7::debug

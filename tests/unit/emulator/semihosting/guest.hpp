// A program in a small memory that makes semihosting calls, and the host it makes them to.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "emulator/semihosting/session.hpp"

namespace h7::semihosting::test {

/// RAM at kRam; everything else is refused, kBusy is held by its slave.
class Guest final : public Program {
public:
    static constexpr Address kRam = 0x2000'0000, kBusy = 0x0800'0000;
    static constexpr std::uint32_t kSize = 0x10000;

    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        EXPECT_TRUE(size == 1 || size == 4);
        EXPECT_EQ(address % size, 0U);
        if (address == kBusy) return wait_until(777, "busy", "F-043");
        if (address - kRam > kSize - size) return bus_error("nothing there", "a test");
        std::uint64_t value = 0;
        std::memcpy(&value, memory.data() + (address - kRam), size);
        return value;
    }
    BusResult<void> store(Address address, unsigned size, std::uint64_t value) override {
        EXPECT_EQ(address % size, 0U);
        if (address - kRam > kSize - size) return bus_error("nothing there", "a test");
        std::memcpy(memory.data() + (address - kRam), &value, size);
        return {};
    }
    Time now() const override { return time; }

    /// Where `text` now stands, with a zero behind it.
    Address put(std::string_view text) {
        const Address at = kRam + next;
        std::memcpy(memory.data() + next, text.data(), text.size());
        memory[next + text.size()] = 0;
        next += static_cast<std::uint32_t>(text.size() / 4 + 1) * 4;
        return at;
    }
    Address block(std::initializer_list<std::uint32_t> words) {
        const Address at = kRam + next;
        for (const std::uint32_t word : words) {
            std::memcpy(memory.data() + next, &word, 4);
            next += 4;
        }
        return at;
    }
    std::uint32_t word(Address at) const {
        std::uint32_t value = 0;
        std::memcpy(&value, memory.data() + (at - kRam), 4);
        return value;
    }
    std::string text(Address at, std::size_t size) const {
        return {reinterpret_cast<const char*>(memory.data()) + (at - kRam), size};
    }

    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kSize);
    std::uint32_t next = 0x100;
    Time time = 0;
};

inline constexpr std::uint32_t kFailed = ~0U;

class SessionTest : public testing::Test {
protected:
    void SetUp() override {
        directory = std::filesystem::temp_directory_path() /
                    ("h7rss-semihosting-" +
                     std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::remove_all(directory);
        std::filesystem::create_directories(directory / "box");
        host.console = [this](std::string_view text) { said += text; };
        host.exit = [this](std::uint32_t status) { exits.push_back(status); };
        host.notice = [this](std::string_view text) { notices.emplace_back(text); };
        host.unknown = [this](std::uint32_t operation) { unknown.push_back(operation); };
        host.input = [this](std::size_t most) {
            const std::size_t end = input.find('\n');
            const std::string line =
                input.substr(0, std::min(most, end == std::string::npos ? end : end + 1));
            input.erase(0, line.size());
            return line;
        };
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    void allow() { host.folder.emplace(std::move(*Folder::open((directory / "box").string()))); }
    std::uint32_t call(std::uint32_t operation, std::uint32_t parameter = 0) {
        const auto answer = session.serve(guest, operation, parameter);
        EXPECT_TRUE(answer.has_value());
        return answer ? *answer : 0xDEAD'BEEF;
    }
    std::uint32_t call(std::uint32_t operation, std::initializer_list<std::uint32_t> words) {
        return call(operation, guest.block(words));
    }
    std::uint32_t open(std::string_view name, std::uint32_t mode) {
        const Address at = guest.put(name);
        return call(0x01, {at, mode, static_cast<std::uint32_t>(name.size())});
    }
    std::uint32_t write(std::uint32_t handle, std::string_view text) {
        const Address at = guest.put(text);
        return call(0x05, {handle, at, static_cast<std::uint32_t>(text.size())});
    }
    std::uint32_t error() { return call(0x13); }
    void make(const std::string& name, std::string_view text) {
        std::ofstream(directory / name, std::ios::binary) << text;
    }
    std::string contents(const std::string& name) {
        std::ifstream in(directory / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path directory;
    Guest guest;
    Host host;
    Session session{host};
    std::string said, input;
    std::vector<std::uint32_t> exits, unknown;
    std::vector<std::string> notices;
};

}  // namespace h7::semihosting::test

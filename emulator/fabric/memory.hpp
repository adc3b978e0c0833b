// RAM: plain bytes, shared with the cores' engines. What may be done with them is decided elsewhere.
#pragma once

#include <cstdlib>
#include <memory>
#include <string_view>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/access.hpp"

namespace h7 {

/// Bytes aligned to a host page, so that engines can map them.
class HostMemory {
public:
    explicit HostMemory(std::size_t size)
        : bytes_(static_cast<std::uint8_t*>(std::aligned_alloc(4096, (size + 4095) / 4096 * 4096))),
          size_(size) {}
    MutableBytes bytes() { return {bytes_.get(), size_}; }
    ByteView bytes() const { return {bytes_.get(), size_}; }
    std::uint8_t* data() { return bytes_.get(); }
    const std::uint8_t* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }

private:
    struct Free {
        void operator()(std::uint8_t* p) const { std::free(p); }
    };
    std::unique_ptr<std::uint8_t, Free> bytes_;
    std::size_t size_;
};

/// A RAM block at its canonical address. `read`/`write` take any address that the map translated to this
/// block.
class Ram final : public Slave {
public:
    Ram(std::string_view name, Address base, std::size_t size) : name_(name), base_(base), memory_(size) {}

    std::string_view name() const { return name_; }
    Address base() const { return base_; }
    HostMemory& memory() { return memory_; }
    const HostMemory& memory() const { return memory_; }

    BusResult<std::uint64_t> read(const Access& access) override {
        std::uint64_t value = 0;
        std::memcpy(&value, memory_.data() + (access.address - base_), access.size);
        return value;
    }
    BusResult<void> write(const Access& access, std::uint64_t value) override {
        std::memcpy(memory_.data() + (access.address - base_), &value, access.size);
        return {};
    }

private:
    std::string_view name_;
    Address base_;
    HostMemory memory_;
};

}  // namespace h7

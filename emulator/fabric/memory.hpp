// RAM: plain bytes, shared with the cores' engines. What may be done with them is decided elsewhere.
// Host writes (RSS, DMA, debugger, loader, flash operations) leave a mark on the page, so that a snapshot
// knows what to copy; stores of guest code are tracked by the engine.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/fabric/access.hpp"

namespace h7 {

/// Bytes aligned to a host page, so that engines can map them.
class HostMemory {
public:
    static constexpr std::size_t kPage = 1024;  // bytes behind one mark, the engine's page

    explicit HostMemory(std::size_t size)
        : bytes_(static_cast<std::uint8_t*>(std::aligned_alloc(4096, (size + 4095) / 4096 * 4096))),
          size_(size),
          marks_((size + kPage - 1) / kPage) {}
    MutableBytes bytes() { return {bytes_.get(), size_}; }
    ByteView bytes() const { return {bytes_.get(), size_}; }
    std::uint8_t* data() { return bytes_.get(); }
    const std::uint8_t* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }

    /// Bytes [offset, offset + size) were written by the host.
    void mark(std::size_t offset, std::size_t size) {
        if (size == 0) return;
        for (std::size_t page = offset / kPage; page <= (offset + size - 1) / kPage; ++page) {
            if (marks_[page] != 0) continue;
            marks_[page] = 1;
            marked_.push_back(static_cast<std::uint32_t>(page));
        }
    }
    bool marked(std::size_t page) const { return marks_[page] != 0; }
    /// The marked pages, in the order of their marks.
    const std::vector<std::uint32_t>& marked_pages() const { return marked_; }
    std::size_t pages() const { return marks_.size(); }
    void clear_marks() {
        for (const std::uint32_t page : marked_) marks_[page] = 0;
        marked_.clear();
    }

private:
    struct Free {
        void operator()(std::uint8_t* p) const { std::free(p); }
    };
    std::unique_ptr<std::uint8_t, Free> bytes_;
    std::size_t size_;
    std::vector<std::uint8_t> marks_;    // one a page, 0 or 1
    std::vector<std::uint32_t> marked_;  // pages whose mark is 1
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
        const std::size_t offset = access.address - base_;
        std::memcpy(memory_.data() + offset, &value, access.size);
        memory_.mark(offset, access.size);
        return {};
    }

private:
    std::string_view name_;
    Address base_;
    HostMemory memory_;
};

}  // namespace h7

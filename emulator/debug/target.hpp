// One core of a chip as a debugger has it: registers, memory, breakpoints, how it stands and goes on. What
// may be seen is decided here (docs/decisions/0100-what-gdb-is.md).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "emulator/base/bytes.hpp"
#include "emulator/chip/chip.hpp"
#include "emulator/debug/flash_loader.hpp"

namespace h7::debug {

class TargetCore {
public:
    /// `core`: Master::cm7 or cm4. `unseen`: the chip is not told of the debugger, and hides nothing from it
    /// that it does not hide from the core itself.
    TargetCore(chip::Chip& chip, Master core, bool unseen)
        : chip_(chip), master_(core), unseen_(unseen), flash_(chip, core, unseen) {}

    chip::Chip& chip() { return chip_; }
    cpu::Core& core() const { return master_ == Master::cm7 ? chip_.cm7() : chip_.cm4(); }
    Master master() const { return master_; }
    std::string_view name() const { return master_ == Master::cm7 ? "Cortex-M7" : "Cortex-M4"; }

    /// Whether the core's debug port answers, and why not.
    chip::PortState port(Address address = 0) const;
    /// Whether debug events count while the core executes at `pc` (F-223, F-233).
    bool sees(Address pc) const;
    bool visible() const { return sees(core().registers().r[15]); }

    /// The debugger is here: at RDP level 1 that is an intrusion (F-198).
    void attach();
    void detach();

    /// Little-endian bytes; nothing: no such register.
    std::optional<Bytes> read_register(unsigned number) const;
    bool write_register(unsigned number, ByteView value);

    /// As many bytes as can be read from `address` on. Error: not one; the message says why and by which
    /// rule.
    Result<Bytes> read(Address address, std::uint32_t size) const;
    Result<void> write(Address address, ByteView bytes);
    /// For `load`: erase, write, finish.
    FlashLoader& flash() { return flash_; }

    enum class Break : std::uint8_t { software = 0, hardware = 1 };
    void insert(Address address, Break kind) { breakpoints_[address & ~1U] = kind; }
    void remove(Address address) { breakpoints_.erase(address & ~1U); }
    std::optional<Break> breakpoint_at(Address pc) const;

    /// The chip's next run() goes on with this core, for one step or until something stops it.
    void resume(bool step);
    /// NRST low and high again: the cores stand at their first instruction.
    void press_reset();

private:
    std::optional<Error> closed(Address address, std::uint32_t size, bool write) const;

    chip::Chip& chip_;
    Master master_;
    bool unseen_;
    FlashLoader flash_;
    std::map<Address, Break> breakpoints_;
};

}  // namespace h7::debug

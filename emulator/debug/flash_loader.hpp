// Flash as a debug probe programs it for GDB's `load`: through the registers of the FLASH interface and the
// write buffer, with the rights of a debugger, so that protections refuse it as they refuse a probe
// (docs/decisions/0152-load-into-flash.md).
#pragma once

#include <array>
#include <map>

#include "emulator/base/bytes.hpp"
#include "emulator/chip/chip.hpp"

namespace h7::debug {

class FlashLoader {
public:
    /// `core`: whose port is used. `unseen`: the core's own rights instead of a debugger's.
    FlashLoader(chip::Chip& chip, Master core, bool unseen) : chip_(chip), core_(core), unseen_(unseen) {}

    /// User flash of this part holds all of [address, address + size).
    bool contains(Address address, std::uint32_t size) const;
    /// Erases the sectors that [address, address + size) touches. Error (refused): the rule that refused.
    Result<void> erase(Address address, std::uint32_t size);
    /// Keeps the bytes for finish(): they come in pieces that end inside flash words.
    Result<void> write(Address address, ByteView bytes);
    /// Programs what was kept, whole flash words, 0xFF where nothing was written. Error: the first that was
    /// refused; those before it are programmed.
    Result<void> finish();
    /// What was kept is forgotten.
    void clear() { words_.clear(); }

private:
    static constexpr std::uint32_t kWord = 32, kSector = 0x2'0000;

    /// One register set, unlocked while this lives; control register and lock are left as they were found.
    class Unlocked;
    Result<void> program(Address word, const std::array<std::uint8_t, kWord>& bytes);
    Result<void> outcome(unsigned set, Address address, std::string_view what);
    Result<std::uint32_t> get(Address address);
    Result<void> put(Address address, std::uint32_t value);

    chip::Chip& chip_;
    Master core_;
    bool unseen_;
    std::map<Address, std::array<std::uint8_t, kWord>> words_;  // at most as many as the flash has
};

}  // namespace h7::debug

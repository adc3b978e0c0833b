// A chip on the desk for questions that begin with "what if": the real one, in memory, made from what a chip
// file holds and given back untouched. Nothing here decides anything; it asks the chip.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/chip/chip.hpp"
#include "rss/services/stubs.hpp"

namespace h7::report {

/// What the question is about: a chip as it lies there without power.
struct Subject {
    const chip::Part* part = &chip::kDefaultPart;
    flash::Image image;
    rss::Identity identity;
    std::uint64_t ram_seed = 0;
    chip::Readings readings{};
    bool boot0 = false;
};

/// What runs on one core after a boot.
struct CoreStart {
    bool runs = false;
    Address vectors = 0;  // of the first program that is not the RSS
    bool blank = false;   // the first vector is erased: the core locks up at once
};

/// What the chip was after its last boot.
struct Boot {
    std::vector<std::string> story;  // the boot lines of the trace, in order
    CoreStart cm7, cm4;
    bool secure_mode = false;       // SECURITY latched: the RSS ran first
    std::uint32_t confsec = 0;      // 2: secure user software runs; 1: the secure-capable bootloader
    bool rss_keeps_cm7 = false;     // the RSS waits for a reset or a power cycle
    bool elsewhere = false;         // a core booted outside user flash: an intrusion at RDP level 1 (F-198)
    chip::PortState ap0, ap1, ap3;  // for user flash and its registers
};

class Desk {
public:
    /// Error: the host cannot run the cores.
    static Result<Desk> create(const Subject& subject);

    /// Power off, these contents, power on.
    Boot boot(const flash::Image& image, bool boot0);
    /// NRST; a debugger may have been connected before.
    Boot reset(bool debugger_was_connected);

    /// The CM7 calls `service` with R0 = `first` and R1 pointing at `records`; one that resets, as the chip
    /// stands. What the chip is behind that reset. Error (refused): the RSS does not serve it, in its words.
    Result<Boot> call(rss::ServiceId service, std::uint32_t first, ByteView records);

    chip::Chip& chip() { return *chip_; }

private:
    explicit Desk(std::unique_ptr<chip::Chip> chip);
    Boot look();

    std::unique_ptr<chip::Chip> chip_;
    std::shared_ptr<std::vector<std::string>> story_;
};

}  // namespace h7::report

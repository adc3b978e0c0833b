// The chip: a netlist of blocks and the front door to it. Everything a tool, a test or a verb does goes
// through here.
//
//   auto chip = TRY(Chip::create({.part = find_part("H755"), .identity = .., .seed = 1}));
//   TRY(chip->program(TRY(load_program("app.elf"))));
//   chip->uart("USART3")->transmit = [](std::uint8_t c) { putchar(c); };
//   chip->power_on();
//   Stop stop = chip->run({.limit = 2 * kSecond});
//
// Two chips live in one process; one chip is used by one host thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "emulator/chip/boot.hpp"
#include "emulator/chip/cache_checker.hpp"
#include "emulator/chip/debug_port.hpp"
#include "emulator/chip/part.hpp"
#include "emulator/chip/readings.hpp"
#include "emulator/chip/reset_tree.hpp"
#include "emulator/chip/snapshot.hpp"
#include "emulator/chip/surroundings.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/trace.hpp"
#include "emulator/security/secure_mode.hpp"
#include "peripherals/flash/controller.hpp"
#include "peripherals/flash/image.hpp"
#include "peripherals/usart/usart.hpp"
#include "rss/identity.hpp"

namespace h7::semihosting {
struct Host;
}
namespace h7::gpio {
class Gpio;
}
namespace h7::rss {
class Engine;
struct InstallResult;
}  // namespace h7::rss

namespace h7::chip {

/// Longest turn that may be asked for, in CM7 cycles.
inline constexpr std::uint64_t kLongestTurn = 10'000'000;

class SerialLine;

/// Everything that makes two runs equal. The defaults are a factory-fresh H755.
struct Config {
    const Part* part = &kDefaultPart;
    flash::Image image;  // what the chip kept without power; empty banks mean blank
    rss::Identity identity;
    std::uint64_t seed = 0;              // RAM contents at power-on (D-13)
    bool boot0 = false;                  // BOOT0 pin
    std::uint64_t turn_cycles = 10'000;  // longest turn of a core, in CM7 cycles (D-28); 1 to kLongestTurn
    std::optional<std::uint64_t> interleave{};  // draw the turns from this seed, to find races (0120)
    bool turbo = true;                          // flash operations complete at once
    bool check_caches = false;                  // look for stale data (docs/caches.md); slower
    usart::Pace uart_pace = usart::Pace::baud;  // characters take their time on the line (0041)
    bool strict = false;                        // an unmodelled access ends the run
    Surroundings board{};                       // what is around the chip
    Readings readings{};                        // where the manual can be read in more than one way
};

/// When run() returns: at the virtual time limit, or when `reached` says so (asked between turns).
struct Until {
    Time limit = kNever;  // picoseconds from now
    std::function<bool()> reached;
    /// Asked inside turns as well, about every 200,000 instructions of a core: true, and `reached` is asked
    /// at once, the turn goes on with the next run(). Nothing of the guest depends on it.
    std::function<bool()> inside_turns = {};
    /// Longest virtual time between two questions, also while both cores sleep: then a run does not end when
    /// nobody inside can wake them, because somebody outside may (a console). Looked at between turns.
    Time at_least_every = kNever;
};

struct Stop {
    enum class Why : std::uint8_t {
        reached,     // the condition of Until, or stop() was called
        limit,       // virtual time is up, or both cores sleep with no event to come (D-28)
        guest_exit,  // semihosting SYS_EXIT: `guest_status`
        locked_up,   // no core can run again (D-30): `detail` has both cores' state
        power_lost,  // the power failed inside a flash operation (flash().set_cut_at)
        unmodelled,  // strict: something not modelled was touched
        halted,      // a core stands under its debugger: cm7().halted(), cm4().halted()
    };
    Why why = Why::reached;
    std::uint32_t guest_status = 0;
    std::string detail;
};

/// Counts of a run, for people.
struct Tally {
    std::array<std::uint64_t, kResetSources> resets{};  // by ResetSource
    /// What flash and option bytes refused: rule ("F-191"), row of the policy, what was asked, by whom.
    using Refused = std::tuple<std::string_view, std::string_view, std::string_view, Master>;
    std::map<Refused, std::uint64_t> refusals{};
};

class Chip {
public:
    /// Error: the engine library is not the one this was built for, or the image does not fit the part.
    static Result<std::unique_ptr<Chip>> create(Config config);
    ~Chip();

    const Part& part() const;

    // --- power and pins ---
    /// RAM is filled by the seed, options are loaded, the boot runs (RSS included). Cores stand at their
    /// first instruction afterwards. Does nothing when the power is on.
    void power_on();
    /// All volatile state is gone; flash operations under way are torn (F-132).
    void power_off();
    bool powered() const;
    /// NRST low and high again.
    void press_reset();
    /// The supply falls below the level of BOR_LEV and comes back, RAM never without power.
    void brown_out();
    void set_boot0(bool high);
    bool boot0() const;

    // --- run ---
    Stop run(const Until& until);
    /// From a sink or an event: run() returns at the next boundary with Why::reached.
    void stop();

    // --- firmware from the host (D-31) ---
    /// A piece of a program: bytes that belong at `address`.
    struct Piece {
        Address address;
        ByteView bytes;
    };
    /// Writes into flash before power-on, as a programmer would: sectors are not erased, words not named keep
    /// their value. RAM pieces are kept and copied at power-on. Error (refused): RDP is not level 0, the
    /// sector is write protected, or a PCROP or secure-only area is touched; (misuse): no memory at that
    /// address.
    Result<void> program(const std::vector<Piece>& pieces);

    // --- what is inside ---
    Clock& clock();
    Trace& trace();
    cpu::Core& cm7();
    cpu::Core& cm4();
    flash::Controller& flash();
    security::SecureMode& secure_mode();
    DebugPort& debug_port();
    /// "USART3", "UART4", "LPUART1"; null when the chip has no such block.
    usart::Usart* uart(std::string_view name);
    /// The far end of its line: what enters the chip there.
    SerialLine* serial_line(std::string_view name);
    /// Port 'A' to 'K'; null when the chip has no such port.
    gpio::Gpio* port(char letter);
    /// Told of each change of level on a pin, wherever it comes from.
    std::function<void(char port, unsigned pin, bool level)> on_pin;
    /// All register blocks, by address: for `registers`, traces and tests.
    std::vector<Peripheral*> peripherals() const;
    rss::Engine& rss();
    /// The whole RAM that holds `canonical`, whoever may read it; empty: there is none. For viewers and
    /// tests.
    ByteView ram(Address canonical) const;
    /// What the host offers to semihosting calls; exit and the notices are the chip's own.
    semihosting::Host& semihosting();

    /// An access as `master` would make it, flags and all. For tests, fuzzers and reports.
    BusResult<std::uint64_t> read(const Access& access);
    BusResult<void> write(const Access& access, std::uint64_t value);
    /// As the CM7 or the CM4 would make it now, with its present context.
    Access as_core(Master core, Address address, unsigned size = 4, Op op = Op::read) const;

    /// With Config::check_caches: where silicon would have read stale data since the chip was made.
    const std::vector<CacheFinding>& cache_findings() const;

    /// What happened since the chip was made, for people; not part of its state.
    const Tally& tally() const;

    /// Who was chosen to boot at the last reset.
    const BootChoice& boot_choice() const;

    /// What silicon keeps without power.
    flash::Image image() const;

    // --- snapshots (snapshot.hpp) ---
    /// Between runs, with power.
    std::unique_ptr<Snapshot> snapshot();
    /// The chip as it was, to the instruction and the event: what follows is what followed then. `to` is from
    /// this chip.
    void restore(const Snapshot& to);

private:
    struct Board;
    explicit Chip(std::unique_ptr<Board> board);
    std::unique_ptr<Board> board_;
};

}  // namespace h7::chip

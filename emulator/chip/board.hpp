// The netlist behind the front door: every block of the chip as a member, constructed in the order of its
// wires. chip.cpp is the front door, wiring.cpp connects, resets.cpp resets and boots.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <optional>
#include <vector>

#include "emulator/chip/access_view.hpp"
#include "emulator/chip/block_table.hpp"
#include "emulator/chip/chip.hpp"
#include "emulator/chip/dma.hpp"
#include "emulator/chip/interconnect.hpp"
#include "emulator/chip/low_power.hpp"
#include "emulator/chip/rss_bridge.hpp"
#include "emulator/chip/schedule.hpp"
#include "emulator/chip/serial_line.hpp"
#include "emulator/chip/timers.hpp"
#include "emulator/semihosting/session.hpp"
#include "peripherals/crc/crc.hpp"
#include "peripherals/cryp/cryp.hpp"
#include "peripherals/dbgmcu/dbgmcu.hpp"
#include "peripherals/exti/exti.hpp"
#include "peripherals/gpio/gpio.hpp"
#include "peripherals/hash/hash.hpp"
#include "peripherals/hsem/hsem.hpp"
#include "peripherals/pwr/pwr.hpp"
#include "peripherals/rcc/rcc.hpp"
#include "peripherals/rng/rng.hpp"
#include "peripherals/rtc/rtc.hpp"
#include "peripherals/sec/sec.hpp"
#include "peripherals/storage/storage.hpp"
#include "peripherals/syscfg/syscfg.hpp"
#include "peripherals/usart/usart.hpp"

namespace h7::chip {

/// The NVIC inputs of one core: a line is high while the peripheral or the EXTI asks (system.md 5.2).
class IrqLines {
public:
    enum Source : unsigned { own, exti };
    static constexpr unsigned kLines = 150;
    /// The level of `irq` after `source` went to `level`.
    bool set(unsigned irq, Source source, bool level) {
        bits_[source].set(irq, level);
        return this->level(irq);
    }
    bool level(unsigned irq) const { return bits_[own].test(irq) || bits_[exti].test(irq); }

private:
    std::array<std::bitset<160>, 2> bits_;
};

struct Chip::Board {
    explicit Board(Config wanted);

    /// Second half of the construction: the cores, which may not exist on this host (engine mismatch).
    Result<void> add_cores();
    void add_cache_checker();

    // --- wiring.cpp ---
    void wire_blocks();
    void wire_cores();
    void attach_all();
    /// The bus clock of a block behind `gate` runs.
    rcc::ClockEnable clock_enable(ClockGate gate);
    bool clocked(ClockGate gate) { return clock_enable(gate).open(); }
    void drive_interrupt(unsigned core, unsigned irq, IrqLines::Source source, bool level);
    /// Backup SRAM and RTC backup registers are out of reach: RDP level 1 with intrusion (F-200).
    bool secured_regions_closed() const;
    std::optional<Stop> reason_to_stop(const Until& until) const;

    // --- snapshot.cpp ---
    void restore_memory(const Snapshot& to, bool latest);
    void restore_blocks(const Snapshot& to, bool latest);
    PortState debug_state(Master ap, Address address) const;
    std::string_view why_not_clocked(Master ap) const;

    // --- timers.cpp ---
    void wire_timers();
    /// What reaches timers and watchdogs: after a change of clocks, enables, sleep, or a debugger's hold.
    void update_timer_clocks();
    void reset_timers(ResetKind kind);
    void window_watchdog_expired(unsigned core);
    void reset_core_alone(unsigned number, const ResetRow& row);

    // --- low_power.cpp ---
    void wire_low_power();
    /// Something the low-power states follow from has changed: looked at before anything else runs.
    void low_power_changed();
    void settle_low_power();
    void enter_standby(unsigned domain);
    void leave_stop();
    void leave_standby_of(unsigned domain);
    void power_loss_of(const std::vector<Ram*>& lost);
    /// Every core that may answer chose Standby for the domain.
    bool standby_chosen(unsigned domain) const;
    bool in_cstop(unsigned core) const;
    void settle_holds();
    void wake_line(unsigned core);
    void wake_pin(std::size_t port, unsigned pin, std::optional<bool> before);
    void woken_from_standby();
    void reset_domain(unsigned domain, const ResetRow& row);
    void reset_blocks_of(unsigned domain);

    // --- dma.cpp ---
    void wire_dma();
    void pin_to_rtc(std::size_t port, unsigned pin);
    void wire_dma_requests();
    void wire_dmamux_inputs();
    bool output_heard(unsigned lptim) const;
    void pin_to_dmamux(unsigned pin, bool level);
    void update_dma_clocks(const rcc::Frequencies& frequencies);

    // --- resets.cpp ---
    void request_reset(ResetSource source);
    void perform_reset(ResetSource source);
    /// Performs requested resets until none is left. Bounded: an RSS that resets for ever is left to run().
    void settle_resets(unsigned at_most);
    void boot();
    void hand_over_from_rss(const rss::Outcome& outcome);
    void start_bootloader();
    void start_core(cpu::Core& core, bool starts, std::string_view why);
    void fill_ram();
    ByteView unpowered(std::size_t number);
    void ram_changed(Ram& ram, std::size_t offset, std::size_t size);
    /// An RCC xxxRSTR bit rose or fell: the blocks that the same bit of xxxENR clocks go to their reset
    /// values. In between the interconnect keeps writes from them.
    void reset_peripheral(Address rstr, unsigned bit);
    void update_frequencies();
    void update_kernel_clocks(const rcc::Frequencies& frequencies);
    void drop_translations();
    void drop_code(Address canonical, std::uint32_t size);
    void erase_backup_sram();
    void erase_secured_regions();
    void cores_changed();

    // --- state, then blocks in the order of their needs ---
    Config config;
    Clock clock;
    Trace trace;
    security::SecureMode secure;
    flash::Controller flash;
    Ram itcm{"ITCM", 0x0000'0000, 0x1'0000};
    Ram dtcm{"DTCM", 0x2000'0000, 0x2'0000};
    Ram axi{"AXI SRAM", 0x2400'0000, 0x8'0000};
    Ram sram123{"SRAM1-3", 0x3000'0000, 0x4'8000};
    Ram sram4{"SRAM4", 0x3800'0000, 0x1'0000};
    Ram backup{"backup SRAM", 0x3880'0000, 0x1000};
    const std::array<Ram*, 6> rams{&itcm, &dtcm, &axi, &sram123, &sram4, &backup};
    std::array<Bytes, 6> unpowered_contents;  // of each, once drawn: unpowered()

    dbgmcu::Dbgmcu dbgmcu;
    pwr::Pwr pwr;
    rcc::Rcc rcc;
    syscfg::Syscfg syscfg;
    sec::Sec sec;
    exti::Exti exti;
    hsem::Hsem hsem;
    rtc::Rtc rtc;
    std::vector<std::unique_ptr<gpio::Gpio>> gpio;
    std::vector<std::unique_ptr<usart::Usart>> usarts;
    std::vector<std::unique_ptr<SerialLine>> serial_lines;  // the far end of each, in the same order
    Timers timers{clock};
    crc::Crc crc;
    cryp::Cryp cryp;
    hash::Hash hash;
    rng::Rng rng{~config.seed, clock};  // not the stream that fills RAM
    std::vector<std::unique_ptr<storage::Storage>> stored;

    Interconnect bus;
    DmaEngines dma{clock, bus};
    AccessView view7;
    AccessView view4;
    std::unique_ptr<cpu::Core> cm7;
    std::unique_ptr<cpu::Core> cm4;
    std::optional<Schedule> schedule;
    std::unique_ptr<CacheChecker> caches;  // null unless asked for

    RssMachine rss_machine;
    rss::Engine rss;
    RssCalls rss_calls;
    DebugPort debug;
    semihosting::Host semihosting;
    std::array<semihosting::Session, 2> sessions{semihosting::Session{semihosting},
                                                 semihosting::Session{semihosting}};

    bool powered = false;
    Tally tally;
    std::function<void(char, unsigned, bool)>* on_pin = nullptr;  // of the front door
    BootChoice choice;
    PendingResets pending_resets;
    LowPower low;
    std::optional<Stop> stop;
    bool in_rss = false;
    bool power_cut = false;  // the power failed inside a flash operation
    std::array<IrqLines, 2> irq_lines;
    std::vector<std::pair<Address, Bytes>> ram_pieces;  // program() pieces copied at power-on
    std::uint64_t snapshots = 0;                        // taken so far
    std::uint64_t base = 0;                             // number of the one that marks and touches count from
};

}  // namespace h7::chip

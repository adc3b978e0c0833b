// What a reset does, in the order silicon does it (system.md 3, 11.8), and the boot that follows.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "emulator/base/bits.hpp"
#include "emulator/base/random.hpp"
#include "emulator/chip/board.hpp"

namespace h7::chip {

void Chip::Board::request_reset(ResetSource source) {
    pending_resets.ask(source);
    cm7->yield();
    cm4->yield();
}

void Chip::Board::settle_resets(unsigned at_most) {
    for (unsigned n = 0; pending_resets.any() && n < at_most; ++n) perform_reset(pending_resets.take());
}

void Chip::Board::perform_reset(ResetSource source) {
    ++tally.resets[static_cast<std::size_t>(source)];
    const ResetRow& row = reset_row(source);
    if (const unsigned core = core_alone(source); core != 0) return reset_core_alone(core, row);
    if (const unsigned domain = domain_alone(source); domain != 0) return reset_domain(domain, row);
    schedule->align();
    trace.line(Topic::reset, row.name);

    // Whatever ends Standby, its exit is what happens (system.md 11.7).
    const bool from_standby = low.standby && row.kind == ResetKind::system;
    const ResetKind kind = from_standby ? ResetKind::standby_exit : row.kind;
    const bool power_lost = source == ResetSource::power_on || source == ResetSource::brown_out ||
                            kind == ResetKind::standby_exit;
    low = {};
    bus.set_dark({});
    if (row.kind == ResetKind::power_on) {
        fill_ram();
        secure.power_on();
    }
    for (Peripheral* block : bus.peripherals()) block->touch();
    dma.reset(kind);  // first: no line that falls in a reset moves anything
    flash.reset(kind);
    for (Peripheral* block :
         {static_cast<Peripheral*>(&dbgmcu), static_cast<Peripheral*>(&pwr), static_cast<Peripheral*>(&rcc),
          static_cast<Peripheral*>(&syscfg), static_cast<Peripheral*>(&sec), static_cast<Peripheral*>(&exti),
          static_cast<Peripheral*>(&hsem), static_cast<Peripheral*>(&rtc)})
        block->reset(kind);
    for (auto& port : gpio) port->reset(kind);
    for (auto& port : usarts) port->reset(kind);
    reset_timers(kind);
    crc.reset(kind);
    cryp.reset(kind);
    hash.reset(kind);
    rng.reset(kind);
    for (auto& block : stored) block->reset(kind);
    rcc.record_reset(row.rsr_flags | (from_standby ? rsr::d1 | rsr::d2 : 0U));
    secure.sample_at_reset(test_bit(flash.options()[flash::kOptsr], 21));
    syscfg.mirror(flash.options(), secure.latched(), flash.swapped());
    rss.reset(power_lost);
    boot();
}

/// What a memory holds that had no power: not what it held before (D-13), and the same every time.
ByteView Chip::Board::unpowered(std::size_t number) {
    Bytes& contents = unpowered_contents[number];
    if (!contents.empty()) return contents;
    contents.resize(rams[number]->memory().size());
    if (config.readings.ram_fill == RamFill::random)
        SeededRandom(SeededRandom(config.seed + number).next()).fill(contents);
    else if (config.readings.ram_fill == RamFill::ones)
        std::ranges::fill(contents, std::uint8_t{0xFF});
    return contents;
}

/// Only pages that somebody wrote since the last time are written: power fails often in a torture.
void Chip::Board::power_loss_of(const std::vector<Ram*>& lost) {
    constexpr std::size_t kPage = HostMemory::kPage;
    for (std::size_t number = 0; number < rams.size(); ++number) {
        Ram* ram = rams[number];
        if (std::ranges::find(lost, ram) == lost.end()) continue;
        const bool first = unpowered_contents[number].empty();
        const ByteView then = unpowered(number);
        HostMemory& memory = ram->memory();
        const auto differs = [&](std::size_t at) {
            return at < memory.size() &&
                   (first || std::memcmp(memory.data() + at, then.data() + at, kPage) != 0);
        };
        for (std::size_t at = 0; at < memory.size(); at += kPage) {
            std::size_t end = at;
            while (differs(end)) end += kPage;
            if (end == at) continue;
            std::memcpy(memory.data() + at, then.data() + at, end - at);
            ram_changed(*ram, at, end - at);
            at = end;
        }
    }
}

/// The host wrote bytes of a RAM.
void Chip::Board::ram_changed(Ram& ram, std::size_t offset, std::size_t size) {
    ram.memory().mark(offset, size);
    if (&ram != &backup)
        drop_code(ram.base() + static_cast<Address>(offset), static_cast<std::uint32_t>(size));
}

void Chip::Board::fill_ram() {
    power_loss_of({rams.begin(), rams.end()});
    for (const auto& [address, bytes] : ram_pieces) {
        Ram* ram = bus.ram_at(address);
        if (ram == nullptr) continue;
        std::copy(bytes.begin(), bytes.end(), ram->memory().data() + (address - ram->base()));
        ram_changed(*ram, address - ram->base(), bytes.size());
    }
}

void Chip::Board::boot() {
    choice = choose_boot(flash.options(), config.boot0);
    bus.set_boot_window(choice.cm4);
    update_frequencies();
    const bool rss_first = secure.latched();
    // The RSS start itself is no boot from system flash; what it hands over to may be.
    secure.booted_outside_user_flash((!rss_first && choice.cm7_starts && outside_user_flash(choice.cm7)) ||
                                     (choice.cm4_starts && outside_user_flash(choice.cm4)));
    for (semihosting::Session& session : sessions) session.restart();
    if (caches) caches->reset();
    cm7->reset(choice.cm7);
    cm4->reset(0);
    drop_translations();
    if (rss_first) {
        in_rss = true;
        const rss::Outcome outcome = rss.boot({choice.cm7, choice.cm7_starts});
        in_rss = false;
        schedule->align();  // the RSS took time; the cores stand where it ended
        hand_over_from_rss(outcome);
        return;
    }
    if (choice.cm7_starts && choice.cm7 == rss::kRomBase)
        start_bootloader();
    else
        start_core(*cm7, choice.cm7_starts, fmt::format("CM7 boots at 0x{:08x}", choice.cm7));
    start_core(*cm4, choice.cm4_starts, fmt::format("CM4 boots at 0x{:08x}", choice.cm4));
    cores_changed();
}

// System memory as a boot address is its bootloader, whose vectors stand elsewhere
// (rss-sfi-bootloader.md 1.2).
void Chip::Board::start_bootloader() {
    trace.notice("the CM7 boots the system bootloader: it waits, its protocols are not modelled yet");
    cm7->hand_over(rss::kBootVectors, true);
}

void Chip::Board::start_core(cpu::Core& core, bool starts, std::string_view why) {
    if (!starts) return;
    trace.line(Topic::boot, why);
    core.start();
}

void Chip::Board::hand_over_from_rss(const rss::Outcome& outcome) {
    using Kind = rss::Outcome::Kind;
    const auto run_cm7 = [&](std::string_view what) {
        trace.line(Topic::boot, fmt::format("RSS hands over to {} at 0x{:08x}", what, outcome.vectors));
        secure.booted_outside_user_flash(outside_user_flash(outcome.vectors) ||
                                         (choice.cm4_starts && outside_user_flash(choice.cm4)));
        cm7->hand_over(outcome.vectors, true);
    };
    switch (outcome.kind) {
        case Kind::system_reset:
            request_reset(ResetSource::software_cm7);
            return;
        case Kind::start_secure_area:
            run_cm7("secure user software");
            break;
        case Kind::bootloader:
            run_cm7("the system bootloader");
            break;
        case Kind::application:
            run_cm7("the application");
            break;
        case Kind::no_cm7:
            trace.line(Topic::boot, "RSS is done; the CM7 stays held (BCM7 = 0)");
            break;
        case Kind::park:
            trace.line(Topic::boot, "the CM7 waits in the RSS for a reset");
            break;
        case Kind::power_lost:
            break;
    }
    if (outcome.release_cm4)
        start_core(*cm4, choice.cm4_starts, fmt::format("CM4 boots at 0x{:08x}", choice.cm4));
    cores_changed();
}

void Chip::Board::reset_peripheral(Address rstr, unsigned bit) {
    constexpr Address kRstrToEnr = 0xD4 - 0x7C;  // the registers stand in the same order (system.md 4.1)
    // When it falls as well: what an input changed in between is no reset value.
    for (Peripheral* block : bus.clocked_by({rstr + kRstrToEnr, bit})) {
        block->touch();
        block->reset(ResetKind::peripheral);
    }
}

void Chip::Board::update_frequencies() {
    const rcc::Frequencies f = rcc.frequencies();
    cm7->set_frequency(low.held[0] ? 0 : f.cpu1);
    cm4->set_frequency(low.held[1] ? 0 : f.cpu2);
    update_kernel_clocks(f);
    update_timer_clocks();
    if (f.cpu1 == 0) return;  // a standing CM7 does not measure anybody's turns
    schedule->set_turn(std::clamp<std::uint64_t>(config.turn_cycles, 1, kLongestTurn) * kSecond / f.cpu1);
}

void Chip::Board::drop_translations() {
    cm7->rights_changed();
    cm4->rights_changed();
}

void Chip::Board::drop_code(Address canonical, std::uint32_t size) {
    cm7->contents_changed(canonical, size);
    cm4->contents_changed(canonical, size);
}

void Chip::Board::erase_backup_sram() {
    std::ranges::fill(backup.memory().bytes(), std::uint8_t{0});
    backup.memory().mark(0, backup.memory().size());
}

void Chip::Board::erase_secured_regions() {
    erase_backup_sram();
    rtc.erase_backup();
}

// A core went to sleep, woke up or was released. (It says itself when it locks up.)
void Chip::Board::cores_changed() {
    if (low.stopped && (!in_cstop(1) || !in_cstop(2))) leave_stop();
    rcc.set_core_state(1, !in_cstop(1));
    rcc.set_core_state(2, !in_cstop(2));
    update_timer_clocks();
    low_power_changed();
}

}  // namespace h7::chip

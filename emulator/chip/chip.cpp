#include "emulator/chip/chip.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "emulator/chip/board.hpp"

namespace h7::chip {
namespace {

constexpr unsigned kResetsBeforeRun = 16;  // an RSS service takes two or three

flash::Image whole(flash::Image image, std::size_t bank_bytes) {
    const auto fill = [](flash::ArrayImage& array, std::size_t bytes) {
        if (array.data.empty()) array.data.assign(bytes, 0xFF);
        if (array.words.empty()) array.words.assign(bytes / 32, flash::WordState::erased);
    };
    for (flash::ArrayImage& bank : image.user) fill(bank, bank_bytes);
    fill(image.system2, kSystemFlash);
    return image;
}

rss::Profile profile_of(const Part& part, const Readings& readings) {
    rss::Profile profile;
    profile.exit_abi = readings.one_argument_exit ? 1 : part.exit_abi;
    profile.exit_clears_registers = readings.exit_clears_registers;
    return profile;
}

}  // namespace

Chip::Board::Board(Config wanted)
    : config(std::move(wanted)),
      secure(config.part->security),
      flash(config.part->geometry(), {clock, secure}),
      dbgmcu(config.board.idcode),
      pwr({.pvd_locked = [this] { return syscfg.pvd_locked(); }}, config.board.supply),
      rcc({.dbp = [this] { return pwr.dbp(); },
           .debug_keeps_clock = [this](unsigned domain) { return dbgmcu.keeps_clock_in_stop(domain); },
           .flash_busy = [this] { return flash.busy_for_low_power(); }},
          config.board.clocks),
      syscfg(
          config.board.package.value_or(static_cast<syscfg::Package>(config.part->package)),
          [this] { return rcc.csi_ready(); }, config.part->cm4),
      sec(secure),
      rtc(clock, {.dbp = [this] { return pwr.dbp(); },
                  .backup_closed = [this] { return secured_regions_closed(); },
                  .tampered = [this] { erase_backup_sram(); }}),
      bus({flash, trace, [this](ClockGate gate) { return clock_enable(gate); },
           [this](ClockGate gate) { return rcc.reset_register(gate.enr); }, [this] { return pwr.dbp(); },
           [this] { return secured_regions_closed(); },
           [this](Address canonical, unsigned size) { drop_code(canonical, size); }}),
      view7(Master::cm7, bus, flash, secure),
      view4(Master::cm4, bus, flash, secure),
      rss_machine(bus, clock, secure, trace, {config.boot0, powered}),
      rss(rss_machine, config.identity, profile_of(*config.part, config.readings)),
      rss_calls(rss, [this] { request_reset(ResetSource::software_cm7); }),
      debug({[this](Master ap, Address address) { return debug_state(ap, address); },
             [this] { secure.debugger_connected(); }, bus,
             [this](const Access& access) {
                 return (access.master == Master::ap3 ? cm4 : cm7)->read_private(access);
             },
             [this](const Access& access, std::uint64_t value) {
                 return (access.master == Master::ap3 ? cm4 : cm7)->write_private(access, value);
             }}) {
    attach_all();
    flash.set_readings(config.readings.flash);
    flash.set_timing(config.turbo ? flash::Timing::turbo() : flash::Timing::typical());
    flash.set_image(whole(config.image, config.part->sectors_per_bank * 128UL * 1024UL));
    flash.write_rom(rss::kRomBase,
                    rss::rom_image(config.identity, {.flash_kilobytes = config.part->flash_kilobytes,
                                                     .line_identifier = config.part->line_identifier}));
    trace.set_actor([this]() -> Actor {
        const cpu::Core* core = schedule ? schedule->running() : nullptr;
        if (core == nullptr) return {clock.now(), in_rss ? "RSS" : "chip", 0};
        return {clock.now(), core == cm7.get() ? "CM7" : "CM4", core->pc()};
    });
    semihosting.unknown = [this](std::uint32_t operation) {
        const Access access{0, 4, Op::read, Master::cm7, Context::application, true};
        trace.unmodelled("semihosting", fmt::format("SYS 0x{:02x}", operation), access);
    };
    semihosting.notice = [this](std::string_view text) { trace.notice(text); };
    semihosting.exit = [this](std::uint32_t status) {
        stop = Stop{Stop::Why::guest_exit, status, {}};
        cm7->yield();
        cm4->yield();
    };
    wire_blocks();
}

Result<void> Chip::Board::add_cores() {
    cm7 = TRY(cpu::Core::create(cpu::Model::cortex_m7, "CM7", view7, clock, trace));
    cm4 = TRY(cpu::Core::create(cpu::Model::cortex_m4, "CM4", view4, clock, trace));
    cm7->share_code_with(*cm4);
    cm7->set_strict_bus_faults(config.readings.strict_bus_faults);
    cm4->set_strict_bus_faults(config.readings.strict_bus_faults);
    cm7->set_strict_cycle_counter(config.strict);
    cm4->set_strict_cycle_counter(config.strict);
    schedule.emplace(*cm7, *cm4, clock);
    if (config.check_caches) add_cache_checker();
    if (config.interleave) {
        schedule->interleave(*config.interleave);
        cm7->allow_turns_to_end_anywhere();
        cm4->allow_turns_to_end_anywhere();
    }
    wire_cores();
    return {};
}

void Chip::Board::add_cache_checker() {
    caches = std::make_unique<CacheChecker>(
        CacheCheckerPorts{[this](Address address) { return cm7->cache_policy(address); },
                          [this](Master core) { return (core == Master::cm7 ? cm7 : cm4)->pc(); },
                          [this] { return clock.now(); }});
    bus.set_cache_checker(*caches);
    cm7->hear_cache_operations([this](const cpu::CacheOperation& operation) {
        const Region* region = find_region(operation.operand, Master::cm7);
        caches->maintain(operation, region != nullptr ? region->canonical_of(operation.operand) : 0);
    });
}

Chip::Chip(std::unique_ptr<Board> board) : board_(std::move(board)) { board_->on_pin = &on_pin; }
Chip::~Chip() = default;

Result<std::unique_ptr<Chip>> Chip::create(Config config) {
    auto board = std::make_unique<Board>(std::move(config));
    TRY(board->add_cores());
    return std::unique_ptr<Chip>(new Chip(std::move(board)));
}

const Part& Chip::part() const { return *board_->config.part; }

void Chip::power_on() {
    if (board_->powered) return;
    board_->powered = true;
    board_->power_cut = false;
    board_->request_reset(ResetSource::power_on);
    board_->settle_resets(kResetsBeforeRun);
}

void Chip::power_off() {
    if (!board_->powered) return;
    board_->schedule->align();
    board_->trace.line(Topic::reset, "power removed");
    board_->powered = false;
    board_->pending_resets.clear();
    board_->low = {};
    board_->bus.set_dark({});
}

bool Chip::powered() const { return board_->powered; }

void Chip::press_reset() {
    if (!board_->powered) return;
    board_->request_reset(ResetSource::nrst_pin);
    board_->settle_resets(kResetsBeforeRun);
}

void Chip::brown_out() {
    if (!board_->powered) return;
    board_->request_reset(ResetSource::brown_out);
    board_->settle_resets(kResetsBeforeRun);
}

void Chip::set_boot0(bool high) { board_->config.boot0 = high; }
bool Chip::boot0() const { return board_->config.boot0; }

void Chip::stop() {
    if (!board_->stop) board_->stop = Stop{};
    board_->cm7->yield();
    board_->cm4->yield();
}

// Why the run ends here, if it does: power, the guest, the caller, strictness, or nobody left to run.
std::optional<Stop> Chip::Board::reason_to_stop(const Until& until) const {
    if (!powered) return Stop{Stop::Why::power_lost, 0, "the power failed inside a flash operation"};
    if (config.strict && trace.unmodelled_count() != 0)
        return Stop{Stop::Why::unmodelled, 0, "an access to something that is not modelled, under strict"};
    if (stop) return stop;
    if (cm7->halted() || cm4->halted()) return Stop{Stop::Why::halted, 0, {}};
    if (until.reached && until.reached()) return Stop{};
    if (pending_resets.any()) return std::nullopt;
    const auto locked = [](const cpu::Core& core) { return core.state() == cpu::RunState::locked_up; };
    const auto dead = [&](const cpu::Core& core) {
        const bool without_power = low.standby || low.off[&core == cm7.get() ? 0 : 1];
        return locked(core) || (core.state() == cpu::RunState::held && !without_power);
    };
    if (!locked(*cm7) && !locked(*cm4)) return std::nullopt;
    if (!config.strict && (!dead(*cm7) || !dead(*cm4))) return std::nullopt;
    const auto state = [&](const cpu::Core& core) {
        return locked(core) ? core.lock_up_report() : dead(core) ? std::string("held") : std::string("alive");
    };
    return Stop{Stop::Why::locked_up, 0, fmt::format("CM7: {}; CM4: {}", state(*cm7), state(*cm4))};
}

Stop Chip::run(const Until& until) {
    Board& b = *board_;
    assert((b.powered || b.power_cut) && "run() needs power");
    b.stop.reset();
    for (cpu::Core* core : {b.cm7.get(), b.cm4.get()}) core->ask_inside_turns(until.inside_turns);
    const Time end = until.limit == kNever ? kNever : b.clock.now() + until.limit;
    while (true) {
        b.settle_low_power();
        b.settle_resets(1);
        std::optional<Stop> why = b.reason_to_stop(until);
        const Time done = b.schedule->reached();
        const Time to = until.at_least_every < end - std::min(end, done) ? done + until.at_least_every : end;
        if (!why && !b.pending_resets.any() && !b.low.due &&
            (done >= end || (!b.schedule->step(to) && to == end)))
            why = Stop{Stop::Why::limit, 0, {}};
        if (!why) continue;
        // The cores stand for good, the line runs on: what was handed over leaves.
        if (why->why == Stop::Why::guest_exit || why->why == Stop::Why::locked_up)
            for (auto& port : b.usarts) port->finish_sending();
        if (why->why != Stop::Why::halted && !b.schedule->inside_turn()) b.schedule->catch_up();
        return *why;
    }
}

Clock& Chip::clock() { return board_->clock; }
Trace& Chip::trace() { return board_->trace; }
cpu::Core& Chip::cm7() { return *board_->cm7; }
cpu::Core& Chip::cm4() { return *board_->cm4; }
flash::Controller& Chip::flash() { return board_->flash; }
security::SecureMode& Chip::secure_mode() { return board_->secure; }
DebugPort& Chip::debug_port() { return board_->debug; }
rss::Engine& Chip::rss() { return board_->rss; }
const BootChoice& Chip::boot_choice() const { return board_->choice; }
const std::vector<CacheFinding>& Chip::cache_findings() const {
    static const std::vector<CacheFinding> kNone;
    return board_->caches ? board_->caches->findings() : kNone;
}
flash::Image Chip::image() const { return board_->flash.image(); }
semihosting::Host& Chip::semihosting() { return board_->semihosting; }

ByteView Chip::ram(Address canonical) const {
    const Ram* ram = board_->bus.ram_at(canonical);
    return ram == nullptr ? ByteView{} : ram->memory().bytes();
}

const Tally& Chip::tally() const { return board_->tally; }

gpio::Gpio* Chip::port(char letter) {
    const auto index = static_cast<std::size_t>(letter - 'A');
    return index < board_->gpio.size() ? board_->gpio[index].get() : nullptr;
}

usart::Usart* Chip::uart(std::string_view name) {
    for (auto& port : board_->usarts)
        if (port->name() == name) return port.get();
    return nullptr;
}

SerialLine* Chip::serial_line(std::string_view name) {
    for (std::size_t i = 0; i < board_->usarts.size(); ++i)
        if (board_->usarts[i]->name() == name) return board_->serial_lines[i].get();
    return nullptr;
}

std::vector<Peripheral*> Chip::peripherals() const { return board_->bus.peripherals(); }

BusResult<std::uint64_t> Chip::read(const Access& access) { return board_->bus.read(access); }
BusResult<void> Chip::write(const Access& access, std::uint64_t value) {
    return board_->bus.write(access, value);
}

Access Chip::as_core(Master core, Address address, unsigned size, Op op) const {
    const Context context = core == Master::cm7 ? board_->secure.cm7_context() : Context::application;
    return {address, static_cast<std::uint8_t>(size), op, core, context, true};
}

}  // namespace h7::chip

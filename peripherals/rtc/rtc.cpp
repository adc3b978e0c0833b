#include "peripherals/rtc/rtc.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace h7::rtc {
namespace {

constexpr std::uint32_t kKey1 = 0xCA, kKey2 = 0x53;
constexpr std::uint32_t kRsf = 1U << 5, kInitf = 1U << 6, kInits = 1U << 4;
constexpr std::uint32_t kUnprotectedFlags = mask(13, 8);  // clearable although WPR is locked
constexpr Address kTr = 0x00, kDr = 0x04, kSsr = 0x28;
constexpr unsigned kAlarmFlag = 8, kAlarmEnable = 8, kAlarmInterrupt = 12;  // of alarm A; B is the next bit
constexpr unsigned kTamperFlag = 13;                                        // ISR, of RTC_TAMP1

// TAMPCR
constexpr unsigned enable_bit(unsigned tamper) { return tamper == 0 ? 0 : 2 * tamper + 1; }
constexpr unsigned trigger_bit(unsigned tamper) { return enable_bit(tamper) + 1; }
constexpr unsigned interrupt_bit(unsigned tamper) { return 16 + 3 * tamper; }
constexpr unsigned no_erase_bit(unsigned tamper) { return interrupt_bit(tamper) + 1; }
constexpr unsigned masked_bit(unsigned tamper) { return interrupt_bit(tamper) + 2; }

}  // namespace

Rtc::Rtc(Clock& clock, Ports ports)
    : RegisterBlock("RTC", 0x5800'4000, 0x400),
      clock_(clock),
      ports_(std::move(ports)),
      deadline_(clock, "RTC", [this] {
          touch();
          catch_up();
          settle();
      }) {
    subsecond_ = prediv_s();
}

void Rtc::set_clock(std::uint32_t hz) {
    if (hz == ticks_.hz()) return;
    touch();
    run(ticks_.change(clock_.now(), hz));
    settle();
}

// --- registers ---

BusResult<std::uint64_t> Rtc::read(const Access& access) {
    catch_up();
    const Address offset = offset_of(access) & ~Address{3};
    const bool shadows = regs_.get<"CR.BYPSHAD">() == 0 && !stands();
    if (shadows && !held_ && (offset == kTr || offset == kSsr))
        held_ = {regs_.get<"TR">(), regs_.get<"DR">()};
    auto value = RegisterBlock::read(access);
    if (offset == kDr || !shadows) held_.reset();
    return value;
}

BusResult<void> Rtc::write(const Access& access, std::uint64_t value) {
    catch_up();
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

std::uint32_t Rtc::status(unsigned) const {
    std::uint32_t value = regs_.get<"ISR">() & ~(kRsf | kInitf | kInits | 7U);
    if (stands()) value |= kInitf;
    // The shadow registers follow at once, so clearing RSF shows nothing; with BYPSHAD or during
    // initialisation it is 0.
    if (!stands() && ticks_.hz() != 0 && regs_.get<"CR.BYPSHAD">() == 0) value |= kRsf;
    if (regs_.get<"DR.YEAR">() != 0) value |= kInits;
    if (regs_.get<"CR.ALRAE">() == 0) value |= 1;  // ALRAWF, ALRBWF, WUTWF
    if (regs_.get<"CR.ALRBE">() == 0) value |= 2;
    if (regs_.get<"CR.WUTE">() == 0) value |= 4;
    return value;
}

BusResult<void> Rtc::control_written(const RegisterWrite& write) {
    using File = RegisterFile<Rtc>;
    const bool was_on = File::field<"CR.WUTE">(write.old) != 0;
    if (was_on) regs_.set<"CR.WUCKSEL">(File::field<"CR.WUCKSEL">(write.old));
    if (!was_on && regs_.get<"CR.WUTE">() != 0) wakeup_left_ = wakeup_period();
    const bool add = test_bit(write.value, 16), subtract = test_bit(write.value, 17);  // ADD1H, SUB1H
    if (add != subtract && !stands()) {
        Moment m = moment();
        if (add) m.advance(3600);
        if (subtract && m.second >= 3600) m.second -= 3600;
        set_moment(m);
    }
    return {};
}

BusResult<void> Rtc::status_written(const RegisterWrite& write) {
    if (!unlocked_) {
        const std::uint32_t now = regs_.get<"ISR">();
        regs_.set<"ISR">((write.old & ~kUnprotectedFlags) | (now & kUnprotectedFlags));
    }
    const bool before = RegisterFile<Rtc>::field<"ISR.INIT">(write.old) != 0,
               now = regs_.get<"ISR.INIT">() != 0;
    if (before && !now) {  // the calendar starts at the beginning of a second
        phase_ = 0;
        subsecond_ = prediv_s();
        set_moment(moment());
    }
    return {};
}

BusResult<void> Rtc::key_written(const RegisterWrite& write) {
    const std::uint32_t key = write.value & 0xFF;
    unlocked_ = first_key_ && key == kKey2;
    first_key_ = key == kKey1;
    return {};
}

/// The clock is put back by SUBFS periods of ck_apre, or, with ADD1S, forward by the rest of a second.
BusResult<void> Rtc::shift_written(const RegisterWrite& write) {
    subsecond_ += extract(write.value, 14, 0);
    if (test_bit(write.value, 31)) {
        Moment m = moment();
        m.advance(1);
        set_moment(m);
    }
    return {};
}

// --- calendar ---

Moment Rtc::moment() const { return Moment::from_registers(regs_.get<"TR">(), regs_.get<"DR">(), twelve()); }

void Rtc::set_moment(const Moment& m) {
    regs_.set<"TR">(m.tr(twelve()));
    regs_.set<"DR">(m.dr());
}

Match Rtc::match(unsigned which) const {
    return which == 0 ? Match{regs_.get<"ALRMAR">(), regs_.get<"ALRMASSR">()}
                      : Match{regs_.get<"ALRMBR">(), regs_.get<"ALRMBSSR">()};
}

void Rtc::catch_up() { run(ticks_.take(clock_.now())); }

void Rtc::run(std::uint64_t ticks) {
    if (ticks == 0) return;
    count_wakeup(ticks);
    if (stands()) return;
    std::uint32_t flags = regs_.get<"ISR">();
    for (const unsigned which : {0U, 1U}) {
        const auto due = ticks_to_alarm(which);
        if (due && *due <= ticks) flags |= 1U << (kAlarmFlag + which);
    }
    regs_.set<"ISR">(flags);
    count_calendar(ticks);
}

void Rtc::count_calendar(std::uint64_t ticks) {
    const std::uint64_t periods = (phase_ + ticks) / prediv_a();
    phase_ = (phase_ + ticks) % prediv_a();
    if (periods <= subsecond_) {
        subsecond_ -= static_cast<std::uint32_t>(periods);
        return;
    }
    const std::uint64_t per_second = std::uint64_t{prediv_s()} + 1, beyond = periods - subsecond_ - 1;
    subsecond_ = static_cast<std::uint32_t>(per_second - 1 - beyond % per_second);
    Moment m = moment();
    m.advance(1 + beyond / per_second);
    set_moment(m);
}

std::optional<std::uint64_t> Rtc::ticks_to_alarm(unsigned which) const {
    if (!test_bit(regs_.get<"CR">(), kAlarmEnable + which)) return std::nullopt;
    const Match wanted = match(which);
    const auto period = wanted.period(prediv_s());
    if (!period) return std::nullopt;
    const Moment m = moment();
    const std::uint64_t per_second = std::uint64_t{prediv_s()} + 1;
    // Periods of ck_apre until the next second begins.
    const std::uint64_t rest = std::uint64_t{subsecond_} + 1;
    const bool still_to_come = *period < per_second && per_second - *period < rest && rest <= per_second;
    std::uint64_t periods = 0;
    if (still_to_come && wanted.seconds_from(m, twelve()) == 0U) {
        periods = rest - (per_second - *period);
    } else {
        Moment next = m;
        next.advance(1);
        const auto seconds = wanted.seconds_from(next, twelve());
        if (!seconds) return std::nullopt;
        periods = rest + *seconds * per_second + *period;
    }
    return periods * prediv_a() - phase_;
}

// --- wake-up timer ---

std::uint64_t Rtc::wakeup_period() const {
    const std::uint32_t select = regs_.get<"CR.WUCKSEL">();
    const std::uint64_t count = std::uint64_t{regs_.get<"WUTR">()} + 1;
    if (select < 4) return count * (std::uint64_t{16} >> select);
    const std::uint64_t second = prediv_a() * (std::uint64_t{prediv_s()} + 1);
    return (count + (select >= 6 ? 0x1'0000U : 0U)) * second;
}

void Rtc::count_wakeup(std::uint64_t ticks) {
    if (regs_.get<"CR.WUTE">() == 0) return;
    if (ticks < wakeup_left_) {
        wakeup_left_ -= ticks;
        return;
    }
    regs_.set<"ISR.WUTF">(1);
    const std::uint64_t period = wakeup_period();
    wakeup_left_ = period - (ticks - wakeup_left_) % period;
}

// --- tamper and time stamp ---

/// Backup registers stay in reset while an event that erased them is flagged.
bool Rtc::erased() const {
    for (unsigned n = 0; n < kTampers; ++n)
        if (test_bit(regs_.get<"ISR">(), kTamperFlag + n) &&
            !test_bit(regs_.get<"TAMPCR">(), no_erase_bit(n)))
            return true;
    return false;
}

void Rtc::set_tamper_input(unsigned input, bool level) {
    assert(input >= 1 && input <= kTampers);
    const unsigned n = input - 1;
    if (inputs_[n] == level) return;
    touch();
    catch_up();
    inputs_[n] = level;
    const std::uint32_t control = regs_.get<"TAMPCR">();
    const bool by_edge = extract(control, 12, 11) == 0;
    // TAMPxTRG: the falling edge; with a filter the high level.
    if (test_bit(control, enable_bit(n)) &&
        (by_edge ? level != test_bit(control, trigger_bit(n)) : level == test_bit(control, trigger_bit(n))))
        detect(n);
    settle();
}

/// A level is seen when its detection is switched on, too.
BusResult<void> Rtc::tamper_written(const RegisterWrite& write) {
    const std::uint32_t control = regs_.get<"TAMPCR">();
    if (extract(control, 12, 11) == 0) return {};
    for (unsigned n = 0; n < kTampers; ++n)
        if (test_bit(control, enable_bit(n)) && !test_bit(write.old, enable_bit(n)) &&
            inputs_[n] == test_bit(control, trigger_bit(n)))
            detect(n);
    return {};
}

void Rtc::detect(unsigned n) {
    const std::uint32_t control = regs_.get<"TAMPCR">();
    if (test_bit(control, 7)) stamp();  // TAMPTS
    if (test_bit(control, masked_bit(n))) return;
    regs_.set<"ISR">(regs_.get<"ISR">() | 1U << (kTamperFlag + n));
    if (test_bit(control, no_erase_bit(n))) return;
    erase_backup();
    if (ports_.tampered) ports_.tampered();
}

void Rtc::set_time_stamp_input(bool level) {
    if (time_stamp_input_ == level) return;
    touch();
    catch_up();
    time_stamp_input_ = level;
    const bool falling = regs_.get<"CR.TSEDGE">() != 0;
    if (regs_.get<"CR.TSE">() != 0 && level != falling) stamp();
    settle();
}

void Rtc::stamp() {
    if (regs_.get<"ISR.TSF">() != 0) {
        regs_.set<"ISR.TSOVF">(1);
        return;
    }
    regs_.set<"ISR.TSF">(1);
    regs_.set<"TSTR">(regs_.get<"TR">());
    regs_.set<"TSDR">(regs_.get<"DR">() & mask(15, 0));
    regs_.set<"TSSSR">(subsecond_ & mask(15, 0));
}

void Rtc::erase_backup() {
    touch();
    for (unsigned n = 0; n < kBackupRegisters; ++n) regs_.set<"BKPR">(0, n);
}

// --- requests ---

void Rtc::settle() {
    const std::uint32_t control = regs_.get<"CR">(), flags = regs_.get<"ISR">(),
                        tampers = regs_.get<"TAMPCR">();
    std::uint64_t first = 0;
    const auto consider = [&first](std::uint64_t ticks) {
        if (ticks != 0 && (first == 0 || ticks < first)) first = ticks;
    };
    bool alarmed = false;
    for (const unsigned which : {0U, 1U}) {
        if (!test_bit(control, kAlarmInterrupt + which)) continue;
        if (test_bit(flags, kAlarmFlag + which))
            alarmed = true;
        else if (!stands())
            consider(ticks_to_alarm(which).value_or(0));
    }
    const bool woken = regs_.get<"ISR.WUTF">() != 0, wants_wakeup = regs_.get<"CR.WUTIE">() != 0;
    if (wants_wakeup && !woken && regs_.get<"CR.WUTE">() != 0) consider(wakeup_left_);
    bool tampered = regs_.get<"ISR.TSF">() != 0 && regs_.get<"CR.TSIE">() != 0;
    for (unsigned n = 0; n < kTampers; ++n)
        tampered |=
            test_bit(flags, kTamperFlag + n) && (test_bit(tampers, 2) || test_bit(tampers, interrupt_bit(n)));
    alarm.set(alarmed);
    wakeup.set(woken && wants_wakeup);
    tamper.set(tampered);
    deadline_.set(first != 0 ? ticks_.when(first) : kNever);
}

// --- resets and state ---

void Rtc::backup_domain_reset() {
    touch();
    (void)ticks_.take(clock_.now());
    regs_.reset();
    unlocked_ = false;
    first_key_ = false;
    held_.reset();
    phase_ = 0;
    subsecond_ = prediv_s();
    wakeup_left_ = 0;
    settle();
}

void Rtc::reset(ResetKind kind) {
    if (kind == ResetKind::power_on) return backup_domain_reset();
    catch_up();
    held_.reset();
    if (kind == ResetKind::system || kind == ResetKind::standby_exit) regs_.set<"ISR.INIT">(0);
    settle();
}

std::vector<RegisterInfo> Rtc::describe() const {
    std::vector<RegisterInfo> all = RegisterBlock::describe();
    for (RegisterInfo& info : all)  // the manual writes BKP0R, not BKPR0
        if (info.name.starts_with("BKPR")) info.name = "BKP" + info.name.substr(4) + "R";
    return all;
}

void Rtc::save(StateWriter& out) const {
    RegisterBlock::save(out);
    ticks_.save(out);
    out.u64(phase_);
    out.u32(subsecond_);
    out.u64(wakeup_left_);
    out.flag(unlocked_);
    out.flag(first_key_);
    out.flag(held_.has_value());
    out.u32(held_ ? held_->tr : 0);
    out.u32(held_ ? held_->dr : 0);
    for (const bool input : inputs_) out.flag(input);
    out.flag(time_stamp_input_);
}

void Rtc::load(StateReader& in) {
    RegisterBlock::load(in);
    ticks_.load(in);
    phase_ = in.u64() % prediv_a();
    subsecond_ = in.u32() & 0x1'FFFFU;
    wakeup_left_ = in.u64();
    unlocked_ = in.flag();
    first_key_ = in.flag();
    const bool held = in.flag();
    const std::uint32_t tr = in.u32(), dr = in.u32();
    held_.reset();
    if (held) held_ = {tr, dr};
    for (bool& input : inputs_) input = in.flag();
    time_stamp_input_ = in.flag();
    settle();
}

}  // namespace h7::rtc

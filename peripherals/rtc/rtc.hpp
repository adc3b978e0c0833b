// RTC: calendar, alarms A and B, wake-up timer, tamper and time-stamp inputs, and the thirty-two backup
// registers: what lives in the backup domain. system.md 6.6, 4.4, 3.3; RM0399, "Real-time clock (RTC)".
//
// Time. Nothing ticks: the calendar is worked out from virtual time when somebody looks, and only an enabled
// interrupt makes an event on the clock.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/tick_counter.hpp"
#include "emulator/fabric/wire.hpp"
#include "peripherals/rtc/calendar.hpp"

namespace h7::rtc {

/// What the RTC asks of other blocks. Empty functions: DBP is 0; the registers are open.
struct Ports {
    std::function<bool()> dbp;  // PWR_CR1.DBP
    std::function<bool()>
        backup_closed;               // RDP level 1 with intrusion: backup registers are out of reach (F-200)
    std::function<void()> tampered;  // a tamper event erases the backup SRAM as well
};

class Rtc final : public RegisterBlock<Rtc> {
public:
    static constexpr unsigned kBackupRegisters = 32, kTampers = 3;
    static const Register<Rtc> registers[20];

    explicit Rtc(Clock& clock, Ports ports = {});

    /// RTCCLK has `hz` from now on; 0: RTCEN is 0, its source stands, or a debugger froze it.
    void set_clock(std::uint32_t hz);
    /// Level of RTC_TAMP1 to RTC_TAMP3 (`input` 1 to 3) and of RTC_TS.
    void set_tamper_input(unsigned input, bool level);
    void set_time_stamp_input(bool level);

    /// Requests to EXTI lines 17, 18 and 19.
    Wire alarm, tamper, wakeup;

    /// BKP0R..BKP31R become 0: tamper event, or the regression from RDP level 1 to 0 (F-208). The backup SRAM
    /// is the chip's and is wiped there.
    void erase_backup();
    /// RCC_BDCR.BDRST: every register of this block, lock included.
    void backup_domain_reset();

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool dbp() const { return ports_.dbp && ports_.dbp(); }
    bool domain_open(const RegisterWrite&) const { return dbp(); }
    bool unlocked(const RegisterWrite&) const { return dbp() && unlocked_; }
    bool initialising(const RegisterWrite&) const { return dbp() && unlocked_ && stands(); }
    bool alarm_a_open(const RegisterWrite&) const {
        return dbp() && unlocked_ && (regs_.get<"CR.ALRAE">() == 0 || stands());
    }
    bool alarm_b_open(const RegisterWrite&) const {
        return dbp() && unlocked_ && (regs_.get<"CR.ALRBE">() == 0 || stands());
    }
    bool wakeup_open(const RegisterWrite&) const { return dbp() && unlocked_ && regs_.get<"CR.WUTE">() == 0; }
    bool backup_open(const RegisterWrite&) const { return dbp() && !closed() && !erased(); }
    bool closed() const { return ports_.backup_closed && ports_.backup_closed(); }
    bool erased() const;
    /// INIT with a clock: the calendar stands.
    bool stands() const { return regs_.get<"ISR.INIT">() != 0 && ticks_.hz() != 0; }
    bool twelve() const { return regs_.get<"CR.FMT">() != 0; }

    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> status_written(const RegisterWrite& write);
    BusResult<void> key_written(const RegisterWrite& write);
    BusResult<void> shift_written(const RegisterWrite& write);
    BusResult<void> tamper_written(const RegisterWrite& write);
    std::uint32_t time(unsigned) const { return held_ ? held_->tr : regs_.get<"TR">(); }
    std::uint32_t date(unsigned) const { return held_ ? held_->dr : regs_.get<"DR">(); }
    std::uint32_t subseconds(unsigned) const { return subsecond_; }
    std::uint32_t status(unsigned) const;
    std::uint32_t backup(unsigned index) const { return closed() || erased() ? 0 : regs_.get<"BKPR">(index); }

    Moment moment() const;
    void set_moment(const Moment& m);
    std::uint64_t prediv_a() const { return std::uint64_t{regs_.get<"PRER.PREDIV_A">()} + 1; }
    std::uint32_t prediv_s() const { return regs_.get<"PRER.PREDIV_S">(); }
    Match match(unsigned which) const;
    std::uint64_t wakeup_period() const;

    /// Everything that happened up to now.
    void catch_up();
    void run(std::uint64_t ticks);
    void count_wakeup(std::uint64_t ticks);
    void count_calendar(std::uint64_t ticks);
    /// RTCCLK periods until alarm 0 (A) or 1 (B) is due; empty: never.
    std::optional<std::uint64_t> ticks_to_alarm(unsigned which) const;
    void detect(unsigned tamper);
    void stamp();
    void settle();

    Clock& clock_;
    Ports ports_;
    Alarm deadline_;
    TickCounter ticks_;
    std::uint64_t phase_ = 0;        // RTCCLK periods into the present one of ck_apre
    std::uint32_t subsecond_ = 0;    // SSR: counts down
    std::uint64_t wakeup_left_ = 0;  // RTCCLK periods until WUTF
    bool unlocked_ = false;
    bool first_key_ = false;  // 0xCA was written
    struct Held {
        std::uint32_t tr = 0, dr = 0;
    };
    std::optional<Held> held_;  // shadow registers wait for RTC_DR to be read
    std::array<bool, kTampers> inputs_{};
    bool time_stamp_input_ = false;
};

}  // namespace h7::rtc

#include "peripherals/rtc/registers.hpp"  // IWYU pragma: export

// RTC and backup registers: what firmware keeps over resets. The thirty-two backup registers are exact; the
// calendar is kept and does not run. system.md 6.6, 4.4, 3.3.
#pragma once

#include <functional>

#include "emulator/fabric/register_map.hpp"

namespace h7::rtc_backup {

/// What the RTC asks of other blocks. Empty functions: DBP is 0; the clock runs; the registers are open.
struct Ports {
    std::function<bool()> dbp;            // PWR_CR1.DBP
    std::function<bool()> clock_running;  // RCC_BDCR.RTCEN with a running source: INITF and RSF can come
    std::function<bool()>
        backup_closed;  // RDP level 1 with intrusion: backup registers are out of reach (F-200)
};

class RtcBackup final : public RegisterBlock<RtcBackup> {
public:
    static constexpr unsigned kBackupRegisters = 32;
    static const Register<RtcBackup> registers[20];

    explicit RtcBackup(Ports ports = {});

    /// BKP0R..BKP31R become 0: tamper event, or the regression from RDP level 1 to 0 (F-208). The backup SRAM
    /// is the chip's and is wiped there.
    void erase_backup();
    /// RCC_BDCR.BDRST: every register of this block, lock included.
    void backup_domain_reset();

    void reset(ResetKind kind) override;
    std::vector<RegisterInfo> describe() const override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    bool dbp() const { return ports_.dbp && ports_.dbp(); }
    bool domain_open(const RegisterWrite&) const { return dbp(); }
    bool unlocked(const RegisterWrite&) const { return dbp() && unlocked_; }
    bool initialising(const RegisterWrite&) const {
        return dbp() && unlocked_ && regs_.get<"ISR.INIT">() != 0;
    }
    bool backup_open(const RegisterWrite&) const { return dbp() && !closed(); }
    bool closed() const { return ports_.backup_closed && ports_.backup_closed(); }

    BusResult<void> status_written(const RegisterWrite& write);
    BusResult<void> key_written(const RegisterWrite& write);
    std::uint32_t status(unsigned) const;
    std::uint32_t backup(unsigned index) const { return closed() ? 0 : regs_.get<"BKPR">(index); }

    Ports ports_;
    bool unlocked_ = false;
    bool first_key_ = false;  // 0xCA was written
};

}  // namespace h7::rtc_backup

#include "peripherals/rtc_backup/registers.hpp"  // IWYU pragma: export

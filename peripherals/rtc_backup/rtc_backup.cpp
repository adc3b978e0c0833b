#include "peripherals/rtc_backup/rtc_backup.hpp"

#include <utility>

namespace h7::rtc_backup {
namespace {

constexpr std::uint32_t kKey1 = 0xCA, kKey2 = 0x53;
constexpr std::uint32_t kRsf = 1U << 5, kInitf = 1U << 6, kInits = 1U << 4;
constexpr std::uint32_t kUnprotectedFlags = mask(13, 8);  // clearable although WPR is locked

}  // namespace

RtcBackup::RtcBackup(Ports ports) : RegisterBlock("RTC", 0x5800'4000, 0x400), ports_(std::move(ports)) {}

std::uint32_t RtcBackup::status(unsigned) const {
    const bool runs = !ports_.clock_running || ports_.clock_running();
    const bool init = regs_.get<"ISR.INIT">() != 0;
    std::uint32_t value = regs_.get<"ISR">() & ~(kRsf | kInitf | kInits);
    if (init && runs) value |= kInitf;
    // The shadow registers follow at once, so clearing RSF shows nothing; with BYPSHAD or during
    // initialisation it is 0.
    if (!init && runs && regs_.get<"CR.BYPSHAD">() == 0) value |= kRsf;
    if (regs_.get<"DR.YEAR">() != 0) value |= kInits;
    return value;
}

BusResult<void> RtcBackup::status_written(const RegisterWrite& write) {
    if (unlocked_) return {};
    const std::uint32_t now = regs_.get<"ISR">();
    regs_.set<"ISR">((write.old & ~kUnprotectedFlags) | (now & kUnprotectedFlags));
    return {};
}

BusResult<void> RtcBackup::key_written(const RegisterWrite& write) {
    const std::uint32_t key = write.value & 0xFF;
    unlocked_ = first_key_ && key == kKey2;
    first_key_ = key == kKey1;
    return {};
}

void RtcBackup::erase_backup() {
    touch();
    for (unsigned n = 0; n < kBackupRegisters; ++n) regs_.set<"BKPR">(0, n);
}

void RtcBackup::backup_domain_reset() {
    touch();
    regs_.reset();
    unlocked_ = false;
    first_key_ = false;
}

void RtcBackup::reset(ResetKind kind) {
    if (kind == ResetKind::power_on) return backup_domain_reset();
    if (kind == ResetKind::system || kind == ResetKind::standby_exit) regs_.set<"ISR.INIT">(0);
}

std::vector<RegisterInfo> RtcBackup::describe() const {
    std::vector<RegisterInfo> all = RegisterBlock::describe();
    for (RegisterInfo& info : all)  // the manual writes BKP0R, not BKPR0
        if (info.name.starts_with("BKPR")) info.name = "BKP" + info.name.substr(4) + "R";
    return all;
}

void RtcBackup::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.flag(unlocked_);
    out.flag(first_key_);
}

void RtcBackup::load(StateReader& in) {
    RegisterBlock::load(in);
    unlocked_ = in.flag();
    first_key_ = in.flag();
}

}  // namespace h7::rtc_backup

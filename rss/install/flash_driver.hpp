// The RSS's flash driver: RM0399 chapter 4 through the registers and the AXI face, exactly as any driver does
// it. Banks are PHYSICAL banks here; which register set and which address window belong to them is read from
// OPTCR.SWAP_BANK.
#pragma once

#include <cstdint>
#include <string>

#include "emulator/base/expected.hpp"
#include "rss/install/bus.hpp"
#include "rss/install/option_words.hpp"

namespace h7::rss {

enum class Bank : std::uint8_t { one = 1, two = 2 };
inline constexpr Bank kBanks[] = {Bank::one, Bank::two};

inline constexpr Address kUserFlash = 0x0800'0000;
inline constexpr Address kUserFlashEnd = 0x0820'0000;
inline constexpr Address kSystemFlash2 = 0x1FF4'0000;  // system flash of bank 2, never swapped (F-121)
inline constexpr std::uint32_t kFlashWord = 32;
inline constexpr std::uint32_t kSpecialSectorBytes = 0x4000;

/// Why a flash operation did not do its work. One line for the trace in `what`.
struct FlashError {
    enum class Kind : std::uint8_t {
        locked_out,      // the keys are refused until the next system reset (F-180)
        refused,         // WRPERR: a protection (F-067, F-083, F-085)
        failed,          // PGSERR, INCERR, STRBERR, OPERR, no EOP, or a bus error on the way
        option_refused,  // OPTCHANGEERR (F-144)
        not_blank,       // an erased word does not read all ones
        mismatch,        // a programmed word does not read back
    };
    Kind kind = Kind::failed;
    std::string what;
};
template <class T = void>
using FlashResult = Expected<T, FlashError>;

class FlashDriver {
public:
    explicit FlashDriver(Machine& machine) : bus_(machine) {}

    /// Whether a key was written since construction: such an RSS boot ends in a system reset, so that the
    /// user finds a clean register block (a left-over unlock would turn the user's first unlock into a
    /// lock-out, F-184).
    bool touched() const { return touched_; }

    /// SWAP_BANK as in force (F-122): the register sets and the windows of user flash are exchanged.
    FlashResult<bool> swapped() const;
    /// Address of the first byte of a bank's user flash.
    FlashResult<Address> window(Bank bank) const;
    /// The bank seen at an address of user flash.
    FlashResult<Bank> bank_at(Address address) const;

    /// What any driver does before it starts (rss-sfi-bootloader.md 4.9, 3c): queues empty, CRC unit idle, PG
    /// = 0, flags clear, everything unlocked, PRG = CUR. Error locked_out: only a reset helps.
    FlashResult<> take_over();
    /// LOCK and OPTLOCK set again.
    FlashResult<> lock();

    /// Clears every flag in SR1 and SR2, for instance those that reading a torn word left. Needs no unlock
    /// (F-258).
    void clear_read_flags();

    /// The words in force, by physical bank.
    FlashResult<OptionWords> options() const;
    /// One option change to `words` (by physical bank); reserved OPTSR bits keep their state. The answer:
    /// whether anything differed (no difference: no change and no EOP, A-23). Error option_refused: nothing
    /// changed.
    FlashResult<bool> change_options(const OptionWords& words);

    /// Programs whole flash words; a last partial word is filled with 0xFF. `address` is 32-byte aligned, in
    /// user flash (also across the end of a bank) or in system flash bank 2. Does not read back.
    FlashResult<> program(Address address, ByteView data);
    /// Reads back and compares what program() wrote.
    FlashResult<> verify(Address address, ByteView data) const;
    /// Every byte of [address, address + size) reads 0xFF; multiples of 32.
    FlashResult<> check_blank(Address address, std::uint32_t size) const;

    FlashResult<> erase_sector(Address address);
    /// Special (non-user) 16-Kbyte sector 0..7 of system flash bank 2 (F-073).
    FlashResult<> erase_special_sector(unsigned n);
    /// Both banks (F-092). Refused as soon as one protection exists (F-085).
    FlashResult<> mass_erase();
    /// Both banks, removing every protection on the way (F-093). RDP stays.
    FlashResult<> mass_erase_with_protection_removal();

    const Bus& bus() const { return bus_; }

private:
    FlashResult<std::uint32_t> get(Address reg) const;
    FlashResult<> set(Address reg, std::uint32_t value);
    FlashResult<Address> registers_of(Bank bank) const;
    FlashResult<Bank> bank_of(Address address) const;
    FlashResult<> unlock(Address lock_register, Address key_register, std::uint32_t key1, std::uint32_t key2);
    FlashResult<> unlock_all();
    FlashResult<std::uint32_t> wait_until_clear(Address reg, std::uint32_t bits);  // its last value
    FlashResult<> finish(Address set, const char* what);
    FlashResult<> erase(Address set, std::uint32_t control, const char* what);
    FlashResult<> mass_erase_now();
    FlashResult<> write_requested(const OptionWords& words);

    Bus bus_;
    bool touched_ = false;
};

}  // namespace h7::rss

#include "rss/install/flash_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "rss/install/flash_registers.hpp"

namespace h7::rss {
namespace {

using namespace flash_registers;

FlashError failed(std::string what) { return {FlashError::Kind::failed, std::move(what)}; }

// What a control register may be told to do; none of it may be left over from before.
constexpr std::uint32_t kCommands = kPg | kSer | kBer | kSnb | kSpss2;
// Where the bank of the second register set is seen.
constexpr Address kSecondWindow = kUserFlash + kBankBytes;

// Polls before an operation that never ends is given up. Every poll moves time to the next thing that
// happens.
constexpr int kMostPolls = 1 << 20;

std::string flags_in(std::uint32_t sr) {
    std::string names;
    constexpr std::pair<std::uint32_t, const char*> kNames[] = {{kWrperr, "WRPERR"},
                                                                {kPgserr, "PGSERR"},
                                                                {kStrberr, "STRBERR"},
                                                                {kIncerr, "INCERR"},
                                                                {kOperr, "OPERR"}};
    for (const auto& [bit, name] : kNames)
        if (sr & bit) names += (names.empty() ? "" : " ") + std::string(name);
    return names;
}

}  // namespace

FlashResult<std::uint32_t> FlashDriver::get(Address reg) const {
    const auto value = bus_.read32(reg);
    if (!value) return failed(fmt::format("no answer from the FLASH register at 0x{:08X}", reg));
    return *value;
}

FlashResult<> FlashDriver::set(Address reg, std::uint32_t value) {
    if (!bus_.write32(reg, value))
        return failed(fmt::format("bus error at the FLASH register 0x{:08X}", reg));
    return {};
}

FlashResult<bool> FlashDriver::swapped() const { return (TRY(get(kOptcr)) & kSwapBank) != 0; }

FlashResult<Address> FlashDriver::registers_of(Bank bank) const {
    const bool exchanged = TRY(swapped());
    return (bank == Bank::one) != exchanged ? kSet1 : kSet2;
}

FlashResult<Address> FlashDriver::window(Bank bank) const {
    const Address set = TRY(registers_of(bank));
    return set == kSet1 ? kUserFlash : kSecondWindow;
}

FlashResult<Bank> FlashDriver::bank_at(Address address) const {
    const bool exchanged = TRY(swapped());
    return (address < kSecondWindow) != exchanged ? Bank::one : Bank::two;
}

FlashResult<Bank> FlashDriver::bank_of(Address address) const {
    if (address >= kSystemFlash2) return Bank::two;
    return TRY(bank_at(address));
}

FlashResult<std::uint32_t> FlashDriver::wait_until_clear(Address reg, std::uint32_t bits) {
    for (int polls = 0; polls < kMostPolls; ++polls) {
        const std::uint32_t value = TRY(get(reg));
        if ((value & bits) == 0) return value;
        Machine& machine = bus_.machine();
        const Time now = machine.now(), next = machine.next_deadline();
        if (next == kNever) break;
        machine.spend(next > now ? next - now : kNanosecond);
    }
    return failed(fmt::format("the FLASH register at 0x{:08X} stays busy", reg));
}

FlashResult<> FlashDriver::unlock(Address lock_register, Address key_register, std::uint32_t key1,
                                  std::uint32_t key2) {
    constexpr std::uint32_t kLockBit = 1;  // LOCK and OPTLOCK are both bit 0
    if ((TRY(get(lock_register)) & kLockBit) == 0) return {};
    touched_ = true;
    const bool taken = bus_.write32(key_register, key1) && bus_.write32(key_register, key2);
    if (!taken || (TRY(get(lock_register)) & kLockBit) != 0)
        return FlashError{FlashError::Kind::locked_out,
                          "an earlier wrong key keeps the FLASH registers locked until a reset (F-180)"};
    return {};
}

FlashResult<> FlashDriver::unlock_all() {
    for (const Address bank : {kSet1, kSet2}) TRY(unlock(bank + kCr, bank + kKeyr, kKey1, kKey2));
    return unlock(kOptcr, kOptkeyr, kOptKey1, kOptKey2);
}

FlashResult<> FlashDriver::take_over() {
    for (const Address bank : {kSet1, kSet2}) TRY(wait_until_clear(bank + kSr, kQw | kCrcBusy));
    TRY(unlock_all());
    for (const Address bank : {kSet1, kSet2}) {
        TRY(set(bank + kCr, TRY(get(bank + kCr)) & ~kCommands));
        TRY(set(bank + kCcr, kAllFlags));
    }
    TRY(set(kOptccr, kOptchangeerr));
    return write_requested(TRY(options()));
}

FlashResult<> FlashDriver::lock() {
    for (const Address bank : {kSet1, kSet2}) TRY(set(bank + kCr, TRY(get(bank + kCr)) | kLock));
    return set(kOptcr, kOptlock);
}

void FlashDriver::clear_read_flags() {
    for (const Address bank : {kSet1, kSet2})
        if (const auto sr = bus_.read32(bank + kSr); sr && (*sr & kAllFlags) != 0)
            static_cast<void>(bus_.write32(bank + kCcr, kAllFlags));
}

FlashResult<OptionWords> FlashDriver::options() const {
    const OptionWords by_set = {
        TRY(get(kOptsrCur)) & ~(kOptBusy | kOptchangeerr),
        TRY(get(kSet1 + kPrarCur)),
        TRY(get(kSet2 + kPrarCur)),
        TRY(get(kSet1 + kScarCur)),
        TRY(get(kSet2 + kScarCur)),
        TRY(get(kSet1 + kWpsnCur)),
        TRY(get(kSet2 + kWpsnCur)),
        TRY(get(kBoot7Cur)),
        TRY(get(kBoot4Cur))
    };
    const bool exchanged = TRY(swapped());
    return exchanged ? exchange_banks(by_set) : by_set;
}

FlashResult<> FlashDriver::write_requested(const OptionWords& words) {
    const bool exchanged = TRY(swapped());
    const OptionWords by_set = exchanged ? exchange_banks(words) : words;
    const std::uint32_t requested = TRY(get(kOptsrPrg));
    TRY(set(kOptsrPrg, (by_set[kOptsr] & ~kOptsrReserved) | (requested & kOptsrReserved)));
    TRY(set(kSet1 + kPrarPrg, by_set[kPrar1]));
    TRY(set(kSet2 + kPrarPrg, by_set[kPrar2]));
    TRY(set(kSet1 + kScarPrg, by_set[kScar1]));
    TRY(set(kSet2 + kScarPrg, by_set[kScar2]));
    TRY(set(kSet1 + kWpsnPrg, by_set[kWpsn1]));
    TRY(set(kSet2 + kWpsnPrg, by_set[kWpsn2]));
    TRY(set(kBoot7Prg, by_set[kBoot7]));
    return set(kBoot4Prg, by_set[kBoot4]);
}

FlashResult<bool> FlashDriver::change_options(const OptionWords& words) {
    TRY(unlock_all());
    const OptionWords before = TRY(options());
    TRY(set(kOptccr, kOptchangeerr));
    TRY(write_requested(words));
    TRY(set(kOptcr, kOptstart));
    // OPT_BUSY, never EOP: where nothing differs there is no EOP.
    TRY(wait_until_clear(kOptsrCur, kOptBusy));
    if ((TRY(get(kOptsrCur)) & kOptchangeerr) != 0) {
        TRY(set(kOptccr, kOptchangeerr));
        TRY(write_requested(before));
        return FlashError{FlashError::Kind::option_refused,
                          "OPTCHANGEERR: the option change breaks a rule (F-144)"};
    }
    for (const Address bank : {kSet1, kSet2}) TRY(set(bank + kCcr, kEop));
    const OptionWords after = TRY(options());
    return after != before;
}

FlashResult<> FlashDriver::finish(Address bank, const char* what) {
    const std::uint32_t sr = TRY(wait_until_clear(bank + kSr, kQw));
    TRY(set(bank + kCcr, sr & kAllFlags));
    if ((sr & kWrperr) != 0)
        return FlashError{FlashError::Kind::refused, fmt::format("{}: {} (F-067)", what, flags_in(sr))};
    if ((sr & kWriteErrors) != 0) return failed(fmt::format("{}: {}", what, flags_in(sr)));
    if ((sr & kEop) == 0) return failed(fmt::format("{} ended without EOP", what));
    return {};
}

FlashResult<> FlashDriver::program(Address address, ByteView data) {
    // Each bank has its own PG and its own flags: what crosses into the second window is two programs.
    if (address < kSecondWindow && data.size() > kSecondWindow - address) {
        const std::size_t first = kSecondWindow - address;
        TRY(program(address, data.first(first)));
        return program(kSecondWindow, data.subspan(first));
    }
    const Address bank = TRY(registers_of(TRY(bank_of(address))));
    TRY(unlock(bank + kCr, bank + kKeyr, kKey1, kKey2));
    std::uint32_t control = TRY(get(bank + kCr));
    control &= ~kCommands;
    TRY(set(bank + kCr, control | kPg));
    for (std::size_t at = 0; at < data.size(); at += kFlashWord) {
        std::array<std::uint8_t, kFlashWord> word;
        word.fill(0xFF);
        const ByteView piece = data.subspan(at, std::min<std::size_t>(kFlashWord, data.size() - at));
        std::copy(piece.begin(), piece.end(), word.begin());
        const Address to = address + static_cast<Address>(at);
        for (unsigned i = 0; i < kFlashWord; i += 8)
            if (!bus_.write(to + i, 8, load_le<std::uint64_t>(word.data() + i)))
                return failed(fmt::format("bus error while programming 0x{:08X}", to));
        if (auto done = finish(bank, "program"); !done) {
            TRY(set(bank + kCr, control));
            done.error().what += fmt::format(" at 0x{:08X}", to);
            return done.error();
        }
    }
    return set(bank + kCr, control);
}

FlashResult<> FlashDriver::verify(Address address, ByteView data) const {
    std::array<std::uint8_t, kFlashWord> word;
    for (std::size_t at = 0; at < data.size(); at += kFlashWord) {
        const Address from = address + static_cast<Address>(at);
        const ByteView piece = data.subspan(at, std::min<std::size_t>(kFlashWord, data.size() - at));
        if (!bus_.read_block(from, word) || !std::equal(piece.begin(), piece.end(), word.begin()))
            return FlashError{FlashError::Kind::mismatch, fmt::format("0x{:08X} does not read back", from)};
    }
    return {};
}

FlashResult<> FlashDriver::check_blank(Address address, std::uint32_t size) const {
    constexpr std::uint32_t kPiece = 4096;
    std::array<std::uint8_t, kPiece> bytes;
    for (std::uint32_t from = 0; from < size; from += kPiece) {
        const std::uint32_t count = std::min(kPiece, size - from);
        const MutableBytes piece(bytes.data(), count);
        // All ones: the first byte is, and each is like the one before it.
        if (bus_.read_block(address + from, piece) && piece[0] == 0xFF &&
            std::memcmp(piece.data(), piece.data() + 1, count - 1) == 0)
            continue;
        for (std::uint32_t at = from; at < from + count; at += 8) {
            const auto value = bus_.read(address + at, 8);
            if (!value || *value != ~std::uint64_t{0})
                return FlashError{FlashError::Kind::not_blank,
                                  fmt::format("0x{:08X} is not blank", address + at)};
        }
    }
    return {};
}

FlashResult<> FlashDriver::erase(Address bank, std::uint32_t control, const char* what) {
    TRY(unlock(bank + kCr, bank + kKeyr, kKey1, kKey2));
    // BER is not cleared by hardware and outranks SER (F-282): start from a clean control word.
    std::uint32_t idle = TRY(get(bank + kCr));
    idle &= ~kCommands;
    TRY(set(bank + kCcr, kAllFlags));
    TRY(set(bank + kCr, idle | control));
    TRY(set(bank + kCr, idle | control | kStart));
    auto done = finish(bank, what);
    TRY(set(bank + kCr, idle));
    return done;
}

FlashResult<> FlashDriver::erase_sector(Address address) {
    const Address bank = TRY(registers_of(TRY(bank_at(address))));
    const std::uint32_t n = ((address - kUserFlash) % kBankBytes) >> 17;  // F-026
    return erase(bank, kSer | (n << kSnbShift), "sector erase");
}

FlashResult<> FlashDriver::erase_special_sector(unsigned n) {
    return erase(TRY(registers_of(Bank::two)), kSer | kSpss2 | (n << kSnbShift), "special sector erase");
}

FlashResult<> FlashDriver::mass_erase_now() {
    for (const Address bank : {kSet1, kSet2}) {
        TRY(set(bank + kCcr, kAllFlags));
        TRY(set(bank + kCr, TRY(get(bank + kCr)) & ~kCommands));
    }
    TRY(set(kOptcr, kMer));
    FlashResult<> result;
    for (const Address bank : {kSet1, kSet2}) {
        auto done =
            finish(bank, bank == kSet1 ? "mass erase of register set 1" : "mass erase of register set 2");
        if (!done) result = done;
        TRY(set(bank + kCr, TRY(get(bank + kCr)) & ~kBer));
    }
    TRY(wait_until_clear(kOptsrCur, kOptBusy));
    return result;
}

FlashResult<> FlashDriver::mass_erase() {
    TRY(take_over());
    return mass_erase_now();
}

FlashResult<> FlashDriver::mass_erase_with_protection_removal() {
    TRY(take_over());
    OptionWords words = TRY(options());
    for (const OptionWord row : {kPrar1, kPrar2, kScar1, kScar2})
        if (area_of(words[row]).valid()) words[row] = kEraseWithBank | kNoArea;
    words[kWpsn1] = words[kWpsn2] = 0xFF;
    TRY(write_requested(words));
    auto done = mass_erase_now();
    // Where the hardware degraded it to a plain erase (F-094) the request must not stay behind.
    TRY(write_requested(TRY(options())));
    return done;
}

}  // namespace h7::rss

#include "emulator/debug/flash_loader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/security/rule_text.hpp"

namespace h7::debug {
namespace {

// RM0399 4.9; the second register set lies 0x100 behind the first. SWAP_BANK swaps the sets with the banks.
constexpr Address kBank1 = 0x0800'0000, kBank2 = 0x0810'0000, kRegisters = 0x5200'2000, kSecondSet = 0x100;
constexpr Address kKeyr = 0x04, kCr = 0x0C, kSr = 0x10, kCcr = 0x14;
constexpr std::uint32_t kKey1 = 0x4567'0123, kKey2 = 0xCDEF'89AB;
constexpr std::uint32_t kLock = 1U << 0, kPg = 1U << 1, kSer = 1U << 2, kPsize64 = 3U << 4, kStart = 1U << 7;
constexpr unsigned kSnb = 8;
constexpr std::uint32_t kBusy = 0x7;            // BSY, WBNE, QW
constexpr std::uint32_t kErrors = 0x006E'0000;  // WRPERR, PGSERR, STRBERR, INCERR, OPERR
constexpr std::uint32_t kFlags = kErrors | 1U << 16;

unsigned set_of(Address address) { return address >= kBank2 ? 1 : 0; }
Address reg(unsigned set, Address offset) { return kRegisters + set * kSecondSet + offset; }

}  // namespace

bool FlashLoader::contains(Address address, std::uint32_t size) const {
    if (address < kBank1 || size == 0) return false;
    const Address bank = set_of(address) == 0 ? kBank1 : kBank2;
    const std::uint64_t end = std::uint64_t{address} + size - bank;
    const std::uint32_t bytes = chip_.part().sectors_per_bank * kSector;
    // Two whole banks lie side by side.
    return end <= bytes || (bank == kBank1 && bytes == kBank2 - kBank1 && end <= 2ULL * bytes);
}

Result<std::uint32_t> FlashLoader::get(Address address) {
    const Master port = core_ == Master::cm7 ? Master::ap0 : Master::ap3;
    const auto value =
        unseen_ ? chip_.read(chip_.as_core(core_, address)) : chip_.debug_port().read(port, address, 4);
    if (value) return static_cast<std::uint32_t>(*value);
    return refused(
        fmt::format("gdb: load: reading 0x{:08x}: {} ({})", address, value.error().why, value.error().rule));
}

Result<void> FlashLoader::put(Address address, std::uint32_t value) {
    const Master port = core_ == Master::cm7 ? Master::ap0 : Master::ap3;
    const auto done = unseen_ ? chip_.write(chip_.as_core(core_, address, 4, Op::write), value)
                              : chip_.debug_port().write(port, address, 4, value);
    if (done) return {};
    return refused(
        fmt::format("gdb: load: writing 0x{:08x}: {} ({})", address, done.error().why, done.error().rule));
}

class FlashLoader::Unlocked {
public:
    Unlocked(FlashLoader& loader, unsigned set)
        : loader_(loader), set_(set), timing_(loader.chip_.flash().timing()) {
        loader.chip_.flash().set_timing(flash::Timing::turbo());  // time stands while a debugger works
    }
    ~Unlocked() {
        if (found_) {
            (void)loader_.put(reg(set_, kCcr), kFlags);
            (void)loader_.put(reg(set_, kCr), *found_ & ~kLock);
            if ((*found_ & kLock) != 0) (void)loader_.put(reg(set_, kCr), kLock);  // alone: F-185
        }
        loader_.chip_.flash().set_timing(timing_);
    }
    Unlocked(const Unlocked&) = delete;
    Unlocked& operator=(const Unlocked&) = delete;

    Result<void> open() {
        const std::uint32_t status = TRY(loader_.get(reg(set_, kSr)));
        if ((status & kBusy) != 0)
            return refused(
                fmt::format("gdb: load: bank {} is at work for the program (FLASH_SR{} = 0x{:08x}): "
                            "let it go on, or monitor reset (F-129)",
                            set_ + 1, set_ + 1, status));
        const std::uint32_t control = TRY(loader_.get(reg(set_, kCr)));
        if ((control & kLock) != 0) {
            TRY(loader_.put(reg(set_, kKeyr), kKey1));
            TRY(loader_.put(reg(set_, kKeyr), kKey2));
        }
        found_ = control;
        return loader_.put(reg(set_, kCcr), kFlags);
    }

private:
    FlashLoader& loader_;
    unsigned set_;
    flash::Timing timing_;
    std::optional<std::uint32_t> found_;
};

/// What the status register says, in the words of `h7rss explain`.
Result<void> FlashLoader::outcome(unsigned set, Address address, std::string_view what) {
    const std::uint32_t status = TRY(get(reg(set, kSr)));
    if ((status & kErrors) == 0) return {};
    const auto& refusal = chip_.flash().last_refusal();
    const std::string_view rule = refusal ? refusal->rule : "";
    const security::RuleText text = security::rule_text(rule);
    return refused(fmt::format("gdb: load: {} of 0x{:08x}, bank {} sector {}: {} ({}{}{})", what, address,
                               set + 1, (address & (kBank2 - kBank1 - 1)) / kSector,
                               text.sentence.empty() ? "refused" : text.sentence,
                               rule.empty() ? fmt::format("FLASH_SR{} = 0x{:08x}", set + 1, status) : rule,
                               text.section.empty() ? "" : ", RM0399 ", text.section));
}

Result<void> FlashLoader::erase(Address address, std::uint32_t size) {
    if (!contains(address, size))
        return misuse(
            fmt::format("gdb: load: 0x{:08x}: no user flash of this part (system.md 1.1)", address));
    const Address first = address & ~(kSector - 1), last = address + (size - 1);
    for (Address sector = first; sector <= last; sector += kSector) {
        const unsigned set = set_of(sector);
        Unlocked bank(*this, set);
        TRY(bank.open());
        const std::uint32_t number = (sector & (kBank2 - kBank1 - 1)) / kSector;
        TRY(put(reg(set, kCr), kPsize64 | kSer | number << kSnb));
        TRY(put(reg(set, kCr), kPsize64 | kSer | number << kSnb | kStart));
        TRY(outcome(set, sector, "erase"));
    }
    return {};
}

Result<void> FlashLoader::write(Address address, ByteView bytes) {
    if (!contains(address, static_cast<std::uint32_t>(bytes.size())))
        return misuse(
            fmt::format("gdb: load: 0x{:08x}: no user flash of this part (system.md 1.1)", address));
    for (const std::uint8_t byte : bytes) {
        const auto [word, fresh] = words_.try_emplace(address & ~(kWord - 1));
        if (fresh) word->second.fill(0xFF);
        word->second[address++ % kWord] = byte;
    }
    return {};
}

Result<void> FlashLoader::finish() {
    const auto words = std::exchange(words_, {});
    for (const unsigned set : {0U, 1U}) {
        const auto first = words.lower_bound(set == 0 ? 0 : kBank2);
        const auto end = set == 0 ? words.lower_bound(kBank2) : words.end();
        if (first == end) continue;
        Unlocked bank(*this, set);
        TRY(bank.open());
        TRY(put(reg(set, kCr), kPsize64 | kPg));
        for (auto word = first; word != end; ++word) TRY(program(word->first, word->second));
    }
    return {};
}

Result<void> FlashLoader::program(Address word, const std::array<std::uint8_t, kWord>& bytes) {
    for (std::uint32_t at = 0; at < kWord; at += 4)
        TRY(put(word + at, load_le<std::uint32_t>(bytes.data() + at)));
    return outcome(set_of(word), word, "program");
}

}  // namespace h7::debug

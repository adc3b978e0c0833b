// A register-level program against the flash interface: registers, stores, loads and fetches by any master,
// time, resets, power cuts and faults in any order. The first four bytes choose the chip, the rest are steps.
//
// After each step:
//  - nothing on the write side was a bus error (F-068); a register error is a mistake with keys
//  (F-180..F-183)
//  - a transaction that waits, waits for a moment to come and is then taken
//  - CUR registers show the non-volatile words (F-139), BSY is never without QW (F-057), OPT_BUSY never
//  without
//    QW (F-143), and what is busy has an end
//  - without secure code, a protected word is not readable as data until it was erased; a write-protected
//    sector does not change (F-191)
//  - a regression leaves old bytes only in sectors it must keep (F-208, F-209)
#include <memory>

#include "peripherals/flash/controller.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;
using namespace h7::flash;

namespace {

constexpr Address kRegisters = 0x5200'2000, kUser1 = Controller::kUser, kBankBytes = Controller::kUserBank;
constexpr unsigned kSectors = 2;  // of 128 Kbytes in each bank: the rules are the same, the runs are many
constexpr std::uint32_t kPcropArea = 0x001F'0010, kSecureArea = 0x002F'0020, kDme = 1U << 31;  // by blocks
constexpr std::uint32_t kBsy = 1, kQw = 4, kCrcBusy = 8;
constexpr Address kCr = 0x0C, kSr = 0x10, kOptcr = 0x18, kOptsrCur = 0x1C, kCrccr = 0x50;
constexpr Address kOffsets[] = {0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x30,
                                0x34, 0x38, 0x3C, 0x40, 0x44, 0x48, 0x4C, 0x50, 0x54, 0x58, 0x5C, 0x60, 0x64};
constexpr std::uint32_t kValues[] = {
    0,           1,           2,           4,           0x80,        0xAC,        0xB8,        0xBC,
    0x32,        0x40,        0x72,        0x8030,      0x4567'0123, 0xCDEF'89AB, 0x0819'2A3B, 0x4C5D'6E7F,
    0x10,        0x12,        0xFE,        0xFF,        0x8000'00FF, 0x0000'00FF, 0x001F'0010, 0x803F'0000,
    0x0012'0012, 0x17C6'55F0, 0x17C6'AAF0, 0x17C6'CCF0, 0x97C6'AAF0, 0x17E6'AAF0, 0x0003'0000, 0xFFFF'FFFF};
constexpr Master kWho[] = {Master::cm7, Master::cm4, Master::mdma, Master::ap0,
                           Master::ap1, Master::ap3, Master::dma1, Master::eth};

struct Secret {
    enum class Kind { pcrop, secure, plain } kind;
    Address canonical;
    bool alive;
};

class Steps {
public:
    Steps(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
    bool more() const { return at_ != end_; }
    std::uint8_t byte() { return more() ? *at_++ : std::uint8_t{0}; }
    std::uint32_t word() {
        std::uint32_t value = 0;
        for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{byte()} << (8 * i);
        return value;
    }
    std::uint32_t value() {
        const std::uint8_t choice = byte();
        return choice < 0xC0 ? kValues[choice % std::size(kValues)] : word();
    }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

class Machine {
public:
    explicit Machine(bool capable) : secure_(capable), flash_(Geometry{kSectors}, Ports{clock_, secure_}) {
        flash_.contents_changed = [this](Address at, std::uint32_t size) { note_change(at, size); };
        flash_.rights_changed = [this] { check_regression(); };
    }
    /// Another chip in the same memory: making a flash interface takes longer than a whole run.
    void begin(unsigned features, std::uint8_t kinds, bool plain_code) {
        plain_code_ = plain_code;
        snapshot_done_ = false;
        secrets_.clear();
        flash_.set_cut_at(0, 0);
        for (const unsigned bank : {0U, 1U}) flash_.fail_next_operation(bank, false);
        under_test_ = false;
        prepare(features, kinds);
        under_test_ = true;
        before_ = last_words_ = flash_.options();
        torn_ = true;
    }

    void step(Steps& in);
    void finish() {
        check();
        for (unsigned n = 0; n < 12 && flash_.busy(); ++n) pass(clock_.next_deadline());
        H7_MUST(!flash_.busy());
        for (const Secret& secret : secrets_)
            for (const Master master : kWho) look(secret, master);
    }

private:
    void prepare(unsigned features, std::uint8_t kinds) {
        const auto has = [&](unsigned bit) { return (features >> bit & 1U) != 0; };
        image_.options = kFactoryOptions;
        for (unsigned bank = 0; bank < 2; ++bank) {
            ArrayImage& user = image_.user[bank];
            user.data.assign(0x6000, 0xFF);
            user.words.assign(user.data.size() / 32, WordState::erased);
            for (const auto& [kind, block] : {std::pair{Secret::Kind::pcrop, 0x12U},
                                              {Secret::Kind::secure, 0x22U},
                                              {Secret::Kind::plain, 0x40U}}) {
                for (std::uint32_t i = 0; i < 32; ++i)
                    user.data[block * 256 + i] = static_cast<std::uint8_t>(0x40 + i);
                user.words[block * 8] = WordState::programmed;
                const bool there = (kind == Secret::Kind::pcrop && has(bank)) ||
                                   (kind == Secret::Kind::secure && has(2 + bank) && secure_.capable());
                secrets_.push_back(
                    {there ? kind : Secret::Kind::plain, kUser1 + bank * kBankBytes + block * 256, true});
            }
            if (has(bank)) image_.options[kPrar1 + bank] = kPcropArea | (has(4) ? kDme : 0);
            if (has(2 + bank)) image_.options[kScar1 + bank] = kSecureArea | (has(5) ? kDme : 0);
            image_.options[kWpsn1 + bank] = (kinds >> 6 & 1U) != 0 ? 0xFD : 0xFF;
        }
        std::uint32_t& optsr = image_.options[kOptsr];
        const std::uint32_t rdp[] = {0xAA, 0x55, 0xAA, 0xCC};
        optsr =
            (optsr & 0xFFFF'00FFU) | rdp[kinds & 3U] << 8 | (has(6) ? 1U << 21 : 0) | (has(7) ? 1U << 31 : 0);
        flash_.set_timing((kinds >> 2 & 1U) != 0 ? Timing::typical() : Timing::turbo());
        flash_.set_image(image_);
        secure_.booted_outside_user_flash(false);
        reset(ResetKind::power_on);
        clock_.restart();
    }

    void reset(ResetKind kind) {
        if (kind == ResetKind::power_on) secure_.power_on();
        flash_.reset(kind);
        secure_.sample_at_reset((flash_.options()[kOptsr] >> 21 & 1U) != 0);
    }
    void pass(Time until) {
        if (until != kNever && until > clock_.now()) clock_.advance_to(until);
    }

    Access by(std::uint8_t who, Address address, unsigned size, Op op) const {
        Access access{
            address, static_cast<std::uint8_t>(size), op, kWho[who % std::size(kWho)], Context::application,
            true};
        if (!plain_code_ && access.master == Master::cm7)
            access.context = static_cast<Context>(who >> 3 & 3U);
        return access;
    }
    /// Repeats what waits, as a bus does.
    template <class Transaction>
    auto done(Transaction&& transaction) {
        for (unsigned tries = 0;; ++tries) {
            auto result = transaction();
            if (result || result.error().kind == BusFault::Kind::error) return result;
            H7_MUST(result.error().until > clock_.now() && result.error().until != kNever && tries < 12);
            pass(result.error().until);
        }
    }

    void put(std::uint8_t who, Address offset, std::uint32_t value, unsigned size = 4) {
        const auto taken =
            done([&] { return flash_.write(by(who, kRegisters + offset, size, Op::write), value); });
        if (!taken) H7_MUST(taken.error().rule.starts_with("F-18"));
    }
    std::uint32_t get(Address offset) {
        const auto value = flash_.read(by(0, kRegisters + offset, 4, Op::read));
        H7_MUST(value);
        return static_cast<std::uint32_t>(*value);
    }
    void store(std::uint8_t who, Address address, std::uint64_t value, unsigned size) {
        const auto taken = done([&] { return flash_.write_array(by(who, address, size, Op::write), value); });
        H7_MUST(taken);  // F-068
    }
    void load(const Access& access);
    Address visible(Address canonical) const {
        return canonical < Controller::kSystem1 && flash_.swapped() ? canonical ^ kBankBytes : canonical;
    }
    Address place(Steps& in) {
        const std::uint8_t choice = in.byte();
        const Address bank = kUser1 + (choice & 1U) * kBankBytes, low = (choice >> 6) * 0x21U;
        switch (choice >> 1 & 7U) {
            case 0:
                return bank + 0x1200 + low;
            case 1:
                return bank + 0x2200 + low;
            case 2:
                return bank + 0x4000 + low;
            case 3:
                return bank + security::kSector + low;
            case 4:
                return bank + 0x0FE0 + low;
            case 5:
                return bank + kSectors * security::kSector - 0x20 + low;  // the last word, then reserved
            case 6:
                return ((choice & 1U) != 0 ? Controller::kSystem2 : Controller::kSystem1) + low;
            default:
                return bank + (in.word() % (kSectors * security::kSector));
        }
    }

    void note_change(Address at, std::uint32_t size) {
        for (Secret& secret : secrets_)
            if (secret.canonical - at < size && !flash_.first_writer(secret.canonical)) secret.alive = false;
        for (unsigned bank = 0; bank < 2; ++bank) {
            const Address sector = kUser1 + bank * kBankBytes + security::kSector;
            if (at < sector + security::kSector && at + size > sector) wrp_sector_changed_[bank] = true;
        }
    }
    void look(const Secret& secret, Master master);
    void check_regression();
    void check();
    void check_snapshot();

    Clock clock_;
    security::SecureMode secure_;
    Controller flash_;
    bool plain_code_ = true;  // no RSS, no secure user software
    Image image_;
    std::vector<Secret> secrets_;
    OptionWords before_ = kFactoryOptions;  // at the last check
    OptionWords last_words_ = kFactoryOptions;
    bool wrp_sector_changed_[2] = {}, was_running_[2] = {};
    bool torn_ = true;        // a reset or a power cut in this step
    bool regressed_ = false;  // in this step, whatever level came after it
    bool under_test_ = false;
    bool snapshot_done_ = false;
    Bytes states_[2];  // kept for their memory
};

void Machine::load(const Access& access) {
    const View view = flash_.view(access.address, access.master, access.context);
    const bool granted = access.op == Op::fetch ? view.execute : view.read;
    const bool one_word = access.address % 32 + access.size <= 32;
    const auto value = flash_.read_array(access);
    if (one_word && granted && !view.stalled) H7_MUST(value);
    if (value || value.error().kind == BusFault::Kind::error) return;
    H7_MUST(value.error().until > clock_.now());
    pass(value.error().until);
    (void)flash_.read_array(access);
}

/// By a real access: the bytes of a protected word never reach a data read.
void Machine::look(const Secret& secret, Master master) {
    if (!plain_code_ || !secret.alive || secret.kind == Secret::Kind::plain) return;
    const auto value =
        flash_.read_array({visible(secret.canonical), 8, Op::read, master, Context::application, true});
    H7_MUST(!value || *value == 0);
}

/// Asked at once when the words change, before what waited in the queues goes on.
void Machine::check_regression() {
    const OptionWords before = last_words_;
    const OptionWords& now = last_words_ = flash_.options();
    if (!under_test_) return;
    if (rdp_of(before) != security::Rdp::level1 || rdp_of(now) != security::Rdp::level0) return;
    regressed_ = true;
    const OptionTraits traits{secure_.capable(), kSectors * security::kSector};
    for (unsigned bank = 0; bank < 2; ++bank)
        for (unsigned sector = 0; sector < kSectors; ++sector) {
            if (pcrop_of(before, bank, traits).touches_sector(sector) ||
                secure_of(before, bank, traits).touches_sector(sector))
                continue;
            const ByteView bytes =
                flash_.user(bank).bytes().subspan(sector * security::kSector, security::kSector);
            H7_MUST(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; }));
        }
}

void Machine::check() {
    const OptionWords& now = flash_.options();
    const unsigned set1 = flash_.swapped() ? 1 : 0;  // of physical bank 1
    H7_MUST((get(kOptsrCur) & 0xBFFF'FFFEU) == (now[kOptsr] & 0xBFFF'FFFEU));
    for (unsigned bank = 0; bank < 2; ++bank) {
        const Address block = (bank ^ set1) * 0x100;
        H7_MUST(get(0x28 + block) == now[kPrar1 + bank]);
        H7_MUST(get(0x30 + block) == now[kScar1 + bank]);
        H7_MUST(get(0x38 + block) == now[kWpsn1 + bank]);
        const std::uint32_t sr = get(kSr + block);
        H7_MUST((sr & kBsy) == 0 || (sr & kQw) != 0);
        if ((sr & (kQw | kCrcBusy)) != 0) H7_MUST(clock_.next_deadline() != kNever);
        if ((get(kOptsrCur) & 1U) != 0 && bank == 0) H7_MUST((sr & kQw) != 0);
        const bool wrp = ((before_[kWpsn1 + bank] | now[kWpsn1 + bank]) & 2U) == 0;
        if (wrp && wrp_sector_changed_[bank])
            H7_MUST(torn_ || regressed_ || was_running_[bank] || flash_.power_is_cut());
        was_running_[bank] = (sr & kBsy) != 0;  // what runs was judged before the words changed (F-066)
        wrp_sector_changed_[bank] = false;
    }
    before_ = now;
    torn_ = regressed_ = false;
    if (!plain_code_) return;
    for (const Secret& secret : secrets_) {
        if (!secret.alive || secret.kind == Secret::Kind::plain) continue;
        for (const Master master : {Master::cm7, Master::cm4, Master::mdma, Master::ap0})
            H7_MUST(!flash_.view(visible(secret.canonical), master, Context::application).read);
    }
}

void Machine::check_snapshot() {
    if (snapshot_done_) return;
    snapshot_done_ = true;
    StateWriter first(std::move(states_[0]));
    flash_.save(first);
    states_[0] = first.take();
    StateReader reader(states_[0]);
    flash_.load(reader);
    H7_MUST(reader.finish());
    StateWriter second(std::move(states_[1]));
    flash_.save(second);
    states_[1] = second.take();
    H7_MUST(states_[1] == states_[0]);
    wrp_sector_changed_[0] = wrp_sector_changed_[1] = false;
}

void Machine::step(Steps& in) {
    const std::uint8_t code = in.byte();
    const std::uint8_t who = static_cast<std::uint8_t>(code >> 4 | (in.byte() & 0x30U));
    const auto block = [](std::uint8_t byte) { return Address{(byte & 0x80U) != 0 ? 0x100U : 0U}; };
    switch (code & 15U) {
        case 0: {  // a register, any width
            const std::uint8_t where = in.byte();
            const unsigned size = 1U << (in.byte() % 4U);
            const Address offset = kOffsets[where % std::size(kOffsets)] + block(where) +
                                   (size < 4 ? in.byte() % 4U & ~(size - 1) : 0);
            put(who, offset, in.value(), size);
            break;
        }
        case 1:
            (void)get(kOffsets[in.byte() % std::size(kOffsets)]);
            break;
        case 2:
            store(who, place(in), in.word(), 1U << (in.byte() % 4U));
            break;
        case 3: {  // a flash word
            const Address at = place(in) & ~31U;
            const std::uint8_t value = in.byte();
            for (unsigned i = 0; i < 4; ++i) store(who, at + 8 * i, 0x0101'0101'0101'0101U * value, 8);
            break;
        }
        case 4:
        case 5:
            load(by(who, place(in), 1U << (in.byte() % 4U), (code & 1U) != 0 ? Op::fetch : Op::read));
            break;
        case 6: {  // the locks
            const std::uint8_t which = in.byte();
            for (unsigned bank = 0; bank < 2; ++bank)
                if ((which >> bank & 1U) != 0 && (get(kCr + bank * 0x100) & 1U) != 0) {
                    put(who, 4 + bank * 0x100, 0x4567'0123);
                    put(who, 4 + bank * 0x100, 0xCDEF'89AB);
                }
            if ((which & 4U) != 0 && (get(kOptcr) & 1U) != 0) {
                put(who, 8, 0x0819'2A3B);
                put(who, 8, 0x4C5D'6E7F);
            }
            break;
        }
        case 7:
            pass(clock_.now() + (kNanosecond << (in.byte() % 36U)));
            break;
        case 8:
            torn_ = true;
            reset((in.byte() & 1U) != 0 ? ResetKind::power_on : ResetKind::system);
            break;
        case 9:
            flash_.set_cut_at(flash_.steps() + 1 + in.byte() % 8U, in.byte());
            break;
        case 10: {  // faults
            const Address at = place(in) & ~31U;
            const bool reserved =
                at < Controller::kSystem1 && at % kBankBytes >= kSectors * security::kSector;
            const std::uint8_t what = in.byte();
            if ((what & 1U) != 0) flash_.fail_next_operation(what >> 1 & 1U);
            if ((what & 1U) == 0 && !reserved)
                flash_.inject_ecc(at, (what & 2U) != 0 ? WordState::ecc_single : WordState::ecc_double);
            break;
        }
        case 11: {  // the debugger, a boot elsewhere, the gates
            const std::uint8_t what = in.byte();
            if ((what & 1U) != 0) secure_.debugger_connected();
            secure_.booted_outside_user_flash((what & 2U) != 0);
            if ((what & 4U) != 0) secure_.close(what >> 6);
            break;
        }
        case 12: {  // option words, then OPTSTART
            const std::uint8_t count = in.byte() % 4U;
            for (unsigned n = 0; n <= count; ++n) {
                static constexpr Address kPrg[] = {0x20, 0x2C, 0x34, 0x3C, 0x44, 0x4C, 0x12C, 0x134, 0x13C};
                put(who, kPrg[in.byte() % std::size(kPrg)], in.value());
            }
            put(who, kOptcr, 2);
            break;
        }
        case 13: {  // an erase
            const std::uint8_t what = in.byte();
            const Address cr = kCr + block(what);
            if ((what & 1U) != 0)
                put(who, cr, 0xB8);
            else
                put(who, cr, 0xB4U | (what >> 1 & 7U) << 8 | ((what & 16U) != 0 ? 1U << 14 : 0));
            break;
        }
        case 14: {  // a CRC
            const Address at = block(in.byte());
            put(who, kCr + at, get(kCr + at) | 1U << 15);
            put(who, 0x54 + at, in.word() % 0x6000U);
            put(who, 0x58 + at, in.word() % 0x6000U);
            put(who, kCrccr + at, 1U << 17 | in.value());
            put(who, kCrccr + at, 1U << 16 | (in.byte() & 1U) << 8);
            break;
        }
        default: {
            const std::uint8_t what = in.byte();
            if (what == 1 && in.byte() == 0x5A)
                check_snapshot();  // rare: it costs as much as a hundred steps
            if ((what & 2U) != 0) flash_.set_timing((what & 4U) != 0 ? Timing::typical() : Timing::turbo());
            put(who, kCr + block(what), 0x32);  // PG
        }
    }
    check();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Steps in(data, std::min<std::size_t>(size, 512));
    const std::uint8_t features = in.byte(), kinds = in.byte();
    static std::unique_ptr<Machine> machines[2];
    std::unique_ptr<Machine>& machine = machines[kinds >> 3 & 1U];
    if (!machine) machine = std::make_unique<Machine>((kinds >> 3 & 1U) == 0);
    machine->begin(features, kinds, (kinds >> 4 & 1U) == 0);
    while (in.more()) machine->step(in);
    machine->finish();
    return 0;
}

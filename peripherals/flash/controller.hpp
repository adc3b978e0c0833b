// The embedded flash interface of RM0399 chapter 4: registers over AHB, contents over AXI, option bytes,
// protections. The rules are spec F-001..F-282; docs/blocks/flash.md says which of them are not modelled.
//
// Addresses. `visible`: what a master puts on the bus; SWAP_BANK decides which bank answers at 0x0800'0000.
// `canonical`: the physical bank, bank 1 at 0x0800'0000 and bank 2 at 0x0810'0000 whatever SWAP_BANK says.
// System flash never swaps.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/memory.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"
#include "emulator/security/access_policy.hpp"
#include "emulator/security/secure_mode.hpp"
#include "peripherals/flash/bank.hpp"
#include "peripherals/flash/crc_unit.hpp"
#include "peripherals/flash/image.hpp"
#include "peripherals/flash/key_lock.hpp"
#include "peripherals/flash/option_bytes.hpp"

namespace h7::flash {

struct Geometry {
    unsigned sectors_per_bank = 8;  // 4 on parts of G density (F-020)
    bool second_bank = true;        // false: its addresses and sectors are reserved, SWAP_BANK stays 0
    bool second_core = true;        // false: the option bits of a CM4 and of D2 resets stay 0 (decision 0170)

    /// Bits that exist in each option word of this part (F-149..F-154).
    OptionWords option_bits() const;
};
struct Ports {
    Clock& clock;
    security::SecureMode& secure;
};

/// How long operations take; index PSIZE (F-069, A-51). All zero: everything completes inside the access that
/// starts it.
struct Timing {
    std::array<Time, 4> program_word{};
    std::array<Time, 4> erase_sector{};
    std::array<Time, 4> erase_bank{};
    Time option_change = 0;
    Time crc_word = 0;  // per flash word read by the CRC unit

    static Timing turbo() { return {}; }
    /// Datasheet, typical values; the option change is our choice (20 ms).
    static Timing typical();
};

/// Where the manual contradicts itself: our reading, and the other one (D-03, D-04).
struct Readings {
    bool bank_erase_skips_protected = false;  // D-04: refuse | erase_rest
    bool sealed_areas_ignored = false;        // D-03: closed | ignored
};

/// Why an access, an erase or an option change was refused: for people.
struct Refusal {
    std::string_view flag;  // "WRPERR", "OPTCHANGEERR"
    unsigned bank = 0;      // 1 or 2, physical; 0 for the option bytes
    Address address = 0;    // canonical; 0 when there is none
    Master master = Master::cm7;
    Context context = Context::application;
    std::string_view what;  // "program", "erase", "option change"
    std::string_view id;    // row of the policy, or the field of the option bytes
    std::string_view rule;  // "F-191"
    std::string_view why;   // in words, where the id does not say it
};

/// Rights at a TLB fill, valid for the aligned `granule` around the address.
struct View {
    Address canonical = 0;
    bool read = false;  // false: each read goes through read_array(), which raises a flag or meets a bad word
    bool execute =
        false;  // false: a fetch goes through read_array(): bus error, or (CM4 in PCROP) zeros, D-34
    std::uint32_t granule = 256;
    bool stalled = false;  // the bank is busy: a granted access waits until `until` (F-043); a refused one
                           // does not (F-045)
    Time until = 0;
};

/// What the policy says about one access and everything it looked at, for explanations.
struct Judgement {
    const security::Rule* row = nullptr;  // the row that decides; never null
    security::Protection chip;
    security::Place place;  // of the byte; of its whole sector for an erase
    security::Request request;
    unsigned bank = 0;  // physical, 0 or 1
    bool system = false;
    Address canonical = 0;
    std::uint32_t offset = 0;  // in the bank's user flash, or in its system flash
    WordState word = WordState::erased;
    FirstWriter writer{};  // of the word
};

class Controller final : public RegisterBlock<Controller> {
public:
    static constexpr Address kUser = 0x0800'0000;
    static constexpr Address kUserBank = 0x0010'0000;
    static constexpr Address kSystem1 = 0x1FF0'0000;
    static constexpr Address kSystem2 = 0x1FF4'0000;
    static constexpr std::uint32_t kSystemSize = 0x2'0000;
    static constexpr std::uint32_t kSpecialSector = 0x4000;  // SPSS2: eight of 16 KB in system flash bank 2

    Controller(Geometry geometry, Ports ports);
    ~Controller() override;

    // --- registers (AHB) ---
    static constexpr std::size_t kRegisters = 25;
    static const Register<Controller> registers[kRegisters];
    BusResult<std::uint64_t> read(const Access& access) override;
    /// Bus errors for mistakes with keys (F-180); waits while an option change runs (F-142).
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    std::vector<RegisterInfo> describe() const override;

    // --- contents (AXI) ---
    /// A data read or fetch of a visible address: policy, stall, ECC; raises the flags.
    BusResult<std::uint64_t> read_array(const Access& access);
    /// Copies what `master` reads from `visible` on without a flag, a fault or a wait, 8 bytes a time: how
    /// many bytes, perhaps none. Whatever comes next must go through read_array(). Pure.
    std::size_t read_plain(Address visible, Master master, Context context, MutableBytes out) const;
    /// Into the write buffer. Never a bus error (F-068); waits while the write queue is full (F-010).
    BusResult<void> write_array(const Access& access, std::uint64_t value);
    /// Why an access gets the answer it would get now. `visible` is in flash; an erase is that of its sector.
    /// Pure.
    Judgement judge(Address visible, security::Action action, Master master, Context context) const;
    /// What a master may keep in its TLB. Pure.
    View view(Address visible, Master master, Context context) const;

    HostMemory& user(unsigned physical_bank) { return banks_[physical_bank].user.memory(); }
    HostMemory& system(unsigned bank) { return banks_[bank].system.memory(); }
    /// The factory programs system flash bank 1 (`address` in 0x1FF0'0000..0x1FF1'FFFF).
    void write_rom(Address address, ByteView bytes);

    // --- options ---
    const OptionWords& options() const { return cur_; }
    bool swapped() const { return swapped_; }
    security::Rdp rdp() const { return rdp_of(cur_); }
    /// PROT_AREA / SEC_AREA in force, bank 0 or 1 (physical).
    const security::Area& pcrop(unsigned bank) const { return pcrop_[bank]; }
    const security::Area& secure_area(unsigned bank) const { return secure_[bank]; }

    // --- without power ---
    Image image() const;
    /// Power-off contents; takes effect with the next power-on reset.
    void set_image(const Image& image);

    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override { save_state(out, true); }
    void load(StateReader& in) override { load_state(in, true); }
    /// The same without the arrays, whose pages a snapshot handles itself, and with what the host has
    /// arranged: power cuts and failures to come.
    void save_control(StateWriter& out) const;
    void load_control(StateReader& in);
    std::array<Array*, 4> arrays() {
        return {&banks_[0].user, &banks_[1].user, &banks_[0].system, &banks_[1].system};
    }

    Wire irq;
    /// Anything that changes view(): options, an operation began or ended, ECC state.
    std::function<void()> rights_changed;
    std::function<void(Address canonical, std::uint32_t size)> contents_changed;
    /// A regression happened: backup SRAM and RTC backup registers go too (F-208).
    std::function<void()> secured_regions_erased;

    bool busy_for_low_power() const;  // F-239
    /// Something runs or waits in a queue, or an option change runs.
    bool busy() const;

    void set_timing(const Timing& timing) { timing_ = timing; }
    const Timing& timing() const { return timing_; }
    void set_readings(const Readings& readings);
    const Readings& readings() const { return readings_; }
    const std::optional<Refusal>& last_refusal() const { return last_refusal_; }
    /// Told of each refusal, before whoever asked gets the answer.
    std::function<void(const Refusal&)> on_refusal;
    /// The word's first writer since its last erase, nothing for an erased word (D-12).
    std::optional<FirstWriter> first_writer(Address canonical) const;
    /// The instruction by which a core stores right now, FirstWriter::kNoPc for nobody's. Asked only when a
    /// flash word is begun, never for the stores that follow.
    std::function<Address(Master)> pc_of;

    // --- power cuts and faults ---
    /// Words programmed, sectors erased and option changes carried out since the object was made.
    std::uint64_t steps() const { return steps_; }
    /// The power fails inside step number `step` (1 is the first): a word is torn, a sector partly erased, an
    /// option change not taken. Nothing works from then on until a power-on reset. 0: never. `seed` decides
    /// the torn bits; `Cut::before` tears nothing, the power fails between the last step and this one.
    enum class Cut : std::uint8_t { inside, before };
    void set_cut_at(std::uint64_t step, std::uint64_t seed, Cut where = Cut::inside);
    bool power_is_cut() const { return cut_; }
    std::function<void()> power_cut;
    /// One step, so that it can be done again without whoever asked for it.
    struct Step {
        std::optional<Operation> cells;  // a word, a sector or a special sector; none: an option change
        OptionWords options{};           // what an option change brings into force
    };
    /// Told of each step before it is carried out.
    std::function<void(const Step&)> on_step;
    /// What the step leaves, without judging it again. For a chip without power; a power-on follows.
    void repeat(const Step& step);
    /// What the power failing inside the step leaves: the same bits as with set_cut_at() and this seed.
    void tear(const Step& step, std::uint64_t seed);
    /// The next operation of the bank ends with OPERR (F-255), or no longer does.
    void fail_next_operation(unsigned bank, bool fails = true) { fail_next_[bank] = fails; }
    void inject_ecc(Address canonical, WordState state);

private:
    struct Place {  // of a visible or canonical address
        unsigned bank = 0;
        bool system = false;
        bool reserved = false;
        std::uint32_t offset = 0;  // in the bank's user flash, or in its system flash
        Address canonical = 0;
    };
    struct OptionChange {
        OptionWords words{};
        bool regression = false;
        bool started = false;
        Time ends = 0;
        Clock::EventId event = 0;
    };

    void save_state(StateWriter& out, bool with_cells) const;
    void load_state(StateReader& in, bool with_cells);

    // register hooks (controller_registers.cpp)
    bool control_unlocked(const RegisterWrite&) const;
    bool options_unlocked(const RegisterWrite&) const;
    bool area_writable(const RegisterWrite&) const;
    bool crc_enabled(const RegisterWrite&) const;
    BusResult<void> feed_key(const RegisterWrite&);
    BusResult<void> feed_option_key(const RegisterWrite&);
    BusResult<void> obey_control(const RegisterWrite&);
    BusResult<void> clear_flags(const RegisterWrite&);
    BusResult<void> obey_option_control(const RegisterWrite&);
    BusResult<void> check_security_bit(const RegisterWrite&);
    BusResult<void> clear_option_error(const RegisterWrite&);
    BusResult<void> obey_crc(const RegisterWrite&);
    std::uint32_t status(unsigned set) const;
    std::uint32_t option_status(unsigned) const;
    std::uint32_t prar_cur(unsigned set) const { return cur_[prar(bank_of(set))]; }
    std::uint32_t scar_cur(unsigned set) const { return cur_[scar(bank_of(set))]; }
    std::uint32_t wpsn_cur(unsigned set) const { return cur_[wpsn(bank_of(set))]; }
    std::uint32_t boot7_cur(unsigned) const { return cur_[kBoot7]; }
    std::uint32_t boot4_cur(unsigned) const { return cur_[kBoot4]; }
    std::uint32_t crc_data(unsigned) const { return crc_.data; }
    std::uint32_t ecc_fail_address(unsigned set) const { return banks_[bank_of(set)].ecc_fa; }
    bool start_erase(unsigned set, const Access& who, const std::optional<OptionWords>& removal);
    bool start_mass_erase(const Access& who);
    std::optional<OptionWords> protection_removal(unsigned banks) const;
    Access folded(const Access& access) const;
    BusResult<void> interrupted_keys(const Access& access);

    // contents (controller.cpp)
    unsigned bank_of(unsigned set) const { return set ^ (swapped_ ? 1U : 0U); }
    unsigned set_of(unsigned bank) const { return bank ^ (swapped_ ? 1U : 0U); }
    Place locate(Address visible) const;
    Place locate_canonical(Address canonical) const;
    security::Place protections(const Place& place) const;
    security::Place sector_protections(unsigned bank, unsigned sector) const;
    security::Protection facts() const;
    Array& array(const Place& place) {
        return place.system ? banks_[place.bank].system : banks_[place.bank].user;
    }
    const Array& array(const Place& place) const {
        return place.system ? banks_[place.bank].system : banks_[place.bank].user;
    }
    BusResult<std::uint64_t> read_word_part(const Access& access);
    BusResult<void> write_word_part(const Access& access, std::uint64_t value);
    bool stalls(unsigned bank) const;
    Time stall_end(unsigned bank) const;

    // operations (operations.cpp)
    void queue_write(unsigned bank);
    void pump(unsigned bank);
    void begin(unsigned bank, const Operation& op);
    const security::Rule* refusing_row(unsigned bank, const Operation& op) const;
    Time duration(unsigned bank, const Operation& op) const;
    void complete(unsigned bank);
    void finish(unsigned bank, const Operation& op);
    bool erase_sectors(unsigned bank, std::uint32_t sectors);
    bool erase_special(unsigned bank, std::uint32_t offset);
    void tear(const Operation& op);
    bool possible(unsigned bank, const Operation& op, bool runs) const;
    bool step(const Step& step);  // false: the power fails in this one
    bool step(const Operation& op);
    void lose_power();

    // option changes (option_changes.cpp)
    void start_option_change(const Access& who);
    void pump_option_change();
    void finish_option_change();
    bool erase_for_regression();
    OptionWords requested() const;
    void load_requested();
    void take_options(const OptionWords& words);
    void refresh_areas();
    OptionTraits traits() const;
    bool absent(unsigned bank) const { return bank == 1 && !geometry_.second_bank; }

    // CRC (crc_jobs.cpp)
    void start_crc(unsigned set);
    void finish_crc();
    void stop_crc(unsigned set);
    std::uint32_t crc_over_range(unsigned bank, CrcRange range, std::uint32_t state, bool& refused) const;
    std::array<CrcRange, 8> crc_ranges(unsigned set) const;

    // flags and words for people (controller.cpp)
    void raise(unsigned bank, std::uint32_t flags);
    void refuse(const Refusal& refusal);
    void tell_ecc(const Access& access, const Place& place, bool fatal);
    void tell_spoiled(const Operation& op, const Place& place);
    void refuse(unsigned bank, Address canonical, const security::Rule& row, Master master, Context context,
                std::string_view what);
    void update_irq();
    void rights() {
        if (rights_changed) rights_changed();
    }
    void contents(Address canonical, std::uint32_t size) {
        if (contents_changed) contents_changed(canonical, size);
    }

    Geometry geometry_;
    Ports ports_;
    Timing timing_{};
    Readings readings_{};
    std::array<Bank, 2> banks_;
    std::array<KeyLock, 2> locks_;  // by register set
    KeyLock option_lock_;
    CrcUnit crc_;
    OptionWords cur_ = kFactoryOptions;
    std::array<security::Area, 2> pcrop_{};
    std::array<security::Area, 2> secure_{};
    bool swapped_ = false;
    bool option_error_ = false;
    std::optional<OptionChange> change_;
    std::array<OptionWords, 2> removal_{};  // the words a running erase with protection removal ends with
    std::optional<Refusal> last_refusal_;
    std::uint64_t steps_ = 0;
    std::uint64_t cut_at_ = 0;
    Cut cut_where_ = Cut::inside;
    SeededRandom random_{0};
    bool cut_ = false;
    std::array<bool, 2> fail_next_{};
};

}  // namespace h7::flash

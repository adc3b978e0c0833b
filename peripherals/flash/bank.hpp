// One physical bank: its cells (user sectors and system flash), its flags, write buffer and queues. It does
// as it is told; who may tell it what is the controller's business.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/memory.hpp"
#include "peripherals/flash/flash_word.hpp"

namespace h7::flash {

/// Flags of SRx; the same positions in CCRx and, as enables, in CRx (F-244).
namespace sr {
inline constexpr std::uint32_t kEop = 1U << 16, kWrperr = 1U << 17, kPgserr = 1U << 18, kStrberr = 1U << 19,
                               kIncerr = 1U << 21, kOperr = 1U << 22, kRdperr = 1U << 23, kRdserr = 1U << 24,
                               kSneccerr = 1U << 25, kDbeccerr = 1U << 26, kCrcend = 1U << 27,
                               kCrcrderr = 1U << 28;
inline constexpr std::uint32_t kAll = 0x1FEF'0000;
}  // namespace sr

/// Cells with their ECC state.
class Array {
public:
    explicit Array(std::size_t size);

    HostMemory& memory() { return cells_; }
    const HostMemory& memory() const { return cells_; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(cells_.size()); }
    WordState state(std::uint32_t offset) const { return states_[offset / kWord]; }
    FirstWriter first_writer(std::uint32_t offset) const { return writers_.of(offset / kWord); }

    /// All cells of [offset, offset + size) to 1, ECC too (F-031, F-077). A page that is erased already is
    /// not marked: a snapshot has less to put back.
    void erase(std::size_t offset, std::size_t size);
    /// One flash word (program_word). True: the word's ECC went bad or good, so the rights of its block
    /// changed.
    bool program(std::uint32_t offset, const WordData& next, const FirstWriter& who);
    void tear_program(std::uint32_t offset, const WordData& next, const FirstWriter& who,
                      SeededRandom& random);
    /// Each word old, erased or ECC-bad (F-132); an ECC-bad one keeps its first writer.
    void tear_erase(std::uint32_t offset, std::uint32_t size, SeededRandom& random);
    /// Fault injection and factory programming.
    void set_state(std::uint32_t offset, WordState state);

    /// Some word of [offset, offset + size) raises a flag when read / gives a bus error.
    bool any_flagged(std::uint32_t offset, std::uint32_t size) const;

    ArrayImage image() const;
    /// Missing bytes are erased, surplus ones ignored.
    void set_image(const ArrayImage& image);
    void save(StateWriter& out) const;
    void load(StateReader& in);

    // Snapshots: everything once, then page by page (HostMemory::kPage) what has a mark.
    struct Copy {
        Bytes cells;
        std::vector<WordState> states;
        FirstWriters writers;
    };
    Copy copy() const { return {image().data, states_, writers_}; }
    void put_back(const Copy& copy, std::size_t page);

private:
    /// Inside one page of marks.
    bool erased(std::size_t offset, std::size_t size) const;
    void erase_page(std::size_t offset, std::size_t size);
    static bool flagged(WordState s) { return s == WordState::ecc_single || s == WordState::ecc_double; }
    HostMemory cells_;
    std::vector<WordState> states_;
    FirstWriters writers_;
    unsigned flagged_ = 0;
};

/// A command in a queue, with who gave it: protection is judged when it leaves the queue (F-066).
struct Operation {
    enum class Kind : std::uint8_t {
        program,
        erase_sector,
        erase_special,
        erase_bank,
        erase_bank_and_protections
    };
    Kind kind = Kind::program;
    Address target = 0;  // canonical: the flash word, or the first byte to erase
    std::uint32_t size = kWord;
    WordData data{};
    Master master = Master::cm7;
    Context context = Context::application;
    Time begun = 0;  // program: the first store into the write buffer
    Address pc = FirstWriter::kNoPc;

    FirstWriter writer() const { return {begun, pc, master, context, FirstWriter::Origin::store}; }
};

struct Bank {
    Bank(std::size_t user_size, std::size_t system_size) : user(user_size), system(system_size) {}

    Array user;
    Array system;
    std::uint32_t flags = 0;   // sr::
    std::uint32_t ecc_fa = 0;  // F-038
    WriteBuffer buffer;

    // F-010, F-012: one executing, one waiting of each kind.
    std::optional<Operation> running;
    Time ends = 0;
    Clock::EventId event = 0;
    std::optional<Operation> waiting_write;
    std::optional<Operation> waiting_erase;

    bool idle() const { return !running && !waiting_write && !waiting_erase; }

    /// F-035..F-039: the first failing word's index is kept while a flag stands.
    void report_ecc(std::uint32_t flag, std::uint32_t offset);
    /// CCRx (F-040, F-258).
    void clear(std::uint32_t which);
    /// F-129: flags, buffer and queues; the cells stay.
    void reset();

    /// `with_cells`: the contents of both arrays.
    void save(StateWriter& out, bool with_cells) const;
    void load(StateReader& in, bool with_cells);
};

}  // namespace h7::flash

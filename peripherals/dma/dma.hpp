// DMA1 and DMA2: eight streams between a peripheral port and a memory port, with a FIFO each. RM0399 section
// 16; system.md 6.10, 1.2.
//
// A stream serves one data item (or one burst) for each request, memory-to-memory without requests. Bytes go
// through the FIFO as on silicon: what was read and not yet written is in no memory. An item takes its time
// on the AHB (decision 0160).
#pragma once

#include <array>

#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/dma_engine.hpp"
#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"
#include "peripherals/dma/fifo.hpp"

namespace h7::dma {

class Dma final : public RegisterBlock<Dma>, private DmaEngine::Owner {
public:
    static const Register<Dma> registers[10];
    static constexpr unsigned kStreams = 8;

    /// `name` as in the manual ("DMA1"); `master` is who asks on the bus. Name, clock and bus must outlive
    /// the block.
    Dma(std::string_view name, Address base, Master master, Clock& clock, BusPort& bus);

    /// The AHB clock in Hz; 0: gated, nothing moves.
    void set_clock(std::uint32_t hz) {
        touch();
        engine_.set_hz(hz);
    }
    /// The request line of a stream: an output of DMAMUX1.
    void connect(unsigned stream, DmaRequest& request);

    std::array<Wire, kStreams> irq;
    std::array<Wire, kStreams> transfer_complete;  // dma_tcif, to the MDMA

    /// Registers take words only; anything narrower reads 0 and writes nothing.
    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    /// What a stream knows besides its registers.
    struct Stream {
        DmaRequest* request = nullptr;
        std::uint32_t programmed = 0;  // NDTR as software wrote it
        std::uint32_t round = 0;       // items from one TC to the next
        std::uint32_t fetched = 0;     // bytes read from memory in this round
        std::uint32_t delivered = 0;   // bytes written at the destination in this round
        bool half_told = false;
        Address peripheral = 0, memory = 0;  // of the next access
        Fifo fifo;
    };
    enum class Direction : std::uint8_t { from_peripheral, to_peripheral, memory_to_memory, reserved };
    enum class Flag : std::uint8_t {
        fifo_error = 0,
        direct_mode_error = 2,
        transfer_error = 3,
        half = 4,
        complete = 5
    };
    enum class Step : std::uint8_t { done, waits, ended };

    // dma.cpp: registers
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> count_written(const RegisterWrite& write);
    BusResult<void> address_written(const RegisterWrite& write);
    BusResult<void> memory0_written(const RegisterWrite& write) { return memory_written(write, 0); }
    BusResult<void> memory1_written(const RegisterWrite& write) { return memory_written(write, 1); }
    BusResult<void> memory_written(const RegisterWrite& write, std::uint32_t which);
    BusResult<void> fifo_written(const RegisterWrite& write);
    std::uint32_t fifo_control(unsigned stream) const;
    void enable(unsigned s);
    void disable(unsigned s);
    bool enabled(unsigned s) const { return regs_.get<"SxCR.EN">(s) != 0; }
    void set_flag(unsigned s, Flag flag);
    bool flag(unsigned s, Flag flag) const;
    std::uint32_t flags(unsigned s) const;
    void drive(unsigned s);

    // stream.cpp: transfers
    std::optional<DmaEngine::Work> next_work() override;
    DmaEngine::Served serve(unsigned s, std::uint32_t items) override;
    bool has_work(unsigned s) const;
    std::uint32_t items_in_a_row(unsigned s) const;
    bool must_drain(unsigned s) const;
    bool must_fill(unsigned s) const;
    Step item(unsigned s);
    void acknowledge(unsigned s);
    void note_starving(unsigned s);
    Step take_from_peripheral(unsigned s);
    Step give_to_peripheral(unsigned s);
    Step fill(unsigned s);
    Step drain(unsigned s, bool to_the_end);
    std::uint32_t copy_at_once(unsigned s, std::uint32_t items);
    void begin_round(unsigned s);
    void progress(unsigned s);
    void end_round(unsigned s);
    Step read_into_fifo(unsigned s, Address address, unsigned size);
    Step refused(unsigned s, const Access& access, const BusFault& fault);
    Access access(Address address, unsigned size, Op op) const;

    Direction direction(unsigned s) const { return static_cast<Direction>(regs_.get<"SxCR.DIR">(s)); }
    bool direct(unsigned s) const { return regs_.get<"SxFCR.DMDIS">(s) == 0; }
    /// Bytes; the reserved width counts as a word.
    unsigned peripheral_size(unsigned s) const;
    unsigned memory_size(unsigned s) const;
    unsigned threshold(unsigned s) const { return 4 * (regs_.get<"SxFCR.FTH">(s) + 1); }
    void advance_peripheral(unsigned s);
    void advance_memory(unsigned s);

    Master master_;
    BusPort& bus_;
    DmaEngine engine_;
    Time wait_until_ = 0;       // of the step that waits
    unsigned last_ = kStreams;  // who was served last
    unsigned held_ = kStreams;  // whose memory access a slave holds; kStreams: nobody's
    std::array<Stream, kStreams> streams_;
};

}  // namespace h7::dma

#include "peripherals/dma/registers.hpp"  // IWYU pragma: export

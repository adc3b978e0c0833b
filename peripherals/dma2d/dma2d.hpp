// DMA2D (Chrom-ART): fills, copies, converts and blends rectangles of pixels, a line at a time. RM0399
// section 19; system.md 1.2.
#pragma once

#include <array>
#include <vector>

#include "emulator/fabric/bus_port.hpp"
#include "emulator/fabric/dma_engine.hpp"
#include "emulator/fabric/register_map.hpp"
#include "emulator/fabric/wire.hpp"
#include "peripherals/dma2d/pixel.hpp"

namespace h7::dma2d {

class Dma2d final : public RegisterBlock<Dma2d>, private DmaEngine::Owner {
public:
    static const Register<Dma2d> registers[22];

    /// Clock and bus must outlive the block.
    Dma2d(Clock& clock, BusPort& bus);

    /// The AXI clock in Hz; 0: gated, nothing moves.
    void set_clock(std::uint32_t hz) {
        touch();
        engine_.set_hz(hz);
    }

    Wire irq;
    Wire clut_complete, complete, watermark;  // to the MDMA: the flags CTCIF, TCIF, TWIF

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    enum class Flag : std::uint8_t { error, complete, watermark, clut_access, clut_complete, configuration };
    enum class Mode : std::uint8_t { copy, convert, blend, fill, fixed_front, fixed_back };
    /// One plane: where its lines lie and how its pixels are read.
    struct Plane {
        Address line = 0;
        unsigned bits = 32;      // of a pixel
        std::uint32_t skip = 0;  // bytes from the end of a line to the next
    };
    static constexpr unsigned kTransfer = 0, kForegroundClut = 1,
                              kBackgroundClut = 2;  // channels of the engine

    // dma2d.cpp: registers
    bool idle(const RegisterWrite&) const { return running_ == 0; }
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> flags_cleared(const RegisterWrite& write);
    BusResult<void> foreground_written(const RegisterWrite& write) {
        return converter_written(write, kForegroundClut);
    }
    BusResult<void> background_written(const RegisterWrite& write) {
        return converter_written(write, kBackgroundClut);
    }
    BusResult<void> converter_written(const RegisterWrite& write, unsigned which);
    void set_flag(Flag flag);
    void drive();
    void start();
    void stop();
    bool well_configured() const;
    bool planes_fit(Mode mode) const;

    // transfer.cpp: lines
    std::optional<DmaEngine::Work> next_work() override;
    DmaEngine::Served serve(unsigned channel, std::uint32_t items) override;
    Mode mode() const { return static_cast<Mode>(regs_.get<"CR.MODE">()); }
    bool reads_front() const;
    bool reads_back() const;
    Conversion conversion(bool front) const;
    Format output_format() const { return static_cast<Format>(regs_.get<"OPFCCR.CM">()); }
    std::uint32_t skip_of(std::uint32_t offset, unsigned bits) const;
    bool line();
    bool clut(unsigned which);
    bool read_bytes(Address at, std::uint32_t count, std::vector<std::uint8_t>& bytes);
    bool write_bytes(Address at, const std::vector<std::uint8_t>& bytes);
    bool output_line(std::vector<std::uint8_t>& out);
    bool refused(const Access& access, const BusFault& fault);

    BusPort& bus_;
    DmaEngine engine_;
    Time wait_until_ = 0;
    unsigned running_ = 0;  // one bit for each channel of the engine
    Plane front_, back_, output_;
    std::uint32_t lines_done_ = 0;
    std::vector<std::uint8_t> pending_;  // of a line: read, not yet written
    std::uint32_t written_ = 0;
    std::array<std::array<std::uint32_t, 256>, 2> clut_{};  // ARGB8888
};

}  // namespace h7::dma2d

#include "peripherals/dma2d/registers.hpp"  // IWYU pragma: export

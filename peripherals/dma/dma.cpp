// Registers, flags and interrupts; a stream goes on and off. Transfers: stream.cpp.
#include "peripherals/dma/dma.hpp"

namespace h7::dma {
namespace {

// What may be written while the stream is on (RM0399 16.5.5): EN, the interrupt enables, CIRC.
constexpr std::uint32_t kOpenInControl = 0x11F;
constexpr std::uint32_t kOpenInFifoControl = 1U << 7;  // FEIE
constexpr Address kFirstStream = 0x10, kStride = 0x18;

/// Streams 0 to 3 in LISR, 4 to 7 in HISR; each group of flags at its own place.
constexpr std::array<unsigned, 4> kGroup = {0, 6, 16, 22};
constexpr std::uint32_t kFlags = 0x3D;

}  // namespace

Dma::Dma(std::string_view name, Address base, Master master, Clock& clock, BusPort& bus)
    : RegisterBlock(name, base, 0x400), master_(master), bus_(bus), engine_(clock, name, *this) {}

void Dma::connect(unsigned stream, DmaRequest& request) {
    streams_[stream].request = &request;
    request.connect([this, stream](bool level) {
        if (level && held_ == stream && !engine_.restoring()) note_starving(stream);
        if (level) engine_.look();
    });
}

BusResult<std::uint64_t> Dma::read(const Access& access) {
    if (access.size != 4) return std::uint64_t{0};
    engine_.catch_up();
    return RegisterBlock::read(access);
}

BusResult<void> Dma::write(const Access& access, std::uint64_t value) {
    if (access.size != 4) return {};
    engine_.catch_up();
    return RegisterBlock::write(access, value);
}

// --- flags ---

std::uint32_t Dma::flags(unsigned s) const {
    return (s < 4 ? regs_.get<"LISR">() : regs_.get<"HISR">()) >> kGroup[s % 4] & kFlags;
}

bool Dma::flag(unsigned s, Flag flag) const { return test_bit(flags(s), static_cast<unsigned>(flag)); }

void Dma::set_flag(unsigned s, Flag flag) {
    const std::uint32_t bit = 1U << (kGroup[s % 4] + static_cast<unsigned>(flag));
    if (s < 4)
        regs_.set<"LISR">(regs_.get<"LISR">() | bit);
    else
        regs_.set<"HISR">(regs_.get<"HISR">() | bit);
    drive(s);
}

BusResult<void> Dma::flags_cleared(const RegisterWrite& write) {
    const bool low = offset_of(write.access) == 0x08;
    if (low)
        regs_.set<"LISR">(regs_.get<"LISR">() & ~write.value);
    else
        regs_.set<"HISR">(regs_.get<"HISR">() & ~write.value);
    for (unsigned s = low ? 0 : 4; s < (low ? 4U : 8U); ++s) drive(s);
    return {};
}

void Dma::drive(unsigned s) {
    const std::uint32_t enables = regs_.get<"SxCR">(s), now = flags(s);
    const bool asks = (test_bit(enables, 1) && test_bit(now, 2)) ||  // DMEIE
                      (test_bit(enables, 2) && test_bit(now, 3)) ||  // TEIE
                      (test_bit(enables, 3) && test_bit(now, 4)) ||  // HTIE
                      (test_bit(enables, 4) && test_bit(now, 5)) ||  // TCIE
                      (regs_.get<"SxFCR.FEIE">(s) != 0 && test_bit(now, 0));
    irq[s].set(asks);
    transfer_complete[s].set(test_bit(now, 5));
}

// --- registers of a stream ---

BusResult<void> Dma::control_written(const RegisterWrite& write) {
    const unsigned s = write.index;
    const bool was_on = RegisterFile<Dma>::field<"SxCR.EN">(write.old) != 0;
    if (was_on) {
        const std::uint32_t next = regs_.get<"SxCR">(s);
        regs_.set<"SxCR">((write.old & ~kOpenInControl) | (next & kOpenInControl), s);
    }
    if (direction(s) == Direction::memory_to_memory) regs_.set<"SxCR.PFCTRL">(0, s);
    if (!was_on && enabled(s)) enable(s);
    if (was_on && !enabled(s)) disable(s);
    drive(s);
    return {};
}

BusResult<void> Dma::count_written(const RegisterWrite& write) {
    if (enabled(write.index))
        regs_.set<"SxNDTR">(write.old, write.index);
    else
        streams_[write.index].programmed = regs_.get<"SxNDTR">(write.index);
    return {};
}

BusResult<void> Dma::address_written(const RegisterWrite& write) {
    if (enabled(write.index)) regs_.set<"SxPAR">(write.old, write.index);
    return {};
}

/// While the stream is on, only the memory that is not in use may move, in double-buffer mode; the other one
/// is an error (RM0399 16.3.11).
BusResult<void> Dma::memory_written(const RegisterWrite& write, std::uint32_t which) {
    const unsigned s = write.index;
    if (!enabled(s)) return {};
    const bool in_use = regs_.get<"SxCR.CT">(s) == which;
    if (regs_.get<"SxCR.DBM">(s) != 0 && !in_use) return {};
    const auto slot = regs_.slot_at(kFirstStream + kStride * s + (which == 0 ? 0x0C : 0x10));
    regs_.stored(slot) = write.old;
    if (regs_.get<"SxCR.DBM">(s) == 0) return {};
    regs_.set<"SxCR.EN">(0, s);
    engine_.drop(s);
    set_flag(s, Flag::transfer_error);
    return {};
}

BusResult<void> Dma::fifo_written(const RegisterWrite& write) {
    const unsigned s = write.index;
    if (enabled(s)) {
        const std::uint32_t next = regs_.get<"SxFCR">(s);
        regs_.set<"SxFCR">((write.old & ~kOpenInFifoControl) | (next & kOpenInFifoControl), s);
    }
    drive(s);
    return {};
}

std::uint32_t Dma::fifo_control(unsigned s) const {
    const unsigned level = streams_[s].fifo.size();
    const std::uint32_t status = level == 0 ? 4 : level == Fifo::kBytes ? 5 : level / 4;
    return insert(regs_.get<"SxFCR">(s), 5, 3, status);
}

// --- on and off ---

void Dma::enable(unsigned s) {
    Stream& stream = streams_[s];
    const bool copies = direction(s) == Direction::memory_to_memory;
    if (copies) regs_.set<"SxFCR.DMDIS">(1, s);
    if (direct(s)) {
        regs_.set<"SxCR.MSIZE">(regs_.get<"SxCR.PSIZE">(s), s);
        regs_.set<"SxCR.PBURST">(0, s);
        regs_.set<"SxCR.MBURST">(0, s);
    } else if (const std::uint32_t burst = regs_.get<"SxCR.MBURST">(s); burst != 0) {
        // The threshold must be a whole number of bursts (RM0399 table 116).
        const unsigned bytes = (2U << burst) * memory_size(s);
        if (bytes > Fifo::kBytes || threshold(s) % bytes != 0) {
            regs_.set<"SxCR.EN">(0, s);
            set_flag(s, Flag::fifo_error);
            return;
        }
    }
    if (direct(s) || regs_.get<"SxCR.PBURST">(s) != 0) regs_.set<"SxCR.PINCOS">(0, s);
    if (regs_.get<"SxCR.PFCTRL">(s) != 0) {
        regs_.set<"SxCR.CIRC">(0, s);
        stream.programmed = 0xFFFF;
    }
    if (regs_.get<"SxCR.DBM">(s) != 0 && !copies) regs_.set<"SxCR.CIRC">(1, s);
    stream.fifo.clear();
    begin_round(s);
    engine_.look();
}

/// By software. What the FIFO holds still goes to memory, and TCIF says that the stream has ended
/// (RM0399 16.3.14, 16.3.16).
void Dma::disable(unsigned s) {
    engine_.drop(s);
    if (direction(s) != Direction::to_peripheral && !engine_.serving()) {
        regs_.set<"SxCR.EN">(1, s);  // for the time of the flush
        const Step end = drain(s, true);
        regs_.set<"SxCR.EN">(0, s);
        if (end == Step::ended) return;
    }
    streams_[s].fifo.clear();
    set_flag(s, Flag::complete);
    engine_.look();
}

void Dma::reset(ResetKind) {
    engine_.reset();
    regs_.reset();
    last_ = held_ = kStreams;
    for (unsigned s = 0; s < kStreams; ++s) {
        DmaRequest* request = streams_[s].request;
        streams_[s] = {};
        streams_[s].request = request;
        drive(s);
    }
}

// --- state ---

void Dma::save(StateWriter& out) const {
    RegisterBlock::save(out);
    engine_.save(out);
    out.u8(static_cast<std::uint8_t>(last_));
    out.u8(static_cast<std::uint8_t>(held_));
    for (const Stream& stream : streams_) {
        for (const std::uint32_t word : {stream.programmed, stream.round, stream.fetched, stream.delivered,
                                         stream.peripheral, stream.memory})
            out.u32(word);
        out.flag(stream.half_told);
        stream.fifo.save(out);
    }
}

void Dma::load(StateReader& in) {
    RegisterBlock::load(in);
    engine_.load(in, kStreams);
    last_ = in.u8();
    held_ = in.u8();
    for (unsigned s = 0; s < kStreams; ++s) {
        Stream& stream = streams_[s];
        for (std::uint32_t* word : {&stream.programmed, &stream.round, &stream.fetched, &stream.delivered,
                                    &stream.peripheral, &stream.memory})
            *word = in.u32();
        stream.half_told = in.flag();
        stream.fifo.load(in);
        drive(s);
    }
}

}  // namespace h7::dma

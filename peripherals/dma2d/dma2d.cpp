// Registers, flags, what may be started. Lines: transfer.cpp.
#include "peripherals/dma2d/dma2d.hpp"

namespace h7::dma2d {
namespace {

constexpr Address kForeground = 0x400, kBackground = 0x800, kEndOfCluts = 0xC00;
constexpr std::uint32_t kOpen = 0x3F06;  // CR while a transfer runs: SUSP, ABORT, the interrupt enables

/// Bytes a pixel address is aligned to.
unsigned alignment(unsigned bits) { return bits == 32 ? 4 : bits == 16 ? 2 : 1; }

}  // namespace

Dma2d::Dma2d(Clock& clock, BusPort& bus)
    : RegisterBlock("DMA2D", 0x5200'1000, 0x1000), bus_(bus), engine_(clock, "DMA2D", *this) {}

BusResult<std::uint64_t> Dma2d::read(const Access& access) {
    engine_.catch_up();
    const Address offset = offset_of(access);
    if (offset < kForeground || offset >= kEndOfCluts) return RegisterBlock::read(access);
    if ((running_ & ~(1U << kTransfer)) != 0) set_flag(Flag::clut_access);
    const std::uint32_t word = clut_[offset < kBackground ? 0 : 1][offset % 0x400 / 4];
    return std::uint64_t{word >> shift(access)} & lane_mask(access.size);
}

BusResult<void> Dma2d::write(const Access& access, std::uint64_t value) {
    engine_.catch_up();
    const Address offset = offset_of(access);
    if (offset < kForeground || offset >= kEndOfCluts) return RegisterBlock::write(access, value);
    if ((running_ & ~(1U << kTransfer)) != 0) {
        set_flag(Flag::clut_access);
        return {};
    }
    if (access.size == 4)
        clut_[offset < kBackground ? 0 : 1][offset % 0x400 / 4] = static_cast<std::uint32_t>(value);
    return {};
}

// --- flags ---

void Dma2d::set_flag(Flag flag) {
    regs_.set<"ISR">(regs_.get<"ISR">() | 1U << static_cast<unsigned>(flag));
    drive();
}

BusResult<void> Dma2d::flags_cleared(const RegisterWrite& write) {
    regs_.set<"ISR">(regs_.get<"ISR">() & ~write.value);
    drive();
    return {};
}

void Dma2d::drive() {
    const std::uint32_t flags = regs_.get<"ISR">();
    irq.set((flags & regs_.get<"CR">() >> 8 & 0x3F) != 0);  // the enables stand eight places above
    complete.set(test_bit(flags, static_cast<unsigned>(Flag::complete)));
    watermark.set(test_bit(flags, static_cast<unsigned>(Flag::watermark)));
    clut_complete.set(test_bit(flags, static_cast<unsigned>(Flag::clut_complete)));
}

// --- start and stop ---

BusResult<void> Dma2d::control_written(const RegisterWrite& write) {
    if (running_ != 0)
        regs_.set<"CR">((write.old & ~kOpen) | (regs_.get<"CR">() & kOpen));
    else if (regs_.get<"CR.START">() != 0)
        start();
    if (running_ != 0 && regs_.get<"CR.ABORT">() != 0) stop();  // without TCIF (RM0399 19.3.15)
    if (running_ == 0) {
        regs_.set<"CR.ABORT">(0);
        regs_.set<"CR.SUSP">(0);
    }
    drive();
    engine_.look();
    return {};
}

void Dma2d::start() {
    if (!well_configured()) {
        regs_.set<"CR.START">(0);
        set_flag(Flag::configuration);
        return;
    }
    const bool copies = mode() == Mode::copy;
    const Conversion front = conversion(true), back = conversion(false);
    const unsigned out = copies ? bits_of(front.format) : bits_of(output_format());
    front_ = {regs_.get<"FGMAR">(), bits_of(front.format),
              skip_of(regs_.get<"FGOR">(), bits_of(front.format))};
    back_ = {regs_.get<"BGMAR">(), bits_of(back.format), skip_of(regs_.get<"BGOR">(), bits_of(back.format))};
    output_ = {regs_.get<"OMAR">(), out, skip_of(regs_.get<"OOR">(), out)};
    lines_done_ = 0;
    running_ |= 1U << kTransfer;
}

void Dma2d::stop() {
    for (const unsigned channel : {kTransfer, kForegroundClut, kBackgroundClut}) {
        running_ &= ~(1U << channel);
        engine_.drop(channel);
    }
    pending_.clear();
    written_ = 0;
    regs_.set<"CR.START">(0);
    regs_.set<"CR.SUSP">(0);
    regs_.set<"CR.ABORT">(0);
    regs_.set<"FGPFCCR.START">(0);
    regs_.set<"BGPFCCR.START">(0);
}

BusResult<void> Dma2d::converter_written(const RegisterWrite& write, unsigned which) {
    static_cast<void>(write);
    const bool front = which == kForegroundClut;
    if ((front ? regs_.get<"FGPFCCR.START">() : regs_.get<"BGPFCCR.START">()) == 0) return {};
    const Address at = front ? regs_.get<"FGCMAR">() : regs_.get<"BGCMAR">();
    const bool words = (front ? regs_.get<"FGPFCCR.CCM">() : regs_.get<"BGPFCCR.CCM">()) == 0;
    if (words && at % 4 != 0) {
        stop();
        set_flag(Flag::configuration);
        return {};
    }
    running_ |= 1U << which;
    engine_.look();
    return {};
}

/// RM0399 19.3.13, "Configuration error detection".
bool Dma2d::well_configured() const {
    if (regs_.get<"CR.MODE">() > static_cast<unsigned>(Mode::fixed_back)) return false;
    if (regs_.get<"NLR.NL">() == 0 || regs_.get<"NLR.PL">() == 0) return false;
    if (!planes_fit(mode())) return false;
    if (mode() == Mode::copy) return true;
    if (regs_.get<"OPFCCR.CM">() >= kOutputFormats) return false;
    const unsigned out = bits_of(output_format());
    if (regs_.get<"OMAR">() % alignment(out) != 0) return false;
    const std::uint32_t odd = regs_.get<"NLR.PL">() | regs_.get<"OMAR">() | skip_of(regs_.get<"OOR">(), out);
    return regs_.get<"OPFCCR.SB">() == 0 || odd % 2 == 0;
}

bool Dma2d::planes_fit(Mode mode) const {
    const auto fits = [this](std::uint32_t format, Address at, std::uint32_t offset) {
        if (format >= kFormats) return false;  // YCbCr is not modelled
        const unsigned bits = bits_of(static_cast<Format>(format));
        if (bits == 4 && (regs_.get<"NLR.PL">() % 2 != 0 || (offset % 2 != 0 && regs_.get<"CR.LOM">() == 0)))
            return false;
        return at % alignment(bits) == 0;
    };
    const bool front = mode != Mode::fill && mode != Mode::fixed_front;
    const bool back = mode == Mode::blend || mode == Mode::fixed_front;
    return (!front || fits(regs_.get<"FGPFCCR.CM">(), regs_.get<"FGMAR">(), regs_.get<"FGOR">())) &&
           (!back || fits(regs_.get<"BGPFCCR.CM">(), regs_.get<"BGMAR">(), regs_.get<"BGOR">()));
}

// --- state ---

void Dma2d::reset(ResetKind) {
    engine_.reset();
    regs_.reset();
    running_ = 0;
    pending_.clear();
    written_ = lines_done_ = 0;
    clut_ = {};
    drive();
}

void Dma2d::save(StateWriter& out) const {
    RegisterBlock::save(out);
    engine_.save(out);
    out.u8(static_cast<std::uint8_t>(running_));
    for (const Plane* plane : {&front_, &back_, &output_}) {
        out.u32(plane->line);
        out.u8(static_cast<std::uint8_t>(plane->bits));
        out.u32(plane->skip);
    }
    out.u32(lines_done_);
    out.u32(written_);
    out.bytes(pending_);
    for (const auto& table : clut_)
        for (const std::uint32_t entry : table) out.u32(entry);
}

void Dma2d::load(StateReader& in) {
    RegisterBlock::load(in);
    engine_.load(in, 3);
    running_ = in.u8() & 7U;
    for (Plane* plane : {&front_, &back_, &output_}) *plane = {in.u32(), in.u8() & 0x3CU, in.u32()};
    lines_done_ = in.u32();
    written_ = in.u32();
    pending_ = in.bytes();
    for (auto& table : clut_)
        for (std::uint32_t& entry : table) entry = in.u32();
    drive();
}

}  // namespace h7::dma2d

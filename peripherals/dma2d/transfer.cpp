// Lines: read, converted, blended, written (RM0399 19.3.12, 19.3.13).
#include <algorithm>

#include "peripherals/dma2d/dma2d.hpp"

namespace h7::dma2d {
namespace {

constexpr std::uint32_t kCyclesPerLine = 8;  // address phases (decision 0160)

Access access(Address address, unsigned size, Op op) {
    return {address, static_cast<std::uint8_t>(size), op, Master::dma2d};
}

std::uint32_t line_bytes(std::uint32_t pixels, unsigned bits) { return (pixels * bits + 7) / 8; }

std::uint32_t pixel_at(const std::vector<std::uint8_t>& line, std::uint32_t n, unsigned bits) {
    if (bits == 4) return line[n / 2] >> (n % 2 * 4) & 0xFU;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < bits / 8; ++i) value |= std::uint32_t{line[n * bits / 8 + i]} << (8 * i);
    return value;
}

void append(std::vector<std::uint8_t>& line, std::uint32_t value, unsigned bits) {
    for (unsigned i = 0; i < bits / 8; ++i) line.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

bool Dma2d::reads_front() const { return mode() != Mode::fill && mode() != Mode::fixed_front; }
bool Dma2d::reads_back() const { return mode() == Mode::blend || mode() == Mode::fixed_front; }

/// Bytes between two lines: LO counts pixels or, with LOM, bytes.
std::uint32_t Dma2d::skip_of(std::uint32_t offset, unsigned bits) const {
    return regs_.get<"CR.LOM">() != 0 ? offset : (offset & 0x3FFF) * bits / 8;
}

Conversion Dma2d::conversion(bool front) const {
    const auto format = [](std::uint32_t cm) { return cm < kFormats ? static_cast<Format>(cm) : Format{}; };
    if (front)
        return {format(regs_.get<"FGPFCCR.CM">()),
                regs_.get<"FGCOLR">(),
                clut_[0].data(),
                regs_.get<"FGPFCCR.AM">(),
                static_cast<std::uint8_t>(regs_.get<"FGPFCCR.ALPHA">()),
                regs_.get<"FGPFCCR.AI">() != 0,
                regs_.get<"FGPFCCR.RBS">() != 0};
    return {format(regs_.get<"BGPFCCR.CM">()),
            regs_.get<"BGCOLR">(),
            clut_[1].data(),
            regs_.get<"BGPFCCR.AM">(),
            static_cast<std::uint8_t>(regs_.get<"BGPFCCR.ALPHA">()),
            regs_.get<"BGPFCCR.AI">() != 0,
            regs_.get<"BGPFCCR.RBS">() != 0};
}

std::optional<DmaEngine::Work> Dma2d::next_work() {
    touch();
    if (running_ == 0 || regs_.get<"CR.SUSP">() != 0) return std::nullopt;
    for (const unsigned which : {kForegroundClut, kBackgroundClut})
        if (test_bit(running_, which)) return DmaEngine::Work{which, 1, 256};
    // A beat of eight bytes is a cycle; AMTCR adds its pause to each.
    const std::uint32_t pixels = regs_.get<"NLR.PL">();
    std::uint32_t beats = (line_bytes(pixels, output_.bits) + 7) / 8;
    if (reads_front()) beats += (line_bytes(pixels, front_.bits) + 7) / 8;
    if (reads_back()) beats += (line_bytes(pixels, back_.bits) + 7) / 8;
    const std::uint32_t pause = regs_.get<"AMTCR.EN">() != 0 ? regs_.get<"AMTCR.DT">() : 0;
    return DmaEngine::Work{kTransfer, 1, kCyclesPerLine + beats * (1 + pause)};
}

DmaEngine::Served Dma2d::serve(unsigned channel, std::uint32_t) {
    touch();
    wait_until_ = 0;
    const bool done = channel == kTransfer ? line() : clut(channel);
    return {done ? 1U : 0U, wait_until_};
}

bool Dma2d::refused(const Access& access, const BusFault& fault) {
    if (fault.kind == BusFault::Kind::wait) {
        wait_until_ = fault.until;
        return false;
    }
    if (trace_ != nullptr && trace_->on())
        trace_->line(Topic::bus, refusal_text(name(), "transfer", access, fault, "TEIF set, START cleared"));
    stop();
    set_flag(Flag::error);
    return false;
}

bool Dma2d::read_bytes(Address at, std::uint32_t count, std::vector<std::uint8_t>& bytes) {
    const unsigned running = running_;
    while (bytes.size() < count) {
        const Address here = at + static_cast<Address>(bytes.size());
        const bool word = here % 4 == 0 && count - bytes.size() >= 4;
        const Access one = access(here, word ? 4 : 1, Op::read);
        const auto value = bus_.read(one);
        if (running_ != running) return false;  // the access stopped it
        if (!value) return refused(one, value.error());
        append(bytes, static_cast<std::uint32_t>(*value), 8U * one.size);
    }
    return true;
}

bool Dma2d::write_bytes(Address at, const std::vector<std::uint8_t>& bytes) {
    while (written_ < bytes.size()) {
        const Address here = at + written_;
        const bool word = here % 4 == 0 && bytes.size() - written_ >= 4;
        const Access one = access(here, word ? 4 : 1, Op::write);
        std::uint32_t value = 0;
        for (unsigned i = 0; i < one.size; ++i) value |= std::uint32_t{bytes[written_ + i]} << (8 * i);
        const auto done = bus_.write(one, value);
        if (running_ == 0) return false;
        if (!done) return refused(one, done.error());
        written_ += one.size;
    }
    return true;
}

/// The next line as it goes to memory.
bool Dma2d::output_line(std::vector<std::uint8_t>& out) {
    const std::uint32_t pixels = regs_.get<"NLR.PL">();
    std::vector<std::uint8_t> front, back;
    if (reads_front() && !read_bytes(front_.line, line_bytes(pixels, front_.bits), front)) return false;
    if (reads_back() && !read_bytes(back_.line, line_bytes(pixels, back_.bits), back)) return false;
    if (mode() == Mode::copy) {
        out = std::move(front);
        return true;
    }
    const Conversion of_front = conversion(true), of_back = conversion(false);
    const bool invert = regs_.get<"OPFCCR.AI">() != 0, swap = regs_.get<"OPFCCR.RBS">() != 0;
    for (std::uint32_t n = 0; n < pixels; ++n) {
        if (mode() == Mode::fill) {  // OCOLR has the output format already
            append(out, regs_.get<"OCOLR">(), output_.bits);
            continue;
        }
        Pixel pixel = reads_front() ? unpack(pixel_at(front, n, front_.bits), of_front) : fixed(of_front);
        if (mode() != Mode::convert)
            pixel =
                blend(pixel, reads_back() ? unpack(pixel_at(back, n, back_.bits), of_back) : fixed(of_back));
        append(out, pack(pixel, output_format(), invert, swap), output_.bits);
    }
    if (regs_.get<"OPFCCR.SB">() != 0)
        for (std::size_t i = 0; i + 1 < out.size(); i += 2) std::swap(out[i], out[i + 1]);
    return true;
}

bool Dma2d::line() {
    if (pending_.empty()) {
        std::vector<std::uint8_t> out;
        if (!output_line(out)) return false;
        pending_ = std::move(out);
        written_ = 0;
    }
    if (!write_bytes(output_.line, pending_)) return false;
    pending_.clear();
    const std::uint32_t pixels = regs_.get<"NLR.PL">();
    for (Plane* plane : {&front_, &back_, &output_})
        plane->line += line_bytes(pixels, plane->bits) + plane->skip;
    if (++lines_done_ == regs_.get<"LWR.LW">()) set_flag(Flag::watermark);
    if (lines_done_ == regs_.get<"NLR.NL">()) {
        stop();
        set_flag(Flag::complete);
    }
    return true;
}

/// The automatic loading of a colour table.
bool Dma2d::clut(unsigned which) {
    const bool front = which == kForegroundClut;
    const std::uint32_t entries = (front ? regs_.get<"FGPFCCR.CS">() : regs_.get<"BGPFCCR.CS">()) + 1;
    const bool words = (front ? regs_.get<"FGPFCCR.CCM">() : regs_.get<"BGPFCCR.CCM">()) == 0;
    const unsigned bits = words ? 32 : 24;
    std::vector<std::uint8_t> bytes;
    if (!read_bytes(front ? regs_.get<"FGCMAR">() : regs_.get<"BGCMAR">(), entries * bits / 8, bytes))
        return false;
    for (std::uint32_t n = 0; n < entries; ++n)
        clut_[front ? 0 : 1][n] = pixel_at(bytes, n, bits) | (words ? 0 : 0xFF00'0000U);
    running_ &= ~(1U << which);
    if (front)
        regs_.set<"FGPFCCR.START">(0);
    else
        regs_.set<"BGPFCCR.START">(0);
    set_flag(Flag::clut_complete);
    return true;
}

}  // namespace h7::dma2d

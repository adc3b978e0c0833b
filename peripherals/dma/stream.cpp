// What a stream moves, item by item (RM0399 16.3.8 to 16.3.15).
#include <algorithm>

#include "peripherals/dma/dma.hpp"

namespace h7::dma {
namespace {

constexpr std::uint32_t kCyclesPerItem = 4;  // a read and a write of two AHB cycles each (decision 0160)
constexpr std::uint32_t kRow = 256;          // items of a memory-to-memory copy for one event

constexpr unsigned bytes_of(std::uint32_t size_field) { return 1U << std::min(size_field, 2U); }

}  // namespace

unsigned Dma::peripheral_size(unsigned s) const { return bytes_of(regs_.get<"SxCR.PSIZE">(s)); }
unsigned Dma::memory_size(unsigned s) const { return bytes_of(regs_.get<"SxCR.MSIZE">(s)); }

Access Dma::access(Address address, unsigned size, Op op) const {
    // The AHB has no unaligned transfers: low address bits do not count.
    return {address & ~(size - 1U), static_cast<std::uint8_t>(size), op, master_};
}

void Dma::begin_round(unsigned s) {
    Stream& stream = streams_[s];
    regs_.set<"SxNDTR">(stream.programmed, s);
    stream.round = stream.programmed;
    stream.fetched = stream.delivered = 0;
    stream.half_told = false;
    stream.peripheral = regs_.get<"SxPAR">(s);
    const bool second = regs_.get<"SxCR.DBM">(s) != 0 && regs_.get<"SxCR.CT">(s) != 0;
    stream.memory = second ? regs_.get<"SxM1AR">(s) : regs_.get<"SxM0AR">(s);
}

// --- whose turn ---

/// Bytes read from the peripheral side that are due at the memory.
bool Dma::must_drain(unsigned s) const {
    if (direction(s) == Direction::to_peripheral) return false;
    const unsigned level = streams_[s].fifo.size();
    if (level == 0) return false;
    const unsigned limit = direct(s) ? peripheral_size(s) : threshold(s);
    return level >= limit || regs_.get<"SxNDTR">(s) == 0;
}

/// Nothing stands ready for the peripheral: the first item of a round, or a slave held the memory port.
bool Dma::must_fill(unsigned s) const {
    return direction(s) == Direction::to_peripheral && streams_[s].fifo.size() < peripheral_size(s) &&
           regs_.get<"SxNDTR">(s) != 0;
}

bool Dma::has_work(unsigned s) const {
    if (!enabled(s)) return false;
    if (must_drain(s) || must_fill(s)) return true;
    if (regs_.get<"SxNDTR">(s) == 0) return false;
    if (direction(s) == Direction::memory_to_memory) return true;
    return direction(s) != Direction::reserved && streams_[s].request != nullptr &&
           streams_[s].request->level();
}

std::uint32_t Dma::items_in_a_row(unsigned s) const {
    if (must_drain(s) || must_fill(s)) return 1;
    const std::uint32_t left = regs_.get<"SxNDTR">(s);
    if (direction(s) == Direction::memory_to_memory) {
        const std::uint32_t after_half = streams_[s].round / 2;  // HTIF comes when so many are left
        return std::min(left > after_half ? left - after_half : left, kRow);
    }
    const std::uint32_t burst = regs_.get<"SxCR.PBURST">(s);
    return std::min(left, burst == 0 ? 1U : 2U << burst);
}

/// By priority, then by number; a memory-to-memory stream that was just served lets the others of its
/// priority in (decision 0161).
std::optional<DmaEngine::Work> Dma::next_work() {
    touch();
    const unsigned last = engine_.working_for().value_or(last_);
    const auto rank = [&](unsigned s) {
        const bool steps_back = s == last && direction(s) == Direction::memory_to_memory;
        return 2 * regs_.get<"SxCR.PL">(s) + (steps_back ? 0 : 1);
    };
    std::optional<unsigned> first;
    bool alone = true;
    for (unsigned s = 0; s < kStreams; ++s) {
        if (!has_work(s)) continue;
        alone = !first;
        if (!first || rank(s) > rank(*first)) first = s;
    }
    if (!first) return std::nullopt;
    const bool row = alone || direction(*first) != Direction::memory_to_memory;
    return DmaEngine::Work{*first, row ? items_in_a_row(*first) : 1, kCyclesPerItem};
}

/// Once for each request: an item, or with PBURST the last one of the burst.
void Dma::acknowledge(unsigned s) {
    const std::uint32_t left = regs_.get<"SxNDTR">(s), burst = regs_.get<"SxCR.PBURST">(s);
    const bool inside = burst != 0 && left != 0 && (streams_[s].round - left) % (2U << burst) != 0;
    if (!inside && streams_[s].request != nullptr) streams_[s].request->acknowledge();
}

DmaEngine::Served Dma::serve(unsigned s, std::uint32_t items) {
    touch();
    last_ = s;
    wait_until_ = 0;
    DmaEngine::Served served;
    if (direction(s) == Direction::memory_to_memory) served.items = copy_at_once(s, items);
    for (; served.items < items && enabled(s) && wait_until_ == 0; ++served.items)
        if (item(s) != Step::done) break;
    served.wait_until = wait_until_;
    held_ = wait_until_ != 0 ? s : kStreams;
    if (held_ == s && streams_[s].request != nullptr && streams_[s].request->level()) note_starving(s);
    return served;
}

/// The peripheral asks while the memory is not granted (RM0399 16.3.20). Nothing is lost and the stream goes
/// on: what to do is the software's decision.
void Dma::note_starving(unsigned s) {
    const Fifo& fifo = streams_[s].fifo;
    if (direction(s) == Direction::to_peripheral && fifo.size() < peripheral_size(s))
        return set_flag(s, Flag::fifo_error);  // underrun
    if (direction(s) != Direction::from_peripheral || regs_.get<"SxNDTR">(s) == 0) return;
    if (direct(s) && regs_.get<"SxCR.MINC">(s) == 0 && fifo.size() > 0)
        set_flag(s, Flag::direct_mode_error);  // two items for one place
    else if (fifo.room() < peripheral_size(s))
        set_flag(s, Flag::fifo_error);  // overrun
}

Dma::Step Dma::item(unsigned s) {
    Step step = Step::done;
    if (must_drain(s)) {
        step = drain(s, regs_.get<"SxNDTR">(s) == 0);
    } else if (must_fill(s)) {
        return fill(s);
    } else {
        step = direction(s) == Direction::to_peripheral ? give_to_peripheral(s) : take_from_peripheral(s);
    }
    if (step == Step::ended || !enabled(s)) return Step::ended;
    progress(s);
    return step;
}

// --- the two ports ---

Dma::Step Dma::refused(unsigned s, const Access& access, const BusFault& fault) {
    if (fault.kind == BusFault::Kind::wait) {
        wait_until_ = fault.until;
        return Step::waits;
    }
    if (trace_ != nullptr && trace_->on())
        trace_->line(Topic::bus, refusal_text(name(), "stream " + std::to_string(s), access, fault,
                                              "TEIF" + std::to_string(s) + " set, EN cleared"));
    regs_.set<"SxCR.EN">(0, s);
    streams_[s].fifo.clear();
    set_flag(s, Flag::transfer_error);
    return Step::ended;
}

void Dma::advance_peripheral(unsigned s) {
    if (regs_.get<"SxCR.PINC">(s) == 0) return;
    streams_[s].peripheral += regs_.get<"SxCR.PINCOS">(s) != 0 ? 4 : peripheral_size(s);
}

void Dma::advance_memory(unsigned s) {
    if (regs_.get<"SxCR.MINC">(s) != 0) streams_[s].memory += memory_size(s);
}

Dma::Step Dma::read_into_fifo(unsigned s, Address address, unsigned size) {
    const Access from = access(address, size, Op::read);
    const auto value = bus_.read(from);
    if (!enabled(s)) return Step::ended;  // the access switched its own stream off
    if (!value) return refused(s, from, value.error());
    streams_[s].fifo.push(static_cast<std::uint32_t>(*value), size);
    return Step::done;
}

Dma::Step Dma::take_from_peripheral(unsigned s) {
    Stream& stream = streams_[s];
    if (const Step step = read_into_fifo(s, stream.peripheral, peripheral_size(s)); step != Step::done)
        return step;
    advance_peripheral(s);
    regs_.set<"SxNDTR">(regs_.get<"SxNDTR">(s) - 1, s);
    if (direction(s) == Direction::from_peripheral) acknowledge(s);
    return must_drain(s) ? drain(s, regs_.get<"SxNDTR">(s) == 0) : Step::done;
}

Dma::Step Dma::give_to_peripheral(unsigned s) {
    Stream& stream = streams_[s];
    const unsigned size = peripheral_size(s);
    const Access to = access(stream.peripheral, size, Op::write);
    const auto done = bus_.write(to, stream.fifo.front(size));
    if (!enabled(s)) return Step::ended;
    if (!done) return refused(s, to, done.error());
    stream.fifo.pop(size);
    stream.delivered += size;
    advance_peripheral(s);
    regs_.set<"SxNDTR">(regs_.get<"SxNDTR">(s) - 1, s);
    acknowledge(s);
    if (regs_.get<"SxNDTR">(s) == 0 || (!direct(s) && stream.fifo.size() > threshold(s))) return Step::done;
    return fill(s) == Step::ended ? Step::ended : Step::done;  // a wait is taken up again by must_fill()
}

/// From memory up to a full FIFO (direct mode: one item), not beyond the round.
Dma::Step Dma::fill(unsigned s) {
    Stream& stream = streams_[s];
    const unsigned size = memory_size(s);
    const unsigned capacity = direct(s) ? size : Fifo::kBytes;
    const std::uint32_t all = stream.round * peripheral_size(s);
    while (stream.fifo.size() + size <= capacity && stream.fetched < all) {
        if (const Step step = read_into_fifo(s, stream.memory, size); step != Step::done) return step;
        stream.fetched += size;
        advance_memory(s);
    }
    return Step::done;
}

/// Whole memory items, at the end of the round also an incomplete one: its missing bytes are 0.
Dma::Step Dma::drain(unsigned s, bool to_the_end) {
    Stream& stream = streams_[s];
    const unsigned size = memory_size(s);
    while (stream.fifo.size() >= size || (to_the_end && stream.fifo.size() > 0)) {
        const Access to = access(stream.memory, size, Op::write);
        const auto done = bus_.write(to, stream.fifo.front(size));
        if (!enabled(s)) return Step::ended;
        if (!done) return refused(s, to, done.error());
        stream.delivered += std::min(size, stream.fifo.size());
        stream.fifo.pop(size);
        advance_memory(s);
    }
    return Step::done;
}

/// Items of a memory-to-memory copy at one stroke, where that is the same: as many as leave the FIFO empty.
std::uint32_t Dma::copy_at_once(unsigned s, std::uint32_t items) {
    Stream& stream = streams_[s];
    const unsigned from = peripheral_size(s), to = memory_size(s);
    const std::uint32_t left = regs_.get<"SxNDTR">(s);
    if (items > left || stream.fifo.size() != 0 || regs_.get<"SxCR.PINCOS">(s) != 0) return 0;
    if (regs_.get<"SxCR.PINC">(s) == 0 || regs_.get<"SxCR.MINC">(s) == 0) return 0;
    if (items < left || items * from % to != 0) items -= items % (threshold(s) / from);
    const std::uint32_t bytes = items * from;
    const auto beat = static_cast<std::uint8_t>(std::max(from, to));
    if (items == 0 || !bus_.copy({stream.peripheral, stream.memory, bytes, beat, master_})) return 0;
    stream.peripheral += bytes;
    stream.memory += bytes;
    stream.delivered += bytes;
    regs_.set<"SxNDTR">(left - items, s);
    progress(s);
    return items;
}

// --- half and end ---

void Dma::progress(unsigned s) {
    Stream& stream = streams_[s];
    const std::uint32_t all = stream.round * peripheral_size(s);
    if (!stream.half_told && 2 * stream.delivered >= all) {
        stream.half_told = true;
        set_flag(s, Flag::half);
    }
    if (regs_.get<"SxNDTR">(s) == 0 && !must_drain(s)) end_round(s);
}

void Dma::end_round(unsigned s) {
    const bool again = regs_.get<"SxCR.CIRC">(s) != 0 && direction(s) != Direction::memory_to_memory;
    if (again) {
        if (regs_.get<"SxCR.DBM">(s) != 0) regs_.set<"SxCR.CT">(regs_.get<"SxCR.CT">(s) ^ 1U, s);
        begin_round(s);
    } else {
        regs_.set<"SxCR.EN">(0, s);
        if (direction(s) == Direction::to_peripheral && streams_[s].request != nullptr)
            streams_[s].request->complete();
    }
    set_flag(s, Flag::complete);
}

}  // namespace h7::dma

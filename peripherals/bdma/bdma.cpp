#include "peripherals/bdma/bdma.hpp"

#include <algorithm>

namespace h7::bdma {
namespace {

constexpr std::uint32_t kCyclesPerItem = 5;  // read, write and the arbitration before them (decision 0160)
constexpr std::uint32_t kRow = 256;          // items of a memory-to-memory copy for one event

// What may be written while the channel is on: EN and the interrupt enables.
constexpr std::uint32_t kOpen = 0xF;

constexpr unsigned bytes_of(std::uint32_t size_field) { return 1U << std::min(size_field, 2U); }

Access access(Address address, unsigned size, Op op) {
    return {address & ~(size - 1U), static_cast<std::uint8_t>(size), op, Master::bdma};
}

}  // namespace

Bdma::Bdma(Clock& clock, BusPort& bus)
    : RegisterBlock("BDMA", 0x5802'5400, 0x400), bus_(bus), engine_(clock, "BDMA", *this) {}

void Bdma::connect(unsigned channel, DmaRequest& request) {
    channels_[channel].request = &request;
    request.connect([this](bool level) {
        if (level) engine_.look();
    });
}

BusResult<std::uint64_t> Bdma::read(const Access& access) {
    if (access.size != 4) return std::uint64_t{0};
    engine_.catch_up();
    return RegisterBlock::read(access);
}

BusResult<void> Bdma::write(const Access& access, std::uint64_t value) {
    if (access.size != 4) return {};
    engine_.catch_up();
    return RegisterBlock::write(access, value);
}

// --- registers ---

bool Bdma::flag(unsigned c, Flag which) const {
    return test_bit(regs_.get<"ISR">(), 4 * c + static_cast<unsigned>(which));
}

/// GIF is high while one of the others is.
void Bdma::set_flag(unsigned c, Flag which) {
    regs_.set<"ISR">(regs_.get<"ISR">() | (1U | 1U << static_cast<unsigned>(which)) << (4 * c));
    drive(c);
}

BusResult<void> Bdma::flags_cleared(const RegisterWrite& write) {
    std::uint32_t flags = regs_.get<"ISR">();
    for (unsigned c = 0; c < kChannels; ++c) {
        const std::uint32_t asked = write.value >> (4 * c) & 0xF;
        std::uint32_t now = flags >> (4 * c) & 0xF;
        now = test_bit(asked, 0) ? 0 : now & ~asked;  // CGIF clears all
        if ((now & 0xE) == 0) now = 0;
        flags = insert(flags, 4 * c + 3, 4 * c, now);
    }
    regs_.set<"ISR">(flags);
    for (unsigned c = 0; c < kChannels; ++c) drive(c);
    return {};
}

void Bdma::drive(unsigned c) {
    irq[c].set((regs_.get<"CCR.TCIE">(c) != 0 && flag(c, Flag::complete)) ||
               (regs_.get<"CCR.HTIE">(c) != 0 && flag(c, Flag::half)) ||
               (regs_.get<"CCR.TEIE">(c) != 0 && flag(c, Flag::error)));
}

BusResult<void> Bdma::control_written(const RegisterWrite& write) {
    const unsigned c = write.index;
    const bool was_on = RegisterFile<Bdma>::field<"CCR.EN">(write.old) != 0;
    if (was_on) regs_.set<"CCR">((write.old & ~kOpen) | (regs_.get<"CCR">(c) & kOpen), c);
    if (flag(c, Flag::error)) regs_.set<"CCR.EN">(0, c);  // not before TEIF is cleared (RM0399 17.4.7)
    drive(c);
    if (!was_on && enabled(c)) {
        channels_[c].round = regs_.get<"CNDTR">(c);
        begin_round(c);
        engine_.look();
    }
    if (was_on && !enabled(c)) {
        channels_[c].has_value = false;
        engine_.drop(c);
    }
    return {};
}

BusResult<void> Bdma::count_written(const RegisterWrite& write) {
    if (enabled(write.index)) regs_.set<"CNDTR">(write.old, write.index);
    return {};
}

/// CT names the memory also without DBM (RM0399 17.4.5).
void Bdma::begin_round(unsigned c) {
    Channel& channel = channels_[c];
    regs_.set<"CNDTR">(channel.round, c);
    channel.peripheral = regs_.get<"CPAR">(c);
    channel.memory = regs_.get<"CCR.CT">(c) != 0 ? regs_.get<"CM1AR">(c) : regs_.get<"CM0AR">(c);
    channel.has_value = false;
}

// --- transfers ---

bool Bdma::has_work(unsigned c) const {
    if (!enabled(c) || regs_.get<"CNDTR">(c) == 0) return false;
    if (regs_.get<"CCR.MEM2MEM">(c) != 0) return true;
    return channels_[c].has_value || (channels_[c].request != nullptr && channels_[c].request->level());
}

/// By priority, then by number; a memory-to-memory channel that was just served lets anybody else in
/// (RM0399 17.4.4).
std::optional<DmaEngine::Work> Bdma::next_work() {
    touch();
    std::optional<unsigned> first;
    const unsigned last = engine_.working_for().value_or(last_);
    const bool lets_in = last < kChannels && regs_.get<"CCR.MEM2MEM">(last) != 0;
    for (const bool again : {false, true}) {
        for (unsigned c = 0; c < kChannels; ++c)
            if (has_work(c) && (again || !lets_in || c != last) &&
                (!first || regs_.get<"CCR.PL">(c) > regs_.get<"CCR.PL">(*first)))
                first = c;
        if (first) break;
    }
    if (!first) return std::nullopt;
    const std::uint32_t left = regs_.get<"CNDTR">(*first), after_half = channels_[*first].round / 2;
    std::uint32_t items = 1;
    bool alone = regs_.get<"CCR.MEM2MEM">(*first) != 0;
    for (unsigned c = 0; c < kChannels && alone; ++c) alone = c == *first || !has_work(c);
    if (alone) items = std::min(left > after_half ? left - after_half : left, kRow);
    return DmaEngine::Work{*first, items, kCyclesPerItem};
}

DmaEngine::Served Bdma::serve(unsigned c, std::uint32_t items) {
    touch();
    wait_until_ = 0;
    last_ = c;
    DmaEngine::Served served;
    if (regs_.get<"CCR.MEM2MEM">(c) != 0) served.items = copy_at_once(c, items);
    for (; served.items < items && enabled(c); ++served.items)
        if (!item(c)) break;
    served.wait_until = wait_until_;
    return served;
}

bool Bdma::item(unsigned c) {
    if (regs_.get<"CNDTR">(c) == 0) return false;
    Channel& channel = channels_[c];
    const unsigned peripheral = bytes_of(regs_.get<"CCR.PSIZE">(c)),
                   memory = bytes_of(regs_.get<"CCR.MSIZE">(c));
    const bool out = regs_.get<"CCR.DIR">(c) != 0;
    const bool done = out ? move(c, access(channel.memory, memory, Op::read),
                                 access(channel.peripheral, peripheral, Op::write))
                          : move(c, access(channel.peripheral, peripheral, Op::read),
                                 access(channel.memory, memory, Op::write));
    if (!done) return false;
    if (channel.request != nullptr && regs_.get<"CCR.MEM2MEM">(c) == 0) channel.request->acknowledge();
    if (!enabled(c)) return false;
    moved(c, 1);
    return true;
}

/// One read, one write of another size: extended with zeros or cut (RM0399 table 122).
bool Bdma::move(unsigned c, const Access& from, const Access& to) {
    Channel& channel = channels_[c];
    if (!channel.has_value) {
        const auto value = bus_.read(from);
        if (!enabled(c)) return false;
        if (!value) return refused(c, from, value.error());
        channel.value = static_cast<std::uint32_t>(*value);
        channel.has_value = true;
    }
    const std::uint32_t all = to.size == 4 ? ~0U : (1U << 8 * to.size) - 1U;
    const auto done = bus_.write(to, channel.value & all);
    if (!enabled(c)) return false;
    if (!done) return refused(c, to, done.error());
    channel.has_value = false;
    return true;
}

bool Bdma::refused(unsigned c, const Access& access, const BusFault& fault) {
    if (fault.kind == BusFault::Kind::wait) {
        wait_until_ = fault.until;
        return false;
    }
    if (trace_ != nullptr && trace_->on())
        trace_->line(Topic::bus, refusal_text(name(), "channel " + std::to_string(c), access, fault,
                                              "TEIF" + std::to_string(c) + " set, EN cleared"));
    channels_[c].has_value = false;
    regs_.set<"CCR.EN">(0, c);
    set_flag(c, Flag::error);
    return false;
}

std::uint32_t Bdma::copy_at_once(unsigned c, std::uint32_t items) {
    Channel& channel = channels_[c];
    const std::uint32_t size = regs_.get<"CCR.PSIZE">(c);
    if (items > regs_.get<"CNDTR">(c) || channel.has_value || size != regs_.get<"CCR.MSIZE">(c)) return 0;
    if (regs_.get<"CCR.PINC">(c) == 0 || regs_.get<"CCR.MINC">(c) == 0) return 0;
    const bool out = regs_.get<"CCR.DIR">(c) != 0;
    const Address from = out ? channel.memory : channel.peripheral;
    const Address to = out ? channel.peripheral : channel.memory;
    const auto beat = static_cast<std::uint8_t>(bytes_of(size));
    if (!bus_.copy({from, to, items * beat, beat, Master::bdma})) return 0;
    moved(c, items);
    return items;
}

void Bdma::moved(unsigned c, std::uint32_t items) {
    Channel& channel = channels_[c];
    if (regs_.get<"CCR.PINC">(c) != 0) channel.peripheral += items * bytes_of(regs_.get<"CCR.PSIZE">(c));
    if (regs_.get<"CCR.MINC">(c) != 0) channel.memory += items * bytes_of(regs_.get<"CCR.MSIZE">(c));
    const std::uint32_t before = regs_.get<"CNDTR">(c), left = before - items;
    regs_.set<"CNDTR">(left, c);
    const std::uint32_t after_half = channel.round / 2;
    if (before > after_half && left <= after_half) set_flag(c, Flag::half);
    if (left != 0) return;
    if (regs_.get<"CCR.CIRC">(c) != 0 && regs_.get<"CCR.MEM2MEM">(c) == 0) {
        if (regs_.get<"CCR.DBM">(c) != 0) regs_.set<"CCR.CT">(regs_.get<"CCR.CT">(c) ^ 1U, c);
        begin_round(c);
    }
    set_flag(c, Flag::complete);  // EN stays: the channel has nothing left to do (RM0399 17.4.5)
}

// --- state ---

void Bdma::reset(ResetKind) {
    engine_.reset();
    regs_.reset();
    last_ = kChannels;
    for (unsigned c = 0; c < kChannels; ++c) {
        DmaRequest* request = channels_[c].request;
        channels_[c] = {};
        channels_[c].request = request;
        drive(c);
    }
}

void Bdma::save(StateWriter& out) const {
    RegisterBlock::save(out);
    engine_.save(out);
    out.u8(static_cast<std::uint8_t>(last_));
    for (const Channel& channel : channels_) {
        for (const std::uint32_t word : {channel.round, channel.peripheral, channel.memory, channel.value})
            out.u32(word);
        out.flag(channel.has_value);
    }
}

void Bdma::load(StateReader& in) {
    RegisterBlock::load(in);
    engine_.load(in, kChannels);
    last_ = in.u8();
    for (unsigned c = 0; c < kChannels; ++c) {
        Channel& channel = channels_[c];
        for (std::uint32_t* word : {&channel.round, &channel.peripheral, &channel.memory, &channel.value})
            *word = in.u32();
        channel.has_value = in.flag();
        drive(c);
    }
}

}  // namespace h7::bdma

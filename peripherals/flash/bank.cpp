#include "peripherals/flash/bank.hpp"

#include <algorithm>
#include <cstring>

#include "emulator/base/bits.hpp"

namespace h7::flash {

Array::Array(std::size_t size) : cells_(size), states_(size / kWord) {
    std::memset(cells_.data(), 0xFF, size);
}

bool Array::erased(std::size_t offset, std::size_t size) const {
    const std::uint8_t* const bytes = cells_.data() + offset;
    static_assert(WordState::erased == WordState{0} && sizeof(WordState) == 1);
    const auto first = states_.begin() + static_cast<std::ptrdiff_t>(offset / kWord);
    return bytes[0] == 0xFF && std::memcmp(bytes, bytes + 1, size - 1) == 0 &&
           std::all_of(first, first + static_cast<std::ptrdiff_t>(size / kWord),
                       [](WordState s) { return s == WordState::erased; }) &&
           writers_.none(offset / kWord, size / kWord);
}

void Array::erase(std::size_t offset, std::size_t size) {
    for (std::size_t at = offset, end = 0; at < offset + size; at = end) {
        end = std::min(align_down(at, HostMemory::kPage) + HostMemory::kPage, offset + size);
        if (!erased(at, end - at)) erase_page(at, end - at);
    }
}

void Array::erase_page(std::size_t offset, std::size_t size) {
    std::memset(cells_.data() + offset, 0xFF, size);
    cells_.mark(offset, size);
    WordState* const first = states_.data() + offset / kWord;
    if (flagged_ != 0) flagged_ -= static_cast<unsigned>(std::count_if(first, first + size / kWord, flagged));
    std::memset(first, 0, size / kWord);
    writers_.forget(offset / kWord, size / kWord);
}

bool Array::program(std::uint32_t offset, const WordData& next, const FirstWriter& who) {
    const std::size_t n = offset / kWord;
    const WordState before = states_[n];
    const WordState after = program_word(cells_.bytes().subspan(offset, kWord), before, next);
    if (before == WordState::erased && after != before) writers_.set(n, who);
    set_state(offset, after);
    return flagged(before) != flagged(after);
}

void Array::tear_program(std::uint32_t offset, const WordData& next, const FirstWriter& who,
                         SeededRandom& random) {
    if (state(offset) == WordState::erased) writers_.set(offset / kWord, who);
    tear_word(cells_.bytes().subspan(offset, kWord), next, random);
    set_state(offset, WordState::ecc_double);
}

void Array::tear_erase(std::uint32_t offset, std::uint32_t size, SeededRandom& random) {
    for (std::uint32_t at = offset; at < offset + size; at += kWord) {
        const std::uint64_t fate = random.next() % 3;
        if (fate == 0) continue;
        const FirstWriter first = first_writer(at);
        erase(at, kWord);
        if (fate == 1) continue;
        if (first.known()) writers_.set(at / kWord, first);
        random.fill(cells_.bytes().subspan(at, kWord));
        set_state(at, WordState::ecc_double);
    }
}

void Array::set_state(std::uint32_t offset, WordState state) {
    WordState& slot = states_[offset / kWord];
    if (flagged(slot)) --flagged_;
    if (flagged(state)) ++flagged_;
    slot = state;
    cells_.mark(offset, kWord);  // every change of a word's bytes comes with its state
}

bool Array::any_flagged(std::uint32_t offset, std::uint32_t size) const {
    if (flagged_ == 0) return false;
    const auto first = states_.begin() + offset / kWord;
    return std::any_of(first, first + size / kWord, flagged);
}

ArrayImage Array::image() const {
    return {Bytes(cells_.data(), cells_.data() + cells_.size()), states_, writers_};
}

void Array::set_image(const ArrayImage& image) {
    erase(0, cells_.size());
    std::copy_n(image.data.begin(), std::min(image.data.size(), cells_.size()), cells_.data());
    for (std::size_t n = 0; n < std::min(image.words.size(), states_.size()); ++n)
        if (image.words[n] != WordState::erased)
            set_state(static_cast<std::uint32_t>(n * kWord), image.words[n]);
    writers_ = image.writers;
    writers_.limit(states_.size());
}

void Array::save(StateWriter& out) const {
    out.bytes(cells_.bytes());
    out.bytes({reinterpret_cast<const std::uint8_t*>(states_.data()), states_.size()});
    writers_.save(out);
}

void Array::load(StateReader& in) {
    in.bytes_into(cells_.bytes());
    Bytes states(states_.size());
    in.bytes_into(states);
    std::transform(states.begin(), states.end(), states_.begin(),
                   [](std::uint8_t s) { return static_cast<WordState>(s & 3U); });
    flagged_ = static_cast<unsigned>(std::count_if(states_.begin(), states_.end(), flagged));
    cells_.mark(0, cells_.size());
    writers_.load(in, states_.size());
}

void Array::put_back(const Copy& copy, std::size_t page) {
    const std::size_t first = page * HostMemory::kPage,
                      size = std::min(HostMemory::kPage, cells_.size() - first);
    std::memcpy(cells_.data() + first, copy.cells.data() + first, size);
    for (std::size_t n = first / kWord; n < (first + size) / kWord; ++n) {
        if (flagged(states_[n])) --flagged_;
        if (flagged(copy.states[n])) ++flagged_;
        states_[n] = copy.states[n];
    }
    writers_.forget(first / kWord, size / kWord);
    for (std::size_t n = first / kWord; n < (first + size) / kWord; ++n)
        if (const FirstWriter who = copy.writers.of(n); who.known()) writers_.set(n, who);
}

void Bank::report_ecc(std::uint32_t flag, std::uint32_t offset) {
    if ((flags & (sr::kSneccerr | sr::kDbeccerr)) == 0) ecc_fa = offset / kWord;
    flags |= flag;
}

void Bank::clear(std::uint32_t which) {
    const bool had_ecc = (flags & (sr::kSneccerr | sr::kDbeccerr)) != 0;
    flags &= ~which;
    if (had_ecc && (flags & (sr::kSneccerr | sr::kDbeccerr)) == 0) ecc_fa = 0;
}

void Bank::reset() {
    flags = 0;
    ecc_fa = 0;
    buffer.discard();
    running.reset();
    waiting_write.reset();
    waiting_erase.reset();
    event = 0;
}

namespace {

void save_operation(StateWriter& out, const std::optional<Operation>& op) {
    out.flag(op.has_value());
    const Operation o = op.value_or(Operation{});
    out.u8(static_cast<std::uint8_t>(o.kind));
    out.u32(o.target);
    out.u32(o.size);
    out.bytes(o.data);
    out.u8(static_cast<std::uint8_t>(o.master));
    out.u8(static_cast<std::uint8_t>(o.context));
    out.u64(o.begun);
    out.u32(o.pc);
}

std::optional<Operation> load_operation(StateReader& in) {
    const bool there = in.flag();
    Operation o;
    o.kind = static_cast<Operation::Kind>(in.u8() % 5);
    o.target = in.u32();
    o.size = in.u32();
    in.bytes_into(o.data);
    o.master = static_cast<Master>(in.u8() % kMasters);
    o.context = static_cast<Context>(in.u8() & 3U);
    o.begun = in.u64();
    o.pc = in.u32();
    return there ? std::optional(o) : std::nullopt;
}

}  // namespace

void Bank::save(StateWriter& out, bool with_cells) const {
    if (with_cells) {
        user.save(out);
        system.save(out);
    }
    out.u32(flags);
    out.u32(ecc_fa);
    buffer.save(out);
    save_operation(out, running);
    save_operation(out, waiting_write);
    save_operation(out, waiting_erase);
    out.u64(ends);
}

void Bank::load(StateReader& in, bool with_cells) {
    if (with_cells) {
        user.load(in);
        system.load(in);
    }
    flags = in.u32();
    ecc_fa = in.u32();
    buffer.load(in);
    running = load_operation(in);
    waiting_write = load_operation(in);
    waiting_erase = load_operation(in);
    ends = in.u64();
    event = 0;
}

}  // namespace h7::flash

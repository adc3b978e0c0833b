// What a channel moves: buffers, blocks, repeated blocks, linked lists (RM0399 15.3.4 to 15.3.15).
#include <algorithm>

#include "peripherals/mdma/mdma.hpp"

namespace h7::mdma {
namespace {

constexpr std::uint32_t kCyclesPerBuffer = 4;  // arbitration and the FIFO (decision 0160)
constexpr std::uint32_t kRow = 64;             // buffers for one event

// CxESR
constexpr std::uint32_t kDirection = 1U << 7, kLinkData = 1U << 8, kMaskData = 1U << 9,
                        kAddressSize = 1U << 10, kBlockSize = 1U << 11;

/// The TCM port leads to the TCMs and nowhere else, the system port everywhere else.
bool is_tcm(Address a) { return a <= 0x0000'FFFF || (a >= 0x2000'0000 && a <= 0x2001'FFFF); }

Access access(Address address, unsigned size, Op op) {
    return {address, static_cast<std::uint8_t>(size), op, Master::mdma};
}

std::int32_t step_of(std::uint32_t mode, std::uint32_t offset) {
    const auto bytes = static_cast<std::int32_t>(1U << offset);
    return mode == 2 ? bytes : mode == 3 ? -bytes : 0;
}

Address moved_by(Address address, std::int32_t step, std::uint32_t count) {
    return address + static_cast<Address>(step) * count;
}

}  // namespace

Mdma::End Mdma::source(unsigned c) const {
    return {regs_.get<"CxSAR">(c), 1U << regs_.get<"CxTCR.SSIZE">(c),
            step_of(regs_.get<"CxTCR.SINC">(c), regs_.get<"CxTCR.SINCOS">(c)),
            regs_.get<"CxTBR.SBUS">(c) != 0, false};
}

Mdma::End Mdma::destination(unsigned c) const {
    return {regs_.get<"CxDAR">(c), 1U << regs_.get<"CxTCR.DSIZE">(c),
            step_of(regs_.get<"CxTCR.DINC">(c), regs_.get<"CxTCR.DINCOS">(c)),
            regs_.get<"CxTBR.DBUS">(c) != 0, true};
}

bool Mdma::packs(unsigned c) const {
    return regs_.get<"CxTCR.PKE">(c) != 0 || regs_.get<"CxTCR.SSIZE">(c) == regs_.get<"CxTCR.DSIZE">(c);
}

std::uint32_t Mdma::buffer_size(unsigned c) const {
    return std::min(regs_.get<"CxTCR.TLEN">(c) + 1, regs_.get<"CxBNDTR.BNDT">(c));
}

std::uint32_t Mdma::cycles_of(unsigned c, std::uint32_t bytes) const {
    const std::uint32_t reads = bytes / source(c).size;
    const std::uint32_t writes = packs(c) ? bytes / destination(c).size : reads;
    return kCyclesPerBuffer + reads + writes;
}

// --- whose turn ---

std::optional<DmaEngine::Work> Mdma::next_work() {
    touch();
    std::optional<unsigned> first;
    for (unsigned c = 0; c < kChannels; ++c)
        if (enabled(c) && regs_.get<"CxISR.CRQA">(c) != 0 && regs_.get<"CxBNDTR.BNDT">(c) != 0 &&
            (!first || regs_.get<"CxCR.PL">(c) > regs_.get<"CxCR.PL">(*first)))
            first = c;
    if (!first) return std::nullopt;
    const std::uint32_t bytes = buffer_size(*first);
    // Buffers in a row up to the end of the block, unless each of them is waited for.
    const bool many = regs_.get<"CxTCR.TRGM">(*first) != 0 && regs_.get<"CxCR.TCIE">(*first) == 0;
    const std::uint32_t whole = regs_.get<"CxBNDTR.BNDT">(*first) / bytes;
    return DmaEngine::Work{*first, many ? std::min(whole, kRow) : 1, cycles_of(*first, bytes)};
}

DmaEngine::Served Mdma::serve(unsigned c, std::uint32_t items) {
    touch();
    wait_until_ = 0;
    DmaEngine::Served served;
    served.items = copy_at_once(c, items);
    while (served.items < items && enabled(c) && regs_.get<"CxISR.CRQA">(c) != 0) {
        const std::uint32_t bytes = buffer_size(c);
        if (bytes == 0 || !move_buffer(c, bytes)) break;
        ++served.items;
    }
    served.wait_until = wait_until_;
    return served;
}

// --- a buffer ---

/// Sizes and addresses that cannot be (RM0399 15.3.15, 15.5.6).
bool Mdma::check(unsigned c, const End& end, std::uint32_t bytes) {
    if (end.tcm && end.size == 8) return wrong(c, end, "double words do not go through the TCM port", 0);
    if (end.tcm && end.step == 0) return wrong(c, end, "the TCM port needs an address that moves", 0);
    if (end.address % end.size != 0)
        return wrong(c, end, "the address is not aligned to the data size", kAddressSize);
    if (bytes % end.size != 0 && (!end.destination || packs(c)))
        return wrong(c, end, "the rest of the block is no whole data item", kBlockSize);
    if (end.tcm != is_tcm(end.address))
        return wrong(c, end,
                     end.tcm ? "the TCM port (SBUS, DBUS = 1) leads to the TCMs only"
                             : "the system port (SBUS, DBUS = 0) does not lead to the TCMs",
                     0);
    return true;
}

bool Mdma::read_items(unsigned c, const End& from, std::uint32_t count, std::vector<std::uint64_t>& items) {
    for (std::uint32_t i = 0; i < count; ++i) {
        const Access one = access(moved_by(from.address, from.step, i), from.size, Op::read);
        const auto value = bus_.read(one);
        if (!enabled(c)) return false;
        if (!value) return refused(c, one, value.error(), one.address & 0x7F);
        items.push_back(*value);
    }
    return true;
}

/// BEX, HEX, WEX: bytes in half-words, half-words in words, words in double words change places.
std::uint64_t Mdma::exchanged(unsigned c, std::uint64_t value, unsigned size) const {
    if (size >= 2 && regs_.get<"CxCR.BEX">(c) != 0)
        value = (value & 0x00FF'00FF'00FF'00FFU) << 8 | (value >> 8 & 0x00FF'00FF'00FF'00FFU);
    if (size >= 4 && regs_.get<"CxCR.HEX">(c) != 0)
        value = (value & 0x0000'FFFF'0000'FFFFU) << 16 | (value >> 16 & 0x0000'FFFF'0000'FFFFU);
    if (size == 8 && regs_.get<"CxCR.WEX">(c) != 0) value = value << 32 | value >> 32;
    return value;
}

/// Source items as destination items: packed, or each extended or cut (PKE, PAM).
std::vector<std::uint64_t> Mdma::converted(unsigned c, const std::vector<std::uint64_t>& items) const {
    const unsigned from = source(c).size, to = destination(c).size;
    std::vector<std::uint64_t> out;
    if (packs(c)) {
        std::vector<std::uint8_t> bytes;
        for (const std::uint64_t item : items)
            for (unsigned i = 0; i < from; ++i) bytes.push_back(static_cast<std::uint8_t>(item >> (8 * i)));
        for (std::size_t at = 0; at + to <= bytes.size(); at += to) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < to; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
            out.push_back(value);
        }
        return out;
    }
    const std::uint32_t mode = regs_.get<"CxTCR.PAM">(c);
    for (std::uint64_t item : items) {
        if (mode == 1 && from < to) {  // sign extended
            const unsigned unused = 64 - 8 * from;
            item = static_cast<std::uint64_t>(static_cast<std::int64_t>(item << unused) >> unused);
        }
        if (mode == 2) item = from < to ? item << (8 * (to - from)) : item >> (8 * (from - to));  // left
        out.push_back(item);
    }
    return out;
}

bool Mdma::move_buffer(unsigned c, std::uint32_t bytes) {
    const End from = source(c), to = destination(c);
    Buffer& buffer = buffers_[c];
    if (buffer.items.empty()) {
        if (!check(c, from, bytes) || !check(c, to, bytes)) return false;
        std::vector<std::uint64_t> items;
        if (!read_items(c, from, bytes / from.size, items)) return false;
        buffer = {converted(c, items), 0};
    }
    const std::uint64_t all = to.size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * to.size) - 1;
    for (; buffer.written < buffer.items.size(); ++buffer.written) {
        const std::uint64_t value = buffer.items[buffer.written] & all;
        const Access one = access(moved_by(to.address, to.step, buffer.written), to.size, Op::write);
        const auto done = bus_.write(one, exchanged(c, value, to.size) & all);
        if (!enabled(c)) return false;
        if (!done) return refused(c, one, done.error(), kDirection | (one.address & 0x7F));
    }
    const std::uint32_t written = buffer.written;
    buffer = {};
    return buffers_moved(c, bytes, written);
}

/// Whole buffers in a row at one stroke, where that is the same.
std::uint32_t Mdma::copy_at_once(unsigned c, std::uint32_t items) {
    if (!enabled(c) || !packs(c) || !buffers_[c].items.empty() || (regs_.get<"CxCR">(c) & 0x7000) != 0)
        return 0;
    const End from = source(c), to = destination(c);
    const std::uint32_t bytes = buffer_size(c), total = items * bytes;
    if (bytes == 0 || total > regs_.get<"CxBNDTR.BNDT">(c)) return 0;
    if (from.step != static_cast<std::int32_t>(from.size) || to.step != static_cast<std::int32_t>(to.size))
        return 0;
    if (bytes % from.size != 0 || bytes % to.size != 0 || (from.tcm && from.size == 8) ||
        (to.tcm && to.size == 8))
        return 0;
    if (from.tcm != is_tcm(from.address) || to.tcm != is_tcm(to.address)) return 0;
    const auto beat = static_cast<std::uint8_t>(std::max(from.size, to.size));
    if (!bus_.copy({from.address, to.address, total, beat, Master::mdma})) return 0;
    static_cast<void>(buffers_moved(c, total, total / to.size));
    return items;
}

// --- ends ---

/// Addresses and counts after `bytes`; false: the channel does not go on with this request.
bool Mdma::buffers_moved(unsigned c, std::uint32_t bytes, std::uint32_t written) {
    const End from = source(c), to = destination(c);
    regs_.set<"CxSAR">(moved_by(from.address, from.step, bytes / from.size), c);
    regs_.set<"CxDAR">(moved_by(to.address, to.step, written), c);
    const std::uint32_t left = regs_.get<"CxBNDTR.BNDT">(c) - bytes;
    regs_.set<"CxBNDTR.BNDT">(left, c);
    set_flag(c, Flag::buffer);
    if (left == 0) return block_ended(c);
    return regs_.get<"CxTCR.TRGM">(c) == 0 ? request_done(c) : true;
}

bool Mdma::block_ended(unsigned c) {
    const std::uint32_t trigger = regs_.get<"CxTCR.TRGM">(c);
    set_flag(c, Flag::block);
    if (const std::uint32_t repeats = regs_.get<"CxBNDTR.BRC">(c); repeats != 0) {
        regs_.set<"CxBNDTR.BRC">(repeats - 1, c);
        regs_.set<"CxBNDTR.BNDT">(block_[c], c);
        const Address sources = regs_.get<"CxBRUR.SUV">(c), destinations = regs_.get<"CxBRUR.DUV">(c);
        const Address sar = regs_.get<"CxSAR">(c), dar = regs_.get<"CxDAR">(c);
        regs_.set<"CxSAR">(regs_.get<"CxBNDTR.BRSUM">(c) != 0 ? sar - sources : sar + sources, c);
        regs_.set<"CxDAR">(regs_.get<"CxBNDTR.BRDUM">(c) != 0 ? dar - destinations : dar + destinations, c);
        return trigger <= 1 ? request_done(c) : true;
    }
    set_flag(c, Flag::repeat);
    const bool last = regs_.get<"CxLAR.LAR">(c) == 0;
    if (last || trigger != 3) {
        static_cast<void>(request_done(c));
        if (!enabled(c)) return false;
    }
    if (!last) return load_list(c) && regs_.get<"CxISR.CRQA">(c) != 0;
    stop(c);
    set_flag(c, Flag::channel);
    return false;
}

/// The next block as it lies in memory: TCR, BNDTR, SAR, DAR, BRUR, LAR, TBR, -, MAR, MDR.
bool Mdma::load_list(unsigned c) {
    std::array<std::uint32_t, 10> word{};
    const Address at = regs_.get<"CxLAR">(c);
    for (unsigned i = 0; i < word.size(); ++i) {
        const Access one = access(at + 4 * i, 4, Op::read);
        if (is_tcm(one.address))
            return wrong(c, {one.address, 4, 4, true, false}, "a link must lie on the system bus", kLinkData);
        const auto value = bus_.read(one);
        if (!enabled(c)) return false;
        if (!value) return refused(c, one, value.error(), kLinkData);
        word[i] = static_cast<std::uint32_t>(*value);
    }
    regs_.set<"CxTCR">(word[0], c);
    regs_.set<"CxBNDTR">(word[1] & 0xFFFD'FFFFU, c);
    regs_.set<"CxSAR">(word[2], c);
    regs_.set<"CxDAR">(word[3], c);
    regs_.set<"CxBRUR">(word[4], c);
    regs_.set<"CxLAR">(word[5] & ~7U, c);
    regs_.set<"CxTBR">(word[6] & 0x0003'003FU, c);
    regs_.set<"CxMAR">(word[8], c);
    regs_.set<"CxMDR">(word[9], c);
    block_[c] = regs_.get<"CxBNDTR.BNDT">(c);
    take_requests();
    return true;
}

/// All of the request is moved: a hardware request is answered by the write to the mask address. Whether the
/// next one waits already is seen after that: true.
bool Mdma::request_done(unsigned c) {
    regs_.set<"CxISR.CRQA">(0, c);
    if (regs_.get<"CxTCR.SWRM">(c) == 0 && regs_.get<"CxMAR">(c) != 0) {
        const Access mask = access(regs_.get<"CxMAR">(c) & ~3U, 4, Op::write);
        const auto done = bus_.write(mask, regs_.get<"CxMDR">(c));
        if (!enabled(c)) return false;
        if (!done && done.error().kind == BusFault::Kind::error)
            return refused(c, mask, done.error(), kMaskData | kDirection);
    }
    take_requests();
    return regs_.get<"CxISR.CRQA">(c) != 0;
}

// --- errors ---

void Mdma::fail(unsigned c, std::uint32_t error) {
    stop(c);
    regs_.set<"CxESR">(error, c);
    set_flag(c, Flag::error);
}

bool Mdma::refused(unsigned c, const Access& access, const BusFault& fault, std::uint32_t error) {
    if (fault.kind == BusFault::Kind::wait) {
        wait_until_ = fault.until;
        return false;
    }
    if (trace_ != nullptr && trace_->on())
        trace_->line(Topic::bus, refusal_text(name(), "channel " + std::to_string(c), access, fault,
                                              "TEIF set, EN cleared"));
    fail(c, error);
    return false;
}

bool Mdma::wrong(unsigned c, const End& end, std::string_view why, std::uint32_t error) {
    const Access one = access(end.address, end.size, end.destination ? Op::write : Op::read);
    if (error != kLinkData) error |= (end.destination ? kDirection : 0) | (end.address & 0x7F);
    return refused(c, one, bus_error(why, "RM0399 15.3.15"), error);
}

}  // namespace h7::mdma

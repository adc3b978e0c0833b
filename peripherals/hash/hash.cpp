#include "peripherals/hash/hash.hpp"

#include <algorithm>

#include "emulator/fabric/data_type.hpp"

namespace h7::hash {
namespace {

using crypto::BlockHash;
constexpr std::size_t kBlock = BlockHash::kBlock;

}  // namespace

Hash::Hash() : RegisterBlock("HASH", 0x4802'1400, 0x400) { begin(); }

BlockHash::Algorithm Hash::algorithm() const {
    return static_cast<BlockHash::Algorithm>(regs_.get<"CR.ALGO1">() << 1 | regs_.get<"CR.ALGO0">());
}

BusResult<void> Hash::write(const Access& access, std::uint64_t value) {
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

std::uint32_t Hash::control(unsigned) const {
    const bool waits = words_ != 0 || word_waits_;
    return regs_.get<"CR">() | std::min(words_ + (word_waits_ ? 1U : 0U), 15U) << 8 | (waits ? 1U << 12 : 0U);
}

BusResult<void> Hash::control_written(const RegisterWrite& write) {
    if (test_bit(write.value, 2)) begin();
    return {};
}

/// INIT: a new message, with the algorithm and mode of this moment.
void Hash::begin() {
    hash_.begin(algorithm());
    hmac_ = regs_.get<"CR.MODE">() != 0;
    part_ = hmac_ ? Part::key : Part::text;
    key_.clear();
    inner_.clear();
    word_waits_ = false;
    words_ = 0;
    regs_.set<"SR">(1);
}

/// The last word stays aside: DCAL tells how many of its bits count.
BusResult<void> Hash::data_written(const RegisterWrite& write) {
    take_word();
    word_ = write.value;
    word_waits_ = true;
    return {};
}

void Hash::take_word() {
    if (!word_waits_) return;
    word_waits_ = false;
    std::array<std::uint8_t, 4> bytes{};
    const std::uint32_t word = arranged(word_, regs_.get<"CR.DATATYPE">());
    for (unsigned n = 0; n < 4; ++n) bytes[n] = static_cast<std::uint8_t>(word >> (24 - 8 * n));
    words_ = (words_ + 1) % 16;
    const bool long_key = regs_.get<"CR.LKEY">() != 0;
    if (part_ != Part::text && !long_key)
        key_.insert(key_.end(), bytes.begin(), bytes.end());
    else
        hash_.update(bytes);
}

/// STR.DCAL. NBLW: bits of the last word that belong to the message, 0: all. Only whole bytes (see the page).
BusResult<void> Hash::start_written(const RegisterWrite& write) {
    if (!test_bit(write.value, 8)) return {};
    message_ends();
    return {};
}

void Hash::dma_completed() {
    if (regs_.get<"CR.DMAE">() == 0 || regs_.get<"CR.MDMAT">() != 0) return;
    touch();
    message_ends();
    settle();
}

void Hash::message_ends() {
    if (word_waits_) {
        word_waits_ = false;
        const std::uint32_t bits = regs_.get<"STR.NBLW">();
        const std::size_t count = bits == 0 ? 4 : (bits + 7) / 8;
        const std::uint32_t word = arranged(word_, regs_.get<"CR.DATATYPE">());
        Bytes bytes;
        for (unsigned n = 0; n < count; ++n) bytes.push_back(static_cast<std::uint8_t>(word >> (24 - 8 * n)));
        if (part_ != Part::text && regs_.get<"CR.LKEY">() == 0)
            key_.insert(key_.end(), bytes.begin(), bytes.end());
        else
            hash_.update(bytes);
    }
    words_ = 0;
    if (part_ == Part::text) {
        const Bytes digest = hash_.finish();
        if (!hmac_) return show(digest);
        inner_ = digest;
        key_.clear();
        part_ = Part::key_again;
    } else {
        Bytes key = regs_.get<"CR.LKEY">() != 0 ? hash_.finish() : key_;
        if (key.size() > kBlock) {  // without LKEY: as if it had been set
            hash_.begin(hash_.state().algorithm);
            hash_.update(key);
            key = hash_.finish();
        }
        key.resize(kBlock);
        const bool outer = part_ == Part::key_again;
        for (std::uint8_t& byte : key) byte ^= outer ? 0x5C : 0x36;
        hash_.begin(hash_.state().algorithm);
        hash_.update(key);
        key_.clear();
        if (outer) {
            hash_.update(inner_);
            show(hash_.finish());
            part_ = Part::key;
            return;
        }
        part_ = Part::text;
    }
    regs_.set<"SR.DINIS">(1);
}

/// Unused result registers read 0.
void Hash::show(ByteView digest) {
    result_ = {};
    for (std::size_t n = 0; n < digest.size(); ++n)
        result_[n / 4] |= std::uint32_t{digest[n]} << (24 - 8 * (n % 4));
    regs_.set<"SR">(regs_.get<"SR">() | 3);
}

void Hash::settle() {
    const std::uint32_t asked = regs_.get<"SR">() & regs_.get<"IMR">();
    irq.set((asked & 3U) != 0);
    dma_in.set(regs_.get<"CR.DMAE">() != 0);
    regs_.set<"SR.DMAS">(regs_.get<"CR.DMAE">());
}

// --- context swap: the state of the digest in our own order, the words the HAL keeps and puts back ---

std::uint32_t Hash::context(unsigned index) const {
    const BlockHash::State& s = hash_.state();
    if (index < 8) return s.chain[index];
    if (index == 8) return static_cast<std::uint32_t>(s.bytes);
    if (index == 9) return static_cast<std::uint32_t>(s.bytes >> 32);
    if (index < 26) return load_le<std::uint32_t>(s.pending.data() + 4 * (index - 10));
    const auto word_of = [](const Bytes& bytes, std::size_t at) {
        std::uint32_t word = 0;
        for (std::size_t n = 0; n < 4 && at + n < bytes.size(); ++n)
            word |= std::uint32_t{bytes[at + n]} << (8 * n);
        return word;
    };
    if (index < 42) return word_of(key_, 4 * (index - 26));
    if (index < 50) return word_of(inner_, 4 * (index - 42));
    if (index == 50)
        return static_cast<std::uint32_t>(part_) | (hmac_ ? 4U : 0U) | (word_waits_ ? 8U : 0U) |
               static_cast<std::uint32_t>(s.algorithm) << 4 | words_ << 8 |
               static_cast<std::uint32_t>(std::min<std::size_t>(key_.size(), kBlock)) << 16 |
               static_cast<std::uint32_t>(inner_.size()) << 24;
    return index == 51 ? word_ : 0;
}

BusResult<void> Hash::context_written(const RegisterWrite& write) {
    const unsigned index = write.index;
    BlockHash::State s = hash_.state();
    const auto put = [](Bytes& bytes, std::size_t at, std::uint32_t word) {
        if (bytes.size() < at + 4) bytes.resize(at + 4);
        for (std::size_t n = 0; n < 4; ++n) bytes[at + n] = static_cast<std::uint8_t>(word >> (8 * n));
    };
    if (index < 8) s.chain[index] = write.value;
    if (index == 8) s.bytes = (s.bytes & ~std::uint64_t{0xFFFF'FFFF}) | write.value;
    if (index == 9) s.bytes = (s.bytes & 0xFFFF'FFFF) | std::uint64_t{write.value} << 32;
    if (index >= 10 && index < 26) store_le(s.pending.data() + 4 * (index - 10), write.value);
    if (index >= 26 && index < 42) put(key_, 4 * (index - 26), write.value);
    if (index >= 42 && index < 50) put(inner_, 4 * (index - 42), write.value);
    if (index == 50) {
        part_ = static_cast<Part>(std::min(write.value & 3U, 2U));
        hmac_ = test_bit(write.value, 2);
        word_waits_ = test_bit(write.value, 3);
        s.algorithm = static_cast<BlockHash::Algorithm>(extract(write.value, 5, 4));
        words_ = extract(write.value, 11, 8);
        key_.resize(std::min<std::size_t>(extract(write.value, 22, 16), kBlock));
        inner_.resize(std::min<std::size_t>(extract(write.value, 29, 24), BlockHash::kLongestDigest));
    }
    if (index == 51) word_ = write.value;
    hash_.set_state(s);
    return {};
}

void Hash::reset(ResetKind) {
    regs_.reset();
    begin();
    result_ = {};
    settle();
}

void Hash::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (unsigned n = 0; n < kContextWords; ++n) out.u32(context(n));
    for (const std::uint32_t word : result_) out.u32(word);
}

void Hash::load(StateReader& in) {
    RegisterBlock::load(in);
    const Access none{};
    for (unsigned n = 0; n < kContextWords; ++n) (void)context_written({none, in.u32(), ~0U, 0, n});
    for (std::uint32_t& word : result_) word = in.u32();
    settle();
}

}  // namespace h7::hash

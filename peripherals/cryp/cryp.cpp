#include "peripherals/cryp/cryp.hpp"

#include <algorithm>
#include <cassert>

#include "emulator/fabric/data_type.hpp"

namespace h7::cryp {
namespace {

using Block16 = std::array<std::uint8_t, 16>;

void store_be(std::uint8_t* to, std::uint32_t word) {
    for (unsigned n = 0; n < 4; ++n) to[n] = static_cast<std::uint8_t>(word >> (24 - 8 * n));
}
std::uint32_t load_be(const std::uint8_t* from) {
    std::uint32_t word = 0;
    for (unsigned n = 0; n < 4; ++n) word = word << 8 | from[n];
    return word;
}

void add(Block16& to, const Block16& other) {
    for (std::size_t n = 0; n < to.size(); ++n) to[n] = static_cast<std::uint8_t>(to[n] ^ other[n]);
}

/// Product in GF(2^128) (SP 800-38D, 6.3). The length block comes from the program, so GCM goes block by
/// block here.
Block16 product(const Block16& x, Block16 v) {
    Block16 z{};
    for (unsigned bit = 0; bit < 128; ++bit) {
        if ((x[bit / 8] >> (7 - bit % 8) & 1U) != 0) add(z, v);
        const bool carry = (v[15] & 1U) != 0;
        for (std::size_t n = 15; n > 0; --n) v[n] = static_cast<std::uint8_t>(v[n] >> 1 | v[n - 1] << 7);
        v[0] = static_cast<std::uint8_t>(v[0] >> 1 ^ (carry ? 0xE1U : 0U));
    }
    return z;
}

}  // namespace

Cryp::Cryp() : RegisterBlock("CRYP", 0x4802'1000, 0x400) {}

// --- registers ---

BusResult<std::uint64_t> Cryp::read(const Access& access) {
    auto value = RegisterBlock::read(access);
    settle();
    return value;
}

BusResult<void> Cryp::write(const Access& access, std::uint64_t value) {
    const auto done = RegisterBlock::write(access, value);
    settle();
    return done;
}

std::uint32_t Cryp::status(unsigned) const {
    return (in_.empty() ? 1U : 0U) | (in_.size() < kFifo ? 2U : 0U) | (out_.empty() ? 0U : 4U) |
           (out_.size() >= kFifo ? 8U : 0U);
}

/// INRIS: fewer than four words wait; OUTRIS: there is something to read.
std::uint32_t Cryp::requests(unsigned) const {
    return (in_.size() < kFifo / 2 ? 1U : 0U) | (out_.empty() ? 0U : 2U);
}

BusResult<void> Cryp::control_written(const RegisterWrite& write) {
    const std::uint32_t changed = write.old ^ regs_.get<"CR">();
    if ((changed & (mask(9, 8) | mask(5, 3) | 1U << 19)) != 0) cipher_.reset();
    if (regs_.get<"CR.CRYPEN">() == 0) {
        if (test_bit(write.value, 14)) {
            in_.clear();
            out_.clear();
        }
        return {};
    }
    if (!test_bit(write.old, 15)) enabled_now();
    process();
    return {};
}

BusResult<void> Cryp::data_written(const RegisterWrite& write) {
    if (in_.size() < kFifo) in_.push_back(write.value);
    process();
    return {};
}

std::uint32_t Cryp::take(const Access&, unsigned) {
    if (out_.empty()) return 0;
    const std::uint32_t word = out_.front();
    out_.pop_front();
    process();
    return word;
}

BusResult<void> Cryp::key_written(const RegisterWrite& write) {
    keys_[write.index] = write.value;
    cipher_.reset();
    return {};
}

std::uint32_t Cryp::context(unsigned index) const { return index < 4 ? load_be(&mac_[4 * index]) : 0; }
BusResult<void> Cryp::context_written(const RegisterWrite& write) {
    if (write.index < 4) store_be(&mac_[4 * write.index], write.value);
    return {};
}
std::uint32_t Cryp::hash_key(unsigned index) const { return index < 4 ? load_be(&hash_key_[4 * index]) : 0; }
BusResult<void> Cryp::hash_key_written(const RegisterWrite& write) {
    if (write.index < 4) store_be(&hash_key_[4 * write.index], write.value);
    return {};
}

// --- blocks ---

crypto::BlockCipher& Cryp::cipher() {
    if (cipher_) return *cipher_;
    std::array<std::uint8_t, 32> key{};
    for (unsigned n = 0; n < 8; ++n) store_be(&key[4 * n], keys_[n]);
    using Kind = crypto::BlockCipher::Kind;
    if (mode() == Mode::des_ecb || mode() == Mode::des_cbc) {  // K1 alone
        std::copy_n(key.begin() + 8, 8, key.begin() + 16);
        std::copy_n(key.begin() + 8, 8, key.begin() + 24);
    }
    if (mode() <= Mode::des_cbc) {  // K1, K2, K3
        cipher_.emplace(Kind::tdes, ByteView(key).subspan(8));
    } else {  // the last 128, 192 or 256 bits
        const std::size_t bytes = 16 + 8 * std::min(regs_.get<"CR.KEYSIZE">(), 2U);
        cipher_.emplace(Kind::aes, ByteView(key).last(bytes));
    }
    return *cipher_;
}

Cryp::Block Cryp::iv() const {
    Block iv{};
    for (unsigned n = 0; n < 4; ++n) store_be(&iv[4 * n], regs_.get<"IV">(n));
    return iv;
}

void Cryp::set_iv(const Block& iv, std::size_t bytes) {
    for (unsigned n = 0; n < bytes / 4; ++n) regs_.set<"IV">(load_be(&iv[4 * n]), n);
}

/// CRYPEN rises. Two things are done at once and end it: a key is prepared; GCM makes its hash key.
void Cryp::enabled_now() {
    if (mode() == Mode::key) regs_.set<"CR.CRYPEN">(0);
    if (!authenticates() || phase() != Phase::init) return;
    mac_ = {};
    hash_key_ = {};
    if (mode() == Mode::ccm) return;  // waits for B0
    cipher().encrypt(hash_key_);
    regs_.set<"CR.CRYPEN">(0);
}

bool Cryp::ready() const {
    const bool gives = !authenticates() || phase() >= Phase::payload;
    return regs_.get<"CR.CRYPEN">() != 0 && mode() <= Mode::ccm && in_.size() >= block_words() &&
           (!gives || out_.size() + block_words() <= kFifo);
}

void Cryp::process() {
    while (ready()) one_block();
}

void Cryp::one_block() {
    const std::size_t words = block_words();
    // What opens and closes an authentication is written as numbers, not as data.
    const bool as_data = !authenticates() || phase() == Phase::header || phase() == Phase::payload;
    const unsigned datatype = regs_.get<"CR.DATATYPE">();
    Block block{};
    for (std::size_t n = 0; n < words; ++n) {
        store_be(&block[4 * n], as_data ? arranged(in_.front(), datatype) : in_.front());
        in_.pop_front();
    }
    bool gives = true;
    if (authenticates()) {
        gives = phase() >= Phase::payload;
        authenticated(block);
    } else if (mode() == Mode::ctr) {
        counted(block);
    } else {
        chained(block, 4 * words, mode() == Mode::tdes_cbc || mode() == Mode::des_cbc || mode() == Mode::cbc);
    }
    for (std::size_t n = 0; gives && n < words; ++n)
        out_.push_back(arranged(load_be(&block[4 * n]), datatype));
}

/// ECB, and CBC.
void Cryp::chained(Block& block, std::size_t bytes, bool chains) {
    const MutableBytes data = MutableBytes(block).first(bytes);
    Block chain = iv();
    if (decrypts()) {
        const Block taken = block;
        cipher().decrypt(data);
        if (chains) add(block, chain);
        chain = taken;
    } else {
        if (chains) add(block, chain);
        cipher().encrypt(data);
        chain = block;
    }
    if (chains) set_iv(chain, bytes);
}

/// CTR: the last 32 bits count.
void Cryp::counted(Block& block) {
    Block key_stream = iv();
    Block next = key_stream;
    store_be(&next[12], load_be(&next[12]) + 1);
    set_iv(next, 16);
    cipher().encrypt(key_stream);
    add(block, key_stream);
}

void Cryp::authenticate(const Block& block) {
    add(mac_, block);
    if (mode() == Mode::gcm)
        mac_ = product(mac_, hash_key_);
    else
        cipher().encrypt(mac_);
}

void Cryp::authenticated(Block& block) {
    switch (phase()) {
        case Phase::init:  // B0 of CCM
            authenticate(block);
            regs_.set<"CR.CRYPEN">(0);
            return;
        case Phase::header:
            return authenticate(block);
        case Phase::payload: {
            // GCM hashes the ciphertext, CCM the plaintext; NPBLB bytes at the end are padding.
            const bool hash_output = (mode() == Mode::gcm) != decrypts();
            Block hashed = block;
            counted(block);
            if (hash_output) hashed = block;
            const std::size_t padding = regs_.get<"CR.NPBLB">();
            std::fill(hashed.end() - static_cast<std::ptrdiff_t>(padding), hashed.end(), std::uint8_t{0});
            return authenticate(hashed);
        }
        case Phase::final: {
            Block first = block;  // CCM: counter block 0
            if (mode() == Mode::gcm) {
                authenticate(block);
                first = iv();
                store_be(&first[12], 1);
            }
            cipher().encrypt(first);
            block = mac_;
            return add(block, first);
        }
    }
}

// --- requests and state ---

void Cryp::settle() {
    const bool on = regs_.get<"CR.CRYPEN">() != 0;
    const std::uint32_t asked = masked_requests(0);
    irq.set((on && test_bit(asked, 0)) || test_bit(asked, 1));
    dma_in.set(on && regs_.get<"DMACR.DIEN">() != 0 && in_.size() <= kFifo / 2);
    dma_out.set(regs_.get<"DMACR.DOEN">() != 0 && !out_.empty());
}

void Cryp::reset(ResetKind) {
    regs_.reset();
    in_.clear();
    out_.clear();
    mac_ = hash_key_ = {};
    keys_ = {};
    cipher_.reset();
    settle();
}

void Cryp::save(StateWriter& out) const {
    RegisterBlock::save(out);
    for (const auto* fifo : {&in_, &out_}) {
        out.u8(static_cast<std::uint8_t>(fifo->size()));
        for (const std::uint32_t word : *fifo) out.u32(word);
    }
    for (const std::uint32_t word : keys_) out.u32(word);
    for (unsigned n = 0; n < 4; ++n) out.u32(context(n));
    for (unsigned n = 0; n < 4; ++n) out.u32(hash_key(n));
}

void Cryp::load(StateReader& in) {
    RegisterBlock::load(in);
    for (auto* fifo : {&in_, &out_}) {
        fifo->resize(std::min<std::size_t>(in.u8(), kFifo));
        for (std::uint32_t& word : *fifo) word = in.u32();
    }
    for (std::uint32_t& word : keys_) word = in.u32();
    for (unsigned n = 0; n < 4; ++n) store_be(&mac_[4 * n], in.u32());
    for (unsigned n = 0; n < 4; ++n) store_be(&hash_key_[4 * n], in.u32());
    cipher_.reset();
    settle();
}

}  // namespace h7::cryp

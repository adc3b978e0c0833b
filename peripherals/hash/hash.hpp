// HASH: SHA-1, SHA-224, SHA-256, MD5 and their HMAC, by polling, interrupt and DMA. Parts with CRYP have it.
// A block is calculated as soon as its last word is there: nothing is ever busy. RM0399, "Hash processor
// (HASH)"; system.md 6.9.
#pragma once

#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"
#include "rss/crypto/openssl_block_hash.hpp"

namespace h7::hash {

class Hash final : public RegisterBlock<Hash> {
public:
    static constexpr unsigned kContextWords = 54, kResultWords = 8;
    static const Register<Hash> registers[8];

    Hash();

    /// IRQ 80, shared with the RNG.
    Wire irq;
    /// HASH_IN: words are wanted. dma_completed(): the last one of the transfer was written.
    DmaRequest dma_in;
    void dma_completed();

    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    /// Where an HMAC is: its three messages are key, text, key. A plain digest is always at `text`.
    enum class Part : std::uint8_t { key, text, key_again };

    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> data_written(const RegisterWrite& write);
    BusResult<void> start_written(const RegisterWrite& write);
    BusResult<void> context_written(const RegisterWrite& write);
    std::uint32_t control(unsigned) const;
    std::uint32_t context(unsigned index) const;
    std::uint32_t result(unsigned index) const { return result_[index]; }

    crypto::BlockHash::Algorithm algorithm() const;
    void begin();
    void take_word();
    void message_ends();
    void show(ByteView digest);
    void settle();

    // What is kept over a context swap (CSR0 to CSR53), in our own order.
    crypto::BlockHash hash_;
    Part part_ = Part::text;
    bool hmac_ = false;
    Bytes key_;               // as far as it was written: 64 bytes at most, a longer one goes through hash_
    Bytes inner_;             // digest of the inner hash, while the key comes again
    std::uint32_t word_ = 0;  // written last, not taken yet: its valid bits come with DCAL
    bool word_waits_ = false;
    unsigned words_ = 0;  // NBW: in the block under way
    std::array<std::uint32_t, kResultWords> result_{};
};

}  // namespace h7::hash

#include "peripherals/hash/registers.hpp"  // IWYU pragma: export

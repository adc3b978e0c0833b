// CRYP: AES in ECB, CBC, CTR, GCM and CCM, DES and triple DES in ECB and CBC, by polling, interrupt and DMA.
// Parts with cryptography have it. A block is calculated as soon as it is in the input FIFO and has room in
// the output FIFO: nothing is ever busy. RM0399, "Cryptographic processor (CRYP)"; system.md 6.9.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "emulator/fabric/dma_request.hpp"
#include "emulator/fabric/register_map.hpp"
#include "rss/crypto/openssl_block_cipher.hpp"

namespace h7::cryp {

class Cryp final : public RegisterBlock<Cryp> {
public:
    static const Register<Cryp> registers[12];

    Cryp();

    /// IRQ 79.
    Wire irq;
    /// CRYP_IN and CRYP_OUT.
    DmaRequest dma_in, dma_out;

    BusResult<std::uint64_t> read(const Access& access) override;
    BusResult<void> write(const Access& access, std::uint64_t value) override;
    void reset(ResetKind kind) override;
    void save(StateWriter& out) const override;
    void load(StateReader& in) override;

private:
    static constexpr std::size_t kFifo = 8;  // words
    using Block = std::array<std::uint8_t, 16>;
    enum class Mode : std::uint8_t { tdes_ecb, tdes_cbc, des_ecb, des_cbc, ecb, cbc, ctr, key, gcm, ccm };
    enum class Phase : std::uint8_t { init, header, payload, final };

    bool stands(const RegisterWrite&) const { return regs_.get<"CR.CRYPEN">() == 0; }
    BusResult<void> control_written(const RegisterWrite& write);
    BusResult<void> data_written(const RegisterWrite& write);
    BusResult<void> key_written(const RegisterWrite& write);
    BusResult<void> context_written(const RegisterWrite& write);
    BusResult<void> hash_key_written(const RegisterWrite& write);
    std::uint32_t status(unsigned) const;
    std::uint32_t requests(unsigned) const;
    std::uint32_t masked_requests(unsigned) const { return requests(0) & regs_.get<"IMSCR">(); }
    std::uint32_t context(unsigned index) const;
    std::uint32_t hash_key(unsigned index) const;
    /// DOUT: the oldest word leaves the FIFO.
    std::uint32_t take(const Access&, unsigned);

    Mode mode() const {
        return static_cast<Mode>(regs_.get<"CR.ALGOMODE3">() << 3 | regs_.get<"CR.ALGOMODE">());
    }
    Phase phase() const { return static_cast<Phase>(regs_.get<"CR.GCM_CCMPH">()); }
    bool authenticates() const { return mode() == Mode::gcm || mode() == Mode::ccm; }
    bool decrypts() const { return regs_.get<"CR.ALGODIR">() != 0; }
    std::size_t block_words() const { return mode() <= Mode::des_cbc ? 2 : 4; }

    void enabled_now();
    void process();
    bool ready() const;
    void one_block();
    void chained(Block& block, std::size_t bytes, bool chains);
    void counted(Block& block);
    void authenticated(Block& block);
    void authenticate(const Block& block);
    crypto::BlockCipher& cipher();
    Block iv() const;
    void set_iv(const Block& iv, std::size_t bytes);
    void settle();

    std::array<std::uint32_t, 8> keys_{};  // K0LR, K0RR .. K3RR: nobody reads them back
    std::deque<std::uint32_t> in_, out_;
    Block mac_{};                                // GHASH or CBC-MAC so far
    Block hash_key_{};                           // GCM
    std::optional<crypto::BlockCipher> cipher_;  // of the key and mode in use
};

}  // namespace h7::cryp

#include "peripherals/cryp/registers.hpp"  // IWYU pragma: export

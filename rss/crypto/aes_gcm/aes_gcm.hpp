// AES-GCM (NIST SP 800-38D), our own. AES-128 and AES-256, any IV, any AAD, tags of 12 to 16 bytes.
//
// Promises, for every function of this header:
//  * No plaintext leaves before its tag has been found right. `open` clears its output on a wrong tag,
//  `Opener`
//    its buffer; `verify` and `Verifier` give a `Decryptor` only after the tag matched: who holds one may
//    decrypt piece by piece, for instance straight into flash words.
//  * Input and output may be the same buffer. Buffers that overlap in any other way are refused, and nothing
//  is
//    written.
//  * Which bytes are secret never decides a branch or an address (keys, plaintext, hash key, tag). Lengths
//  may.
//  * Round keys, hash keys, keystream and copies in registers and on the stack are overwritten when they are
//  no
//    longer needed.
//  * One Key may serve any number of threads at once. The other objects belong to one thread.
//
// What the caller owes: under one key an IV is used for one message only. A repeated IV reveals the XOR of
// two plaintexts and, worse, lets anybody forge tags for ever. This code cannot see it.
//
// Lengths (SP 800-38D 5.2.1.1): plaintext at most 2^36 - 32 bytes, AAD and IV below 2^61 bytes, IV not empty.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"
#include "rss/crypto/aes_gcm/kernel.hpp"

namespace h7::aes_gcm {

inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kShortestTag = 12;
inline constexpr std::size_t kIvBytes = 12;  // the fast path; other lengths are hashed first
inline constexpr std::uint64_t kLongestMessage = (1ULL << 36) - 32;
inline constexpr std::uint64_t kLongestAad = (1ULL << 61) - 1;

enum class [[nodiscard]] Status : std::uint8_t{
    ok,
    bad_tag,         // not what was sealed: key, IV, AAD, ciphertext or tag differ
    bad_iv,          // empty IV
    bad_tag_length,  // not 12..16 bytes
    bad_length,      // too long, or the output has another size than the input
    overlap,         // input and output overlap without being the same buffer
    bad_state,       // AAD after data, or a finished object
};
std::string_view describe(Status status);

/// One row of `h7rss kernels`: an implementation, best first, and why this machine cannot run it.
struct KernelInfo {
    std::string_view name;
    bool available;
    std::string_view why;  // what is missing; empty when available
};
std::vector<KernelInfo> kernels();

/// What of all that the kernels ask for this machine offers, by name: "AES-NI", "PCLMULQDQ", ..
std::vector<std::string_view> machine_features();

/// An expanded key, bound to the kernel that expanded it. The fastest available kernel is chosen here, once
/// per key; the environment variable H7RSS_AES_GCM=<name> forces another one.
class Key {
    struct Badge {};

public:
    /// `key`: 16 or 32 bytes. Errors (misuse): another size; H7RSS_AES_GCM names no kernel, or one that this
    /// machine cannot run. `longest`: bytes of AAD and data of the messages to come. A key for one short
    /// message is made several times faster when it says so; longer messages still work, but slower.
    static Result<Key> make(ByteView key, std::size_t longest = kAnyLength);
    /// The same with a kernel chosen by name, for tests and benchmarks.
    static Result<Key> make(ByteView key, std::string_view kernel, std::size_t longest = kAnyLength);
    /// The same with any kernel that this machine can run.
    static Result<Key> make(ByteView key, const Kernel& kernel, std::size_t longest = kAnyLength);

    /// Only for make().
    Key(Badge, const Kernel& kernel, ByteView key, std::size_t blocks);
    Key(Key&& other) noexcept;
    Key& operator=(Key&& other) noexcept;
    ~Key() { wipe_state(); }

    std::string_view kernel_name() const { return kernel_->name; }
    // For the functions of this library:
    const Kernel& kernel() const { return *kernel_; }
    const void* state() const { return state_.data(); }

private:
    void wipe_state() { wipe(MutableBytes(state_).first(kernel_->state_bytes)); }

    const Kernel* kernel_;
    alignas(64) std::array<std::uint8_t, kStateBytes> state_;  // what the kernel does not use is never read
};

/// Encrypts `plaintext` into `ciphertext` (same size, or the same buffer) and writes tag.size() (12..16) tag
/// bytes. On any error `ciphertext` and `tag` are untouched.
Status seal(const Key& key, ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext,
            MutableBytes tag);

/// Checks the tag and decrypts in one pass. `plaintext` holds the plaintext only when the answer is ok; with
/// bad_tag it is all zeros (in place: the ciphertext is gone too); with any other error it is untouched.
Status open(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext, ByteView tag,
            MutableBytes plaintext);

/// The right to decrypt one message, held only by who has shown its tag. Refers to the Key, which must
/// outlive it.
class Decryptor {
public:
    Decryptor(Decryptor&& other) noexcept = default;
    ~Decryptor() { wipe(counter0_); }

    std::uint64_t size() const { return size_; }

    /// Decrypts the part of the verified ciphertext that begins `offset` bytes into the message. The caller
    /// passes the very bytes that were verified (keep them where nobody else can write). Any offset, any
    /// length within size(); outside: bad_length, nothing written.
    Status decrypt(std::uint64_t offset, ByteView ciphertext, MutableBytes plaintext) const;

private:
    friend class Verifier;
    Decryptor(const Key& key, const std::array<std::uint8_t, 16>& counter0, std::uint64_t size)
        : key_(&key), counter0_(counter0), size_(size) {}

    const Key* key_;
    std::array<std::uint8_t, 16> counter0_;
    std::uint64_t size_;
};

/// Checks a tag without decrypting anything. Error: any Status but ok.
Expected<Decryptor, Status> verify(const Key& key, ByteView iv, ByteView aad, ByteView ciphertext,
                                   ByteView tag);

inline Status decrypt_verified(const Decryptor& verified, std::uint64_t offset, ByteView ciphertext,
                               MutableBytes plaintext) {
    return verified.decrypt(offset, ciphertext, plaintext);
}

/// What the streaming objects share: the running hash and counter. Use Sealer, Verifier or Opener.
class Stream {
public:
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// More additional data, in any pieces, before the first data. bad_state later.
    Status add_aad(ByteView aad);

protected:
    enum class Way : std::uint8_t { seal, open, hash_only };

    Stream(const Key& key, ByteView iv, Way way);
    ~Stream();

    Status data(ByteView in, MutableBytes out);
    Status make_tag(MutableBytes tag);
    Status check_tag(ByteView tag);

    const Key& key() const { return *key_; }
    const std::array<std::uint8_t, 16>& counter0() const { return counter0_; }
    std::uint64_t data_bytes() const { return data_bytes_; }

private:
    enum class Phase : std::uint8_t { aad, data, finished };

    void hash_whole(ByteView bytes);
    void hash_more(ByteView bytes);
    void pad_hash();

    const Key* key_;
    Way way_;
    Phase phase_ = Phase::aad;
    Status failed_ = Status::ok;               // what every call answers, if not ok
    std::array<std::uint8_t, 16> counter0_{};  // encrypts the tag
    Progress progress_{};
    std::uint64_t aad_bytes_ = 0, data_bytes_ = 0;
};

/// Streaming encryption, any chunking; the same bytes as `seal`. An empty IV is reported by every call
/// (bad_iv).
class Sealer : public Stream {
public:
    Sealer(const Key& key, ByteView iv) : Stream(key, iv, Way::seal) {}

    /// Encrypts the next piece. `ciphertext` has the size of `plaintext`.
    Status update(ByteView plaintext, MutableBytes ciphertext) { return data(plaintext, ciphertext); }
    /// The tag of everything, tag.size() bytes of it. The object is finished.
    Status finish(MutableBytes tag) { return make_tag(tag); }
};

/// Streaming check without decryption, any chunking, no memory for the message.
class Verifier : public Stream {
public:
    Verifier(const Key& key, ByteView iv) : Stream(key, iv, Way::hash_only) {}

    Status update(ByteView ciphertext) { return data(ciphertext, {}); }
    Expected<Decryptor, Status> finish(ByteView tag);
};

/// Streaming decryption in one pass. The plaintext is nobody's before `finish` says that the tag matched: on
/// a wrong tag, and when the object goes unfinished, the buffer is cleared.
class Opener : public Stream {
public:
    /// Into a private buffer of `capacity` bytes, handed out by `finish`.
    Opener(const Key& key, ByteView iv, std::size_t capacity)
        : Stream(key, iv, Way::open), own_(capacity), buffer_(own_) {}
    /// Into the caller's buffer, which belongs to this object until the end. It may be the ciphertext's own
    /// (piece by piece at the same place).
    Opener(const Key& key, ByteView iv, MutableBytes buffer) : Stream(key, iv, Way::open), buffer_(buffer) {}
    ~Opener() { wipe(buffer_); }

    /// The next piece of ciphertext; bad_length beyond the capacity.
    Status update(ByteView ciphertext);
    /// The plaintext, or why there is none.
    Expected<Bytes, Status> finish(ByteView tag);
    /// The same with the plaintext left in the caller's buffer.
    Status finish_in_place(ByteView tag);

private:
    Bytes own_;
    MutableBytes buffer_;
    std::size_t filled_ = 0;
};

}  // namespace h7::aes_gcm

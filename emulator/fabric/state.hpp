// Saving and restoring the state of blocks. A block writes its fields in order and reads them back in the
// same order; every section carries its name, so a mismatch is found at once and named.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "emulator/base/bytes.hpp"
#include "emulator/base/result.hpp"

namespace h7 {

class StateWriter {
public:
    StateWriter() = default;
    /// Writes into the memory of a state that is no longer needed.
    explicit StateWriter(Bytes room) : out_(std::move(room)) { out_.clear(); }
    void section(std::string_view name);
    void u8(std::uint8_t v) { out_.push_back(v); }
    void u32(std::uint32_t v) { append(v); }
    void u64(std::uint64_t v) { append(v); }
    void flag(bool v) { u8(v ? 1 : 0); }
    void bytes(ByteView v);  // length-prefixed
    const Bytes& data() const { return out_; }
    Bytes take() { return std::move(out_); }

private:
    template <class T>
    void append(T v) {
        std::uint8_t little[sizeof v];
        store_le(little, v);
        out_.insert(out_.end(), little, little + sizeof v);
    }
    Bytes out_;
};

/// Never throws and never trusts a length: after the first mismatch every read gives 0 and `finish()` the
/// reason.
class StateReader {
public:
    explicit StateReader(ByteView in) : in_(in) {}

    void section(std::string_view name);
    std::uint8_t u8() { return next<std::uint8_t>(); }
    std::uint32_t u32() { return next<std::uint32_t>(); }
    std::uint64_t u64() { return next<std::uint64_t>(); }
    bool flag() { return u8() != 0; }
    Bytes bytes();
    /// Fills `out`; the saved length must be equal.
    void bytes_into(MutableBytes out);
    bool ok() const { return !failed_; }
    /// Error: the first mismatch, or bytes left over.
    Result<void> finish() const;

private:
    // Inline: putting back a snapshot is little else.
    template <class T>
    T next() {
        if (failed_ || in_.size() - at_ < sizeof(T)) {
            fail("ends early");
            return 0;
        }
        at_ += sizeof(T);
        return load_le<T>(in_.data() + at_ - sizeof(T));
    }
    ByteView view();  // length-prefixed, in place
    void fail(std::string_view what);

    ByteView in_;
    std::size_t at_ = 0;
    bool failed_ = false;
    std::string problem_;
};

}  // namespace h7

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
    void u32(std::uint32_t v);
    void u64(std::uint64_t v);
    void flag(bool v) { u8(v ? 1 : 0); }
    void bytes(ByteView v);  // length-prefixed
    const Bytes& data() const { return out_; }
    Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

/// Never throws and never trusts a length: after the first mismatch every read gives 0 and `finish()` the
/// reason.
class StateReader {
public:
    explicit StateReader(ByteView in) : in_(in) {}

    void section(std::string_view name);
    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    bool flag() { return u8() != 0; }
    Bytes bytes();
    /// Fills `out`; the saved length must be equal.
    void bytes_into(MutableBytes out);
    bool ok() const { return problem_.empty(); }
    /// Error: the first mismatch, or bytes left over.
    Result<void> finish() const;

private:
    bool need(std::size_t n);
    ByteView view();  // length-prefixed, in place
    void fail(std::string what);

    ByteView in_;
    std::size_t at_ = 0;
    std::string problem_;
};

}  // namespace h7

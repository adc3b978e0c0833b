#include "emulator/fabric/state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7 {

void StateWriter::section(std::string_view name) {
    u8(0xA5);
    bytes({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

void StateWriter::u32(std::uint32_t v) {
    out_.resize(out_.size() + 4);
    store_le(out_.data() + out_.size() - 4, v);
}

void StateWriter::u64(std::uint64_t v) {
    out_.resize(out_.size() + 8);
    store_le(out_.data() + out_.size() - 8, v);
}

void StateWriter::bytes(ByteView v) {
    u64(v.size());
    out_.insert(out_.end(), v.begin(), v.end());
}

void StateReader::fail(std::string what) {
    if (problem_.empty()) problem_ = fmt::format("saved state: {} at byte {}", what, at_);
}

bool StateReader::need(std::size_t n) {
    if (!ok()) return false;
    if (in_.size() - at_ < n) fail("ends early");
    return ok();
}

void StateReader::section(std::string_view name) {
    const bool marked = u8() == 0xA5;
    const ByteView found = view();
    if (!ok()) return;
    if (!marked || !std::equal(found.begin(), found.end(), name.begin(), name.end()))
        fail(fmt::format("section '{}' expected", name));
}

std::uint8_t StateReader::u8() { return need(1) ? in_[at_++] : std::uint8_t{0}; }

std::uint32_t StateReader::u32() {
    if (!need(4)) return 0;
    at_ += 4;
    return load_le<std::uint32_t>(in_.data() + at_ - 4);
}

std::uint64_t StateReader::u64() {
    if (!need(8)) return 0;
    at_ += 8;
    return load_le<std::uint64_t>(in_.data() + at_ - 8);
}

ByteView StateReader::view() {
    const std::uint64_t n = u64();
    if (!ok() || n > in_.size() - at_) {
        fail("a length runs past the end");
        return {};
    }
    const ByteView part = in_.subspan(at_, static_cast<std::size_t>(n));
    at_ += part.size();
    return part;
}

Bytes StateReader::bytes() {
    const ByteView part = view();
    return {part.begin(), part.end()};
}

void StateReader::bytes_into(MutableBytes out) {
    const ByteView part = view();
    if (!ok()) return;
    if (part.size() != out.size())
        return fail(fmt::format("{} bytes where {} belong", part.size(), out.size()));
    std::copy(part.begin(), part.end(), out.begin());
}

Result<void> StateReader::finish() const {
    if (!ok()) return misuse(problem_);
    if (at_ != in_.size()) return misuse(fmt::format("saved state: {} bytes left over", in_.size() - at_));
    return {};
}

}  // namespace h7

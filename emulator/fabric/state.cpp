#include "emulator/fabric/state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7 {

void StateWriter::section(std::string_view name) {
    u8(0xA5);
    bytes({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

void StateWriter::bytes(ByteView v) {
    u64(v.size());
    out_.insert(out_.end(), v.begin(), v.end());
}

void StateReader::fail(std::string_view what) {
    if (failed_) return;
    failed_ = true;
    problem_ = fmt::format("saved state: {} at byte {}", what, at_);
}

void StateReader::section(std::string_view name) {
    const bool marked = u8() == 0xA5;
    const ByteView found = view();
    if (!ok()) return;
    if (!marked || !std::equal(found.begin(), found.end(), name.begin(), name.end()))
        fail(fmt::format("section '{}' expected", name));
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

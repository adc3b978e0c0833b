#include "emulator/chip/cache_checker.hpp"

#include <algorithm>

#include "emulator/base/bits.hpp"

namespace h7::chip {
namespace {

constexpr Address kLine = 32;
constexpr unsigned kSets = 128, kAllWays = 0xF;  // 16 Kbytes in 4 ways (system.md 5.6)

void apply(const cpu::CacheOperation& operation, auto& line) {
    line.dirty = 0;
    if (!operation.invalidate) return;
    line.foreign = 0;
    line.held = false;
}

}  // namespace

// Each block is a multiple of 4 Kbytes at its own alignment, so that a line's number tells its set.
const std::array<CacheChecker::Block, 4> CacheChecker::kBlocks = {{
    {0x2400'0000, 0x8'0000, 0},                                      // AXI SRAM
    {0x3000'0000, 0x4'8000, 0x8'0000 / kLine},                       // SRAM1-3
    {0x3800'0000, 0x1'0000, (0x8'0000 + 0x4'8000) / kLine},          // SRAM4
    {0x3880'0000, 0x1000, (0x8'0000 + 0x4'8000 + 0x1'0000) / kLine}  // backup SRAM
}};

CacheChecker::CacheChecker(CacheCheckerPorts ports)
    : ports_(std::move(ports)), lines_(kBlocks.back().line + kBlocks.back().size / kLine) {}

const CacheChecker::Block* CacheChecker::block_of(Address canonical) {
    for (const Block& block : kBlocks)
        if (canonical - block.first < block.size) return &block;
    return nullptr;
}

bool CacheChecker::watches(Address canonical) { return block_of(canonical) != nullptr; }

CacheChecker::Line& CacheChecker::line_at(Address canonical) {
    const Block& block = *block_of(canonical);
    return lines_[block.line + (canonical - block.first) / kLine];
}

void CacheChecker::reset() {
    std::fill(lines_.begin(), lines_.end(), Line{});
    ways_done_ = {};
}

void CacheChecker::look(const Access& access, Address canonical, bool write) {
    // The RSS leaves no caches behind, and a debugger knows what it does.
    if (access.context == Context::rss || is_debugger(access.master)) return;
    for (unsigned done = 0; done < access.size;) {
        const unsigned inside = (canonical + done) % kLine;
        const unsigned here = std::min(access.size - done, kLine - inside);
        look_line(access, line_at(canonical + done), ((1U << here) - 1U) << inside, write);
        done += here;
    }
}

void CacheChecker::look_line(const Access& access, Line& line, std::uint32_t bytes, bool write) {
    if (access.master == Master::cm7)
        if (const cpu::CachePolicy policy = ports_.policy(access.address); policy.cached)
            return by_cm7(access, policy, line, bytes, write);
    by_others(access, line, bytes, write);
}

void CacheChecker::by_cm7(const Access& access, const cpu::CachePolicy& policy, Line& line,
                          std::uint32_t bytes, bool write) {
    const auto bring_in = [&] {
        if (line.held) return;
        line.held = true;
        line.foreign = 0;
    };
    if (!write) {
        if (line.held && (line.foreign & bytes) != 0)
            report(CacheFinding::Kind::not_invalidated, line.other, access);
        return bring_in();
    }
    if (policy.write_allocate) bring_in();
    if (!line.held) return;  // straight to memory
    line.foreign &= ~bytes;
    if (!policy.write_back) {
        line.dirty &= ~bytes;
        return;
    }
    line.dirty |= bytes;
    line.pc = ports_.pc(Master::cm7);
}

// Everybody who goes to memory itself: the CM4, a DMA, and the CM7 where it does not cache.
void CacheChecker::by_others(const Access& access, Line& line, std::uint32_t bytes, bool write) {
    if (!write) {
        if ((line.dirty & bytes) != 0)
            report(CacheFinding::Kind::not_cleaned, {Master::cm7, line.pc}, access);
        return;
    }
    line.dirty &= ~bytes;
    if (!line.held) return;
    line.foreign |= bytes;
    line.other = party(access);
}

CacheFinding::Party CacheChecker::party(const Access& access) const {
    return {access.master, is_core(access.master) ? ports_.pc(access.master) : 0};
}

void CacheChecker::report(CacheFinding::Kind kind, const CacheFinding::Party& writer, const Access& reader) {
    const CacheFinding::Party who = party(reader);
    const auto [place, fresh] = known_.try_emplace({writer, who}, findings_.size());
    if (fresh) findings_.push_back({kind, writer, who, reader.address, ports_.now(), 0});
    ++findings_[place->second].count;
}

// Which way a line is in is the cache's own affair: a set has had the operation when all its ways have.
void CacheChecker::maintain(const cpu::CacheOperation& operation, Address canonical) {
    if (!operation.by_set_way) {
        if (watches(canonical)) apply(operation, line_at(canonical));
        return;
    }
    const unsigned set = extract(operation.operand, 11, 5);
    const unsigned kind = operation.clean && operation.invalidate ? 2 : operation.clean ? 1 : 0;
    std::uint8_t& done = ways_done_[kind][set];
    done = static_cast<std::uint8_t>(done | 1U << extract(operation.operand, 31, 30));
    if (done != kAllWays) return;
    done = 0;
    for (std::size_t n = set; n < lines_.size(); n += kSets) apply(operation, lines_[n]);
}

}  // namespace h7::chip

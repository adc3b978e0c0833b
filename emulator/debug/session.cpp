#include "emulator/debug/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/hex.hpp"
#include "emulator/debug/packet.hpp"
#include "emulator/debug/target_description.hpp"

namespace h7::debug {
namespace {

constexpr std::string_view kOk = "OK", kUnknown = "", kBad = "E01", kRefused = "E0e";
/// A reply in hexadecimal must fit into a packet.
constexpr std::uint32_t kLongestRead = (kPacketSize - 16) / 2;

std::string hex_of(std::string_view text) {
    return to_hex(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// "address,length" with what follows left in `in`.
bool take_range(HexReader& in, std::uint32_t& address, std::uint32_t& length) {
    const auto first = in.number();
    if (!first || !in.take(',')) return false;
    const auto second = in.number();
    if (!second) return false;
    address = *first;
    length = *second;
    return true;
}

}  // namespace

std::string Session::failure(const Error& error) const {
    note_(error.message);
    return std::string(kRefused);
}

std::optional<std::string> Session::answer(std::string_view payload, Request& request) {
    request = {};
    if (payload.empty()) return std::string(kUnknown);
    const std::string_view rest = payload.substr(1);
    switch (payload.front()) {
        case '?':
            return stop_reply(Signal::trap);
        case 'g':
            return registers();
        case 'G':
            return write_registers(rest);
        case 'p': {
            HexReader in(rest);
            const auto number = in.number();
            if (!number || !target_.visible()) return std::string(kBad);
            const auto value = target_.read_register(*number);
            return value ? to_hex(*value) : std::string(kBad);
        }
        case 'P':
            return write_register(rest);
        case 'm':
            return read_memory(rest);
        case 'M':
            return write_memory(rest, false);
        case 'X':
            return write_memory(rest, true);
        case 'Z':
            return change_breakpoint(rest, true);
        case 'z':
            return change_breakpoint(rest, false);
        case 'c':
        case 'C':
        case 's':
        case 'S':
            return resume(payload, request);
        case 'v':
            if (rest.starts_with("Flash")) return load_flash(rest);
            return resume(payload, request);
        case 'H':
        case 'T':
            return std::string(kOk);  // one core, one thread
        case 'D':
            request.kind = Request::Kind::detach;
            return std::string(kOk);
        case 'k':
            request.kind = Request::Kind::kill;
            return std::nullopt;
        case 'q':
        case 'Q':
            return query(payload);
        default:
            return std::string(kUnknown);
    }
}

std::string Session::stop_reply(Signal signal) const {
    std::string reply = fmt::format("T{:02x}thread:1;", static_cast<unsigned>(signal));
    const auto kind = target_.breakpoint_at(target_.core().registers().r[15]);
    if (tells_breakpoints_ && target_.core().halted() == cpu::Halt::breakpoint && kind)
        reply += *kind == TargetCore::Break::software ? "swbreak:;" : "hwbreak:;";
    return reply;
}

// --- registers ---

std::string Session::registers() const {
    if (!target_.visible()) return std::string(kBad);
    std::string text;
    for (unsigned n = 0; n < kRegisterEnd; ++n)
        if (register_size(n) != 0) text += to_hex(*target_.read_register(n));
    return text;
}

std::string Session::write_registers(std::string_view hex) {
    const auto bytes = HexReader(hex).bytes();
    std::size_t wanted = 0;
    for (unsigned n = 0; n < kRegisterEnd; ++n) wanted += register_size(n);
    if (!bytes || bytes->size() != wanted || !target_.visible()) return std::string(kBad);
    std::size_t at = 0;
    for (unsigned n = 0; n < kRegisterEnd; ++n) {
        if (register_size(n) == 0) continue;
        target_.write_register(n, ByteView(*bytes).subspan(at, register_size(n)));
        at += register_size(n);
    }
    return std::string(kOk);
}

std::string Session::write_register(std::string_view text) {
    HexReader in(text);
    const auto number = in.number();
    if (!number || !in.take('=')) return std::string(kBad);
    const auto value = in.bytes();
    const bool done = value && target_.visible() && target_.write_register(*number, *value);
    return std::string(done ? kOk : kBad);
}

// --- memory ---

std::string Session::read_memory(std::string_view text) const {
    HexReader in(text);
    std::uint32_t address = 0, length = 0;
    if (!take_range(in, address, length) || !in.empty()) return std::string(kBad);
    const auto bytes = target_.read(address, std::min(length, kLongestRead));
    return bytes ? to_hex(*bytes) : failure(bytes.error());
}

std::string Session::write_memory(std::string_view text, bool binary) {
    HexReader in(text);
    std::uint32_t address = 0, length = 0;
    if (!take_range(in, address, length) || !in.take(':')) return std::string(kBad);
    std::optional<Bytes> bytes;
    if (binary)
        bytes.emplace(in.rest().begin(), in.rest().end());
    else
        bytes = in.bytes();
    if (!bytes || bytes->size() != length) return std::string(kBad);
    const auto done = target_.write(address, *bytes);
    return done ? std::string(kOk) : failure(done.error());
}

/// vFlashErase, vFlashWrite, vFlashDone.
std::string Session::load_flash(std::string_view text) {
    const auto done = [&]() -> std::optional<Result<void>> {
        if (text == "FlashDone") return target_.flash().finish();
        const bool erases = take_prefix(text, "FlashErase:");
        if (!erases && !take_prefix(text, "FlashWrite:")) return std::nullopt;
        HexReader in(text);
        const auto address = in.number();
        if (!address) return std::nullopt;
        if (!erases) {
            if (!in.take(':')) return std::nullopt;
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(in.rest().data());
            return target_.flash().write(*address, ByteView(bytes, in.rest().size()));
        }
        if (!in.take(',')) return std::nullopt;
        const auto size = in.number();
        if (!size || !in.empty()) return std::nullopt;
        return target_.flash().erase(*address, *size);
    }();
    if (!done) return std::string(kBad);
    return *done ? std::string(kOk) : failure(done->error());
}

// --- breakpoints and going on ---

std::string Session::change_breakpoint(std::string_view text, bool insert) {
    HexReader in(text);
    const auto type = in.number();
    std::uint32_t address = 0, length = 0;
    if (!type || !in.take(',') || !take_range(in, address, length)) return std::string(kBad);
    if (*type > 1) return std::string(kUnknown);  // watchpoints are not offered
    if (insert)
        target_.insert(address, static_cast<TargetCore::Break>(*type));
    else
        target_.remove(address);
    return std::string(kOk);
}

std::optional<std::string> Session::resume(std::string_view text, Request& request) const {
    using Kind = Request::Kind;
    if (text == "vCont?") return "vCont;c;C;s;S;r";
    if (text.starts_with("vKill")) {
        request.kind = Kind::kill;
        return std::string(kOk);
    }
    const bool listed = take_prefix(text, "vCont;");
    if (text.empty() || (text.front() == 'v')) return std::string(kUnknown);
    const char action = text.front();
    HexReader in(text.substr(1));
    if (action == 'r' && listed) {
        const auto first = in.number();
        if (!first || !in.take(',')) return std::string(kBad);
        const auto last = in.number();
        if (!last) return std::string(kBad);
        request = {Kind::step, *first, *last};
        return std::nullopt;
    }
    if (action != 'c' && action != 'C' && action != 's' && action != 'S') return std::string(kBad);
    request.kind = action == 'c' || action == 'C' ? Kind::go : Kind::step;
    return std::nullopt;
}

// --- questions ---

std::string Session::part_of(std::string_view document, std::string_view range) const {
    HexReader in(range);
    std::uint32_t offset = 0, length = 0;
    if (!take_range(in, offset, length) || offset > document.size()) return std::string(kBad);
    const std::string_view part = document.substr(offset, std::min(length, kLongestRead));
    return (offset + part.size() < document.size() ? "m" : "l") + std::string(part);
}

std::string Session::query(std::string_view text) {
    if (text.starts_with("qSupported")) {
        tells_breakpoints_ = text.find("swbreak+") != text.npos || text.find("hwbreak+") != text.npos;
        return fmt::format(
            "PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;swbreak+;hwbreak+;"
            "vContSupported+",
            kPacketSize);
    }
    if (text == "QStartNoAckMode") {
        acknowledges_ = false;
        return std::string(kOk);
    }
    if (take_prefix(text, "qXfer:features:read:target.xml:")) return part_of(target_description(), text);
    if (take_prefix(text, "qXfer:memory-map:read::"))
        return part_of(
            memory_map(target_.master(), target_.chip().part().sectors_per_bank, target_.chip().part().banks),
            text);
    if (take_prefix(text, "qRcmd,")) return monitor(text);
    if (text == "qC") return "QC1";
    if (text == "qfThreadInfo") return "m1";
    if (text == "qsThreadInfo") return "l";
    if (text.starts_with("qThreadExtraInfo,")) return hex_of(target_.name());
    if (text.starts_with("qAttached")) return "1";
    if (text.starts_with("qSymbol")) return std::string(kOk);
    return std::string(kUnknown);
}

std::string Session::monitor(std::string_view hex) {
    const auto bytes = HexReader(hex).bytes();
    if (!bytes) return std::string(kBad);
    const std::string command(bytes->begin(), bytes->end());
    if (command == "reset" || command == "reset halt" || command == "reset init") {
        target_.press_reset();
        const chip::PortState port = target_.port();
        if (port.open) return hex_of("NRST was low; both cores stand at their first instruction\n");
        return hex_of(
            fmt::format("NRST was low; the debug port is closed now: {} ({})\n", port.why, port.rule));
    }
    return hex_of(
        "monitor reset    NRST low and high again; both cores stand at their first instruction\n"
        "monitor help     this text\n");
}

}  // namespace h7::debug

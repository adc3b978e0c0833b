// The register kit: a register block is a constexpr table that reads like the reference manual. The table
// performs the reset, masks writes by ST's access letters, prints itself, and turns a misspelt field name
// into a compile error.
//
//   class Wakeup final : public RegisterBlock<Wakeup> {
//   public:
//       static const Register<Wakeup> registers[2];
//       ..
//   };
//   inline constexpr Register<Wakeup> Wakeup::registers[2] = {
//       {.offset = 0x00, .name = "CR", .reset = 0x1, .fields = {{bit(0), "LOCK", rs}, {bits(5, 4), "MODE",
//       rw}},
//        .writable = &Wakeup::unlocked, .written = &Wakeup::obey},
//       ..
//   };
//   static_assert(well_formed(Wakeup::registers));
//
// Layout lives in the table, behaviour in the member functions it names; neither in the other.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/bits.hpp"
#include "emulator/fabric/peripheral.hpp"

namespace h7 {

/// Access letters exactly as ST prints them under each bit. `not_modelled`: stored and read back like rw, has
/// no effect, is logged when touched and listed in the documentation.
enum class Letters : std::uint8_t { r, w, rw, rs, rc_w1, rc_w0, not_modelled };
using enum Letters;

struct BitRange {
    std::uint8_t lsb = 0, width = 0;
    constexpr std::uint32_t mask() const { return width == 0 ? 0 : h7::mask(lsb + width - 1U, lsb); }
};
constexpr BitRange bit(unsigned n) { return {static_cast<std::uint8_t>(n), 1}; }
constexpr BitRange bits(unsigned msb, unsigned lsb) {
    return {static_cast<std::uint8_t>(lsb), static_cast<std::uint8_t>(msb - lsb + 1)};
}

struct Field {
    BitRange at{};
    std::string_view name{};
    Letters letters = r;
};

/// A write as a hook sees it: `value` already moved into the register's own byte lanes, `lanes` the bits
/// those cover.
struct RegisterWrite {
    const Access& access;
    std::uint32_t value = 0;  // bits outside `lanes` are 0
    std::uint32_t lanes = 0;
    std::uint32_t old = 0;  // stored value before the write
    unsigned index = 0;     // element, for a register array
};

template <class Device>
struct Register {
    Address offset = 0;
    std::string_view name{};
    std::uint32_t reset = 0;
    Field fields[32]{};
    unsigned count = 1;  // elements of a register array; an x in the name is their number
    Address stride = 4;  // bytes from one element to the next
    bool (Device::*writable)(const RegisterWrite&) const = nullptr;      // guard: false -> nothing is written
    BusResult<void> (Device::*written)(const RegisterWrite&) = nullptr;  // side effect, after the store
    std::uint32_t (Device::*live)(unsigned index) const = nullptr;       // status computed when read
    std::uint32_t (Device::*taken)(const Access&,
                                   unsigned index) = nullptr;  // the few whose read has an effect

    constexpr std::uint32_t mask_of(auto... letters) const {
        std::uint32_t m = 0;
        for (const Field& f : fields)
            if (((f.letters == letters) || ...)) m |= f.at.mask();
        return m;
    }
    constexpr bool well_formed() const {
        std::uint32_t seen = 0;
        for (const Field& f : fields) {
            if ((seen & f.at.mask()) != 0) return false;
            seen |= f.at.mask();
        }
        return (reset & ~seen) == 0 && offset % 4 == 0 && count > 0;
    }
};

/// What the fields of a register say of its bits, worked out once: an access does not walk the fields.
struct RegisterMasks {
    std::uint32_t plain = 0, rs = 0, rc_w1 = 0, rc_w0 = 0;  // by what a write does
    std::uint32_t readable = 0, not_modelled = 0;
    bool storage_only = false;  // no bit of it is modelled

    template <class Device>
    static constexpr RegisterMasks of(const Register<Device>& reg) {
        return {reg.mask_of(Letters::rw, Letters::not_modelled),
                reg.mask_of(Letters::rs),
                reg.mask_of(Letters::rc_w1),
                reg.mask_of(Letters::rc_w0),
                reg.mask_of(Letters::r, Letters::rw, Letters::rs, Letters::rc_w1, Letters::rc_w0,
                            Letters::not_modelled),
                reg.mask_of(Letters::not_modelled),
                reg.mask_of(Letters::not_modelled) != 0 &&
                    reg.mask_of(Letters::r, Letters::rw, Letters::rs, Letters::rc_w1, Letters::rc_w0) == 0};
    }
    /// Stored value after `value` is written in the byte lanes `lanes`.
    constexpr std::uint32_t after_write(std::uint32_t old, std::uint32_t value, std::uint32_t lanes) const {
        std::uint32_t next = (old & ~(plain & lanes)) | (value & plain & lanes);
        next |= value & rs & lanes;
        next &= ~(value & rc_w1 & lanes);
        next &= ~(~value & rc_w0 & lanes);
        return next;
    }
};

/// No two fields overlap, no reserved bit has a reset value, no two registers share an offset.
template <class Table>
constexpr bool well_formed(const Table& table) {
    for (std::size_t i = 0; i < std::size(table); ++i) {
        if (!table[i].well_formed()) return false;
        for (std::size_t k = 0; k < i; ++k)
            for (unsigned a = 0; a < table[i].count; ++a)
                for (unsigned b = 0; b < table[k].count; ++b)
                    if (table[i].offset + a * table[i].stride == table[k].offset + b * table[k].stride)
                        return false;
    }
    return true;
}

template <std::size_t N>
struct FieldName {
    char text[N]{};
    consteval FieldName(const char (&s)[N]) { std::copy_n(s, N, text); }
    constexpr std::string_view view() const { return {text, N - 1}; }
};

struct FieldRef {
    std::size_t reg = 0;
    BitRange at{};
};

/// "CR.START" names a field, "CR" the whole register. A name that does not exist does not compile.
template <class Table>
consteval FieldRef find_field(const Table& table, std::string_view dotted) {
    // Searched by hand: g++ 12 with -fsanitize=undefined takes string_view::find for no constant expression.
    std::size_t dot = 0;
    while (dot < dotted.size() && dotted[dot] != '.') ++dot;
    for (std::size_t i = 0; i < std::size(table); ++i) {
        if (table[i].name != dotted.substr(0, dot)) continue;
        if (dot == dotted.size()) return {i, bits(31, 0)};
        for (const Field& f : table[i].fields)
            if (f.at.width != 0 && f.name == dotted.substr(dot + 1)) return {i, f.at};
    }
    throw "no such register or field";
}

std::string_view spelling(Letters letters);

/// Stored values of the registers in `Device::registers`.
template <class Device>
class RegisterFile {
public:
    static constexpr std::size_t npos = ~std::size_t{0};
    struct Slot {
        std::size_t reg = npos;
        unsigned index = 0;
    };

    RegisterFile() {
        for (std::size_t i = 0, first = 0; i < std::size(Device::registers); ++i) {
            const auto& reg = Device::registers[i];
            first_.push_back(first);
            first += reg.count;
            for (unsigned k = 0; k < reg.count; ++k) {
                const std::size_t word = (reg.offset + k * reg.stride) / 4;
                if (slots_.size() <= word) slots_.resize(word + 1);
                slots_[word] = {i, k};
            }
        }
        value_.resize(first_.back() + Device::registers[std::size(Device::registers) - 1].count);
        reset();
    }

    void reset() {
        for (std::size_t i = 0; i < std::size(Device::registers); ++i)
            for (unsigned k = 0; k < Device::registers[i].count; ++k)
                value_[first_[i] + k] = Device::registers[i].reset;
    }

    /// Stored value of a field (or whole register); `index` for arrays.
    template <FieldName N>
    std::uint32_t get(unsigned index = 0) const {
        constexpr FieldRef f = find_field(Device::registers, N.view());
        return (value_[first_[f.reg] + index] & f.at.mask()) >> f.at.lsb;
    }
    template <FieldName N>
    void set(std::uint32_t v, unsigned index = 0) {
        constexpr FieldRef f = find_field(Device::registers, N.view());
        std::uint32_t& slot = value_[first_[f.reg] + index];
        slot = (slot & ~f.at.mask()) | ((v << f.at.lsb) & f.at.mask());
    }
    /// The field inside a value that is about to be, or was, written.
    template <FieldName N>
    static constexpr std::uint32_t field(std::uint32_t value) {
        constexpr FieldRef f = find_field(Device::registers, N.view());
        return (value & f.at.mask()) >> f.at.lsb;
    }
    template <FieldName N>
    static constexpr std::uint32_t mask() {
        return find_field(Device::registers, N.view()).at.mask();
    }

    Slot slot_at(Address offset) const { return offset / 4 < slots_.size() ? slots_[offset / 4] : Slot{}; }
    std::uint32_t& stored(Slot slot) { return value_[first_[slot.reg] + slot.index]; }
    std::uint32_t stored(Slot slot) const { return value_[first_[slot.reg] + slot.index]; }
    static const RegisterMasks& masks(Slot slot) {
        static const auto table = [] {
            std::array<RegisterMasks, std::size(Device::registers)> all{};
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = RegisterMasks::of(Device::registers[i]);
            return all;
        }();
        return table[slot.reg];
    }

    void save(StateWriter& out) const {
        for (const std::uint32_t v : value_) out.u32(v);
    }
    void load(StateReader& in) {
        for (std::uint32_t& v : value_) v = in.u32();
    }

private:
    std::vector<std::uint32_t> value_;
    std::vector<std::size_t> first_;
    std::vector<Slot> slots_;
};

/// A peripheral whose behaviour is its table. Accesses of 8, 16 and 32 bits work on the byte lanes they
/// cover; an offset without a register reads 0 and ignores writes (system.md 1.5). Blocks with stricter
/// widths override read/write, test, and call these.
template <class Device>
class RegisterBlock : public Peripheral {
public:
    using Peripheral::Peripheral;

    BusResult<std::uint64_t> read(const Access& access) override {
        const auto slot = regs_.slot_at(offset_of(access));
        if (slot.reg == RegisterFile<Device>::npos) return no_register(access);
        const auto& reg = Device::registers[slot.reg];
        const RegisterMasks& masks = RegisterFile<Device>::masks(slot);
        if (trace_ != nullptr && masks.storage_only) trace_->unmodelled(name(), reg.name, access);
        std::uint32_t value = regs_.stored(slot);
        if (reg.live != nullptr) value = (self().*reg.live)(slot.index);
        if (reg.taken != nullptr) value = (self().*reg.taken)(access, slot.index);
        return std::uint64_t{(value & masks.readable) >> shift(access)} & lane_mask(access.size);
    }

    BusResult<void> write(const Access& access, std::uint64_t wide) override {
        const auto slot = regs_.slot_at(offset_of(access));
        if (slot.reg == RegisterFile<Device>::npos) {
            (void)no_register(access);
            return {};
        }
        const auto& reg = Device::registers[slot.reg];
        const std::uint32_t lanes = static_cast<std::uint32_t>(lane_mask(access.size)) << shift(access);
        const std::uint32_t value = (static_cast<std::uint32_t>(wide) << shift(access)) & lanes;
        const RegisterWrite write{access, value, lanes, regs_.stored(slot), slot.index};
        if (reg.writable != nullptr && !(self().*reg.writable)(write)) return {};
        const RegisterMasks& masks = RegisterFile<Device>::masks(slot);
        const std::uint32_t next = masks.after_write(write.old, value, lanes);
        if (trace_ != nullptr && ((next ^ write.old) & masks.not_modelled) != 0)
            trace_->unmodelled(name(), reg.name, access);
        regs_.stored(slot) = next;
        if (reg.written != nullptr) return (self().*reg.written)(write);
        return {};
    }

    void reset(ResetKind) override { regs_.reset(); }

    std::vector<RegisterInfo> describe() const override {
        std::vector<RegisterInfo> all;
        for (const auto& reg : Device::registers)
            for (unsigned k = 0; k < reg.count; ++k) all.push_back(describe_one(reg, k));
        return all;
    }
    void save(StateWriter& out) const override {
        out.section(name());
        regs_.save(out);
    }
    void load(StateReader& in) override {
        in.section(name());
        regs_.load(in);
    }

protected:
    RegisterFile<Device> regs_;

    static unsigned shift(const Access& access) { return 8 * (access.address & 3U); }
    static std::uint64_t lane_mask(unsigned size) {
        return size >= 4 ? 0xFFFF'FFFFU : (1U << (8 * size)) - 1U;
    }

private:
    Device& self() { return static_cast<Device&>(*this); }

    BusResult<std::uint64_t> no_register(const Access& access) {
        if (trace_ != nullptr) trace_->unmodelled(name(), "+0x" + hex_offset(access), access);
        return std::uint64_t{0};
    }
    std::string hex_offset(const Access& access) const {
        static constexpr char kDigits[] = "0123456789abcdef";
        std::string text;
        for (int at = 8; at >= 0; at -= 4) text += kDigits[(offset_of(access) >> at) & 0xF];
        return text;
    }
    /// "R" of an array is R0, R1, ..; "SxCR" is S0CR, S1CR, ..
    static std::string name_of_element(const Register<Device>& reg, unsigned k) {
        std::string text(reg.name);
        if (reg.count == 1) return text;
        const std::size_t x = text.find('x');
        return x == std::string::npos ? text + std::to_string(k) : text.replace(x, 1, std::to_string(k));
    }
    static RegisterInfo describe_one(const Register<Device>& reg, unsigned k) {
        RegisterInfo info;
        info.offset = reg.offset + k * reg.stride;
        info.name = name_of_element(reg, k);
        info.reset = reg.reset;
        info.guarded = reg.writable != nullptr;
        info.computed = reg.live != nullptr || reg.taken != nullptr;
        for (const Field& f : reg.fields)
            if (f.at.width != 0)
                info.fields.push_back({f.name, f.at.lsb + f.at.width - 1U, f.at.lsb, spelling(f.letters),
                                       f.letters != not_modelled});
        return info;
    }
};

}  // namespace h7

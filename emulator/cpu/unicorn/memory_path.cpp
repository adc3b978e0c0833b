// The engine's memory accesses that its translated code could not do by itself: a miss in the software TLB, a
// slave, a refusal. Everything the library would do here is replaced, so that every access is asked once,
// answered once, and leaves with the exact pc when it cannot be done.
#include <algorithm>
#include <cstring>
#include <utility>

#include "emulator/cpu/unicorn/engine.hpp"
#include "emulator/cpu/unicorn/thumb.hpp"

namespace h7::cpu {
namespace {

using layout::field;

constexpr int kRead = 1, kWrite = 2, kExecute = 4;  // rights of a TLB entry
constexpr std::uint32_t kOffset = layout::kPageSize - 1;

constexpr unsigned mmu_index_of(std::uint32_t oi) { return oi & 15U; }
/// The M-profile indices: bit 0 is privilege; LDRT and STRT ask with an unprivileged one.
constexpr bool privileged(unsigned mmu_index) { return (mmu_index & 1U) != 0; }
/// The address lacks the alignment its instruction asks for.
constexpr bool misaligned(std::uint32_t address, unsigned size, std::uint32_t oi) {
    const std::uint32_t alignment = oi >> 8 & 7U;
    return (address & ((alignment == 7 ? size : 1U << alignment) - 1)) != 0;
}
/// Device memory takes words and less, each at its own alignment (decision 0012).
constexpr bool misaligned_device(std::uint32_t address, unsigned size) {
    return (address & (std::min(size, 4U) - 1)) != 0;
}

}  // namespace

layout::TlbEntry& Engine::tlb_entry(std::uint32_t address, unsigned mmu_index) const {
    const auto fast = static_cast<std::ptrdiff_t>(16 * mmu_index);
    const auto mask = field<std::uint64_t>(env_, layout::kTlbMask + fast) >> 5;
    return field<layout::TlbEntry*>(env_, layout::kTlbTable + fast)[(address >> layout::kPageBits) & mask];
}

/// The TLB is direct-mapped: flash page 0 and RAM page 0 evict each other. The evicted entry is put back here
/// without a question (spec: unicorn-counting.md 2).
std::uint8_t* Engine::swap_victim(std::uint32_t address, unsigned mmu_index, bool write) const {
    const std::uint32_t page = address & ~kOffset;
    char* description = static_cast<char*>(env_) + mmu_index * layout::kTlbDescSize;
    auto* victims = reinterpret_cast<layout::TlbEntry*>(description + layout::kVictimTable);
    for (unsigned n = 0; n < layout::kVictims; ++n) {
        if ((write ? victims[n].write & ~layout::kNotDirty : victims[n].read) != page) continue;
        layout::TlbEntry& entry = tlb_entry(address, mmu_index);
        std::swap(entry, victims[n]);
        const auto index = &entry - field<layout::TlbEntry*>(env_, layout::kTlbTable + 16 * mmu_index);
        auto* io = field<layout::IoTlbEntry*>(description, layout::kIotlb);
        auto* victim_io = reinterpret_cast<layout::IoTlbEntry*>(description + layout::kVictimIotlb);
        std::swap(io[index], victim_io[n]);
        if (write && entry.write != page) return nullptr;
        return reinterpret_cast<std::uint8_t*>(address + entry.addend);
    }
    return nullptr;
}

/// A page in the TLB whose stores are looked at: it holds code, or this is the first store since they are
/// watched.
std::uint8_t* Engine::store_in_place(std::uint32_t address, std::uint32_t size, unsigned mmu_index) {
    layout::TlbEntry& entry = tlb_entry(address, mmu_index);
    const std::uint32_t page = address & ~kOffset;
    if (entry.write != (page | layout::kNotDirty)) return nullptr;
    auto* host = reinterpret_cast<std::uint8_t*>(address + entry.addend);
    const Mapped* block = block_at(host);
    if (block == nullptr || !block->writable) return nullptr;
    ++slow_stores_;
    const Address canonical = block->first + static_cast<Address>(host - block->host);
    if (guarded(*block, canonical)) {
        overwrite_code(host, size);
    } else {
        entry.write = page;
        if (watching_) opened_.push_back({page, mmu_index});
    }
    mark(*block, canonical, size);
    return host;
}

/// Asks where an access may go; does not come back when it may not.
Translation Engine::ask(std::uint32_t address, Op op, bool priv, std::uintptr_t ra) {
    access_ = ra;  // the port may ask for the time
    const Translation t = port_.translate(address, op, priv);
    access_ = 0;
    switch (t.kind) {
        case Translation::Kind::memory:
        case Translation::Kind::slave:
            break;
        case Translation::Kind::refused:
            leave({Stop::Why::refused, address, op, 0}, ra);
        case Translation::Kind::bus_error:
            leave({Stop::Why::bus_error, address, op, 0}, ra);
        case Translation::Kind::wait:
            leave({Stop::Why::wait, address, op, t.until}, ra);
    }
    return t;
}

/// A whole page of one kind enters the TLB with all it may do, a mixed one only to find its blocks.
void Engine::install(std::uint32_t address, const Translation& t, const Mapped& block, unsigned mmu_index,
                     int rights, bool stores) {
    const Address canonical = t.canonical & ~kOffset;
    const std::uint32_t page = address & ~kOffset;
    if (!block.writable || (canonical - block.first) >= block.size) rights &= ~kWrite;
    tlb_set_page_with_attrs_arm(cpu_, page, canonical, {0}, rights, static_cast<int>(mmu_index),
                                layout::kPageSize);
    if ((rights & kWrite) == 0 || guarded(block, canonical) || (watching_ && !stores)) return;
    tlb_set_dirty_arm(cpu_, page);
    if (watching_) opened_.push_back({page, mmu_index});
}

void Engine::fill(std::uint32_t address, Op op, unsigned mmu_index, std::uintptr_t ra) {
    const Translation t = ask(address, op, privileged(mmu_index), ra);
    const Mapped* block = t.kind == Translation::Kind::memory ? block_of(t.canonical) : nullptr;
    if (block == nullptr || (op == Op::fetch && !t.execute))
        leave({Stop::Why::bus_error, address, op, 0}, ra);
    int rights = kExecute;
    if (t.granule >= layout::kPageSize) {
        // The data of Device memory stays outside: its alignment is looked at.
        if (!t.device) rights = (t.read ? kRead : 0) | (t.write ? kWrite : 0) | (t.execute ? kExecute : 0);
    } else {
        // Blocks of a page with an area limit in it hold only as long as the rights they were made under.
        const std::uint64_t ram = block->ram + ((t.canonical & ~kOffset) - block->first);
        auto& made_in = mixed_pages_[ram];
        if (made_in != generation_) {
            made_in = generation_;
            tb_invalidate_phys_range_arm(uc_, ram, ram + layout::kPageSize);
        }
    }
    install(address, t, *block, mmu_index, rights);
}

std::uint64_t Engine::load_slow(std::uint32_t address, unsigned size, std::uint32_t oi, std::uintptr_t ra) {
    const bool priv = privileged(mmu_index_of(oi));
    if (misaligned(address, size, oi)) leave({Stop::Why::unaligned, address, Op::read, 0}, ra);
    const Translation t = ask(address, Op::read, priv, ra);
    if (t.device && misaligned_device(address, size)) leave({Stop::Why::unaligned, address, Op::read, 0}, ra);
    const bool crosses = (address & (t.granule - 1)) + size > t.granule;
    const Mapped* block = t.kind == Translation::Kind::memory && t.read ? block_of(t.canonical) : nullptr;
    if (block != nullptr && !crosses) {
        if (t.granule >= layout::kPageSize && !t.device)
            install(address, t, *block, mmu_index_of(oi),
                    kRead | (t.write ? kWrite : 0) | (t.execute ? kExecute : 0));
        std::uint64_t value = 0;
        std::memcpy(&value, block->host + (t.canonical - block->first), size);
        return value;
    }
    if ((address & (size - 1)) != 0 || (size == 8 && t.device)) {
        const unsigned part = size == 8 && (address & 3U) == 0 ? 4 : 1;
        std::uint64_t value = 0;
        for (unsigned n = 0; n < size; n += part)
            value |= load_slow(address + n, part, oi & 15U, ra) << (8 * n);
        return value;
    }
    access_ = ra;
    const BusResult<std::uint64_t> value = port_.load(address, size, priv);
    if (!value) {
        const bool wait = value.error().kind == BusFault::Kind::wait;
        leave({wait ? Stop::Why::wait : Stop::Why::bus_error, address, Op::read, value.error().until}, ra);
    }
    access_ = 0;
    return *value;
}

void Engine::store_slow(std::uint32_t address, unsigned size, std::uint64_t value, std::uint32_t oi,
                        std::uintptr_t ra) {
    const bool priv = privileged(mmu_index_of(oi));
    const auto in_parts = [&](unsigned part) {
        for (unsigned n = 0; n < size; n += part)
            store_slow(address + n, part, value >> (8 * n), oi & 15U, ra);
    };
    if (misaligned(address, size, oi)) leave({Stop::Why::unaligned, address, Op::write, 0}, ra);
    ++slow_stores_;
    const Translation t = ask(address, Op::write, priv, ra);
    if (t.device && misaligned_device(address, size))
        leave({Stop::Why::unaligned, address, Op::write, 0}, ra);
    const bool crosses = (address & (t.granule - 1)) + size > t.granule;
    if (crosses)  // both sides may refuse; nothing is stored then
        ask((address & ~(t.granule - 1)) + t.granule, Op::write, priv, ra);
    const Mapped* block = t.kind == Translation::Kind::memory && t.write ? block_of(t.canonical) : nullptr;
    if (block != nullptr && block->writable && !crosses) {
        std::uint8_t* host = block->host + (t.canonical - block->first);
        if (t.granule >= layout::kPageSize && !t.device)
            install(address, t, *block, mmu_index_of(oi),
                    kWrite | (t.read ? kRead : 0) | (t.execute ? kExecute : 0), true);
        if (guarded(*block, t.canonical)) overwrite_code(host, size);
        std::memcpy(host, &value, size);
        mark(*block, t.canonical, size);
        return;
    }
    if ((address & (size - 1)) != 0 || (size == 8 && t.device))
        return in_parts(size == 8 && (address & 3U) == 0 ? 4 : 1);
    access_ = ra;
    const BusResult<void> done = port_.store(address, size, value, priv);
    if (!done) {
        const bool wait = done.error().kind == BusFault::Kind::wait;
        leave({wait ? Stop::Why::wait : Stop::Why::bus_error, address, Op::write, done.error().until}, ra);
    }
    access_ = 0;
}

/// Peripherals and the private bus: never in the TLB.
namespace {
constexpr bool is_memory(std::uint32_t address) {
    return address < 0x4000'0000U || (address >= 0x6000'0000U && address < 0xE000'0000U);
}
}  // namespace

template <class T>
T Engine::load(std::uint32_t address, std::uint32_t oi, std::uintptr_t ra) {
    if ((address & (sizeof(T) - 1)) == 0 && is_memory(address))
        if (const std::uint8_t* host = swap_victim(address, mmu_index_of(oi), false)) {
            T value;
            std::memcpy(&value, host, sizeof value);
            return value;
        }
    return static_cast<T>(load_slow(address, sizeof(T), oi, ra));
}

template <class T>
void Engine::store(std::uint32_t address, T value, std::uint32_t oi, std::uintptr_t ra) {
    if ((address & (sizeof(T) - 1)) == 0 && is_memory(address)) {
        std::uint8_t* host = swap_victim(address, mmu_index_of(oi), true);
        if (host == nullptr) host = store_in_place(address, sizeof(T), mmu_index_of(oi));
        if (host != nullptr) {
            std::memcpy(host, &value, sizeof value);
            return;
        }
    }
    behind_store_ = false;
    store_slow(address, sizeof(T), value, oi, ra);
    if (behind_store_) leave_behind(ra);
}

template std::uint8_t Engine::load(std::uint32_t, std::uint32_t, std::uintptr_t);
template std::uint16_t Engine::load(std::uint32_t, std::uint32_t, std::uintptr_t);
template std::uint32_t Engine::load(std::uint32_t, std::uint32_t, std::uintptr_t);
template std::uint64_t Engine::load(std::uint32_t, std::uint32_t, std::uintptr_t);
template void Engine::store(std::uint32_t, std::uint8_t, std::uint32_t, std::uintptr_t);
template void Engine::store(std::uint32_t, std::uint16_t, std::uint32_t, std::uintptr_t);
template void Engine::store(std::uint32_t, std::uint32_t, std::uint32_t, std::uintptr_t);
template void Engine::store(std::uint32_t, std::uint64_t, std::uint32_t, std::uintptr_t);

// --- instruction fetch, at translation time ---

const Engine::FetchEntry& Engine::fetch_entry(std::uint32_t address) {
    const unsigned mmu_index = field<std::uint32_t>(env_, layout::kHflags) >> 24 & 15U;
    const bool priv = privileged(mmu_index);
    if (address - fetch_.base < fetch_.size && fetch_.privileged == priv) return fetch_;
    const Translation t = ask(address, Op::fetch, priv, 0);
    const Mapped* block = t.kind == Translation::Kind::memory && t.execute ? block_of(t.canonical) : nullptr;
    if (block == nullptr) leave({Stop::Why::bus_error, address, Op::fetch, 0}, 0);
    const std::uint32_t size = t.granule >= layout::kPageSize ? layout::kPageSize : t.granule;
    const std::uint32_t inside = address & (size - 1);
    const std::uint32_t offset = t.canonical - block->first - inside;
    fetch_ = {address - inside, size, priv, block->host + offset, &code_of(block->ram + offset)};
    return fetch_;
}

/// The library knows no SEV: it translates it as a NOP, and YIELD as an exit. We want the first to leave and
/// the second to do nothing, so SEV is shown to it as YIELD, and YIELD as NOP.
std::uint16_t Engine::fetch(std::uint32_t address) {
    const FetchEntry& entry = fetch_entry(address);
    std::uint16_t half = 0;
    std::memcpy(&half, entry.host + (address - entry.base), sizeof half);
    entry.code->set(reinterpret_cast<std::uintptr_t>(entry.host + (address - entry.base)) %
                    layout::kPageSize / 2);
    if (address == translating_.instruction) {
        if (stops_at(address)) return 0xBE00;  // shown to the library as BKPT
        if (half == 0xBF40) return 0xBF10;
        if (half == 0xBF10) return 0xBF00;
    } else if (address == translating_.instruction + 2 && (half == 0x8004 || half == 0x8001)) {
        if (fetch(address - 2) != 0xF3AF) return half;
        return half == 0x8004 ? 0x8001 : 0x8000;
    }
    return half;
}

void Engine::begin_block(const layout::Block& block) {
    translating_ = {};
    translating_.flags = block.flags;
    translating_.thumb = registers_.thumb();
    // A block may begin inside an IT block; what is left of ITSTATE is in its flags.
    translating_.conditional = thumb::it_length(static_cast<std::uint16_t>(block.flags & 15U));
    if (translating_.thumb) translating_.mixed_page = fetch_entry(block.pc).size < layout::kPageSize;
}

void Engine::begin_instruction(std::uint32_t pc) {
    translating_.instruction = pc;
    if (!translating_.thumb) return;
    const std::uint16_t first = fetch(pc);
    const std::uint16_t second = thumb::is_wide(first) ? fetch(pc + 2) : std::uint16_t{0};
    // Skipped at run time, a first FPU instruction begins no context and stores no frame; the next one must
    // know. So a block ends behind it.
    const bool opens = (translating_.flags & (layout::kOpenFrame | layout::kNoContext)) != 0;
    translating_.may_begin_context = translating_.conditional != 0 && opens && thumb::is_fpu(first, second);
    if (translating_.conditional != 0) --translating_.conditional;
    if (thumb::is_it(first)) translating_.conditional = thumb::it_length(first);
    if (thumb::needs_word_alignment(first, second))
        translating_.alignment = layout::kAlignWord;
    else
        translating_.alignment =
            (translating_.flags & layout::kTrapUnaligned) != 0 ? layout::kAlignNatural : 0;
}

/// In a page that holds an area limit a block ends at every granule, so that whatever lies behind a limit is
/// asked for when it is reached, and not before.
bool Engine::block_ends_before(std::uint32_t pc, std::uint32_t first) {
    if (pc == first) return false;
    if (single_ || short_blocks_) return true;
    if (!translating_.mixed_page) return false;
    const std::uint32_t granule = fetch_entry(pc - 2).size;
    if ((pc & (granule - 1)) == 0) return true;
    if ((pc & (granule - 1)) != granule - 2) return false;
    return thumb::is_wide(fetch(pc));  // a 32-bit instruction across the limit
}

}  // namespace h7::cpu

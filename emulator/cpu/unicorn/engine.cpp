#include "emulator/cpu/unicorn/engine.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "emulator/cpu/unicorn/library.hpp"
#include "emulator/cpu/unicorn/thumb.hpp"

namespace h7::cpu {

using layout::field;

Engine::Engine(uc_engine* uc, EnginePort& port) : uc_(uc), port_(port) {}

Engine::~Engine() {
    if (peer_ != nullptr) peer_->peer_ = nullptr;
    uc_close(uc_);
}

Result<std::unique_ptr<Engine>> Engine::create(Model model, const std::vector<MemoryBlock>& memory,
                                               EnginePort& port) {
    const Counting counting = TRY(check_library());
    std::unique_ptr<Engine> engine = TRY(create_unchecked(model, memory, port));
    if (counting == Counting::by_hook) engine->count_by_hook();
    return engine;
}

Result<std::unique_ptr<Engine>> Engine::create_unchecked(Model model, const std::vector<MemoryBlock>& memory,
                                                         EnginePort& port) {
    uc_engine* uc = nullptr;
    // Never UC_MODE_MCLASS: it forces another core (spec: unicorn.md 0.4).
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB, &uc) != UC_ERR_OK)
        return misuse("the Unicorn library does not open an ARM engine");
    std::unique_ptr<Engine> engine(new Engine(uc, port));
    const int cpu_model = model == Model::cortex_m7 ? UC_CPU_ARM_CORTEX_M7 : UC_CPU_ARM_CORTEX_M4;
    if (uc_ctl_set_cpu_model(uc, cpu_model) != UC_ERR_OK)
        return misuse("the Unicorn library has no Cortex-M7 or Cortex-M4 model");
    TRY(engine->map(memory));
    engine->attach();
    return engine;
}

Result<void> Engine::map(const std::vector<MemoryBlock>& memory) {
    for (const MemoryBlock& block : memory) {
        const uc_err error = uc_mem_map_ptr(uc_, block.canonical, block.size, UC_PROT_ALL, block.host);
        if (error != UC_ERR_OK)
            return misuse(std::string("the Unicorn library does not map a memory block: ") +
                          uc_strerror(error));
        blocks_.push_back({block.canonical, block.size, block.host, 0, block.writable, block.memory});
    }
    std::uint64_t end = 0;
    for (Mapped& block : blocks_) {
        block.ram = qemu_ram_addr_from_host_arm(uc_, block.host);
        end = std::max(end, block.ram + block.size);
    }
    code_pages_.assign((end >> layout::kPageBits) + 1, false);
    code_.resize((end >> layout::kPageBits) + 1);
    return {};
}

void Engine::attach() {
    cpu_ = field<void*>(uc_, layout::kUcCpu);
    env_ = static_cast<char*>(cpu_) + layout::kCpuEnv;
    tcg_ = field<void*>(uc_, layout::kUcTcg);
    registers_ = EngineRegisters(uc_, env_);
    field<Engine*>(env_, layout::kOwner) = this;
    counter() = -1;  // executed() = 0

    uc_hook hook = 0;
    uc_hook_add(uc_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(&Engine::on_interrupt), this, 1, 0);
    uc_hook_add(uc_, &hook, UC_HOOK_INSN_INVALID, reinterpret_cast<void*>(&Engine::on_invalid), this, 1, 0);
    uc_ctl_exits_enable(uc_);  // with no exits: the cheapest way to start (spec: unicorn.md 2)

    // What the library calls with a block that the counter at its start did not let run.
    void* cpu_class = field<void*>(cpu_, layout::kCpuClass);
    using Synchronize = void (*)(void*, layout::Block*);
    auto& slot = field<Synchronize>(cpu_class, layout::kClassSyncFromTb);
    real_synchronize_ = slot;
    slot = &Engine::synchronize;

    // A fresh library would begin its code buffer anew without forgetting what is in it, the first time it is
    // full.
    tb_flush_arm(cpu_);
}

Engine* Engine::of_tcg(void* tcg) {
    void* uc = field<void*>(tcg, layout::kTcgUc);
    return of_cpu(field<void*>(uc, layout::kUcCpu));
}

bool Engine::layout_fits() const {
    return field<uc_engine*>(cpu_, layout::kCpuUc) == uc_ && field<uc_engine*>(tcg_, layout::kTcgUc) == uc_;
}

bool Engine::lookup_agrees() const {
    std::uint32_t pc = 0, cs_base = 0, flags = 0;
    cpu_get_tb_cpu_state_arm(env_, &pc, &cs_base, &flags);
    return pc == registers_.pc() && cs_base == 0 && flags == block_flags(env_);
}

std::uint32_t Engine::public_register(int id) const {
    std::uint32_t value = 0;
    uc_reg_read(uc_, id, &value);
    return value;
}

// --- running and stopping ---

Stop Engine::run() {
    stopped_ = false;
    access_ = 0;
    uc_err error = UC_ERR_OK;
    do {  // the library also comes back when its code buffer was full
        const std::uint64_t begin = registers_.pc() | (registers_.thumb() ? 1U : 0U);
        error = uc_emu_start(uc_, begin, 0, 0, 0);
    } while (!stopped_ && error == UC_ERR_OK);
    access_ = 0;
    assert(stopped_ && "the engine came back without a reason");
    if (!stopped_) stop_ = {Stop::Why::undefined, 0, Op::fetch, 0};
    return stop_;
}

void Engine::stop_with(const Stop& stop) {
    stop_ = stop;
    stopped_ = true;
    uc_emu_stop(uc_);
}

void Engine::leave(const Stop& stop, std::uintptr_t ra) {
    if (ra != 0) {
        return_unexecuted(ra);
        cpu_restore_state_arm(cpu_, ra,
                              true);  // pc and ITSTATE of the instruction that could not be executed
        restore_base(stop);
    }
    access_ = 0;
    stop_with(stop);
    cpu_loop_exit_arm(cpu_);
}

/// The halfword at an address that has just been executed.
std::uint16_t Engine::instruction_word(std::uint32_t pc) const {
    const Translation t = port_.translate(pc, Op::fetch, registers_.privileged());
    std::uint16_t half = 0;
    if (t.kind == Translation::Kind::memory) read_memory(t.canonical, &half, sizeof half);
    return half;
}

/// The store has been done; the next instruction is looked up anew.
void Engine::leave_behind(std::uintptr_t ra) {
    Position at;
    if (!find_position(tcg_, ra, at)) return;
    const std::uint16_t first = instruction_word(at.pc);
    const std::uint32_t size = thumb::is_wide(first) ? 4 : 2;
    if (!thumb::is_plain_store(first, size == 4 ? instruction_word(at.pc + 2) : std::uint16_t{0})) return;
    counter() += static_cast<int>(at.total - at.before) - 1;
    executed_by_hook_ -= at.total - at.before - 1;
    cpu_restore_state_arm(cpu_, ra, true);
    registers_.set_pc(at.pc + size);
    registers_.advance_it();
    access_ = 0;
    stop_with({});
    cpu_loop_exit_arm(cpu_);
}

/// LDRD may be executed again: its base comes back when the first word has overwritten it already. (An
/// address between the two words is one where rights change: a multiple of 32.)
void Engine::restore_base(const Stop& stop) {
    if (stop.op != Op::read || stop.address == 0 || (stop.address & 31U) != 0) return;
    const std::uint16_t first = instruction_word(registers_.pc());
    if (!thumb::is_wide(first)) return;
    const std::uint16_t second = instruction_word(registers_.pc() + 2);
    if (!thumb::overwrites_base(first, second)) return;
    const std::uint32_t offset = 4U * (second & 0xFFU);
    const std::uint32_t base = stop.address - ((first & 0x80U) != 0 ? offset : 0U - offset);
    const unsigned n = first & 15U;
    if (registers_.r(n) != base) registers_.set_r(n, base - 4);
}

void Engine::on_interrupt(uc_engine*, std::uint32_t number, void* self) {
    // Exception numbers of the library.
    enum : std::uint32_t { kSvc = 2, kBkpt = 7, kExceptionExit = 8, kNocp = 17, kInvstate = 18 };
    Stop stop;
    switch (number) {
        case kSvc:
            stop.why = Stop::Why::svc;
            break;
        case kBkpt: {
            auto* engine = static_cast<Engine*>(self);
            stop.why = Stop::Why::breakpoint;
            if (!engine->stops_at(engine->registers_.pc())) break;
            stop.why = Stop::Why::debug;
            ++engine->counter();  // the debugger's BKPT is no instruction of the program
            break;
        }
        case kExceptionExit:
            stop.why = Stop::Why::exception_return;
            break;
        case kNocp:
            stop.why = Stop::Why::no_coprocessor;
            break;
        case kInvstate:
            stop.why = Stop::Why::invalid_state;
            break;
        default:
            stop.why = Stop::Why::undefined;
            break;
    }
    auto* engine = static_cast<Engine*>(self);
    const bool between = stop.why == Stop::Why::svc || stop.why == Stop::Why::breakpoint ||
                         stop.why == Stop::Why::exception_return;
    if (!between || engine->single_) return engine->stop_with(stop);
    if (!engine->port_.serve(stop)) engine->stop_with({});
}

bool Engine::on_invalid(uc_engine*, void* self) {
    auto* engine = static_cast<Engine*>(self);
    Stop stop;
    stop.why = engine->registers_.thumb() ? Stop::Why::undefined : Stop::Why::invalid_state;
    engine->stop_with(stop);
    return true;
}

// --- counting: executed = top - counter; a block starts only while the counter is not negative ---

std::uint64_t Engine::executed() const {
    auto count = static_cast<std::uint64_t>(top_ - counter());
    Position at;
    if (access_ != 0 && find_position(tcg_, access_, at)) count -= at.total - at.before;
    return count;
}

void Engine::set_limit(std::uint64_t count) {
    constexpr std::uint64_t kLongest = 0x4000'0000;
    limit_ = count;
    const auto done = static_cast<std::uint64_t>(top_ - counter());
    const std::uint64_t budget = count > done ? std::min(count - done, kLongest) : 0;
    top_ = static_cast<std::int64_t>(done + budget) - 1;
    counter() = static_cast<int>(budget) - 1;
}

void Engine::count_twice() {
    if (by_hook_) return;
    uc_hook hook = 0;
    uc_hook_add(uc_, &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(&Engine::on_block), this, 1, 0);
}

void Engine::count_by_hook() {
    count_twice();
    by_hook_ = true;
}

void Engine::on_block(uc_engine*, std::uint64_t address, std::uint32_t size, void* self) {
    auto* engine = static_cast<Engine*>(self);
    if (engine->counter() < 0) {  // the block is about to leave before its first instruction
        if (engine->by_hook_) engine->stop_with({});
        return;
    }
    int count = 0;
    const auto end = static_cast<std::uint32_t>(address + size);
    for (auto at = static_cast<std::uint32_t>(address); at < end; ++count)
        at += thumb::is_wide(engine->fetch(at)) ? 4 : 2;
    engine->executed_by_hook_ += static_cast<unsigned>(count);
    if (engine->by_hook_) engine->counter() -= count;
}

void Engine::kick() { set_limit(0); }

std::uint32_t Engine::pc() const {
    Position at;
    return access_ != 0 && find_position(tcg_, access_, at) ? at.pc : registers_.pc();
}

/// A block is counted when it starts; give back what it did not execute.
void Engine::return_unexecuted(std::uintptr_t ra) {
    Position at;
    if (!find_position(tcg_, ra, at)) return;
    counter() += static_cast<int>(at.total - at.before);
    executed_by_hook_ -= at.total - at.before;
}

// --- coherence ---

void Engine::rights_changed() {
    ++generation_;
    fetch_ = {};
    tlb_flush_arm(cpu_);
    kick();  // what runs must come back through a look-up, not through a chained jump
}

void Engine::contents_changed(Address canonical, std::uint32_t size) {
    for (const Mapped& block : blocks_) {
        const std::uint64_t first = std::max<std::uint64_t>(canonical, block.first);
        const std::uint64_t last =
            std::min(std::uint64_t{canonical} + size, std::uint64_t{block.first} + block.size);
        if (first >= last) continue;
        tb_invalidate_phys_range_arm(uc_, block.ram + (first - block.first),
                                     block.ram + (last - block.first));
    }
    // A page with a limit may have been entered through another one that stands for its closed part.
    for (const auto& [ram, made_in] : mixed_pages_)
        tb_invalidate_phys_range_arm(uc_, ram, ram + layout::kPageSize);
    kick();
}

void Engine::mode_changed() {
    arm_rebuild_hflags_arm(env_);
    apply_fpu_access();
}

void Engine::apply_fpu_access() {
    auto& hflags = field<std::uint32_t>(env_, layout::kHflags);
    hflags &= ~layout::kNoCoprocessor;
    if (!port_.fpu_enabled(registers_.privileged())) hflags |= layout::kNoCoprocessor;
    hflags |= traps_;
}

void Engine::set_traps(bool unaligned, bool division) {
    traps_ = (unaligned ? layout::kTrapUnaligned : 0) | (division ? layout::kTrapDivision : 0);
}

void Engine::set_fpu_context(bool automatic, bool open_frame, std::uint32_t fpdscr) {
    // The library looks at the one or the other of the two, by a rule of cores with a security extension.
    for (const std::ptrdiff_t bank : {0, 4}) {
        auto& fpccr = field<std::uint32_t>(env_, layout::kFpccr + bank);
        fpccr = (fpccr & 0x7FFF'FFFEU) | (automatic ? 0x8000'0000U : 0U) | (open_frame ? 1U : 0U);
    }
    field<std::uint32_t>(env_, layout::kFpdscr) = fpdscr;
}

void Engine::preserve_floating_point(std::uintptr_t ra) {
    access_ = ra;  // the port may ask for the time
    const EnginePort::Preserved done = port_.preserve_floating_point();
    access_ = 0;
    if (done.execute) return;
    leave({done.until != 0 ? Stop::Why::wait : Stop::Why::budget, 0, Op::write, done.until}, ra);
}

/// The library would write all of FPDSCR; the architecture keeps flags and exceptions.
std::uint32_t Engine::first_status(std::uint32_t value) const {
    constexpr std::uint32_t kModes = 0x07C0'0000;  // AHP, DN, FZ, RMode
    const bool automatic = (field<std::uint32_t>(env_, layout::kFpccr) >> 31) != 0;
    if (!automatic || (registers_.control() & 4U) != 0) return value;
    return (registers_.fpscr() & ~kModes) | (value & kModes);
}

bool Engine::read_memory(Address canonical, void* value, std::uint32_t size) const {
    const Mapped* block = block_of(canonical);
    if (block == nullptr || block->size - (canonical - block->first) < size) return false;
    std::memcpy(value, block->host + (canonical - block->first), size);
    return true;
}

bool Engine::write_memory(Address canonical, const void* value, std::uint32_t size) {
    const Mapped* block = block_of(canonical);
    if (block == nullptr || !block->writable || block->size - (canonical - block->first) < size) return false;
    std::uint8_t* host = block->host + (canonical - block->first);
    if (guarded(*block, canonical) || guarded(*block, canonical + size - 1)) overwrite_code(host, size);
    std::memcpy(host, value, size);
    mark(*block, canonical, size);
    return true;
}

// --- snapshots ---

std::unique_ptr<Engine::State> Engine::state() {
    auto state = std::make_unique<State>();
    uc_context* context = nullptr;
    if (uc_context_alloc(uc_, &context) != UC_ERR_OK) throw std::bad_alloc();
    state->context.reset(context);
    uc_context_save(uc_, context);
    state->top = top_;
    state->limit = limit_;
    state->traps = traps_;
    return state;
}

void Engine::restore(const State& state) {
    uc_context_restore(uc_, state.context.get());  // the counter is in there
    top_ = state.top;
    limit_ = state.limit;
    traps_ = state.traps;
}

void Engine::mark(const Mapped& block, Address canonical, std::uint32_t size) const {
    if (block.memory != nullptr) block.memory->mark(canonical - block.first, size);
}

void Engine::watch_all_stores() {
    if (!watching_) {
        watching_ = true;
        return rights_changed();
    }
    for (const Opened& opened : opened_) {
        layout::TlbEntry& entry = tlb_entry(opened.page, opened.mmu_index);
        if (entry.write == opened.page) entry.write |= layout::kNotDirty;
        char* description = static_cast<char*>(env_) + opened.mmu_index * layout::kTlbDescSize;
        auto* victims = reinterpret_cast<layout::TlbEntry*>(description + layout::kVictimTable);
        for (unsigned n = 0; n < layout::kVictims; ++n)
            if (victims[n].write == opened.page) victims[n].write |= layout::kNotDirty;
    }
    opened_.clear();
}

void Engine::masks_changed() { port_.masks_changed(); }

void Engine::pair_with(Engine& other) {
    peer_ = &other;
    other.peer_ = this;
}

const Engine::Mapped* Engine::block_of(Address canonical) const {
    for (const Mapped& block : blocks_)
        if (block.contains(canonical)) return &block;
    return nullptr;
}

const Engine::Mapped* Engine::block_at(const std::uint8_t* host) const {
    for (const Mapped& block : blocks_)
        if (host >= block.host && host < block.host + block.size) return &block;
    return nullptr;
}

bool Engine::has_code(std::uint64_t ram) const { return code_pages_[ram >> layout::kPageBits]; }

bool Engine::has_code_at(const std::uint8_t* host) const {
    const Mapped* block = block_at(host);
    return block != nullptr && has_code(block->ram + static_cast<std::uint64_t>(host - block->host));
}

/// Stores there must come through store_slow(): this engine or its peer executed from the page.
bool Engine::guarded(const Mapped& block, Address canonical) const {
    const std::uint32_t offset = canonical - block.first;
    return has_code(block.ram + offset) || (peer_ != nullptr && peer_->has_code_at(block.host + offset));
}

void Engine::forget_code(const std::uint8_t* host, std::uint32_t size) {
    const Mapped* block = block_at(host);
    if (block == nullptr) return;
    const std::uint64_t ram = block->ram + static_cast<std::uint64_t>(host - block->host);
    if (has_code(ram) || has_code(ram + size - 1)) tb_invalidate_phys_range_arm(uc_, ram, ram + size);
}

Engine::CodeMap& Engine::code_of(std::uint64_t ram) {
    auto& page = code_[ram >> layout::kPageBits];
    if (page == nullptr) page = std::make_unique<CodeMap>();
    return *page;
}

/// Some block was made from these bytes.
bool Engine::executed_from(const std::uint8_t* host, std::uint32_t size) const {
    const Mapped* block = block_at(host);
    if (block == nullptr) return false;
    const std::uint64_t ram = block->ram + static_cast<std::uint64_t>(host - block->host);
    for (std::uint64_t half = ram / 2; half <= (ram + size - 1) / 2; ++half) {
        const auto& page = code_[half / kHalves];
        if (page != nullptr && page->test(half % kHalves)) return true;
    }
    return false;
}

/// A store beside code costs little, one into it drops the blocks.
void Engine::overwrite_code(const std::uint8_t* host, std::uint32_t size) {
    if (executed_from(host, size)) forget_code(host, size);
    if (peer_ != nullptr && peer_->executed_from(host, size)) peer_->forget_code(host, size);
}

void Engine::watch_stores(const std::uint8_t* host_page) {
    tlb_reset_dirty_arm(cpu_, reinterpret_cast<std::uint64_t>(host_page), layout::kPageSize);
}

/// The first block of a page is made: from now on stores there are seen, our own and the peer's.
void Engine::protect_code(std::uint64_t ram_page) {
    if (has_code(ram_page)) return;
    code_pages_[ram_page >> layout::kPageBits] = true;
    for (const Mapped& block : blocks_) {
        if (ram_page - block.ram >= block.size) continue;
        const std::uint8_t* host = block.host + (ram_page - block.ram);
        watch_stores(host);
        if (peer_ != nullptr && peer_->block_at(host) != nullptr) peer_->watch_stores(host);
    }
}

}  // namespace h7::cpu

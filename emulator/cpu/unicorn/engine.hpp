// One instruction engine: the only owner and the only caller of a uc_engine. It executes Thumb code out of
// host memory at the speed of QEMU, counts instructions exactly, asks its port where an access may go, and
// stops with the exact pc and the reason. It knows nothing of exceptions, time or the chip. See
// docs/blocks/core.md.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "emulator/base/result.hpp"
#include "emulator/cpu/address_space.hpp"
#include "emulator/cpu/core.hpp"
#include "emulator/cpu/unicorn/layout.hpp"
#include "emulator/cpu/unicorn/port.hpp"
#include "emulator/cpu/unicorn/registers.hpp"
#include "emulator/cpu/unicorn/unwind.hpp"

namespace h7::cpu {

class Engine {
public:
    /// Error: the library refuses, in one line.
    static Result<std::unique_ptr<Engine>> create(Model model, const std::vector<MemoryBlock>& memory,
                                                  EnginePort& port);
    /// Without the examination of the library, for the examination itself.
    static Result<std::unique_ptr<Engine>> create_unchecked(Model model,
                                                            const std::vector<MemoryBlock>& memory,
                                                            EnginePort& port);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Executes from the present pc until something stops it. Set a budget first.
    Stop run();
    EngineRegisters& registers() { return registers_; }
    const EngineRegisters& registers() const { return registers_; }

    // --- counting ---
    /// Instructions completed since the engine was made; exact in the middle of a block as well.
    std::uint64_t executed() const;
    /// The oracle: from now on a hook at each block counts as well, by decoding it; several times as slow.
    /// Before anything runs.
    void count_twice();
    /// The fallback: the hook's count is the only one, and the one a budget is of. Before anything runs.
    void count_by_hook();
    bool counts_by_hook() const { return by_hook_; }
    std::uint64_t executed_by_hook() const { return executed_by_hook_; }
    /// Stop at the first block boundary at or after `count` executed instructions.
    void set_limit(std::uint64_t count);
    /// Every block made from now on has one instruction: a budget ends where it is used up.
    void end_blocks_behind_each_instruction() { short_blocks_ = true; }
    /// Stop at the next block boundary. From any callback of the port.
    void kick();
    /// From the port's `store`: stop right behind the instruction, if the store is all it does; at the next
    /// block boundary otherwise.
    void stop_behind_store() { behind_store_ = true; }
    /// Inside a data access of the running code: its pc. Otherwise the pc register.
    std::uint32_t pc() const;

    // --- debugger (debug.cpp) ---
    /// Stops with Why::debug in front of the instruction at each of these addresses. The program never sees
    /// them: not in its memory, not in its counts. Costs nothing elsewhere.
    void set_breakpoints(std::vector<Address> addresses);
    /// As run(), for one instruction: no breakpoint stops it. The budget applies as well.
    Stop run_one();

    // --- coherence ---
    void rights_changed();
    void contents_changed(Address canonical, std::uint32_t size);
    /// After changes of mode, CPACR or registers by hand.
    void mode_changed();
    /// Another engine that executes from the same host memory: each drops its blocks when the other stores
    /// into them. Both ways.
    void pair_with(Engine& other);

    // --- memory by its canonical address, for the exception unit and native code ---
    /// False when [canonical, canonical + size) is not inside one mapped block.
    bool read_memory(Address canonical, void* value, std::uint32_t size) const;
    bool write_memory(Address canonical, const void* value, std::uint32_t size);

    // --- snapshots ---
    /// Registers, masks, FPU, monitor, counts: everything but memory and what can be translated again.
    class State {
        friend class Engine;
        struct Free {
            void operator()(uc_context* saved) const { uc_context_free(saved); }
        };
        std::unique_ptr<uc_context, Free> context;
        std::int64_t top = -1;
        std::uint64_t limit = 0;
        std::uint32_t traps = 0;
    };
    std::unique_ptr<State> state();
    void restore(const State& state);
    /// From now on the first store to a page since the last call marks it in the HostMemory of its block.
    /// Cheap when stores were watched already.
    void watch_all_stores();
    /// Grows with every change of rights.
    std::uint64_t generation() const { return generation_; }
    bool has_code_at(const std::uint8_t* host) const;
    void forget_code(const std::uint8_t* host, std::uint32_t size);

    /// FPCCR.ASPEN, FPCCR.LSPACT and FPDSCR: what the first FPU instruction of a context does.
    void set_fpu_context(bool automatic, bool open_frame, std::uint32_t fpdscr);

    /// CCR.UNALIGN_TRP and CCR.DIV_0_TRP. Code is translated once without and once with them; neither knows
    /// of the other.
    void set_traps(bool unaligned, bool division);

    /// How often a store had to leave the fast path: for the self-test and the tests of speed.
    std::uint64_t slow_stores() const { return slow_stores_; }

    // --- for the self-test (library.cpp) ---
    bool layout_fits() const;
    bool lookup_agrees() const;
    /// Every block made so far began as the counting in translated code needs it.
    bool blocks_begin_as_known() const { return !strange_blocks_; }
    std::uint32_t public_register(int id) const;

    // --- called by the interposed functions of the library (interposition.cpp) ---
    static Engine* of_env(void* env) { return layout::field<Engine*>(env, layout::kOwner); }
    static Engine* of_cpu(void* cpu) { return of_env(static_cast<char*>(cpu) + layout::kCpuEnv); }
    static Engine* of_tcg(void* tcg);
    template <class T>
    T load(std::uint32_t address, std::uint32_t oi, std::uintptr_t ra);
    template <class T>
    void store(std::uint32_t address, T value, std::uint32_t oi, std::uintptr_t ra);
    void fill(std::uint32_t address, Op op, unsigned mmu_index, std::uintptr_t ra);
    std::uint16_t fetch(std::uint32_t address);
    void protect_code(std::uint64_t ram_page);
    void begin_block(const layout::Block& block);
    void begin_instruction(std::uint32_t pc);
    bool block_ends_before(std::uint32_t pc, std::uint32_t first);
    /// The flags under which the next block is looked up.
    static std::uint32_t block_flags(void* env);
    static void synchronize(void* cpu, layout::Block* block);
    [[noreturn]] void leave(const Stop& stop, std::uintptr_t ra);
    void masks_changed();
    void preserve_floating_point(std::uintptr_t ra);
    /// FPSCR of a context that begins (ExecuteFPCheck); another value when none does.
    std::uint32_t first_status(std::uint32_t value) const;
    void apply_fpu_access();
    void budget_spent();
    /// For the examination of the library: it runs nothing that needs the count before it asks.
    void found_strange_block() { strange_blocks_ = true; }

    // State of the translation in progress.
    struct Translating {
        bool armed = false;
        layout::TcgOp* count_op = nullptr;
        int count = 0;
        std::uint32_t instruction = 0;  // address of the one being translated
        bool mixed_page = false;
        bool thumb = false;
        unsigned conditional = 0;        // instructions of an IT block still to come, this one included
        bool may_begin_context = false;  // an FPU instruction that may be skipped
        std::uint32_t flags = 0;         // of the block
        int alignment = 0;               // what the accesses of the instruction ask for
        std::uint64_t env = 0;           // the translator's name for CPUARMState
        void (*translate_insn)(layout::DisasContext*, void*) = nullptr;
    } translating_;
    void (*real_synchronize_)(void* cpu, layout::Block* block) = nullptr;

private:
    struct Mapped {
        Address first = 0;
        std::uint32_t size = 0;
        std::uint8_t* host = nullptr;
        std::uint64_t ram = 0;  // the library's own address of it
        bool writable = false;
        HostMemory* memory = nullptr;
        bool contains(Address a) const { return a - first < size; }
    };
    static constexpr std::uint32_t kHalves = layout::kPageSize / 2;
    using CodeMap = std::bitset<kHalves>;  // the halfwords of a page that blocks were made from
    struct FetchEntry {
        std::uint32_t base = 1;  // never a multiple of a granule: empty
        std::uint32_t size = 0;
        bool privileged = false;
        const std::uint8_t* host = nullptr;
        CodeMap* code = nullptr;  // of its page
    };

    Engine(uc_engine* uc, EnginePort& port);
    Result<void> map(const std::vector<MemoryBlock>& memory);
    void attach();
    const Mapped* block_of(Address canonical) const;
    bool stops_at(Address address) const;
    void forget_blocks_at(Address address);
    Translation ask(std::uint32_t address, Op op, bool privileged, std::uintptr_t ra);
    void install(std::uint32_t address, const Translation& t, const Mapped& block, unsigned mmu_index,
                 int rights, bool stores = false);
    void mark(const Mapped& block, Address canonical, std::uint32_t size) const;
    const FetchEntry& fetch_entry(std::uint32_t address);
    layout::TlbEntry& tlb_entry(std::uint32_t address, unsigned mmu_index) const;
    std::uint8_t* swap_victim(std::uint32_t address, unsigned mmu_index, bool write) const;
    std::uint64_t load_slow(std::uint32_t address, unsigned size, std::uint32_t oi, std::uintptr_t ra);
    void store_slow(std::uint32_t address, unsigned size, std::uint64_t value, std::uint32_t oi,
                    std::uintptr_t ra);
    bool has_code(std::uint64_t ram) const;
    const Mapped* block_at(const std::uint8_t* host) const;
    bool guarded(const Mapped& block, Address canonical) const;
    void watch_stores(const std::uint8_t* host_page);
    std::uint8_t* store_in_place(std::uint32_t address, std::uint32_t size, unsigned mmu_index);
    void overwrite_code(const std::uint8_t* host, std::uint32_t size);
    bool executed_from(const std::uint8_t* host, std::uint32_t size) const;
    CodeMap& code_of(std::uint64_t ram);
    int& counter() const { return layout::field<int>(env_, layout::kCounter); }
    void return_unexecuted(std::uintptr_t ra);
    std::uint16_t instruction_word(std::uint32_t pc) const;
    void leave_behind(std::uintptr_t ra);
    void restore_base(const Stop& stop);
    void stop_with(const Stop& stop);
    static void on_interrupt(uc_engine* uc, std::uint32_t number, void* self);
    static bool on_invalid(uc_engine* uc, void* self);
    static void on_block(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);

    uc_engine* uc_;
    EnginePort& port_;
    void* cpu_ = nullptr;
    void* env_ = nullptr;
    void* tcg_ = nullptr;
    EngineRegisters registers_;
    std::vector<Mapped> blocks_;
    std::vector<bool> code_pages_;                        // by the library's own addresses
    std::vector<std::unique_ptr<CodeMap>> code_;          // likewise
    std::map<std::uint64_t, std::uint64_t> mixed_pages_;  // ram page -> generation its blocks were made in
    std::uint64_t generation_ = 1;
    FetchEntry fetch_;
    std::vector<Address> breakpoints_;  // ascending
    bool single_ = false;               // run_one(): every block is one instruction
    Engine* peer_ = nullptr;

    std::int64_t top_ = -1;  // executed = top_ - counter
    std::uint64_t limit_ = 0;
    bool behind_store_ = false;
    std::uintptr_t access_ = 0;  // return address of the access being served, 0: none
    Stop stop_;
    bool stopped_ = false;
    bool short_blocks_ = false;
    bool by_hook_ = false;
    bool strange_blocks_ = false;
    std::uint64_t slow_stores_ = 0;
    std::uint64_t executed_by_hook_ = 0;
    struct Opened {
        std::uint32_t page;
        unsigned mmu_index;
    };
    bool watching_ = false;
    std::vector<Opened> opened_;  // TLB entries that let stores through since watch_all_stores()
    std::uint32_t traps_ = 0;     // of hflags
};

}  // namespace h7::cpu

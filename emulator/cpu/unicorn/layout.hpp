// Where things are inside the packaged Unicorn 2.0.1 (Debian 12, libunicorn.a 2.0.1.post1-1+b1), and the
// internal functions of it that we call. This is the only place that knows; `check_library()` proves every
// number before the first core is made, because nothing here is a public interface (spec: unicorn.md 7,
// unicorn-counting.md 5).
#pragma once

#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace h7::cpu::layout {

inline constexpr unsigned kVersion = 0x0200'01FF;  // what uc_version() says

/// A field of a foreign object at a byte offset.
template <class T>
T& field(void* object, std::ptrdiff_t offset) {
    return *reinterpret_cast<T*>(static_cast<char*>(object) + offset);
}

// clang-format off
// struct uc_struct
inline constexpr std::ptrdiff_t kUcCpu           = 0x180;   // CPUState*
inline constexpr std::ptrdiff_t kUcTcg           = 0x2c0;   // TCGContext*
inline constexpr std::ptrdiff_t kUcNoExitRequest = 0x78a;   // bool: no stop check after loads and stores
// CPUState
inline constexpr std::ptrdiff_t kCpuUc           = 0x81a8;  // uc_struct*
inline constexpr std::ptrdiff_t kCpuClass        = 0x81b0;  // CPUClass*
inline constexpr std::ptrdiff_t kCpuEnv          = 0x96f0;  // CPUARMState, embedded
inline constexpr std::ptrdiff_t kClassSyncFromTb = 0x40;    // synchronize_from_tb of CPUClass
// TCGContext
inline constexpr std::ptrdiff_t kTcgUc           = 0x9170;
// CPUARMState
inline constexpr std::ptrdiff_t kRegs            = 0x000;   // uint32_t[16]
inline constexpr std::ptrdiff_t kCounter         = 0x040;   // xregs[0]: A64 only, dead here; our instruction budget
inline constexpr std::ptrdiff_t kOwner           = 0x048;   // xregs[1]: likewise; our Engine*
inline constexpr std::ptrdiff_t kHflags          = 0x150;
inline constexpr std::ptrdiff_t kCarry           = 0x208;   // 0, 1
inline constexpr std::ptrdiff_t kOverflow        = 0x20c;   // bit 31
inline constexpr std::ptrdiff_t kNegative        = 0x210;   // bit 31
inline constexpr std::ptrdiff_t kZero            = 0x214;   // Z: this is 0
inline constexpr std::ptrdiff_t kSaturated       = 0x218;   // Q: 0, 1
inline constexpr std::ptrdiff_t kGe              = 0x21c;
inline constexpr std::ptrdiff_t kThumb           = 0x220;
inline constexpr std::ptrdiff_t kCondexec        = 0x224;
inline constexpr std::ptrdiff_t kOtherSp         = 0xb18;   // the stack pointer that is not in R13
inline constexpr std::ptrdiff_t kBasepri         = 0xb2c;
inline constexpr std::ptrdiff_t kControl         = 0xb34;   // [0]: SPSEL, nPRIV; [1]: FPCA
inline constexpr std::ptrdiff_t kException       = 0xb70;   // IPSR
inline constexpr std::ptrdiff_t kPrimask         = 0xb74;
inline constexpr std::ptrdiff_t kFaultmask       = 0xb7c;
inline constexpr std::ptrdiff_t kSecure          = 0xb88;
inline constexpr std::ptrdiff_t kFpccr           = 0xbb4;   // [0], [1]
inline constexpr std::ptrdiff_t kFpdscr          = 0xbbc;
inline constexpr std::ptrdiff_t kExclusive       = 0xec0;   // uint64_t exclusive_addr, all ones: open
// In front of CPUARMState: software TLB and jump cache
inline constexpr std::ptrdiff_t kVictimTable     = -0x14e8;
inline constexpr std::ptrdiff_t kVictimIotlb     = -0x13e8;
inline constexpr std::ptrdiff_t kIotlb           = -0x1368;
inline constexpr std::ptrdiff_t kTlbDescSize     = 0x1b0;   // of the three above, for each MMU index
inline constexpr std::ptrdiff_t kTlbMask         = -0xd0;   // 16 bytes for each MMU index
inline constexpr std::ptrdiff_t kTlbTable        = -0xc8;
inline constexpr std::ptrdiff_t kJumpCache       = -0x95b8;
inline constexpr std::ptrdiff_t kVcpuDstate      = -0x1568;
inline constexpr std::ptrdiff_t kClusterIndex    = -0x155c;
// clang-format on

inline constexpr std::uint32_t kNoCoprocessor = 1U << 22;  // hflags: FPU instructions raise NOCP
// hflags that M-profile translation does not use, ours: the variant of a block with CCR.UNALIGN_TRP,
// DIV_0_TRP
inline constexpr std::uint32_t kTrapUnaligned = 1U << 18, kTrapDivision = 1U << 19;
// Alignment in a memory operation: a word, the size of the access
inline constexpr int kAlignWord = 2 << 4, kAlignNatural = 7 << 4;
inline constexpr unsigned kPageBits = 10;
inline constexpr std::uint32_t kPageSize = 1U << kPageBits;
inline constexpr unsigned kVictims = 8;
inline constexpr std::uint32_t kNotDirty = 0x100;  // in TlbEntry::write: stores leave the translated code

/// What we read of a translation block.
struct Block {
    std::uint32_t pc;
    std::uint32_t cs_base;
    std::uint32_t flags;
    std::uint16_t size;   // guest bytes
    std::uint16_t count;  // instructions, pseudo instructions included
    std::uint32_t cflags;
    std::uint32_t dstate;
    const std::uint8_t* code;
    std::size_t code_size;  // the unwind table follows the code
};
static_assert(offsetof(Block, cflags) == 0x10 && offsetof(Block, code) == 0x18 &&
              offsetof(Block, code_size) == 0x20);

struct TlbEntry {
    std::uint32_t read, write, code, unused;
    std::uintptr_t addend;
    std::uint64_t pad;
};
static_assert(sizeof(TlbEntry) == 32);
struct IoTlbEntry {
    std::uint64_t word[2];
};

struct TcgOp {
    std::uint32_t opcode : 8, param1 : 4, param2 : 4, life : 16;
    TcgOp* next;
    void* previous;  // points at the `next` field of the op in front
    std::uint64_t args[10];
};
enum : int { kOpMovi = 6, kOpLoad = 13, kOpStore = 16, kOpAdd = 17, kOpBrcond = 38 };

struct DisasContext {
    Block* block;
    std::uint32_t pc_first, pc_next;
    int is_jmp, num_insns, max_insns;
    bool singlestep;
};
// is_jmp: how the block ends here
inline constexpr int kTooMany = 1;   // go on at pc_next
inline constexpr int kNoReturn = 2;  // it has ended already
inline constexpr int kUpdate = 4;    // go on at pc_next, looked up anew with the flags of then
// flags of a block: the first FPU instruction stores the open frame, makes a context
inline constexpr std::uint32_t kOpenFrame = 0x800, kNoContext = 0x1000;

struct TranslatorOps {
    void *init_disas_context, *tb_start, *insn_start, *breakpoint_check;
    void (*translate_insn)(DisasContext*, void* cpu);
    void* tb_stop;
};

struct Attributes {
    unsigned word;
};

}  // namespace h7::cpu::layout

extern "C" {
void tlb_flush_arm(void* cpu);
void tb_flush_arm(void* cpu);
void tlb_set_page_with_attrs_arm(void* cpu, std::uint32_t address, std::uint64_t physical,
                                 h7::cpu::layout::Attributes attributes, int rights, int mmu_index,
                                 std::uint32_t size);
void tlb_set_dirty_arm(void* cpu, std::uint32_t address);
void tlb_reset_dirty_arm(void* cpu, std::uint64_t host, std::uint64_t length);
void tb_invalidate_phys_range_arm(uc_engine* uc, std::uint64_t first, std::uint64_t last);
std::uint64_t qemu_ram_addr_from_host_arm(uc_engine* uc, void* host);
bool cpu_restore_state_arm(void* cpu, std::uintptr_t host_pc, bool will_exit);
[[noreturn]] void cpu_loop_exit_arm(void* cpu);
h7::cpu::layout::Block* tcg_tb_lookup_arm(void* tcg, std::uintptr_t host_pc);
void cpu_get_tb_cpu_state_arm(void* env, std::uint32_t* pc, std::uint32_t* cs_base, std::uint32_t* flags);
void arm_rebuild_hflags_arm(void* env);
h7::cpu::layout::TcgOp* tcg_emit_op_arm(void* tcg, int opcode);
void* tcg_temp_new_internal_arm(void* tcg, int type, bool local);
void tcg_temp_free_internal_arm(void* tcg, void* temp);
std::int32_t helper_sdiv_arm(std::int32_t dividend, std::int32_t divisor);
std::uint32_t helper_udiv_arm(std::uint32_t dividend, std::uint32_t divisor);
void helper_v8m_stackcheck_arm(void* env, std::uint32_t value);
}

// The functions of the library that we replace with `ld --wrap` (the list is in ../CMakeLists.txt). Each
// finds its Engine from the state it is given, because several engines live in one process. What they cure:
// spec unicorn.md 0, 1, 3, 7 and unicorn-counting.md.
#include "emulator/cpu/unicorn/engine.hpp"

using h7::Op;
using h7::cpu::Engine;
using h7::cpu::Stop;
namespace layout = h7::cpu::layout;
using layout::field;

// A block did not start because the budget is used up. (Defined here so that whoever links an Engine links
// this file.)
void Engine::synchronize(void* cpu, layout::Block* block) {
    Engine* engine = of_cpu(cpu);
    engine->real_synchronize_(cpu, block);
    if (engine->counter() < 0) engine->stop_with({});
}

std::uint32_t Engine::block_flags(void* env) {
    const auto word = [env](std::ptrdiff_t offset) { return field<std::uint32_t>(env, offset); };
    constexpr std::uint32_t kFpca = 4, kSecureContext = 4, kLspact = 1;
    std::uint32_t flags = word(layout::kHflags);
    if ((word(layout::kFpccr) >> 31) != 0 && (word(layout::kControl + 4) & kFpca) == 0)
        flags |= layout::kNoContext;  // FPCCR.ASPEN, no FPCA: the first FPU instruction makes a context
    const std::ptrdiff_t bank = (word(layout::kFpccr + 4) & kSecureContext) != 0 ? 4 : 0;
    if ((word(layout::kFpccr + bank) & kLspact) != 0) flags |= layout::kOpenFrame;
    return (flags & ~0x1FFU) | ((word(layout::kThumb) & 1U) << 8) | (word(layout::kCondexec) & 0xFFU);
}

extern "C" {

// --- memory for translated code ---

/// The library would take 1 Gbyte for each engine and fill it before it forgets anything. This is more than
/// 2 Mbytes of guest code need.
void __real_tcg_exec_init_arm(uc_engine* uc, unsigned long bytes);
void __wrap_tcg_exec_init_arm(uc_engine* uc, unsigned long) {
    constexpr unsigned long kCodeBuffer = 64UL << 20;
    __real_tcg_exec_init_arm(uc, kCodeBuffer);
}

// --- data accesses that miss the TLB of the translated code ---

// clang-format off
std::uint64_t __wrap_helper_ret_ldub_mmu_arm(void* env, std::uint32_t a, std::uint32_t oi, std::uintptr_t ra) { return Engine::of_env(env)->load<std::uint8_t>(a, oi, ra); }
std::uint64_t __wrap_helper_le_lduw_mmu_arm (void* env, std::uint32_t a, std::uint32_t oi, std::uintptr_t ra) { return Engine::of_env(env)->load<std::uint16_t>(a, oi, ra); }
std::uint64_t __wrap_helper_le_ldul_mmu_arm (void* env, std::uint32_t a, std::uint32_t oi, std::uintptr_t ra) { return Engine::of_env(env)->load<std::uint32_t>(a, oi, ra); }
std::uint64_t __wrap_helper_le_ldq_mmu_arm  (void* env, std::uint32_t a, std::uint32_t oi, std::uintptr_t ra) { return Engine::of_env(env)->load<std::uint64_t>(a, oi, ra); }
void __wrap_helper_ret_stb_mmu_arm(void* env, std::uint32_t a, std::uint8_t v,  std::uint32_t oi, std::uintptr_t ra) { Engine::of_env(env)->store<std::uint8_t>(a, v, oi, ra); }
void __wrap_helper_le_stw_mmu_arm (void* env, std::uint32_t a, std::uint16_t v, std::uint32_t oi, std::uintptr_t ra) { Engine::of_env(env)->store<std::uint16_t>(a, v, oi, ra); }
void __wrap_helper_le_stl_mmu_arm (void* env, std::uint32_t a, std::uint32_t v, std::uint32_t oi, std::uintptr_t ra) { Engine::of_env(env)->store<std::uint32_t>(a, v, oi, ra); }
void __wrap_helper_le_stq_mmu_arm (void* env, std::uint32_t a, std::uint64_t v, std::uint32_t oi, std::uintptr_t ra) { Engine::of_env(env)->store<std::uint64_t>(a, v, oi, ra); }
// clang-format on

// --- instruction fetch ---

/// Only the search for a translated block still fills the TLB through here.
bool __wrap_arm_cpu_tlb_fill_arm(void* cpu, std::uint64_t address, int, int type, int mmu_index, bool probe,
                                 std::uintptr_t ra) {
    if (probe) return false;
    const Op op = type == 2 ? Op::fetch : type == 1 ? Op::write : Op::read;
    Engine::of_cpu(cpu)->fill(static_cast<std::uint32_t>(address), op, static_cast<unsigned>(mmu_index), ra);
    return true;
}

std::uint32_t __wrap_cpu_lduw_code_arm(void* env, std::uint32_t address) {
    return Engine::of_env(env)->fetch(address);
}
/// ARM state: there is none on a Cortex-M, every such instruction is INVSTATE whatever its bits are.
std::uint32_t __wrap_cpu_ldl_code_arm(void*, std::uint32_t) { return 0; }

void __wrap_tlb_protect_code_arm(uc_engine* uc, std::uint64_t ram_page) {
    if (Engine* engine = Engine::of_cpu(field<void*>(uc, layout::kUcCpu))) engine->protect_code(ram_page);
}

// --- the instruction budget: each block starts with "counter < 0: leave; counter -= instructions" ---

static void translate_one(layout::DisasContext* db, void* cpu) {
    Engine* engine = Engine::of_cpu(cpu);
    auto& state = engine->translating_;
    if (engine->block_ends_before(db->pc_next, db->pc_first)) {
        db->is_jmp = layout::kTooMany;
        return;
    }
    engine->begin_instruction(db->pc_next);
    state.translate_insn(db, cpu);
    if (db->pc_next != state.instruction) ++state.count;
    if (state.may_begin_context && db->is_jmp != layout::kNoReturn) db->is_jmp = layout::kUpdate;
}

void __real_translator_loop_arm(const layout::TranslatorOps*, layout::DisasContext*, void* cpu,
                                layout::Block*, int);
void __wrap_translator_loop_arm(const layout::TranslatorOps* ops, layout::DisasContext* db, void* cpu,
                                layout::Block* block, int max_insns) {
    Engine* engine = Engine::of_cpu(cpu);
    layout::TranslatorOps ours = *ops;
    ours.translate_insn = &translate_one;
    engine->begin_block(*block);
    auto& state = engine->translating_;
    state.translate_insn = ops->translate_insn;
    state.armed = true;
    __real_translator_loop_arm(&ours, db, cpu, block, max_insns);
    state.armed = false;
    if (state.count_op != nullptr)
        state.count_op->args[1] = static_cast<std::uint64_t>(-std::int64_t{state.count});
}

/// The first conditional branch of a block is the library's own stop check: "load flag; branch if negative".
/// It is pointed at our counter, and the decrement is put behind it.
void __real_tcg_gen_brcondi_i32_arm(void* tcg, int condition, std::uintptr_t arg, std::int32_t value,
                                    void* label);
void __wrap_tcg_gen_brcondi_i32_arm(void* tcg, int condition, std::uintptr_t arg, std::int32_t value,
                                    void* label) {
    __real_tcg_gen_brcondi_i32_arm(tcg, condition, arg, value, label);
    Engine* engine = Engine::of_tcg(tcg);
    auto& state = engine->translating_;
    if (!state.armed) return;
    state.armed = false;
    const auto flag = reinterpret_cast<std::uint64_t>(tcg) + arg;
    void* amount = tcg_temp_new_internal_arm(tcg, 0, false);
    layout::TcgOp* move = tcg_emit_op_arm(tcg, layout::kOpMovi);
    move->args[0] = reinterpret_cast<std::uint64_t>(amount);
    move->args[1] = 0;  // minus the number of instructions, known at the end of the block
    const auto in_front = [](layout::TcgOp* op) {
        return reinterpret_cast<layout::TcgOp*>(static_cast<char*>(op->previous) -
                                                offsetof(layout::TcgOp, next));
    };
    layout::TcgOp* branch = in_front(move);
    layout::TcgOp* zero = in_front(branch);
    layout::TcgOp* load = in_front(zero);
    if (branch->opcode != layout::kOpBrcond || zero->opcode != layout::kOpMovi ||
        load->opcode != layout::kOpLoad || load->args[0] != flag) {
        tcg_temp_free_internal_arm(tcg, amount);
        return engine->found_strange_block();
    }
    state.env = load->args[1];
    if (engine->counts_by_hook())  // the library's own check stays, the hook makes it leave
        return tcg_temp_free_internal_arm(tcg, amount);
    void* result = tcg_temp_new_internal_arm(tcg, 0, false);
    load->args[2] = static_cast<std::uint64_t>(layout::kCounter);
    layout::TcgOp* add = tcg_emit_op_arm(tcg, layout::kOpAdd);
    add->args[0] = reinterpret_cast<std::uint64_t>(result);
    add->args[1] = flag;
    add->args[2] = reinterpret_cast<std::uint64_t>(amount);
    layout::TcgOp* save = tcg_emit_op_arm(tcg, layout::kOpStore);
    save->args[0] = reinterpret_cast<std::uint64_t>(result);
    save->args[1] = load->args[1];
    save->args[2] = static_cast<std::uint64_t>(layout::kCounter);
    tcg_temp_free_internal_arm(tcg, result);
    tcg_temp_free_internal_arm(tcg, amount);
    state.count_op = move;
}

/// Loads and stores without the library's stop check behind each: it would rewind the pc, and ours leave by
/// longjmp. And with the alignment the instruction needs: the look-up in the TLB tests it with the page, at
/// no cost.
#define H7_WITHOUT_STOP_CHECK(name)                                                                  \
    void __real_##name(void* tcg, std::uintptr_t value, std::uintptr_t address, std::uint64_t index, \
                       int op);                                                                      \
    void __wrap_##name(void* tcg, std::uintptr_t value, std::uintptr_t address, std::uint64_t index, \
                       int op) {                                                                     \
        bool& no_check = field<bool>(field<void*>(tcg, layout::kTcgUc), layout::kUcNoExitRequest);   \
        const bool before = no_check;                                                                \
        no_check = true;                                                                             \
        op |= Engine::of_tcg(tcg)->translating_.alignment;                                           \
        __real_##name(tcg, value, address, index, op);                                               \
        no_check = before;                                                                           \
    }
H7_WITHOUT_STOP_CHECK(tcg_gen_qemu_ld_i32_arm)
H7_WITHOUT_STOP_CHECK(tcg_gen_qemu_st_i32_arm)
H7_WITHOUT_STOP_CHECK(tcg_gen_qemu_ld_i64_arm)
H7_WITHOUT_STOP_CHECK(tcg_gen_qemu_st_i64_arm)
#undef H7_WITHOUT_STOP_CHECK

/// CCR.DIV_0_TRP: in blocks of that variant the divisor is looked at first, by the library's check of a stack
/// limit, which no Cortex-M of ours has.
void __real_tcg_gen_callN_arm(void* tcg, void* function, void* result, int count, std::uint64_t* arguments);
void __wrap_tcg_gen_callN_arm(void* tcg, void* function, void* result, int count, std::uint64_t* arguments) {
    const auto is = [function](auto* helper) { return function == reinterpret_cast<void*>(helper); };
    if (is(&helper_sdiv_arm) || is(&helper_udiv_arm)) {
        const auto& state = Engine::of_tcg(tcg)->translating_;
        if ((state.flags & layout::kTrapDivision) != 0 && state.env != 0) {
            std::uint64_t divisor[2] = {state.env, arguments[1]};
            __real_tcg_gen_callN_arm(tcg, reinterpret_cast<void*>(&helper_v8m_stackcheck_arm), nullptr, 2,
                                     divisor);
        }
    }
    __real_tcg_gen_callN_arm(tcg, function, result, count, arguments);
}
void __wrap_helper_v8m_stackcheck_arm(void* env, std::uint32_t divisor) {
    if (divisor != 0) return;
    Engine::of_env(env)->leave({Stop::Why::divided_by_zero, 0, Op::read, 0},
                               reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}

/// Returns, indirect jumps and jumps out of a page: the next block by the jump cache, without the detour
/// through the flags of profiles we do not have. A third of the run time of CoreMark-like code (spec:
/// unicorn-counting.md 2).
void* __real_helper_lookup_tb_ptr_arm(void* env);
void* __wrap_helper_lookup_tb_ptr_arm(void* env) {
    const auto word = [env](std::ptrdiff_t offset) { return field<std::uint32_t>(env, offset); };
    const std::uint32_t pc = word(layout::kRegs + 60);
    const std::uint32_t flags = Engine::block_flags(env);
    constexpr unsigned kShift = layout::kPageBits - 6;
    const std::uint32_t mixed = pc ^ (pc >> kShift);
    const std::uint32_t hash = ((mixed >> kShift) & 0xFC0U) | (mixed & 0x3FU);
    const auto* block = field<const layout::Block*>(env, layout::kJumpCache + std::ptrdiff_t{8} * hash);
    if (block != nullptr && block->pc == pc && block->cs_base == 0 && block->flags == flags &&
        block->dstate == word(layout::kVcpuDstate) &&
        (block->cflags & 0xFF0E'FFFFU) == (word(layout::kClusterIndex) << 24))
        return const_cast<std::uint8_t*>(block->code);
    return __real_helper_lookup_tb_ptr_arm(env);
}

// --- instructions the core takes part in ---

void __real_helper_v7m_msr_arm(void* env, std::uint32_t reg, std::uint32_t value);
void __wrap_helper_v7m_msr_arm(void* env, std::uint32_t reg, std::uint32_t value) {
    // Bits that do not exist here: priorities have bits 7:4 (BASEPRI_MAX compares them), stack pointers no
    // 1:0.
    const std::uint32_t sysm = reg & 0xFFU;
    if (sysm == 17 || sysm == 18) value &= 0xF0U;
    if (sysm == 8 || sysm == 9) value &= ~3U;
    __real_helper_v7m_msr_arm(env, reg, value);
    if (Engine* engine = Engine::of_env(env)) engine->masks_changed();
}

/// The first FPU instruction of a handler (the block was made for FPCCR.LSPACT = 1).
void __wrap_helper_v7m_preserve_fp_state_arm(void* env) {
    Engine::of_env(env)->preserve_floating_point(
        reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)));
}
/// The library calls this for VMSR, and with FPDSCR before it sets CONTROL.FPCA.
void __real_helper_vfp_set_fpscr_arm(void* env, std::uint32_t value);
void __wrap_helper_vfp_set_fpscr_arm(void* env, std::uint32_t value) {
    __real_helper_vfp_set_fpscr_arm(env, Engine::of_env(env)->first_status(value));
}

void __real_helper_rebuild_hflags_m32_arm(void* env, int el);
void __wrap_helper_rebuild_hflags_m32_arm(void* env, int el) {
    __real_helper_rebuild_hflags_m32_arm(env, el);
    Engine::of_env(env)->apply_fpu_access();
}
void __real_helper_rebuild_hflags_m32_newel_arm(void* env);
void __wrap_helper_rebuild_hflags_m32_newel_arm(void* env) {
    __real_helper_rebuild_hflags_m32_newel_arm(env);
    Engine::of_env(env)->apply_fpu_access();
}

// The pc stands behind the instruction already, and its block is complete.
void __wrap_helper_wfi_arm(void* env, std::uint32_t) {
    Engine::of_env(env)->leave({Stop::Why::wfi, 0, Op::fetch, 0}, 0);
}
void __wrap_helper_wfe_arm(void* env) { Engine::of_env(env)->leave({Stop::Why::wfe, 0, Op::fetch, 0}, 0); }
void __wrap_helper_yield_arm(void* env) {
    Engine::of_env(env)->leave({Stop::Why::sev, 0, Op::fetch, 0}, 0);
}  // see Engine::fetch

}  // extern "C"

@ Guest code of the core tests. Loaded at 0x08000000. `done` and the handlers are breakpoints inside the window of the
@ native calls, so the test is called there.
    .syntax unified
    .thumb
    .text
    .global vectors
vectors:
    .word 0x20008000
    .word done + 1
    .word on_nmi + 1
    .word on_hard_fault + 1
    .word on_mem_manage + 1
    .word on_bus_fault + 1
    .word on_usage_fault + 1
    .word 0, 0, 0, 0
    .word on_svc + 1
    .word on_monitor + 1
    .word 0
    .word on_pend_sv + 1
    .word on_sys_tick + 1
    .word on_irq0 + 1
    .word on_irq1 + 1
    .word on_irq2 + 1
    .word on_irq3 + 1

    .org 0x100
native_window:
done:           bkpt 0x5e
                udf 0
on_nmi:         bkpt 0x5e
                udf 0
on_hard_fault:  bkpt 0x5e
                udf 0
on_mem_manage:  bkpt 0x5e
                udf 0
on_bus_fault:   bkpt 0x5e
                udf 0
on_usage_fault: bkpt 0x5e
                udf 0
on_svc:         bkpt 0x5e
                udf 0
on_monitor:     bkpt 0x5e
                udf 0
on_pend_sv:     bkpt 0x5e
                udf 0
on_sys_tick:    bkpt 0x5e
                udf 0
on_irq0:        bkpt 0x5e
                udf 0
on_irq1:        bkpt 0x5e
                udf 0
on_irq2:        bkpt 0x5e
                udf 0
on_irq3:        bkpt 0x5e
                udf 0
native_end:

    .org 0x400
@ --- counting and time ---
mid_block:                      @ r1 = device; reads after 2, 4 and 7 instructions of one block, writes after 9
    movs r0, #1
    nop
    ldr  r2, [r1]
    nop.w
    ldr  r3, [r1]
    cmp  r0, #1
    it   eq
    ldreq r4, [r1]
    nop
    str  r0, [r1]
    b    done

workload:                       @ r1 = device, r0 = rounds; calls, loops, stores, IT blocks, a device access each round
    ldr  r7, =0x20000400
work_round:
    mov  r2, r0
    bl   work_leaf
    str  r3, [r7, #4]
    ldr  r4, [r7, #4]
    cmp  r4, r3
    ite  eq
    addeq r5, r5, #1
    addne r5, r5, #100
    ldr  r6, [r1]
    add  r8, r8, r6
    subs r0, #1
    bne  work_round
    b    done
work_leaf:
    movs r3, #7
work_inner:
    eors r3, r2
    adds r3, #3
    subs r2, #1
    cmp  r2, #3
    bhi  work_inner
    bx   lr
    .pool

@ --- faults ---
    .balign 16
load_in_it:                     @ r1 = bad address
    movs r0, #0
    cmp  r0, #0
    itte eq
    addeq r0, #1
load_in_it_at:
    ldreq r2, [r1]
    addne r0, #16
    adds r0, #4
    b    done
load_multiple:                  @ r1 = end of memory - 8
    movs r0, #3
load_multiple_at:
    ldmia r1!, {r2, r3, r4, r5}
    b    done
store_word:                     @ r1 = address, r2 = value
    nop
store_word_at:
    str  r2, [r1]
    adds r0, #1
    adds r0, #1
    b    done
store_twice:                    @ r1, r3 = addresses
    str  r2, [r1]
    adds r2, #1
    str  r2, [r3]
    b    done
load_word:                      @ r1 = address
    nop
load_word_at:
    ldr  r2, [r1]
    adds r0, #1
    b    done
load_unaligned_pair:
    nop
load_unaligned_pair_at:
    ldrexb r2, [r1]
    ldrex r2, [r1]
    b    done
branch:                         @ r1 = target
    nop
    bx   r1
undefined:
    movs r0, #1
undefined_at:
    udf  5
    b    done
supervisor:
    movs r0, #1
    svc  3
supervisor_next:
    adds r0, #1
    b    done
breakpoint:
    movs r0, #1
breakpoint_at:
    bkpt 0xab
    adds r0, #1
    b    done
use_fpu:
    movs r0, #1
use_fpu_at:
    vmov.f32 s0, #2.0
    vadd.f32 s1, s0, s0
    b    done
spin:
    adds r0, #1
    b    spin
spin_masked:                    @ PRIMASK for a while
    cpsid i
    movs r0, #0
spin_masked_loop:
    adds r0, #1
    cmp  r0, #100
    bne  spin_masked_loop
    cpsie i
spin_masked_open:
    nop
    nop
    b    done
load_with_faultmask:            @ r1 = address the MPU refuses
    cpsid f
    ldr  r2, [r1]
    cpsie f
load_without_faultmask:
    ldr  r2, [r1]
    b    done
go_unprivileged:                @ r0 = CONTROL, then on at r1
    msr  control, r0
    isb
    bx   r1
exclusive:                      @ r1 = memory; an SVC between load and store
    ldrex r2, [r1]
    svc  0
    strex r3, r2, [r1]
    b    done
exclusive_undisturbed:
    ldrex r2, [r1]
    strex r3, r2, [r1]
    b    done
fp_work:                        @ keeps s0-s15 and s16 alive across interrupts
    vmov.f32 s0, #1.0
    vmov.f32 s1, #2.0
    vmov.f32 s15, #3.0
    vmov.f32 s16, #4.0
fp_work_loop:
    vadd.f32 s2, s0, s1
    vadd.f32 s2, s2, s15
    subs r0, #1
    bne  fp_work_loop
    b    done
fp_handler:                     @ uses the FPU, then returns
    vmov.f32 s0, #8.0
    vmov.f32 s1, #9.0
    vmov.f32 s15, #10.0
    vadd.f32 s2, s0, s1
    adds r9, #1
    bx   lr
pend_higher:                    @ r10 = NVIC_ISPR0, r11 = bits: another interrupt from inside this one
    str  r11, [r10]
    nop
    nop
    vmov.f32 s0, #7.0
    bx   lr
plain_handler:
    add  r9, r9, #1
    bx   lr
bad_return:
    ldr  lr, =0xfffffff5
    bx   lr
return_to_handler:
    ldr  lr, =0xfffffff1
    bx   lr
smash_frame:                    @ returns with a frame whose IPSR says Handler mode
    ldr  r0, [sp, #28]
    orr  r0, r0, #3
    str  r0, [sp, #28]
    bx   lr
skip_one:                       @ the faulting instruction is skipped (2 bytes)
    ldr  r12, [sp, #24]
    adds r12, #2
    str  r12, [sp, #24]
    adds r9, #1
    bx   lr
fault_again:
    ldr  r2, [r1]
    bx   lr

@ --- sleep ---
    .balign 4
sleep_wfi:
    adds r0, #1
    wfi
    adds r0, #1
    b    done
sleep_wfe:
    adds r0, #1
    wfe
    adds r0, #1
    b    done
event_then_wfe:
    sev
    wfe
    adds r0, #1
    b    done
wide_event:
    sev.w
    wfe.w
    yield
    yield.w
    adds r0, #1
    b    done
    .pool

@ --- code that is closed, opened, changed ---
    .org 0x800
page_loop:                      @ a loop inside one granule
    adds r0, #1
    b    page_loop
    .org 0x8f0
before_limit:                   @ runs over a granule limit at 0x900
    adds r0, #1
    adds r0, #1
    adds r0, #1
    adds r0, #1
    adds r0, #1
    adds r0, #1
    adds r0, #1
    movs r2, #1
behind_limit:
    adds r0, #16
    b    done
into_other_granule:             @ in 0x900: jumps back and forth inside the page
    b    hop
    .org 0x9fe
straddler:                      @ a 32-bit instruction across 0xa00
    movw r0, #0x1234
    b    done
    .org 0xa80
hop:
    adds r0, #1
    str  r0, [r1]
    b    into_other_granule
    .org 0xc00
read_own_literal:               @ from an execute-only page
    ldr  r0, own_literal
    b    done
    .balign 4
own_literal:
    .word 0x12345678
close_myself:                   @ r1 = a device that closes this page
    str  r0, [r1]
    nop
close_myself_loop:
    adds r2, #1
    b    close_myself_loop

@ --- one instruction each: NAME leads to NAME_at, then to `done` ---
    .org 0x1000
    .macro one name, instruction:vararg
    .balign 4
\name:
    nop
\name\()_at:
    \instruction
    adds r0, #1
    b    done
    .endm

@ r1 = address, r2 = value or register offset
    one try_ldr,    ldr  r3, [r1]
    one try_ldr_w,  ldr.w r3, [r1, #256]
    one try_ldrh,   ldrh r3, [r1]
    one try_ldrsh,  ldrsh.w r3, [r1, #-4]
    one try_ldrb,   ldrb r3, [r1]
    one try_str,    str  r2, [r1]
    one try_strh,   strh r2, [r1]
    one try_strb,   strb r2, [r1]
    one try_ldrt,   ldrt r3, [r1]
    one try_strt,   strt r2, [r1]
    one try_tbh,    tbh  [r1, r2, lsl #1]
    one try_ldm,    ldmia r1, {r3, r4}
    one try_ldm_w,  ldmia.w r1!, {r3, r8}
    one try_ldmdb,  ldmdb r1!, {r3, r4}
    one try_stm,    stmia r1!, {r3, r4}
    one try_stmdb,  stmdb r1!, {r3, r8}
    one try_ldrd,   ldrd r3, r4, [r1]
    one try_strd,   strd r3, r4, [r1, #8]!
    one try_ldrex,  ldrex r3, [r1]
    one try_ldrexh, ldrexh r3, [r1]
    one try_ldrexb, ldrexb r3, [r1]
    one try_strex,  strex r3, r2, [r1]
    one try_vldr,   vldr s0, [r1]
    one try_vldr_d, vldr d0, [r1]
    one try_vstr,   vstr s0, [r1]
    one try_vstr_d, vstr d0, [r1]
    one try_vldm,   vldmia r1!, {s0-s3}
    one try_vstm,   vstmia r1!, {d0-d1}

@ r2 / r3
    one try_sdiv,   sdiv r4, r2, r3
    one try_udiv,   udiv r4, r2, r3
    .balign 4
divide_in_it:                   @ the division is not executed when r0 is not 0
    cmp  r0, #0
    itt  eq
    addeq r5, #1
divide_in_it_at:
    udiveq r4, r2, r3
    adds r0, #1
    b    done

@ --- floating-point contexts ---
fp_supervisor:                  @ s0 = 1.0, s1 = 2.0 .. s15 = 16.0 and an exception
    vmov.f32 s0, #1.0
    vmov.f32 s1, #2.0
    vmov.f32 s2, #3.0
    vmov.f32 s15, #16.0
    vmov.f32 s16, #17.0
fp_supervisor_at:
    svc  0
fp_supervisor_next:
    vadd.f32 s3, s0, s1
    vadd.f32 s3, s3, s15
    b    done
fp_use:                         @ in a handler: overwrites s0 and returns
    mov  r4, r4
fp_use_at:
    vmov.f32 s0, #8.0
    adds r9, #1
    bx   lr
fp_use_in_it:                   @ the first FPU instruction is skipped, the second is not
    cmp  r0, r0
    it   ne
    vmovne.f32 s0, #8.0
    vmov.f32 s1, #9.0
    adds r9, #1
    bx   lr
fp_use_in_it_taken:
    cmp  r0, r0
    itt  eq
fp_use_in_it_at:
    vmoveq.f32 s0, #8.0
    addeq r9, #1
    bx   lr
fp_status:                      @ r2 = FPSCR of a context made here
    vmrs r2, fpscr
    b    done
fp_nested:                      @ r10 = NVIC_ISPR0, r11 = bits: a nested interrupt, no FPU here
    str  r11, [r10]
    dsb
    isb
    adds r8, #1
    bx   lr
write_control:                  @ r0 = CONTROL
    msr  control, r0
    isb
    mrs  r2, control
    b    done

@ --- special registers: r0 goes in, r2 comes out ---
    .macro special name
    .balign 4
write_\name:
    msr  \name, r0
    mrs  r2, \name
    b    done
    .endm
    special primask
    special basepri
    special msp
    special psp
write_basepri_max:
    msr  basepri_max, r0
    mrs  r2, basepri
    b    done
mask_faults:
    cpsid f
    mrs  r2, faultmask
    b    done

@ --- faults in the middle of an instruction ---
    one try_ldrd_base, ldrd r1, r3, [r1, #4]
    one try_ldrd_back, ldrd r1, r3, [r1, #-8]
    one try_ldm_base,  ldmia r1, {r0, r1, r3}
    one try_push,      push {r0-r3}
    one try_pop,       pop {r3, r4}

@ --- stores of the program that concern itself: r10 = register, r11 = value ---
store_and_go_on:                @ one block
    str  r11, [r10]
store_and_go_on_next:
    adds r0, #1
    adds r0, #1
    udiv r4, r2, r3
    adds r0, #1
    b    done
store_in_it:
    cmp  r0, r0
    itt  eq
    streq r11, [r10]
store_in_it_next:
    addeq r0, #1
    adds r0, #1
    b    done
store_multiple:
    stmia r10!, {r11}
    adds r0, #1
    adds r0, #1
    b    done
open_fpu:                       @ r10 = CPACR
    str  r11, [r10]
    vmov.f32 s0, #2.0
    b    done
divide_at_once:                 @ r10 = CCR
    str  r11, [r10]
divide_at_once_at:
    udiv r4, r2, r3
    b    done

@ --- exceptions ---
return_by_r0:
    bx   r0
svc_in_it:
    cmp  r0, r0
    itte eq
    svceq 0
svc_in_it_next:
    addeq r5, #1
    addne r5, #16
    b    done
exclusive_cleared:              @ r1 = memory
    ldrex r2, [r1]
    clrex
    strex r3, r2, [r1]
    b    done
exclusive_stored:               @ an ordinary store of the same core between them
    ldrex r2, [r1]
    str  r4, [r1, #64]
    strex r3, r2, [r1]
    b    done

ge_flags:                       @ r0 to APSR, r2 = APSR, r3 = SEL of all ones and zeros, r5 = APSR behind an addition
    msr  apsr_nzcvqg, r0
    mrs  r2, apsr
    mvn  r6, #0
    movs r7, #0
    sel  r3, r6, r7
    sadd8 r4, r7, r7
    mrs  r5, apsr
    b    done
ge_call:                        @ GE of r0 over an exception
    msr  apsr_nzcvqg, r0
    svc  0
    mvn  r6, #0
    movs r7, #0
    sel  r3, r6, r7
    b    done
ge_spoil:
    movs r7, #0
    sadd8 r4, r7, r7
    bx   lr

    .org 0x1900
image_end:

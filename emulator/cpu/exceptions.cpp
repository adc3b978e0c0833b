#include "emulator/cpu/exceptions.hpp"

#include <fmt/format.h>

namespace h7::cpu {
namespace {

constexpr std::uint32_t kNpriv = 1, kSpsel = 2, kFpca = 4;  // CONTROL
constexpr std::uint32_t kT = 1U << 24, kAligned = 1U << 9;  // xPSR, and its copy in the frame
constexpr std::uint32_t kItState = 0x0600'FC00U;
constexpr unsigned kBasicFrame = 8, kExtendedFrame = 26;  // words

std::string_view name_of(unsigned exception) {
    switch (exception) {
        case kNmi:
            return "NMI";
        case kHardFault:
            return "HardFault";
        case kMemManage:
            return "MemManage";
        case kBusFault:
            return "BusFault";
        case kUsageFault:
            return "UsageFault";
        case kSvCall:
            return "SVCall";
        case kDebugMonitor:
            return "DebugMonitor";
        case kPendSv:
            return "PendSV";
        case kSysTick:
            return "SysTick";
        default:
            return exception >= kFirstIrq ? "an interrupt" : "reset";
    }
}

}  // namespace

ExceptionUnit::ExceptionUnit(EngineRegisters& registers, PrivateBus& ppb, StackPort& memory)
    : r_(registers), ppb_(ppb), memory_(memory) {}

ExceptionUnit::Result ExceptionUnit::held(const Outcome& outcome) {
    until_ = outcome.until;
    return Result::wait;
}

ExceptionUnit::Result ExceptionUnit::lock_up(std::string_view why) {
    constexpr std::uint32_t kErasedVector = 0xFFFF'FFFE;
    if (r_.pc() == kErasedVector) why = "there is no program, its vectors are blank";
    report_ = fmt::format("{}, pc 0x{:08X}, in {} (IPSR {}), CFSR 0x{:08X}, HFSR 0x{:08X}, VTOR 0x{:08X}",
                          why, r_.pc(), r_.ipsr() == 0 ? "Thread mode" : name_of(r_.ipsr()), r_.ipsr(),
                          ppb_.scb().cfsr(), ppb_.scb().hfsr(), ppb_.scb().vtor());
    return Result::lock_up;
}

// --- entry ---

ExceptionUnit::Result ExceptionUnit::take(unsigned exception) { return enter(exception, false); }

ExceptionUnit::Result ExceptionUnit::raise(unsigned exception) {
    const Delivery d = ppb_.nvic().deliver(exception, masks());
    if (d.lock_up) return lock_up(fmt::format("{} while HardFault cannot be entered", name_of(exception)));
    return enter(d.exception, d.forced);
}

/// PushStack and ExceptionTaken. A slave that holds an access is found out before anything changes.
ExceptionUnit::Result ExceptionUnit::enter(unsigned exception, bool forced) {
    const std::uint32_t control = r_.control();
    const std::uint32_t xpsr = r_.xpsr();
    const bool thread = r_.ipsr() == 0;
    const bool psp = r_.uses_psp();
    const bool fp = (control & kFpca) != 0;

    SystemControl& scb = ppb_.scb();
    const bool lazy = fp && (scb.fpccr() & fpccr::kLspen) != 0;
    const bool fp_refused = fp && !lazy && !scb.fpu_access(r_.privileged());

    Frame frame;
    const bool align = fp || scb.stkalign();
    const std::uint32_t sp = r_.r(13);
    frame.at = (sp - 4 * (fp ? kExtendedFrame : kBasicFrame)) & (align ? ~7U : ~3U);
    for (unsigned n = 0; n < 4; ++n) frame.words[n] = r_.r(n);
    frame.words[4] = r_.r(12);
    frame.words[5] = r_.r(14);
    frame.words[6] = r_.pc();
    frame.words[7] = (xpsr & ~kAligned) | (align && (sp & 4U) != 0 ? kAligned : 0U);
    if (fp && !lazy && !fp_refused) {
        frame.count += kFpWords;
        fp_words(&frame.words[8]);
    }

    std::uint32_t entry = 0;
    const Outcome probed = memory_.read_vector(scb.vtor() + 4 * exception, entry);
    if (probed.kind == Outcome::Kind::wait) return held(probed);
    const Outcome pushed = memory_.write_words(frame.at, frame.words.data(), frame.count, r_.privileged());
    if (pushed.kind == Outcome::Kind::wait) return held(pushed);

    if (forced) scb.report_hard_fault(hfsr::kForced);
    if (lazy) open_frame(frame.at + 0x20, r_.privileged(), thread, masks());
    r_.set_r(13, frame.at);
    // Handler mode, main stack, privileged, no floating-point context yet; nPRIV is kept for Thread mode.
    r_.set_mode(exception, control & kNpriv);
    r_.set_r(14, 0xFFFF'FFE1U | (fp ? 0U : 0x10U) | (thread ? 8U : 0U) | (psp ? 4U : 0U));
    r_.clear_exclusive();
    if (!pushed.ok()) return derived(report_stacking(pushed, false), exception);
    if (fp_refused) {
        scb.report(cfsr::kNocp);
        return derived(kUsageFault, exception);
    }
    ppb_.nvic().enter(exception);
    return vector(exception);
}

void ExceptionUnit::fp_words(std::uint32_t* words) const {
    const EngineRegisters::Fp registers = r_.fp();
    for (unsigned n = 0; n < 16; ++n) words[n] = registers.s[n];
    words[16] = registers.fpscr;
}

/// UpdateFPCCR: the place stays open; who interrupted whom is noted for the day it is written.
void ExceptionUnit::open_frame(Address fp_words, bool privileged, bool thread, const Masks& masks) {
    const Nvic& nvic = ppb_.nvic();
    std::uint32_t now = ppb_.scb().fpccr() & (fpccr::kAspen | fpccr::kLspen);
    now |= fpccr::kLspact | (privileged ? 0U : fpccr::kUser) | (thread ? fpccr::kThread : 0U);
    if (!nvic.above_faults(masks)) now |= fpccr::kHfrdy;
    if (nvic.would_preempt(kMemManage, masks)) now |= fpccr::kMmrdy;
    if (nvic.would_preempt(kBusFault, masks)) now |= fpccr::kBfrdy;
    if (nvic.would_preempt(kDebugMonitor, masks)) now |= fpccr::kMonrdy;
    ppb_.scb().set_fpcar(fp_words);
    ppb_.scb().set_fpccr(now);
}

ExceptionUnit::Result ExceptionUnit::preserve() {
    SystemControl& scb = ppb_.scb();
    Nvic& nvic = ppb_.nvic();
    const std::uint32_t then = scb.fpccr();
    if ((then & fpccr::kLspact) == 0) return Result::done;  // software has closed it in the same block
    std::array<std::uint32_t, kFpWords> words{};
    fp_words(words.data());
    const Outcome written = memory_.write_deferred(scb.fpcar(), words.data(), kFpWords,
                                                   (then & fpccr::kUser) == 0, (then & fpccr::kHfrdy) == 0);
    if (written.kind == Outcome::Kind::wait) return held(written);
    if (!written.ok()) {
        const bool refused = written.kind == Outcome::Kind::refused;
        scb.report(refused ? cfsr::kMlsperr : cfsr::kLsperr);
        unsigned fault = refused ? kMemManage : kBusFault;
        if ((then & (refused ? fpccr::kMmrdy : fpccr::kBfrdy)) == 0) {
            if ((then & fpccr::kHfrdy) == 0)
                return lock_up("the floating-point frame of HardFault or NMI cannot be written");
            fault = kHardFault;
            scb.report_hard_fault(hfsr::kForced);
        }
        nvic.set_pending(fault);
        if (nvic.to_take(masks()) != 0) return Result::pended;  // the frame stays open
    }
    scb.set_fpccr(then & ~fpccr::kLspact);
    return Result::done;
}

unsigned ExceptionUnit::report_stacking(const Outcome& outcome, bool unstacking) {
    if (outcome.kind == Outcome::Kind::refused) {
        ppb_.scb().report(unstacking ? cfsr::kMunstkerr : cfsr::kMstkerr);
        return kMemManage;
    }
    ppb_.scb().report(unstacking ? cfsr::kUnstkerr : cfsr::kStkerr);
    return kBusFault;
}

/// A fault while `original` was being entered (DerivedLateArrival): the more urgent of the two runs now, the
/// other one waits. Whether the fault can run at all is judged by the code that was interrupted.
ExceptionUnit::Result ExceptionUnit::derived(unsigned fault, unsigned original) {
    Nvic& nvic = ppb_.nvic();
    const bool forced = !nvic.would_preempt(fault, masks());
    const unsigned taken = forced ? unsigned{kHardFault} : fault;
    if (original == kNmi || original == kHardFault) {
        nvic.enter(original);
        return lock_up("the stack of HardFault or NMI cannot be written");
    }
    if (forced) ppb_.scb().report_hard_fault(hfsr::kForced);
    const bool first = nvic.priority(taken) < nvic.priority(original);
    nvic.set_pending(original);
    nvic.set_pending(taken);
    nvic.enter(first ? taken : original);
    if (first) r_.set_mode(taken, r_.control());
    return vector(first ? taken : original);
}

/// ExceptionTaken: the handler's address. `exception` is active already.
ExceptionUnit::Result ExceptionUnit::vector(unsigned exception) {
    std::uint32_t entry = 0;
    const Outcome read = memory_.read_vector(ppb_.scb().vtor() + 4 * exception, entry);
    if (!read.ok()) {
        ppb_.scb().report_hard_fault(hfsr::kVecttbl);
        if (exception == kNmi || exception == kHardFault)
            return lock_up("the vector of HardFault or NMI cannot be read");
        ppb_.nvic().leave(exception);
        ppb_.nvic().set_pending(exception);
        ppb_.nvic().enter(kHardFault);
        r_.set_mode(kHardFault, r_.control());
        return vector(kHardFault);
    }
    r_.set_xpsr((r_.xpsr() & ~(kItState | kT)) | ((entry & 1U) != 0 ? kT : 0U));
    r_.set_pc(entry);
    return Result::done;
}

ExceptionUnit::Result ExceptionUnit::start(Address vectors) {
    std::array<std::uint32_t, 2> words{};
    const Outcome read = memory_.read_words(vectors, words.data(), 2, true);
    if (read.kind == Outcome::Kind::wait) return held(read);
    if (!read.ok()) {
        ppb_.scb().report_hard_fault(hfsr::kVecttbl);
        return lock_up("the reset vector cannot be read");
    }
    r_.set_mode(kThread, 0);
    r_.set_msp(words[0] & ~3U);
    r_.set_xpsr((words[1] & 1U) != 0 ? kT : 0U);
    r_.set_pc(words[1]);
    return Result::done;
}

// --- return ---

/// INVPC: the exception that returned is inactive already, the stack stays where it is (B1.5.8).
ExceptionUnit::Result ExceptionUnit::invalid_return(std::uint32_t exc_return, std::string_view why) {
    ppb_.scb().report(cfsr::kInvpc);
    const Delivery d = ppb_.nvic().deliver(kUsageFault, masks());
    if (d.lock_up) return lock_up(fmt::format("a return to 0x{:08X} failed: {}", exc_return, why));
    if (d.forced) ppb_.scb().report_hard_fault(hfsr::kForced);
    r_.set_r(14, (exc_return & 0x0FFF'FFFFU) | 0xF000'0000U);
    r_.set_mode(d.exception, r_.control() & kNpriv);
    ppb_.nvic().enter(d.exception);
    return vector(d.exception);
}

ExceptionUnit::Result ExceptionUnit::leave(std::uint32_t exc_return) {
    Nvic& nvic = ppb_.nvic();
    const unsigned returning = r_.ipsr();
    const unsigned nested = nvic.active_count();
    const auto deactivate = [&] {
        nvic.leave(returning);
        if (returning != kNmi) r_.set_faultmask(0);
    };

    std::string_view wrong;
    const std::uint32_t kind = exc_return & 0xFU;
    if (!nvic.active(returning))
        wrong = "the exception is not active";
    else if ((exc_return & 0x0FFF'FFE0U) != 0x0FFF'FFE0U)
        wrong = "EXC_RETURN has bits 27:5 clear";
    else if (kind != 0x1 && kind != 0x9 && kind != 0xD)
        wrong = "EXC_RETURN names no stack";
    else if (kind == 0x1 && nested == 1)
        wrong = "to Handler mode, but no other exception is active";
    else if (kind != 0x1 && nested != 1 && !ppb_.scb().nonbasethrdena())
        wrong = "to Thread mode, but other exceptions are active";
    if (!wrong.empty()) {
        deactivate();
        return invalid_return(exc_return, wrong);
    }

    const bool to_thread = kind != 0x1;
    const bool psp = kind == 0xD;
    const bool fp = (exc_return & 0x10U) == 0;
    const std::uint32_t npriv = r_.control() & kNpriv;
    SystemControl& scb = ppb_.scb();
    const bool privileged = !to_thread || npriv == 0;
    // With the frame still open S0-S15 are as the interrupted code left them.
    const bool open = fp && (scb.fpccr() & fpccr::kLspact) != 0;
    const bool fp_refused = fp && !open && !scb.fpu_access(privileged);
    Frame frame;
    if (fp && !open && !fp_refused) frame.count += kFpWords;
    frame.at = psp ? r_.psp() : r_.msp();
    const Outcome popped = memory_.read_words(frame.at, frame.words.data(), frame.count, privileged);
    if (popped.kind == Outcome::Kind::wait) return held(popped);

    deactivate();
    const std::uint32_t xpsr = frame.words[7];
    if (popped.ok() && to_thread != ((xpsr & 0x1FFU) == 0)) {
        // PopStack has happened, and PushStack puts everything back where it was.
        for (unsigned n = 0; n < 4; ++n) r_.set_r(n, frame.words[n]);
        r_.set_r(12, frame.words[4]);
        return invalid_return(exc_return, "the stacked IPSR does not fit the mode");
    }

    const bool align = fp || scb.stkalign();
    const std::uint32_t size = 4 * (fp ? kExtendedFrame : kBasicFrame);
    const std::uint32_t sp = (frame.at + size) | (align && (xpsr & kAligned) != 0 ? 4U : 0U);
    if (!popped.ok() || fp_refused) {
        // The fault is taken as if it tail-chained: nothing is stacked again, EXC_RETURN stays.
        if (fp_refused) scb.report(cfsr::kNocp);
        const unsigned fault = popped.ok() ? unsigned{kUsageFault} : report_stacking(popped, true);
        const Delivery d = nvic.deliver(fault, masks());
        if (d.lock_up) return lock_up("unstacking failed while HardFault cannot be entered");
        if (d.forced) ppb_.scb().report_hard_fault(hfsr::kForced);
        r_.set_r(14, exc_return);
        r_.set_mode(d.exception, npriv);
        nvic.enter(d.exception);
        return vector(d.exception);
    }

    for (unsigned n = 0; n < 4; ++n) r_.set_r(n, frame.words[n]);
    r_.set_r(12, frame.words[4]);
    r_.set_r(14, frame.words[5]);
    r_.set_pc(frame.words[6]);
    if (open) scb.set_fpccr(scb.fpccr() & ~fpccr::kLspact);
    if (fp && !open) {
        EngineRegisters::Fp registers;
        for (unsigned n = 0; n < 16; ++n) registers.s[n] = frame.words[8 + n];
        registers.fpscr = frame.words[24];
        r_.set_fp(registers);
    }
    if (psp)
        r_.set_psp(sp);
    else
        r_.set_msp(sp);
    r_.set_mode(to_thread ? 0U : xpsr & 0x1FFU, npriv | (psp ? kSpsel : 0U) | (fp ? kFpca : 0U));
    r_.set_xpsr(xpsr);
    r_.clear_exclusive();
    return Result::done;
}

}  // namespace h7::cpu

#include "emulator/cpu/unicorn/library.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <initializer_list>

#include "emulator/cpu/unicorn/engine.hpp"
#include "emulator/fabric/memory.hpp"

namespace h7::cpu {
namespace {

constexpr Address kCode = 0x0000'0000, kData = 0x2000'0000, kSlave = 0x4000'0000, kClosed = 0x6000'0000;

/// The smallest owner an engine can have.
class Bench final : public EnginePort {
public:
    Translation translate(Address address, Op, bool) override {
        Translation t;
        t.canonical = address;
        t.kind = address >= kClosed  ? Translation::Kind::bus_error
                 : address >= kSlave ? Translation::Kind::slave
                                     : Translation::Kind::memory;
        t.read = t.execute = true;
        t.write = address >= kData;
        return t;
    }
    BusResult<std::uint64_t> load(Address, unsigned, bool) override {
        seen_pc = engine->pc();
        seen_count = engine->executed();
        return std::uint64_t{5};
    }
    BusResult<void> store(Address, unsigned, std::uint64_t, bool) override { return {}; }
    void masks_changed() override {}
    Preserved preserve_floating_point() override {
        ++preserved;
        engine->set_fpu_context(true, false, 0);
        return {};
    }
    bool serve(const Stop& stop) override {
        ++served;
        engine->set_limit(engine->executed() + 100);
        return stop.why == Stop::Why::svc;
    }
    bool fpu_enabled(bool) const override { return true; }

    std::unique_ptr<Engine> engine;
    Address seen_pc = 0;
    std::uint64_t seen_count = 0;
    unsigned preserved = 0, served = 0;
};

class Examination {
public:
    explicit Examination(Counting counting) : counting_(counting) {}

    Result<void> run() {
        bench_.engine = TRY(Engine::create_unchecked(
            Model::cortex_m7, {{kCode, code_.data(), 4096, false}, {kData, data_.data(), 4096, true}},
            bench_));
        if (counting_ == Counting::by_hook) engine().count_by_hook();
        std::memset(data_.data(), 0, data_.size());
        TRY(registers());
        TRY(counting_and_faults());
        TRY(stores());
        TRY(traps());
        TRY(floating_point());
        return exclusive_monitor();
    }

private:
    Engine& engine() { return *bench_.engine; }
    EngineRegisters& r() { return engine().registers(); }

    Stop go(std::initializer_list<std::uint16_t> program, std::uint64_t budget = 1000) {
        std::copy(program.begin(), program.end(), reinterpret_cast<std::uint16_t*>(code_.data() + at_));
        r().set_xpsr(1U << 24);
        r().set_pc(kCode + at_);
        first_ = at_;
        at_ += 64;
        engine().mode_changed();
        begin_ = engine().executed();
        engine().set_limit(begin_ + budget);
        return engine().run();
    }

    /// What we read in place is what the public interface says.
    Result<void> registers() {
        if (!engine().layout_fits()) return different("the layout of its structures");
        r().set_mode(kHandler, 0);
        r().set_msp(0x2000'0400);
        r().set_psp(0x2000'0800);
        r().set_primask(1);
        r().set_basepri(0x40);
        r().set_faultmask(1);
        r().set_r(7, 0x1234'5678);
        const bool same = engine().public_register(UC_ARM_REG_R7) == 0x1234'5678 &&
                          engine().public_register(UC_ARM_REG_MSP) == 0x2000'0400 &&
                          engine().public_register(UC_ARM_REG_PSP) == 0x2000'0800 &&
                          engine().public_register(UC_ARM_REG_PRIMASK) == 1 &&
                          engine().public_register(UC_ARM_REG_BASEPRI) == 0x40 &&
                          engine().public_register(UC_ARM_REG_FAULTMASK) == 1 &&
                          engine().public_register(UC_ARM_REG_IPSR) == kHandler;
        r().set_primask(0);
        r().set_basepri(0);
        r().set_faultmask(0);
        r().set_mode(0, 2);
        r().set_xpsr(0x000A'0000U | 1U << 24);
        const bool greater = ge_flags() == 0x000A'0000U;
        for (std::uint32_t flags = 0; flags < 32; ++flags) {  // N, Z, C, V, Q
            r().set_xpsr(flags << 27 | 1U << 24);
            if (r().xpsr() != (engine().public_register(UC_ARM_REG_XPSR) | r().ipsr()))
                return different("its flags");
        }
        r().set_xpsr(0x000A'0000U | 1U << 24);
        const bool banked = engine().public_register(UC_ARM_REG_CONTROL) == 2 &&
                            engine().public_register(UC_ARM_REG_SP) == 0x2000'0800;
        r().set_mode(0, 0);
        if (!same || !banked || !greater) return different("the place of its registers");
        return {};
    }

    /// As the program reads them.
    std::uint32_t ge_flags() {
        const std::uint32_t before = r().xpsr();
        std::copy_n(std::array<std::uint16_t, 3>{0xF3EF, 0x8000, 0xBF30}.begin(), 3,
                    reinterpret_cast<std::uint16_t*>(code_.data() + at_));  // mrs r0,apsr; wfi
        r().set_pc(kCode + at_);
        at_ += 64;
        r().set_xpsr(before);
        engine().mode_changed();
        engine().set_limit(engine().executed() + 10);
        engine().run();
        return r().r(0) & 0x000F'0000U;
    }

    Result<void> counting_and_faults() {
        r().set_r(1, kSlave);
        r().set_r(2, kClosed);
        // movs r0,#0; ldr r3,[r1]; cmp r0,#0; itt eq; ldreq r4,[r2]; addeq r0,#1; b .
        const Stop fault = go({0x2000, 0x680B, 0x2800, 0xBF04, 0x6814, 0x3001, 0xE7FE});
        if (bench_.seen_pc != first_ + 2 || bench_.seen_count - begin_ != 1)
            return different("the unwind table of its blocks");
        if (!engine().blocks_begin_as_known()) return different("the first operations of its blocks");
        if (fault.why != Stop::Why::bus_error || fault.address != kClosed || r().pc() != first_ + 8)
            return different("the pc at a fault");
        if ((r().xpsr() & 0x0600'FC00U) != 0x0000'0400U) return different("ITSTATE at a fault");
        if (engine().executed() - begin_ != 4) return different("the count at a fault");
        // adds r0,#1; adds r0,#1; b .-4: six instructions are the first boundary at or after 5
        r().set_r(0, 0);
        const Stop budget = go({0x3001, 0x3001, 0xE7FC}, 5);
        if (budget.why != Stop::Why::budget || engine().executed() - begin_ != 6 || r().r(0) != 4)
            return different("the start of its blocks");
        if (!engine().lookup_agrees()) return different("the flags of its blocks");
        if (go({0xBF40, 0xBF00}).why != Stop::Why::sev || go({0xBF30, 0xBF00}).why != Stop::Why::wfi)
            return different("what it does at SEV and WFI");
        // svc; movs r0,#7; wfi
        const bool goes_on = go({0xDF00, 0x2007, 0xBF30}).why == Stop::Why::wfi && r().r(0) == 7;
        if (!goes_on || bench_.served != 1 || engine().executed() - begin_ != 3)
            return different("how it goes on behind an exception");
        return {};
    }

    /// Slow stores are counted, not timed.
    Result<void> stores() {
        r().set_r(0, 1000);
        r().set_r(1, kData + 0x100);
        const std::uint64_t before = engine().slow_stores();
        go({0x6008, 0x3801, 0xD1FC, 0xBF30}, 100'000);  // str r0,[r1]; subs r0,#1; bne; wfi
        if (r().r(0) != 0 || engine().slow_stores() - before > 2) return different("the path of its stores");
        return clean_pages();
    }

    /// What makes a trapping variant of a block, and what its accesses ask for.
    Result<void> traps() {
        r().set_r(1, kData + 2);
        r().set_r(2, 8);
        r().set_r(3, 0);
        const auto ends = [this](std::initializer_list<std::uint16_t> program, Stop::Why why) {
            return go(program).why == why;
        };
        const bool always = ends({0xC950, 0xBF30}, Stop::Why::unaligned);  // ldmia r1!,{r4,r6}; wfi
        const bool without =
            ends({0x680C, 0xFBB2, 0xF0F3, 0xBF30}, Stop::Why::wfi);  // ldr r4,[r1]; udiv; wfi
        engine().set_traps(true, true);
        const bool word = ends({0x680C, 0xBF30}, Stop::Why::unaligned);
        const bool division = ends({0xFBB2, 0xF0F3, 0xBF30}, Stop::Why::divided_by_zero);
        engine().set_traps(false, false);
        if (!always || !without || !word || !division) return different("its alignment checks or divisions");
        return {};
    }

    /// The open frame is stored once, by us; then there is a context.
    Result<void> floating_point() {
        r().set_mode(0, 0);
        engine().set_fpu_context(true, true, 0x0040'0000);
        const Stop stop = go({0xEEF1, 0x0A10, 0xEEF1, 0x1A10, 0xBF30});  // vmrs r0,fpscr; vmrs r1,fpscr; wfi
        const bool once = bench_.preserved == 1 && stop.why == Stop::Why::wfi;
        const bool context = r().control() == 4;
        engine().set_fpu_context(true, false, 0);
        r().set_mode(0, 0);
        r().set_fpscr(0);
        if (!once || !context) return different("its floating-point contexts");
        return {};
    }

    /// While stores are watched, exactly the first store of a page leaves the translated code.
    Result<void> clean_pages() {
        for (int round = 0; round < 3; ++round) {
            engine().watch_all_stores();
            r().set_r(0, 100);
            const std::uint64_t before = engine().slow_stores();
            go({0x680B, 0x6008, 0x3801, 0xD1FB, 0xBF30},
               100'000);  // ldr r3,[r1]; str r0,[r1]; subs r0,#1; bne; wfi
            if (engine().slow_stores() - before != 1) return different("the mark of clean pages in its TLB");
        }
        return {};
    }

    Result<void> exclusive_monitor() {
        r().set_r(1, kData + 0x100);
        go({0xE851, 0x0F00, 0xBF30});  // ldrex r0,[r1]; wfi
        r().clear_exclusive();
        go({0xE841, 0x0200, 0xBF30});  // strex r2,r0,[r1]; wfi
        if (r().r(2) != 1) return different("the place of its exclusive monitor");
        return {};
    }

    static constexpr std::uint32_t kHandler = 5;
    Counting counting_;
    HostMemory code_{4096}, data_{4096};
    Bench bench_;
    std::uint32_t at_ = 0x100, first_ = 0;
    std::uint64_t begin_ = 0;
};

}  // namespace

Error different(std::string_view what) {
    return misuse(
        fmt::format("the Unicorn library is 2.0.1 but not the build this program was made for ({} differs); "
                    "link the libunicorn.a of Debian's libunicorn-dev 2.0.1.post1",
                    what));
}

Result<void> check_version(unsigned version) {
    if (version == layout::kVersion) return {};
    return misuse(
        fmt::format("the Unicorn library is version {}.{}.{}, the cores need 2.0.1; link the libunicorn.a of "
                    "Debian's libunicorn-dev 2.0.1.post1",
                    version >> 24, version >> 16 & 0xFFU, version >> 8 & 0xFFU));
}

Result<Counting> choose_counting(std::string_view asked,
                                 const std::function<Result<void>(Counting)>& examine) {
    if (!asked.empty() && asked != "in-code" && asked != "by-hook")
        return misuse(fmt::format(
            "H7RSS_COUNTING={} is no way to count instructions; there are in-code and by-hook", asked));
    if (asked != "by-hook") {
        const Result<void> agrees = examine(Counting::in_code);
        if (agrees) return Counting::in_code;
        if (!asked.empty() || !examine(Counting::by_hook)) return agrees.error();
        return Counting::by_hook;
    }
    TRY(examine(Counting::by_hook));
    return Counting::by_hook;
}

Result<Counting> check_library() {
    static const Result<Counting> verdict = []() -> Result<Counting> {
        TRY(check_version(uc_version(nullptr, nullptr)));
        const char* asked = std::getenv("H7RSS_COUNTING");
        return choose_counting(asked == nullptr ? "" : asked,
                               [](Counting counting) { return Examination(counting).run(); });
    }();
    return verdict;
}

}  // namespace h7::cpu

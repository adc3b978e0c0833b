// What wakes WFI and WFE, and what unprivileged code may not do, cell by cell. ARMv7-M B1.5.17 - B1.5.19,
// B3.1.1; system.md 5.9, 11.7.
#include "board.hpp"

namespace h7::cpu {
namespace {

constexpr Address kIser = 0xE000'E100, kIpr = 0xE000'E400, kScr = 0xE000'ED10, kShcsr = 0xE000'ED24,
                  kCcr = 0xE000'ED14, kCfsr = 0xE000'ED28, kBfar = 0xE000'ED38;

class SleepMatrix : public BothCores {
public:
    Board board{GetParam()};
};
H7_ON_BOTH_CORES(SleepMatrix);

struct Wake {
    const char* what;
    bool enabled;
    std::uint32_t priority, primask, basepri, faultmask, scr;
    bool wfi, wfe;  // ends
    bool handler;   // and the handler runs
};
const Wake kWakes[] = {
    // clang-format off
    {"taken",                true,  0x40, 0, 0x00, 0, 0,  true,  true,  true },
    {"disabled",             false, 0x40, 0, 0x00, 0, 0,  false, false, false},
    {"PRIMASK",              true,  0x40, 1, 0x00, 0, 0,  true,  false, false},
    {"BASEPRI lets it pass", true,  0x30, 0, 0x40, 0, 0,  true,  true,  true },
    {"BASEPRI holds it",     true,  0x40, 0, 0x40, 0, 0,  false, false, false},
    {"both masks",           true,  0x30, 1, 0x40, 0, 0,  true,  false, false},
    {"FAULTMASK",            true,  0x00, 0, 0x00, 1, 0,  false, false, false},
    {"SEVONPEND, disabled",  false, 0x40, 0, 0x00, 0, 16, false, true,  false},
    {"SEVONPEND, PRIMASK",   true,  0x40, 1, 0x00, 0, 16, true,  true,  false},
    {"SEVONPEND, BASEPRI",   true,  0x40, 0, 0x40, 0, 16, false, true,  false},
    {"deep sleep",           true,  0x40, 0, 0x00, 0, 4,  true,  true,  true },
    // clang-format on
};

TEST_P(SleepMatrix, AnInterrupt) {
    for (const Wake& fact : kWakes)
        for (const bool wfe : {false, true}) {
            SCOPED_TRACE(::testing::Message() << fact.what << (wfe ? ", WFE" : ", WFI"));
            Board one(GetParam());  // no event is left from before
            one.set_scs(kIser, fact.enabled ? 1 : 0);
            one.set_scs(kIpr, fact.priority);
            one.set_scs(kScr, fact.scr);
            Registers r = one.core->registers();
            r.primask = fact.primask;
            r.basepri = fact.basepri;
            r.faultmask = fact.faultmask;
            r.r[0] = 0;
            one.core->set_registers(r);
            ASSERT_FALSE(one.run(wfe ? snippet::sleep_wfe : snippet::sleep_wfi, 500));
            EXPECT_EQ(one.core->state(), (fact.scr & 4U) != 0 ? RunState::deep_sleep : RunState::sleeping);
            one.core->pulse_interrupt(0);
            const bool ends = one.resume(500);
            EXPECT_EQ(ends, wfe ? fact.wfe : fact.wfi);
            if (ends) {
                EXPECT_EQ(one.called_at, fact.handler ? snippet::on_irq0 : snippet::done);
            }
        }
}

TEST_P(SleepMatrix, AnEvent) {  // the event register: set once, taken once
    struct {
        const char* what;
        bool exception, sev_from_outside, falls_through;
    } const facts[] = {{"nothing", false, false, false},
                       {"an exception and its return", true, false, true},
                       {"SEV of the partner", false, true, true}};
    for (const auto& fact : facts) {
        SCOPED_TRACE(fact.what);
        Board one(GetParam());
        one.set_vector(kSvCall, snippet::plain_handler);
        if (fact.exception) {
            ASSERT_TRUE(one.run(snippet::supervisor));
        }
        if (fact.sev_from_outside) one.core->send_event();
        EXPECT_EQ(one.run(snippet::sleep_wfe, 500), fact.falls_through);
        if (fact.falls_through) {
            EXPECT_FALSE(one.run(snippet::sleep_wfe, 500)) << "it was consumed";
        }
        one.core->send_event();
        EXPECT_TRUE(one.resume(500));
    }
}

TEST_P(SleepMatrix, NmiAlwaysWakes) {
    Registers r = board.core->registers();
    r.primask = r.faultmask = 1;
    board.core->set_registers(r);
    ASSERT_FALSE(board.run(snippet::sleep_wfi, 500));
    board.core->set_nmi(true);
    ASSERT_TRUE(board.resume(500));
    EXPECT_EQ(board.called_at, snippet::on_nmi);
}

TEST_P(SleepMatrix, UnprivilegedCodeReachesNoSystemRegister) {  // B3.1.1: BusFault
    const Address addresses[] = {0xE000'E010, 0xE000'E100, 0xE000'E400, 0xE000'ED00, 0xE000'ED08,
                                 0xE000'ED14, 0xE000'ED90, 0xE000'EF34, 0xE000'EDFC, 0xE000'1004};
    for (const Address address : addresses)
        for (const Address from : {snippet::try_ldr, snippet::try_str}) {
            SCOPED_TRACE(::testing::Message() << std::hex << address);
            board.restart();
            board.set_scs(kShcsr, 7U << 16);
            Registers r = board.core->registers();
            r.control = 1;
            r.r[1] = address;
            r.r[2] = 0;
            board.core->set_registers(r);
            ASSERT_TRUE(board.run(from));
            EXPECT_EQ(board.called_at, snippet::on_bus_fault);
            EXPECT_EQ(board.scs(kCfsr), 0x8200u);
            EXPECT_EQ(board.scs(kBfar), address);
        }
}

TEST_P(SleepMatrix, UnprivilegedCodeMayTriggerWithUsersetmpend) {  // STIR
    for (const bool open : {false, true}) {
        board.restart();
        board.set_scs(kShcsr, 7U << 16);
        board.set_scs(kIser, 4);
        board.set_scs(kCcr, board.scs(kCcr) | (open ? 2U : 0U));
        Registers r = board.core->registers();
        r.control = 1;
        r.r[10] = 0xE000'EF00;
        r.r[11] = 2;
        board.core->set_registers(r);
        ASSERT_TRUE(board.run(snippet::store_and_go_on));
        EXPECT_EQ(board.called_at, open ? snippet::on_irq2 : snippet::on_bus_fault);
    }
}

}  // namespace
}  // namespace h7::cpu

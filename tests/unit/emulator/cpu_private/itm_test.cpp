// The instrumentation trace of a core: what firmware writes and what leaves through the stimulus ports.
// system.md 5.5; otherwise ARMv7-M C1.7.
#include <string>
#include <vector>

#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kStim = 0xE000'0000, kTer = 0xE000'0E00, kTpr = 0xE000'0E40, kTcr = 0xE000'0E80,
                  kLar = 0xE000'0FB0, kLsr = 0xE000'0FB4, kDemcr = 0xE000'EDFC;
constexpr std::uint32_t kKey = 0xC5AC'CE55, kTrcena = 1U << 24, kItmena = 1;

/// A core whose stimulus writes are written down as "port:bytes:value".
struct Traced : Private {
    explicit Traced(Model model = Model::cortex_m7) : Private(model) {
        bus.itm().stimulus = [this](unsigned port, unsigned size, std::uint32_t value) {
            said.push_back(std::to_string(port) + ":" + std::to_string(size) + ":" + std::to_string(value));
        };
    }
    /// As CMSIS and every "retarget printf to SWO" recipe does it.
    void enable(std::uint32_t ports = 0xFFFF'FFFF) {
        write(kDemcr, kTrcena);
        write(kLar, kKey);
        write(kTcr, kItmena);
        write(kTer, ports);
    }
    std::vector<std::string> said;
};

using Said = std::vector<std::string>;

TEST(Itm, AWriteToAnEnabledPortLeavesInItsOwnSize) {  // system.md 5.5
    Traced core;
    core.enable();
    core.write(kStim, 'x', 1);
    core.write(kStim + 4 * 31, 0x1234, 2);
    core.write(kStim + 4 * 5, 0x1234'5678, 4);
    EXPECT_EQ(core.said, (Said{"0:1:120", "31:2:4660", "5:4:305419896"}));
}

TEST(Itm, APortIsAlwaysReady) {  // the FIFO of the model never fills up: CMSIS's ITM_SendChar polls it
    Traced core;
    EXPECT_EQ(core.read(kStim), 1U);
    core.enable();
    for (int n = 0; n < 100; ++n) core.write(kStim, 'x', 1);
    EXPECT_EQ(core.read(kStim), 1U);
    EXPECT_EQ(core.read(kStim, 1), 1U);
}

TEST(Itm, NothingLeavesUntilEverythingIsEnabled) {
    Traced core;
    const auto silent = [&] {
        core.said.clear();
        core.write(kStim, 'x', 1);
        return core.said.empty();
    };
    EXPECT_TRUE(silent());
    core.enable(1);
    EXPECT_FALSE(silent());
    core.write(kTer, 2);
    EXPECT_TRUE(silent());
    core.write(kTer, 1);
    core.write(kTcr, 0);
    EXPECT_TRUE(silent());
    core.write(kTcr, kItmena);
    core.write(kDemcr, 0);
    EXPECT_TRUE(silent());
}

TEST(Itm, WithoutTrcenaItsRegistersKeepTheirValues) {
    Traced core;
    core.write(kLar, kKey);
    core.write(kTcr, kItmena);
    core.write(kTer, 1);
    EXPECT_EQ(core.read(kTcr), 0U);
    EXPECT_EQ(core.read(kTer), 0U);
}

TEST(Itm, TheCm7IsLockedUntilTheKey) {
    Traced core;
    core.write(kDemcr, kTrcena);
    EXPECT_EQ(core.read(kLsr), 3U);
    core.write(kTcr, kItmena);
    EXPECT_EQ(core.read(kTcr), 0U);
    core.write(kLar, kKey);
    EXPECT_EQ(core.read(kLsr), 1U);
    core.write(kTcr, kItmena);
    EXPECT_EQ(core.read(kTcr), kItmena);
    core.write(kLar, 0);
    core.write(kTer, 1);
    EXPECT_EQ(core.read(kTer), 0U);
}

TEST(Itm, TheLockHoldsNobodyButSoftware) {
    Traced core;
    core.write(kDemcr, kTrcena);
    core.master = Master::ap0;
    core.write(kTcr, kItmena);
    core.write(kTer, 1);
    core.master = Master::cm7;
    core.write(kStim, 'x', 1);  // the lock is for the control registers
    EXPECT_EQ(core.said, Said{"0:1:120"});
}

TEST(Itm, TheCm4HasNoLock) {
    Traced core(Model::cortex_m4);
    core.write(kDemcr, kTrcena);
    EXPECT_EQ(core.read(kLsr), 0U);
    core.write(kTcr, kItmena);
    core.write(kTer, 1);
    core.write(kStim, 'x', 1);
    EXPECT_EQ(core.said, Said{"0:1:120"});
}

TEST(Itm, UnprivilegedCodeReachesThePortsThatTprLeavesOpen) {
    Traced core;
    core.enable(0xFFFF'FFFF);
    core.write(kTpr, 0b0010);  // ports 8-15 belong to privileged code
    core.privileged = false;
    core.write(kStim + 4 * 7, 1, 1);
    core.write(kStim + 4 * 8, 2, 1);
    core.write(kStim + 4 * 15, 3, 1);
    core.write(kStim + 4 * 16, 4, 1);
    EXPECT_EQ(core.said, (Said{"7:1:1", "16:1:4"}));
    core.write(kTer, 0);
    core.write(kTcr, 0);
    core.write(kTpr, 0);
    core.write(kLar, 0);
    EXPECT_EQ(core.read(kTer), 0x0000'FF00U) << "its own ports only";
    EXPECT_EQ(core.read(kTcr), kItmena);
    EXPECT_EQ(core.read(kTpr), 2U);
    EXPECT_EQ(core.read(kLsr), 1U);
}

TEST(Itm, OnlyItsFieldsAreKept) {
    Traced core;
    core.enable();
    core.write(kTpr, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kTpr), 0xFU);
    core.write(kTcr, 0xFFFF'FFFF);
    EXPECT_EQ(core.read(kTcr), 0x007F'0F1FU);  // BUSY reads 0: nothing waits
}

TEST(Itm, KeepsItsStateOverEveryResetButPowerOn) {
    Traced core;
    core.enable(5);
    core.bus.reset(ResetKind::system, 0);
    EXPECT_EQ(core.read(kTer), 5U);
    EXPECT_EQ(core.read(kLsr), 1U);
    core.bus.reset(ResetKind::power_on, 0);
    EXPECT_EQ(core.read(kTer), 0U);
    EXPECT_EQ(core.read(kLsr), 3U);
}

TEST(Itm, StateSurvivesSaveAndLoad) {
    Traced core, other;
    core.enable(9);
    StateWriter out;
    core.bus.save(out);
    StateReader in(out.data());
    other.bus.load(in);
    ASSERT_TRUE(in.finish().has_value());
    other.write(kStim, 'x', 1);
    other.write(kTer, 1);
    EXPECT_EQ(other.said, Said{"0:1:120"});
    EXPECT_EQ(other.read(kTer), 1U) << "unlocked as the other was";
}

TEST(Itm, NobodyListensAndNothingHappens) {
    Private core;
    core.write(kDemcr, kTrcena);
    core.write(kLar, kKey);
    core.write(kTcr, kItmena);
    core.write(kTer, 1);
    core.write(kStim, 'x', 1);
    EXPECT_EQ(core.read(kStim), 1U);
}

}  // namespace
}  // namespace h7::cpu::test

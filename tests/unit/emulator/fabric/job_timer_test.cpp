#include "emulator/fabric/job_timer.hpp"

#include <gtest/gtest.h>

#include "emulator/fabric/dma_request.hpp"

namespace h7 {
namespace {

struct Rig {
    Clock clock;
    unsigned done = 0;
    JobTimer timer{clock, "job", [this] { ++done; }};
};

TEST(JobTimer, AJobTakesItsCycles) {
    Rig rig;
    rig.timer.set_hz(100'000'000);  // 10 ns
    rig.clock.advance_to(7 * kNanosecond);
    rig.timer.begin(4);
    rig.clock.advance_to(39 * kNanosecond);
    EXPECT_EQ(rig.done, 0U);
    EXPECT_EQ(rig.timer.gone(), 3U);
    rig.clock.advance_to(48 * kNanosecond);
    EXPECT_EQ(rig.done, 1U);
    EXPECT_EQ(rig.timer.gone(), 4U);
}

TEST(JobTimer, AChangeOfClockKeepsWhatIsDone) {
    Rig rig;
    rig.timer.set_hz(100'000'000);
    rig.timer.begin(10);
    rig.clock.advance_to(50 * kNanosecond);
    rig.timer.set_hz(0);
    rig.clock.advance_to(kMicrosecond);
    EXPECT_EQ(rig.done, 0U);
    EXPECT_EQ(rig.timer.gone(), 5U);
    rig.timer.set_hz(50'000'000);
    rig.clock.advance_to(kMicrosecond + 99 * kNanosecond);
    EXPECT_EQ(rig.done, 0U);
    rig.clock.advance_to(kMicrosecond + 100 * kNanosecond);
    EXPECT_EQ(rig.done, 1U);
}

TEST(JobTimer, AWaitEndsAtItsTime) {
    Rig rig;
    rig.timer.set_hz(100'000'000);
    rig.timer.wait(3 * kMicrosecond);
    EXPECT_FALSE(rig.timer.working());
    EXPECT_FALSE(rig.timer.idle());
    rig.timer.set_hz(1'000'000);
    rig.clock.advance_to(3 * kMicrosecond);
    EXPECT_EQ(rig.done, 1U);
    EXPECT_TRUE(rig.timer.idle());
}

TEST(JobTimer, SavedInTheMiddleItEndsAtTheSameTime) {
    Rig one;
    one.timer.set_hz(100'000'000);
    one.timer.begin(10);
    one.clock.advance_to(33 * kNanosecond);
    static_cast<void>(one.timer.gone());
    StateWriter out;
    one.timer.save(out);
    Rig two;
    two.clock.advance_to(33 * kNanosecond);
    StateReader in(out.data());
    two.timer.load(in);
    EXPECT_TRUE(in.finish());
    two.clock.advance_to(99 * kNanosecond);
    EXPECT_EQ(two.done, 0U);
    two.clock.advance_to(100 * kNanosecond);
    EXPECT_EQ(two.done, 1U);
}

TEST(DmaRequest, AnEventEndsWhenItIsServedALevelWhenItsReasonEnds) {
    DmaRequest event, level;
    event.served = [&] { event.set(false); };
    event.set(true);
    level.set(true);
    event.acknowledge();
    level.acknowledge();
    EXPECT_FALSE(event.level());
    EXPECT_TRUE(level.level());
}

}  // namespace
}  // namespace h7

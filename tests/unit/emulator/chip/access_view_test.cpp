// What a core may keep of the flash, and what it must ask for each time.
#include "emulator/chip/access_view.hpp"

#include <gtest/gtest.h>

#include "peripherals/flash/controller.hpp"

namespace h7::chip {
namespace {

class BusyBank : public ::testing::Test {
protected:
    BusyBank() {
        flash::Image image;
        image.options[flash::kPrar1] = 0x000F'0000;  // PCROP: the first 4 KB of bank 1
        flash.set_image(image);
        flash.reset(ResetKind::power_on);
        flash.set_timing(flash::Timing::typical());
        store(0x5200'2004, 0x4567'0123);
        store(0x5200'2004, 0xCDEF'89AB);
        store(0x5200'200C, 0x1B4);  // SER, SNB 1, PSIZE 64, START
    }
    void store(Address address, std::uint32_t value) {
        EXPECT_TRUE(flash.write({address, 4, Op::write}, value));
    }
    cpu::View::Kind kind(Address address, Op op, AccessView& core) {
        return core.view(address, op, true).kind;
    }

    Clock clock;
    Trace trace;
    security::SecureMode secure{true};
    flash::Controller flash{flash::Geometry{}, flash::Ports{clock, secure}};
    rcc::Rcc rcc{rcc::Ports{}};
    Interconnect bus{{flash, trace,
                      [this](ClockGate gate) { return rcc.clock_enable(gate.enr, 1U << gate.bit); },
                      [this](ClockGate gate) { return rcc.reset_register(gate.enr); }, [] { return true; },
                      [] { return false; }}};
    AccessView cm7{Master::cm7, bus, flash, secure};
    AccessView cm4{Master::cm4, bus, flash, secure};
};

TEST_F(BusyBank, GrantedReadsAndFetchesWait) {  // F-043
    const cpu::View view = cm7.view(0x0800'8000, Op::fetch, true);
    EXPECT_EQ(view.kind, cpu::View::Kind::wait);
    EXPECT_EQ(view.fault.until, kSecond);
    EXPECT_EQ(kind(0x0800'8000, Op::read, cm4), cpu::View::Kind::wait);
    EXPECT_EQ(kind(0x0810'8000, Op::read, cm4), cpu::View::Kind::memory);  // the other bank is free
    clock.advance_to(kSecond);
    EXPECT_EQ(kind(0x0800'8000, Op::fetch, cm7), cpu::View::Kind::memory);
}

TEST_F(BusyBank, RefusedOnesDoNot) {  // F-045
    EXPECT_EQ(kind(0x0800'0100, Op::read, cm7), cpu::View::Kind::slave);
    EXPECT_EQ(kind(0x0800'0100, Op::fetch, cm4), cpu::View::Kind::memory);  // zeros, D-34
    EXPECT_EQ(kind(0x1FF0'0000, Op::fetch, cm7), cpu::View::Kind::fault);
    EXPECT_EQ(kind(0x0800'0100, Op::fetch, cm7),
              cpu::View::Kind::wait);  // execute-only: granted, so it waits
}

TEST_F(BusyBank, StoresGoIntoTheBuffer) {  // F-064
    EXPECT_NE(kind(0x0800'8000, Op::write, cm7), cpu::View::Kind::wait);
}

}  // namespace
}  // namespace h7::chip

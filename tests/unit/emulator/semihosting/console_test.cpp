// Console, environment and exit: what a program needs of semihosting without files.
#include "emulator/fabric/clock.hpp"
#include "guest.hpp"

namespace h7::semihosting::test {
namespace {

class Console : public SessionTest {};

TEST_F(Console, SaysCharactersAndStrings) {
    EXPECT_EQ(call(0x03, guest.put("x")), 0U);
    EXPECT_EQ(call(0x04, guest.put("hello\n")), 0U);
    EXPECT_EQ(said, "xhello\n");
}

TEST_F(Console, TtIsInputOutputAndErrorByItsMode) {
    const std::uint32_t in = open(":tt", 0), out = open(":tt", 4), err = open(":tt", 8);
    EXPECT_EQ(write(out, "out "), 0U);
    EXPECT_EQ(write(err, "err"), 0U);
    EXPECT_EQ(said, "out err");
    EXPECT_EQ(write(in, "no"), 2U) << "nothing of it is written";
    for (const std::uint32_t handle : {in, out, err}) {
        EXPECT_EQ(call(0x09, {handle}), 1U) << "a terminal";
        EXPECT_EQ(call(0x0A, {handle, 0}), kFailed) << "no seeking";
        EXPECT_EQ(call(0x02, {handle}), 0U);
    }
    EXPECT_TRUE(notices.empty());
}

TEST_F(Console, AHundredStartsTakeNoMoreHandlesThanOne) {
    for (int n = 0; n < 100; ++n) EXPECT_NE(open(":tt", 4), kFailed);
}

TEST_F(Console, InputComesByLines) {
    input = "one\ntwo";
    const std::uint32_t in = open(":tt", 0);
    const Address buffer = guest.block({0, 0, 0, 0});
    EXPECT_EQ(call(0x06, {in, buffer, 16}), 12U);
    EXPECT_EQ(guest.text(buffer, 4), "one\n");
    EXPECT_EQ(call(0x07), std::uint32_t{'t'});
    EXPECT_EQ(call(0x06, {in, buffer, 16}), 14U);
    EXPECT_EQ(call(0x06, {in, buffer, 16}), 16U) << "the end of the input";
    EXPECT_EQ(call(0x07), kFailed);
}

TEST_F(Console, TimeIsVirtual) {  // D-28
    guest.time = 12 * kSecond + 345 * kMillisecond;
    EXPECT_EQ(call(0x10), 1234U);
    EXPECT_EQ(call(0x11), 12U);
    EXPECT_EQ(call(0x31), 1'000'000'000U);
    const Address ticks = guest.block({0, 0});
    EXPECT_EQ(call(0x30, ticks), 0U);
    EXPECT_EQ(guest.word(ticks) | std::uint64_t{guest.word(ticks + 4)} << 32, 12'345'000'000ULL);
}

TEST_F(Console, IserrorIsTheSign) {
    EXPECT_EQ(call(0x08, {0xFFFF'FFFF}), 1U);
    EXPECT_EQ(call(0x08, {7}), 0U);
}

TEST_F(Console, HeapAndStackAreTheProgramsOwnAffair) {
    const Address block = guest.block({1, 2, 3, 4});
    call(0x16, {block});
    for (Address n = 0; n < 4; ++n) EXPECT_EQ(guest.word(block + 4 * n), 0U);
}

TEST_F(Console, TheCommandLineFitsOrFails) {
    host.command_line = "app -v";
    const Address buffer = guest.block({0, 0});
    const Address block = guest.block({buffer, 8});
    EXPECT_EQ(call(0x15, block), 0U);
    EXPECT_EQ(guest.text(buffer, 7), std::string("app -v\0", 7));
    EXPECT_EQ(guest.word(block + 4), 6U);
    EXPECT_EQ(call(0x15, {buffer, 6}), kFailed);
}

TEST_F(Console, ExitCarriesTheStatus) {  // D-32
    call(0x18, 0x2'0026);
    call(0x18, 0x2'0023);  // run-time error
    call(0x20, {0x2'0026, 7});
    call(0x20, {0x2'0023, 0});
    call(0x20, 0x6000'0000);
    EXPECT_EQ(exits, (std::vector<std::uint32_t>{0, 1, 7, 1, 1}));
}

TEST_F(Console, SystemAndTmpnamAreRefusedAndSaidOnce) {
    for (int n = 0; n < 2; ++n) {
        EXPECT_EQ(call(0x12, {guest.put("rm -rf /"), 8}), kFailed);
        EXPECT_EQ(call(0x0D, {guest.put("        "), 1, 8}), kFailed);
    }
    EXPECT_EQ(notices.size(), 2U);
    EXPECT_TRUE(unknown.empty());
}

TEST_F(Console, AnUnknownOperationFailsAndIsNamed) {
    EXPECT_EQ(call(0x17), kFailed);
    EXPECT_EQ(unknown, std::vector<std::uint32_t>{0x17});
}

TEST_F(Console, AnArgumentThatCannotBeReadFailsTheCall) {
    for (const std::uint32_t operation :
         {0x01U, 0x02U, 0x05U, 0x06U, 0x08U, 0x09U, 0x0AU, 0x0CU, 0x0EU, 0x0FU, 0x15U, 0x16U, 0x30U})
        for (const Address at : {0x6000'0000U, Guest::kRam + Guest::kSize - 2, 0xFFFF'FFFEU}) {
            EXPECT_EQ(call(operation, at), kFailed) << operation;
            EXPECT_EQ(error(), 14U);
        }
    EXPECT_EQ(call(0x03, 0x6000'0000), kFailed);
    EXPECT_EQ(call(0x04, 0x6000'0000), kFailed);
    EXPECT_TRUE(said.empty());
}

TEST_F(Console, AnArgumentThatASlaveHoldsAsksForAnotherTime) {  // F-043
    const auto answer = session.serve(guest, 0x04, Guest::kBusy);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().until, 777U);
    const auto block = session.serve(guest, 0x05, guest.block({2, Guest::kBusy, 4}));
    EXPECT_FALSE(block);
    EXPECT_TRUE(said.empty());
}

TEST_F(Console, AWriteThatRunsOutOfMemorySaysHowMuchIsLeft) {
    const Address end = Guest::kRam + Guest::kSize;
    std::memcpy(guest.memory.data() + Guest::kSize - 3, "end", 3);
    EXPECT_EQ(call(0x05, {2, end - 3, 0xFFFF'FFFF}), 0xFFFF'FFFCU);
    EXPECT_EQ(said, "end");
}

}  // namespace
}  // namespace h7::semihosting::test

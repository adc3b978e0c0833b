#include "rss/services/calls.hpp"

#include <gtest/gtest.h>

#include "rss/services/engine.hpp"
#include "tests/support/rss_board.hpp"
#include "tests/support/rss_program.hpp"

namespace h7::rss {
namespace {

using test::Program;

class CallsTest : public testing::Test {
protected:
    CallsTest() { board.set_options(test::secure_options()); }
    CallEnd call(ServiceId id) {
        for (const Stub& stub : kStubTable)
            if (stub.id == id) return engine.call(program, stub.code);
        return CallEnd::faulted;
    }
    void standard_mode() { board.set_options(flash::kFactoryOptions); }

    test::RssBoard board;
    Identity identity;
    Engine engine{board, identity};
    Program program{board};
};

TEST_F(CallsTest, GetVersion) {  // R-024 R-030 D-27
    EXPECT_EQ(call(ServiceId::get_version), CallEnd::returned);
    EXPECT_EQ(program.r[0], 0x0001'0200U);
    standard_mode();
    EXPECT_EQ(call(ServiceId::get_version), CallEnd::returned);
    EXPECT_EQ(program.returns, 2);
}

TEST_F(CallsTest, GetStatus) {  // R-028 R-044
    call(ServiceId::get_status);
    EXPECT_EQ(program.r[0], 0xEE00'0092U);
    standard_mode();
    call(ServiceId::get_status);
    EXPECT_EQ(program.r[0], 0xEE00'0091U);
}

TEST_F(CallsTest, GetCertificate) {  // R-027 R-045
    standard_mode();
    call(ServiceId::get_certificate);
    EXPECT_EQ(program.r[0], kCertificate);
    call(ServiceId::get_certificate_size);
    EXPECT_EQ(program.r[0], 136U);
}

TEST_F(CallsTest, SetVectors) {
    program.r[0] = 0x0804'0000;
    EXPECT_EQ(call(ServiceId::set_vectors), CallEnd::returned);
    EXPECT_EQ(program.vtor, 0x0804'0000U);
    program.is_privileged = false;
    EXPECT_EQ(call(ServiceId::set_vectors), CallEnd::faulted);
}

TEST_F(CallsTest, ExitClosesTheAreaBeforeItJumps) {  // T-52 R-009 R-025 R-040
    program.r = {0x0804'0000, 0, 0x1111'1111};
    EXPECT_EQ(call(ServiceId::exit_secure_area), CallEnd::handed_over);
    EXPECT_EQ(program.vectors, 0x0804'0000U);
    EXPECT_EQ(program.confsec_at_hand_over, 0U);
    EXPECT_FALSE(program.cleared) << "the caller's registers stay (D-20)";
    EXPECT_EQ(program.returns, 0);
}

TEST_F(CallsTest, DebugReopensForTheMagicOnly) {  // T-52 R-041 A-42 D-10
    for (const std::uint32_t state : {0U, 1U, 0x97A0'FA16U, 0x97A0'FA17U}) {
        engine.reset(false);
        EXPECT_TRUE(engine.debug_open());
        program.r = {0x0804'0000, state};
        call(ServiceId::exit_secure_area);
        EXPECT_EQ(engine.debug_open(), state == 0x97A0'FA17U) << std::hex << state;
    }
    Engine one_argument(board, identity, {.exit_abi = 1});
    program.r[1] = 0;
    one_argument.call(program, 0x1FF0'8A5C);
    EXPECT_TRUE(one_argument.debug_open());
}

TEST_F(CallsTest, ExitInStandardModeJustJumps) {  // rss-sfi-bootloader.md 1.2, D-27
    standard_mode();
    program.r = {0x0800'0000, 0};
    EXPECT_EQ(call(ServiceId::exit_secure_area), CallEnd::handed_over);
    EXPECT_TRUE(engine.debug_open());
}

TEST_F(CallsTest, UnprivilegedCodeGetsNoPrivilegeFromExit) {
    program.is_privileged = false;
    program.r[0] = 0x0804'0000;
    EXPECT_EQ(call(ServiceId::exit_secure_area), CallEnd::faulted);
    EXPECT_FALSE(program.vectors);
    EXPECT_EQ(board.secure.confsec(), 0U) << "closed all the same";
}

TEST_F(CallsTest, InitialiseReadsItsArgumentsWithTheCallersRights) {  // rss-sfi-bootloader.md 2.3, 10
    program.r = {1, 0x2000'0000};
    program.forbidden = 0x2000'0004;
    EXPECT_EQ(call(ServiceId::reset_and_initialize_secure_areas), CallEnd::faulted);
    EXPECT_EQ(program.faulted_at, 0x2000'0004U);
    EXPECT_FALSE(board.traced("serving"));

    program.forbidden = 1;
    EXPECT_EQ(call(ServiceId::reset_and_initialize_secure_areas), CallEnd::system_reset);
    program.r[1] = 0x2002'0000 - 4;  // the last bytes of DTCM, then nothing
    EXPECT_EQ(call(ServiceId::reset_and_initialize_secure_areas), CallEnd::faulted);
}

TEST_F(CallsTest, AnAbsurdCountReadsNothing) {  // rss-sfi-bootloader.md 7, 14
    for (const std::uint32_t count : {0U, 3U, 0xFFFF'FFFFU}) {
        program.r = {count, 0};
        EXPECT_EQ(call(ServiceId::reset_and_initialize_secure_areas), CallEnd::system_reset);
    }
}

TEST_F(CallsTest, TheResetServicesAreForPrivilegedCode) {
    program.is_privileged = false;
    for (const ServiceId id :
         {ServiceId::reset_and_initialize_secure_areas, ServiceId::reset_and_destroy_pcrop_area,
          ServiceId::smi_reset_and_install_modules, ServiceId::sfi_request})
        EXPECT_EQ(call(id), CallEnd::faulted);
}

TEST_F(CallsTest, AnAddressInsideAStubIsNoService) {
    EXPECT_EQ(engine.call(program, 0x1FF0'8A02), CallEnd::faulted);
    EXPECT_EQ(engine.call(program, 0x1FF0'8A30), CallEnd::faulted);
}

}  // namespace
}  // namespace h7::rss

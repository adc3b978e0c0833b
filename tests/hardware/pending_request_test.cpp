// What becomes of a request to the RSS at every source of a reset: the one a service latched (channel A) and
// the one in the mailbox (channel B); rss-sfi-bootloader.md 1.4, R-037, R-039.
#include <gmock/gmock.h>

#include "emulator/chip/rss_bridge.hpp"
#include "rss/image/mailbox.hpp"
#include "tests/support/parameter_name.hpp"
#include "tests/support/reset_sources.hpp"

namespace h7::test {
namespace {

/// Served behind this reset; kept for the next system reset; gone.
enum class Fate : std::uint8_t { served, kept, gone };

struct Row {
    const char* name;
    Fate latched, mailbox;
};
// clang-format off
constexpr Row kTable[] = {
    {"power-on",                       Fate::gone,   Fate::gone},
    {"brown-out",                      Fate::gone,   Fate::served},  // RAM is never without power
    {"NRST",                           Fate::served, Fate::served},
    {"SYSRESETREQ of the CM7",         Fate::served, Fate::served},
    {"SYSRESETREQ of the CM4",         Fate::served, Fate::served},
    {"IWDG1",                          Fate::served, Fate::served},
    {"IWDG2",                          Fate::served, Fate::served},
    {"WWDG1 with WW1RSC",              Fate::served, Fate::served},
    {"WWDG2 with WW2RSC",              Fate::served, Fate::served},
    {"WWDG1 without",                  Fate::served, Fate::served},  // a system reset here: decision 0140
    {"WWDG2 without",                  Fate::kept,   Fate::kept},
    {"exit from Standby, pin",         Fate::gone,   Fate::gone},
    {"exit from Standby, BREN",        Fate::gone,   Fate::gone},
    {"NRST in Standby",                Fate::gone,   Fate::gone},
    {"D1 leaves DStandby",             Fate::served, Fate::gone},    // a system reset: decision 0191; AXI SRAM had no power
    {"D2 leaves DStandby",             Fate::kept,   Fate::kept},
    {"CStop of the CM7, NRST_STOP_D1", Fate::served, Fate::served},
    {"CStop of the CM4, NRST_STOP_D2", Fate::served, Fate::served},
    {"DStandby of D1, NRST_STBY_D1",   Fate::served, Fate::served},
    {"DStandby of D2, NRST_STBY_D2",   Fate::served, Fate::served},
    {"BDRST",                          Fate::kept,   Fate::kept},
};
// clang-format on

class PendingRequest : public ResetSources, public testing::WithParamInterface<Row> {
protected:
    void begin_secured(std::string_view name) {
        begin(builder_for(name, a_chip().with_option("SECURITY", 1)));
        clocks();  // of the watchdogs too
    }
    /// As a service does, up to the reset it asks for: another one comes first.
    void latch() {
        cpu::Core& core = (*chip)->cm7();
        core.set_reg(0, 1);
        chip::CoreCaller caller(core);
        ASSERT_EQ((*chip)->rss().call(caller, 0x1FF0'8A84), rss::CallEnd::system_reset);
    }
    void fill_mailbox() {
        image::Mailbox request;
        request.service = static_cast<std::uint32_t>(image::MailboxService::destroy_pcrop);
        request.arguments[0] = 1;
        const auto bytes = image::serialise(request);
        for (std::size_t at = 0; at < bytes.size(); at += 4)
            put(image::kMailboxAddress + static_cast<Address>(at), load_le32(bytes, at));
    }
    /// There is no PCROP area in bank 1: who serves the request says so.
    bool served() const {
        const auto& result = (*chip)->rss().last_result();
        return result.has_value() && result->detail == image::Detail::E_PCROP;
    }
    Fate fate(const std::string& name) {
        cause(name);
        if (served()) return Fate::served;
        (*chip)->press_reset();
        const bool kept = served();
        // Used once: behind another reset nothing is served again.
        if (kept) {
            const auto count = [&] {
                return std::ranges::count_if(chip->trace_lines(), [](const std::string& line) {
                    return line.find("serving") != std::string::npos;
                });
            };
            const auto before = count();
            (*chip)->press_reset();
            EXPECT_EQ(count(), before);
        }
        return kept ? Fate::kept : Fate::gone;
    }
};

TEST_P(PendingRequest, OfAServiceSurvivesSystemResetsAndNoLossOfPower) {  // 1.4, channel A; R-037
    begin_secured(GetParam().name);
    latch();
    EXPECT_EQ(fate(GetParam().name), GetParam().latched);
}

TEST_P(PendingRequest, InTheMailboxLivesAsLongAsItsRam) {  // 1.4, channel B; R-039
    begin_secured(GetParam().name);
    fill_mailbox();
    EXPECT_EQ(fate(GetParam().name), GetParam().mailbox);
}

INSTANTIATE_TEST_SUITE_P(Table, PendingRequest, testing::ValuesIn(kTable),
                         [](const auto& sample) { return parameter_name(sample.param.name); });

}  // namespace
}  // namespace h7::test

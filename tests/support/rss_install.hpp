// An installer on the bench, and what a test wants to know of flash and journal afterwards.
#pragma once

#include <gtest/gtest.h>

#include "rss/install/installer.hpp"
#include "rss/install/module.hpp"
#include "tests/support/rss_board.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::test {

class InstallBench : public testing::Test {
protected:
    InstallBench() { board.set_options(secure_options()); }

    /// One run of the RSS: its driver and journal live no longer.
    template <class Action>
    auto run(Action action) {
        rss::FlashDriver driver(board);
        rss::Journal journal(driver);
        journal.load();
        auto done = action(driver, journal);
        state = journal.state();
        touched = driver.touched();
        if (!done) {
            detail = done.error().detail;
            reason = done.error().reason;
        } else {
            detail = rss::Detail::none;
            reason.clear();
        }
        return done;
    }
    rss::Answer<rss::Installed> install(const rss::StagedPart& part) {
        board.system_reset();
        return run([&](auto& driver, auto& journal) {
            return rss::Installer(driver, journal, chip, policy, session).install(part);
        });
    }
    rss::Detail refusal(const rss::StagedPart& part) {
        static_cast<void>(install(part));
        return detail;
    }
    rss::Detail install_module(const rss::StagedModule& module) {
        board.system_reset();
        static_cast<void>(run([&](auto& driver, auto& journal) {
            return rss::ModuleInstaller(driver, journal, chip).install(module);
        }));
        return detail;
    }
    /// What a boot does first.
    rss::Answer<> recover() {
        return run([&](auto& driver, auto& journal) -> rss::Answer<> {
            if (journal.state() == rss::JournalState::smi_installing ||
                journal.state() == rss::JournalState::smi_pending)
                return rss::ModuleInstaller(driver, journal, chip).recover();
            return rss::Installer(driver, journal, chip, policy, session).recover();
        });
    }
    rss::Answer<> abort() {
        return run([&](auto& driver, auto& journal) {
            return rss::Installer(driver, journal, chip, policy, session).abort();
        });
    }
    bool awaits_part() {
        rss::FlashDriver driver(board);
        rss::Journal journal(driver);
        journal.load();
        return rss::Installer(driver, journal, chip, policy).awaits_part();
    }
    /// The part is refused with `expected`; flash, options and journal are what they were.
    void expect_untouched(const rss::StagedPart& part, rss::Detail expected) {
        const auto options = board.flash.options();
        const std::uint64_t steps = board.flash.steps();
        EXPECT_EQ(image::name(refusal(part)), image::name(expected)) << reason;
        EXPECT_EQ(board.flash.steps(), steps) << "something was programmed or erased";
        EXPECT_EQ(board.flash.options(), options);
        EXPECT_FALSE(touched);
    }
    ByteView flash_at(Address address, std::size_t size) {
        return board.flash.user(address >= 0x0810'0000 ? 1 : 0).bytes().subspan(address % 0x10'0000, size);
    }
    bool holds(Address address, ByteView bytes) {
        return std::ranges::equal(flash_at(address, bytes.size()), bytes);
    }

    RssBoard board;
    rss::Identity chip = annex_a_chip();
    rss::InstallPolicy policy;
    std::uint32_t session = 0;
    rss::JournalState state = rss::JournalState::idle;
    bool touched = false;
    rss::Detail detail = rss::Detail::none;
    std::string reason;
};

}  // namespace h7::test

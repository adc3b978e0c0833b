// The least of a chip that the RSS runs on: the real flash interface, DTCM, AXI SRAM, and time. Everything
// else answers with a bus error.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "emulator/fabric/clock.hpp"
#include "emulator/fabric/memory.hpp"
#include "peripherals/flash/controller.hpp"
#include "rss/install/flash_driver.hpp"
#include "rss/install/machine.hpp"

namespace h7::test {

class RssBoard : public rss::Machine {
public:
    RssBoard() {
        for (Ram* storage : {&gpioa, &rcc}) std::ranges::fill(storage->memory().bytes(), std::uint8_t{0});
        trace_.set_sink([this](std::string_view line) { lines.emplace_back(line); });
        flash.set_image(flash::Image{});
        power_on();
    }

    // --- the RSS's port ---
    BusResult<std::uint64_t> read(Address address, unsigned size) override {
        return access({address, static_cast<std::uint8_t>(size), Op::read, Master::cm7, Context::rss, true},
                      0);
    }
    BusResult<void> write(Address address, unsigned size, std::uint64_t value) override {
        const auto done = access(
            {address, static_cast<std::uint8_t>(size), Op::write, Master::cm7, Context::rss, true}, value);
        if (!done) return done.error();
        return {};
    }
    void spend(Time time) override { clock.advance_to(clock.now() + time); }
    Time now() const override { return clock.now(); }
    Time next_deadline() const override { return clock.next_deadline(); }
    bool powered() const override { return !flash.power_is_cut(); }
    bool boot0_pin() const override { return boot0; }
    security::SecureMode& secure_mode() override { return secure; }
    Trace& trace() override { return trace_; }

    // --- the bench ---
    /// As any master: routes to flash and RAM.
    BusResult<std::uint64_t> access(const Access& a, std::uint64_t value) {
        if (!powered()) return bus_error("no power", "");
        const bool array = (a.address >= 0x0800'0000 && a.address < 0x0820'0000) ||
                           (a.address >= 0x1FF0'0000 && a.address < 0x1FF6'0000);
        const auto to = [&](Slave& slave) -> BusResult<std::uint64_t> {
            if (a.op != Op::write) return slave.read(a);
            TRY(slave.write(a, value));
            return std::uint64_t{0};
        };
        if (a.address >= 0x5200'2000 && a.address < 0x5200'2400) return to(flash);
        if (a.address >= 0x2000'0000 && a.address < 0x2002'0000) return to(dtcm);
        if (a.address >= 0x2400'0000 && a.address < 0x2408'0000) return to(axi);
        if (a.address >= 0x5802'0000 && a.address < 0x5802'0400) return to(gpioa);
        if (a.address >= 0x5802'4400 && a.address < 0x5802'4800) return to(rcc);
        if (!array) return bus_error("nothing there", "");
        if (a.op != Op::write) return flash.read_array(a);
        TRY(flash.write_array(a, value));
        return std::uint64_t{0};
    }
    /// A load by the CM7's application after hand-over.
    std::uint32_t application_reads(Address address) {
        return static_cast<std::uint32_t>(
            access({address, 4, Op::read, Master::cm7, Context::application, true}, 0).value_or(0xBAD0'BAD0));
    }

    void power_on() {
        flash.reset(ResetKind::power_on);
        secure.power_on();
        sample();
    }
    void system_reset() {
        flash.reset(ResetKind::system);
        sample();
    }
    /// Option words by physical bank, as after a power cycle.
    void set_options(const flash::OptionWords& words) {
        flash::Image image = flash.image();
        image.options = words;
        flash.set_image(image);
        power_on();
    }
    template <class Change>
    void change_options(Change change) {
        flash::OptionWords words = flash.options();
        change(words);
        set_options(words);
    }
    /// Contents of user flash at a visible address with the banks not swapped, put there without a driver.
    void put_flash(Address address, ByteView bytes) {
        flash::Image image = flash.image();
        auto& bank = image.user[address >= 0x0810'0000 ? 1 : 0];
        const std::size_t at = address % 0x10'0000;
        std::copy(bytes.begin(), bytes.end(), bank.data.begin() + static_cast<std::ptrdiff_t>(at));
        for (std::size_t word = at / 32; word <= (at + bytes.size() - 1) / 32; ++word)
            bank.words[word] = flash::WordState::programmed;
        flash.set_image(image);
        power_on();
    }
    bool user_flash_is_blank() {
        const auto blank = [](ByteView bytes) {
            return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0xFF; });
        };
        return blank(flash.user(0).bytes()) && blank(flash.user(1).bytes());
    }
    void put_ram(Address address, ByteView bytes) {
        Ram& ram = address >= 0x2400'0000 ? axi : dtcm;
        std::copy(bytes.begin(), bytes.end(), ram.memory().data() + (address - ram.base()));
    }
    bool traced(std::string_view text) const {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.find(text) != std::string::npos; });
    }

    Clock clock;
    security::SecureMode secure{true};
    flash::Controller flash{flash::Geometry{}, flash::Ports{clock, secure}};
    Ram dtcm{"DTCM", 0x2000'0000, 0x2'0000};
    Ram axi{"AXI SRAM", 0x2400'0000, 0x8'0000};
    Ram gpioa{"GPIOA", 0x5802'0000, 0x400};  // storage is enough for the debug pins and their clock gate
    Ram rcc{"RCC", 0x5802'4400, 0x400};
    bool boot0 = false;
    std::vector<std::string> lines;

private:
    void sample() { secure.sample_at_reset((flash.options()[flash::kOptsr] & (1U << 21)) != 0); }

    Trace trace_;
};

inline constexpr std::uint32_t kSecurity = 1U << 21, kStRam3 = 3U << 19;

/// Factory options with SECURITY = 1 and ST_RAM_SIZE = 3: ready for SFI.
inline flash::OptionWords secure_options() {
    flash::OptionWords words = flash::kFactoryOptions;
    words[flash::kOptsr] |= kSecurity | kStRam3;
    return words;
}

}  // namespace h7::test

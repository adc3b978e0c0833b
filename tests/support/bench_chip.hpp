// A chip on the bench for tests: built in one sentence, its USART3 captured, its firmware from the fixtures
// folder.
//
//   BenchChip chip = a_chip().with_option("SECURITY", 1).flashed("hello_m7");
//   EXPECT_TRUE(chip.power_on_until("hello"));
//   expect_says(a_chip().flashed("hello_m7"), "hello from the Cortex-M7\n");
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/chip/chip.hpp"
#include "emulator/loader/program.hpp"

namespace h7::test {

/// The ELF file `name` of the firmware fixtures.
loader::Program fixture(std::string_view name);
/// Its pieces; they are seen as long as `program` lives.
std::vector<chip::Chip::Piece> pieces_of(const loader::Program& program);

/// A chip that owns its console text. Time limits are virtual time.
class BenchChip {
public:
    explicit BenchChip(chip::Config config, const std::vector<loader::Program>& programs);

    void power_on() { chip_->power_on(); }
    /// Runs until USART3 has printed `text`. False, with all it printed: it did not within `limit`.
    ::testing::AssertionResult run_until_text(std::string_view text, Time limit = 500 * kMillisecond);
    ::testing::AssertionResult power_on_until(std::string_view text, Time limit = 500 * kMillisecond) {
        power_on();
        return run_until_text(text, limit);
    }
    /// Runs for a while and says why it ended.
    chip::Stop run(Time limit = 50 * kMillisecond) { return chip_->run({limit, {}}); }

    const std::string& console() const { return *console_; }
    const std::vector<std::string>& trace_lines() const { return *trace_; }
    /// From now on; `topics`: only these, which costs less.
    void keep_trace(std::initializer_list<Topic> topics = {});

    chip::Chip& operator*() { return *chip_; }
    chip::Chip* operator->() { return chip_.get(); }

    /// A 32-bit read as a core would make it now (flags and all); the error's text on a bus error.
    BusResult<std::uint64_t> load(Master core, Address address, unsigned size = 4) {
        return chip_->read(chip_->as_core(core, address, size));
    }
    /// A write as a core would make it now; it must be accepted.
    void store(Master core, Address address, std::uint32_t value, unsigned size = 4) {
        EXPECT_TRUE(chip_->write(chip_->as_core(core, address, size, Op::write), value))
            << std::hex << address;
    }
    /// What RAM or flash holds, whoever may read it.
    std::uint32_t peek(Address canonical) const;

private:
    std::unique_ptr<std::string> console_;
    std::unique_ptr<std::vector<std::string>> trace_;
    std::unique_ptr<chip::Chip> chip_;
};

/// Builder with the words of the field.
class ChipBuilder {
public:
    ChipBuilder& part(std::string_view name);
    /// ST's option-byte names: with_option("RDP", 0xBB).
    ChipBuilder& with_option(std::string_view name, std::uint32_t value);
    /// The other core is held; this one boots what stands at the beginning of AXI SRAM.
    ChipBuilder& alone_in_axi_sram(Master core);
    ChipBuilder& boot0_high();
    ChipBuilder& seed(std::uint64_t seed);
    ChipBuilder& turn(std::uint64_t cycles);
    ChipBuilder& interleave(std::uint64_t seed);
    ChipBuilder& check_caches();
    ChipBuilder& strict();
    /// Flash operations take the datasheet's typical times.
    ChipBuilder& typical_times();
    ChipBuilder& uart_pace(usart::Pace pace);
    ChipBuilder& readings(const flash::Readings& readings);
    ChipBuilder& readings(const chip::Readings& readings);
    ChipBuilder& flashed(std::string_view fixture_name);
    /// Writes a program into the power-off image directly, whatever protections say: the state after an
    /// install.
    ChipBuilder& holding(std::string_view fixture_name);
    BenchChip build();
    operator BenchChip() { return build(); }  // NOLINT(google-explicit-constructor)

private:
    chip::Config config_;
    std::vector<loader::Program> programs_;
};
inline ChipBuilder a_chip() { return {}; }

/// Powers the chip on and expects that from then on it prints `text`, to the letter; runs for as many
/// characters, at most for `limit`.
void expect_says(BenchChip& chip, std::string_view text, Time limit = 500 * kMillisecond,
                 std::source_location where = std::source_location::current());
void expect_says(BenchChip&& chip, std::string_view text, Time limit = 500 * kMillisecond,
                 std::source_location where = std::source_location::current());

}  // namespace h7::test

#include "tests/support/bench_chip.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "emulator/loader/loader.hpp"
#include "emulator/options/option_names.hpp"
#include "peripherals/usart/usart.hpp"

namespace h7::test {
namespace {

rss::Identity bench_identity() {
    rss::Identity identity;
    const std::string_view product = "45002001";
    std::copy(product.begin(), product.end(), identity.certificate.begin());
    for (std::size_t i = 0; i < identity.uid.size(); ++i)
        identity.uid[i] = static_cast<std::uint8_t>(0x30 + i);
    return identity;
}

void write_image(flash::Image& image, const loader::Segment& segment) {
    for (std::size_t i = 0; i < segment.bytes.size(); ++i) {
        const Address at = segment.address + static_cast<Address>(i);
        flash::ArrayImage& bank = image.user[at >= 0x0810'0000U ? 1 : 0];
        const std::uint32_t offset = at & 0xF'FFFFU;
        if (bank.data.empty()) {
            bank.data.assign(1024UL * 1024UL, 0xFF);
            bank.words.assign(bank.data.size() / 32, flash::WordState::erased);
        }
        bank.data[offset] = segment.bytes[i];
        bank.words[offset / 32] = flash::WordState::programmed;
    }
}

}  // namespace

loader::Program fixture(std::string_view name) {
    auto program = loader::load_program(std::string(H7RSS_FIXTURES_DIR) + "/" + std::string(name) + ".elf");
    if (!program) ADD_FAILURE() << program.error().message;
    return program ? *program : loader::Program{};
}

std::vector<chip::Chip::Piece> pieces_of(const loader::Program& program) {
    std::vector<chip::Chip::Piece> pieces;
    for (const loader::Segment& segment : program.segments)
        pieces.push_back({segment.address, segment.bytes});
    return pieces;
}

BenchChip::BenchChip(chip::Config config, const std::vector<loader::Program>& programs)
    : console_(std::make_unique<std::string>()), trace_(std::make_unique<std::vector<std::string>>()) {
    auto created = chip::Chip::create(std::move(config));
    if (!created) {
        ADD_FAILURE() << created.error().message;
        return;
    }
    chip_ = std::move(*created);
    chip_->uart("USART3")->transmit = [console = console_.get()](std::uint8_t c) {
        console->push_back(static_cast<char>(c));
    };
    std::vector<chip::Chip::Piece> pieces;
    for (const loader::Program& program : programs)
        std::ranges::copy(pieces_of(program), std::back_inserter(pieces));
    const auto written = chip_->program(pieces);
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
}

void BenchChip::keep_trace(std::initializer_list<Topic> topics) {
    chip_->trace().set_sink([lines = trace_.get()](std::string_view line) { lines->emplace_back(line); },
                            topics);
}

::testing::AssertionResult BenchChip::run_until_text(std::string_view text, Time limit) {
    const auto seen = [&] { return console_->find(text) != std::string::npos; };
    const chip::Stop stop = chip_->run({limit, seen});
    if (seen() || stop.why == chip::Stop::Why::reached) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "not printed: " << text << "\nprinted:\n" << *console_;
}

std::uint32_t BenchChip::peek(Address canonical) const {
    const Access access{canonical, 4, Op::read, Master::cm7, Context::rss, true};
    const auto value = chip_->read(access);
    return value ? static_cast<std::uint32_t>(*value) : 0xBADC'0DE0U;
}

ChipBuilder& ChipBuilder::part(std::string_view name) {
    config_.part = chip::find_part(name);
    if (!config_.part->cm4) config_.image.options = config_.part->factory_options();
    return *this;
}

ChipBuilder& ChipBuilder::with_option(std::string_view name, std::uint32_t value) {
    const options::Field* field = options::find(name);
    if (field == nullptr)
        ADD_FAILURE() << "no option byte is called " << name;
    else
        field->set(config_.image.options, value);
    return *this;
}

ChipBuilder& ChipBuilder::alone_in_axi_sram(Master core) {
    const bool cm7 = core == Master::cm7;
    return with_option(cm7 ? "BCM4" : "BCM7", 0).with_option(cm7 ? "BOOT_CM7_ADD0" : "BOOT_CM4_ADD0", 0x2400);
}

ChipBuilder& ChipBuilder::boot0_high() {
    config_.boot0 = true;
    return *this;
}

ChipBuilder& ChipBuilder::seed(std::uint64_t seed) {
    config_.seed = seed;
    return *this;
}

ChipBuilder& ChipBuilder::turn(std::uint64_t cycles) {
    config_.turn_cycles = cycles;
    return *this;
}

ChipBuilder& ChipBuilder::interleave(std::uint64_t seed) {
    config_.interleave = seed;
    return *this;
}

ChipBuilder& ChipBuilder::check_caches() {
    config_.check_caches = true;
    return *this;
}

ChipBuilder& ChipBuilder::strict() {
    config_.strict = true;
    return *this;
}

ChipBuilder& ChipBuilder::typical_times() {
    config_.turbo = false;
    return *this;
}

ChipBuilder& ChipBuilder::uart_pace(usart::Pace pace) {
    config_.uart_pace = pace;
    return *this;
}

ChipBuilder& ChipBuilder::readings(const flash::Readings& readings) {
    config_.readings.flash = readings;
    return *this;
}

ChipBuilder& ChipBuilder::readings(const chip::Readings& readings) {
    config_.readings = readings;
    return *this;
}

ChipBuilder& ChipBuilder::flashed(std::string_view fixture_name) {
    programs_.push_back(fixture(fixture_name));
    return *this;
}

ChipBuilder& ChipBuilder::holding(std::string_view fixture_name) {
    for (const loader::Segment& segment : fixture(fixture_name).segments) write_image(config_.image, segment);
    return *this;
}

BenchChip ChipBuilder::build() {
    config_.identity = bench_identity();
    return BenchChip(config_, programs_);
}

void expect_says(BenchChip& chip, std::string_view text, Time limit, std::source_location where) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "expect_says");
    const std::size_t before = chip.console().size();
    chip.power_on();
    (void)chip->run({limit, [&] { return chip.console().size() - before >= text.size(); }});
    EXPECT_EQ(std::string_view(chip.console()).substr(before), text);
}

void expect_says(BenchChip&& chip, std::string_view text, Time limit, std::source_location where) {
    expect_says(chip, text, limit, where);
}

}  // namespace h7::test

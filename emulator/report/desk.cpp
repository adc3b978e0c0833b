#include "emulator/report/desk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/chip/memory_map.hpp"
#include "rss/services/engine.hpp"

namespace h7::report {
namespace {

constexpr Address kUserFlash = 0x0800'0000, kVtor = 0xE000'ED08;
constexpr std::uint32_t kErased = 0xFFFF'FFFF;

bool held(const cpu::Core& core) { return core.state() == cpu::RunState::held; }

CoreStart start_of(chip::Chip& chip, cpu::Core& core, Master master, Address vectors) {
    CoreStart start{.runs = !held(core), .vectors = vectors};
    const auto first = chip.read(chip.as_core(master, vectors));
    start.blank = first && *first == kErased;
    return start;
}

Address vtor_of(cpu::Core& core, Master master) {
    const auto value = core.read_private({kVtor, 4, Op::read, master, Context::application, true});
    return static_cast<Address>(value.value_or(0));
}

/// A program on the CM7 that has just branched to a service: privileged, Thread mode, its records in RAM.
class Arguments final : public rss::Caller {
public:
    Arguments(std::uint32_t first, ByteView records) : first_(first), records_(records) {}

    std::uint32_t reg(unsigned n) const override { return n == 0 ? first_ : n == 1 ? kRecords : 0; }
    void set_reg(unsigned, std::uint32_t) override {}
    std::uint32_t lr() const override { return kUserFlash | 1U; }
    bool privileged() const override { return true; }
    bool handler_mode() const override { return false; }
    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        const std::size_t at = address - kRecords;
        if (size != 4 || at + size > records_.size()) return bus_error("no argument there", "");
        return load_le<std::uint32_t>(&records_[at]);
    }
    void fault(Address, const BusFault&) override {}
    void call_again(Time) override {}
    void set_vector_table(std::uint32_t) override {}
    void return_to_lr() override {}
    void hand_over(Address, bool) override {}

private:
    static constexpr Address kRecords = 0x2000'0000;
    std::uint32_t first_;
    ByteView records_;
};

}  // namespace

Result<Desk> Desk::create(const Subject& subject) {
    chip::Config config;
    config.part = subject.part;
    config.image = subject.image;
    config.identity = subject.identity;
    config.seed = subject.ram_seed;
    config.readings = subject.readings;
    config.boot0 = subject.boot0;
    return Desk(TRY(chip::Chip::create(std::move(config))));
}

Desk::Desk(std::unique_ptr<chip::Chip> chip)
    : chip_(std::move(chip)), story_(std::make_shared<std::vector<std::string>>()) {
    const std::string mark = fmt::format("  {:<6} ", name_of(Topic::boot));
    chip_->trace().set_sink([story = story_, mark](std::string_view line) {
        const std::size_t at = line.find(mark);
        if (at != std::string_view::npos) story->emplace_back(line.substr(at + mark.size()));
    });
}

Boot Desk::boot(const flash::Image& image, bool boot0) {
    chip_->power_off();
    chip_->flash().set_image(image);
    chip_->set_boot0(boot0);
    story_->clear();
    chip_->power_on();
    return look();
}

Boot Desk::reset(bool debugger_was_connected) {
    if (debugger_was_connected) chip_->secure_mode().debugger_connected();
    story_->clear();
    chip_->press_reset();
    return look();
}

Result<Boot> Desk::call(rss::ServiceId service, std::uint32_t first, ByteView records) {
    const auto* stub = std::ranges::find(rss::kStubTable, service, &rss::Stub::id);
    Arguments arguments(first, records);
    story_->clear();
    if (chip_->rss().call(arguments, stub->code) != rss::CallEnd::system_reset)
        return refused(std::string(stub->name) + " ends without a reset");
    chip_->press_reset();  // a system reset, which the latched request survives
    const auto& result = chip_->rss().last_result();
    if (!result) return refused(std::string(stub->name) + ": the request was dropped (R-042)");
    if (!result->ok()) return refused(std::string(stub->name) + ": " + result->reason);
    return look();
}

Boot Desk::look() {
    Boot boot;
    boot.story = *story_;
    const security::SecureMode& mode = chip_->secure_mode();
    boot.secure_mode = mode.latched();
    boot.confsec = mode.confsec();
    boot.rss_keeps_cm7 = mode.latched() && mode.system_open() && held(chip_->cm7());
    boot.elsewhere = mode.intrusion() && !mode.debugger_seen();
    boot.ap0 = chip_->debug_port().state(Master::ap0, kUserFlash);
    boot.ap1 = chip_->debug_port().state(Master::ap1, kUserFlash);
    boot.ap3 = chip_->debug_port().state(Master::ap3, kUserFlash);
    const chip::BootChoice& choice = chip_->boot_choice();
    const Address cm7 = held(chip_->cm7()) ? choice.cm7 : vtor_of(chip_->cm7(), Master::cm7);
    boot.cm7 = start_of(*chip_, chip_->cm7(), Master::cm7, cm7);
    boot.cm4 = start_of(*chip_, chip_->cm4(), Master::cm4, choice.cm4);
    return boot;
}

}  // namespace h7::report

#include "emulator/report/desk.hpp"

#include <fmt/format.h>

#include "emulator/chip/memory_map.hpp"

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

}  // namespace

Result<Desk> Desk::create(const Subject& subject) {
    chip::Config config;
    config.part = subject.part;
    config.image = subject.image;
    config.identity = subject.identity;
    config.seed = subject.ram_seed;
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

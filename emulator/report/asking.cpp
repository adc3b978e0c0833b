#include "emulator/report/asking.hpp"

#include <fmt/format.h>

#include "emulator/options/option_names.hpp"
#include "emulator/security/rule_text.hpp"

namespace h7::report {
namespace {

bool in_system_flash(Address a) { return a >= 0x1FF0'0000 && a < 0x1FF6'0000; }

std::vector<std::string> ways_to_open(Desk& desk, const Subject& subject, Master ap, Address address) {
    std::vector<std::string> ways;
    const auto opens = [&](const flash::Image& image, bool boot0) {
        desk.boot(image, boot0);
        return desk.chip().debug_port().state(ap, address).open;
    };
    const auto with = [&](std::string_view name, std::uint32_t value) {
        flash::Image image = subject.image;
        options::find(name)->set(image.options, value);
        return image;
    };
    desk.boot(subject.image, subject.boot0);
    if (desk.chip().secure_mode().user_open() && desk.chip().flash().rdp() != security::Rdp::level2)
        ways.emplace_back("secure user software has ended with exitSecureArea(vectors, 0x97A0FA17) (R-041)");
    if (!subject.boot0 && opens(subject.image, true)) ways.emplace_back("BOOT0 is high at power-on");
    if (subject.boot0 && opens(subject.image, false)) ways.emplace_back("BOOT0 is low at power-on");
    if (opens(with("SECURITY", 0), subject.boot0)) ways.emplace_back("SECURITY = 0 at the last reset");
    if (opens(with("RDP", 0xAA), subject.boot0) && !opens(with("RDP", 0xCC), subject.boot0) &&
        flash::rdp_of(subject.image.options) == security::Rdp::level2)
        ways.emplace_back("RDP were not level 2, which is for ever");
    return ways;
}

}  // namespace

Result<void> bring_to(Moment moment, chip::Chip& chip) {
    security::SecureMode& mode = chip.secure_mode();
    if (moment == Moment::booted) return {};
    if (!mode.latched())
        return misuse(
            "SECURITY is not in force: neither the RSS nor secure user software ever runs on this chip "
            "(R-004)");
    if (moment == Moment::secure && !chip.flash().secure_area(0).valid() &&
        !chip.flash().secure_area(1).valid())
        return misuse("there is no secure-only area: no secure user software ever runs on this chip (R-013)");
    mode.sample_at_reset(true);
    if (moment == Moment::secure) mode.close(2);
    if (moment == Moment::after_exit) mode.close(0);
    return {};
}

Context context_of(Master master, Moment moment, const Boot& boot, const chip::Chip& chip) {
    if (master != Master::cm7) return Context::application;
    if (moment == Moment::rss) return Context::rss;
    if (moment == Moment::booted && boot.cm7.runs && in_system_flash(boot.cm7.vectors))
        return Context::bootloader;
    return chip.as_core(Master::cm7, 0).context;
}

std::string asker_text(Master master, Context context) {
    return is_core(master) ? fmt::format("{} ({})", name_of(master), name_of(context))
                           : std::string(name_of(master));
}

void decided(Explanation& e, std::string_view verdict, std::string_view row, std::string_view rule,
             std::string_view sentence) {
    e.verdict = verdict;
    e.row = row;
    e.rule = rule;
    e.section = security::rule_text(rule).section;
    e.sentence = sentence;
    e.allowed = verdict == "done";
}

bool port_is_closed(Explanation& e, Desk& desk, const Subject& subject, Master ap, Address address) {
    const chip::PortState port = desk.chip().debug_port().state(ap, address);
    if (port.open) return false;
    decided(e, "no answer", "debug-port", port.rule, port.why);
    e.ways = ways_to_open(desk, subject, ap, address);
    return true;
}

}  // namespace h7::report

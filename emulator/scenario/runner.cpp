#include "emulator/scenario/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "emulator/base/bits.hpp"
#include "emulator/chip/serial_line.hpp"
#include "peripherals/gpio/gpio.hpp"

namespace h7::scenario {
namespace {

constexpr std::string_view kPorts[] = {"usart1", "usart2", "usart3", "uart4",  "uart5",
                                       "usart6", "uart7",  "uart8",  "lpuart1"};

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

/// The end of what was heard, for a message.
std::string tail_of(std::string_view text) {
    constexpr std::size_t kMost = 80;
    std::string out;
    for (const char c : text.substr(text.size() - std::min(text.size(), kMost)))
        out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F
                   ? std::string(c == '\n' ? "\\n" : "?")
                   : std::string(1, c);
    return out;
}

std::string text_of(const chip::Stop& stop) {
    using Why = chip::Stop::Why;
    switch (stop.why) {
        case Why::guest_exit:
            return fmt::format("the firmware ended with status {}", stop.guest_status);
        case Why::locked_up:
            return "lock-up: " + stop.detail;
        case Why::power_lost:
            return "the power was cut";
        case Why::unmodelled:
            return stop.detail;
        default:
            return "it stopped";
    }
}

std::optional<unsigned> core_register_number(std::string_view name) {
    if (name == "sp") return 13;
    if (name == "lr") return 14;
    if (name == "pc") return 15;
    for (unsigned n = 0; n < 16; ++n)
        if (name == fmt::format("r{}", n)) return n;
    return std::nullopt;
}
constexpr std::string_view kSpecial[] = {"xpsr", "msp", "psp", "control", "primask", "basepri", "faultmask"};

/// "cm7.pc" -> the core and the rest.
std::optional<std::pair<Master, std::string_view>> of_core(std::string_view text) {
    if (text.starts_with("cm7.")) return std::pair{Master::cm7, text.substr(4)};
    if (text.starts_with("cm4.")) return std::pair{Master::cm4, text.substr(4)};
    return std::nullopt;
}

struct Found {
    Address address = 0;
    unsigned msb = 31, lsb = 0;
};
/// "RCC.CR" or "RCC.CR.HSERDY" on this chip.
std::optional<Found> find_register(const chip::Chip& chip, std::string_view text) {
    const std::size_t first = text.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = text.find('.', first + 1);
    const std::string_view block = text.substr(0, first), reg = text.substr(first + 1, second - first - 1);
    for (Peripheral* peripheral : chip.peripherals()) {
        if (peripheral->name() != block) continue;
        for (const RegisterInfo& info : peripheral->describe()) {
            if (info.name != reg) continue;
            if (second == std::string_view::npos) return Found{peripheral->base() + info.offset};
            for (const FieldInfo& field : info.fields)
                if (field.name == text.substr(second + 1))
                    return Found{peripheral->base() + info.offset, field.msb, field.lsb};
        }
    }
    return std::nullopt;
}

}  // namespace

struct Runner::Ear {
    std::string port, text;
    std::size_t read = 0;  // steps have seen what is before
    std::string wanted;    // ends the turn when it was said
    usart::Usart* from = nullptr;
    std::function<void(std::uint8_t)> before;

    bool heard() const { return !wanted.empty() && text.find(wanted, read) != std::string::npos; }
};

Runner::Runner(const Scenario& scenario, chip::Chip& chip, Names names)
    : scenario_(scenario), chip_(chip), names_(std::move(names)) {}

void Runner::listen() {
    if (!ears_.empty()) return;
    for (const std::string_view port : kPorts) {
        usart::Usart* from = chip_.uart(upper(port));
        if (from == nullptr) continue;
        auto one = std::make_unique<Ear>();
        one->port = port;
        one->from = from;
        one->before = from->transmit;
        from->transmit = [this, e = one.get()](std::uint8_t byte) {
            if (e->before) e->before(byte);
            e->text.push_back(static_cast<char>(byte));
            if (!e->wanted.empty() && e->text.ends_with(e->wanted)) chip_.stop();
        };
        ears_.push_back(std::move(one));
    }
}

Runner::~Runner() {
    for (auto& one : ears_) one->from->transmit = one->before;
}

std::optional<std::pair<char, unsigned>> Runner::pin(const std::string& name) const {
    if (const auto named = names_.pins.find(name); named != names_.pins.end()) return named->second;
    if (name.size() < 3 || name.size() > 4 || name[0] != 'P' || name[1] < 'A' || name[1] > 'K')
        return std::nullopt;
    unsigned number = 0;
    for (const char c : name.substr(2)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number > 15 || (name.size() == 4 && name[2] == '0')) return std::nullopt;
    return std::pair{name[1], number};
}

std::optional<Address> Runner::symbol(const std::string& name) const {
    for (const loader::Program& program : names_.programs)
        if (const loader::Symbol* found = program.find(name)) return found->address;
    return std::nullopt;
}

Runner::Ear& Runner::ear(const std::string& port) {
    const std::string& name = port.empty() ? names_.console : port;
    return **std::ranges::find_if(ears_, [&](const auto& one) { return one->port == name; });
}

Result<void> Runner::check() const {
    std::vector<std::string> snapshots;
    for (const Step& step : scenario_.steps) {
        const auto wrong = [&](std::string_view what) {
            return misuse(fmt::format("{}:{}:{}: {}: {}", scenario_.path, step.place.line, step.place.column,
                                      step.title, what));
        };
        const auto named_core = of_core(step.text);
        const bool asks_cm4 = step.core == Master::cm4 || (step.action == Action::assert_register &&
                                                           named_core && named_core->first == Master::cm4);
        if (asks_cm4 && !chip_.part().cm4)
            return wrong(fmt::format("{} has no Cortex-M4", chip_.part().name));
        switch (step.action) {
            case Action::pin:
            case Action::expect_pin:
                if (!pin(step.text)) return wrong("expected a pin, PA0 to PK15, or a name of the board");
                break;
            case Action::wait_for:
                if (!symbol(step.text))
                    return wrong("expected a symbol of the programs, there is none of this name");
                break;
            case Action::assert_register:
                if (named_core) {
                    if (!core_register_number(named_core->second) &&
                        std::ranges::find(kSpecial, named_core->second) == std::end(kSpecial))
                        return wrong(
                            "expected r0 to r15, sp, lr, pc, xpsr, msp, psp, control, primask, basepri or "
                            "faultmask of a core");
                } else if (!find_register(chip_, step.text)) {
                    return wrong(
                        "expected BLOCK.REGISTER or BLOCK.REGISTER.FIELD as h7rss registers prints them, or "
                        "cm7.pc");
                }
                break;
            case Action::snapshot:
                snapshots.push_back(step.text);
                break;
            case Action::restore:
                if (std::ranges::find(snapshots, step.text) == snapshots.end())
                    return wrong("expected a snapshot that an earlier step makes");
                break;
            default:
                break;
        }
    }
    return {};
}

std::vector<Verdict> Runner::run(const std::function<void(const Verdict&)>& progress,
                                 std::function<bool()> interrupted) {
    interrupted_ = std::move(interrupted);
    listen();
    std::vector<Verdict> verdicts;
    bool failed = false;
    for (const Step& step : scenario_.steps) {
        Verdict verdict{Verdict::Kind::skipped, step.title, step.place, chip_.clock().now(), 0, ""};
        if (!failed) {
            const auto why = act(step);
            verdict.kind = why ? Verdict::Kind::failed : Verdict::Kind::passed;
            verdict.message = why.value_or("");
            verdict.took = chip_.clock().now() - verdict.began;
            failed = why.has_value();
        }
        if (progress) progress(verdict);
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

std::optional<std::string> Runner::act(const Step& step) {
    const bool needs_power = step.action != Action::power && step.action != Action::boot0 &&
                             step.action != Action::restore && step.action != Action::pin;
    if (needs_power && !chip_.powered()) return "the chip has no power";
    switch (step.action) {
        case Action::power:
            ended_.reset();
            if (step.text == "brown-out") return brown_out();
            step.text == "on" ? chip_.power_on() : chip_.power_off();
            return std::nullopt;
        case Action::dip:
            return dip(step.value);
        case Action::reset:
            ended_.reset();
            chip_.press_reset();
            return std::nullopt;
        case Action::boot0:
            chip_.set_boot0(step.level != 0);
            return std::nullopt;
        case Action::pin: {
            const auto [port, number] = *pin(step.text);
            if (step.level == 2)
                chip_.port(port)->release(number);
            else
                chip_.port(port)->drive(number, step.level == 1);
            return std::nullopt;
        }
        case Action::send: {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(step.text.data());
            chip_.serial_line(upper(ear(step.port).port))->send({bytes, step.text.size()});
            return std::nullopt;
        }
        case Action::run:
            return advance(step.time, {}, "");
        case Action::expect:
        case Action::expect_not:
            return serial(step);
        case Action::expect_pin: {
            const auto [port, number] = *pin(step.text);
            const auto there = [&] { return chip_.port(port)->level(number) == (step.level == 1); };
            if (there()) return std::nullopt;
            return advance(step.time, there, fmt::format("{} stays {}", step.text, step.level == 1 ? 0 : 1));
        }
        case Action::wait_for:
            return wait_for(step);
        case Action::assert_register:
            return compare(step, of_core(step.text) ? core_register(step) : register_of(step));
        case Action::assert_memory:
            return compare(step, memory(step));
        case Action::cut_power:
            return cut_power(step);
        case Action::expect_stop:
            return expect_stop(step);
        case Action::snapshot:
            keep(step.text);
            return std::nullopt;
        case Action::restore:
            put_back(step.text);
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string> Runner::brown_out() {
    ended_.reset();
    chip_.brown_out();
    return std::nullopt;
}

/// The supply falls to so many millivolts and comes back (decision 0243).
std::optional<std::string> Runner::dip(std::uint64_t millivolts) {
    constexpr std::uint64_t kPowerDown = 1620;
    constexpr std::array<std::uint64_t, 4> kBrownOut{kPowerDown, 2100, 2400, 2700};  // by BOR_LEV
    if (millivolts < kPowerDown) {
        ended_.reset();
        chip_.power_off();
        chip_.power_on();
        return std::nullopt;
    }
    const std::uint32_t level = chip_.flash().options()[flash::kOptsr] >> 2 & 3;
    return millivolts < kBrownOut[level] ? brown_out() : std::nullopt;
}

void Runner::keep(const std::string& name) {
    Kept& kept = snapshots_[name];
    kept = {chip_.snapshot(), {}};
    for (const auto& one : ears_) kept.heard.emplace_back(one->text.size(), one->read);
}

/// What was said since is not yet said.
void Runner::put_back(const std::string& name) {
    const Kept& kept = snapshots_.at(name);
    chip_.restore(*kept.chip);
    ended_.reset();
    for (std::size_t n = 0; n < ears_.size(); ++n) {
        ears_[n]->text.resize(kept.heard[n].first);
        ears_[n]->read = kept.heard[n].second;
    }
}

/// Runs until `reached` or `time` is over. Without `reached`: for that time.
std::optional<std::string> Runner::advance(Time time, const std::function<bool()>& reached,
                                           std::string_view missed) {
    const Time end = chip_.clock().now() + time;
    while (true) {
        if (reached && reached()) return std::nullopt;
        if (interrupted_ && interrupted_()) return "interrupted";
        if (ended_) return text_of(*ended_);
        const Time now = chip_.clock().now();
        if (now >= end) break;
        chip::Until until{.limit = end - now, .reached = {}};
        until.reached = [&] { return (reached && reached()) || (interrupted_ && interrupted_()); };
        const chip::Stop stop = chip_.run(until);
        if (stop.why == chip::Stop::Why::limit) break;
        if (stop.why == chip::Stop::Why::halted) return "a core stands at a BKPT of its own";
        if (stop.why != chip::Stop::Why::reached) ended_ = stop;
    }
    if (!reached || reached()) return std::nullopt;
    return std::string(missed);
}

std::optional<std::string> Runner::serial(const Step& step) {
    Ear& one = ear(step.port);
    one.wanted = step.text;
    const auto heard = [&] { return one.heard(); };
    auto why = advance(step.time, heard, "");
    const bool was_heard = one.heard();
    const std::string since = one.text.substr(one.read);
    if (was_heard) one.read = one.text.find(one.wanted, one.read) + one.wanted.size();
    one.wanted.clear();
    if (step.action == Action::expect_not) {
        if (was_heard) return fmt::format("{} said it", one.port);
        return std::nullopt;
    }
    if (was_heard) return std::nullopt;
    if (why && why->empty()) why.reset();
    return fmt::format("{}{} said '{}'", why ? *why + "; " : std::string(), one.port, tail_of(since));
}

std::optional<std::string> Runner::wait_for(const Step& step) {
    cpu::Core& core = step.core == Master::cm4 ? chip_.cm4() : chip_.cm7();
    const Address address = *symbol(step.text);
    if (core.registers().r[15] == address && core.state() == cpu::RunState::running) return std::nullopt;
    core.attach_debugger([](Address) { return true; });
    core.set_breakpoints({address});
    std::optional<std::string> why;
    const Time end = chip_.clock().now() + step.time;
    while (true) {
        if (ended_) why = text_of(*ended_);
        if (interrupted_ && interrupted_()) why = "interrupted";
        const Time now = chip_.clock().now();
        if (!why && now >= end)
            why = fmt::format("the {} is at 0x{:08x}", name_of(step.core), core.registers().r[15]);
        if (why) break;
        const chip::Stop stop = chip_.run({.limit = end - now, .reached = interrupted_});
        if (stop.why == chip::Stop::Why::halted) {
            if (core.halted() == cpu::Halt::breakpoint) break;
            why = "a core stands at a BKPT of its own, or locked up";
        } else if (stop.why != chip::Stop::Why::reached && stop.why != chip::Stop::Why::limit) {
            ended_ = stop;
        }
    }
    core.detach_debugger();
    return why;
}

std::optional<std::string> Runner::expect_stop(const Step& step) {
    const auto why = advance(
        step.time, [&] { return ended_.has_value(); }, "it goes on");
    if (why) return why;
    const bool exit = ended_->why == chip::Stop::Why::guest_exit,
               lock_up = ended_->why == chip::Stop::Why::locked_up;
    if (step.text == "exit" ? exit && ended_->guest_status == 0 : lock_up) return std::nullopt;
    return text_of(*ended_);
}

/// Arms the cut and runs into it.
std::optional<std::string> Runner::cut_power(const Step& step) {
    chip_.flash().set_cut_at(chip_.flash().steps() + step.value, step.value);
    const auto why = advance(
        step.time, [&] { return ended_.has_value(); }, "the flash did not come to that step");
    chip_.flash().set_cut_at(0, 0);
    if (why) return why;
    if (ended_->why != chip::Stop::Why::power_lost) return text_of(*ended_);
    ended_.reset();
    chip_.power_off();
    return std::nullopt;
}

Runner::Value Runner::core_register(const Step& step) const {
    const auto [master, name] = *of_core(step.text);
    const cpu::Registers r = (master == Master::cm4 ? chip_.cm4() : chip_.cm7()).registers();
    if (const auto number = core_register_number(name)) return {r.r[*number], ""};
    const std::uint32_t special[] = {r.xpsr, r.msp, r.psp, r.control, r.primask, r.basepri, r.faultmask};
    return {special[std::ranges::find(kSpecial, name) - std::begin(kSpecial)], ""};
}

Runner::Value Runner::register_of(const Step& step) const {
    const Found found = *find_register(chip_, step.text);
    const auto value = chip_.read(chip_.as_core(step.core, found.address));
    if (!value) return {0, std::string(value.error().why)};
    return {extract(static_cast<std::uint32_t>(*value), found.msb, found.lsb), ""};
}

Runner::Value Runner::memory(const Step& step) const {
    const auto value = chip_.read(chip_.as_core(step.core, step.address, step.size));
    if (!value)
        return {0, fmt::format("{}{}", value.error().why,
                               value.error().rule.empty() ? "" : fmt::format(" ({})", value.error().rule))};
    return {*value, ""};
}

std::optional<std::string> Runner::compare(const Step& step, const Value& value) const {
    if (!value.error.empty()) return value.error;
    if (((value.now & step.mask) == (step.value & step.mask)) != step.differs) return std::nullopt;
    return fmt::format(
        "it is 0x{:x}{}", value.now,
        step.mask == ~0ULL ? "" : fmt::format(", 0x{:x} under the mask", value.now & step.mask));
}

}  // namespace h7::scenario

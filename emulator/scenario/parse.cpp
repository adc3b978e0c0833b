#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "emulator/scenario/scenario.hpp"

namespace h7::scenario {
namespace {

using settings::Section;

/// Longest wait: 200 days, as everywhere.
constexpr Time kLongest = 200ULL * 24 * 3600 * kSecond;
constexpr Time kDefaultTimeout = kSecond;

struct Kind {
    std::string_view key;
    Action action;
};
constexpr Kind kKinds[] = {
    {"power", Action::power},
    {"reset", Action::reset},
    {"boot0", Action::boot0},
    {"pin", Action::pin},
    {"send", Action::send},
    {"run", Action::run},
    {"expect", Action::expect},
    {"expect-not", Action::expect_not},
    {"expect-pin", Action::expect_pin},
    {"wait-for", Action::wait_for},
    {"assert-register", Action::assert_register},
    {"assert-memory", Action::assert_memory},
    {"snapshot", Action::snapshot},
    {"restore", Action::restore},
    {"cut-power", Action::cut_power},
    {"expect-stop", Action::expect_stop},
};
constexpr std::string_view kPorts[] = {"usart1", "usart2", "usart3", "uart4",  "uart5",
                                       "usart6", "uart7",  "uart8",  "lpuart1"};

std::string kinds() {
    std::string all;
    for (const Kind& kind : kKinds) all += fmt::format("{}{}", all.empty() ? "" : ", ", kind.key);
    return all;
}

/// "2s", "1.5ms", "300us", "20ns". No value: no time, or too long.
std::optional<Time> time_of(std::string_view text) {
    constexpr std::pair<std::string_view, Time> kUnits[] = {
        {"ms", kMillisecond}, {"us", kMicrosecond}, {"ns", kNanosecond}, {"ps", 1}, {"s", kSecond}};
    for (const auto& [name, unit] : kUnits) {
        if (!text.ends_with(name)) continue;
        Time value = 0, place = unit;
        bool decimals = false, digits = false;
        for (const char c : text.substr(0, text.size() - name.size())) {
            if (c == '.' && !decimals && digits) {
                decimals = true;
            } else if (c < '0' || c > '9') {
                return std::nullopt;
            } else if (decimals) {
                place /= 10;
                value += static_cast<Time>(c - '0') * place;
            } else {
                digits = true;
                if (value > kLongest / 10) return std::nullopt;
                value = value * 10 + static_cast<Time>(c - '0') * unit;
            }
        }
        if (!digits || value > kLongest) return std::nullopt;
        return value;
    }
    return std::nullopt;
}

/// "2.35V" in millivolts. No value: no voltage, or more than the chip may see (3.6 V).
std::optional<std::uint64_t> millivolts_of(std::string_view text) {
    if (!text.ends_with('V')) return std::nullopt;
    std::uint64_t value = 0, place = 1000;
    bool decimals = false, digits = false;
    for (const char c : text.substr(0, text.size() - 1)) {
        if (c == '.' && digits && !decimals) {
            decimals = true;
        } else if (c < '0' || c > '9') {
            return std::nullopt;
        } else if (decimals) {
            place /= 10;
            value += static_cast<std::uint64_t>(c - '0') * place;
        } else {
            digits = true;
            value = value * 10 + static_cast<std::uint64_t>(c - '0') * 1000;
        }
        if (value > 3600) return std::nullopt;
    }
    return digits ? std::optional(value) : std::nullopt;
}

Result<Time> time_at(Section& section, std::string_view key, Time otherwise) {
    const auto text = TRY(section.text(key, "a time, \"100ms\""));
    if (!text) return otherwise;
    const auto time = time_of(*text);
    if (!time)
        return section.wrong(key,
                             fmt::format("expected a time, 2s, 1.5ms, 300us or 20ns, found '{}'", *text));
    return *time;
}

/// A number of 64 bits: TOML has no 0xFFFFFFFFFFFFFFFF, a text may say it.
Result<std::uint64_t> number_at(Section& section, std::string_view key, std::uint64_t otherwise) {
    const settings::Value* value = section.value(key);
    if (value == nullptr) return otherwise;
    if (const auto* number = std::get_if<std::int64_t>(&value->data); number != nullptr && *number >= 0)
        return static_cast<std::uint64_t>(*number);
    return section.wrong(key, fmt::format("expected a number, 0 or greater, found {}", value->kind()));
}

Result<std::vector<std::string>> paths_at(Section& section, std::string_view key) {
    const settings::Value* value = section.value(key);
    std::vector<std::string> all;
    if (value == nullptr) return all;
    const auto take = [&](const settings::Value& one) -> Result<void> {
        const auto* text = std::get_if<std::string>(&one.data);
        if (text == nullptr || text->empty())
            return section.wrong_at(one.place, fmt::format("{}: expected the path of a file, found {}",
                                                           section.full_name(key), one.kind()));
        all.push_back(*text);
        return {};
    };
    if (const auto* list = std::get_if<settings::Value::List>(&value->data)) {
        for (const settings::Value& one : *list) TRY(take(one));
    } else {
        TRY(take(*value));
    }
    return all;
}

Result<Setup> setup_of(Section& file) {
    Setup setup;
    auto section = TRY(file.section("run"));
    if (!section) return setup;
    setup.m7 = TRY(paths_at(*section, "m7"));
    setup.m4 = TRY(paths_at(*section, "m4"));
    setup.symbols = TRY(paths_at(*section, "symbols"));
    setup.board = TRY(section->text("board", "the name or the file of a board"))
    .value_or("");
    setup.part = TRY(section->text("part", "the name of a part, \"STM32H755\""))
    .value_or("");
    setup.chip = TRY(section->text("chip", "the path of a chip file"))
    .value_or("");
    setup.has_seed = section->has("seed");
    setup.seed = TRY(number_at(*section, "seed", 0));
    setup.boot0 = TRY(section->number("boot0", 0, 1, "0 or 1"))
    .value_or(0) != 0;
    TRY(section->finish());
    return setup;
}

/// The one key that says what the step does.
Result<Kind> kind_of(Section& section) {
    const Kind* found = nullptr;
    for (const Kind& kind : kKinds) {
        if (!section.has(kind.key)) continue;
        if (found != nullptr)
            return section.wrong(kind.key,
                                 fmt::format("the step does '{}' already; one thing a step", found->key));
        found = &kind;
    }
    if (found == nullptr)
        return section.wrong_at(section.place(), "step: expected one of the keys " + kinds());
    return *found;
}

class Reader {
public:
    Reader(Section& section, std::string_view key, Step& step, Time timeout)
        : section_(section), key_(key), step_(step), timeout_(timeout) {}

    Result<void> read() {
        switch (step_.action) {
            case Action::power:
            case Action::dip:
                return power();
            case Action::expect_stop:
                TRY(wait());
                return word({"exit", "lock-up"});
            case Action::reset:
                return word({"pin"});
            case Action::boot0:
                step_.level = TRY(section_.number(key_, 0, 1, "0 or 1"))
                .value_or(0);
                step_.title = fmt::format("boot0 {}", step_.level);
                return {};
            case Action::run:
                step_.time = TRY(time_at(section_, key_, 0));
                step_.title = fmt::format("run {}", *TRY(section_.text(key_, "")));
                return {};
            case Action::send:
            case Action::expect:
            case Action::expect_not:
                return serial();
            case Action::pin:
            case Action::expect_pin:
                return pin();
            case Action::wait_for:
                TRY(text("the name of a symbol"));
                TRY(core());
                return wait();
            case Action::assert_register:
                TRY(text("a register, \"cm7.pc\" or \"RCC.CR.HSERDY\""));
                TRY(core());
                return comparison();
            case Action::assert_memory:
                return memory();
            case Action::snapshot:
            case Action::restore:
                return text("the name of a snapshot");
            case Action::cut_power:
                step_.value = TRY(section_.number(key_, 1, 1'000'000, "the number of a flash step, from 1"))
                .value_or(1);
                step_.title = fmt::format("cut-power at flash step {}", step_.value);
                return wait();
        }
        return {};
    }

private:
    Result<void> text(std::string_view expected) {
        step_.text = *TRY(section_.text(key_, expected));
        if (step_.text.empty())
            return section_.wrong(key_, fmt::format("expected {}, found nothing", expected));
        step_.title = fmt::format("{} {}", key_, step_.text);
        return {};
    }
    Result<void> word(std::initializer_list<std::string_view> allowed) {
        std::string expected;
        for (const std::string_view one : allowed)
            expected += fmt::format("{}\"{}\"", expected.empty() ? "" : " or ", one);
        TRY(text(expected));
        if (std::ranges::find(allowed, step_.text) == allowed.end())
            return section_.wrong(key_, fmt::format("expected {}, found '{}'", expected, step_.text));
        return {};
    }
    /// "2.1V": the supply falls so far and comes back.
    Result<void> power() {
        const auto given = TRY(section_.text(key_, "\"on\", \"off\", \"brown-out\" or a voltage"));
        const auto millivolts = millivolts_of(given.value_or(""));
        if (!millivolts) {
            const auto done = word({"on", "off", "brown-out"});
            if (done) return {};
            return section_.wrong(key_, fmt::format("expected \"on\", \"off\", \"brown-out\" or the lowest "
                                                    "voltage of a dip, \"1.9V\" (up to 3.6V), found '{}'",
                                                    *given));
        }
        step_.action = Action::dip;
        step_.value = *millivolts;
        step_.title = fmt::format("power dips to {}", *given);
        return {};
    }
    Result<void> wait() {
        step_.time = TRY(time_at(section_, "timeout", timeout_));
        return {};
    }
    Result<void> core() {
        const auto name = TRY(section_.text("core", "\"cm7\" or \"cm4\""));
        if (!name) return {};
        if (*name != "cm7" && *name != "cm4")
            return section_.wrong("core", fmt::format("expected \"cm7\" or \"cm4\", found '{}'", *name));
        step_.core = *name == "cm4" ? Master::cm4 : Master::cm7;
        return {};
    }
    Result<void> serial() {
        TRY(text("a text"));
        step_.title = fmt::format("{} '{}'", key_, printable(step_.text));
        step_.port = TRY(section_.text("uart", "the name of a serial port, \"usart3\""))
        .value_or("");
        if (!step_.port.empty() && std::ranges::find(kPorts, step_.port) == std::end(kPorts))
            return section_.wrong("uart",
                                  fmt::format("expected usart1, usart2, usart3, uart4, uart5, usart6, uart7, "
                                              "uart8 or lpuart1, found '{}'",
                                              step_.port));
        if (step_.action != Action::send) return wait();
        return {};
    }
    Result<void> pin() {
        TRY(text("the name of a pin, \"PC13\""));
        const settings::Value* level = section_.value("level");
        if (level == nullptr) return section_.wrong("level", "expected the level of the pin, 0 or 1");
        const auto* number = std::get_if<std::int64_t>(&level->data);
        const auto* word = std::get_if<std::string>(&level->data);
        if (step_.action == Action::pin && word != nullptr && *word == "z")
            step_.level = 2;
        else if (number != nullptr && (*number == 0 || *number == 1))
            step_.level = static_cast<std::uint64_t>(*number);
        else
            return section_.wrong("level", step_.action == Action::pin
                                               ? "expected 0, 1 or \"z\" (nobody drives)"
                                               : "expected 0 or 1");
        step_.title += fmt::format(" {}", step_.level == 2 ? "z" : std::to_string(step_.level));
        if (step_.action == Action::expect_pin) return wait();
        return {};
    }
    Result<void> memory() {
        step_.address = static_cast<Address>(
            TRY(section_.number(key_, 0, 0xFFFF'FFFFU, "an address, 0x24000000")).value_or(0));
        step_.title = fmt::format("{} 0x{:08x}", key_, step_.address);
        step_.size =
            static_cast<unsigned>(TRY(section_.number("size", 1, 8, "1, 2, 4 or 8 bytes")).value_or(4));
        if ((step_.size & (step_.size - 1)) != 0)
            return section_.wrong("size", "expected 1, 2, 4 or 8 bytes");
        TRY(core());
        return comparison();
    }
    Result<void> comparison() {
        step_.mask = TRY(number_at(section_, "mask", ~0ULL));
        step_.differs = section_.has("not-equals");
        if (step_.differs && section_.has("equals"))
            return section_.wrong("equals", "the step has not-equals already; one comparison a step");
        const std::string_view key = step_.differs ? "not-equals" : "equals";
        if (!section_.has(key)) return section_.wrong(key, "expected a value to compare with");
        step_.value = TRY(number_at(section_, key, 0));
        step_.title += fmt::format(" {} 0x{:x}", step_.differs ? "!=" : "==", step_.value);
        return {};
    }
    static std::string printable(std::string_view text) {
        std::string out;
        for (const char c : text.substr(0, 60))
            out += c == '\n'   ? std::string("\\n")
                   : c == '\r' ? std::string("\\r")
                   : static_cast<unsigned char>(c) < 0x20 || c == 0x7F
                       ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c))
                       : std::string(1, c);
        return out;
    }

    Section& section_;
    std::string_view key_;
    Step& step_;
    Time timeout_;
};

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, std::string_view path) {
    const settings::Document document = TRY(settings::parse_document(text, path));
    Section file(document);
    Scenario scenario;
    scenario.path = path;
    scenario.name = TRY(file.text("name", "the name of the scenario"))
    .value_or(std::string(path));
    const Time timeout = TRY(time_at(file, "timeout", kDefaultTimeout));
    scenario.setup = TRY(setup_of(file));
    auto sections = TRY(file.sections("step"));
    if (sections.size() > kMostSteps)
        return file.wrong("step", fmt::format("{} steps; at most {} are read", sections.size(), kMostSteps));
    for (Section& section : sections) {
        Step step;
        step.place = section.place();
        const Kind kind = TRY(kind_of(section));
        step.action = kind.action;
        TRY(Reader(section, kind.key, step, timeout).read());
        if (const auto title = TRY(section.text("title", "a text"))) step.title = *title;
        TRY(section.finish());
        scenario.steps.push_back(std::move(step));
    }
    TRY(file.finish());
    if (scenario.steps.empty())
        return file.wrong_at(file.place(), "expected steps, each written as [[step]]");
    return scenario;
}

}  // namespace h7::scenario

// h7rss registers: what is modelled, printed from the tables the chip runs on.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "emulator/chip/chip.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/power.hpp"
#include "emulator/cli/verbs.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string block, part = "STM32H755";
    bool markdown = false, json = false;
};

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

std::string bits_of(const FieldInfo& field) {
    return field.msb == field.lsb ? fmt::format("{}", field.msb) : fmt::format("{}:{}", field.msb, field.lsb);
}

/// ST's letters, or what they mean for something that is not modelled.
std::string letters_of(const FieldInfo& field) {
    return field.modelled ? std::string(field.letters) : "not modelled";
}

Json json_of(const Peripheral& block) {
    Json registers = Json::array();
    for (const RegisterInfo& reg : block.describe()) {
        Json fields = Json::array();
        for (const FieldInfo& field : reg.fields)
            fields.push_back({{"name", field.name},
                              {"msb", field.msb},
                              {"lsb", field.lsb},
                              {"access", field.letters},
                              {"modelled", field.modelled}});
        registers.push_back({{"name", reg.name},
                             {"offset", reg.offset},
                             {"reset", reg.reset},
                             {"guarded", reg.guarded},
                             {"computed", reg.computed},
                             {"fields", fields}});
    }
    return {
        {"block", block.name()}, {"base", block.base()}, {"size", block.size()}, {"registers", registers}};
}

std::string markdown_of(const Peripheral& block) {
    std::string text = "| offset | register | reset | bits | field | access |\n|---|---|---|---|---|---|\n";
    for (const RegisterInfo& reg : block.describe()) {
        std::string head = fmt::format("| 0x{:03X} | {} | 0x{:08X} ", reg.offset, reg.name, reg.reset);
        if (reg.fields.empty()) text += head + "| | | |\n";
        for (const FieldInfo& field : reg.fields) {
            text += head + fmt::format("| {} | {} | {} |\n", bits_of(field), field.name, letters_of(field));
            head = "| | | ";
        }
    }
    return text;
}

std::string text_of(const Peripheral& block) {
    std::string text = fmt::format("{} at 0x{:08X}\n", block.name(), block.base());
    for (const RegisterInfo& reg : block.describe()) {
        text += fmt::format("  0x{:03X}  {:<16} reset 0x{:08X}\n", reg.offset, reg.name, reg.reset);
        for (const FieldInfo& field : reg.fields)
            text +=
                fmt::format("           {:>5}  {:<20} {}\n", bits_of(field), field.name, letters_of(field));
    }
    return text;
}

Result<ExitCode> registers(const Options& options) {
    const chip::Part* part = TRY(part_called(options.part));
    const auto chip = TRY(chip::Chip::create({.part = part, .image = {}, .identity = {}}));
    std::vector<Peripheral*> blocks = chip->peripherals();
    if (!options.block.empty()) {
        std::string known;
        for (const Peripheral* block : blocks)
            known += fmt::format("{}{}", known.empty() ? "" : " ", block->name());
        std::erase_if(blocks,
                      [&](const Peripheral* block) { return !same_name(block->name(), options.block); });
        if (blocks.empty())
            return misuse(fmt::format("'{}': no such block; known are: {}", options.block, known));
    }
    Json json = Json::array();
    std::string text;
    for (const Peripheral* block : blocks) {
        if (options.json)
            json.push_back(json_of(*block));
        else if (options.markdown)
            text += (options.block.empty() ? fmt::format("## {} (0x{:08X})\n\n", block->name(), block->base())
                                           : "") +
                    markdown_of(*block) + (options.block.empty() ? "\n" : "");
        else
            text += options.block.empty() ? fmt::format("0x{:08X}  {:<12} {:>4} registers\n", block->base(),
                                                        block->name(), block->describe().size())
                                          : text_of(*block);
    }
    if (options.json)
        print_json("registers", Json{{"part", part->name}, {"blocks", json}});
    else
        print(text);
    return ExitCode::done;
}

}  // namespace

void add_registers(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &registers);
    command.add_option("block", options->block, "one block, for instance FLASH (default: the list of all)");
    command.add_option("--part", options->part, "the part")->capture_default_str();
    command.add_flag("--markdown", options->markdown, "a Markdown table, as in docs/blocks");
    add_json(command, options->json);
}

}  // namespace h7::cli

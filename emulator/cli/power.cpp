#include "emulator/cli/power.hpp"

#include <fmt/format.h>

#include "emulator/cli/inputs.hpp"

namespace h7::cli {

Result<const chip::Part*> part_called(const std::string& name) {
    if (const chip::Part* part = chip::find_part(name)) return part;
    std::string known;
    for (const chip::Part& part : chip::kParts)
        known += fmt::format("{}{}", known.empty() ? "" : ", ", part.name);
    return misuse(fmt::format("{}: no such part; known are {}", name, known));
}

Result<std::unique_ptr<chip::Chip>> chip_of(const std::string& path, const ChipContents& contents,
                                            chip::Config wanted) {
    const auto part = part_called(contents.part);
    if (!part) return in_file(path, part.error());
    const auto readings = chip::readings_of(contents.readings);
    if (!readings) return in_file(path, readings.error());
    wanted.readings = *readings;
    wanted.part = *part;
    wanted.image = contents.image;
    wanted.identity = contents.identity;
    wanted.seed = contents.ram_seed;
    auto chip = chip::Chip::create(std::move(wanted));
    if (!chip) return in_file(path, chip.error());
    return chip;
}

Result<std::unique_ptr<chip::Chip>> power_up(const std::string& path, const ChipContents& contents,
                                             chip::Config wanted) {
    auto chip = TRY(chip_of(path, contents, std::move(wanted)));
    chip->power_on();
    return chip;
}

}  // namespace h7::cli

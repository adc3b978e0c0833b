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

options::Cores cores_of(const ChipContents& contents) {
    const chip::Part* part = chip::find_part(contents.part);
    return part != nullptr && !part->cm4 ? options::Cores::one : options::Cores::two;
}

Result<void> check_exist(const ChipContents& contents, const std::vector<options::Change>& changes) {
    const chip::Part* part = chip::find_part(contents.part);
    if (part == nullptr) return {};
    for (const options::Change& change : changes) {
        if (!options::exists(*change.field, cores_of(contents)))
            return misuse(fmt::format("{}: {} has no such option byte, it has no Cortex-M4",
                                      change.field->name, part->name));
        if (part->banks == 1 && change.field->name == "SWAP_BANK")
            return misuse(fmt::format("SWAP_BANK: {} has no such option byte, it has one bank", part->name));
    }
    return {};
}

namespace {

/// A file whose part was changed by hand: what does not fit would be lost at the next save.
Result<void> check_sizes(const flash::Image& image, const chip::Part& part) {
    const std::size_t bank = part.sectors_per_bank * std::size_t{security::kSector};
    for (const flash::ArrayImage& user : image.user)
        if (user.data.size() != bank)
            return misuse(fmt::format("{} has banks of {} Kbytes, the file's have {}; restore a copy",
                                      part.name, bank >> 10, user.data.size() >> 10));
    if (image.system2.data.size() != chip::kSystemFlash)
        return misuse(fmt::format("{} has {} Kbytes of system flash, the file has {}; restore a copy",
                                  part.name, chip::kSystemFlash >> 10, image.system2.data.size() >> 10));
    return {};
}

}  // namespace

Result<std::unique_ptr<chip::Chip>> chip_of(const std::string& path, const ChipContents& contents,
                                            chip::Config wanted) {
    const auto part = part_called(contents.part);
    if (!part) return in_file(path, part.error());
    if (const auto fits = check_sizes(contents.image, **part); !fits) return in_file(path, fits.error());
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

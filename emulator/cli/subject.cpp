#include "emulator/cli/subject.hpp"

#include "emulator/cli/inputs.hpp"
#include "emulator/cli/power.hpp"

namespace h7::cli {

Result<report::Subject> subject_of(const std::string& path, const ChipContents& contents) {
    const auto part = part_called(contents.part);
    if (!part) return in_file(path, part.error());
    const auto readings = chip::readings_of(contents.readings);
    if (!readings) return in_file(path, readings.error());
    report::Subject subject;
    subject.readings = *readings;
    subject.part = *part;
    subject.image = contents.image;
    subject.identity = contents.identity;
    subject.ram_seed = contents.ram_seed;
    return subject;
}

Result<report::Subject> subject_in(const std::string& path) {
    const auto file = TRY(ChipFile::open(path, ChipFile::Use::look));
    return subject_of(path, TRY(file.load()));
}

Result<report::Desk> desk_for(const std::string& path, const report::Subject& subject) {
    auto desk = report::Desk::create(subject);
    if (!desk) return in_file(path, desk.error());
    return desk;
}

}  // namespace h7::cli

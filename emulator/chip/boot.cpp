#include "emulator/chip/boot.hpp"

#include "emulator/base/bits.hpp"
#include "emulator/chip/memory_map.hpp"

namespace h7::chip {
namespace {

constexpr std::uint32_t kRdpLevel2 = 0xCC;  // F-195

struct Candidate {
    Address programmed;
    Address substitute;         // taken for an address with nothing behind it (system.md 2.1)
    Address level2_substitute;  // taken at RDP level 2 for anything outside flash
    Master core;
};

bool bootable(Address start, Master core) {
    const Region* region = find_region(start, core);
    if (region == nullptr) return false;
    return region->target == Target::ram || region->target == Target::flash ||
           region->target == Target::system_flash;
}

Address settle(const Candidate& wanted, bool level2, bool& substituted) {
    Address start = wanted.programmed;
    if (!bootable(start, wanted.core)) start = wanted.substitute;
    if (level2 && outside_user_flash(start)) start = wanted.level2_substitute;
    substituted = start != wanted.programmed;
    return start;
}

}  // namespace

bool outside_user_flash(Address start) { return start < 0x0800'0000U || start > 0x081F'FFFFU; }

BootChoice choose_boot(const flash::OptionWords& options, bool boot0_pin) {
    const auto add = [&](std::uint32_t word) {
        return (boot0_pin ? extract(word, 31, 16) : extract(word, 15, 0)) << 16;
    };
    const bool level2 = extract(options[flash::kOptsr], 15, 8) == kRdpLevel2;
    const bool bcm7 = test_bit(options[flash::kOptsr], 23), bcm4 = test_bit(options[flash::kOptsr], 22);

    const Candidate cm7{add(options[flash::kBoot7]), boot0_pin ? 0x0000'0000U : 0x0800'0000U, 0x0800'0000U,
                        Master::cm7};
    const Candidate cm4{add(options[flash::kBoot4]), boot0_pin ? 0x1000'0000U : 0x0810'0000U, 0x0810'0000U,
                        Master::cm4};

    BootChoice choice;
    choice.cm7 = settle(cm7, level2, choice.cm7_substituted);
    choice.cm4 = settle(cm4, level2, choice.cm4_substituted);
    choice.cm7_starts = bcm7 || !bcm4;  // both bits 0 counts as 1/0 (system.md 2.2)
    choice.cm4_starts = bcm4;
    return choice;
}

}  // namespace h7::chip

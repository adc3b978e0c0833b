#include "emulator/security/life_cycle.hpp"

namespace h7::security {

std::uint32_t kept_sectors(const RegressionArea& pcrop, const RegressionArea& secure, unsigned sectors) {
    std::uint32_t kept = 0;
    for (unsigned n = 0; n < sectors; ++n) {
        const bool in_pcrop = pcrop.area.touches_sector(n);
        const bool in_secure = secure.area.touches_sector(n);
        const bool wanted = (in_pcrop && !pcrop.erase) || (in_secure && !secure.erase);
        const bool erased = (in_pcrop && pcrop.erase) || (in_secure && secure.erase);
        if (wanted && !erased) kept |= 1U << n;
    }
    return kept;
}

std::string_view name_of(Rdp level) {
    switch (level) {
        case Rdp::level0:
            return "level 0";
        case Rdp::level1:
            return "level 1";
        case Rdp::level2:
            return "level 2";
    }
    return "";
}

}  // namespace h7::security

// The chip of Annex A as an install finds it.
#pragma once

#include "emulator/chip/chip.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::test {

/// SECURITY and ST_RAM_SIZE are set, BOOT0 is high; there is no power yet.
inline std::unique_ptr<chip::Chip> prepared_chip() {
    chip::Config config{.image = {}, .identity = annex_a_chip()};
    config.boot0 = true;
    config.image.options[flash::kOptsr] |= 1U << 21 | 3U << 19;
    return std::move(*chip::Chip::create(config));
}

}  // namespace h7::test

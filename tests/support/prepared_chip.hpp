// The chip of Annex A as an install finds it, and what is installed.
#pragma once

#include "emulator/chip/chip.hpp"
#include "rss/host/flasher/sfi_install.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::test {

/// SECURITY and ST_RAM_SIZE are set, BOOT0 is high; there is no power yet.
inline std::unique_ptr<chip::Chip> prepared_chip() {
    chip::Config config{.image = {}, .identity = annex_a_chip()};
    config.boot0 = true;
    config.image.options[flash::kOptsr] |= 1U << 21 | 3U << 19;
    return std::move(*chip::Chip::create(config));
}

inline flasher::InstallRequest install_request(const TestImage& image) {
    const rss::StagedPart whole = image.build();
    flasher::InstallRequest request;
    request.image = sfi_file(whole);
    request.license = whole.license;
    return request;
}

}  // namespace h7::test

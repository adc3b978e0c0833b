// The image of Annex A as the package tool is asked for it.
#pragma once

#include "rss/host/package/pack.hpp"
#include "tests/support/annex_a.hpp"

namespace h7::annex_a {

inline package::Recipe recipe() {
    package::Recipe recipe;
    recipe.firmware = {{kFirmwareAddress, firmware(), "f.bin"}};
    recipe.options = kOptionWords;
    recipe.key = key();
    recipe.nonce = nonce();
    recipe.image_version = 7;
    recipe.ram_size = kRamSize;
    recipe.token_address = kToken;
    recipe.insecure_test = true;
    return recipe;
}

}  // namespace h7::annex_a

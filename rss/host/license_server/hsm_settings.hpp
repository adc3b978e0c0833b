// A [[product]] whose keys are in an HSM file: hsm, passphrase_file, token, pkcs11_module, counter_anchor,
// reserve, type.
#pragma once

#include <filesystem>
#include <optional>
#include <set>

#include "emulator/settings/settings.hpp"
#include "rss/host/license_server/key_store.hpp"

namespace h7::license_server {

enum class Use {
    serve,  // HSM files are locked for this process
    check,  // beside a running server: nothing can be given
};

struct HsmProduct {
    std::unique_ptr<KeyStore> keys;
    crypto::PublicKey ca{};
};

/// Opens the HSM. Nothing: the product has none; then neither may it have the other keys of one. Errors
/// (misuse): file, line and column; who has the HSM open; a wrong passphrase, PIN or token; not OPERATIONAL;
/// (rule_violated) an older copy, as its anchor tells. `taken`: HSM files of the products before; grows.
Result<std::optional<HsmProduct>> read_hsm(settings::Section& section, const std::filesystem::path& folder,
                                           Use use, std::set<std::filesystem::path>& taken);

}  // namespace h7::license_server

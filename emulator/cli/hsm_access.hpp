// What a verb needs to open an HSM file, and whose certificates count.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "rss/host/hsm/hsm.hpp"
#include "rss/host/hsm/pkcs11_store.hpp"

namespace h7::cli {

struct HsmAccess {
    std::string file, passphrase_file, token, module{hsm::kSoftHsm}, anchor;
    int passphrase_fd = -1;
};
/// --passphrase-file, --passphrase-fd, --token, --pkcs11-module, --counter-anchor. `file` is the verb's.
void add_hsm_access(CLI::App& command, HsmAccess& access);
/// Refuses them where no HSM is named.
Result<void> no_hsm_options(const HsmAccess& access);

/// The passphrase (or PIN) is read here, once, and never asked for.
Result<std::shared_ptr<hsm::KeyStore>> keys_of(const HsmAccess& access, const crypto::ScryptCost& cost = {});
Result<std::unique_ptr<hsm::Hsm>> open_hsm(const HsmAccess& access, bool read_only);
hsm::Options options_of_hsm(const HsmAccess& access);

struct Authority {
    std::string ca;
    bool test_ca = false;
};
void add_authority(CLI::App& command, Authority& authority);
/// Error (misuse): neither or both.
Result<crypto::PublicKey> point_of(const Authority& authority);

}  // namespace h7::cli

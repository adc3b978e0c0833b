#include "emulator/cli/hsm_access.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "emulator/base/file.hpp"
#include "emulator/cli/inputs.hpp"

namespace h7::cli {
namespace {

Result<hsm::Passphrase> passphrase_of(const HsmAccess& access) {
    if (access.passphrase_file.empty() == (access.passphrase_fd < 0))
        return misuse(
            "give --passphrase-file FILE or --passphrase-fd N (with --token it is the PIN); it is never "
            "asked for");
    if (!access.passphrase_file.empty()) return hsm::Passphrase::from_file(access.passphrase_file);
    const int fd = access.passphrase_fd;
    auto passphrase = hsm::Passphrase::read(fd, fmt::format("--passphrase-fd {}", fd));
    ::close(fd);
    return passphrase;
}

}  // namespace

void add_hsm_access(CLI::App& command, HsmAccess& access) {
    command.add_option("--passphrase-file", access.passphrase_file,
                       "file that holds the passphrase (with --token: the user PIN)");
    command.add_option("--passphrase-fd", access.passphrase_fd, "the same from an open file descriptor")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--token", access.token, "label of the PKCS#11 token that keeps the keys");
    command.add_option("--pkcs11-module", access.module, "the token's module (default: SoftHSM2)");
    command.add_option("--counter-anchor", access.anchor,
                       "file on another medium that notices when an old copy of the HSM file is put back");
}

Result<void> no_hsm_options(const HsmAccess& access) {
    if (access.passphrase_file.empty() && access.passphrase_fd < 0 && access.token.empty() &&
        access.anchor.empty())
        return {};
    return misuse("--passphrase-file, --passphrase-fd, --token and --counter-anchor belong to --hsm FILE");
}

Result<std::shared_ptr<hsm::KeyStore>> keys_of(const HsmAccess& access, const crypto::ScryptCost& cost) {
    hsm::Passphrase passphrase = TRY(passphrase_of(access));
    if (access.token.empty()) return hsm::passphrase_store(std::move(passphrase), cost);
    return hsm::pkcs11_store({access.module, access.token}, passphrase);
}

hsm::Options options_of_hsm(const HsmAccess& access) {
    hsm::Options options;
    if (!access.anchor.empty()) options.anchor = access.anchor;
    return options;
}

Result<std::unique_ptr<hsm::Hsm>> open_hsm(const HsmAccess& access, bool read_only) {
    TRY(hsm::peek(access.file));  // what is no HSM file needs no passphrase and no PIN
    hsm::Options options = options_of_hsm(access);
    options.read_only = read_only;
    return hsm::Hsm::open(access.file, TRY(keys_of(access)), std::move(options));
}

void add_authority(CLI::App& command, Authority& authority) {
    command.add_option(
        "--ca", authority.ca,
        "key of the CA that must have signed the certificates: 64 bytes X||Y, or its private key, "
        "raw or in hex");
    command.add_flag("--test-ca", authority.test_ca, "accept certificates of the built-in TEST CA");
}

Result<crypto::PublicKey> point_of(const Authority& authority) {
    if (authority.test_ca == !authority.ca.empty())
        return misuse(
            "give either --ca FILE, or --test-ca for chips signed by the built-in TEST CA (its key is "
            "public: such "
            "a certificate proves nothing)");
    if (authority.test_ca) return license::test_ca_point();
    const Bytes file = TRY(read_file(authority.ca, 4096));
    auto point = license::parse_ca_point(file);
    if (!point) return in_file(authority.ca, point.error());
    return point;
}

}  // namespace h7::cli

#include "emulator/cli/identity.hpp"

#include "emulator/base/file.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/values.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/host/license/authority.hpp"
#include "rss/host/provisioning/identity.hpp"

namespace h7::cli {
namespace {

Result<crypto::PrivateKey> ca_key(const std::string& path) {
    if (path.empty()) return license::test_ca_key();
    const Bytes file = TRY(read_file(path, 4096));
    const auto key = license::parse_ca_key(file);
    if (!key) return in_file(path, key.error());
    return *key;
}

Result<std::uint64_t> ram_seed(const NewIdentity& options) {
    if (options.seed) return *options.seed;
    std::uint8_t bytes[8];
    TRY(crypto::random_bytes(bytes));
    return load_le<std::uint64_t>(bytes);
}

}  // namespace

void add_identity_options(CLI::App& command, NewIdentity& options) {
    command.add_option("--ca", options.ca,
                       "private key of the CA that signs the certificate: 32 bytes or 64 hex digits "
                       "(default: the built-in TEST CA, whose key is public: it proves nothing)");
    command
        .add_option("--seed", options.seed,
                    "take UID, device key and RAM contents from this number: for tests only")
        ->check(whole_number);
}

Result<Drawn> draw(const NewIdentity& options) {
    const crypto::PrivateKey key = TRY(ca_key(options.ca));
    Drawn drawn;
    drawn.identity = TRY(provisioning::draw_identity(key, options.seed));
    drawn.ram_seed = TRY(ram_seed(options));
    drawn.ca_name = options.ca.empty() ? "the built-in TEST CA" : options.ca;
    return drawn;
}

}  // namespace h7::cli

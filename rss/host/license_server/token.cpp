#include "rss/host/license_server/token.hpp"

#include "emulator/base/hex.hpp"
#include "rss/crypto/openssl_random.hpp"

namespace h7::license_server {
namespace {

constexpr std::string_view kRoles[] = {"operator", "auditor", "admin"};

}  // namespace

std::string_view name_of(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> role_of(std::string_view name) {
    for (const Role role : {Role::operate, Role::audit, Role::admin})
        if (name_of(role) == name) return role;
    return {};
}

Result<std::string> fresh_token() {
    std::array<std::uint8_t, 32> random{};
    TRY(crypto::random_bytes(random));
    std::string token = "h7l_" + to_hex(random);
    wipe(random);
    return token;
}

crypto::Digest hash_of(std::string_view token) {
    return crypto::sha256({reinterpret_cast<const std::uint8_t*>(token.data()), token.size()});
}

}  // namespace h7::license_server

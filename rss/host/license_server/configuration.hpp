// The server's file: where it listens, what it licenses, who may ask (docs/rss/license-server.md).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rss/host/license_server/hsm_settings.hpp"
#include "rss/host/license_server/ledger.hpp"
#include "rss/host/license_server/token.hpp"

namespace h7::license_server {

struct Product {
    std::string id;  // as in URLs
    std::unique_ptr<KeyStore> keys;
    license::CertificateCheck check;   // against this product's CA
    std::uint64_t quota = 0;           // licenses of the whole ledger
    std::filesystem::path image = {};  // what the image endpoint sends; may be empty
    bool any_chip = true;
    std::set<Uid> uids = {};                     // unless any_chip: these chips
    std::set<crypto::Digest> certificates = {};  // and these, by SHA-256 of the certificate

    bool smi() const { return keys->type() == image::LicenseType::smi_static; }
};

struct Operator {
    std::string name;
    crypto::Digest token{};  // its hash
    Role role = Role::operate;
    std::optional<std::uint64_t> quota;  // licenses of all products; none: that of the products
    std::set<std::string> products;      // empty: all
    std::string client;                  // common name his TLS certificate must have; empty: any

    bool may_operate() const { return role != Role::audit; }
    bool may_audit() const { return role != Role::operate; }
    bool may_use(const std::string& product) const { return products.empty() || products.contains(product); }
};

struct Listen {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8480;                          // 0: any free one
    std::filesystem::path certificate, key, client_ca;  // TLS
    std::size_t connections = 64;                       // served at the same time, one thread each
    std::size_t body = 16U << 10;                       // largest request body, bytes
    unsigned seconds = 10;                              // longest time for one request to arrive

    bool tls() const { return !certificate.empty(); }
    bool loopback() const;
};

struct Configuration {
    Listen listen;
    std::filesystem::path ledger, audit;
    std::vector<std::unique_ptr<Product>> products;
    std::vector<Operator> operators;

    const Product* product(std::string_view id) const;
    const Operator* holder(const crypto::Digest& token) const;
};

/// What ids and names consist of: they appear in URLs, metrics and file exports.
bool plain_name(std::string_view name);
inline constexpr std::string_view kPlainName = "1 to 64 letters, digits, '-', '_' or '.'";

/// Reads the file and every key it names; paths in it are relative to its folder. Errors (misuse): file,
/// line, column and what was expected there; those of read_hsm.
Result<Configuration> read_configuration(const std::filesystem::path& path, Use use = Use::serve);
/// The same from a text; `path` is what messages name and paths are relative to.
Result<Configuration> parse_configuration(std::string_view text, const std::filesystem::path& path, Use use);

}  // namespace h7::license_server

#include "rss/host/license_server/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "rss/crypto/firmware_id.hpp"
#include "rss/host/license_server/paths.hpp"

namespace h7::license_server {
namespace {

namespace fs = std::filesystem;
using settings::Section;

constexpr std::size_t kKeyFile = 4096, kChipsFile = 64U << 20;
constexpr std::uint64_t kLargestQuota = std::uint64_t{1} << 53;  // what JSON numbers carry

class Reader {
public:
    Reader(const settings::Document& document, fs::path folder, Use use)
        : document_(document), folder_(std::move(folder)), use_(use) {}

    Result<Configuration> read() {
        Configuration out;
        Section root(document_);
        out.ledger = TRY(needed_path(root, "ledger", "the path of the ledger"));
        out.audit = TRY(path(root, "audit", "the path of the audit log"));
        if (auto section = TRY(root.section("listen"))) out.listen = TRY(listen(*section));
        for (Section& section : TRY(root.sections("product"))) {
            auto one = TRY(product(section));
            if (out.product(one->id)) return section.wrong("id", "two products have this id");
            out.products.push_back(std::move(one));
        }
        for (Section& section : TRY(root.sections("operator"))) {
            Operator one = TRY(operator_of(section, out));
            for (const Operator& other : out.operators)
                if (other.name == one.name || other.token == one.token)
                    return section.wrong("name", "two operators have this name or token");
            out.operators.push_back(std::move(one));
        }
        TRY(root.finish());
        if (out.products.empty()) return root.wrong_at(root.place(), "no [[product]]: nothing to license");
        if (out.operators.empty())
            return root.wrong_at(root.place(),
                                 "no [[operator]]: nobody may ask; h7rss license token makes one");
        return out;
    }

private:
    Result<fs::path> path(Section& section, std::string_view key, std::string_view expected) {
        return path_at(section, key, expected, folder_);
    }
    Result<fs::path> needed_path(Section& section, std::string_view key, std::string_view expected) {
        return needed_path_at(section, key, expected, folder_);
    }

    Result<Listen> listen(Section& section) {
        Listen out;
        if (auto address = TRY(section.text("address", "an IP address"))) out.address = *address;
        if (auto port = TRY(section.number("port", 0, 65535, "a port, 0 for any")))
            out.port = static_cast<std::uint16_t>(*port);
        if (auto count = TRY(section.number("connections", 1, 1024, "1 to 1024"))) out.connections = *count;
        if (auto bytes = TRY(section.number("body", 1024, 1U << 20, "1024 to 1048576 bytes")))
            out.body = *bytes;
        if (auto seconds = TRY(section.number("seconds", 1, 300, "1 to 300 seconds")))
            out.seconds = static_cast<unsigned>(*seconds);
        out.certificate = TRY(path(section, "certificate", "a PEM file: the server's certificate chain"));
        out.key = TRY(path(section, "key", "a PEM file: the server's private key"));
        out.client_ca = TRY(path(section, "client_ca", "a PEM file: the CA of client certificates"));
        const bool plaintext = TRY(section.flag("plaintext"))
        .value_or(false);
        if (out.certificate.empty() != out.key.empty())
            return section.wrong("certificate", "TLS needs both certificate and key");
        if (!out.client_ca.empty() && !out.tls())
            return section.wrong("client_ca", "client certificates need TLS: give certificate and key too");
        if (!out.loopback() && !out.tls() && !plaintext)
            return section.wrong(
                "address",
                "tokens and licenses would travel in the clear: give certificate and key, or "
                "plaintext = true when a proxy in front does TLS");
        TRY(section.finish());
        return out;
    }

    Result<Bytes> secret(Section& section, std::string_view key, std::size_t size) {
        const fs::path file =
            TRY(needed_path(section, key, fmt::format("a file of {} bytes, raw or in hex", size)));
        Bytes bytes = TRY(read_file(file, kKeyFile));
        if (bytes.size() == size) return bytes;
        std::string text(bytes.begin(), bytes.end());
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
        auto raw = from_hex(text);
        wipe(bytes);
        if (!raw || raw->size() != size)
            return section.wrong(
                key, fmt::format("{} does not hold {} bytes, raw or in hex", file.string(), size));
        return raw;
    }

    Result<crypto::PublicKey> authority(Section& section) {
        const bool test = TRY(section.flag("test_ca"))
        .value_or(false);
        const fs::path file = TRY(path(section, "ca", "a file: the CA's public key"));
        if (test != file.empty())
            return section.wrong("ca",
                                 "give either ca = FILE, or test_ca = true for chips of the built-in TEST CA "
                                 "(its key is public: such a certificate proves nothing)");
        if (test) return license::test_ca_point();
        auto point = license::parse_ca_point(TRY(read_file(file, kKeyFile)));
        if (!point) return section.wrong("ca", fmt::format("{}: {}", file.string(), point.error().message));
        return point;
    }

    Result<image::LicenseType> type(Section& section) {
        const std::string name = TRY(section.text("type", "\"sfi\", \"sfi-live\" or \"smi\""))
        .value_or("sfi");
        if (name == "sfi") return image::LicenseType::sfi_static;
        if (name == "sfi-live") return image::LicenseType::sfi_live;
        if (name == "smi") return image::LicenseType::smi_static;
        return section.wrong("type", "expected \"sfi\", \"sfi-live\" or \"smi\"");
    }

    Result<std::unique_ptr<KeyStore>> keys(Section& section) {
        license::Firmware firmware;
        firmware.type = TRY(type(section));
        if (auto name = TRY(section.text("firmware_id", "the identifier the image was packed with")))
            firmware.id = crypto::firmware_id(*name);
        Bytes key = TRY(secret(section, "key", 16))
        , nonce = TRY(secret(section, "nonce", 12));
        firmware.key = {crypto::Secret<16>(key), crypto::Secret<12>(nonce)};
        wipe(key);
        wipe(nonce);
        return key_in_memory(std::move(firmware));
    }

    /// One chip a line: UID (24 digits) or SHA-256 of its certificate (64 digits); '#' begins a comment.
    Result<void> chips(Section& section, Product& out) {
        const fs::path file = TRY(path(section, "chips", "a file: UIDs or certificate hashes"));
        if (file.empty()) return {};
        out.any_chip = false;
        const Bytes bytes = TRY(read_file(file, kChipsFile));
        std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        for (std::size_t number = 1; !rest.empty(); ++number) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            std::string_view line = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            line = line.substr(0, line.find('#'));
            while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
                line.remove_suffix(1);
            if (line.empty()) continue;
            const auto id = from_hex(line);
            Uid uid{};
            crypto::Digest digest{};
            if (id && id->size() == uid.size()) {
                std::ranges::copy(*id, uid.begin());
                out.uids.insert(uid);
            } else if (id && id->size() == digest.size()) {
                std::ranges::copy(*id, digest.begin());
                out.certificates.insert(digest);
            } else {
                return misuse(
                    fmt::format("{}:{}: a chip is a UID (24 hexadecimal digits) or the SHA-256 of "
                                "its certificate (64)",
                                file.string(), number));
            }
        }
        return {};
    }

    Result<std::unique_ptr<Product>> product(Section& section) {
        const std::string id = TRY(section.text("id", kPlainName))
        .value_or("");
        if (!plain_name(id)) return section.wrong("id", fmt::format("expected {}", kPlainName));
        auto vault = TRY(read_hsm(section, folder_, use_, hsm_files_));
        auto check = TRY(license::CertificateCheck::make(vault ? vault->ca : TRY(authority(section))));
        const auto quota = TRY(section.number("quota", 0, kLargestQuota, "how many licenses there may be"));
        if (!quota) return section.wrong("quota", "missing; expected how many licenses there may be");
        auto store = vault ? std::move(vault->keys) : TRY(keys(section));
        auto out = std::make_unique<Product>(
            Product{.id = id, .keys = std::move(store), .check = std::move(check), .quota = *quota});
        out->image = TRY(path(section, "image", "the file the image endpoint sends"));
        TRY(chips(section, *out));
        TRY(section.finish());
        return out;
    }

    Result<Operator> operator_of(Section& section, const Configuration& known) {
        Operator out;
        out.name = TRY(section.text("name", kPlainName))
        .value_or("");
        if (!plain_name(out.name)) return section.wrong("name", fmt::format("expected {}", kPlainName));
        constexpr std::string_view kHash = "the hash that h7rss license token printed, 64 digits";
        const auto hash = from_hex(TRY(section.text("token_sha256", kHash)).value_or(""));
        if (!hash || hash->size() != out.token.size())
            return section.wrong("token_sha256", fmt::format("expected {}", kHash));
        std::ranges::copy(*hash, out.token.begin());
        constexpr std::string_view kRoles = "\"operator\", \"auditor\" or \"admin\"";
        const auto role = role_of(TRY(section.text("role", kRoles)).value_or("operator"));
        if (!role) return section.wrong("role", fmt::format("expected {}", kRoles));
        out.role = *role;
        out.quota = TRY(section.number("quota", 0, kLargestQuota, "how many licenses he may get"));
        out.client = TRY(section.text("client", "the common name of his TLS certificate"))
        .value_or("");
        if (const settings::Value* list = section.value("products")) {
            const auto* names = std::get_if<settings::Value::List>(&list->data);
            if (names == nullptr || names->empty())
                return section.wrong("products", "expected a list of product ids");
            for (const settings::Value& value : *names) {
                const auto* name = std::get_if<std::string>(&value.data);
                if (name == nullptr || known.product(*name) == nullptr)
                    return section.wrong_at(value.place, "expected the id of a [[product]]");
                out.products.insert(*name);
            }
        }
        if (!out.client.empty() && known.listen.client_ca.empty())
            return section.wrong("client",
                                 "client certificates are not asked for: listen.client_ca is missing");
        TRY(section.finish());
        return out;
    }

    const settings::Document& document_;
    fs::path folder_;
    Use use_;
    std::set<fs::path> hsm_files_ = {};
};

}  // namespace

bool plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    });
}

bool Listen::loopback() const {
    return address == "localhost" || address == "::1" || address.starts_with("127.");
}

const Product* Configuration::product(std::string_view id) const {
    for (const auto& one : products)
        if (one->id == id) return one.get();
    return nullptr;
}

const Operator* Configuration::holder(const crypto::Digest& token) const {
    const auto at = std::ranges::find(operators, token, &Operator::token);
    return at == operators.end() ? nullptr : &*at;
}

Result<Configuration> parse_configuration(std::string_view text, const fs::path& path, Use use) {
    const settings::Document document = TRY(settings::parse_document(text, path.string()));
    return Reader(document, path.parent_path(), use).read();
}

Result<Configuration> read_configuration(const fs::path& path, Use use) {
    const Bytes text = TRY(read_file(path, settings::kLargestFile));
    return parse_configuration({reinterpret_cast<const char*>(text.data()), text.size()}, path, use);
}

}  // namespace h7::license_server

// A license server for tests: its file, its ledger and as many chips as a test needs, in a folder of its own.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "emulator/base/hex.hpp"
#include "rss/host/license_server/api.hpp"
#include "tests/support/temporary_folder.hpp"

namespace h7::license_server::test {

struct Chip {
    crypto::KeyPair keys;
    Bytes certificate, uid;
};

inline Chip make_chip(std::uint32_t number, const crypto::PrivateKey& ca = license::test_ca_key()) {
    Chip chip{.keys = *crypto::generate_key_pair(), .certificate = {}, .uid = Bytes(12, 0x20)};
    store_le32(chip.uid, 0, number + 1);
    const auto certificate = image::serialise(*license::issue_certificate(ca, chip.keys.point));
    chip.certificate.assign(certificate.begin(), certificate.end());
    return chip;
}

inline constexpr std::string_view kOperatorToken = "h7l_operator";
inline constexpr std::string_view kAuditorToken = "h7l_auditor";

/// With a firmware key and a nonce in it.
struct Folder : h7::test::TemporaryFolder {
    explicit Folder(Where where = Where::disk) : TemporaryFolder(where) {
        write("key.bin", std::string(16, '\x11'));
        write("nonce.bin", std::string(12, '\x22'));
    }
};

inline constexpr std::string_view kKeyFiles = "key = \"key.bin\"\nnonce = \"nonce.bin\"\ntest_ca = true";

/// One product "motor", one operator "line-3", one auditor.
inline std::string file_text(std::string_view product = "quota = 1000000", std::string_view who = "",
                             std::string_view listen = "", std::string_view keys = kKeyFiles) {
    return fmt::format(
        "ledger = \"ledger.db\"\naudit = \"audit.jsonl\"\n[listen]\nport = 0\n{}\n"
        "[[product]]\nid = \"motor\"\n{}\n{}\n"
        "[[operator]]\nname = \"line-3\"\ntoken_sha256 = \"{}\"\n{}\n"
        "[[operator]]\nname = \"boss\"\nrole = \"auditor\"\ntoken_sha256 = \"{}\"\n",
        listen, keys, product, to_hex(hash_of(kOperatorToken)), who, to_hex(hash_of(kAuditorToken)));
}

/// Everything of a server but the sockets.
struct Office {
    explicit Office(const Folder& folder, const std::string& text = file_text()) {
        folder.write("server.toml", text);
        auto read = read_configuration(folder.at("server.toml"));
        if (!read) throw std::runtime_error(read.error().message);
        configuration = std::move(*read);
        auto opened = Ledger::open(configuration.ledger, Ledger::Use::serve);
        if (!opened) throw std::runtime_error(opened.error().message);
        ledger = std::make_unique<Ledger>(std::move(*opened));
        const auto totals = ledger->walk();
        if (!totals) throw std::runtime_error(totals.error().message);
        auto log = Audit::open(configuration.audit);
        audit = std::move(*log);
        desk = std::make_unique<Desk>(*ledger, *totals, *audit);
        api = std::make_unique<Api>(configuration, *desk, *audit, metrics);
    }

    const Operator& who() const { return configuration.operators.front(); }
    const Product& product() const { return *configuration.products.front(); }
    Answered<Issued> issue(const Chip& chip) {
        return desk->issue(who(), product(), chip.certificate, chip.uid, 0);
    }

    Configuration configuration;
    std::unique_ptr<Ledger> ledger;
    std::unique_ptr<Audit> audit;
    Metrics metrics;
    std::unique_ptr<Desk> desk;
    std::unique_ptr<Api> api;
};

/// Lets no file grow beyond `bytes`; the limit of before when it goes.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

inline std::string request_json(const Chip& chip) {
    return fmt::format(R"({{"product":"motor","certificate":"{}","uid":"{}"}})", to_hex(chip.certificate),
                       to_hex(chip.uid));
}

}  // namespace h7::license_server::test

#include "rss/host/license_server/hsm_settings.hpp"

#include "rss/host/hsm/pkcs11_store.hpp"
#include "rss/host/license_server/hsm_keys.hpp"
#include "rss/host/license_server/paths.hpp"

namespace h7::license_server {
namespace {

namespace fs = std::filesystem;
using settings::Section;

constexpr std::string_view kOfHsm[] = {"passphrase_file", "token", "pkcs11_module", "counter_anchor",
                                       "reserve"};
constexpr std::string_view kInHsm[] = {"key", "nonce", "firmware_id", "ca", "test_ca"};

struct Names {
    fs::path file, passphrase, anchor;
    std::string token, module;
    std::uint32_t reserve = kReserve;
};

Result<Names> names(Section& section, const fs::path& folder, fs::path file) {
    Names out{.file = std::move(file), .passphrase = {}, .anchor = {}, .token = {}, .module = {}};
    for (const std::string_view key : kInHsm)
        if (section.has(key))
            return section.wrong(
                key, "key, nonce, CA and firmware identifier are in the HSM file: leave this line out");
    out.token = TRY(section.text("token", "the label of a PKCS#11 token"))
    .value_or("");
    out.module = TRY(section.text("pkcs11_module", "the path of the token's module"))
    .value_or(std::string(hsm::kSoftHsm));
    if (section.has("pkcs11_module") && out.token.empty())
        return section.wrong("pkcs11_module", "belongs to token = LABEL");
    out.passphrase =
        TRY(needed_path_at(section, "passphrase_file",
                           "a file with the HSM's passphrase, or with the PIN of its token", folder));
    out.anchor = TRY(path_at(section, "counter_anchor", "the HSM's counter anchor", folder));
    if (const auto reserve = TRY(section.number("reserve", 1, kLargestReserve,
                                                "how many licenses to count with one write, 1 to 100000")))
        out.reserve = static_cast<std::uint32_t>(*reserve);
    return out;
}

Result<std::unique_ptr<hsm::Hsm>> open(const Names& names, Use use) {
    TRY(hsm::peek(names.file));  // what is no HSM file needs no passphrase and no PIN
    const hsm::Passphrase secret = TRY(hsm::Passphrase::from_file(names.passphrase));
    auto keys = names.token.empty() ? hsm::passphrase_store(secret)
                                    : TRY(hsm::pkcs11_store({names.module, names.token}, secret));
    hsm::Options options{.read_only = use == Use::check};
    if (!names.anchor.empty()) options.anchor = names.anchor;
    return hsm::Hsm::open(names.file, std::move(keys), std::move(options));
}

/// The place in the server's file in front of what is wrong with the HSM.
Error at(const Section& section, const Error& error) {
    return {error.code, section.wrong("hsm", error.message).message};
}

Result<image::LicenseType> type_of(Section& section, hsm::Purpose purpose) {
    const bool smi = purpose == hsm::Purpose::smi;
    const auto name = TRY(section.text("type", "\"sfi\", \"sfi-live\" or \"smi\""));
    if (!name) return smi ? image::LicenseType::smi_static : image::LicenseType::sfi_static;
    if (*name == "smi" && smi) return image::LicenseType::smi_static;
    if (*name == "sfi" && !smi) return image::LicenseType::sfi_static;
    if (*name == "sfi-live" && !smi) return image::LicenseType::sfi_live;
    return section.wrong("type", smi ? "this HSM makes licenses for modules: \"smi\", or leave type out"
                                     : "this HSM makes licenses for images: \"sfi\" or \"sfi-live\"");
}

}  // namespace

Result<std::optional<HsmProduct>> read_hsm(Section& section, const fs::path& folder, Use use,
                                           std::set<fs::path>& taken) {
    const fs::path file = TRY(path_at(section, "hsm", "an HSM file (h7rss license hsm)", folder));
    if (file.empty()) {
        for (const std::string_view key : kOfHsm)
            if (section.has(key)) return section.wrong(key, "belongs to hsm = FILE, which is missing");
        return std::optional<HsmProduct>();
    }
    std::error_code ignored;
    if (!taken.insert(fs::weakly_canonical(file, ignored)).second)
        return section.wrong("hsm", "another [[product]] has this HSM file: one HSM, one product");
    const Names wanted = TRY(names(section, folder, file));
    auto opened = open(wanted, use);
    if (!opened) return at(section, opened.error());
    const hsm::Info info = (*opened)->info();
    if (info.log.state() != hsm::State::operational)
        return section.wrong("hsm",
                             fmt::format("{}: the HSM is OPEN; provision and lock it first (h7rss license "
                                         "hsm provision, hsm lock)",
                                         file.string()));
    HsmProduct out{.keys = {}, .ca = info.ca};
    const image::LicenseType type = TRY(type_of(section, info.purpose));
    out.keys = TRY(keys_in_hsm(std::move(*opened), file.filename().string(), type, wanted.reserve));
    return std::optional(std::move(out));
}

}  // namespace h7::license_server

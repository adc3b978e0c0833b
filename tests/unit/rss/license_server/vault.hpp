// An HSM file for the server of a test, in the test's folder.
#pragma once

#include "tests/unit/rss/host/hsm/rig.hpp"
#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {

inline constexpr std::string_view kHsmLines = "hsm = \"vault.hsm\"\npassphrase_file = \"pass\"";

/// vault.hsm, OPERATIONAL, with that many licenses; its passphrase in the file pass.
inline void make_vault(const Folder& folder, std::uint32_t counter,
                       std::shared_ptr<hsm::KeyStore> keys = hsm::keys(), hsm::Options options = {}) {
    folder.write("pass", "correct horse\n");
    const auto vault = hsm::Hsm::create(folder.at("vault.hsm"), std::move(keys), std::move(options));
    ASSERT_TRUE(vault) << vault.error().message;
    ASSERT_TRUE((*vault)->provision(hsm::provisioning(counter)));
    ASSERT_TRUE((*vault)->lock());
}

/// The server's file with the HSM as the keys of "motor".
inline std::string hsm_text(std::string_view product = "quota = 1000000", std::string_view more = "") {
    return file_text(product, "", "", fmt::format("{}\n{}", kHsmLines, more));
}

/// What the file itself says, beside whoever has it open.
inline hsm::Info info_of(const Folder& folder) {
    auto vault = hsm::Hsm::open(folder.at("vault.hsm"), hsm::keys(), {.read_only = true});
    if (!vault) throw std::runtime_error(vault.error().message);
    return (*vault)->info();
}

}  // namespace h7::license_server::test

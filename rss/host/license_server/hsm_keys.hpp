// An HSM file, opened by a passphrase or by a PKCS#11 token, as the keys of a product (docs/rss/hsm.md).
//
// The order that makes a crash harmless: the HSM counts on the disk (one write for many licenses, a lease);
// then the license is made; then the ledger holds it on the disk; then it leaves. Whatever dies in between,
// the HSM has counted at least what the ledger holds, and the ledger holds at least what was given.
#pragma once

#include "rss/host/hsm/hsm.hpp"
#include "rss/host/license_server/key_store.hpp"

namespace h7::license_server {

/// What a lost lease may cost, against one write of the HSM file for so many licenses.
inline constexpr std::uint32_t kReserve = 100, kLargestReserve = 100'000;

/// `vault` is OPERATIONAL; the store keeps it, and with it its lock, until it goes. `reserve`: licenses
/// counted with one write, at least 1; more when more requests wait. `name` is what clients see of the HSM.
/// Error (misuse): the keys cannot be used.
Result<std::unique_ptr<KeyStore>> keys_in_hsm(std::unique_ptr<hsm::Hsm> vault, std::string name,
                                              image::LicenseType type, std::uint32_t reserve);

}  // namespace h7::license_server

// Who a new chip is, from the options of the verbs that make one.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "emulator/base/result.hpp"
#include "rss/identity.hpp"

namespace h7::cli {

struct NewIdentity {
    std::string ca;                     // file; empty: the built-in TEST CA
    std::optional<std::uint64_t> seed;  // tests only
};

/// Adds --ca and --seed.
void add_identity_options(CLI::App& command, NewIdentity& options);

struct Drawn {
    rss::Identity identity;
    std::uint64_t ram_seed = 0;
    std::string ca_name;  // who signed the certificate
};
/// A UID, a device key, a certificate and a RAM seed that no other chip has (D-18). Error: names the CA file.
Result<Drawn> draw(const NewIdentity& options);

}  // namespace h7::cli

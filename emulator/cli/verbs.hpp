// All verbs, in the order --help shows them.
#pragma once

#include <span>

#include "emulator/cli/verb.hpp"

namespace h7::cli {

std::span<const Verb> verbs();

void add_chip(CLI::App& command, Action& chosen);
void add_chip_transfer(CLI::App& command, Action& chosen);  // below chip
void add_explain(CLI::App& command, Action& chosen);
void add_kernels(CLI::App& command, Action& chosen);
void add_license(CLI::App& command, Action& chosen);
void add_license_hsm(CLI::App& command, Action& chosen);     // below license
void add_license_ledger(CLI::App& command, Action& chosen);  // below license
void add_license_serve(CLI::App& command, Action& chosen);   // below license
void add_ob(CLI::App& command, Action& chosen);
void add_ob_questions(CLI::App& command, Action& chosen);  // below ob
void add_policy(CLI::App& command, Action& chosen);
void add_registers(CLI::App& command, Action& chosen);
void add_run(CLI::App& command, Action& chosen);
void add_sfi(CLI::App& command, Action& chosen);
void add_sfi_inspect(CLI::App& command, Action& chosen);  // below sfi
void add_sfi_install(CLI::App& command, Action& chosen);  // below sfi
void add_smi(CLI::App& command, Action& chosen);
void add_smi_install(CLI::App& command, Action& chosen);  // below smi
void add_sfi_torture(CLI::App& command, Action& chosen);  // below sfi
void add_smi_torture(CLI::App& command, Action& chosen);  // below smi
void add_version(CLI::App& command, Action& chosen);

}  // namespace h7::cli

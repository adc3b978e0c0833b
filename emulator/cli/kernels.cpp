// h7rss kernels: which AES-GCM implementations this machine can run.
#include <fmt/format.h>

#include <cstdlib>

#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    bool json = false;
};

Result<ExitCode> kernels(const Options& options) {
    std::uint8_t zero_key[16] = {};
    const auto chosen = TRY(aes_gcm::Key::make(zero_key));  // says so when H7RSS_AES_GCM names no kernel
    const char* variable = std::getenv("H7RSS_AES_GCM");
    const bool forced = variable != nullptr && *variable != '\0';
    const std::string_view because =
        forced ? "forced by H7RSS_AES_GCM" : "the first of this list that runs here";
    Json rows = Json::array();
    std::string text;
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels()) {
        const bool used = kernel.name == chosen.kernel_name();
        rows.push_back({{"name", kernel.name},
                        {"available", kernel.available},
                        {"used", used},
                        {"why", used ? because : kernel.why}});
        const std::string remark = !kernel.available ? fmt::format("not on this machine: {}", kernel.why)
                                   : used            ? fmt::format("available, used: {}", because)
                                                     : "available";
        text += fmt::format("{} {:<10} {}\n", used ? '*' : ' ', kernel.name, remark);
    }
    const auto offers = aes_gcm::machine_features();
    text += fmt::format("\nThis machine offers {}.\n", offers.empty()
                                                           ? "nothing that a kernel asks for"
                                                           : fmt::format("{}", fmt::join(offers, ", ")));
    if (options.json)
        print_json("kernels", Json{{"kernels", rows}, {"machine", offers}});
    else
        print(text);
    return ExitCode::done;
}

}  // namespace

void add_kernels(CLI::App& command, Action& chosen) {
    auto options = options_of<Options>(command, chosen, &kernels);
    add_json(command, options->json);
    command.footer("The kernel marked * is used. H7RSS_AES_GCM=NAME in the environment chooses another one.");
}

}  // namespace h7::cli

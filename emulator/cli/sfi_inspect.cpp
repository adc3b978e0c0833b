// h7rss sfi inspect | verify
#include <fmt/format.h>

#include "emulator/base/file.hpp"
#include "emulator/cli/inputs.hpp"
#include "emulator/cli/json.hpp"
#include "emulator/cli/verbs.hpp"
#include "rss/host/package/inspect.hpp"

namespace h7::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string image, key, nonce;
    bool json = false;
};

struct Read {
    Bytes file;
    image::Container container;
    std::optional<package::Opened> opened;

    const package::Opened* inside() const { return opened ? &*opened : nullptr; }
};

Result<void> read(const Options& options, Read& into) {
    into.file = TRY(read_file(options.image, image::kMaxFileBytes));
    auto container = image::parse_sfi(into.file);
    if (!container) return image::to_error(container.error(), options.image);
    into.container = std::move(*container);
    if (options.key.empty()) return {};
    Bytes key = TRY(read_secret(options.key, 16, "a firmware key"));
    Bytes nonce = TRY(read_secret(options.nonce, 12, "a nonce"));
    auto verified = package::verify(into.container, into.file, key, nonce);
    wipe(key);
    wipe(nonce);
    if (!verified) return in_file(options.image, verified.error());
    into.opened = std::move(*verified);
    return {};
}

Result<ExitCode> inspect(const Options& options) {
    if (options.key.empty() != options.nonce.empty()) return misuse("--key and --nonce belong together");
    Read image;
    TRY(read(options, image));
    if (options.json)
        print_json("sfi inspect", package::describe_json(image.container, image.inside()));
    else
        print(package::describe(image.container, image.inside()));
    return ExitCode::done;
}

Result<ExitCode> verify(const Options& options) {
    Read image;
    TRY(read(options, image));
    const std::vector<package::Check> checks = package::checks_of(image.container, *image.opened);
    if (options.json) {
        Json json = package::describe_json(image.container, image.inside());
        json["verified"] = true;
        Json list = Json::array();
        for (const package::Check& check : checks)
            list.push_back({{"what", check.what}, {"result", check.result}});
        json["checks"] = std::move(list);
        print_json("sfi verify", json);
        return ExitCode::done;
    }
    for (const package::Check& check : checks) print(fmt::format("{:<44} {}\n", check.what, check.result));
    print(fmt::format("{}: whole and genuine under this key\n", options.image));
    return ExitCode::done;
}

}  // namespace

void add_sfi_inspect(CLI::App& command, Action& chosen) {
    {
        CLI::App* verb =
            command.add_subcommand("inspect", "print what an image says; with its key, check every tag");
        auto options = options_of<Options>(*verb, chosen, &inspect);
        verb->add_option("image", options->image, "SFI-1 file")->required();
        verb->add_option("--key,-k", options->key, "firmware key, 16 bytes");
        verb->add_option("--nonce,-n", options->nonce, "nonce, 12 bytes");
        add_json(*verb, options->json);
    }
    {
        CLI::App* verb =
            command.add_subcommand("verify", "check an image with its key: tags, hashes, order, sizes");
        auto options = options_of<Options>(*verb, chosen, &verify);
        verb->add_option("image", options->image, "SFI-1 file")->required();
        verb->add_option("--key,-k", options->key, "firmware key, 16 bytes")->required();
        verb->add_option("--nonce,-n", options->nonce, "nonce, 12 bytes")->required();
        add_json(*verb, options->json);
        verb->footer("Exit code: 0 all is well, 2 the first thing that is not, with its byte and code.");
    }
}

}  // namespace h7::cli

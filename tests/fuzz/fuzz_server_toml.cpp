// A license server's file from anybody: refused in one line, or everything in it refers to something.
#include <algorithm>

#include "rss/host/license_server/configuration.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace h7;

namespace {

struct Keys : test::TemporaryFolder {
    Keys() : TemporaryFolder(Where::memory) {
        write("key.bin", std::string(16, '\x11'));
        write("nonce.bin", std::string(12, '\x22'));
        write("chips.txt", std::string_view("230023001051373339393936 # one\n"));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys keys;
    const auto read = license_server::parse_configuration({reinterpret_cast<const char*>(data), size},
                                                          keys.at("server.toml"), license_server::Use::check);
    if (!read) {
        H7_MUST(!read.error().message.empty() && read.error().message.find('\n') == std::string::npos);
        return 0;
    }
    H7_MUST(!read->products.empty() && !read->operators.empty() && !read->ledger.empty());
    H7_MUST(read->listen.loopback() || read->listen.tls() ||
            std::string_view(reinterpret_cast<const char*>(data), size).find("plaintext") !=
                std::string_view::npos);
    for (const auto& product : read->products) {
        H7_MUST(read->product(product->id) == product.get());
        H7_MUST(product->keys != nullptr);
    }
    for (const auto& who : read->operators) {
        H7_MUST(read->holder(who.token) == &who);
        H7_MUST(
            std::ranges::all_of(who.products, [&](const auto& id) { return read->product(id) != nullptr; }));
    }
    return 0;
}

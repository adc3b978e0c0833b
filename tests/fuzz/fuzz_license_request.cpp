// A request to the license server, behind the HTTP library: path, query, token, JSON body or multipart fields
// from anybody. Every answer is one of the documented ones, every refusal says what, where, rule and what to
// do, and no license leaves that the ledger does not hold.
//
// Input: a byte (method, whose token, multipart), then path, query ("a=b&c=d"), header and body in lines.
#include <nlohmann/json.hpp>

#include "tests/fuzz/check.hpp"
#include "tests/unit/rss/license_server/office.hpp"

using namespace h7;
using namespace h7::license_server;
namespace office = h7::license_server::test;

namespace {

using office::kAuditorToken, office::kOperatorToken;

/// A server without an audit log, which would grow.
std::string settings() {
    std::string text = office::file_text("quota = 500\nimage = \"motor.sfi\"");
    const std::string audit = "audit = \"audit.jsonl\"\n";
    return text.erase(text.find(audit), audit.size());
}
struct Target : office::Folder {
    Target() : Folder(Where::memory) { write("motor.sfi", std::string_view("an image")); }
    office::Office server{*this, settings()};
};

std::string next_piece(std::string_view& rest, char end) {
    const std::size_t size = std::min(rest.find(end), rest.size());
    std::string piece(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
    return piece;
}

std::map<std::string, std::string> pairs(std::string_view text, char between) {
    std::map<std::string, std::string> found;
    while (!text.empty()) {
        const std::string one = next_piece(text, between);
        std::string_view value = one;
        std::string name = next_piece(value, '=');
        found[std::move(name)] = value;
    }
    return found;
}

Call call_of(std::uint8_t how, std::string_view text) {
    constexpr std::array kMethods = {"GET", "POST", "PUT", "HEAD"};
    Call call;
    call.method = kMethods[how & 3];
    call.path = next_piece(text, '\n');
    call.query = pairs(next_piece(text, '\n'), '&');
    call.authorization = next_piece(text, '\n');
    if ((how & 4) != 0) call.authorization = "Bearer " + std::string(kOperatorToken);
    if ((how & 8) != 0) call.authorization = "Bearer " + std::string(kAuditorToken);
    call.body = text;
    if ((how & 16) == 0) return call;
    call.parts = pairs(text, '\x1F');
    if (const auto at = call.parts.find("dev_certificate_file"); at != call.parts.end())
        if (const auto bytes = from_hex(at->second)) at->second.assign(bytes->begin(), bytes->end());
    return call;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Target target;
    if (size == 0) return 0;
    const Call call = call_of(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
    const Answer answer = target.server.api->handle(call);
    constexpr std::array kStatuses = {200, 400, 401, 403, 404, 405, 422, 500, 503, 507};
    H7_MUST(std::ranges::find(kStatuses, answer.status) != kStatuses.end());
    H7_MUST(answer.status < 500);
    H7_MUST(answer.body.find(kOperatorToken) == std::string::npos);
    if (answer.type != "application/json") return 0;
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    H7_MUST(json.is_object());
    if (answer.status != 200) {
        for (const char* field : {"code", "what", "where", "rule", "do"}) {
            H7_MUST(json["error"].contains(field));
            H7_MUST(json["error"][field].is_string());
        }
        H7_MUST(!json["error"]["what"].get<std::string>().empty());
        H7_MUST(!json["error"]["do"].get<std::string>().empty());
    } else if (call.path == "/v1/licenses") {
        const auto newest = target.server.ledger->page(json["sequence"].get<std::uint64_t>() + 1, 1);
        H7_MUST(newest && newest->size() == 1);
        H7_MUST(to_hex(newest->front().license) == json["license"].get<std::string>());
    }
    return 0;
}

#include "rss/host/license_server/api.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"

namespace h7::license_server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestImage = 64U << 20;
constexpr std::size_t kPageEntries = 100, kMostEntries = 1000;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Refusal bad(std::string what, std::string where, std::string remedy) {
    return {400, "request", std::move(what), std::move(where), "the API", std::move(remedy)};
}

Refusal no_such(std::string what, std::string where,
                std::string remedy = "see the table of paths in docs/rss/license-server.md") {
    return {404, "not-found", std::move(what), std::move(where), "the API", std::move(remedy)};
}

constexpr const char* kWhichProducts = "GET /v1/products lists those of this token";

/// The token of "Bearer TOKEN" or, for browsers, of "Basic base64(anything:TOKEN)".
std::string token_of(std::string_view header) {
    if (header.starts_with("Bearer ")) return std::string(header.substr(7));
    if (!header.starts_with("Basic ")) return {};
    std::string text;
    std::uint32_t bits = 0, held = 0;
    for (const char c : header.substr(6)) {
        constexpr std::string_view kDigits =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const std::size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos) break;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        text += static_cast<char>((bits >> held) & 0xFFU);
    }
    const std::size_t colon = text.find(':');
    return colon == std::string::npos ? std::string() : text.substr(colon + 1);
}

Answered<Bytes> hex_field(const Json& body, const char* name, std::size_t size) {
    const auto at = body.find(name);
    const std::string how = fmt::format("send {} hexadecimal digits", 2 * size);
    if (at == body.end() || !at->is_string()) return bad(fmt::format("{} is missing", name), name, how);
    auto bytes = from_hex(at->get_ref<const std::string&>());
    if (!bytes) return bad(fmt::format("{} is no hexadecimal text", name), name, how);
    return *bytes;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return value;
}

Json left_of(const Spent& spent) {
    const auto left = spent.left();
    return left ? Json(*left) : Json(nullptr);
}

/// One request's numbers, as nlohmann would print them, without building the tree: this is the busy path.
std::string license_json(const Issued& issued, const Spent& product, const Spent& who) {
    const auto left = [](const Spent& spent) {
        const auto value = spent.left();
        return value ? fmt::format("{}", *value) : std::string("null");
    };
    const Entry& entry = issued.entry;
    return fmt::format(R"({{"sequence":{},"again":{},"product":"{}","uid":"{}","license":"{}","chain":"{}",)"
                       R"("left":{{"product":{},"operator":{}}}}})"
                       "\n",
                       entry.sequence, issued.again, entry.subject.product, to_hex(entry.subject.uid),
                       to_hex(entry.license), to_hex(entry.chain), left(product), left(who));
}

}  // namespace

Answered<const Operator*> Api::caller(const Call& call) const {
    const std::string token = token_of(call.authorization);
    if (token.empty())
        return Refusal{
            401,        "token",
            "no token", "Authorization",
            "tokens",   "send the header Authorization: Bearer TOKEN; h7rss license token makes one"};
    const Operator* who = configuration_.holder(hash_of(token));
    if (who == nullptr)
        return Refusal{401,
                       "token",
                       "this token is not known",
                       "Authorization",
                       "tokens",
                       "ask whoever runs the server to add its hash as an [[operator]]"};
    if (!who->client.empty() && who->client != call.client)
        return Refusal{403,
                       "client-certificate",
                       "this token needs its own TLS client certificate",
                       "TLS",
                       "operator.client",
                       "connect with the certificate whose common name stands in the server's file"};
    return who;
}

Answer Api::refuse(const Call& call, const Refusal& refusal, const Operator* who) {
    metrics_.refused(refusal.code);
    audit_.write("refused", {{"status", refusal.status},
                             {"code", refusal.code},
                             {"what", refusal.what},
                             {"where", refusal.where},
                             {"operator", who == nullptr ? Json(nullptr) : Json(who->name)},
                             {"remote", call.remote},
                             {"request", call.method + " " + call.path}});
    Answer answer{.status = refusal.status};
    answer.ask_for_token = refusal.status == 401;
    answer.body = dump({{"error",
                         {{"code", refusal.code},
                          {"what", refusal.what},
                          {"where", refusal.where},
                          {"rule", refusal.rule},
                          {"do", refusal.remedy}}}});
    return answer;
}

Answer Api::handle(const Call& call) {
    if (call.path == "/healthz" && call.method == "GET") return healthz();
    const auto who = caller(call);
    if (!who) return refuse(call, who.error());
    auto answer = route(call, **who);
    if (!answer) return refuse(call, answer.error(), *who);
    return *answer;
}

Answered<Answer> Api::route(const Call& call, const Operator& who) {
    const std::string& path = call.path;
    const bool get = call.method == "GET", post = call.method == "POST";
    if (path == "/v1/licenses" && post) return licenses(call, who);
    if (path.starts_with("/fw/") && (get || post)) return sample_flow(call, who);
    if (path == "/v1/products" && get) return products(who);
    if ((path == "/v1/ledger" || path == "/v1/ledger/head") && get) return ledger(call, who);
    if (path == "/metrics" && get) {
        if (!who.may_audit())
            return Refusal{403,  "permission", "metrics are for auditors",
                           path, "roles",      "use a token with the role auditor or admin"};
        return Answer{.type = "text/plain; version=0.0.4",
                      .body = metrics_.text(configuration_, desk_, audit_)};
    }
    if (path == "/" && get)
        return Answer{.type = "text/html; charset=utf-8", .body = page(configuration_, desk_, who)};
    for (const std::string_view known :
         {"/v1/licenses", "/v1/products", "/v1/ledger", "/v1/ledger/head", "/metrics", "/", "/healthz"})
        if (path == known)
            return Refusal{405,         "method",  "this path does not know that method",
                           call.method, "the API", path == "/v1/licenses" ? "use POST" : "use GET"};
    return no_such("there is nothing here", path);
}

Answered<Answer> Api::licenses(const Call& call, const Operator& who) {
    const Json body = Json::parse(call.body, nullptr, false);
    if (!body.is_object())
        return bad("the body is no JSON object", "body",
                   R"(send {"product": .., "certificate": HEX, "uid": HEX})");
    for (const auto& [name, value] : body.items())
        if (name != "product" && name != "certificate" && name != "uid" && name != "session")
            return bad(fmt::format("unknown field \"{}\"", name), name,
                       "there are product, certificate, uid and session");
    const auto id = body.find("product");
    if (id == body.end() || !id->is_string()) return bad("product is missing", "product", "name the product");
    const Product* product = configuration_.product(id->get_ref<const std::string&>());
    if (product == nullptr) return no_such("no such product", id->get<std::string>(), kWhichProducts);
    const auto certificate = hex_field(body, "certificate", image::kCertificateBytes);
    if (!certificate) return certificate.error();
    const auto uid = hex_field(body, "uid", crypto::kUidBytes);
    if (!uid) return uid.error();
    std::uint32_t session = 0;
    if (const auto at = body.find("session"); at != body.end()) {
        if (!at->is_number_unsigned() || at->get<std::uint64_t>() > 0xFFFF'FFFF)
            return bad("session is no 32-bit number", "session", "send the chip's session number");
        session = at->get<std::uint32_t>();
    }
    const auto issued = desk_.issue(who, *product, *certificate, *uid, session, call.remote);
    if (!issued) return issued.error();
    return Answer{.body = license_json(*issued, desk_.spent(*product), desk_.spent(who))};
}

// GET  /fw/{sfi|smi}/{id}/get/image?user=..      the encrypted image
// POST /fw/{sfi|smi}/{id}/get/license?user=..    136 bytes, from multipart fields
Answered<Answer> Api::sample_flow(const Call& call, const Operator& who) {
    std::vector<std::string_view> words;
    for (std::string_view rest = call.path; !rest.empty();) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('/'), rest.size());
        words.push_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    const bool image = words.size() == 5 && words[3] == "get" && words[4] == "image";
    const bool license = words.size() == 5 && words[3] == "get" && words[4] == "license";
    if ((!image && !license) || (words[1] != "sfi" && words[1] != "smi"))
        return no_such("there is nothing here", call.path);
    if (call.method != (image ? "GET" : "POST"))
        return Refusal{405,         "method",  "this path does not know that method",
                       call.method, "the API", image ? "use GET" : "use POST"};
    const Product* product = configuration_.product(words[2]);
    if (product == nullptr || product->smi() != (words[1] == "smi"))
        return no_such(fmt::format("no such {} product", words[1]), std::string(words[2]), kWhichProducts);
    if (const auto user = call.query.find("user"); user != call.query.end() && user->second != who.name)
        return Refusal{403,    "permission", "the token belongs to another user",
                       "user", "tokens",     "send the token of the user, or leave user out"};
    if (!who.may_operate() || !who.may_use(product->id))
        return Refusal{403,         "permission", "this token may not use this product",
                       product->id, "roles",      "use a token whose [[operator]] names the product"};
    if (image) {
        if (product->image.empty())
            return no_such("this product has no image here", product->id,
                           "whoever runs the server adds image = FILE to the [[product]]");
        const auto bytes = read_file(product->image, kLargestImage);
        if (!bytes)
            return Refusal{500,
                           "image",
                           "the image cannot be read",
                           product->id,
                           "image of the [[product]]",
                           bytes.error().message};
        return Answer{.type = "application/octet-stream", .body = std::string(bytes->begin(), bytes->end())};
    }
    const auto certificate = call.parts.find("dev_certificate_file");
    if (certificate == call.parts.end())
        return bad("the part dev_certificate_file is missing", "dev_certificate_file",
                   "send multipart/form-data with the chip's certificate and its UID");
    const auto field = call.parts.find("uid"), asked = call.query.find("uid");
    if (field == call.parts.end() && asked == call.query.end())
        return bad("the UID is missing", "uid",
                   "add the field uid, 24 hexadecimal digits: LIC-1 binds a license to it");
    const auto uid = license::parse_uid(field != call.parts.end() ? field->second : asked->second);
    if (!uid) return bad("uid: 24 hexadecimal digits are needed", "uid", "h7rss chip certificate prints it");
    std::uint32_t session = 0;
    if (const auto at = call.parts.find("session"); at != call.parts.end()) {
        const auto number = number_of(at->second);
        if (!number || *number > 0xFFFF'FFFF)
            return bad("session is no 32-bit number", "session", "send the chip's session number");
        session = static_cast<std::uint32_t>(*number);
    }
    const auto issued = desk_.issue(who, *product, bytes_of(certificate->second), *uid, session, call.remote);
    if (!issued) return issued.error();
    const auto& bytes = issued->entry.license;
    return Answer{.type = "application/octet-stream", .body = std::string(bytes.begin(), bytes.end())};
}

Answered<Answer> Api::products(const Operator& who) const {
    Json list = Json::array();
    for (const auto& product : configuration_.products) {
        if (!who.may_use(product->id)) continue;
        const Spent spent = desk_.spent(*product);
        list.push_back({{"id", product->id},
                        {"kind", product->smi() ? "smi" : "sfi"},
                        {"quota", product->quota},
                        {"used", spent.used},
                        {"left", left_of(spent)},
                        {"keys", product->keys->left() ? "hsm" : "file"},
                        {"image", !product->image.empty()}});
    }
    const Spent own = desk_.spent(who);
    return Answer{.body = dump({{"products", list},
                                {"operator",
                                 {{"name", who.name},
                                  {"role", name_of(who.role)},
                                  {"used", own.used},
                                  {"left", left_of(own)}}}})};
}

Answered<Answer> Api::ledger(const Call& call, const Operator& who) const {
    if (!who.may_audit())
        return Refusal{403,       "permission", "the ledger is for auditors",
                       call.path, "roles",      "use a token with the role auditor or admin"};
    std::uint64_t before = 0, most = kPageEntries;
    for (const auto& [name, value] : call.query) {
        const auto number = number_of(value);
        if ((name != "before" && name != "limit") || !number)
            return bad(fmt::format("'{}={}' is not understood", name, value), name,
                       "there are before=N and limit=N, whole numbers");
        (name == "before" ? before : most) = *number;
    }
    const bool head = call.path.ends_with("/head");
    const auto entries = desk_.ledger().page(before, head ? 1 : std::min<std::size_t>(most, kMostEntries));
    if (!entries)
        return Refusal{500,      "ledger",     entries.error().message,
                       "ledger", "the ledger", "stop the server and run h7rss license ledger verify"};
    if (head) {
        const bool empty = entries->empty();
        return Answer{.body =
                          dump({{"sequence", empty ? 0 : entries->front().sequence},
                                {"chain", empty ? Json(nullptr) : Json(to_hex(entries->front().chain))}})};
    }
    std::string list;
    for (const Entry& entry : *entries) list += (list.empty() ? "" : ",") + json_of(entry);
    return Answer{.body = "{\"entries\":[" + list + "]}\n"};
}

Answer Api::healthz() const {
    std::string_view status = "ok";
    if (!desk_.healthy()) status = "the ledger's disk failed: restart";
    for (const auto& product : configuration_.products)
        if (!product->keys->healthy()) status = "an HSM file could not be written: restart";
    return Answer{.status = status == "ok" ? 200 : 503, .body = dump({{"status", status}})};
}

}  // namespace h7::license_server

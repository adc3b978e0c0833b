// Entries as people and programs read them.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/base/hex.hpp"
#include "rss/host/license_server/ledger.hpp"

namespace h7::license_server {
namespace {

std::string_view type_name(std::uint32_t type) {
    return type == 1 ? "sfi" : type == 2 ? "sfi-live" : type == 3 ? "smi" : "?";
}

/// A field of RFC 4180. A spreadsheet must not take a name for a formula.
std::string csv_field(std::string_view text) {
    std::string field = "\"";
    if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos) field += '\'';
    for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
    return field + '"';
}

}  // namespace

std::string utc(std::uint64_t milliseconds) {
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds % 1000);
}

std::string json_of(const Entry& entry) {
    const Subject& subject = entry.subject;
    return nlohmann::ordered_json{{"sequence", entry.sequence},
                                  {"time", utc(entry.milliseconds)},
                                  {"milliseconds", entry.milliseconds},
                                  {"product", subject.product},
                                  {"operator", entry.operator_name},
                                  {"type", type_name(subject.type)},
                                  {"session", subject.session},
                                  {"uid", to_hex(subject.uid)},
                                  {"certificate", to_hex(subject.certificate)},
                                  {"license", to_hex(entry.license)},
                                  {"chain", to_hex(entry.chain)}}
        .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string csv_header() {
    return "sequence,time,milliseconds,product,operator,type,session,uid,certificate,license,chain";
}

std::string csv_of(const Entry& entry) {
    const Subject& subject = entry.subject;
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{}", entry.sequence, utc(entry.milliseconds),
                       entry.milliseconds, csv_field(subject.product), csv_field(entry.operator_name),
                       type_name(subject.type), subject.session, to_hex(subject.uid),
                       to_hex(subject.certificate), to_hex(entry.license), to_hex(entry.chain));
}

}  // namespace h7::license_server

// A page for a person. No scripts, no forms: it only shows.
#include <fmt/format.h>

#include "emulator/base/hex.hpp"
#include "rss/host/license_server/api.hpp"

namespace h7::license_server {
namespace {

constexpr std::size_t kLastEntries = 20;
constexpr std::string_view kHead =
    "<!doctype html><html lang=en><meta charset=utf-8><title>h7rss licenses</title><style>"
    "body{font:15px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
    "td,th{border:1px solid #bbb;padding:.3em .7em;text-align:left}</style><h1>Licenses</h1>";

std::string left_text(const Spent& spent) {
    const auto left = spent.left();
    return left ? fmt::format("{}", *left) : "no limit of his own";
}

}  // namespace

// Names are letters, digits, '-', '_' and '.' (configuration.cpp): nothing needs escaping. Names in an old
// ledger are not ours to trust.
std::string page(const Configuration& configuration, const Desk& desk, const Operator& who) {
    const auto shown = [](std::string_view name) {
        std::string text;
        for (const char c : name) text += c == '<' || c == '&' || c == '>' ? '?' : c;
        return text;
    };
    std::string out(kHead);
    out += fmt::format("<p>{}: {}, {}</p>", shown(who.name), name_of(who.role),
                       desk.healthy() ? "licenses can be given" : "the ledger's disk failed: restart");
    out += "<table><tr><th>product<th>given<th>left";
    for (const auto& product : configuration.products) {
        if (!who.may_use(product->id)) continue;
        const Spent spent = desk.spent(*product);
        out += fmt::format("<tr><td>{}<td>{}<td>{}", product->id, spent.used, left_text(spent));
    }
    out += "</table>";
    if (!who.may_audit()) return out + "\n";
    out += "<table><tr><th>operator<th>given<th>left";
    for (const Operator& one : configuration.operators) {
        const Spent spent = desk.spent(one);
        out += fmt::format("<tr><td>{}<td>{}<td>{}", one.name, spent.used, left_text(spent));
    }
    out += "</table><table><tr><th>#<th>time<th>product<th>operator<th>UID";
    if (const auto entries = desk.ledger().page(0, kLastEntries))
        for (const Entry& entry : *entries)
            out += fmt::format("<tr><td>{}<td>{}<td>{}<td>{}<td>{}", entry.sequence, utc(entry.milliseconds),
                               shown(entry.subject.product), shown(entry.operator_name),
                               to_hex(entry.subject.uid));
    return out + "</table>\n";
}

}  // namespace h7::license_server

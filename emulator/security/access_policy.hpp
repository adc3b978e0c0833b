// Who may do what with flash contents: one table, first matching row decides, the last row fits everything.
// Pure: no state, no clock, no device. The row's id is printed in every refusal ("refused by secure-read,
// F-229"), is the anchor in docs/security/policy.md and appears in tests/policy/policy.csv, which a person
// reviews against the manual.
#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/fabric/access.hpp"
#include "emulator/security/life_cycle.hpp"

namespace h7::security {

/// What is at an address. RSS private memory is rss1 and system2 (D-07).
enum class Region : std::uint8_t { user, rss1, system1, system2, reserved };
/// `erase` is judged for a whole sector: pcrop and secure mean that the sector touches such an area (F-083).
/// `checksum` is a read of the CRC unit. `any` is for rows only.
enum class Action : std::uint8_t { read, fetch, program, erase, checksum, any };
enum class By : std::uint8_t { cm7, cm4, dma, debugger, any };

/// What valid secure-only areas do: nothing on parts without the mode (D-02), closed to everybody while
/// SECURITY is 0 (D-03), or open to secure code.
enum class SecureOnly : std::uint8_t { without_effect, sealed, gated };

/// Facts about the touched bytes. The three protections are those of user flash.
struct Place {
    Region region = Region::user;
    bool pcrop = false;
    bool secure = false;
    bool write_protected = false;
    friend constexpr bool operator==(const Place&, const Place&) = default;
};
struct Request {
    Action action = Action::read;
    By by = By::cm7;
    Context code = Context::application;  // looked at for the CM7 only (D-21)
};
/// Facts about the chip.
struct Protection {
    Rdp rdp = Rdp::level0;
    bool intrusion = false;  // F-198
    SecureOnly secure_only = SecureOnly::gated;
};

/// What the master sees. Write-side refusals are always `dropped`: never a bus error (F-068).
enum class Answer : std::uint8_t { done, zero, dropped, bus_error };
enum class Flag : std::uint8_t { none, wrperr, rdperr, rdserr, crcrderr };
struct Verdict {
    Answer answer = Answer::done;
    Flag flag = Flag::none;
    friend constexpr bool operator==(const Verdict&, const Verdict&) = default;
};

inline constexpr Verdict allow{Answer::done, Flag::none};
constexpr Verdict zero(Flag flag) { return {Answer::zero, flag}; }
constexpr Verdict drop(Flag flag) { return {Answer::dropped, flag}; }
constexpr Verdict refuse(Flag flag) { return {Answer::bus_error, flag}; }

constexpr By by(Master master) {
    if (master == Master::cm7) return By::cm7;
    if (master == Master::cm4) return By::cm4;
    return is_debugger(master) ? By::debugger : By::dma;
}

/// The bytes a row speaks about.
enum class Where : std::uint8_t {
    user,
    pcrop,
    secure,
    wrp_sector,
    bank1_system,
    rss_memory,
    system2,
    system,
    reserved,
    any
};

constexpr bool within(Where where, const Place& place) {
    const bool user = place.region == Region::user;
    switch (where) {
        case Where::user:
            return user;
        case Where::pcrop:
            return user && place.pcrop;
        case Where::secure:
            return user && place.secure;
        case Where::wrp_sector:
            return user && place.write_protected;
        case Where::bank1_system:
            return place.region == Region::rss1 || place.region == Region::system1;
        case Where::rss_memory:
            return place.region == Region::rss1 || place.region == Region::system2;
        case Where::system2:
            return place.region == Region::system2;
        case Where::system:
            return !user && place.region != Region::reserved;
        case Where::reserved:
            return place.region == Region::reserved;
        case Where::any:
            return true;
    }
    return false;
}

using Condition = bool (*)(const Protection&, const Request&);
namespace when {
constexpr bool always(const Protection&, const Request&) { return true; }
constexpr bool intruded(const Protection& p, const Request&) { return p.rdp == Rdp::level1 && p.intrusion; }
constexpr bool sealed(const Protection& p, const Request&) { return p.secure_only == SecureOnly::sealed; }
constexpr bool in_effect(const Protection& p, const Request&) {
    return p.secure_only != SecureOnly::without_effect;
}
constexpr bool rss(const Protection&, const Request& r) { return r.by == By::cm7 && r.code == Context::rss; }
constexpr bool not_rss(const Protection& p, const Request& r) { return !rss(p, r); }
/// ST's code in system flash: the RSS or the bootloader.
constexpr bool not_st_code(const Protection& p, const Request& r) {
    return not_rss(p, r) && !(r.by == By::cm7 && r.code == Context::bootloader);
}
/// D-05: the CM7 while the user-secure gate is open, or the RSS.
constexpr bool secure_code(const Protection& p, const Request& r) {
    return p.secure_only == SecureOnly::gated &&
           (rss(p, r) || (r.by == By::cm7 && r.code == Context::secure_user));
}
constexpr bool not_secure_code(const Protection& p, const Request& r) {
    return in_effect(p, r) && !secure_code(p, r);
}
}  // namespace when

struct Rule {
    std::string_view id;
    Where where;
    Action action;
    By by;
    Condition when;
    Verdict verdict;
    std::string_view cite;
};

// clang-format off
inline constexpr Rule kFlashPolicy[] = {
//   id                      where                action            by            when                   verdict                  rule
    {"reserved-read",        Where::reserved,     Action::read,     By::any,      when::always,          refuse(Flag::none),      "A-48"},
    {"reserved-fetch",       Where::reserved,     Action::fetch,    By::any,      when::always,          refuse(Flag::none),      "A-48"},
    {"reserved-program",     Where::reserved,     Action::program,  By::any,      when::always,          drop(Flag::wrperr),      "F-029"},
    {"reserved-erase",       Where::reserved,     Action::erase,    By::any,      when::always,          drop(Flag::wrperr),      "F-026"},
    {"reserved-checksum",    Where::reserved,     Action::checksum, By::any,      when::always,          zero(Flag::crcrderr),    "F-107"},

    {"system-checksum",      Where::system,       Action::checksum, By::any,      when::always,          zero(Flag::crcrderr),    "F-107"},
    {"cm4-system-read",      Where::system,       Action::read,     By::cm4,      when::always,          refuse(Flag::none),      "D-01"},
    {"cm4-system-fetch",     Where::system,       Action::fetch,    By::cm4,      when::always,          refuse(Flag::none),      "D-01"},
    {"rss-read",             Where::rss_memory,   Action::read,     By::any,      when::not_rss,         zero(Flag::rdserr),      "D-08"},
    {"rss-fetch",            Where::rss_memory,   Action::fetch,    By::any,      when::not_rss,         refuse(Flag::rdserr),    "D-08"},
    {"system1-program",      Where::bank1_system, Action::program,  By::any,      when::always,          drop(Flag::wrperr),      "F-071"},
    {"system1-erase",        Where::bank1_system, Action::erase,    By::any,      when::always,          drop(Flag::wrperr),      "F-023"},
    {"system2-program",      Where::system2,      Action::program,  By::any,      when::not_st_code,     drop(Flag::wrperr),      "F-072"},
    {"system2-erase",        Where::system2,      Action::erase,    By::any,      when::not_st_code,     drop(Flag::wrperr),      "F-073"},
    {"system2-by-st-code",   Where::system2,      Action::any,      By::cm7,      when::always,          allow,                   "F-072"},
    {"system1",              Where::bank1_system, Action::any,      By::any,      when::always,          allow,                   "D-07"},

    {"level1-read",          Where::user,         Action::read,     By::any,      when::intruded,        refuse(Flag::rdperr),    "F-200"},
    {"level1-fetch",         Where::user,         Action::fetch,    By::any,      when::intruded,        refuse(Flag::rdperr),    "F-238"},
    {"level1-program",       Where::user,         Action::program,  By::any,      when::intruded,        drop(Flag::wrperr),      "F-086"},
    {"level1-erase",         Where::user,         Action::erase,    By::any,      when::intruded,        drop(Flag::wrperr),      "F-086"},
    {"level1-checksum",      Where::user,         Action::checksum, By::any,      when::intruded,        zero(Flag::crcrderr),    "A-19"},

    {"sealed-read",          Where::secure,       Action::read,     By::any,      when::sealed,          zero(Flag::rdserr),      "D-03"},
    {"sealed-fetch",         Where::secure,       Action::fetch,    By::any,      when::sealed,          refuse(Flag::rdserr),    "D-03"},
    {"sealed-program",       Where::secure,       Action::program,  By::any,      when::sealed,          drop(Flag::wrperr),      "D-03"},
    {"sealed-erase",         Where::secure,       Action::erase,    By::any,      when::sealed,          drop(Flag::wrperr),      "D-03"},

    // Both filters apply to an address in both areas (F-237): the secure-only rows come first and only refuse.
    {"secure-read",          Where::secure,       Action::read,     By::any,      when::not_secure_code, zero(Flag::rdserr),      "F-229"},
    {"secure-fetch",         Where::secure,       Action::fetch,    By::any,      when::not_secure_code, refuse(Flag::rdserr),    "F-230"},
    {"secure-program",       Where::secure,       Action::program,  By::any,      when::not_secure_code, drop(Flag::wrperr),      "F-231"},
    {"secure-erase",         Where::secure,       Action::erase,    By::any,      when::not_secure_code, drop(Flag::wrperr),      "F-232"},
    {"secure-checksum",      Where::secure,       Action::checksum, By::any,      when::in_effect,       zero(Flag::crcrderr),    "F-119"},

    {"pcrop-execute",        Where::pcrop,        Action::fetch,    By::cm7,      when::always,          allow,                   "F-219"},
    {"pcrop-fetch-others",   Where::pcrop,        Action::fetch,    By::any,      when::always,          zero(Flag::rdperr),      "F-224"},
    {"pcrop-read",           Where::pcrop,        Action::read,     By::any,      when::always,          zero(Flag::rdperr),      "F-220"},
    {"pcrop-program",        Where::pcrop,        Action::program,  By::any,      when::not_rss,         drop(Flag::wrperr),      "F-221"},
    {"pcrop-erase",          Where::pcrop,        Action::erase,    By::any,      when::always,          drop(Flag::wrperr),      "F-222"},
    {"pcrop-checksum",       Where::pcrop,        Action::checksum, By::any,      when::always,          zero(Flag::crcrderr),    "F-119"},

    {"wrp-program",          Where::wrp_sector,   Action::program,  By::any,      when::always,          drop(Flag::wrperr),      "F-191"},
    {"wrp-erase",            Where::wrp_sector,   Action::erase,    By::any,      when::always,          drop(Flag::wrperr),      "F-191"},

    {"pcrop-by-st-library",  Where::pcrop,        Action::program,  By::cm7,      when::rss,             allow,                   "F-221"},
    {"secure-open",          Where::secure,       Action::any,      By::cm7,      when::secure_code,     allow,                   "F-228"},
    {"otherwise",            Where::any,          Action::any,      By::any,      when::always,          allow,                   "F-236"},
};
// clang-format on

/// The row that decides.
constexpr const Rule& rule_for(const Protection& chip, const Place& place, const Request& request) {
    for (const Rule& rule : kFlashPolicy) {
        if (rule.action != Action::any && rule.action != request.action) continue;
        if (rule.by != By::any && rule.by != request.by) continue;
        if (within(rule.where, place) && rule.when(chip, request)) return rule;
    }
    __builtin_unreachable();  // the last row fits everything
}
constexpr Verdict decide(const Protection& chip, const Place& place, const Request& request) {
    return rule_for(chip, place, request).verdict;
}

/// rule_for() looked up in a table that the compiler filled with all states: what the flash interface asks on
/// every access.
const Rule& decided_rule(const Protection& chip, const Place& place, const Request& request);

static_assert(decide({}, {.pcrop = true}, {Action::fetch, By::cm7}) == allow);
static_assert(decide({}, {.secure = true}, {Action::read, By::cm7}) == zero(Flag::rdserr));
static_assert(decide({}, {.secure = true}, {Action::read, By::cm7, Context::secure_user}) == allow);
static_assert(decide({}, {.pcrop = true, .secure = true}, {Action::read, By::cm7, Context::secure_user}) ==
              zero(Flag::rdperr));

/// "WRPERR", "RDPERR"; "" for none.
std::string_view name_of(Flag flag);
std::string_view name_of(Action action);

}  // namespace h7::security

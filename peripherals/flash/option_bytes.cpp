#include "peripherals/flash/option_bytes.hpp"

#include "emulator/security/rule_text.hpp"

namespace h7::flash {
namespace {

using security::Area;
using security::Rdp;

constexpr std::string_view kPcropName[] = {"PROT_AREA1", "PROT_AREA2"};
constexpr std::string_view kSecureName[] = {"SEC_AREA1", "SEC_AREA2"};
constexpr std::string_view kDmepName[] = {"DMEP1", "DMEP2"};
constexpr std::string_view kDmesName[] = {"DMES1", "DMES2"};

/// The sentence comes with the rule (emulator/security/rule_text).
ChangeRefusal refusal(std::string_view field, std::string_view rule) {
    return {field, security::sentence_of(rule), rule};
}

bool dme(const OptionWords& cur, const OptionWords& prg, OptionWord word) {
    return security::erased_with_protections(cur[word]) || security::erased_with_protections(prg[word]);
}

/// DME taken away: F-166, F-170. Binds the RSS too.
bool drops_dme(const OptionWords& cur, const OptionWords& prg, OptionWord word) {
    return security::erased_with_protections(cur[word]) && !security::erased_with_protections(prg[word]);
}

std::optional<ChangeRefusal> refuse_pcrop(const OptionWords& cur, const OptionWords& prg, unsigned bank,
                                          Asker asker, bool regression, const OptionTraits& part) {
    const bool smaller = !pcrop_of(prg, bank, part).covers(pcrop_of(cur, bank, part));
    if (smaller && asker != Asker::rss && !(regression && dme(cur, prg, prar(bank))))
        return refusal(kPcropName[bank], "F-164");
    if (drops_dme(cur, prg, prar(bank)) && !regression) return refusal(kDmepName[bank], "F-166");
    return std::nullopt;
}

std::optional<ChangeRefusal> refuse_secure(const OptionWords& cur, const OptionWords& prg, unsigned bank,
                                           Asker asker, bool regression, const OptionTraits& part) {
    if (!part.security_capable) return std::nullopt;  // D-02: stored, no effect
    const Area now = secure_of(cur, bank, part);
    const Area then = secure_of(prg, bank, part);
    if (now != then && asker == Asker::application) {
        if (then.valid()) return refusal(kSecureName[bank], now.valid() ? "F-168" : "F-167");
        if (!(regression && dme(cur, prg, scar(bank)))) return refusal(kSecureName[bank], "F-168");
    }
    if (drops_dme(cur, prg, scar(bank)) && !regression) return refusal(kDmesName[bank], "F-170");
    return std::nullopt;
}

/// F-172, F-173, A-10.
std::optional<ChangeRefusal> refuse_security(const OptionWords& cur, const OptionWords& prg, bool regression,
                                             const OptionTraits& part) {
    if ((cur[kOptsr] & optsr::kSecurity) == 0 || (prg[kOptsr] & optsr::kSecurity) != 0) return std::nullopt;
    for (unsigned bank = 0; bank < 2; ++bank) {
        if (!pcrop_of(cur, bank, part).valid() && !secure_of(cur, bank, part).valid()) continue;
        if (!regression || !dme(cur, prg, prar(bank)) || !dme(cur, prg, scar(bank)))
            return refusal("SECURITY", "F-173");
    }
    return std::nullopt;
}

}  // namespace

Rdp rdp_of(const OptionWords& words) { return security::decode_rdp(extract(words[kOptsr], 15, 8)); }

Area pcrop_of(const OptionWords& words, unsigned bank, const OptionTraits& part) {
    return security::area_of(words[prar(bank)], part.bank_size);
}

Area secure_of(const OptionWords& words, unsigned bank, const OptionTraits& part) {
    return part.security_capable ? security::area_of(words[scar(bank)], part.bank_size) : Area{};
}

std::optional<ChangeRefusal> refuse_change(const OptionWords& cur, const OptionWords& prg, Asker asker,
                                           const OptionTraits& part) {
    if (rdp_of(cur) == Rdp::level2) {  // F-160, A-24
        OptionWords swapped = cur;
        swapped[kOptsr] ^= optsr::kSwapBank;
        if (prg != swapped) return refusal("RDP", "F-160");
        return std::nullopt;
    }
    const bool regression = is_regression(cur, prg);
    for (unsigned bank = 0; bank < 2; ++bank) {
        if (auto no = refuse_pcrop(cur, prg, bank, asker, regression, part)) return no;
        if (auto no = refuse_secure(cur, prg, bank, asker, regression, part)) return no;
    }
    return refuse_security(cur, prg, regression, part);
}

bool is_regression(const OptionWords& cur, const OptionWords& prg) {
    return security::is_regression(rdp_of(cur), rdp_of(prg));
}

std::uint32_t sectors_kept(const OptionWords& cur, const OptionWords& prg, unsigned bank,
                           const OptionTraits& part) {
    return security::kept_sectors({pcrop_of(cur, bank, part), dme(cur, prg, prar(bank))},
                                  {secure_of(cur, bank, part), dme(cur, prg, scar(bank))},
                                  part.bank_size / security::kSector);
}

bool removal_requested(const OptionWords& cur, const OptionWords& prg, unsigned banks,
                       const OptionTraits& part) {
    if (rdp_of(cur) == Rdp::level2) return false;  // F-160 (decision 0035)
    OptionWords rest = prg;  // what is left of the request when the removals are taken out
    bool asked = false;
    for (unsigned bank = 0; bank < 2; ++bank) {
        if ((banks >> bank & 1U) == 0) continue;
        const bool pcrop_gone =
            !pcrop_of(prg, bank, part).valid() &&
            (!pcrop_of(cur, bank, part).valid() || security::erased_with_protections(prg[prar(bank)]));
        const bool secure_gone =
            !secure_of(prg, bank, part).valid() &&
            (!secure_of(cur, bank, part).valid() || security::erased_with_protections(prg[scar(bank)]));
        const bool writable = (prg[wpsn(bank)] & 0xFFU) == 0xFF;
        if (!pcrop_gone || !secure_gone || !writable) return false;
        for (const OptionWord word : {prar(bank), scar(bank), wpsn(bank)}) {
            asked = asked || prg[word] != cur[word];
            rest[word] = cur[word];
        }
    }
    return asked && rest == cur;
}

}  // namespace h7::flash

#include "emulator/security/rule_text.hpp"

#include <algorithm>
#include <iterator>

namespace h7::security {
namespace {

// clang-format off
constexpr RuleText kTexts[] = {
    // contents: the rows of kFlashPolicy
    {"F-023", "4.3.4",         "system flash bank 1 is never erased"},
    {"F-026", "4.3.4",         "there is no such sector on this part"},
    {"F-029", "4.7.2",         "there is no flash at this address"},
    {"F-071", "4.3.9",         "system flash bank 1 is never programmed"},
    {"F-072", "4.3.9",         "system flash bank 2 is programmed by ST's code only"},
    {"F-073", "4.9.27",        "the special sectors of bank 2 are erased by ST's code only"},
    {"F-086", "4.7.2",         "RDP level 1 with intrusion: user flash is neither programmed nor erased"},
    {"F-107", "4.3.12",        "the CRC unit reads user flash only"},
    {"F-119", "4.3.12",        "protected bytes enter the CRC as zeros"},
    {"F-191", "4.5.2",         "the sector is write-protected: neither programmed nor erased, by anybody"},
    {"F-200", "4.5.3",         "RDP level 1 with intrusion: nobody reads user flash"},
    {"F-219", "4.5.4",         "a PCROP area is executed by the CM7"},
    {"F-220", "4.5.4, 4.7.8",  "a PCROP area is never read as data, not even by code inside it"},
    {"F-221", "4.5.4, 4.7.2",  "a PCROP area is programmed by ST's library only"},
    {"F-222", "4.5.4",         "a sector that a PCROP area touches is not erased while the area exists"},
    {"F-224", "4.5.4",         "the CM4 cannot execute from a PCROP area: it fetches zeros"},
    {"F-228", "4.5.5",         "secure code of the CM7 reads, executes, programs and erases a secure-only area"},
    {"F-229", "4.5.5, 4.7.9",  "a secure-only area is read by secure code of the CM7 only"},
    {"F-230", "4.5.5, 4.7.12", "a secure-only area is executed by secure code of the CM7 only"},
    {"F-231", "4.5.5, 4.7.2",  "a secure-only area is programmed by secure code of the CM7 only"},
    {"F-232", "4.5.5",         "a sector that a secure-only area touches is erased by secure code of the CM7 only"},
    {"F-236", "4.5",           "no protection covers this address"},
    {"F-238", "4.5.3",         "RDP level 1 with intrusion: nobody executes user flash"},
    {"A-19",  "4.3.12",        "RDP level 1 with intrusion: the CRC unit sees zeros"},
    {"A-48",  "4.7.2",         "there is no flash at this address"},
    {"D-01",  "",              "the CM4 has no path to system flash, the unique ID included"},
    {"D-03",  "",              "a secure-only area while SECURITY is 0 is closed to everybody: nobody can open it"},
    {"D-07",  "",              "system flash bank 1 is read and executed, the memory of the RSS by the RSS only"},
    {"D-08",  "",              "the memory of the RSS is closed to everybody but the RSS"},
    // contents: what else keeps an access from happening
    {"F-035", "4.7.7",         "one wrong bit in the flash word was corrected"},
    {"F-036", "4.7.7",         "the flash word has a double ECC error until its sector is erased"},
    {"F-043", "4.3.8",         "the bank is programming or erasing; the access waits"},
    {"D-12",  "",              "programming a word that is not erased spoils its ECC: it reads as a bus error until erased"},
    // erases of more than a sector
    {"F-081", "4.3.10",        "a bank erase takes the whole user flash of the bank"},
    {"F-085", "4.5.2, 4.5.4",  "a plain bank or mass erase needs a bank without any protection"},
    {"F-088", "4.3.10",        "the whole bank goes, protected sectors included, and its protections with it"},
    {"F-092", "4.3.10, 4.9.7", "a mass erase is a bank erase of both banks"},
    {"F-093", "4.3.10",        "both banks go, protected sectors included, and their protections with them"},
    // option changes: field and reason come with the refusal itself
    {"F-160", "4.4.3, 4.5.3",  "at RDP level 2 only SWAP_BANK_OPT can change"},
    {"F-164", "4.4.3",         "a PCROP area shrinks or goes only with a regression or an erase with protection removal, DMEP=1"},
    {"F-165", "4.5.4, 4.9.12", "the limits of PCROP areas are written by the CM7 only"},
    {"F-166", "4.4.3",         "DMEP is cleared only in a regression or with an erase with protection removal"},
    {"F-167", "4.4.3, 4.5.5",  "a secure-only area is created by secure code of the CM7 only"},
    {"F-168", "4.4.3, 4.5.5",  "others than secure code may only remove a secure-only area, with a regression or an erase with protection removal, DMES=1"},
    {"F-169", "4.9.14",        "the limits of secure-only areas are written by the CM7 only"},
    {"F-170", "4.4.3",         "DMES is cleared only in a regression or with an erase with protection removal"},
    {"F-172", "4.4.3",         "SECURITY may be cleared while no protected area exists"},
    {"F-173", "4.4.3, 4.9.9",  "SECURITY with a protected area left is cleared only in a regression with DMEP=DMES=1"},
    {"F-162", "4.4.3, 4.5.2",  "write protection is free at RDP levels 0 and 1"},
    {"F-175", "4.4.3",         "free at RDP levels 0 and 1"},
    {"D-02",  "",              "this part has no secure access mode: SECURITY reads 0 and ignores writes"},
    // who can ask at all
    {"F-202", "4.5.3",         "RDP level 2: debug is disabled for ever"},
    {"R-041", "5.4.2",         "the RSS left the debug port closed"},
};
// clang-format on

}  // namespace

RuleText rule_text(std::string_view rule) {
    const auto found =
        std::find_if(std::begin(kTexts), std::end(kTexts), [&](const RuleText& t) { return t.rule == rule; });
    return found == std::end(kTexts) ? RuleText{rule, "", ""} : *found;
}

}  // namespace h7::security

#include "rss/image/detail.hpp"

#include <fmt/format.h>

namespace h7::image {
namespace {

struct Row {
    Detail detail;
    std::string_view name, text;
};

// clang-format off
constexpr Row kRows[] = {
    {Detail::none,          "OK",            "no error"},
    {Detail::E_ARG,         "E_ARG",         "an argument or a field has an impossible value"},
    {Detail::E_DISABLED,    "E_DISABLED",    "secure access mode is not active: SECURITY must be 1 and latched by a reset"},
    {Detail::E_EXISTS,      "E_EXISTS",      "a secure area exists already"},
    {Detail::E_ALIGN,       "E_ALIGN",       "an address or a size is not aligned"},
    {Detail::E_SIZE,        "E_SIZE",        "a size is wrong"},
    {Detail::E_RANGE,       "E_RANGE",       "an address lies outside user flash"},
    {Detail::E_BANK,        "E_BANK",        "both areas lie in one bank, or one lies in two"},
    {Detail::E_MAGIC,       "E_MAGIC",       "this is no SFI-1 image"},
    {Detail::E_VERSION,     "E_VERSION",     "a version this software does not know"},
    {Detail::E_HDR_TAG,     "E_HDR_TAG",     "the header's tag does not match: another key or nonce, or a changed header"},
    {Detail::E_AREA_TAG,    "E_AREA_TAG",    "an area's tag does not match: its bytes, its place or its header were changed"},
    {Detail::E_TYPE,        "E_TYPE",        "an area type this chip does not accept"},
    {Detail::E_ORDER,       "E_ORDER",       "areas in a wrong order"},
    {Detail::E_TRUNC,       "E_TRUNC",       "the data ends too early"},
    {Detail::E_OVERLAP,     "E_OVERLAP",     "two areas claim the same flash"},
    {Detail::E_DEVICE,      "E_DEVICE",      "made for another device"},
    {Detail::E_LIC_FORMAT,  "E_LIC_FORMAT",  "this is no license for this use"},
    {Detail::E_LIC_VERSION, "E_LIC_VERSION", "a license version this software does not know"},
    {Detail::E_LIC_TAG,     "E_LIC_TAG",     "the license is not for this chip, or was changed"},
    {Detail::E_LIC_POINT,   "E_LIC_POINT",   "the license's public key is no point of P-256"},
    {Detail::E_LIC_SESSION, "E_LIC_SESSION", "the license belongs to another session of the chip"},
    {Detail::E_LIC_FWID,    "E_LIC_FWID",    "the license is for other firmware"},
    {Detail::E_STATE,       "E_STATE",       "not in this state of the installation"},
    {Detail::E_RDP,         "E_RDP",         "not at this read-out protection level"},
    {Detail::E_PCROP,       "E_PCROP",       "a protected (PCROP) area stands in the way"},
    {Detail::E_WRP,         "E_WRP",         "a sector is write-protected"},
    {Detail::E_RAM,         "E_RAM",         "ST_RAM_SIZE must be 3 (16 KB)"},
    {Detail::E_TOKEN,       "E_TOKEN",       "no valid continuation token"},
    {Detail::E_FLASH,       "E_FLASH",       "the flash refused to program or to erase"},
    {Detail::E_VERIFY,      "E_VERIFY",      "flash does not read back what was programmed"},
    {Detail::E_HASH,        "E_HASH",        "the installed firmware has another hash"},
    {Detail::E_OB,          "E_OB",          "the option words are not acceptable"},
    {Detail::E_ROLLBACK,    "E_ROLLBACK",    "a newer version was installed before"},
    {Detail::E_ABORTED,     "E_ABORTED",     "the installation was aborted"},
    {Detail::E_POWER,       "E_POWER",       "power failed during the installation"},
    {Detail::E_BUSY,        "E_BUSY",        "the flash registers are locked out until the next reset; try again"},
};
// clang-format on

const Row* find(Detail detail) {
    for (const Row& row : kRows)
        if (row.detail == detail) return &row;
    return nullptr;
}

}  // namespace

std::string_view name(Detail detail) {
    const Row* row = find(detail);
    return row == nullptr ? "E_?" : row->name;
}

std::string_view text(Detail detail) {
    const Row* row = find(detail);
    return row == nullptr ? "an unknown code" : row->text;
}

Error to_error(const Fault& fault, std::string_view source) {
    return misuse(
        fmt::format("{}: byte 0x{:x}: {}: {}", source, fault.offset, name(fault.detail), fault.what));
}

}  // namespace h7::image

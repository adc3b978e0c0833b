// Where the services' code begins and which slot of the table points there (rss-sfi-bootloader.md 2.1). The
// first three slots and two of the addresses are ST's; the order of the rest follows RSS.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/fabric/access.hpp"

namespace h7::rss {

enum class ServiceId : std::uint8_t {
    get_version,
    get_status,
    get_certificate,
    get_certificate_size,
    set_vectors,
    exit_secure_area,
    reset_and_initialize_secure_areas,
    reset_and_destroy_pcrop_area,
    smi_reset_and_install_modules,
    sfi_request,
};

struct Stub {
    ServiceId id;
    std::string_view name;
    Address slot;  // in the pointer table; 0: no slot, entered by address only
    Address code;
};

// clang-format off
inline constexpr Stub kStubTable[] = {
    //id                                          name                             slot         code
    {ServiceId::get_version,                      "getVersion",                    0x1FF0'9500, 0x1FF0'8A00},
    {ServiceId::get_status,                       "getStatus",                     0x1FF0'9504, 0x1FF0'8A08},
    {ServiceId::get_certificate,                  "getCertificate",                0x1FF0'9508, 0x1FF0'8A10},
    {ServiceId::get_certificate_size,             "getCertificateSize",            0x1FF0'950C, 0x1FF0'8A18},
    {ServiceId::set_vectors,                      "SetVectors",                    0x1FF0'9510, 0x1FF0'8A20},
    {ServiceId::exit_secure_area,                 "exitSecureArea",                0x1FF0'9514, 0x1FF0'8A5C},
    {ServiceId::reset_and_initialize_secure_areas,"resetAndInitializeSecureAreas", 0x1FF0'9518, 0x1FF0'8A70},
    {ServiceId::reset_and_destroy_pcrop_area,     "resetAndDestroyPCROPArea",      0x1FF0'951C, 0x1FF0'8A84},
    {ServiceId::smi_reset_and_install_modules,    "SMI_resetAndInstallModules",    0x1FF0'9520, 0x1FF0'8A98},
    {ServiceId::sfi_request,                      "sfiRequest",                    0,           0x1FF0'8AAC},
};
// clang-format on

/// The stub that begins at `pc`; null anywhere else.
constexpr const Stub* stub_at(Address pc) {
    for (const Stub& stub : kStubTable)
        if (stub.code == pc) return &stub;
    return nullptr;
}

}  // namespace h7::rss

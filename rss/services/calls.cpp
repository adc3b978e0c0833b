#include "rss/services/calls.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "rss/image/smi.hpp"
#include "rss/services/debug_pins.hpp"
#include "rss/services/engine.hpp"

namespace h7::rss {
namespace {

// Private peripheral registers that the services' code writes; unprivileged code may not (system.md 6).
constexpr Address kVtor = 0xE000'ED08, kAircr = 0xE000'ED0C;

constexpr std::uint32_t kMostAreas = 2;

}  // namespace

struct Calls::Row {
    ServiceId id;
    Handler handler;
};

// clang-format off
const Calls::Row Calls::kRows[] = {
    {ServiceId::get_version,                       &Calls::get_version},
    {ServiceId::get_status,                        &Calls::get_status},
    {ServiceId::get_certificate,                   &Calls::get_certificate},
    {ServiceId::get_certificate_size,              &Calls::get_certificate_size},
    {ServiceId::set_vectors,                       &Calls::set_vectors},
    {ServiceId::exit_secure_area,                  &Calls::exit_secure_area},
    {ServiceId::reset_and_initialize_secure_areas, &Calls::initialise_secure_areas},
    {ServiceId::reset_and_destroy_pcrop_area,      &Calls::destroy_pcrop_area},
    {ServiceId::smi_reset_and_install_modules,     &Calls::install_modules},
    {ServiceId::sfi_request,                       &Calls::sfi_request},
};
// clang-format on

CallEnd Calls::dispatch(Caller& caller, Address pc) {
    const Stub* stub = stub_at(pc);
    if (stub == nullptr) {
        // The stubs hold a UDF behind their BKPT: whoever jumps there never arrives here.
        caller.fault(pc, bus_error("no RSS service begins here", "R-042"));
        return CallEnd::faulted;
    }
    if (machine_.trace().on())
        machine_.trace().line(
            Topic::rss, fmt::format("{}(0x{:08X}, 0x{:08X}) called from 0x{:08X}", stub->name, caller.reg(0),
                                    caller.reg(1), caller.lr() & ~1U));
    for (const Row& row : kRows)
        if (row.id == stub->id) return (this->*row.handler)(caller);
    return CallEnd::returned;
}

CallEnd Calls::answer(Caller& caller, std::uint32_t value) {
    caller.set_reg(0, value);
    caller.return_to_lr();
    return CallEnd::returned;
}

CallEnd Calls::get_version(Caller& caller) { return answer(caller, profile_.version); }

CallEnd Calls::get_status(Caller& caller) {
    if (!machine_.secure_mode().latched()) return answer(caller, kRssDisabled);
    return answer(caller, !retained_.last || retained_.last->ok() ? kRssOk : kRssError);
}

CallEnd Calls::get_certificate(Caller& caller) { return answer(caller, kCertificate); }

CallEnd Calls::get_certificate_size(Caller& caller) {
    return answer(caller, static_cast<std::uint32_t>(identity_.certificate.size()));
}

CallEnd Calls::set_vectors(Caller& caller) {
    if (!caller.privileged()) {
        caller.fault(kVtor, bus_error("unprivileged code may not write VTOR", "ARMv7-M B3.2.5"));
        return CallEnd::faulted;
    }
    caller.set_vector_table(caller.reg(0));
    caller.return_to_lr();
    return CallEnd::returned;
}

CallEnd Calls::exit_secure_area(Caller& caller) {
    const Address vectors = caller.reg(0);
    // Closed first: whatever the vectors are worth, nothing behind this line sees the area again.
    machine_.secure_mode().close(0);
    if (machine_.secure_mode().latched()) {
        retained_.debug_open = profile_.exit_abi == 1 || caller.reg(1) == kEnableJtagAtExit;
        if (retained_.debug_open) give_back_debug_pins(machine_);
    }
    if ((vectors & 0x7FU) != 0)
        machine_.trace().notice(
            fmt::format("exitSecureArea: the vector table at 0x{:08X} is not aligned to 128 bytes", vectors));
    if (!caller.privileged()) {
        // The service writes VTOR and CONTROL, which unprivileged code cannot: no way up through here.
        caller.fault(kVtor, bus_error("unprivileged code may not write VTOR", "ARMv7-M B3.2.5"));
        return CallEnd::faulted;
    }
    caller.hand_over(vectors, profile_.exit_clears_registers);
    return CallEnd::handed_over;
}

bool Calls::may_reset(Caller& caller) {
    if (caller.privileged()) return true;
    caller.fault(kAircr, bus_error("unprivileged code may not write AIRCR", "ARMv7-M B3.2.6"));
    return false;
}

/// How the call ends when an argument cannot be read; none: it was copied. What is not aligned is copied byte
/// by byte, as a library's memcpy does (decision 0270): the rights are those of every byte.
std::optional<CallEnd> Calls::copy(Caller& caller, Address from, std::uint32_t size, Bytes& to) {
    const unsigned step = from % 4 == 0 && size % 4 == 0 ? 4 : 1;
    for (std::uint32_t at = 0; at < size; at += step) {
        const auto word = caller.load(from + at, step);
        if (!word && word.error().kind == BusFault::Kind::wait) {
            caller.call_again(word.error().until);
            return CallEnd::waits;
        }
        if (!word) {
            caller.fault(from + at, word.error());
            return CallEnd::faulted;
        }
        std::array<std::uint8_t, 4> bytes;
        store_le<std::uint32_t>(bytes.data(), static_cast<std::uint32_t>(*word));
        to.insert(to.end(), bytes.begin(), bytes.begin() + step);
    }
    return std::nullopt;
}

CallEnd Calls::latch_and_reset(PendingRequest request) {
    // In standard mode the reset happens and the request is dropped, even where SECURITY takes effect at this
    // very reset: the caller repeats it afterwards, as ST's own SBSFU does (rss-sfi-bootloader.md 2.3, D-27).
    if (machine_.secure_mode().latched()) retained_.pending = std::move(request);
    return CallEnd::system_reset;
}

CallEnd Calls::initialise_secure_areas(Caller& caller) {
    if (!may_reset(caller)) return CallEnd::faulted;
    PendingRequest request{image::MailboxService::init_areas, caller.reg(0), {}};
    // A count that no chip has is latched without records: the service refuses it (E_ARG).
    if (request.count <= kMostAreas)
        if (const auto end = copy(caller, caller.reg(1), request.count * kSecureAreaBytes, request.blob))
            return *end;
    return latch_and_reset(std::move(request));
}

CallEnd Calls::destroy_pcrop_area(Caller& caller) {
    if (!may_reset(caller)) return CallEnd::faulted;
    return latch_and_reset({image::MailboxService::destroy_pcrop, caller.reg(0), {}});
}

CallEnd Calls::install_modules(Caller& caller) {
    if (!may_reset(caller)) return CallEnd::faulted;
    PendingRequest request{image::MailboxService::smi, 0, {}};
    if (const auto end = copy(caller, caller.reg(0), image::kLicenseBytes, request.blob)) return *end;
    if (const auto end = copy(caller, caller.reg(1), image::kModuleHeaderBytes, request.blob)) return *end;
    // A header that no module has is latched without data: the service refuses it, with its reason.
    const auto header = image::parse_module_header(ByteView(request.blob).subspan(image::kLicenseBytes));
    if (header)
        if (const auto end = copy(caller, caller.reg(2), header->size, request.blob)) return *end;
    return latch_and_reset(std::move(request));
}

CallEnd Calls::sfi_request(Caller& caller) {
    if (!may_reset(caller)) return CallEnd::faulted;
    return CallEnd::system_reset;  // the request is in the mailbox, which the RSS reads behind the reset
}

}  // namespace h7::rss

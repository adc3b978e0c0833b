// The services a program calls (rss-sfi-bootloader.md 2.3). Those that need an undisturbed machine only copy
// their arguments, latch the request and ask for the system reset behind which Boot serves it.
#pragma once

#include <optional>

#include "rss/services/boot.hpp"
#include "rss/services/caller.hpp"
#include "rss/services/stubs.hpp"

namespace h7::rss {

enum class CallEnd : std::uint8_t;

inline constexpr std::uint32_t kRssError = 0;  // RSS_ERROR, RSS_DISABLED, RSS_OK
inline constexpr std::uint32_t kRssDisabled = 0xEE00'0091;
inline constexpr std::uint32_t kRssOk = 0xEE00'0092;
inline constexpr std::uint32_t kEnableJtagAtExit = 0x97A0'FA17;
inline constexpr std::uint32_t kSecureAreaBytes = 12;  // RSS_SecureArea_t

class Calls {
public:
    Calls(Machine& machine, const Identity& identity, const Profile& profile, Retained& retained)
        : machine_(machine), identity_(identity), profile_(profile), retained_(retained) {}

    CallEnd dispatch(Caller& caller, Address pc);

private:
    using Handler = CallEnd (Calls::*)(Caller&);
    struct Row;
    static const Row kRows[];

    CallEnd get_version(Caller& caller);
    CallEnd get_status(Caller& caller);
    CallEnd get_certificate(Caller& caller);
    CallEnd get_certificate_size(Caller& caller);
    CallEnd set_vectors(Caller& caller);
    CallEnd exit_secure_area(Caller& caller);
    CallEnd initialise_secure_areas(Caller& caller);
    CallEnd destroy_pcrop_area(Caller& caller);
    CallEnd install_modules(Caller& caller);
    CallEnd sfi_request(Caller& caller);

    CallEnd answer(Caller& caller, std::uint32_t value);
    bool may_reset(Caller& caller);
    std::optional<CallEnd> copy(Caller& caller, Address from, std::uint32_t size, Bytes& to);
    CallEnd latch_and_reset(PendingRequest request);

    Machine& machine_;
    const Identity& identity_;
    const Profile& profile_;
    Retained& retained_;
};

}  // namespace h7::rss

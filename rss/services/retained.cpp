#include "rss/services/retained.hpp"

namespace h7::rss {

void Retained::save(StateWriter& out) const {
    out.section("rss");
    out.flag(install_lock);
    out.flag(debug_open);
    out.u32(session);
    out.flag(pending.has_value());
    if (pending) {
        out.u32(static_cast<std::uint32_t>(pending->service));
        out.u32(pending->count);
        out.bytes(pending->blob);
    }
    out.flag(last.has_value());
    if (last) {
        out.u32(last->service);
        out.u32(static_cast<std::uint32_t>(last->detail));
        out.bytes({reinterpret_cast<const std::uint8_t*>(last->reason.data()), last->reason.size()});
    }
}

void Retained::load(StateReader& in) {
    in.section("rss");
    install_lock = in.flag();
    debug_open = in.flag();
    session = in.u32();
    pending.reset();
    if (in.flag()) {
        pending.emplace();
        pending->service = static_cast<image::MailboxService>(in.u32());
        pending->count = in.u32();
        pending->blob = in.bytes();
    }
    last.reset();
    if (in.flag()) {
        last.emplace();
        last->service = in.u32();
        last->detail = static_cast<Detail>(in.u32());
        const Bytes reason = in.bytes();
        last->reason.assign(reason.begin(), reason.end());
    }
}

}  // namespace h7::rss

#include "emulator/security/secure_mode.hpp"

namespace h7::security {

void SecureMode::sample_at_reset(bool security_option) {
    latched_ = capable_ && security_option;
    confsec_ = latched_ ? 0b11 : 0;
    tell();
}

void SecureMode::close(std::uint32_t keep) {
    const std::uint32_t next = confsec_ & keep;
    if (next == confsec_) return;
    confsec_ = next;
    tell();
}

void SecureMode::debugger_connected() {
    if (debugger_seen_) return;
    debugger_seen_ = true;
    tell();
}

void SecureMode::booted_outside_user_flash(bool yes) {
    if (booted_elsewhere_ == yes) return;
    booted_elsewhere_ = yes;
    tell();
}

void SecureMode::power_on() {
    debugger_seen_ = false;
    booted_elsewhere_ = false;
    tell();
}

void SecureMode::save(StateWriter& out) const {
    out.section("secure mode");
    out.flag(latched_);
    out.u32(confsec_);
    out.flag(debugger_seen_);
    out.flag(booted_elsewhere_);
}

void SecureMode::load(StateReader& in) {
    in.section("secure mode");
    latched_ = in.flag();
    confsec_ = in.u32();
    debugger_seen_ = in.flag();
    booted_elsewhere_ = in.flag();
    tell();
}

}  // namespace h7::security

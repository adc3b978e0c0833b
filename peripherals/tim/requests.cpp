// DMA requests of a timer (RM0399, DIER, CR2.CCDS, DCR, DMAR): who asks when, and the burst that goes through
// one address to several registers.
#include "peripherals/tim/tim.hpp"

namespace h7::tim {
namespace {

constexpr unsigned kEnable = 8;  // UDE to TDE stand so many bits above their flags
constexpr Address kDmar = 0x4C;

}  // namespace

void Tim::raise(std::uint32_t flags) {
    regs_.set<"SR">(regs_.get<"SR">() | flags);
    const bool compares_at_update = regs_.get<"CR2.CCDS">() != 0;
    for (unsigned which = 0; which < kRequests; ++which) {
        const bool a_compare = which >= 1 && which <= 4;
        if (test_bit(flags, a_compare && compares_at_update ? 0 : which)) request(which);
    }
}

void Tim::request(unsigned which) {
    if (test_bit(regs_.get<"DIER">(), which + kEnable)) dma[which].set(true);
}

/// In the middle of a burst the request stays. What happened before it was served is in it.
void Tim::served(unsigned which) {
    if (burst_index_ != 0) return;
    touch();
    catch_up();
    dma[which].set(false);
    settle();
}

/// Updates and matches the DMA still has to hear of: those whose request is not pending already.
std::uint32_t Tim::requests_wanted() const {
    std::uint32_t wanted = regs_.get<"DIER">() >> kEnable & mask(4, 0);
    if (regs_.get<"CR2.CCDS">() != 0 && wanted != 0) wanted = 1;
    for (unsigned which = 0; which <= 4; ++which)
        if (dma[which].level()) wanted &= ~(1U << which);
    return wanted;
}

/// An access to DMAR is one to the register DCR.DBA names, the next one to the register behind it, DBL + 1
/// times.
bool Tim::burst_access(const Access& access, Access& register_access) {
    if ((offset_of(access) & ~Address{3}) != kDmar || implemented(kind_, kDmar) == 0) return false;
    const Address offset = 4 * (regs_.get<"DCR.DBA">() + burst_index_);
    burst_index_ = burst_index_ >= regs_.get<"DCR.DBL">() ? 0 : burst_index_ + 1;
    if (offset == kDmar) return false;
    register_access.address = base() + offset + (access.address & 3U);
    return true;
}

}  // namespace h7::tim

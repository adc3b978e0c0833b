#include "peripherals/sec/sec.hpp"

namespace h7::sec {
namespace {

constexpr Address kConfsecSize = 4;

BusFault nothing_here() {
    return bus_error("only CONFSEC answers in this block", "rss-sfi-bootloader.md 3.1");
}

/// Others read 0 and change nothing: the CM4, DMA, the debugger, and a narrow access of the CM7.
bool heard(const Access& access) {
    return access.master == Master::cm7 && access.size == 4 && access.address % 4 == 0;
}

}  // namespace

Sec::Sec(security::SecureMode& mode) : RegisterBlock("SEC", 0x4FFF'1000, 0x1000), mode_(mode) {}

BusResult<std::uint64_t> Sec::read(const Access& access) {
    if (offset_of(access) >= kConfsecSize) return nothing_here();
    return heard(access) ? RegisterBlock::read(access) : std::uint64_t{0};
}

BusResult<void> Sec::write(const Access& access, std::uint64_t value) {
    if (offset_of(access) >= kConfsecSize) return nothing_here();
    return heard(access) ? RegisterBlock::write(access, value) : BusResult<void>{};
}

BusResult<void> Sec::close(const RegisterWrite& write) {
    mode_.close(write.value);
    return {};
}

}  // namespace h7::sec

#include "emulator/chip/rss_bridge.hpp"

namespace h7::chip {
namespace {

constexpr Address kVtor = 0xE000'ED08;

}  // namespace

void CoreCaller::set_reg(unsigned n, std::uint32_t value) { core_.set_reg(n, value); }

void CoreCaller::set_vector_table(std::uint32_t vectors) {
    (void)core_.write_private({kVtor, 4, Op::write, Master::cm7, Context::rss, true}, vectors);
}

void CoreCaller::return_to_lr() { core_.set_reg(15, core_.reg(14)); }

void RssCalls::call(cpu::Core& core, Address pc) {
    CoreCaller caller(core);
    if (rss_.call(caller, pc) != rss::CallEnd::system_reset) return;
    core.hold();
    reset_();
}

}  // namespace h7::chip

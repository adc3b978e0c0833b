#include "emulator/chip/rss_bridge.hpp"

namespace h7::chip {
namespace {

constexpr Address kVtor = 0xE000'ED08;

}  // namespace

void CoreCaller::set_reg(unsigned n, std::uint32_t value) {
    cpu::Registers registers = core_.registers();
    registers.r[n] = value;
    core_.set_registers(registers);
}

void CoreCaller::set_vector_table(std::uint32_t vectors) {
    (void)core_.write_private({kVtor, 4, Op::write, Master::cm7, Context::rss, true}, vectors);
}

void CoreCaller::return_to_lr() {
    cpu::Registers registers = core_.registers();
    registers.r[15] = registers.r[14];
    core_.set_registers(registers);
}

void RssCalls::call(cpu::Core& core, Address pc) {
    CoreCaller caller(core);
    if (rss_.call(caller, pc) != rss::CallEnd::system_reset) return;
    core.hold();
    reset_();
}

}  // namespace h7::chip

#include "emulator/semihosting/semihosting.hpp"

namespace h7::semihosting {
namespace {

constexpr std::uint8_t kSemihostingCall = 0xAB;

class CoreProgram final : public Program {
public:
    explicit CoreProgram(cpu::Core& core) : core_(core) {}
    BusResult<std::uint64_t> load(Address address, unsigned size) override {
        return core_.load_as_program(address, size);
    }
    BusResult<void> store(Address address, unsigned size, std::uint64_t value) override {
        return core_.store_as_program(address, size, value);
    }
    Time now() const override { return core_.now(); }

private:
    cpu::Core& core_;
};

}  // namespace

bool call(Session& session, cpu::Core& core, std::uint8_t immediate) {
    if (immediate != kSemihostingCall) return false;
    cpu::Registers registers = core.registers();
    CoreProgram program(core);
    const auto answer = session.serve(program, registers.r[0], registers.r[1]);
    if (!answer) {
        core.breakpoint_again(answer.error().until);
        return true;
    }
    registers = core.registers();
    registers.r[0] = *answer;
    core.set_registers(registers);
    return true;
}

}  // namespace h7::semihosting

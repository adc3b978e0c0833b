#include "emulator/chip/semihosting.hpp"

#include <string>

namespace h7::chip {
namespace {

constexpr std::uint8_t kSemihostingCall = 0xAB;
enum Operation : std::uint32_t { kWriteC = 0x03, kWrite0 = 0x04, kExit = 0x18, kExitExtended = 0x20 };
constexpr std::uint32_t kApplicationExit = 0x2'0026;  // ADP_Stopped_ApplicationExit
constexpr std::uint32_t kNotOffered = ~0U;
constexpr std::size_t kLongestString = 64 * 1024;

}  // namespace

bool Semihosting::call(cpu::Core& core, std::uint8_t immediate) {
    if (immediate != kSemihostingCall) return false;
    cpu::Registers registers = core.registers();
    const std::uint32_t answer = serve(core, registers.r[0], registers.r[1]);
    registers = core.registers();
    registers.r[0] = answer;
    core.set_registers(registers);
    return true;
}

std::uint32_t Semihosting::serve(cpu::Core& core, std::uint32_t operation, std::uint32_t parameter) {
    switch (operation) {
        case kWriteC: {
            const auto c = core.load_as_program(parameter, 1);
            if (!c) return kNotOffered;
            const char text = static_cast<char>(*c);
            if (console) console({&text, 1});
            return 0;
        }
        case kWrite0:
            return write_string(core, parameter);
        case kExit:
        case kExitExtended:
            return leave(core, operation, parameter);
        default:
            if (not_offered) not_offered(operation);
            return kNotOffered;
    }
}

std::uint32_t Semihosting::write_string(cpu::Core& core, Address text) {
    std::string line;
    while (line.size() < kLongestString) {
        const auto c = core.load_as_program(text++, 1);
        if (!c || *c == 0) break;
        line += static_cast<char>(*c);
    }
    if (console) console(line);
    return 0;
}

std::uint32_t Semihosting::leave(cpu::Core& core, std::uint32_t operation, std::uint32_t parameter) {
    std::uint32_t reason = parameter, status = 0;
    if (operation == kExitExtended) {  // a block of two words: reason, status
        reason = static_cast<std::uint32_t>(core.load_as_program(parameter, 4).value_or(0));
        status = static_cast<std::uint32_t>(core.load_as_program(parameter + 4, 4).value_or(1));
    }
    if (reason != kApplicationExit && status == 0) status = 1;
    if (exit) exit(status);
    return 0;
}

}  // namespace h7::chip

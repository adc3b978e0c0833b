// Arm semihosting (BKPT 0xAB): the two console calls and the two exits that test firmware uses. D-32.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "emulator/cpu/core.hpp"

namespace h7::chip {

class Semihosting {
public:
    std::function<void(std::string_view text)> console;        // SYS_WRITEC, SYS_WRITE0
    std::function<void(std::uint32_t operation)> not_offered;  // any other operation
    std::function<void(std::uint32_t status)> exit;            // SYS_EXIT, SYS_EXIT_EXTENDED

    /// A BKPT of `core`. False: not a semihosting call (the immediate is not 0xAB). An operation that is not
    /// offered answers -1 in R0, as Arm's document asks.
    bool call(cpu::Core& core, std::uint8_t immediate);

private:
    std::uint32_t serve(cpu::Core& core, std::uint32_t operation, std::uint32_t parameter);
    std::uint32_t write_string(cpu::Core& core, Address text);
    std::uint32_t leave(cpu::Core& core, std::uint32_t operation, std::uint32_t parameter);
};

}  // namespace h7::chip

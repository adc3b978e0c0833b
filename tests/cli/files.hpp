// Input files for the command line, made without our own tools.
#pragma once

#include <string>

#include "../unit/emulator/loader/elf_builder.hpp"
#include "command.hpp"

namespace h7::test {

/// Nine rows in ST's order. The default ends at RDP level 1, so that no consent is needed.
inline std::string option_csv(std::uint32_t optsr = 0x17FE'BBF0) {
    const auto row = [](const char* name, std::uint32_t value) {
        char text[64];
        std::snprintf(text, sizeof text, "%s,0x%08X\n", name, value);
        return std::string(text);
    };
    return row("FOPTSR_PRG", optsr) + row("FPRAR_PRG_A", 0x8000'00FF) + row("FPRAR_PRG_B", 0x8000'00FF) +
           row("FSCAR_PRG_A", 0x8000'00FF) + row("FSCAR_PRG_B", 0x8000'00FF) + row("FWPSN_PRG_A", 0xFF) +
           row("FWPSN_PRG_B", 0xFF) + row("FBOOT7_PRG", 0x1FF0'0800) + row("RESERVED", 0x1000'0810);
}

/// 64 bytes at 0x08000000 as an ELF file.
inline Bytes some_elf(std::uint32_t address = 0x0800'0000, std::uint8_t fill = 0x11) {
    return make_elf({{.physical = address, .contents = Bytes(64, fill), .virtual_address = address}}, {},
                    address + 9);
}

/// A directory with what `sfi pack` reads: the application app.elf and the option bytes ob.csv.
class CommandLineWithInputs : public CommandLine {
protected:
    void SetUp() override {
        CommandLine::SetUp();
        write("app.elf", some_elf());
        write("ob.csv", option_csv());
    }
};

}  // namespace h7::test

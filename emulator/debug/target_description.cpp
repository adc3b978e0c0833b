#include "emulator/debug/target_description.hpp"

#include <fmt/format.h>

#include "emulator/chip/memory_map.hpp"

namespace h7::debug {

unsigned register_size(unsigned number) {
    if (number < 16 || number == kXpsr) return 4;
    if (number >= kD0 && number < kD0 + 16) return 8;
    return number >= kFpscr && number < kRegisterEnd ? 4 : 0;
}

std::string target_description() {
    std::string xml =
        "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
        "<architecture>arm</architecture>";
    const auto reg = [&](std::string_view name, unsigned number, std::string_view type) {
        xml += fmt::format("<reg name=\"{}\" bitsize=\"{}\" regnum=\"{}\" type=\"{}\"/>", name,
                           8 * register_size(number), number, type);
    };
    xml += "<feature name=\"org.gnu.gdb.arm.m-profile\">";
    for (unsigned n = 0; n < 13; ++n) reg(fmt::format("r{}", n), n, "uint32");
    reg("sp", 13, "data_ptr");
    reg("lr", 14, "int");
    reg("pc", 15, "code_ptr");
    reg("xpsr", kXpsr, "int");
    xml += "</feature><feature name=\"org.gnu.gdb.arm.vfp\">";
    for (unsigned n = 0; n < 16; ++n) reg(fmt::format("d{}", n), kD0 + n, "ieee_double");
    reg("fpscr", kFpscr, "int");
    xml += "</feature><feature name=\"org.gnu.gdb.arm.m-system\">";
    reg("msp", kMsp, "data_ptr");
    reg("psp", kPsp, "data_ptr");
    reg("primask", kPrimask, "int");
    reg("basepri", kBasepri, "int");
    reg("faultmask", kFaultmask, "int");
    reg("control", kControl, "int");
    return xml + "</feature></target>";
}

std::string memory_map(Master core, std::uint32_t sectors_per_bank, unsigned banks) {
    std::string xml =
        "<?xml version=\"1.0\"?><!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
        "\"http://sourceware.org/gdb/gdb-memory-map.dtd\"><memory-map>";
    const auto plain = [&](std::string_view type, Address first, std::uint64_t size) {
        xml += fmt::format("<memory type=\"{}\" start=\"0x{:x}\" length=\"0x{:x}\"/>", type, first, size);
    };
    for (const chip::Region& region : chip::memory_map()) {
        if (!region.reach.has(core)) continue;
        if (region.target == chip::Target::flash) {
            for (unsigned bank = 0; bank < banks; ++bank)
                xml += fmt::format(
                    "<memory type=\"flash\" start=\"0x{:x}\" length=\"0x{:x}\">"
                    "<property name=\"blocksize\">0x20000</property></memory>",
                    0x0800'0000U + bank * 0x10'0000U, sectors_per_bank * 0x2'0000U);
        } else {
            plain(region.target == chip::Target::system_flash ? "rom" : "ram", region.first,
                  std::uint64_t{region.last} - region.first + 1);
        }
    }
    plain("ram", 0xE000'0000U, 0x10'0000);  // the private peripheral bus
    return xml + "</memory-map>";
}

}  // namespace h7::debug

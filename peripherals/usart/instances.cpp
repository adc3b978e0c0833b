// What the instances do not have of the full register set (RM0399 table 419): such bits are reserved.
#include <algorithm>
#include <bit>

#include "peripherals/usart/usart.hpp"

namespace h7::usart {
namespace {

struct Missing {
    Address offset;
    std::uint32_t full, asynchronous, low_power;
};
// clang-format off
constexpr Missing kMissing[] = {
    // register     USART        UART         LPUART
    {0x00 /* CR1 */,  0,           0x0800'0000, 0x0C00'8000},  // EOBIE; RTOIE, OVER8
    {0x04 /* CR2 */,  0,           0x0000'0F09, 0x00F0'4F69},  // synchronous mode; LIN, ABREN, ABRMODE, RTOEN
    {0x08 /* CR3 */,  0,           0x010E'0030, 0x010E'0836},  // smartcard; IrDA, ONEBIT
    {0x0C /* BRR */,  0x000F'0000, 0x000F'0000, 0},
    {0x10 /* GTPR */, 0,           0x0000'FF00, 0xFFFF'FFFF},  // guard time; all
    {0x14 /* RTOR */, 0,           0xFF00'0000, 0xFFFF'FFFF},  // BLEN; all
    {0x18 /* RQR */,  0,           0,           0x0000'0001},  // ABRRQ
    {0x1C /* ISR */,  0,           0x0200'3000, 0x0200'F900},  // TCBGT, UDR, EOBF; ABRF, ABRE, RTOF, LBDF
    {0x20 /* ICR */,  0,           0x0000'3080, 0x0000'3980},
};
// clang-format on

}  // namespace

std::uint32_t Usart::absent(Address offset) const {
    for (const Missing& row : kMissing)
        if (row.offset == offset)
            return kind_ == Kind::full           ? row.full
                   : kind_ == Kind::asynchronous ? row.asynchronous
                                                 : row.low_power;
    return 0;
}

BusResult<std::uint64_t> Usart::read(const Access& access) {
    // GTPR and RTOR of the LPUART: no register, so no word about a register that is not modelled.
    if (absent(offset_of(access) & ~Address{3}) == ~0U) return std::uint64_t{0};
    return RegisterBlock::read(access);
}

std::vector<RegisterInfo> Usart::describe() const {
    std::vector<RegisterInfo> all = RegisterBlock::describe();
    for (RegisterInfo& info : all) {
        const std::uint32_t missing = absent(info.offset);
        for (FieldInfo& field : info.fields)  // a field may lack its upper bits: BRR
            while (field.msb > field.lsb && test_bit(missing, field.msb) && !test_bit(missing, field.lsb))
                --field.msb;
        std::erase_if(info.fields, [&](const FieldInfo& field) { return test_bit(missing, field.lsb); });
    }
    std::erase_if(all, [](const RegisterInfo& info) { return info.fields.empty(); });
    return all;
}

}  // namespace h7::usart

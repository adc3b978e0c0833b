// RM0399, "USART registers" (system.md 6.2). In FIFO mode RXNE is RXFNE and TXE is TXFNF. Which bits an
// instance lacks: instances.cpp. Pin polarity and bit order (SWAP, TXINV, RXINV, DATAINV, MSBFIRST) are those
// of the far end too, so nobody sees them.
#pragma once

#include "peripherals/usart/usart.hpp"

namespace h7::usart {

// clang-format off
inline constexpr Register<Usart> Usart::registers[12] = {
    {.offset = 0x00, .name = "CR1", .fields = {
         {bit(0),       "UE",       rw}, {bit(1),       "UESM",     rw}, {bit(2),       "RE",       rw},
         {bit(3),       "TE",       rw}, {bit(4),       "IDLEIE",   rw}, {bit(5),       "RXNEIE",   rw},
         {bit(6),       "TCIE",     rw}, {bit(7),       "TXEIE",    rw}, {bit(8),       "PEIE",     rw},
         {bit(9),       "PS",       rw}, {bit(10),      "PCE",      rw}, {bit(11),      "WAKE",     rw},
         {bit(12),      "M0",       rw}, {bit(13),      "MME",      rw}, {bit(14),      "CMIE",     rw},
         {bit(15),      "OVER8",    rw}, {bits(20, 16), "DEDT",     rw}, {bits(25, 21), "DEAT",     rw},
         {bit(26),      "RTOIE",    rw}, {bit(27),  "EOBIE",  not_modelled}, {bit(28), "M1", rw},
         {bit(29),      "FIFOEN",   rw}, {bit(30),      "TXFEIE",   rw}, {bit(31),      "RXFFIE",   rw}},
     .written = &Usart::control_written},

    {.offset = 0x04, .name = "CR2", .fields = {
         {bit(0),       "SLVEN",    not_modelled}, {bit(3),   "DIS_NSS", not_modelled}, {bit(4), "ADDM7", rw},
         {bit(5),       "LBDL",     not_modelled}, {bit(6),   "LBDIE",  not_modelled},
         {bit(8),       "LBCL",     not_modelled}, {bit(9),   "CPHA",   not_modelled},
         {bit(10),      "CPOL",     not_modelled}, {bit(11),  "CLKEN",  not_modelled},
         {bits(13, 12), "STOP",     rw},           {bit(14),  "LINEN",  not_modelled},
         {bit(15),      "SWAP",     rw}, {bit(16),      "RXINV",    rw}, {bit(17),      "TXINV",    rw},
         {bit(18),      "DATAINV",  rw}, {bit(19),      "MSBFIRST", rw},
         {bit(20),      "ABREN",    rw}, {bits(22, 21), "ABRMODE",  rw}, {bit(23),      "RTOEN",    rw},
         {bits(31, 24), "ADD",      rw}},
     .written = &Usart::format_written},

    {.offset = 0x08, .name = "CR3", .fields = {
         {bit(0),       "EIE",      rw},           {bit(1),   "IREN",   not_modelled},
         {bit(2),       "IRLP",     not_modelled}, {bit(3),   "HDSEL",  rw},
         {bit(4),       "NACK",     not_modelled}, {bit(5),   "SCEN",   not_modelled},
         {bit(6),       "DMAR",     rw},           {bit(7),   "DMAT",   rw},
         {bit(8),       "RTSE",     rw},           {bit(9),   "CTSE",   rw},
         {bit(10),      "CTSIE",    not_modelled}, {bit(11),  "ONEBIT", rw},
         {bit(12),      "OVRDIS",   rw},           {bit(13),  "DDRE",   rw},
         {bit(14),      "DEM",      not_modelled}, {bit(15),  "DEP",    not_modelled},
         {bits(19, 17), "SCARCNT",  not_modelled}, {bits(21, 20), "WUS", rw},
         {bit(22),      "WUFIE",    rw}, {bit(23),  "TXFTIE", rw},
         {bit(24),      "TCBGTIE",  not_modelled}, {bits(27, 25), "RXFTCFG", rw},
         {bit(28),      "RXFTIE",   rw},           {bits(31, 29), "TXFTCFG", rw}},
     .written = &Usart::settings_written},

    {.offset = 0x0C, .name = "BRR", .fields = {
         {bits(19, 0),  "BRR",      rw}},  // 16 bits in a USART, 20 in the LPUART
     .written = &Usart::rate_written},
    {.offset = 0x10, .name = "GTPR", .fields = {
         {bits(7, 0),   "PSC",      not_modelled}, {bits(15, 8), "GT", not_modelled}},
     .written = &Usart::rate_written},
    {.offset = 0x14, .name = "RTOR", .fields = {
         {bits(23, 0),  "RTO",      rw}, {bits(31, 24), "BLEN",     not_modelled}},
     .written = &Usart::timeout_written},

    {.offset = 0x18, .name = "RQR", .fields = {
         {bit(0),       "ABRRQ",    w }, {bit(1),       "SBKRQ",    w }, {bit(2),       "MMRQ",     w },
         {bit(3),       "RXFRQ",    w }, {bit(4),       "TXFRQ",    w }},
     .written = &Usart::request_written},

    {.offset = 0x1C, .name = "ISR", .reset = 0x0000'00C0, .fields = {
         {bit(0),       "PE",       r }, {bit(1),       "FE",       r }, {bit(2),       "NE",       r },
         {bit(3),       "ORE",      r }, {bit(4),       "IDLE",     r }, {bit(5),       "RXNE",     r },
         {bit(6),       "TC",       r }, {bit(7),       "TXE",      r }, {bit(8),       "LBDF",     r },
         {bit(9),       "CTSIF",    r }, {bit(10),      "CTS",      r }, {bit(11),      "RTOF",     r },
         {bit(12),      "EOBF",     r }, {bit(13),      "UDR",      r }, {bit(14),      "ABRE",     r },
         {bit(15),      "ABRF",     r }, {bit(16),      "BUSY",     r }, {bit(17),      "CMF",      r },
         {bit(18),      "SBKF",     r }, {bit(19),      "RWU",      r }, {bit(20),      "WUF",      r },
         {bit(21),      "TEACK",    r }, {bit(22),      "REACK",    r }, {bit(23),      "TXFE",     r },
         {bit(24),      "RXFF",     r }, {bit(25),      "TCBGT",    r }, {bit(26),      "RXFT",     r },
         {bit(27),      "TXFT",     r }}},

    {.offset = 0x20, .name = "ICR", .fields = {
         {bit(0),       "PECF",     w }, {bit(1),       "FECF",     w }, {bit(2),       "NECF",     w },
         {bit(3),       "ORECF",    w }, {bit(4),       "IDLECF",   w }, {bit(5),       "TXFECF",   w },
         {bit(6),       "TCCF",     w }, {bit(7),       "TCBGTCF",  w }, {bit(8),       "LBDCF",    w },
         {bit(9),       "CTSCF",    w }, {bit(11),      "RTOCF",    w }, {bit(12),      "EOBCF",    w },
         {bit(13),      "UDRCF",    w }, {bit(17),      "CMCF",     w }, {bit(20),      "WUCF",     w }},
     .written = &Usart::flags_cleared},

    {.offset = 0x24, .name = "RDR", .fields = {
         {bits(8, 0),   "RDR",      r }},
     .taken = &Usart::data_read},             // reading takes the character
    {.offset = 0x28, .name = "TDR", .fields = {
         {bits(8, 0),   "TDR",      rw}},
     .written = &Usart::data_written},
    {.offset = 0x2C, .name = "PRESC", .fields = {
         {bits(3, 0),   "PRESCALER", rw}},
     .written = &Usart::rate_written},
};
// clang-format on
static_assert(well_formed(Usart::registers), "two USART fields overlap, or a reserved bit has a reset value");

}  // namespace h7::usart

// Everybody who may want the plaintext, one after the other, on the bus and on the debug port.
#pragma once

#include <string>
#include <vector>

#include "rss/host/torture/rig.hpp"

namespace h7::torture {

/// Eight bytes of plaintext that nothing else has at this place.
struct Probe {
    Address address = 0;  // physical
    std::uint64_t secret = 0;
    std::size_t piece = 0;
};

/// At most `most` a piece, first and last among them, the rest drawn from `seed`. What the chip held there
/// before is no secret.
std::vector<Probe> probes(const Plan& plan, const Rig& rig, std::size_t most, std::uint64_t seed);

/// May `who` (never the secure user software itself) read this byte of user flash once `words` are in force?
/// By the rules of RM0399, not by the table of the chip: PCROP F-219, secure-only F-229, RDP F-200.
bool may_read(const flash::OptionWords& words, Address physical, Master who, bool intrusion);

struct Reading {
    std::uint64_t reads = 0;
    std::vector<std::string> leaks;
};

/// Reads every probe as every master that runs, closes the secure gate as the user software would, reads
/// again, lets the CRC unit run over every piece, and at last comes with the debugger on AP0, AP1 and AP3.
/// `installed`: the option words of the image are in force, and what they leave open is no leak. The chip
/// wants a power cycle after it.
Reading read_by_everybody(Rig& rig, const std::vector<Probe>& probes, bool installed);

}  // namespace h7::torture

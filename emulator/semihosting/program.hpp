// The program that asks: its memory with its own rights, and its time. A core is one (semihosting.cpp).
#pragma once

#include <string>

#include "emulator/fabric/access.hpp"

namespace h7::semihosting {

class Program {
public:
    virtual ~Program() = default;
    /// 1 or 4 bytes, naturally aligned.
    virtual BusResult<std::uint64_t> load(Address address, unsigned size) = 0;
    virtual BusResult<void> store(Address address, unsigned size, std::uint64_t value) = 0;
    virtual Time now() const = 0;
};

/// A word of a parameter block, at any address.
BusResult<std::uint32_t> load_word(Program& program, Address address);
BusResult<void> store_word(Program& program, Address address, std::uint32_t value);

/// Bytes [address, address + size), or what can be read in front of the first that cannot: `text` is as long
/// as that. Error: the very first byte is refused, or a slave holds one of them (then nothing was done and
/// the whole request is made again).
BusResult<std::string> load_bytes(Program& program, Address address, std::uint32_t size);
/// How many of `bytes` were stored before the first that could not be.
std::size_t store_bytes(Program& program, Address address, std::string_view bytes);
/// Up to the zero byte, or `longest`, or the first byte that is refused.
BusResult<std::string> load_string(Program& program, Address address, std::size_t longest);

}  // namespace h7::semihosting

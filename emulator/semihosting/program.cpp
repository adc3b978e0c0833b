#include "emulator/semihosting/program.hpp"

#include <algorithm>
#include <cstring>

namespace h7::semihosting {

BusResult<std::uint32_t> load_word(Program& program, Address address) {
    const std::string bytes = TRY(load_bytes(program, address, 4));
    if (bytes.size() < 4) return bus_error("a parameter block ends outside the memory", "semihosting");
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), 4);
    return word;
}

BusResult<void> store_word(Program& program, Address address, std::uint32_t value) {
    char bytes[4];
    std::memcpy(bytes, &value, 4);
    if (store_bytes(program, address, {bytes, 4}) != 4)
        return bus_error("a result cannot be stored", "semihosting");
    return {};
}

BusResult<std::string> load_bytes(Program& program, Address address, std::uint32_t size) {
    std::string text;
    while (text.size() < size) {
        const Address at = address + static_cast<Address>(text.size());
        const unsigned step = at % 4 == 0 && size - text.size() >= 4 ? 4 : 1;
        const auto value = program.load(at, step);
        if (!value) {
            if (value.error().kind == BusFault::Kind::wait || text.empty()) return value.error();
            break;
        }
        char bytes[8];
        std::memcpy(bytes, &*value, sizeof bytes);
        text.append(bytes, step);
    }
    return text;
}

std::size_t store_bytes(Program& program, Address address, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const Address at = address + static_cast<Address>(done);
        const unsigned step = at % 4 == 0 && bytes.size() - done >= 4 ? 4 : 1;
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + done, step);
        if (!program.store(at, step, value)) break;
        done += step;
    }
    return done;
}

BusResult<std::string> load_string(Program& program, Address address, std::size_t longest) {
    std::string text;
    while (text.size() < longest) {
        const auto c = program.load(address + static_cast<Address>(text.size()), 1);
        if (!c && (c.error().kind == BusFault::Kind::wait || text.empty())) return c.error();
        if (!c || *c == 0) break;
        text += static_cast<char>(*c);
    }
    return text;
}

}  // namespace h7::semihosting

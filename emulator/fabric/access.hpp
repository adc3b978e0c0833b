// One access on the bus: who asks for what, from the first day (D-21). Every decision of the chip is made on
// this value.
#pragma once

#include <cstdint>
#include <string_view>

#include "emulator/base/expected.hpp"

namespace h7 {

using Address = std::uint32_t;

/// Picoseconds of virtual time since power-on (D-28). 64 bits last 213 days.
using Time = std::uint64_t;
inline constexpr Time kNever = ~Time{0};

enum class Op : std::uint8_t { read, fetch, write };

/// Bus masters of system.md 1.2. The four access ports are the debugger. New ones at the end: files keep the
/// number.
enum class Master : std::uint8_t {
    cm7,
    cm4,
    mdma,
    dma1,
    dma2,
    bdma,
    dma2d,
    ltdc,
    sdmmc1,
    sdmmc2,
    eth,
    usb1,
    usb2,
    ap0,
    ap1,
    ap3,
    ap2
};
inline constexpr unsigned kMasters = 17;

/// What runs on the master. Only the CM7 is ever anything but `application` (D-05, D-21):
/// secure_user while CONFSEC bit 1 is open; rss and bootloader while ST's code runs natively.
enum class Context : std::uint8_t { application, secure_user, rss, bootloader };

struct Access {
    Address address = 0;
    std::uint8_t size = 4;  // bytes: 1, 2, 4 or 8
    Op op = Op::read;
    Master master = Master::cm7;
    Context context = Context::application;
    bool privileged = true;
};

/// Why a transaction got no OK answer. `error` is the bus error of the manual; `wait` is a slave that holds
/// the transaction (a read of a busy flash bank, F-043): the master repeats it at `until`.
struct BusFault {
    enum class Kind : std::uint8_t { error, wait };
    Kind kind = Kind::error;
    Time until = 0;
    std::string_view why = "no slave answers";  // for people: what refused
    std::string_view rule = "";                 // the rule or manual section, "F-230"
};

inline BusFault bus_error(std::string_view why, std::string_view rule) {
    return {BusFault::Kind::error, 0, why, rule};
}
inline BusFault wait_until(Time until, std::string_view why, std::string_view rule) {
    return {BusFault::Kind::wait, until, why, rule};
}

/// The guest's fault is a value: it never throws and never ends the host.
template <class T>
using BusResult = Expected<T, BusFault>;

constexpr bool is_core(Master m) { return m == Master::cm7 || m == Master::cm4; }
constexpr bool is_debugger(Master m) { return m >= Master::ap0 && m <= Master::ap2; }

/// Names as printed in traces: "CM7", "MDMA", "AP0"; "read"; "secure user software".
std::string_view name_of(Master master);
std::string_view name_of(Op op);
std::string_view name_of(Context context);

/// Everything that answers on the bus: a peripheral, the flash interface, a memory.
class Slave {
public:
    virtual ~Slave() = default;
    /// The value in the low `access.size` bytes.
    virtual BusResult<std::uint64_t> read(const Access& access) = 0;
    virtual BusResult<void> write(const Access& access, std::uint64_t value) = 0;
};

}  // namespace h7

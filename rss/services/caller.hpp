// The Cortex-M7 program that called an RSS service: its registers and its own rights. The chip implements it
// on the core; a service never reads guest memory except through it (rss-sfi-bootloader.md 10).
#pragma once

#include <cstdint>

#include "emulator/fabric/access.hpp"

namespace h7::rss {

class Caller {
public:
    virtual ~Caller() = default;

    virtual std::uint32_t reg(unsigned n) const = 0;  // r0..r12
    virtual void set_reg(unsigned n, std::uint32_t value) = 0;
    virtual std::uint32_t lr() const = 0;
    virtual bool privileged() const = 0;
    virtual bool handler_mode() const = 0;

    /// A load with the program's own rights: MPU, privilege, bus. 1, 2, 4 or 8 bytes.
    virtual BusResult<std::uint64_t> load(Address address, unsigned size) = 0;
    /// Delivers the precise fault that an access to `address` met, at the call site.
    virtual void fault(Address address, const BusFault& why) = 0;

    /// A slave holds a load until `when` (F-043): the call is made again then, from its beginning.
    virtual void call_again(Time when) = 0;

    /// SCB->VTOR.
    virtual void set_vector_table(std::uint32_t vectors) = 0;
    /// PC = LR: the service is over.
    virtual void return_to_lr() = 0;
    /// MSP and PC from the table at `vectors`, VTOR = vectors, Thread mode, privileged, CONTROL = 0, LR =
    /// 0xFFFFFFFF, active exceptions dropped; `clear` also zeroes R0-R12 and the masks. What cannot be read
    /// faults.
    virtual void hand_over(Address vectors, bool clear) = 0;
};

}  // namespace h7::rss

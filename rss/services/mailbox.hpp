// The mailbox in AXI SRAM as the RSS reads and answers it (rss-sfi-bootloader.md 4.7, channel B of 1.4).
// Every byte of it is hostile; what a service needs is copied out of RAM once.
#pragma once

#include <optional>

#include "rss/image/license.hpp"
#include "rss/image/mailbox.hpp"
#include "rss/install/bus.hpp"
#include "rss/install/module.hpp"
#include "rss/install/part.hpp"
#include "rss/install/refusal.hpp"

namespace h7::rss {

class MailboxReader {
public:
    explicit MailboxReader(Machine& machine) : bus_(machine) {}

    /// A well-formed request, taken: its magic is overwritten before anything is done about it, so that a
    /// crash inside a service cannot loop. None: no request is there.
    std::optional<image::Mailbox> take();

    /// Writes the answer block over the request. `reason` stays inside (D-19).
    void answer(image::Mailbox request, const std::optional<Refusal>& refusal);

    /// The part that an sfi_part request stages: license, header, the records, and arguments[0] licenses of
    /// modules. E_ARG: other addresses than those of 4.7, too many licenses; E_SIZE: more than fits.
    Answer<StagedPart> copy_part(const image::Mailbox& request) const;
    /// The module that an smi request stages: its license at 0x24030800, the whole .smi file at 0x24031000.
    Answer<StagedModule> copy_module(const image::Mailbox& request) const;
    /// The records of an init_areas request: arguments[0] of them at payload_address, inside the staging
    /// window.
    Answer<Bytes> copy_areas(const image::Mailbox& request) const;

    /// Zeros over the staging window.
    void wipe_staging();

private:
    Answer<Bytes> copy(Address from, std::size_t size) const;

    Bus bus_;
};

}  // namespace h7::rss

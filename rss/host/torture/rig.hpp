// The chip on the rack: put back to the start of an install in microseconds, cut at a step of it that was
// recorded once, powered up, asked, and installed again.
#pragma once

#include <memory>

#include "rss/host/torture/subject.hpp"
#include "rss/image/mailbox.hpp"
#include "rss/install/journal.hpp"
#include "rss/services/engine.hpp"

namespace h7::torture {

struct Defect;

/// What an uninterrupted install does, step by step.
struct Recording {
    std::vector<flash::Controller::Step> steps;
    std::vector<std::size_t> part_ends;  // number of steps when each part was done
};

/// How one run of the RSS ended, as a debugger's tool and as the chip itself see it.
struct Served {
    bool served = false;     // the RSS took the request
    image::Detail detail{};  // the precise reason (D-19)
    std::string reason{};
    std::optional<image::Mailbox> answer{};  // what stands in the mailbox, if the port still shows it
    bool ok() const { return served && detail == image::Detail::none; }
};

class Rig {
public:
    /// Errors: the engine does not fit the host.
    static Result<std::unique_ptr<Rig>> create(const Subject& subject, const Plan& plan);

    chip::Chip& chip() { return *chip_; }
    const Subject& subject() const { return subject_; }
    const Plan& plan() const { return plan_; }

    /// The chip before the install: powered, BOOT0 high, the first part staged.
    void start();
    /// Stages a part through AP0 and resets.
    Served install(const Part& part);
    /// Only the staging; false: AP0 did not let it.
    bool stage(const Part& part);
    /// A mailbox request for what is staged.
    bool request(const image::Mailbox& mailbox);
    static image::Mailbox sfi_request(const Part& part);
    /// What asks for this plan's image or module.
    image::Mailbox request_of(const Part& part) const;
    Served reset();
    /// Every part still missing, by the chip's journal; each after a power-up where the lock wants it.
    Served install_all();

    /// start(), then without power: the first `steps` steps of the recording.
    void replay(const Recording& recording, std::size_t steps);
    void power_on();
    void power_cycle();
    /// From now on this chip lacks a rule (defects.hpp); null: it is sound.
    void set_defect(const Defect* defect) { defect_ = defect; }

    /// The newest record of the journal as it stands in flash; none: empty.
    std::optional<rss::JournalRecord> journal() const;
    /// The highest image version remembered for the image's firmware id.
    std::optional<std::uint32_t> remembered_version(const rss::FirmwareId& id) const;

    /// Options as the chip had them at start().
    const flash::OptionWords& first_options() const { return first_options_; }
    ByteView first_flash(unsigned bank) const { return first_flash_[bank]; }

private:
    Rig(const Subject& subject, const Plan& plan) : subject_(subject), plan_(plan) {}
    std::vector<rss::JournalRecord> records() const;

    const Subject& subject_;
    const Plan& plan_;
    const Defect* defect_ = nullptr;
    std::unique_ptr<chip::Chip> chip_;
    std::unique_ptr<chip::Snapshot> start_;
    flash::OptionWords first_options_{};
    std::array<Bytes, 2> first_flash_;
};

}  // namespace h7::torture

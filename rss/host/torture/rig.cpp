#include "rss/host/torture/rig.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/host/torture/defects.hpp"

namespace h7::torture {

Result<std::unique_ptr<Rig>> Rig::create(const Subject& subject, const Plan& plan) {
    auto rig = std::unique_ptr<Rig>(new Rig(subject, plan));
    chip::Config config;
    config.part = subject.part;
    config.image = subject.flash;
    config.image.options[flash::kOptsr] |= rss::kOptsrSecurity | 3U << 19;
    config.identity = subject.identity;
    config.seed = subject.ram_seed;
    config.readings = subject.readings;
    config.boot0 = true;
    rig->chip_ = TRY(chip::Chip::create(std::move(config)));
    chip::Chip& chip = rig->chip();
    chip.power_on();
    if (const auto port = chip.debug_port().state(Master::ap0, image::kMailboxAddress); !port.open)
        return refused(fmt::format("the chip's debug port is closed: {} ({})", port.why, port.rule));
    rig->first_options_ = chip.flash().options();
    for (unsigned bank = 0; bank < 2; ++bank) {
        const ByteView bytes = chip.flash().user(bank).bytes();
        rig->first_flash_[bank].assign(bytes.begin(), bytes.end());
    }
    if (!rig->stage(plan.flow.front()) || !rig->request(rig->request_of(plan.flow.front())))
        return refused("nothing can be staged through AP0");
    rig->start_ = chip.snapshot();
    return rig;
}

void Rig::start() { chip_->restore(*start_); }

bool Rig::stage(const Part& part) {
    const auto put = [&](Address address, ByteView bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            std::array<std::uint8_t, 8> piece{};
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        std::min<std::size_t>(8, bytes.size() - at), piece.begin());
            if (!chip_->debug_port().write(Master::ap0, address + static_cast<Address>(at), 8,
                                           load_le<std::uint64_t>(piece.data())))
                return false;
        }
        return true;
    };
    Address at = image::kModuleLicensesAddress;
    for (const Bytes& license : part.module_licenses) {
        if (!put(at, license)) return false;
        at += static_cast<Address>(license.size());
    }
    return put(image::kLicenseAddress, part.license) && put(image::kHeaderAddress, part.header) &&
           put(image::kRecordsAddress, part.records);
}

image::Mailbox Rig::sfi_request(const Part& part) {
    image::Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(image::MailboxService::sfi_part);
    mailbox.arguments[0] = static_cast<std::uint32_t>(part.module_licenses.size());
    mailbox.payload_address = image::kRecordsAddress;
    mailbox.payload_bytes = static_cast<std::uint32_t>(part.records.size());
    mailbox.sequence = 1;
    return mailbox;
}

image::Mailbox Rig::request_of(const Part& part) const {
    if (!plan_.module) return sfi_request(part);
    image::Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(image::MailboxService::smi);
    mailbox.payload_address = image::kHeaderAddress;
    mailbox.payload_bytes = static_cast<std::uint32_t>(part.header.size() + part.records.size());
    mailbox.sequence = 1;
    return mailbox;
}

bool Rig::request(const image::Mailbox& mailbox) {
    const auto bytes = image::serialise(mailbox);
    for (std::size_t at = 0; at < bytes.size(); at += 4)
        if (!chip_->debug_port().write(Master::ap0, image::kMailboxAddress + static_cast<Address>(at), 4,
                                       load_le32(bytes, at)))
            return false;
    return true;
}

Served Rig::reset() {
    chip_->press_reset();
    Served served;
    const auto& result = chip_->rss().last_result();
    if (!result) return served;
    served = {true, result->detail, result->reason, std::nullopt};
    if (!chip_->debug_port().state(Master::ap0, image::kMailboxAddress).open) return served;
    const ByteView ram = chip_->ram(image::kMailboxAddress);
    const auto mailbox =
        image::parse_mailbox(ram.subspan(image::kMailboxAddress - 0x2400'0000U, image::kMailboxBytes));
    if (mailbox) served.answer = *mailbox;
    return served;
}

Served Rig::install(const Part& part) {
    if (!stage(part) || !request(request_of(part))) return {};
    Served served = reset();
    if (defect_ != nullptr && defect_->after_install != nullptr) defect_->after_install(*this, served);
    return served;
}

Served Rig::install_all() {
    std::size_t next = 0;
    if (const auto record = journal(); record && record->state == rss::JournalState::installing)
        for (std::size_t n = 1; n < plan_.flow.size(); ++n)
            if (plan_.flow[n].first + 1 == record->next_index) next = n;
    Served served;
    for (; next < plan_.flow.size(); ++next) {
        served = install(plan_.flow[next]);
        if (!served.ok()) break;
    }
    return served;
}

void Rig::replay(const Recording& recording, std::size_t steps) {
    start();
    chip_->power_off();
    for (std::size_t n = 0; n < steps; ++n) chip_->flash().repeat(recording.steps[n]);
}

void Rig::power_on() {
    const auto before = journal();
    chip_->power_on();
    if (defect_ != nullptr && defect_->after_power_on != nullptr) defect_->after_power_on(*this, before);
}

void Rig::power_cycle() {
    chip_->power_off();
    chip_->flash().set_cut_at(0, 0);
    power_on();
}

std::vector<rss::JournalRecord> Rig::records() const {
    constexpr std::size_t kBytes = rss::JournalRecord::kBytes;
    const ByteView cells = chip_->flash().system(1).bytes();
    const flash::Array& array = *chip_->flash().arrays()[3];
    std::vector<rss::JournalRecord> records;
    for (std::size_t at = 0; at < 2UL * rss::kSpecialSectorBytes; at += kBytes) {
        if (cells[at] == 0xFF) continue;
        bool torn = false;
        for (std::uint32_t word = 0; word < kBytes; word += 32)
            torn |= array.state(static_cast<std::uint32_t>(at) + word) == flash::WordState::ecc_double;
        if (torn) continue;
        if (const auto record = rss::JournalRecord::decode(cells.subspan(at, kBytes)))
            records.push_back(*record);
    }
    return records;
}

std::optional<rss::JournalRecord> Rig::journal() const {
    std::optional<rss::JournalRecord> newest;
    for (const rss::JournalRecord& record : records())
        if (!newest || record.sequence > newest->sequence) newest = record;
    return newest;
}

std::optional<std::uint32_t> Rig::remembered_version(const rss::FirmwareId& id) const {
    std::optional<std::uint32_t> highest;
    for (const rss::JournalRecord& record : records())
        if (record.state == rss::JournalState::done && record.fw_id == id)
            highest = std::max(highest.value_or(0), record.word(0));
    return highest;
}

}  // namespace h7::torture

// (c) The wrong chip, the wrong license, the wrong order, an older version, and somebody who comes at the
// wrong moment.
#include <fmt/format.h>

#include "rss/crypto/openssl_ecdh.hpp"
#include "rss/host/flasher/option_change.hpp"
#include "rss/host/provisioning/identity.hpp"
#include "rss/host/torture/cases.hpp"
#include "rss/image/license.hpp"

namespace h7::torture {
namespace {

using image::AreaType;
using image::Detail;

void add(std::vector<Case>& all, std::string name, std::function<Outcome(Bench&)> run) {
    all.push_back({std::move(name), Group::situations, std::move(run)});
}

void expect(Outcome& outcome, bool holds, std::string what) {
    if (!holds) outcome.broken.push_back(std::move(what));
}

std::string said(const Served& served) {
    return served.served ? std::string(image::name(served.detail)) : "nothing";
}

// --- licenses ---

rss::Identity another_chip() {
    // Any other device: the test identity of the emulator, with another UID where it happens to be this chip.
    rss::Identity other = provisioning::test_identity();
    other.uid[5] = static_cast<std::uint8_t>(other.uid[5] ^ 1U);
    return other;
}

Outcome with_license(Bench& bench, const Bytes& license, Detail expected) {
    Outcome outcome;
    bench.rig.start();
    Part part = bench.rig.plan().flow.front();
    part.license = license;
    const Detail details[] = {expected};
    judge_refusal(bench, bench.rig.install(part), details, outcome);
    for (std::string& dirty : bench.judge.ram_is_clean()) outcome.broken.push_back(std::move(dirty));
    bench.rig.power_cycle();
    finish(bench, outcome);
    return outcome;
}

void add_licenses(std::vector<Case>& all) {
    add(all, "license/of-another-chip", [](Bench& b) {
        return with_license(b, license_for(another_chip(), b.rig.plan().key), Detail::E_LIC_TAG);
    });
    add(all, "license/of-the-same-key-with-another-uid", [](Bench& b) {
        rss::Identity twin = b.rig.subject().identity;
        twin.uid[0] = static_cast<std::uint8_t>(twin.uid[0] ^ 1U);
        return with_license(b, license_for(twin, b.rig.plan().key), Detail::E_LIC_TAG);
    });
    add(all, "license/of-another-firmware-key", [](Bench& b) {
        crypto::FirmwareKey other = b.rig.plan().key;
        other.key.bytes()[0] = static_cast<std::uint8_t>(other.key.bytes()[0] ^ 1U);
        return with_license(b, license_for(b.rig.subject().identity, other), Detail::E_HDR_TAG);
    });
    add(all, "license/of-another-nonce", [](Bench& b) {
        crypto::FirmwareKey other = b.rig.plan().key;
        other.nonce.bytes()[3] = static_cast<std::uint8_t>(other.nonce.bytes()[3] ^ 1U);
        return with_license(b, license_for(b.rig.subject().identity, other), Detail::E_HDR_TAG);
    });
    add(all, "license/for-another-firmware-id", [](Bench& b) {
        image::License like;
        like.firmware_id = {1, 2, 3, 4, 5, 6, 7, 8};
        return with_license(b, license_for(b.rig.subject().identity, b.rig.plan().key, like),
                            Detail::E_LIC_FWID);
    });
    add(all, "license/for-a-module", [](Bench& b) {
        image::License like;
        like.type = image::LicenseType::smi_static;
        return with_license(b, license_for(b.rig.subject().identity, b.rig.plan().key, like),
                            Detail::E_LIC_FORMAT);
    });
    add(all, "license/live-without-a-session", [](Bench& b) {
        image::License like;
        like.type = image::LicenseType::sfi_live;
        like.session = 1;
        return with_license(b, license_for(b.rig.subject().identity, b.rig.plan().key, like),
                            Detail::E_LIC_SESSION);
    });
    add(all, "license/point-at-infinity", [](Bench& b) {
        Bytes license = b.rig.plan().flow.front().license;
        std::fill_n(license.begin() + 0x18, 64, std::uint8_t{0});
        return with_license(b, license, Detail::E_LIC_POINT);
    });
    add(all, "license/point-off-the-curve", [](Bench& b) {
        Bytes license = b.rig.plan().flow.front().license;
        std::fill_n(license.begin() + 0x18, 64, std::uint8_t{1});
        return with_license(b, license, Detail::E_LIC_POINT);
    });
    add(all, "license/all-zeros",
        [](Bench& b) { return with_license(b, Bytes(136, 0), Detail::E_LIC_VERSION); });
    add(all, "license/all-ones",
        [](Bench& b) { return with_license(b, Bytes(136, 0xFF), Detail::E_LIC_VERSION); });
}

// --- the chip is not in the state for it ---

Outcome on_changed_options(Bench& bench, const std::function<void(flash::OptionWords&)>& change,
                           std::optional<Detail> expected) {
    Outcome outcome;
    bench.rig.start();
    chip::Chip& chip = bench.rig.chip();
    flash::OptionWords words = chip.flash().options();
    change(words);
    chip.power_off();
    chip.flash().repeat({std::nullopt, words});
    chip.power_on();
    words = chip.flash().options();  // an RSS that undid a swap did so already
    const std::uint64_t steps = chip.flash().steps();
    // The port may be closed by what was changed; the application can write RAM as well.
    const Part& part = bench.rig.plan().flow.front();
    const auto put = [&](Address address, ByteView bytes) {
        for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
            static_cast<void>(
                chip.write(chip.as_core(Master::cm7, address + static_cast<Address>(at), 4, Op::write),
                           load_le32(bytes, at)));
    };
    put(image::kLicenseAddress, part.license);
    put(image::kHeaderAddress, part.header);
    put(image::kRecordsAddress, part.records);
    put(image::kMailboxAddress, image::serialise(Rig::sfi_request(part)));
    const Served served = bench.rig.reset();
    outcome.ended = said(served);
    expect(
        outcome, served.served == expected.has_value() && (!expected || served.detail == *expected),
        fmt::format("the RSS says {}, not {}", said(served), expected ? image::name(*expected) : "nothing"));
    expect(outcome, chip.flash().steps() == steps && chip.flash().options() == words,
           "flash or options were changed");
    return outcome;
}

void add_preconditions(std::vector<Case>& all) {
    const auto on = [&](std::string name, std::function<void(flash::OptionWords&)> change,
                        std::optional<Detail> expected) {
        add(all, "chip/" + name, [change = std::move(change), expected](Bench& b) {
            return on_changed_options(b, change, expected);
        });
    };
    on(
        "rdp-1", [](auto& w) { w[flash::kOptsr] = (w[flash::kOptsr] & ~0xFF00U) | 0xBB00U; }, std::nullopt);
    on(
        "pcrop-in-bank-1", [](auto& w) { w[flash::kPrar1] = 0x0003'0000; }, Detail::E_PCROP);
    on(
        "pcrop-in-bank-2", [](auto& w) { w[flash::kPrar2] = 0x8003'0000; }, Detail::E_PCROP);
    on(
        "secure-area-in-bank-1", [](auto& w) { w[flash::kScar1] = 0x0003'0000; }, Detail::E_EXISTS);
    on(
        "secure-area-in-bank-2", [](auto& w) { w[flash::kScar2] = 0x8003'0000; }, Detail::E_EXISTS);
    on(
        "write-protection-in-bank-1", [](auto& w) { w[flash::kWpsn1] = 0xFE; }, Detail::E_WRP);
    on(
        "write-protection-in-bank-2", [](auto& w) { w[flash::kWpsn2] = 0x7F; }, Detail::E_WRP);
    for (std::uint32_t size = 0; size < 3; ++size)
        on(
            fmt::format("st-ram-size-{}", size),
            [size](auto& w) { w[flash::kOptsr] = (w[flash::kOptsr] & ~(3U << 19)) | size << 19; },
            Detail::E_RAM);
    on(
        "without-security", [](auto& w) { w[flash::kOptsr] &= ~rss::kOptsrSecurity; }, std::nullopt);
}

// --- order of requests ---

Outcome refused_request(Bench& bench, const std::function<void(image::Mailbox&)>& change, Detail expected) {
    Outcome outcome;
    bench.rig.start();
    image::Mailbox mailbox = Rig::sfi_request(bench.rig.plan().flow.front());
    change(mailbox);
    static_cast<void>(bench.rig.request(mailbox));
    const Detail details[] = {expected};
    judge_refusal(bench, bench.rig.reset(), details, outcome);
    return outcome;
}

void add_requests(std::vector<Case>& all, const Bench& bench) {
    const auto refused = [&](std::string name, std::function<void(image::Mailbox&)> change, Detail expected) {
        add(all, "request/" + name, [change = std::move(change), expected](Bench& b) {
            return refused_request(b, change, expected);
        });
    };
    refused(
        "abort-with-nothing-under-way",
        [](auto& m) { m.service = static_cast<std::uint32_t>(image::MailboxService::abort); },
        Detail::E_STATE);
    refused(
        "unknown-service", [](auto& m) { m.service = 99; }, Detail::E_ARG);
    refused(
        "records-elsewhere", [](auto& m) { m.payload_address += 8; }, Detail::E_ARG);
    refused(
        "more-records-than-fit", [](auto& m) { m.payload_bytes = image::kMaxStagedRecords + 1; },
        Detail::E_SIZE);
    refused(
        "no-records", [](auto& m) { m.payload_bytes = 0; }, Detail::E_TRUNC);
    add(all, "request/is-used-once", [](Bench& b) {
        Outcome outcome;
        b.rig.start();
        Part part = b.rig.plan().flow.front();
        part.license[0x78] = static_cast<std::uint8_t>(part.license[0x78] ^ 1U);
        static_cast<void>(b.rig.install(part));
        b.rig.power_cycle();
        b.rig.chip().press_reset();
        expect(outcome, !b.rig.chip().rss().last_result(), "a request was served twice");
        for (std::string& changed : b.judge.untouched()) outcome.broken.push_back(std::move(changed));
        outcome.ended = "used once";
        return outcome;
    });
    for (std::size_t part = 1; part < bench.rig.plan().flow.size(); ++part)
        add(all, fmt::format("request/part-{}-first", part + 1), [part](Bench& b) {
            Outcome outcome;
            b.rig.start();
            const Detail details[] = {Detail::E_ORDER, Detail::E_TOKEN, Detail::E_STATE};
            judge_refusal(b, b.rig.install(b.rig.plan().flow[part]), details, outcome);
            return outcome;
        });
}

// --- versions ---

/// The image's firmware alone, of any version: it leaves the chip open, so that a second install can be
/// tried.
Flow open_image(const Plan& plan, std::uint32_t version) {
    std::vector<Area> areas;
    for (const Area& area : plan.areas)
        if (area.descriptor.type == AreaType::firmware) areas.push_back(area);
    image::Header header = plan.header;
    header.image_version = version;
    header.flags = 0;
    header.ram_size = header.token_address = 0;
    return seal(header, std::move(areas), plan.key, plan.flow.front().license);
}

Outcome rollback(Bench& bench, bool regression) {
    Outcome outcome;
    bench.rig.start();
    chip::Chip& chip = bench.rig.chip();
    const auto floor = bench.rig.remembered_version(bench.rig.plan().header.firmware_id).value_or(0);
    const std::uint32_t version = std::max(floor, std::uint32_t{1});
    Served served = bench.rig.install(open_image(bench.rig.plan(), version).front());
    expect(outcome, served.ok(), fmt::format("version {} is refused: {}", version, said(served)));
    served = bench.rig.install(open_image(bench.rig.plan(), version).front());
    expect(outcome, served.ok(), fmt::format("version {} again is refused: {}", version, said(served)));
    if (regression) {
        for (const std::uint32_t rdp : {0xBBU, 0xAAU}) {
            flash::OptionWords words = chip.flash().options();
            words[flash::kOptsr] = (words[flash::kOptsr] & ~0xFF00U) | rdp << 8;
            flasher::DebugLink link(chip);
            const auto changed = flasher::change_options(link, words);
            expect(outcome, changed.has_value(), "the RDP change is refused");
            bench.rig.power_cycle();
        }
    }
    const std::uint64_t steps = chip.flash().steps();
    served = bench.rig.install(open_image(bench.rig.plan(), version - 1).front());
    outcome.ended = said(served);
    expect(outcome, served.served && served.detail == Detail::E_ROLLBACK,
           fmt::format("version {} after {}: {}", version - 1, version, said(served)));
    expect(outcome, chip.flash().steps() == steps, "a refused rollback changed flash");
    return outcome;
}

// --- somebody comes at the wrong moment ---

/// During each step every port is closed, both cores stand, and who writes the staging changes nothing.
Outcome watched(Bench& bench, bool scribble) {
    Outcome outcome;
    bench.rig.start();
    chip::Chip& chip = bench.rig.chip();
    std::uint64_t steps = 0;
    std::string first;
    chip.flash().on_step = [&](const flash::Controller::Step&) {
        ++steps;
        for (const Master port : {Master::ap0, Master::ap1, Master::ap3}) {
            ++outcome.reads;
            if (first.empty() && chip.debug_port().read(port, 0x0800'0000, 4))
                first = fmt::format("{} reads flash while the RSS works, at step {}", name_of(port), steps);
        }
        for (const cpu::Core* core : {&chip.cm7(), &chip.cm4()})
            if (first.empty() && core->state() != cpu::RunState::held)
                first = fmt::format("a core runs while the RSS works, at step {}", steps);
        if (!scribble) return;
        for (Address at = image::kMailboxAddress; at < image::kRecordsAddress + 0x1000; at += 64)
            static_cast<void>(chip.write({at, 8, Op::write, Master::mdma, Context::application, true},
                                         steps * 0x0101'0101'0101'0101U));
    };
    const Served served = bench.rig.reset();
    chip.flash().on_step = {};
    expect(outcome, first.empty(), first);
    if (bench.rig.plan().flow.size() == 1) {
        expect(outcome, served.ok(), fmt::format("the install ends with {}", said(served)));
        const Seen seen = bench.judge.look();
        for (const std::string& one : seen.broken) outcome.broken.push_back(one);
        expect(outcome, seen.state == State::complete,
               fmt::format("the install ends {}", name_of(seen.state)));
        if (!scribble)
            for (std::string& dirty : bench.judge.ram_is_clean()) outcome.broken.push_back(std::move(dirty));
    }
    outcome.ended = scribble ? "written over at every step" : "closed at every step";
    return outcome;
}

/// The erase does not work: the chip stays locked, nobody gets in, and the next power-up ends blank.
Outcome erase_fails(Bench& bench, unsigned bank) {
    Outcome outcome;
    bench.rig.start();
    chip::Chip& chip = bench.rig.chip();
    chip.flash().fail_next_operation(bank);
    // The first operation of a bank is the journal's where that lives in it: let that one pass.
    if (bank == 1) {
        chip.flash().fail_next_operation(bank, false);
        chip.flash().on_step = [&](const flash::Controller::Step& step) {
            if (step.cells && step.cells->kind == flash::Operation::Kind::erase_sector)
                chip.flash().fail_next_operation(1);
        };
    }
    const Served served = bench.rig.reset();
    chip.flash().on_step = {};
    chip.flash().fail_next_operation(0, false);
    chip.flash().fail_next_operation(1, false);
    expect(outcome, served.served && served.detail == Detail::E_FLASH,
           fmt::format("the RSS says {}, not E_FLASH", said(served)));
    const Seen seen = bench.judge.look();
    for (const std::string& one : seen.broken) outcome.broken.push_back(one);
    outcome.ended = name_of(seen.state);
    Reading reading = read_by_everybody(bench.rig, bench.probes, false);
    outcome.reads += reading.reads;
    for (std::string& leak : reading.leaks) outcome.broken.push_back(std::move(leak));
    if (chip.rss().install_lock()) {
        flasher::DebugLink link(chip);
        expect(outcome, !link.read(0x5200'2010), "AP0 reaches the FLASH registers under the install lock");
        expect(outcome, !link.read(0xE000'ED00), "AP0 reaches the CM7 under the install lock");
        expect(outcome, link.read(image::kRecordsAddress).has_value(),
               "AP0 does not reach the staging under the install lock");
    }
    bench.rig.power_cycle();
    finish(bench, outcome);
    return outcome;
}

/// After a cut somebody goes to RDP level 1 and back, or protects a sector; the genuine install works
/// afterwards.
Outcome attacked(Bench& bench, std::size_t step, bool regression) {
    Outcome outcome;
    bench.rig.replay(bench.recording, step - 1);
    chip::Chip& chip = bench.rig.chip();
    chip.power_on();
    ++outcome.cycles;
    const Seen seen = bench.judge.look();
    outcome.ended = name_of(seen.state);
    for (const std::string& one : seen.broken) outcome.broken.push_back(one);
    if (seen.state != State::old && seen.state != State::blank) {
        recover_and_judge(bench, outcome);
        return outcome;
    }
    const flash::OptionWords before = chip.flash().options();
    const auto change = [&](const std::function<void(flash::OptionWords&)>& how) {
        flash::OptionWords words = chip.flash().options();
        how(words);
        flasher::DebugLink link(chip);
        const auto changed = flasher::change_options(link, words);
        expect(outcome, changed.has_value(),
               changed ? "" : "the attacker's option change is refused: " + changed.error().message);
        bench.rig.power_cycle();
    };
    if (regression) {
        change([](auto& w) { w[flash::kOptsr] = (w[flash::kOptsr] & ~0xFF00U) | 0xBB00U; });
        const Served at_level1 = bench.rig.install_all();
        expect(outcome, !at_level1.served, fmt::format("at RDP level 1 the RSS says {}", said(at_level1)));
        bench.rig.power_cycle();
        change([](auto& w) { w[flash::kOptsr] = (w[flash::kOptsr] & ~0xFF00U) | 0xAA00U; });
    } else {
        change([](auto& w) { w[flash::kWpsn1] &= ~2U; });
        const std::uint64_t steps = chip.flash().steps();
        const Served served = bench.rig.install_all();
        expect(outcome, served.served && served.detail == Detail::E_WRP,
               fmt::format("with a protected sector the RSS says {}", said(served)));
        expect(outcome, chip.flash().steps() == steps, "a refused install changed flash");
        change([](auto& w) { w[flash::kWpsn1] |= 2U; });
    }
    expect(outcome, chip.flash().options() == before, "the options are not what they were");
    finish(bench, outcome);
    return outcome;
}

}  // namespace

void add_situations(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    add_licenses(all);
    add_preconditions(all);
    add_requests(all, bench);
    add(all, "version/rollback", [](Bench& b) { return rollback(b, false); });
    add(all, "version/rollback-after-a-regression", [](Bench& b) { return rollback(b, true); });
    add(all, "during/ports-and-cores", [](Bench& b) { return watched(b, false); });
    add(all, "during/staging-is-overwritten", [](Bench& b) { return watched(b, true); });
    for (const unsigned bank : {0U, 1U})
        add(all, fmt::format("erase-fails/bank{}", bank + 1),
            [bank](Bench& b) { return erase_fails(b, bank); });
    const std::size_t steps = bench.recording.steps.size();
    for (unsigned n = 0; n < effort.attackers && steps != 0; ++n) {
        const std::size_t step = 1 + n * steps / effort.attackers;
        add(all, fmt::format("between/{}/regression", step),
            [step](Bench& b) { return attacked(b, step, true); });
        add(all, fmt::format("between/{}/write-protection", step),
            [step](Bench& b) { return attacked(b, step, false); });
    }
}

}  // namespace h7::torture

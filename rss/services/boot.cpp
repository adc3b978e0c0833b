#include "rss/services/boot.hpp"

#include <fmt/format.h>

#include "emulator/fabric/clock.hpp"
#include "rss/crypto/openssl_hkdf.hpp"
#include "rss/install/destroy_pcrop.hpp"
#include "rss/install/flash_registers.hpp"
#include "rss/install/module.hpp"
#include "rss/services/debug_pins.hpp"
#include "rss/services/rom.hpp"
#include "rss/services/secure_areas.hpp"

namespace h7::rss {
namespace {

constexpr Address kDtcm = 0x2000'0000;
constexpr Time kBootTime = 2 * kMillisecond;  // with nothing to do (rss-sfi-bootloader.md 10)

constexpr std::uint32_t kRuntimeMagic =
    0x4553'5352;  // "RSSE" in vector 7 of the secure user software
constexpr Address kRuntimeVector = 0x1C;

constexpr std::uint32_t kSystemOpen = 1, kUserOpen = 2;  // CONFSEC
constexpr std::uint32_t kWithSession = 1;  // get_certificate: draw a session number for a live license

bool in_system_flash(Address address) { return address >= kRomBase && address < kRomBase + kRomBytes; }
bool in_user_flash(Address address) { return address >= kUserFlash && address < kUserFlashEnd; }

}  // namespace

void Boot::say(const std::string& line) const {
    if (machine_.trace().on()) machine_.trace().line(Topic::rss, line);
}

// DTCM handed to the RSS by ST_RAM_SIZE: empty when it starts, empty when it leaves (1.6).
void Boot::wipe_ram_window() {
    const auto optsr = driver_.bus().read32(flash_registers::kOptsrCur);
    if (optsr) static_cast<void>(driver_.bus().fill(kDtcm, st_ram_bytes(*optsr), 0));
}

Address Boot::boot_address() const {
    const auto boot7 = driver_.bus().read32(flash_registers::kBoot7Cur);
    const std::uint32_t word = boot7.value_or(0);
    return (machine_.boot0_pin() ? extract(word, 31, 16) : extract(word, 15, 0)) << 16;
}

Outcome Boot::run(const BootTarget& target) {
    machine_.spend(kBootTime);
    wipe_ram_window();
    journal_.load();
    const auto now = driver_.options();
    if (!now || !machine_.powered()) return {Outcome::Kind::power_lost};

    // An interrupted install is finished before anything else, the swap rule included (4.9, power loss).
    if (journal_.state() != JournalState::idle && journal_.state() != JournalState::done)
        return finish_interrupted();
    if (retained_.pending) {
        PendingRequest request = std::move(*retained_.pending);
        retained_.pending.reset();  // used once, before it is served
        return serve_latched(std::move(request));
    }
    if (rdp_of((*now)[kOptsr]) == security::Rdp::level0)
        if (const auto request = mailbox_.take()) return serve_mailbox(*request);
    return start(*now, target);
}

// Flash registers were touched or a service ran: a system reset, so that the user finds a clean block. Where
// an RDP level 1 came into force under a debugger's eyes user flash would answer with bus errors: wait for
// power-on instead.
Outcome Boot::reset_or_wait() {
    static_cast<void>(driver_.lock());
    if (!machine_.powered()) return {Outcome::Kind::power_lost};
    const auto now = driver_.options();
    if (now && rdp_of((*now)[kOptsr]) == security::Rdp::level1 && machine_.secure_mode().intrusion()) {
        retained_.debug_open = false;
        say("RDP level 1 with the intrusion latch set: waiting for power-on");
        return {Outcome::Kind::park};
    }
    return {Outcome::Kind::system_reset};
}

// Nothing but the next part, or an ABORT, gets in here; the debug port reaches the staging window only.
Outcome Boot::between_two_parts() {
    using Service = image::MailboxService;
    retained_.install_lock = true;
    retained_.pending.reset();
    const auto request = mailbox_.take();
    if (!request) {
        say(fmt::format("between two parts of an image: waiting for area {}", journal_.current().next_index));
        return {Outcome::Kind::park};
    }
    const auto service = static_cast<Service>(request->service);
    if (service == Service::sfi_part || service == Service::abort || service == Service::get_certificate)
        return serve_mailbox(*request);
    const Refusal refusal{Detail::E_STATE, "between two parts only the next part or an ABORT is served"};
    mailbox_.answer(*request, refusal);
    static_cast<void>(after_service(request->service, refusal));
    return {machine_.powered() ? Outcome::Kind::park : Outcome::Kind::power_lost};
}

Outcome Boot::finish_interrupted() {
    const JournalState state = journal_.state();
    if (state == JournalState::installing && installer().awaits_part()) return between_two_parts();
    retained_.install_lock = locks(state);
    say(fmt::format("the journal says {}: finishing that first", name_of(state)));
    const auto [service, done] = [&]() -> std::pair<image::MailboxService, Answer<>> {
        switch (state) {
            case JournalState::destroy_pcrop:
                return {image::MailboxService::destroy_pcrop, PcropDestroyer(driver_, journal_).resume()};
            case JournalState::smi_installing:
            case JournalState::smi_pending:
                return {image::MailboxService::smi, ModuleInstaller(driver_, journal_, identity_).recover()};
            default:
                return {image::MailboxService::sfi_part, installer().recover()};
        }
    }();
    if (!machine_.powered()) return {Outcome::Kind::power_lost};
    if (!done) {
        // Still unfinished: stay locked, try again at the next reset. A finished abort is a system reset like
        // any.
        const Outcome outcome = after_service(static_cast<std::uint32_t>(service), done.error());
        return locks(journal_.state()) ? Outcome{Outcome::Kind::park} : outcome;
    }
    std::optional<Refusal> refusal;
    if (state == JournalState::installing)
        refusal = Refusal{Detail::E_POWER, "the install was interrupted; the chip is blank again"};
    if (state == JournalState::abort_erase)
        refusal = Refusal{Detail::E_ABORTED, "the install had been aborted; the chip is blank again"};
    if (state == JournalState::smi_installing)
        refusal =
            Refusal{Detail::E_POWER, "the module install was interrupted; zeros stand where the module was"};
    return after_service(static_cast<std::uint32_t>(service), refusal);
}

Outcome Boot::after_service(std::uint32_t service, const std::optional<Refusal>& refusal) {
    if (!machine_.powered()) return {Outcome::Kind::power_lost};
    retained_.last = InstallResult{service, Detail::none, ""};
    if (refusal) {
        retained_.last->detail = refusal->detail;
        retained_.last->reason = refusal->reason;
        say(fmt::format("refused: {} ({})", refusal->reason, image::name(refusal->detail)));
    }
    retained_.install_lock = locks(journal_.state());
    return reset_or_wait();
}

Outcome Boot::serve_latched(PendingRequest request) {
    Answer<> done = Refusal{Detail::E_ARG, "no such service"};
    switch (request.service) {
        case image::MailboxService::init_areas:
            say("serving resetAndInitializeSecureAreas");
            done = initialise_areas(request.count, request.blob);
            break;
        case image::MailboxService::destroy_pcrop:
            say("serving resetAndDestroyPCROPArea");
            done = destroy_pcrop(request.count);
            break;
        case image::MailboxService::smi:
            say("serving SMI_resetAndInstallModules");
            if (request.blob.size() >= image::kLicenseBytes) {
                const ByteView blob = request.blob;
                const ByteView license = blob.first(image::kLicenseBytes);
                const ByteView file = blob.subspan(image::kLicenseBytes);
                done = install_module({{license.begin(), license.end()}, {file.begin(), file.end()}});
            }
            break;
        case image::MailboxService::sfi_part:
        case image::MailboxService::get_certificate:
        case image::MailboxService::abort:
            break;  // only by mailbox
    }
    return after_service(static_cast<std::uint32_t>(request.service),
                         done ? std::nullopt : std::optional(done.error()));
}

Outcome Boot::serve_mailbox(const image::Mailbox& request) {
    say(fmt::format("serving mailbox request {}, sequence {}", request.service, request.sequence));
    image::Mailbox answer = request;
    const auto body = [&]() -> Answer<> {
        switch (static_cast<image::MailboxService>(request.service)) {
            case image::MailboxService::init_areas:
                return initialise_areas(request.arguments[0], TRY(mailbox_.copy_areas(request)));
            case image::MailboxService::destroy_pcrop:
                return destroy_pcrop(request.arguments[0]);
            case image::MailboxService::sfi_part:
                return install_part(request, answer);
            case image::MailboxService::get_certificate:
                answer.payload_address = kCertificate;
                answer.payload_bytes = static_cast<std::uint32_t>(identity_.certificate.size());
                if (request.arguments[0] == kWithSession) answer.arguments[1] = draw_session();
                return {};
            case image::MailboxService::abort:
                return abort();
            case image::MailboxService::smi:
                return install_module(TRY(mailbox_.copy_module(request)));
        }
        return Refusal{Detail::E_ARG, fmt::format("there is no service {}", request.service)};
    };
    const Answer<> done = body();
    const std::optional<Refusal> refusal = done ? std::nullopt : std::optional(done.error());
    if (machine_.powered()) mailbox_.answer(answer, refusal);
    const Outcome outcome = after_service(request.service, refusal);
    // An erase that did not work keeps the lock: no reset loop, the next reset tries again.
    return locks(journal_.state()) && outcome.kind != Outcome::Kind::power_lost ? Outcome{Outcome::Kind::park}
                                                                                : outcome;
}

Answer<> Boot::install_part(const image::Mailbox& request, image::Mailbox& answer) {
    const StagedPart part = TRY(mailbox_.copy_part(request));
    const Installed installed = TRY(installer().install(part));
    answer.arguments[0] = installed.next_index;
    if (installed.next_index != 0) {
        say(fmt::format("a part is installed; area {} comes next", installed.next_index));
        return {};
    }
    say(fmt::format("image version {} is installed", installed.image_version));
    retained_.session = 0;  // a live license serves once
    mailbox_.wipe_staging();
    wipe_ram_window();
    return {};
}

Answer<> Boot::abort() {
    retained_.session = 0;
    return installer().abort();
}

Answer<> Boot::install_module(const StagedModule& module) {
    TRY(run_time_services_enabled());
    return ModuleInstaller(driver_, journal_, identity_).install(module);
}

// A number nobody can foretell and no install sees twice: the chip's secret over the time, which never goes
// back (decision 0212).
std::uint32_t Boot::draw_session() {
    std::array<std::uint8_t, 16> info{'S', 'F', 'I', '-', 'L', 'I', 'V', 'E'};
    store_le<std::uint64_t>(info.data() + 8, static_cast<std::uint64_t>(machine_.now()));
    std::array<std::uint8_t, 4> out{};
    static_cast<void>(crypto::hkdf_sha256(identity_.private_key, {}, info, out));  // 4 bytes: never too many
    const std::uint32_t drawn = load_le32(out, 0);
    retained_.session = drawn != 0 ? drawn : 1;
    return retained_.session;
}

Answer<> Boot::initialise_areas(std::uint32_t count, ByteView records) {
    if (!machine_.secure_mode().latched())
        return Refusal{Detail::E_DISABLED, "secure areas need SECURITY = 1, in force since a reset"};
    const OptionWords now = TRY(answer_of(driver_.options()));
    const bool swapped = TRY(answer_of(driver_.swapped()));
    const OptionWords words = TRY(plan_secure_areas(now, swapped, count, records));
    TRY(answer_of(driver_.take_over()));
    TRY(answer_of(driver_.change_options(words)));
    const AreaChoice choice = choose_secure_area(words, swapped, boot_address());
    if (choice.kind == AreaChoice::Kind::undo_swap)
        machine_.trace().notice(
            "RSS: one secure area while the banks are swapped: the next boot undoes the swap "
            "(R-050) and the area appears in the other window");
    return {};
}

// SMI and destroy-PCROP are open to a program that runs after secure user software only if that software says
// so.
Answer<> Boot::run_time_services_enabled() const {
    const OptionWords now = TRY(answer_of(driver_.options()));
    const AreaChoice choice = choose_secure_area(now, TRY(answer_of(driver_.swapped())), boot_address());
    if (choice.kind == AreaChoice::Kind::none) return {};
    const auto vector = driver_.bus().read32(choice.area.start + kRuntimeVector);
    if (choice.kind == AreaChoice::Kind::start && vector && *vector == kRuntimeMagic) return {};
    return Refusal{Detail::E_STATE, "the secure user software does not enable run-time services (R-029)"};
}

Answer<> Boot::destroy_pcrop(std::uint32_t bank) {
    if (!profile_.destroy_pcrop) return Refusal{Detail::E_TYPE, "this RSS has no resetAndDestroyPCROPArea"};
    TRY(run_time_services_enabled());
    return PcropDestroyer(driver_, journal_).destroy(bank);
}

Outcome Boot::leave(const Outcome& outcome, std::uint32_t confsec, bool debug_open) {
    wipe_ram_window();
    machine_.secure_mode().close(confsec);
    retained_.debug_open = debug_open;
    return outcome;
}

Outcome Boot::start(const OptionWords& now, const BootTarget& target) {
    const auto swapped = driver_.swapped();
    if (!swapped) return {Outcome::Kind::power_lost};
    const AreaChoice choice = choose_secure_area(now, *swapped, boot_address());
    switch (choice.kind) {
        case AreaChoice::Kind::none:
            return start_target(now, target);
        case AreaChoice::Kind::undo_swap: {
            say("one secure area and the banks are swapped: switching the swap off (R-050)");
            OptionWords words = now;
            words[kOptsr] &= ~kOptsrSwapBank;
            const auto undone = driver_.change_options(words);
            if (!machine_.powered()) return {Outcome::Kind::power_lost};
            if (!undone) say("the swap could not be switched off: " + undone.error().what);
            return undone ? reset_or_wait() : Outcome{Outcome::Kind::park};
        }
        case AreaChoice::Kind::start:
            break;
    }
    take_debug_pins(machine_);
    if (!target.cm7_starts) {
        say("BCM7 = 0: the secure area is closed, the CM7 stays held");
        return leave({Outcome::Kind::no_cm7, 0, true}, 0, false);
    }
    say(fmt::format("starting secure user software at 0x{:08X}", choice.area.start));
    return leave({Outcome::Kind::start_secure_area, choice.area.start, true}, kUserOpen, true);
}

Outcome Boot::start_target(const OptionWords& now, const BootTarget& target) {
    if (!target.cm7_starts) return leave({Outcome::Kind::no_cm7, 0, true}, 0, true);
    if (in_system_flash(target.cm7)) {
        say("starting the bootloader");
        return leave({Outcome::Kind::bootloader, kBootVectors, true}, 0, true);
    }
    const auto stack = driver_.bus().read32(target.cm7);
    driver_.clear_read_flags();
    const bool blank = in_user_flash(target.cm7) && stack && *stack == 0xFFFF'FFFFU;
    if (blank && !machine_.boot0_pin() && rdp_of(now[kOptsr]) != security::Rdp::level2) {
        say("flash is blank: starting the secure-capable bootloader, debug port closed");
        return leave({Outcome::Kind::bootloader, kBootVectors, false}, kSystemOpen, false);
    }
    say(fmt::format("no secure area: booting 0x{:08X}", target.cm7));
    return leave({Outcome::Kind::application, target.cm7, true}, 0, true);
}

}  // namespace h7::rss

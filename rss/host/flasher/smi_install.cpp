#include "rss/host/flasher/smi_install.hpp"

#include <fmt/format.h>

#include "rss/host/flasher/preparation.hpp"
#include "rss/image/license.hpp"
#include "rss/image/mailbox.hpp"

namespace h7::flasher {

Result<image::Module> check_files(const ModuleRequest& request) {
    auto module = image::parse_smi(request.module);
    if (!module) return image::to_error(module.error(), request.module_name);
    const auto license = image::parse_license(request.license);
    if (!license) return image::to_error(license.error(), request.license_name);
    if (license->type != image::LicenseType::smi_static)
        return misuse(fmt::format(
            "{}: a license for firmware (SFI), not for a module (SMI); make one with h7rss license "
            "issue --module",
            request.license_name));
    if (request.module.size() > image::kStagingLast + 1 - image::kHeaderAddress)
        return misuse(fmt::format(
            "{}: {} bytes; what is staged through AP0 may have {}. Larger modules go by "
            "SMI_resetAndInstallModules",
            request.module_name, request.module.size(), image::kStagingLast + 1 - image::kHeaderAddress));
    return *module;
}

Result<void> install(DebugLink& link, const ModuleRequest& request) {
    const image::Module module = TRY(check_files(request));
    const Needs needs{.no_areas = false, .ram_size = {}};
    TRY(check_chip(link, needs));
    request.say(fmt::format("SMI module: {} bytes for {}", module.header.size,
                            image::to_string(module.header.extent())));
    TRY(prepare_options(link, needs, request.prepare, request.say));
    request.say("Staging license and module through AP0");
    TRY(link.write(image::kLicenseAddress, request.license));
    TRY(link.write(image::kHeaderAddress, request.module));
    image::Mailbox mailbox;
    mailbox.service = static_cast<std::uint32_t>(image::MailboxService::smi);
    mailbox.payload_address = image::kHeaderAddress;
    mailbox.payload_bytes = static_cast<std::uint32_t>(request.module.size());
    mailbox.sequence = 1;
    TRY(link.write(image::kMailboxAddress, image::serialise(mailbox)));
    return let_the_rss_install(link, request.say);
}

}  // namespace h7::flasher

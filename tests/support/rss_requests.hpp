// The RSS on the bench with a host at its mailbox: stages requests, resets, reads answers.
#pragma once

#include "rss/services/engine.hpp"
#include "tests/support/rss_install.hpp"
#include "tests/support/rss_program.hpp"

namespace h7::test {

class RequestBench : public InstallBench {
protected:
    using Service = image::MailboxService;

    rss::Outcome reset(rss::BootTarget target = {}) {
        board.system_reset();
        engine.reset(false);
        return engine.boot(target);
    }
    rss::Outcome power_cycle(rss::BootTarget target = {}) {
        board.flash.set_cut_at(0, 0);
        board.power_on();
        engine.reset(true);
        return engine.boot(target);
    }
    void put(image::Mailbox request, Service service) {
        request.service = static_cast<std::uint32_t>(service);
        board.put_ram(image::kMailboxAddress, image::serialise(request));
    }
    void stage(const rss::StagedPart& part) {
        image::Mailbox request;
        request.payload_address = image::kRecordsAddress;
        request.payload_bytes = static_cast<std::uint32_t>(part.records.size());
        request.arguments[0] = static_cast<std::uint32_t>(part.module_licenses.size());
        board.put_ram(image::kLicenseAddress, part.license);
        board.put_ram(image::kHeaderAddress, part.header);
        board.put_ram(image::kRecordsAddress, part.records);
        for (std::size_t n = 0; n < part.module_licenses.size(); ++n)
            board.put_ram(image::kModuleLicensesAddress + static_cast<Address>(n * image::kLicenseBytes),
                          part.module_licenses[n]);
        put(request, Service::sfi_part);
    }
    void stage(const rss::StagedModule& module) {
        image::Mailbox request;
        request.payload_address = image::kHeaderAddress;
        request.payload_bytes = static_cast<std::uint32_t>(module.file.size());
        board.put_ram(image::kLicenseAddress, module.license);
        board.put_ram(image::kHeaderAddress, module.file);
        put(request, Service::smi);
    }
    /// The precise reason of what a staged request met.
    template <class Staged>
    rss::Detail served(const Staged& staged) {
        stage(staged);
        reset();
        return result();
    }
    rss::Detail result() const {
        return engine.last_result() ? engine.last_result()->detail : rss::Detail::none;
    }
    /// resetAndInitializeSecureAreas(count, records at `pointer`), then the reset behind it.
    rss::Detail areas(std::uint32_t count, const std::vector<std::array<std::uint32_t, 3>>& records) {
        Bytes bytes(36, 0);
        for (std::size_t n = 0; n < records.size(); ++n)
            for (std::size_t word = 0; word < 3; ++word)
                store_le32(bytes, 12 * n + 4 * word, records[n][word]);
        board.put_ram(0x2400'0100, bytes);
        Program program(board);
        program.r = {count, 0x2400'0100};
        if (engine.call(program, 0x1FF0'8A70) != rss::CallEnd::system_reset) return rss::Detail::none;
        reset();
        return result();
    }
    image::Mailbox mailbox() {
        auto answer = image::parse_mailbox(ByteView(board.axi.memory().bytes()).subspan(0x3'0000, 64));
        return answer ? *answer : image::Mailbox{};
    }
    void set_option(std::size_t row, std::uint32_t value) {
        board.change_options([&](flash::OptionWords& w) { w[row] = value; });
    }

    rss::Engine engine{board, chip};
};

}  // namespace h7::test

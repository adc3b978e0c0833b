// Complete cut-and-recover cycles a second on an image of three areas: the power fails, comes back, the RSS
// tidies up, everybody reads, the image is installed again (docs/rss/torture.md). Bar: 400. A second here is
// a second of processor time: one core does nothing else. An argument N: only every Nth case.
#include "rss/host/torture/torture.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "rss/host/provisioning/identity.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace h7;

Bytes pattern(std::size_t size, std::uint8_t seed) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 251);
    return bytes;
}

torture::Subject three_areas() {
    torture::Subject subject;
    subject.identity = provisioning::test_identity();
    const Bytes key = pattern(16, 1), nonce = pattern(12, 50);
    const crypto::FirmwareKey firmware{crypto::Secret<16>{ByteView(key)},
                                       crypto::Secret<12>{ByteView(nonce)}};
    subject.license = torture::license_for(subject.identity, firmware);

    image::OptionWords words{};
    std::copy(flash::kFactoryOptions.begin(), flash::kFactoryOptions.end(), words.begin());
    words[flash::kOptsr] = (words[flash::kOptsr] & ~0xFF00U) | 0xBB00U | 1U << 21 | 3U << 19;
    words[flash::kScar1] = 0x801F'0000;
    words[flash::kPrar2] = 0x8043'0040;
    Bytes code = pattern(2048, 3);
    store_le32(code, 0, 0x2001'0000);
    store_le32(code, 4, 0x0800'0101);
    const auto payload = image::serialise(words);
    const auto area = [](image::AreaType type, Address address, Bytes plain) {
        image::Descriptor descriptor;
        descriptor.type = type;
        descriptor.address = address;
        return torture::Area{descriptor, std::move(plain)};
    };
    image::Header header;
    header.image_version = 7;
    const auto part =
        torture::seal(header,
                      {area(image::AreaType::firmware, 0x0800'0000, code),
                       area(image::AreaType::module, 0x0810'4000, pattern(1024, 9)),
                       area(image::AreaType::configuration, 0, {payload.begin(), payload.end()})},
                      firmware, subject.license)
            .front();
    subject.image = part.header;
    subject.image.insert(subject.image.end(), part.records.begin(), part.records.end());
    return subject;
}

/// Processor time of this process, user and system.
double seconds() {
    std::timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Measured {
    double cut_seconds = 0, tamper_seconds = 0;
    std::uint64_t cuts = 0, tampers = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const torture::Subject subject = three_areas();
    std::vector<double> cuts, tampers;
    for (int repeat = 0; repeat < 3; ++repeat) {
        Measured measured;
        double last = seconds();
        torture::Wish wish;
        wish.effort = torture::Effort::quick();
        if (argc > 1) wish.shard.of = static_cast<unsigned>(std::max(1, std::atoi(argv[1])));
        // The catalogue has the cuts first, then the tampering.
        std::vector<double> at;
        wish.progress = [&](std::size_t, std::size_t) {
            const double now = seconds();
            at.push_back(now - last);
            last = now;
        };
        const auto report = torture::run(subject, wish);
        if (!report) {
            std::fprintf(stderr, "%s\n", report.error().message.c_str());
            return 1;
        }
        if (report->violations() != 0) return 1;
        for (std::size_t n = 1; n < report->lines.size(); ++n) {
            const bool cut = report->lines[n].group == torture::Group::cuts;
            if (report->lines[n].group == torture::Group::situations) continue;
            (cut ? measured.cut_seconds : measured.tamper_seconds) += at[n];
            ++(cut ? measured.cuts : measured.tampers);
        }
        cuts.push_back(static_cast<double>(measured.cuts) / measured.cut_seconds);
        tampers.push_back(static_cast<double>(measured.tampers) / measured.tamper_seconds);
    }
    constexpr double kBar = 400;
    const double rate = bench::median(cuts);
    bench::print({"torture", "cut-and-recover cycles", "/s", "400 /s", rate, rate / kBar, 1.0});
    bench::print({"torture", "tampered installs refused", "/s", "", bench::median(tampers), 0, std::nullopt});
    return 0;
}

#include "rss/host/torture/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/random.hpp"
#include "emulator/security/areas.hpp"
#include "peripherals/flash/crc_unit.hpp"

namespace h7::torture {
namespace {

constexpr Address kUser = 0x0800'0000, kBank = 0x10'0000;
constexpr Address kConfsec = 0x4FFF'1000;
constexpr Address kFlash = 0x5200'2000, kSecondSet = 0x100;
constexpr std::uint32_t kLock = 1, kCrcEnable = 1U << 15, kStartCrc = 1U << 16, kCleanCrc = 1U << 17;
constexpr std::uint32_t kBurst = 128;  // the smallest (F-106)

constexpr Master kOnTheBus[] = {Master::cm7,    Master::cm4,   Master::mdma, Master::dma1, Master::dma2,
                                Master::bdma,   Master::dma2d, Master::ltdc, Master::eth,  Master::sdmmc1,
                                Master::sdmmc2, Master::usb1,  Master::usb2};
constexpr Master kPorts[] = {Master::ap0, Master::ap1, Master::ap3};

class Readers {
public:
    Readers(Rig& rig, const std::vector<Probe>& probes, bool installed)
        : rig_(rig), chip_(rig.chip()), probes_(probes), installed_(installed) {}

    Reading all() {
        // Who stands in reset or in the RSS asks for nothing; the masters beside the cores do what these told
        // them.
        const bool somebody_runs = runs(chip_.cm7()) || runs(chip_.cm4());
        if (somebody_runs) by_masters("");
        if (runs(chip_.cm7()) && chip_.secure_mode().confsec() != 0) {
            const Access close{kConfsec, 4, Op::write, Master::cm7, chip_.secure_mode().cm7_context(), true};
            static_cast<void>(chip_.write(close, 0));
            by_masters(" after the gate was closed");
        }
        if (runs(chip_.cm7())) by_crc();
        by_debugger();
        return std::move(reading_);
    }

private:
    static bool runs(const cpu::Core& core) { return core.state() != cpu::RunState::held; }
    Address visible(Address physical) const { return physical ^ (chip_.flash().swapped() ? kBank : 0U); }
    bool open(Address physical, Master who) const {
        return installed_ &&
               may_read(chip_.flash().options(), physical, who, chip_.secure_mode().intrusion());
    }
    void leak(std::string_view who, Address physical, std::string_view when) {
        reading_.leaks.push_back(fmt::format("{} reads plaintext at 0x{:08X}{}", who, physical, when));
    }

    void by_masters(std::string_view when) {
        for (const Master who : kOnTheBus)
            for (const Probe& probe : probes_) {
                ++reading_.reads;
                const auto seen =
                    chip_.read({visible(probe.address), 8, Op::read, who, Context::application, true});
                if (!seen || *seen != probe.secret || open(probe.address, who)) continue;
                leak(name_of(who), probe.address, when);
                break;
            }
    }

    void by_debugger() {
        for (const Master who : kPorts)
            for (const Probe& probe : probes_) {
                ++reading_.reads;
                const auto seen = chip_.debug_port().read(who, visible(probe.address), 8);
                if (!seen && !chip_.debug_port().state(who, visible(probe.address)).open) break;
                if (seen && *seen == probe.secret && !open(probe.address, who)) {
                    leak(name_of(who), probe.address, "");
                    break;
                }
            }
    }

    BusResult<std::uint64_t> get(Address at) {
        return chip_.read({at, 4, Op::read, Master::cm7, Context::application, true});
    }
    void put(Address at, std::uint32_t value) {
        static_cast<void>(chip_.write({at, 4, Op::write, Master::cm7, Context::application, true}, value));
    }

    void by_crc() {
        const Plan& plan = rig_.plan();
        for (std::size_t n = 0; n < plan.pieces.size(); ++n) {
            const auto probe =
                std::find_if(probes_.begin(), probes_.end(), [&](const Probe& p) { return p.piece == n; });
            if (probe == probes_.end()) continue;
            ++reading_.reads;
            const Piece& piece = plan.pieces[n];
            const unsigned bank = piece.address / kBank % 2;
            const std::uint32_t first = piece.address % kBank / kBurst * kBurst;
            const auto size = static_cast<std::uint32_t>(align_up<std::size_t>(piece.bytes.size(), kBurst));
            const auto last =
                std::min<std::uint32_t>(first + size, static_cast<std::uint32_t>(plan.flash[bank].size()));
            const Address set = kFlash + ((bank == 1) != chip_.flash().swapped() ? kSecondSet : 0U);
            if ((get(set + 0x0C).value_or(0) & kLock) != 0) {
                put(set + 0x04, 0x4567'0123);
                put(set + 0x04, 0xCDEF'89AB);
            }
            put(set + 0x0C, kCrcEnable);
            put(set + 0x54, first);
            put(set + 0x58, last - 1);
            put(set + 0x50, kCleanCrc);
            put(set + 0x50, kStartCrc);
            const auto sum = get(set + 0x5C);
            put(set + 0x0C, 0);
            const std::uint32_t of_plaintext =
                flash::crc_over(0, ByteView(plan.flash[bank]).subspan(first, last - first));
            const std::uint32_t before =
                flash::crc_over(0, rig_.first_flash(bank).subspan(first, last - first));
            if (sum && *sum == of_plaintext && of_plaintext != before && !open(probe->address, Master::cm7))
                leak("the flash CRC unit", piece.address, "");
        }
    }

    Rig& rig_;
    chip::Chip& chip_;
    const std::vector<Probe>& probes_;
    bool installed_;
    Reading reading_;
};

}  // namespace

bool may_read(const flash::OptionWords& words, Address physical, Master who, bool intrusion) {
    const unsigned bank = physical / kBank % 2;
    const std::uint32_t offset = physical % kBank;
    const auto holds = [&](std::uint32_t word) { return security::area_of(word).contains(offset); };
    if (holds(words[bank == 0 ? flash::kPrar1 : flash::kPrar2])) return false;
    const bool security = (words[flash::kOptsr] & rss::kOptsrSecurity) != 0;
    if (security && holds(words[bank == 0 ? flash::kScar1 : flash::kScar2])) return false;
    const std::uint32_t rdp = words[flash::kOptsr] >> 8 & 0xFF;
    return rdp == 0xAA || (!is_debugger(who) && !intrusion);
}

Reading read_by_everybody(Rig& rig, const std::vector<Probe>& probes, bool installed) {
    return Readers(rig, probes, installed).all();
}

std::vector<Probe> probes(const Plan& plan, const Rig& rig, std::size_t most, std::uint64_t seed) {
    std::vector<Probe> chosen;
    SeededRandom random(seed);
    for (std::size_t n = 0; n < plan.pieces.size(); ++n) {
        const Piece& piece = plan.pieces[n];
        const std::size_t words = piece.bytes.size() / 8;
        const unsigned bank = (piece.address - kUser) / kBank % 2;
        const auto take = [&](std::size_t word) {
            const auto secret = load_le<std::uint64_t>(piece.bytes.data() + 8 * word);
            const Address address = piece.address + static_cast<Address>(8 * word);
            const auto before = load_le<std::uint64_t>(rig.first_flash(bank).data() + address % kBank);
            if (secret != ~std::uint64_t{0} && secret != 0 && secret != before)
                chosen.push_back({address, secret, n});
        };
        if (words <= most) {
            for (std::size_t word = 0; word < words; ++word) take(word);
            continue;
        }
        take(0);
        take(words - 1);
        for (std::size_t i = 2; i < most; ++i) take(random.next() % words);
    }
    return chosen;
}

}  // namespace h7::torture

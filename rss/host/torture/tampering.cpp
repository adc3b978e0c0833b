// (b) Every bit of every header, descriptor, tag and of the license, some of the ciphertext; areas swapped,
// dropped, doubled, mixed; parts cut short. What must be said follows from the tables of
// docs/rss/container.md and license.md.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emulator/base/random.hpp"
#include "rss/host/torture/cases.hpp"
#include "rss/image/license.hpp"

namespace h7::torture {
namespace {

using image::AreaType;
using image::Detail;
using Details = std::vector<Detail>;

constexpr std::uint32_t kFlashFirst = 0x0800'0000, kFlashLast = 0x081F'FFFF, kMostAreaBytes = 512U << 10;

bool known_type(std::uint32_t type) {
    return std::string_view("FMHCPR").find(static_cast<char>(type)) != std::string_view::npos && type < 0x80;
}

Details of_header(const Plan& plan, std::size_t at, ByteView header) {
    const std::size_t field = at & ~std::size_t{3};
    const std::uint32_t value = load_le32(header, field);
    switch (field) {
        case 0x00:
            return {Detail::E_MAGIC};
        case 0x04:
        case 0x08:
            return {Detail::E_VERSION};
        case 0x0C:
            return {value > 255 ? Detail::E_ARG : Detail::E_HDR_TAG};
        case 0x10:
            return {value < 1 || value > 255 ? Detail::E_ARG : Detail::E_HDR_TAG};
        case 0x14:
            return {value < 104 || value > image::kMaxFileBytes ? Detail::E_SIZE : Detail::E_HDR_TAG};
        case 0x18:
            return {Detail::E_DEVICE};
        case 0x1C:
            return {(value & 2U) != 0    ? Detail::E_TYPE
                    : (value & ~7U) != 0 ? Detail::E_VERSION
                                         : Detail::E_HDR_TAG};
        case 0x24:
            if (value % 32 != 0) return {Detail::E_ALIGN};
            return {value != 0 && (value < kFlashFirst || value > kFlashLast - 63) ? Detail::E_RANGE
                                                                                   : Detail::E_HDR_TAG};
        case 0x28:
        case 0x2C: {
            const auto license = image::parse_license(plan.flow.front().license);
            const bool bound = license && license->firmware_id != std::array<std::uint8_t, 8>{};
            return {bound ? Detail::E_LIC_FWID : Detail::E_HDR_TAG};
        }
        default:
            return {Detail::E_HDR_TAG};
    }
}

/// The address moved: by the rules of its type, then against the others, then its tag.
Detail of_address(const Plan& plan, const image::Descriptor& moved) {
    if (moved.type == AreaType::hash || moved.type == AreaType::configuration) return Detail::E_SIZE;
    if (moved.type == AreaType::pause || moved.type == AreaType::resume) return Detail::E_TOKEN;
    if (moved.address % (moved.wrapped_module() ? 256 : 32) != 0) return Detail::E_ALIGN;
    const image::Extent extent = image::occupied(moved);
    const bool inside = moved.address >= kFlashFirst && extent.first >= kFlashFirst &&
                        extent.last >= extent.first && extent.last <= kFlashLast;
    if (moved.type == AreaType::module && extent.last <= kFlashLast &&
        extent.first >> 20 != extent.last >> 20)
        return Detail::E_BANK;
    if (!inside) return Detail::E_RANGE;
    for (const Area& other : plan.areas) {
        const bool content =
            other.descriptor.type == AreaType::firmware || other.descriptor.type == AreaType::module;
        if (content && other.descriptor.index != moved.index &&
            extent.overlaps(image::occupied(other.descriptor)))
            return Detail::E_OVERLAP;
    }
    if (plan.flow.size() > 1) {
        const std::uint32_t sector = plan.header.token_address & ~(image::kSectorBytes - 1);
        if (extent.overlaps({sector, sector + image::kSectorBytes - 1})) return Detail::E_OVERLAP;
    }
    return Detail::E_AREA_TAG;
}

Details of_size(const image::Descriptor& area, std::uint32_t size, std::size_t left, bool last) {
    if (size % 16 != 0 || size > kMostAreaBytes) return {Detail::E_SIZE};
    if (area.type != AreaType::firmware && area.type != AreaType::module) return {Detail::E_SIZE};
    if (size == 0 || (area.wrapped_module() && size < 64)) return {Detail::E_SIZE};
    image::Descriptor resized = area;
    resized.size = size;
    const image::Extent extent = image::occupied(resized);
    if (area.type == AreaType::module && extent.last <= kFlashLast && extent.first >> 20 != extent.last >> 20)
        return {Detail::E_BANK};
    if (extent.last > kFlashLast) return {Detail::E_RANGE};
    if (size > left) return {Detail::E_TRUNC};
    // Shorter: the next record begins inside ciphertext. Longer: it swallowed the following ones.
    if (size < area.size)
        return last ? Details{Detail::E_SIZE}
                    : Details{left - size < image::kRecordHead ? Detail::E_TRUNC : Detail::E_TYPE};
    return {Detail::E_TRUNC, Detail::E_TYPE, Detail::E_ORDER};
}

Details of_descriptor(const Plan& plan, const Area& area, std::size_t at, ByteView head, std::size_t left,
                      bool last) {
    const std::size_t field = at & ~std::size_t{3};
    const std::uint32_t value = load_le32(head, field);
    image::Descriptor changed = area.descriptor;
    switch (field) {
        case 0x00:
            return known_type(value) ? Details{Detail::E_ORDER, Detail::E_SIZE, Detail::E_TOKEN}
                                     : Details{Detail::E_TYPE};
        case 0x04:
            return {Detail::E_VERSION};
        case 0x08:
        case 0x14:
            return {Detail::E_ORDER};
        case 0x0C:
            return of_size(area.descriptor, value, left, last);
        case 0x10:
            changed.address = value;
            return {of_address(plan, changed)};
        default:
            return {Detail::E_AREA_TAG};
    }
}

Details of_license(std::size_t at, ByteView license) {
    const std::size_t field = at & ~std::size_t{3};
    if (field == 0x00) return {load_le32(license, 0) == 2 ? Detail::E_LIC_SESSION : Detail::E_LIC_FORMAT};
    if (field == 0x04) return {Detail::E_LIC_FORMAT};
    if (field == 0x08) return {Detail::E_LIC_VERSION};
    if (at >= 0x18 && at < 0x58) return {Detail::E_LIC_POINT};
    return {Detail::E_LIC_TAG};
}

/// Offsets of the records inside a part.
std::vector<std::size_t> record_offsets(const Plan& plan, const Part& part) {
    std::vector<std::size_t> offsets;
    std::size_t at = 0;
    for (std::size_t n = part.first; n < part.first + part.count; ++n) {
        offsets.push_back(at);
        at += image::kRecordHead + plan.areas[n].descriptor.size;
    }
    offsets.push_back(at);
    return offsets;
}

using Change = std::function<void(Part&)>;

/// The parts before it go in as they are, this one changed.
Outcome tampered(Bench& bench, std::size_t number, const Change& change, const Details& expected,
                 bool then_genuine) {
    Outcome outcome;
    if (number == 0) {
        bench.rig.start();
    } else {
        bench.rig.replay(bench.recording, bench.recording.part_ends[number - 1]);
        bench.rig.chip().power_on();
    }
    Part part = bench.rig.plan().flow[number];
    change(part);
    const Served served = bench.rig.install(part);
    if (number == 0) {
        judge_refusal(bench, served, expected, outcome);
    } else {  // flash holds the earlier parts, under the lock, or is blank
        const Seen seen = bench.judge.look();
        outcome.ended = served.served ? std::string(image::name(served.detail)) : "not served";
        outcome.broken = seen.broken;
        if (std::ranges::find(expected, served.detail) == expected.end())
            outcome.broken.push_back(fmt::format("the RSS says {}", outcome.ended));
        if (seen.state != State::paused && seen.state != State::blank)
            outcome.broken.push_back(fmt::format("a changed part leaves the chip {}", name_of(seen.state)));
    }
    for (std::string& dirty : bench.judge.ram_is_clean()) outcome.broken.push_back(std::move(dirty));
    if (!then_genuine) return outcome;
    bench.rig.power_cycle();
    finish(bench, outcome);
    return outcome;
}

void add(std::vector<Case>& all, std::string name, std::size_t part, Change change, Details expected) {
    const bool then_genuine = all.size() % 32 == 0;
    all.push_back({std::move(name), Group::tampering,
                   [part, change = std::move(change), expected = std::move(expected), then_genuine](
                       Bench& bench) { return tampered(bench, part, change, expected, then_genuine); }});
}

void flip(MutableBytes bytes, std::size_t at, unsigned bit) {
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1U << bit);
}

void add_header_bits(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    const Plan& plan = bench.rig.plan();
    for (std::size_t at = 0; at < image::kHeaderBytes; ++at)
        for (unsigned bit = 0; bit < 8; bit += effort.every_nth_bit) {
            Bytes header = plan.flow.front().header;
            flip(header, at, bit);
            add(
                all, fmt::format("flip/header/0x{:02x}.{}", at, bit), 0,
                [at, bit](Part& part) { flip(part.header, at, bit); }, of_header(plan, at, header));
        }
    for (std::size_t at = 0; at < image::kLicenseBytes; ++at)
        for (unsigned bit = 0; bit < 8; bit += effort.every_nth_bit) {
            Bytes license = plan.flow.front().license;
            flip(license, at, bit);
            add(
                all, fmt::format("flip/license/0x{:02x}.{}", at, bit), 0,
                [at, bit](Part& part) { flip(part.license, at, bit); }, of_license(at, license));
        }
}

void add_area_bits(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    const Plan& plan = bench.rig.plan();
    SeededRandom random(bench.seed ^ 0xF11BU);
    for (std::size_t p = 0; p < plan.flow.size(); ++p) {
        const auto offsets = record_offsets(plan, plan.flow[p]);
        for (std::size_t n = 0; n + 1 < offsets.size(); ++n) {
            const Area& area = plan.areas[plan.flow[p].first + n];
            const std::size_t from = offsets[n], left = offsets.back() - from - image::kRecordHead;
            const bool last = n + 2 == offsets.size();
            for (std::size_t at = 0; at < image::kRecordHead; ++at)
                for (unsigned bit = 0; bit < 8; bit += effort.every_nth_bit) {
                    Bytes head(plan.flow[p].records.begin() + static_cast<std::ptrdiff_t>(from),
                               plan.flow[p].records.begin() +
                                   static_cast<std::ptrdiff_t>(from + image::kRecordHead));
                    flip(head, at, bit);
                    add(
                        all, fmt::format("flip/area{}/0x{:02x}.{}", area.descriptor.index, at, bit), p,
                        [at = from + at, bit](Part& part) { flip(part.records, at, bit); },
                        of_descriptor(plan, area, at, head, left, last));
                }
            for (unsigned i = 0; i < effort.payload_bits && area.descriptor.size != 0; ++i) {
                const std::size_t at = i == 0   ? 0
                                       : i == 1 ? area.descriptor.size - 1
                                                : random.next() % area.descriptor.size;
                const auto bit = static_cast<unsigned>(random.next() % 8);
                add(all, fmt::format("flip/payload{}/0x{:05x}.{}/{}", area.descriptor.index, at, bit, i), p,
                    [at = from + image::kRecordHead + at, bit](Part& part) { flip(part.records, at, bit); },
                    {Detail::E_AREA_TAG});
            }
        }
    }
}

/// Records of one part in another order; the part's bytes are put together again.
Change rearranged(const std::vector<std::size_t>& offsets, std::vector<std::size_t> order) {
    return [offsets, order = std::move(order)](Part& part) {
        Bytes records;
        for (const std::size_t n : order)
            records.insert(records.end(), part.records.begin() + static_cast<std::ptrdiff_t>(offsets[n]),
                           part.records.begin() + static_cast<std::ptrdiff_t>(offsets[n + 1]));
        part.records = std::move(records);
    };
}

/// What a part that lacks its last areas is told: its header promises a hash area, or more areas.
Details of_missing_end(const Plan& plan, const Part& part, std::size_t kept) {
    const bool promised = (plan.header.flags & image::kHashPresent) != 0;
    bool hashed = false;
    for (std::size_t n = 0; n < kept; ++n)
        hashed |= plan.areas[part.first + n].descriptor.type == AreaType::hash;
    return {promised && !hashed ? Detail::E_ORDER : Detail::E_TRUNC};
}

void add_order(std::vector<Case>& all, const Bench& bench) {
    const Plan& plan = bench.rig.plan();
    for (std::size_t p = 0; p < plan.flow.size(); ++p) {
        const Part& part = plan.flow[p];
        const auto offsets = record_offsets(plan, part);
        std::vector<std::size_t> straight(part.count);
        for (std::size_t n = 0; n < part.count; ++n) straight[n] = n;
        const auto index = [&](std::size_t n) { return plan.areas[part.first + n].descriptor.index; };
        for (std::size_t a = 0; a < part.count; ++a) {
            for (std::size_t b = a + 1; b < part.count; ++b) {
                auto order = straight;
                std::swap(order[a], order[b]);
                add(all, fmt::format("swap/{}-{}", index(a), index(b)), p, rearranged(offsets, order),
                    {Detail::E_ORDER});
            }
            auto order = straight;
            order.erase(order.begin() + static_cast<std::ptrdiff_t>(a));
            Details expected = a + 1 == part.count ? of_missing_end(plan, part, a) : Details{Detail::E_ORDER};
            if (part.count == 1) expected = {Detail::E_TRUNC};
            add(all, fmt::format("drop/{}", index(a)), p, rearranged(offsets, order), expected);
            order = straight;
            order.insert(order.begin() + static_cast<std::ptrdiff_t>(a), a);
            add(all, fmt::format("double/{}", index(a)), p, rearranged(offsets, order),
                {a + 1 == part.count ? Detail::E_SIZE : Detail::E_ORDER});
        }
    }
}

/// The same areas under the same key and nonce, but of another version: no area of it opens in this image.
void add_mixing(std::vector<Case>& all, const Bench& bench) {
    const Plan& plan = bench.rig.plan();
    if (plan.flow.size() != 1) return;
    image::Header header = plan.header;
    header.image_version = (header.image_version + 1) & 0xFF;
    const Part other = seal(header, plan.areas, plan.key, plan.flow.front().license).front();
    const auto offsets = record_offsets(plan, plan.flow.front());
    for (std::size_t n = 0; n < plan.areas.size(); ++n) {
        const std::size_t from = offsets[n], to = offsets[n + 1];
        const Bytes record(other.records.begin() + static_cast<std::ptrdiff_t>(from),
                           other.records.begin() + static_cast<std::ptrdiff_t>(to));
        add(all, fmt::format("mix/{}", n + 1), 0,
            [from, record](Part& part) {
                std::ranges::copy(record, part.records.begin() + static_cast<std::ptrdiff_t>(from));
            },
            {Detail::E_AREA_TAG});
    }
    add(all, "mix/header", 0, [head = other.header](Part& part) { part.header = head; },
        {Detail::E_AREA_TAG});
}

void add_lengths(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    const Plan& plan = bench.rig.plan();
    SeededRandom random(bench.seed ^ 0x7C07U);
    const Part& part = plan.flow.front();
    const auto offsets = record_offsets(plan, part);
    std::set<std::size_t> lengths;
    for (const std::size_t border : offsets)
        for (const std::size_t around : {border - 1, border, border + 1, border + 39, border + 40})
            if (around < offsets.back()) lengths.insert(around);
    while (lengths.size() < std::min<std::size_t>(effort.truncations, offsets.back()))
        lengths.insert(random.next() % offsets.back());
    for (const std::size_t length : lengths) {
        const auto border = std::ranges::find(offsets, length);
        const bool between = border != offsets.end() && length != 0;
        add(
            all, fmt::format("cut-short/{}", length), 0, [length](Part& p) { p.records.resize(length); },
            between ? of_missing_end(plan, part, static_cast<std::size_t>(border - offsets.begin()))
                    : Details{Detail::E_TRUNC});
    }
    for (const std::size_t more : {std::size_t{1}, std::size_t{16}, std::size_t{40}})
        add(all, fmt::format("longer/{}", more), 0,
            [more](Part& p) { p.records.resize(p.records.size() + more); }, {Detail::E_SIZE});
}

}  // namespace

void judge_refusal(Bench& bench, const Served& served, std::span<const Detail> expected, Outcome& outcome) {
    outcome.ended = served.served ? std::string(image::name(served.detail)) : "not served";
    if (!served.served || std::ranges::find(expected, served.detail) == expected.end()) {
        std::string wanted;
        for (const Detail detail : expected)
            wanted += fmt::format("{}{}", wanted.empty() ? "" : " or ", image::name(detail));
        outcome.broken.push_back(fmt::format("the RSS says {}, not {}", outcome.ended, wanted));
    }
    const auto visible = static_cast<std::uint32_t>(image::chip_visible(served.detail));
    if (served.answer && served.answer->magic == image::kMailboxAnswer &&
        (served.answer->detail != visible || (served.answer->status == 0) != served.ok()))
        outcome.broken.push_back(
            fmt::format("the mailbox shows 0x{:02x}, not 0x{:02x}", served.answer->detail, visible));
    if (!served.answer || served.answer->magic != image::kMailboxAnswer)
        outcome.broken.emplace_back("there is no answer in the mailbox");
    for (std::string& changed : bench.judge.untouched()) outcome.broken.push_back(std::move(changed));
}

void add_tampering(std::vector<Case>& all, const Bench& bench, const Effort& effort) {
    add_header_bits(all, bench, effort);
    add_area_bits(all, bench, effort);
    add_order(all, bench);
    add_mixing(all, bench);
    add_lengths(all, bench, effort);
}

}  // namespace h7::torture

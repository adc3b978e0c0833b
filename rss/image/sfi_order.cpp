// SFI-1: which records may follow which, and who claims which flash (rss-sfi-bootloader.md 4.3, "Order
// rule").
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bits.hpp"
#include "rss/image/sfi.hpp"

namespace h7::image {
namespace {

/// Where a part stands: each step may only go forward.
enum class Step : unsigned { start, resumed, content, hashed, closed };

Step step_of(AreaType type) {
    switch (type) {
        case AreaType::resume:
            return Step::resumed;
        case AreaType::firmware:
        case AreaType::module:
            return Step::content;
        case AreaType::hash:
            return Step::hashed;
        case AreaType::configuration:
        case AreaType::pause:
            return Step::closed;
    }
    return Step::closed;
}

char letter(AreaType type) { return static_cast<char>(type); }

std::string area_text(const Descriptor& area) {
    return fmt::format("area {} ({})", area.index, letter(area.type));
}

/// Claims of flash seen so far.
class Claims {
public:
    explicit Claims(const Header& header, bool split) {
        if (!split) return;
        token_ = header.token_address;
    }

    Parsed<void> add(const Record& record) {
        const Descriptor& area = record.descriptor;
        if (area.type != AreaType::firmware && area.type != AreaType::module) return {};
        const Extent extent = occupied(area);
        for (const auto& [other, name] : claimed_) {
            if (!extent.overlaps(other)) continue;
            return Fault{Detail::E_OVERLAP, record.offset,
                         fmt::format("{} claims {}, {} claims {}", area_text(area), to_string(extent), name,
                                     to_string(other))};
        }
        if (token_ != 0) {
            const std::uint32_t first = align_down(token_, kSectorBytes);
            const Extent sector{first, first + kSectorBytes - 1};
            if (extent.overlaps(sector))
                return Fault{Detail::E_OVERLAP, record.offset,
                             fmt::format("{} claims {}, the token's sector is {}", area_text(area),
                                         to_string(extent), to_string(sector))};
        }
        claimed_.emplace_back(extent, area_text(area));
        return {};
    }

private:
    std::uint32_t token_ = 0;
    std::vector<std::pair<Extent, std::string>> claimed_;
};

/// The order inside one part, record by record.
class Order {
public:
    Order(const Header& header, std::uint32_t first_index) : header_(header), next_index_(first_index) {}

    bool closed() const { return step_ == Step::closed; }
    bool paused() const { return last_ == AreaType::pause; }
    std::uint32_t next_index() const { return next_index_; }

    Parsed<void> add(const Record& record, bool first_of_image) {
        const Descriptor& area = record.descriptor;
        const auto wrong = [&](std::string what) {
            return Fault{Detail::E_ORDER, record.offset, fmt::format("{}: {}", area_text(area), what)};
        };
        if (area.index != next_index_) return wrong(fmt::format("index {} expected", next_index_));
        ++next_index_;
        const Step step = step_of(area.type);
        const bool content = step == Step::content;
        if (step < step_ || (step == step_ && !content))
            return wrong("not here; a part is [R] (F|M)* [H] and then C or P");
        if (area.type == AreaType::resume && first_of_image) return wrong("the first part does not resume");
        if (step_ == Step::start && !first_of_image && area.type != AreaType::resume)
            return wrong("a further part begins with R");
        if (area.type == AreaType::hash) hashed_ = true;
        step_ = step;
        last_ = area.type;
        return {};
    }

    /// At the end of a part.
    Parsed<void> finish(std::size_t at) const {
        if (((header_.flags & kHashPresent) != 0) != hashed_)
            return Fault{Detail::E_ORDER, at,
                         hashed_ ? "a hash area, but the header's flag says none"
                                 : "the header's flag promises a hash area, this part has none"};
        const bool more = next_index_ <= header_.areas;
        if (more && last_ == AreaType::configuration)
            return Fault{Detail::E_ORDER, at, "areas follow the configuration area, which ends an image"};
        if (more && last_ != AreaType::pause)
            return Fault{Detail::E_TRUNC, at,
                         fmt::format("the data ends after area {} of {}", next_index_ - 1, header_.areas)};
        if (!more && last_ == AreaType::pause)
            return Fault{Detail::E_ORDER, at, "the last area is a pause: nothing would ever resume"};
        return {};
    }

private:
    const Header& header_;
    std::uint32_t next_index_;
    Step step_ = Step::start;
    AreaType last_ = AreaType::resume;
    bool hashed_ = false;
};

Fault no_area_left(const Header& header, std::size_t at, std::size_t left) {
    return {Detail::E_SIZE, at, fmt::format("{} bytes follow the last of {} areas", left, header.areas)};
}

}  // namespace

Parsed<std::vector<Record>> parse_part(const Header& header, ByteView bytes, std::uint32_t first_index) {
    std::vector<Record> records;
    Order order(header, first_index);
    std::size_t at = 0;
    do {
        if (!records.empty() && (order.closed() || order.next_index() > header.areas))
            return Fault{Detail::E_SIZE, at,
                         fmt::format("{} bytes follow the end of the part", bytes.size() - at)};
        Record record = TRY(parse_area(bytes, at, header));
        TRY(order.add(record, first_index == 1));
        at = record.end();
        records.push_back(record);
    } while (at < bytes.size());
    TRY(order.finish(at));
    const bool split = first_index != 1 || order.paused();
    Claims claims(header, split);
    for (const Record& record : records) TRY(claims.add(record));
    return records;
}

Parsed<Container> parse_sfi(ByteView file) {
    Container container;
    container.header = TRY(parse_header(file));
    const Header& header = container.header;
    if (file.size() < header.total_size)
        return Fault{
            Detail::E_TRUNC, file.size(),
            fmt::format("the file has {} bytes, its header says {}", file.size(), header.total_size)};
    if (file.size() > header.total_size)
        return Fault{
            Detail::E_SIZE, header.total_size,
            fmt::format("the file has {} bytes, its header says {}", file.size(), header.total_size)};

    std::size_t at = kHeaderBytes;
    std::uint32_t next_index = 1;
    while (next_index <= header.areas) {
        Order order(header, next_index);
        const std::size_t first = container.records.size();
        do {
            Record record = TRY(parse_area(file, at, header));
            TRY(order.add(record, next_index == 1));
            at = record.end();
            container.records.push_back(record);
        } while (!order.closed() && order.next_index() <= header.areas);
        TRY(order.finish(at));
        container.parts.push_back({first, container.records.size() - first});
        next_index = order.next_index();
    }
    if (at < file.size()) return no_area_left(header, at, file.size() - at);

    Claims claims(header, container.parts.size() > 1);
    for (const Record& record : container.records) TRY(claims.add(record));
    return container;
}

}  // namespace h7::image

#include "peripherals/flash/first_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace h7::flash {

std::string text_of(const FirstWriter& who) {
    switch (who.origin) {
        case FirstWriter::Origin::unknown:
            break;
        case FirstWriter::Origin::programmer:
            return "the host, before power-on";
        case FirstWriter::Origin::store:
            return fmt::format(
                "{} ({}), {}{} ps after power-on", name_of(who.master), name_of(who.context),
                who.pc == FirstWriter::kNoPc ? "" : fmt::format("the store at pc 0x{:08x}, ", who.pc),
                who.when);
    }
    return "not known";
}

FirstWriter FirstWriters::of(std::size_t word) const {
    const std::size_t n = word / kPage;
    return n < pages_.size() && !pages_[n].empty() ? pages_[n][word % kPage] : FirstWriter{};
}

void FirstWriters::set(std::size_t word, const FirstWriter& who) {
    const std::size_t n = word / kPage;
    if (n >= pages_.size()) pages_.resize(n + 1);
    if (pages_[n].empty()) pages_[n].resize(kPage);
    pages_[n][word % kPage] = who;
}

void FirstWriters::forget(std::size_t first, std::size_t count) {
    const std::size_t end = std::min(first + count, pages_.size() * kPage);
    for (std::size_t word = first; word < end;) {
        std::vector<FirstWriter>& page = pages_[word / kPage];
        const std::size_t at = word % kPage, here = std::min(kPage - at, end - word);
        if (here == kPage)
            page = {};
        else if (!page.empty())
            std::fill_n(page.begin() + static_cast<std::ptrdiff_t>(at), here, FirstWriter{});
        word += here;
    }
}

bool FirstWriters::none(std::size_t first, std::size_t count) const {
    for (std::size_t word = first; word < first + count; ++word) {
        const std::size_t n = word / kPage;
        if (n >= pages_.size()) return true;
        if (pages_[n].empty())
            word = (n + 1) * kPage - 1;
        else if (pages_[n][word % kPage].known())
            return false;
    }
    return true;
}

void FirstWriters::limit(std::size_t words) {
    pages_.resize(std::min(pages_.size(), (words + kPage - 1) / kPage));
    forget(words, kPage);
}

Bytes FirstWriters::page(std::size_t n) const {
    if (n >= pages_.size() || std::ranges::none_of(pages_[n], &FirstWriter::known)) return {};
    Bytes bytes(kPage * kEntryBytes);
    for (std::size_t i = 0; i < kPage; ++i) {
        const FirstWriter& who = pages_[n][i];
        std::uint8_t* entry = bytes.data() + i * kEntryBytes;
        if (!who.known()) continue;
        store_le<std::uint32_t>(entry, who.pc);
        entry[4] = static_cast<std::uint8_t>(who.master);
        entry[5] = static_cast<std::uint8_t>(who.context);
        entry[6] = static_cast<std::uint8_t>(who.origin);
        store_le<std::uint64_t>(entry + 8, who.when);
    }
    return bytes;
}

bool FirstWriters::set_page(std::size_t n, ByteView bytes) {
    if (bytes.size() != kPage * kEntryBytes) return false;
    for (std::size_t i = 0; i < kPage; ++i) {
        const std::uint8_t* entry = bytes.data() + i * kEntryBytes;
        if (entry[4] >= kMasters || entry[5] > static_cast<std::uint8_t>(Context::bootloader) ||
            entry[6] > static_cast<std::uint8_t>(FirstWriter::Origin::programmer) || entry[7] != 0)
            return false;
        FirstWriter who;
        who.origin = static_cast<FirstWriter::Origin>(entry[6]);
        if (!who.known()) continue;
        who.pc = load_le<std::uint32_t>(entry);
        who.master = static_cast<Master>(entry[4]);
        who.context = static_cast<Context>(entry[5]);
        who.when = load_le<std::uint64_t>(entry + 8);
        set(n * kPage + i, who);
    }
    return true;
}

void FirstWriters::save(StateWriter& out) const {
    std::uint32_t written = 0;
    for (std::size_t n = 0; n < pages_.size(); ++n) written += page(n).empty() ? 0 : 1;
    out.u32(written);
    for (std::size_t n = 0; n < pages_.size(); ++n) {
        const Bytes bytes = page(n);
        if (bytes.empty()) continue;
        out.u32(static_cast<std::uint32_t>(n));
        out.bytes(bytes);
    }
}

void FirstWriters::load(StateReader& in, std::size_t words) {
    pages_.clear();
    const std::size_t most = (words + kPage - 1) / kPage;
    const std::uint32_t written = in.u32();
    for (std::uint32_t i = 0; i < written && i < most && in.ok(); ++i) {
        const std::size_t n = in.u32();
        const Bytes bytes = in.bytes();
        if (n < most) set_page(n, bytes);
    }
}

bool operator==(const FirstWriters& a, const FirstWriters& b) {
    for (std::size_t n = 0; n < std::max(a.pages(), b.pages()); ++n)
        if (a.page(n) != b.page(n)) return false;
    return true;
}

}  // namespace h7::flash

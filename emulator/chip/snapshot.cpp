#include "emulator/chip/snapshot.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "emulator/chip/board.hpp"

namespace h7::chip {

struct Snapshot::Contents {
    std::uint64_t number = 0;
    // memory
    std::array<Bytes, 6> rams;
    std::array<flash::Array::Copy, 4> arrays;
    struct Block {
        Peripheral* block;
        Bytes state;
    };
    std::vector<Block> blocks;
    Bytes secure, rss;
    // cores and time
    std::unique_ptr<cpu::Core::Checkpoint> cm7, cm4;
    Clock::State clock;
    std::vector<SerialLine::State> lines;
    Schedule::State schedule;
    // the board itself
    bool boot0 = false, powered = false, power_cut = false;
    Address boot_window = 0;
    BootChoice choice;
    PendingResets pending_resets;
    LowPower low;
    std::array<IrqLines, 2> irq_lines;
    Trace::Said said;
};

Snapshot::Snapshot(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
Snapshot::~Snapshot() = default;

namespace {

template <class Block>
Bytes saved(const Block& block) {
    StateWriter out;
    block.save(out);
    return out.take();
}

/// The flash interface's arrays are memory, not registers.
Bytes saved_block(const Peripheral& block, const flash::Controller& flash) {
    if (&block != &flash) return saved(block);
    StateWriter out;
    flash.save_control(out);
    return out.take();
}

}  // namespace

std::unique_ptr<Snapshot> Chip::snapshot() {
    Board& b = *board_;
    assert(b.powered && !b.clock.in_turn() && "a snapshot is taken between runs, with power");
    auto contents = std::make_unique<Snapshot::Contents>();
    Snapshot::Contents& s = *contents;
    s.number = ++b.snapshots;
    b.base = s.number;

    for (std::size_t n = 0; n < b.rams.size(); ++n) {
        HostMemory& memory = b.rams[n]->memory();
        s.rams[n].assign(memory.bytes().begin(), memory.bytes().end());
        memory.clear_marks();
    }
    for (std::size_t n = 0; n < s.arrays.size(); ++n) {
        s.arrays[n] = b.flash.arrays()[n]->copy();
        b.flash.arrays()[n]->memory().clear_marks();
    }
    for (Peripheral* block : b.bus.peripherals()) {
        s.blocks.push_back({block, saved_block(*block, b.flash)});
        block->clear_touched();
    }
    s.secure = saved(b.secure);
    s.rss = saved(b.rss);
    s.cm7 = b.cm7->checkpoint();
    s.cm4 = b.cm4->checkpoint();
    s.clock = b.clock.state();
    for (const auto& line : b.serial_lines) s.lines.push_back(line->state());
    s.schedule = b.schedule->state();
    s.boot0 = b.config.boot0;
    s.powered = b.powered;
    s.power_cut = b.power_cut;
    s.boot_window = b.bus.boot_window();
    s.choice = b.choice;
    s.pending_resets = b.pending_resets;
    s.low = b.low;
    s.irq_lines = b.irq_lines;
    s.said = b.trace.said();
    return std::unique_ptr<Snapshot>(new Snapshot(std::move(contents)));
}

/// Pages with other bytes than the snapshot's; a block translated from one is made again only where its bytes
/// differ.
void Chip::Board::restore_memory(const Snapshot& to, bool latest) {
    const Snapshot::Contents& s = *to.contents_;
    const auto each_page = [latest](HostMemory& memory, auto&& put_back) {
        if (latest)
            for (const std::uint32_t page : memory.marked_pages()) put_back(page);
        else
            for (std::size_t page = 0; page < memory.pages(); ++page) put_back(page);
        memory.clear_marks();
    };
    for (std::size_t n = 0; n < rams.size(); ++n) {
        HostMemory& memory = rams[n]->memory();
        each_page(memory, [&](std::size_t page) {
            const std::size_t first = page * HostMemory::kPage;
            std::uint8_t* now = memory.data() + first;
            const std::uint8_t* then = s.rams[n].data() + first;
            const std::size_t size = std::min(HostMemory::kPage, memory.size() - first);
            if (cm7->has_code_at(now) || cm4->has_code_at(now)) {
                const auto differs = [&](std::size_t i) { return now[i] != then[i]; };
                std::size_t from = 0, end = size;
                while (from < end && !differs(from)) ++from;
                while (end > from && !differs(end - 1)) --end;
                if (from == end) return;
                for (cpu::Core* core : {cm7.get(), cm4.get()})
                    core->bytes_replaced(now + from, static_cast<std::uint32_t>(end - from));
            }
            std::memcpy(now, then, size);
        });
    }
    const std::array<Address, 4> places{flash::Controller::kUser,
                                        flash::Controller::kUser + flash::Controller::kUserBank,
                                        flash::Controller::kSystem1, flash::Controller::kSystem2};
    for (std::size_t n = 0; n < places.size(); ++n) {
        flash::Array& array = *flash.arrays()[n];
        each_page(array.memory(), [&](std::size_t page) {
            const std::size_t first = page * HostMemory::kPage;
            const bool same = std::memcmp(array.memory().data() + first, s.arrays[n].cells.data() + first,
                                          HostMemory::kPage) == 0;
            array.put_back(s.arrays[n], page);
            if (!same) drop_code(places[n] + static_cast<Address>(first), HostMemory::kPage);
        });
    }
}

/// Their wires may fire; whatever hears them is put back afterwards.
void Chip::Board::restore_blocks(const Snapshot& to, bool latest) {
    const Snapshot::Contents& s = *to.contents_;
    for (const auto& [block, state] : s.blocks) {
        if (latest && !block->touched()) continue;
        StateReader in(state);
        if (block == &flash)
            flash.load_control(in);
        else
            block->load(in);
        assert(in.finish() && "what was saved is read back");
    }
    for (const auto& [block, state] : s.blocks) block->clear_touched();
    if (!latest || saved(secure) != s.secure) {
        StateReader in(s.secure);
        secure.load(in);
    }
    if (!latest || saved(rss) != s.rss) {
        StateReader in(s.rss);
        rss.load(in);
    }
}

void Chip::restore(const Snapshot& to) {
    Board& b = *board_;
    const Snapshot::Contents& s = *to.contents_;
    assert(!b.clock.in_turn() && "a snapshot is put back between runs");
    const bool latest = b.base == s.number;
    b.base = s.number;
    b.clock.begin_restore(s.clock);
    b.restore_memory(to, latest);
    b.restore_blocks(to, latest);
    for (std::size_t n = 0; n < s.lines.size(); ++n) b.serial_lines[n]->restore(s.lines[n]);
    b.clock.end_restore(s.clock);
    b.config.boot0 = s.boot0;
    b.powered = s.powered;
    b.power_cut = s.power_cut;
    b.bus.set_boot_window(s.boot_window);
    b.choice = s.choice;
    b.pending_resets = s.pending_resets;
    b.low = s.low;
    b.bus.set_dark(b.low.dark);
    b.stop.reset();
    b.irq_lines = s.irq_lines;
    if (b.trace.said().size() != s.said.size()) b.trace.set_said(s.said);
    b.schedule->restore(s.schedule);
    b.cm7->restore(*s.cm7, latest);
    b.cm4->restore(*s.cm4, latest);
}

}  // namespace h7::chip

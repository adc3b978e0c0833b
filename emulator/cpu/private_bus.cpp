#include "emulator/cpu/private_bus.hpp"

#include <cassert>
#include <string>

namespace h7::cpu {

namespace {

constexpr Address kItmEnd = 0xE000'1000;
constexpr Address kStir = 0xE000'EF00;

}  // namespace

PrivateBus::PrivateBus(Model model, const CoreStatus& core)
    : scb_(model, core, nvic_),
      systick_(core, nvic_),
      mpu_(model),
      debug_(core, nvic_),
      dwt_(model, core, debug_),
      itm_(model, debug_),
      breakpoints_(model) {}

Peripheral* PrivateBus::block_at(Address address) {
    if (address < kItmEnd) return &itm_;
    if (address < 0xE000'2000) return &dwt_;
    if (address >= 0xE000'2000 && address < 0xE000'3000) return &breakpoints_;
    if (address < 0xE000'E000 || address >= 0xE000'F000) return nullptr;
    const Address offset = address - 0xE000'E000;  // the system control space
    if (offset >= 0x010 && offset < 0x020) return &systick_;
    if (offset < 0x008 || (offset >= 0x100 && offset < 0xD00) || (offset >= 0xF00 && offset < 0xF04))
        return &nvic_;
    if (offset >= 0xD90 && offset < 0xDBC) return &mpu_;
    if (offset >= 0xDF0 && offset < 0xE00) return &debug_;
    return &scb_;
}

bool PrivateBus::refused(const Access& access) const {
    if (access.privileged || access.address < kItmEnd) return false;
    const bool trigger = access.op == Op::write && align_down(access.address, 4U) == kStir;
    return !(trigger && scb_.usersetmpend());
}

BusResult<std::uint64_t> PrivateBus::read(const Access& access) {
    if (access.op == Op::fetch) return bus_error("the private peripheral bus holds no code", "system.md 1.1");
    if (refused(access)) return bus_error("the private peripheral bus is privileged", "system.md 5.6");
    if (access.size == 8) {
        Access half = access;
        half.size = 4;
        const std::uint64_t low = TRY(read(half));
        half.address += 4;
        return low | TRY(read(half))
        << 32;
    }
    Peripheral* block = block_at(access.address);
    return block != nullptr ? block->read(access) : std::uint64_t{0};
}

BusResult<void> PrivateBus::write(const Access& access, std::uint64_t value) {
    if (refused(access)) return bus_error("the private peripheral bus is privileged", "system.md 5.6");
    if (access.size == 8) {
        Access half = access;
        half.size = 4;
        TRY(write(half, value & 0xFFFF'FFFFU));
        half.address += 4;
        return write(half, value >> 32);
    }
    Peripheral* block = block_at(access.address);
    if (block == nullptr) return {};
    block->touch();
    return block->write(access, value);
}

void PrivateBus::reset(ResetKind kind, std::uint32_t vtor) {
    for (Peripheral* block : blocks()) block->touch();
    nvic_.reset(kind);
    scb_.reset(kind, vtor);
    systick_.reset(kind);
    mpu_.reset(kind);
    debug_.reset(kind);  // after the NVIC: its monitor enable survives
    dwt_.reset(kind);
    itm_.reset(kind);
    breakpoints_.reset(kind);
}

std::array<Peripheral*, 8> PrivateBus::blocks() {
    return {&nvic_, &scb_, &systick_, &mpu_, &debug_, &dwt_, &itm_, &breakpoints_};
}

void PrivateBus::set_trace(Trace* trace) {
    for (Peripheral* block : blocks()) block->set_trace(trace);
}

PrivateBus::Saved PrivateBus::checkpoint() {
    Saved saved;
    for (std::size_t n = 0; n < saved.size(); ++n) {
        StateWriter out;
        blocks()[n]->save(out);
        saved[n] = out.take();
        blocks()[n]->clear_touched();
    }
    return saved;
}

void PrivateBus::restore(const Saved& saved, bool all) {
    // System control and SysTick change without an access; DWT follows DEMCR.
    const auto all_blocks = blocks();
    const bool debug = debug_.touched() || dwt_.touched() || itm_.touched();
    for (std::size_t n = 0; n < saved.size(); ++n) {
        Peripheral* block = all_blocks[n];
        const bool of_debug = block == &debug_ || block == &dwt_ || block == &itm_;
        const bool alive = block == &scb_ || block == &systick_;
        if (!all && !alive && !block->touched() && !(of_debug && debug)) continue;
        StateReader in(saved[n]);
        block->load(in);
        assert(in.finish() && "what was saved is read back");
        block->clear_touched();
    }
}

void PrivateBus::save(StateWriter& out) const {
    for (const Peripheral* block :
         {static_cast<const Peripheral*>(&nvic_), static_cast<const Peripheral*>(&scb_),
          static_cast<const Peripheral*>(&systick_), static_cast<const Peripheral*>(&mpu_),
          static_cast<const Peripheral*>(&debug_), static_cast<const Peripheral*>(&dwt_),
          static_cast<const Peripheral*>(&itm_), static_cast<const Peripheral*>(&breakpoints_)})
        block->save(out);
}

void PrivateBus::load(StateReader& in) {
    for (Peripheral* block : blocks()) block->load(in);
}

}  // namespace h7::cpu

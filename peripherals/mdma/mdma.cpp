// Registers, flags, requests. Transfers: transfer.cpp.
#include "peripherals/mdma/mdma.hpp"

#include <algorithm>

namespace h7::mdma {
namespace {

// What may be written while the channel is on: EN, the interrupt enables, SWRQ.
constexpr std::uint32_t kOpen = 0x3F;

}  // namespace

Mdma::Mdma(Clock& clock, BusPort& bus)
    : RegisterBlock("MDMA", 0x5200'0000, 0x1000), bus_(bus), engine_(clock, "MDMA", *this) {}

void Mdma::connect(unsigned trigger, Wire& request) {
    triggers_[trigger] = &request;
    request.connect([this](bool level) {
        if (!level || engine_.restoring()) return;
        touch();
        take_requests();
        engine_.look();
    });
}

BusResult<std::uint64_t> Mdma::read(const Access& access) {
    engine_.catch_up();
    return RegisterBlock::read(access);
}

BusResult<void> Mdma::write(const Access& access, std::uint64_t value) {
    engine_.catch_up();
    return RegisterBlock::write(access, value);
}

// --- flags ---

void Mdma::set_flag(unsigned c, Flag flag) {
    regs_.set<"CxISR">(regs_.get<"CxISR">(c) | 1U << static_cast<unsigned>(flag), c);
    drive();
}

/// An enabled flag is set. The enables stand one place above their flags.
bool Mdma::asks(unsigned c) const { return (regs_.get<"CxISR">(c) & regs_.get<"CxCR">(c) >> 1 & 0x1F) != 0; }

std::uint32_t Mdma::global_status(unsigned) const {
    std::uint32_t all = 0;
    for (unsigned c = 0; c < kChannels; ++c) all |= std::uint32_t{asks(c)} << c;
    return all;
}

void Mdma::drive() { irq.set(global_status(0) != 0); }

BusResult<void> Mdma::flags_cleared(const RegisterWrite& write) {
    regs_.set<"CxISR">(regs_.get<"CxISR">(write.index) & ~(write.value & 0x1F), write.index);
    if (test_bit(write.value, 0)) regs_.set<"CxESR">(0, write.index);
    drive();
    return {};
}

// --- requests ---

bool Mdma::hardware_request(unsigned c) const {
    const std::uint32_t trigger = regs_.get<"CxTBR.TSEL">(c);
    return regs_.get<"CxTCR.SWRM">(c) == 0 && trigger < kTriggers && triggers_[trigger] != nullptr &&
           triggers_[trigger]->level();
}

/// A hardware request of an enabled channel is kept until it is served (CRQA).
void Mdma::take_requests() {
    for (unsigned c = 0; c < kChannels; ++c)
        if (enabled(c) && hardware_request(c)) regs_.set<"CxISR.CRQA">(1, c);
}

BusResult<void> Mdma::control_written(const RegisterWrite& write) {
    const unsigned c = write.index;
    const bool was_on = RegisterFile<Mdma>::field<"CxCR.EN">(write.old) != 0;
    if (was_on) regs_.set<"CxCR">((write.old & ~kOpen) | (regs_.get<"CxCR">(c) & kOpen), c);
    if (was_on && !enabled(c)) {
        stop(c);
        set_flag(c, Flag::channel);  // suspended: what was under way is finished, CTCIF says so
    }
    if (enabled(c) && test_bit(write.value, 16)) regs_.set<"CxISR.CRQA">(1, c);
    take_requests();
    drive();
    engine_.look();
    return {};
}

void Mdma::stop(unsigned c) {
    regs_.set<"CxCR.EN">(0, c);
    regs_.set<"CxISR.CRQA">(0, c);
    buffers_[c] = {};
    engine_.drop(c);
}

BusResult<void> Mdma::block_written(const RegisterWrite& write) {
    block_[write.index] = regs_.get<"CxBNDTR.BNDT">(write.index);
    return {};
}

// --- state ---

void Mdma::reset(ResetKind) {
    engine_.reset();
    regs_.reset();
    block_ = {};
    buffers_ = {};
    drive();
}

void Mdma::save(StateWriter& out) const {
    RegisterBlock::save(out);
    engine_.save(out);
    for (const std::uint32_t bytes : block_) out.u32(bytes);
    for (const Buffer& buffer : buffers_) {
        out.u8(static_cast<std::uint8_t>(buffer.items.size()));
        for (const std::uint64_t item : buffer.items) out.u64(item);
        out.u32(buffer.written);
    }
}

void Mdma::load(StateReader& in) {
    RegisterBlock::load(in);
    engine_.load(in, kChannels);
    for (std::uint32_t& bytes : block_) bytes = in.u32();
    for (Buffer& buffer : buffers_) {
        buffer.items.resize(std::min<std::size_t>(in.u8(), 128));
        for (std::uint64_t& item : buffer.items) item = in.u64();
        buffer.written = in.u32();
    }
    drive();
}

}  // namespace h7::mdma

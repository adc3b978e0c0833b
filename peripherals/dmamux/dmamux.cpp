#include "peripherals/dmamux/dmamux.hpp"

#include <bit>

namespace h7::dmamux {
namespace {

enum Edges : std::uint32_t { kRising = 1, kFalling = 2 };

bool hears(std::uint32_t polarity, bool level) { return (polarity & (level ? kRising : kFalling)) != 0; }

constexpr std::uint32_t field_of(unsigned highest) {
    return highest == 0 ? 0 : mask(static_cast<unsigned>(std::bit_width(highest)) - 1, 0);
}

/// Bits of the register at `offset` that a DMAMUX of this size has.
std::uint32_t implemented(const Size& size, Address offset) {
    const std::uint32_t channels = mask(size.channels - 1, 0);
    if (offset < 0x080) {
        if (offset / 4 >= size.channels) return 0;
        return 0x00FF'0300U | field_of(size.requests) | field_of(size.syncs - 1) << 24;
    }
    if (offset == 0x080 || offset == 0x084) return channels;
    if (offset < 0x140) return 0x00FF'0100U | field_of(size.triggers - 1);
    return 0xFF;
}

}  // namespace

Dmamux::Dmamux(std::string_view name, Address base, Size size)
    : RegisterBlock(name, base, 0x400), size_(size) {
    for (unsigned channel = 0; channel < kChannels; ++channel) {
        out[channel].served = [this, channel] { served(channel); };
        out[channel].completed = [this, channel] {
            if (const DmaRequest* request = selected(channel)) request->complete();
        };
    }
    for (unsigned g = 0; g < kGenerators; ++g) {
        generators_[g].request.served = [this, g] { generated(g); };
        connect(g + 1, generators_[g].request);
    }
}

void Dmamux::connect(unsigned id, DmaRequest& request) {
    requests_[id] = &request;
    request.connect([this, id](bool) {
        for (unsigned channel = 0; channel < size_.channels; ++channel)
            if (regs_.get<"CxCR.DMAREQ_ID">(channel) == id) drive(channel);
    });
}

// --- channels ---

DmaRequest* Dmamux::selected(unsigned channel) const {
    const std::uint32_t id = regs_.get<"CxCR.DMAREQ_ID">(channel);
    return id == 0 ? nullptr : requests_[id];
}

void Dmamux::drive(unsigned channel) {
    const DmaRequest* request = selected(channel);
    const bool through = regs_.get<"CxCR.SE">(channel) == 0 || channels_[channel].open;
    out[channel].set(request != nullptr && request->level() && through);
}

/// The DMA served the channel's request: its counter, and what happens when it is through.
void Dmamux::served(unsigned channel) {
    touch();
    if (const DmaRequest* request = selected(channel)) request->acknowledge();
    Channel& state = channels_[channel];
    const bool synchronized = regs_.get<"CxCR.SE">(channel) != 0;
    const bool tells = regs_.get<"CxCR.EGE">(channel) != 0;
    if (synchronized || tells) {
        if (state.left > 0) {
            --state.left;
        } else {
            state.left = regs_.get<"CxCR.NBREQ">(channel);
            state.open = false;
            if (tells) event[channel].pulse();
        }
    }
    drive(channel);
}

/// An edge on the synchronization input: a request that waits goes through. An event without a waiting
/// request is lost, one before the counter is through is an overrun (RM0399 18.4.4).
void Dmamux::synchronize(unsigned channel) {
    Channel& state = channels_[channel];
    if (state.open) {
        regs_.set<"CSR">(regs_.get<"CSR">() | 1U << channel);
        drive_irq();
        return;
    }
    const DmaRequest* request = selected(channel);
    if (request == nullptr || !request->level()) return;
    state.open = true;
    drive(channel);
}

bool Dmamux::hears_sync(unsigned input) const {
    for (unsigned channel = 0; channel < size_.channels; ++channel)
        if (regs_.get<"CxCR.SE">(channel) != 0 && regs_.get<"CxCR.SYNC_ID">(channel) == input) return true;
    return false;
}

bool Dmamux::hears_trigger(unsigned input) const {
    for (unsigned g = 0; g < kGenerators; ++g)
        if (regs_.get<"RGxCR.GE">(g) != 0 && regs_.get<"RGxCR.SIG_ID">(g) == input) return true;
    return false;
}

void Dmamux::set_sync(unsigned input, bool level) {
    if (test_bit(sync_levels_, input) == level) return;
    touch();
    sync_levels_ ^= 1U << input;
    for (unsigned channel = 0; channel < size_.channels; ++channel)
        if (regs_.get<"CxCR.SE">(channel) != 0 && regs_.get<"CxCR.SYNC_ID">(channel) == input &&
            hears(regs_.get<"CxCR.SPOL">(channel), level))
            synchronize(channel);
}

/// Bits and channels this DMAMUX does not have are not written.
bool Dmamux::channel_writable(const RegisterWrite& write) const { return write.index < size_.channels; }

BusResult<void> Dmamux::channel_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Dmamux>;
    const unsigned channel = write.index;
    std::uint32_t next = regs_.get<"CxCR">(channel) & implemented(size_, 4 * channel);
    constexpr std::uint32_t kNumber = Regs::mask<"CxCR.NBREQ">();
    // NBREQ is taken while neither SE nor EGE is set.
    if ((write.old & (Regs::mask<"CxCR.SE">() | Regs::mask<"CxCR.EGE">())) != 0)
        next = (next & ~kNumber) | (write.old & kNumber);
    regs_.set<"CxCR">(next, channel);
    Channel& state = channels_[channel];
    const bool counts = (next & (Regs::mask<"CxCR.SE">() | Regs::mask<"CxCR.EGE">())) != 0;
    const bool counted = (write.old & (Regs::mask<"CxCR.SE">() | Regs::mask<"CxCR.EGE">())) != 0;
    if (!counts || !counted) state = {regs_.get<"CxCR.NBREQ">(channel), false};
    drive(channel);
    drive_irq();
    if (inputs_selected) inputs_selected();
    return {};
}

BusResult<void> Dmamux::overruns_cleared(const RegisterWrite& write) {
    regs_.set<"CSR">(regs_.get<"CSR">() & ~write.value);
    drive_irq();
    return {};
}

// --- generators ---

bool Dmamux::generator_writable(const RegisterWrite& write) const { return write.index < kGenerators; }

BusResult<void> Dmamux::generator_written(const RegisterWrite& write) {
    using Regs = RegisterFile<Dmamux>;
    const unsigned g = write.index;
    std::uint32_t next = regs_.get<"RGxCR">(g) & implemented(size_, 0x100);
    constexpr std::uint32_t kNumber = Regs::mask<"RGxCR.GNBREQ">();
    if (Regs::field<"RGxCR.GE">(write.old) != 0) next = (next & ~kNumber) | (write.old & kNumber);
    regs_.set<"RGxCR">(next, g);
    if (regs_.get<"RGxCR.GE">(g) == 0) {
        generators_[g].left = 0;
        generators_[g].request.set(false);
    }
    drive_irq();
    if (inputs_selected) inputs_selected();
    return {};
}

void Dmamux::set_trigger(unsigned input, bool level) {
    if (test_bit(trigger_levels_, input) == level) return;
    touch();
    trigger_levels_ ^= 1U << input;
    for (unsigned g = 0; g < kGenerators; ++g)
        if (regs_.get<"RGxCR.GE">(g) != 0 && regs_.get<"RGxCR.SIG_ID">(g) == input &&
            hears(regs_.get<"RGxCR.GPOL">(g), level))
            trigger(g);
}

void Dmamux::trigger(unsigned g) {
    if (generators_[g].left != 0) {
        regs_.set<"RGSR">(regs_.get<"RGSR">() | 1U << g);
        drive_irq();
        return;
    }
    generators_[g].left = regs_.get<"RGxCR.GNBREQ">(g) + 1;
    generators_[g].request.set(true);
}

void Dmamux::generated(unsigned g) {
    touch();
    if (generators_[g].left > 0) --generators_[g].left;
    if (generators_[g].left == 0) generators_[g].request.set(false);
}

BusResult<void> Dmamux::triggers_cleared(const RegisterWrite& write) {
    regs_.set<"RGSR">(regs_.get<"RGSR">() & ~write.value);
    drive_irq();
    return {};
}

void Dmamux::drive_irq() {
    bool asks = false;
    for (unsigned channel = 0; channel < size_.channels; ++channel)
        asks |= regs_.get<"CxCR.SOIE">(channel) != 0 && test_bit(regs_.get<"CSR">(), channel);
    for (unsigned g = 0; g < kGenerators; ++g)
        asks |= regs_.get<"RGxCR.OIE">(g) != 0 && test_bit(regs_.get<"RGSR">(), g);
    irq.set(asks);
}

// --- state ---

void Dmamux::reset(ResetKind) {
    regs_.reset();
    channels_ = {};
    for (Generator& generator : generators_) {
        generator.left = 0;
        generator.request.set(false);
    }
    for (unsigned channel = 0; channel < size_.channels; ++channel) drive(channel);
    drive_irq();
    if (inputs_selected) inputs_selected();
}

std::vector<RegisterInfo> Dmamux::describe() const {
    std::vector<RegisterInfo> all;
    for (RegisterInfo info : RegisterBlock::describe()) {
        const std::uint32_t bits = implemented(size_, info.offset);
        std::vector<FieldInfo> fields;
        for (FieldInfo field : info.fields) {
            const std::uint32_t here = bits & mask(field.msb, field.lsb);
            if (here == 0) continue;
            field.msb = 31U - static_cast<unsigned>(std::countl_zero(here));
            fields.push_back(field);
        }
        if (fields.empty()) continue;
        info.fields = std::move(fields);
        all.push_back(std::move(info));
    }
    return all;
}

void Dmamux::save(StateWriter& out_to) const {
    RegisterBlock::save(out_to);
    for (const Channel& channel : channels_) {
        out_to.u32(channel.left);
        out_to.flag(channel.open);
    }
    for (const Generator& generator : generators_) out_to.u32(generator.left);
    out_to.u32(sync_levels_);
    out_to.u32(trigger_levels_);
}

void Dmamux::load(StateReader& in) {
    RegisterBlock::load(in);
    for (Channel& channel : channels_) channel = {in.u32() & 0x1F, in.flag()};
    for (Generator& generator : generators_) {
        generator.left = in.u32() & 0x3F;
        generator.request.set(generator.left != 0);
    }
    sync_levels_ = in.u32();
    trigger_levels_ = in.u32();
    for (unsigned channel = 0; channel < size_.channels; ++channel) drive(channel);
    drive_irq();
}

}  // namespace h7::dmamux

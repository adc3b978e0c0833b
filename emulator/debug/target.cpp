#include "emulator/debug/target.hpp"

#include <fmt/format.h>

#include "emulator/chip/memory_map.hpp"
#include "emulator/debug/target_description.hpp"
#include "emulator/security/access_policy.hpp"

namespace h7::debug {
namespace {

constexpr Address kDhcsr = 0xE000'EDF0;
constexpr std::uint32_t kKey = 0xA05F'0000, kDebugEnable = 1;

Bytes word(std::uint32_t value) {
    Bytes bytes(4);
    store_le(bytes.data(), value);
    return bytes;
}

/// The widest aligned access that fits.
unsigned width(Address address, std::size_t left) {
    for (const unsigned size : {4U, 2U})
        if (address % size == 0 && left >= size) return size;
    return 1;
}

std::uint32_t* field(cpu::Registers& r, unsigned number) {
    switch (number) {
        case kXpsr:
            return &r.xpsr;
        case kMsp:
            return &r.msp;
        case kPsp:
            return &r.psp;
        case kPrimask:
            return &r.primask;
        case kBasepri:
            return &r.basepri;
        case kFaultmask:
            return &r.faultmask;
        case kControl:
            return &r.control;
        default:
            return number < 16 ? &r.r[number] : nullptr;
    }
}

}  // namespace

// --- what the port lets through ---

chip::PortState TargetCore::port(Address address) const {
    if (unseen_) return {};
    return chip_.debug_port().state(master_ == Master::cm7 ? Master::ap0 : Master::ap3, address);
}

bool TargetCore::sees(Address pc) const {
    if (unseen_) return true;
    if (!port().open) return false;
    const chip::Region* region = chip::find_region(pc, master_);
    if (master_ != Master::cm7 || region == nullptr || region->target != chip::Target::flash) return true;
    const flash::Judgement judged =
        chip_.flash().judge(pc, security::Action::fetch, Master::cm7, chip_.as_core(Master::cm7, pc).context);
    return !judged.place.pcrop;
}

void TargetCore::attach() {
    core().attach_debugger([this](Address pc) { return sees(pc); });
    if (unseen_) return;
    chip_.secure_mode().debugger_connected();
    (void)core().write_private({kDhcsr, 4, Op::write, Master::ap0}, kKey | kDebugEnable);
}

void TargetCore::detach() {
    breakpoints_.clear();
    flash_.clear();
    core().detach_debugger();
    if (!unseen_) (void)core().write_private({kDhcsr, 4, Op::write, Master::ap0}, kKey);
}

// --- registers ---

std::optional<Bytes> TargetCore::read_register(unsigned number) const {
    const cpu::Core& c = core();
    if (number >= kD0 && number < kD0 + 16) {
        Bytes both = word(c.floating_point(2 * (number - kD0)));
        const Bytes high = word(c.floating_point(2 * (number - kD0) + 1));
        both.insert(both.end(), high.begin(), high.end());
        return both;
    }
    if (number == kFpscr) return word(c.fpscr());
    cpu::Registers r = c.registers();
    const std::uint32_t* value = field(r, number);
    return value != nullptr ? std::optional(word(*value)) : std::nullopt;
}

bool TargetCore::write_register(unsigned number, ByteView value) {
    if (register_size(number) == 0 || value.size() != register_size(number)) return false;
    cpu::Core& c = core();
    if (number >= kD0 && number < kD0 + 16) {
        c.set_floating_point(2 * (number - kD0), load_le32(value, 0));
        c.set_floating_point(2 * (number - kD0) + 1, load_le32(value, 4));
    } else if (number == kFpscr) {
        c.set_fpscr(load_le32(value, 0));
    } else {
        cpu::Registers r = c.registers();
        std::uint32_t& place = *field(r, number);
        const std::uint32_t wanted = load_le32(value, 0);
        if (place == wanted) return true;
        place = wanted;
        c.set_registers(r);
        if (number == 15) c.wake_up();
    }
    return true;
}

// --- memory: the core's own rights, and never a flag raised by looking ---

std::optional<Error> TargetCore::closed(Address address, std::uint32_t size, bool write) const {
    const auto refuse = [&](std::string_view why, std::string_view rule) {
        return refused(fmt::format("gdb: 0x{:08x} of the {}: {} ({})", address, name(), why, rule));
    };
    if (const chip::PortState state = port(address); !state.open) return refuse(state.why, state.rule);
    const chip::Region* region = chip::find_region(address, master_);
    if (region == nullptr) return std::nullopt;
    Address visible = address;
    if (region->target == chip::Target::boot_window) {
        visible = chip_.boot_choice().cm4 + address;
        region = chip::find_region(visible, master_);
        if (region == nullptr) return std::nullopt;
    }
    if (region->target != chip::Target::flash && region->target != chip::Target::system_flash)
        return std::nullopt;
    if (write) return refuse("flash is programmed through its controller, not by a store", "F-055");
    for (const Address at : {visible, visible + size - 1}) {
        const Context context = chip_.as_core(master_, at).context;
        const auto judged = chip_.flash().judge(at, security::Action::read, master_, context);
        if (judged.row->verdict.answer != security::Answer::done)
            return refuse(fmt::format("refused by {}", judged.row->id), judged.row->cite);
    }
    return std::nullopt;
}

Result<Bytes> TargetCore::read(Address address, std::uint32_t size) const {
    Bytes bytes;
    while (bytes.size() < size) {
        const Address at = address + static_cast<Address>(bytes.size());
        const unsigned one = width(at, size - bytes.size());
        auto no = closed(at, one, false);
        if (!no) {
            const auto value = core().inspect(at, one);
            if (value) {
                for (unsigned n = 0; n < one; ++n)
                    bytes.push_back(static_cast<std::uint8_t>(*value >> (8 * n)));
                continue;
            }
            no = refused(fmt::format("gdb: 0x{:08x} of the {}: {} ({})", at, name(), value.error().why,
                                     value.error().rule));
        }
        if (bytes.empty()) return *no;
        break;
    }
    return bytes;
}

Result<void> TargetCore::write(Address address, ByteView bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const Address at = address + static_cast<Address>(done);
        const unsigned one = width(at, bytes.size() - done);
        if (const auto no = closed(at, one, true)) return *no;
        std::uint64_t value = 0;
        for (unsigned n = 0; n < one; ++n) value |= std::uint64_t{bytes[done + n]} << (8 * n);
        const auto written = core().modify(at, one, value);
        if (!written)
            return refused(fmt::format("gdb: 0x{:08x} of the {}: {} ({})", at, name(), written.error().why,
                                       written.error().rule));
        done += one;
    }
    return {};
}

// --- going on ---

std::optional<TargetCore::Break> TargetCore::breakpoint_at(Address pc) const {
    const auto found = breakpoints_.find(pc);
    return found != breakpoints_.end() ? std::optional(found->second) : std::nullopt;
}

void TargetCore::resume(bool step) {
    std::vector<Address> addresses;
    for (const auto& [address, kind] : breakpoints_) addresses.push_back(address);
    core().set_breakpoints(std::move(addresses));
    if (step)
        core().resume_for_one();
    else
        core().resume();
}

void TargetCore::press_reset() {
    core().resume();
    chip_.press_reset();
}

}  // namespace h7::debug

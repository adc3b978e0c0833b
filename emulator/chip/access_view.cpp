#include "emulator/chip/access_view.hpp"

#include <algorithm>

#include "peripherals/flash/controller.hpp"

namespace h7::chip {
namespace {

constexpr Address kZeros =
    0xF000'0000U;  // canonical place of the page of zeros: outside everything the map has
constexpr std::uint32_t kZerosSize = 4096;

cpu::View refused(const BusFault& fault) {
    cpu::View view;
    view.kind = fault.kind == BusFault::Kind::wait ? cpu::View::Kind::wait : cpu::View::Kind::fault;
    view.granule = 256;
    view.fault = fault;
    return view;
}

}  // namespace

AccessView::AccessView(Master master, Interconnect& bus, flash::Controller& flash,
                       security::SecureMode& secure)
    : master_(master), bus_(bus), flash_(flash), secure_(secure), zeros_(kZerosSize) {
    std::fill(zeros_.bytes().begin(), zeros_.bytes().end(), std::uint8_t{0});
}

Access AccessView::access(Address address, unsigned size, Op op, bool privileged) const {
    const Context context = master_ == Master::cm7 ? secure_.cm7_context() : Context::application;
    return {address, static_cast<std::uint8_t>(size), op, master_, context, privileged};
}

cpu::View AccessView::view(Address address, Op op, bool privileged) {
    const Address visible = bus_.behind_window(address, master_);
    const Region* region = find_region(visible, master_);
    if (region == nullptr)
        return refused(bus_error("no slave answers at this address for this core", "system.md 1.1"));
    if (bus_.dark(*region))
        return refused(bus_error("the domain is in DStandby: it has no power", "decision 0191"));
    cpu::View view;
    switch (region->target) {
        case Target::flash:
        case Target::system_flash:
            return view_flash(visible, op, privileged);
        case Target::ram:
        case Target::boot_window:
            view.kind = cpu::View::Kind::memory;
            view.canonical = region->canonical_of(visible);
            view.execute = true;
            view.read = view.write = !bus_.watched(view.canonical);
            return view;
        case Target::backup_sram:
        case Target::peripheral:
            view.kind = cpu::View::Kind::slave;
            view.read = view.write = true;
            return view;
    }
    return view;
}

cpu::View AccessView::view_flash(Address visible, Op op, bool privileged) {
    const Access wanted = access(visible, 4, op, privileged);
    const flash::View rights = flash_.view(visible, master_, wanted.context);
    cpu::View view;
    view.granule = rights.granule;
    view.canonical = rights.canonical;
    if (op == Op::fetch && !rights.execute) {
        const auto answer = flash_.read_array(wanted);  // raises the flag
        return answer ? zeros(visible) : refused(answer.error());
    }
    if (op == Op::read && !rights.read) {
        view.kind = cpu::View::Kind::slave;
        view.read = true;
        view.write = false;
        return view;
    }
    // A refused access does not wait for the bank (F-045); a store goes into the buffer of a busy one
    // (F-064).
    if (rights.stalled && op != Op::write)
        return refused(wait_until(rights.until, "the bank is busy", "F-043"));
    view.kind = cpu::View::Kind::memory;
    view.read = rights.read;
    view.execute = rights.execute;
    return view;
}

cpu::View AccessView::zeros(Address address) const {
    cpu::View view;
    view.kind = cpu::View::Kind::memory;
    view.granule = 256;
    view.canonical = kZeros + (address & 0x3FFU);
    view.execute = true;
    return view;
}

BusResult<std::uint64_t> AccessView::load(Address address, unsigned size, bool privileged) {
    return bus_.read(access(address, size, Op::read, privileged));
}

BusResult<void> AccessView::store(Address address, unsigned size, std::uint64_t value, bool privileged) {
    return bus_.write(access(address, size, Op::write, privileged), value);
}

std::vector<cpu::MemoryBlock> AccessView::memory() const {
    std::vector<cpu::MemoryBlock> blocks;
    const auto add_ram = [&](Address canonical) {
        if (Ram* ram = bus_.ram_at(canonical))
            blocks.push_back({canonical, ram->memory().data(),
                              static_cast<std::uint32_t>(ram->memory().size()), true, &ram->memory()});
    };
    if (master_ == Master::cm7) {
        add_ram(0x0000'0000U);
        add_ram(0x2000'0000U);
    }
    for (const Address a : {0x2400'0000U, 0x3000'0000U, 0x3800'0000U}) add_ram(a);
    for (unsigned bank = 0; bank < 2; ++bank) {
        HostMemory& user = flash_.user(bank);
        blocks.push_back(
            {0x0800'0000U + bank * 0x10'0000U, user.data(), static_cast<std::uint32_t>(user.size()), false});
        if (master_ != Master::cm7) continue;
        HostMemory& system = flash_.system(bank);
        blocks.push_back({0x1FF0'0000U + bank * 0x4'0000U, system.data(),
                          static_cast<std::uint32_t>(system.size()), false});
    }
    blocks.push_back({kZeros, zeros_.data(), kZerosSize, false});
    return blocks;
}

std::vector<cpu::AddressRange> AccessView::code_windows() const {
    std::vector<cpu::AddressRange> windows{{0x1000'0000U, 0x4'8000U}};
    if (master_ == Master::cm4) windows.push_back({0x0000'0000U, 0x1'0000U});
    return windows;
}

std::vector<cpu::AddressRange> AccessView::store_windows() const {
    std::vector<cpu::AddressRange> windows{{0x0800'0000U, 0x20'0000U}};
    if (master_ == Master::cm7) windows.push_back({0x1FF0'0000U, 0x6'0000U});
    if (master_ == Master::cm4) windows.push_back({0x0000'0000U, 0x1'0000U});
    return windows;
}

}  // namespace h7::chip

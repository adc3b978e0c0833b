// Breakpoints and single steps, made where code is translated: a breakpoint is shown to the library as a
// BKPT, a step is a block of one instruction. Memory is never patched.
#include <algorithm>
#include <iterator>

#include "emulator/cpu/unicorn/engine.hpp"

namespace h7::cpu {

bool Engine::stops_at(Address address) const {
    return !single_ && !breakpoints_.empty() &&
           std::binary_search(breakpoints_.begin(), breakpoints_.end(), address);
}

/// Blocks are kept by where their bytes are stored, and what an address leads to may change while they are
/// (bank swap, windows, aliases): every page that was executed is looked at. Pages keep the low bits.
void Engine::forget_blocks_at(Address address) {
    const std::uint64_t inside = address & (layout::kPageSize - 2);
    for (std::size_t page = 0; page < code_pages_.size(); ++page) {
        if (!code_pages_[page]) continue;
        const std::uint64_t ram = (std::uint64_t{page} << layout::kPageBits) + inside;
        tb_invalidate_phys_range_arm(uc_, ram, ram + 2);
    }
}

void Engine::set_breakpoints(std::vector<Address> addresses) {
    std::sort(addresses.begin(), addresses.end());
    std::vector<Address> changed;
    std::set_symmetric_difference(addresses.begin(), addresses.end(), breakpoints_.begin(),
                                  breakpoints_.end(), std::back_inserter(changed));
    breakpoints_ = std::move(addresses);
    for (const Address address : changed) forget_blocks_at(address);
}

Stop Engine::run_one() {
    const Address at = registers_.pc();
    set_limit(std::min(limit_, executed() + 1));
    forget_blocks_at(at);
    single_ = true;
    const Stop stop = run();
    single_ = false;
    // Short blocks must not stay: where blocks end decides where interrupts are taken. The one behind was
    // translated as well, to find that the budget is used up.
    forget_blocks_at(at);
    forget_blocks_at(registers_.pc());
    return stop;
}

}  // namespace h7::cpu

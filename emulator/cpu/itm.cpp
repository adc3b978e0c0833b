#include "emulator/cpu/itm.hpp"

namespace h7::cpu {
namespace {

constexpr Address kPortsEnd = 4 * Itm::kPorts, kTer = 0xE00, kLar = 0xFB0;

}  // namespace

// clang-format off
// ARMv7-M C1.7. Offsets from 0xE0000000.
inline constexpr Register<Itm> Itm::registers[6] = {
    {.offset = 0x000, .name = "STIM", .fields = {{bit(0), "FIFOREADY", r}}, .count = Itm::kPorts, .live = &Itm::ready},
    {.offset = 0xE00, .name = "TER",  .fields = {{bits(31, 0), "STIMENA", rw}}},
    {.offset = 0xE40, .name = "TPR",  .fields = {{bits(3, 0), "PRIVMASK", rw}}},
    {.offset = 0xE80, .name = "TCR",
     .fields = {
         {bit(0),       "ITMENA",     rw},
         {bit(1),       "TSENA",      not_modelled},
         {bit(2),       "SYNCENA",    rw},
         {bit(3),       "TXENA",      rw},
         {bit(4),       "SWOENA",     rw},
         {bits(9, 8),   "TSPrescale", not_modelled},
         {bits(11, 10), "GTSFREQ",    not_modelled},
         {bits(22, 16), "TraceBusID", rw},
         {bit(23),      "BUSY",       r}}},
    {.offset = 0xFB0, .name = "LAR", .fields = {{bits(31, 0), "KEY", w}}, .written = &Itm::unlock},
    {.offset = 0xFB4, .name = "LSR", .fields = {{bit(0), "SLI", r}, {bit(1), "SLK", r}}, .live = &Itm::lock_status},
};
// clang-format on
static_assert(well_formed(Itm::registers));

Itm::Itm(Model model, const CoreDebug& debug)
    : RegisterBlock("ITM", 0xE000'0000, 0x1000), model_(model), debug_(debug) {}

void Itm::reset(ResetKind kind) {
    if (kind != ResetKind::power_on) return;
    regs_.reset();
    locked_ = true;
}

// The CM4 has no software lock, as its DWT has none.
std::uint32_t Itm::lock_status(unsigned) const {
    if (model_ == Model::cortex_m4) return 0;
    return 1U | (locked_ ? 2U : 0U);
}

BusResult<void> Itm::unlock(const RegisterWrite& write) {
    locked_ = write.value != 0xC5AC'CE55U;
    return {};
}

/// The ports whose group of eight has its bit clear in TPR.
std::uint32_t Itm::open_to_unprivileged() const {
    std::uint32_t open = 0;
    for (unsigned group = 0; group < 4; ++group)
        if (!test_bit(regs_.get<"TPR.PRIVMASK">(), group)) open |= 0xFFU << (8 * group);
    return open;
}

bool Itm::held_back(const Access& access) const {
    const Address offset = offset_of(access);
    if (!access.privileged && (offset < kTer || offset >= kTer + 4)) return true;
    return offset != kLar && model_ == Model::cortex_m7 && locked_ && !is_debugger(access.master);
}

void Itm::send(const Access& access, std::uint32_t value) {
    const unsigned port = offset_of(access) / 4;
    std::uint32_t open = regs_.get<"TER">();
    if (!access.privileged) open &= open_to_unprivileged();
    if (regs_.get<"TCR.ITMENA">() == 0 || !test_bit(open, port) || !stimulus) return;
    stimulus(port, access.size, access.size >= 4 ? value : value & ((1U << (8 * access.size)) - 1U));
}

BusResult<void> Itm::write(const Access& access, std::uint64_t value) {
    if (!debug_.trcena()) return {};
    const Address offset = offset_of(access);
    if (offset < kPortsEnd) {  // the lock is for the control registers
        send(access, static_cast<std::uint32_t>(value));
        return {};
    }
    if (held_back(access)) return {};
    const std::uint32_t before = regs_.get<"TER">();
    TRY(RegisterBlock::write(access, value));
    if (!access.privileged) {
        const std::uint32_t open = open_to_unprivileged();
        regs_.set<"TER">((regs_.get<"TER">() & open) | (before & ~open));
    }
    return {};
}

void Itm::save(StateWriter& out) const {
    RegisterBlock::save(out);
    out.flag(locked_);
}

void Itm::load(StateReader& in) {
    RegisterBlock::load(in);
    locked_ = in.flag();
}

}  // namespace h7::cpu

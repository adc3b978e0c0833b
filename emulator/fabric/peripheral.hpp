// What every hardware block is to the rest of the chip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/fabric/access.hpp"
#include "emulator/fabric/reset.hpp"
#include "emulator/fabric/state.hpp"
#include "emulator/fabric/trace.hpp"

namespace h7 {

/// A register as data, for documentation, traces and the generic register test.
struct FieldInfo {
    std::string_view name;
    unsigned msb = 0, lsb = 0;
    std::string_view letters;  // ST's: r, w, rw, rs, rc_w1, ..
    bool modelled = true;
};
struct RegisterInfo {
    Address offset = 0;
    std::string name;  // "CR1"; elements of an array carry their index: "R3"
    std::uint32_t reset = 0;
    std::vector<FieldInfo> fields;
    bool guarded = false;   // writes may be refused by a lock
    bool computed = false;  // the read value is a live status
};

class Peripheral : public Slave, public Resettable {
public:
    /// `name` as in the manual ("RCC"); `base` and `size` of its address block.
    Peripheral(std::string_view name, Address base, Address size) : name_(name), base_(base), size_(size) {}
    Peripheral(const Peripheral&) = delete;
    Peripheral& operator=(const Peripheral&) = delete;

    std::string_view name() const { return name_; }
    Address base() const { return base_; }
    Address size() const { return size_; }
    Address offset_of(const Access& access) const { return access.address - base_; }

    virtual std::vector<RegisterInfo> describe() const = 0;
    virtual void save(StateWriter& out) const = 0;
    virtual void load(StateReader& in) = 0;

    void set_trace(Trace* trace) { trace_ = trace; }

    /// The state may have changed: an access, a reset, an input. A snapshot puts back only blocks that were
    /// touched (emulator/chip/snapshot.hpp); whoever changes a block in another way says so here.
    void touch() { touched_ = true; }
    bool touched() const { return touched_; }
    void clear_touched() { touched_ = false; }

protected:
    Trace* trace_ = nullptr;  // null only in unit tests that do not look

private:
    std::string_view name_;
    Address base_;
    Address size_;
    bool touched_ = true;
};

}  // namespace h7

// The core in a snapshot: what is put back is what may have changed.
#include "emulator/cpu/core_impl.hpp"

namespace h7::cpu {

struct Core::Checkpoint::Contents {
    std::unique_ptr<Engine::State> engine;
    PrivateBus::Saved ppb;
    RunState state;
    TimeBase time;
    std::uint64_t idle;
    Time limit;
    bool event, waits_for_event, imprecise, above_faults;
    std::string lock_up;
    Impl::Todo todo;
    std::uint32_t todo_argument;
};

Core::Checkpoint::Checkpoint(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
Core::Checkpoint::~Checkpoint() = default;

std::unique_ptr<Core::Checkpoint> Core::checkpoint() {
    Impl& c = *impl_;
    assert(!c.in_engine && "a checkpoint is taken between turns");
    c.engine->watch_all_stores();
    c.stirred = false;
    c.generation = c.engine->generation();
    auto contents = std::make_unique<Checkpoint::Contents>(Checkpoint::Contents{
        c.engine->state(), c.ppb.checkpoint(), c.state, c.time, c.idle, c.limit, c.event, c.waits_for_event,
        c.imprecise, c.above_faults, c.lock_up, c.todo, c.todo_argument});
    return std::unique_ptr<Checkpoint>(new Checkpoint(std::move(contents)));
}

void Core::restore(const Checkpoint& to, bool latest) {
    Impl& c = *impl_;
    assert(!c.in_engine && "a checkpoint is put back between turns");
    const Checkpoint::Contents& from = *to.contents_;
    if (c.stirred || !latest) {
        c.ppb.restore(from.ppb, !latest);  // may change what the MPU allows
        c.engine->restore(*from.engine);
        c.event = from.event;
        c.waits_for_event = from.waits_for_event;
        c.imprecise = from.imprecise;
        c.above_faults = from.above_faults;
        c.lock_up = from.lock_up;
        c.todo = from.todo;
        c.todo_argument = from.todo_argument;
    }
    c.state = from.state;
    c.time = from.time;
    c.idle = from.idle;
    c.limit = from.limit;
    if (!latest || c.generation != c.engine->generation()) {
        c.engine->rights_changed();
        c.engine->restore(*from.engine);  // the budget was cut by the change
        c.generation = c.engine->generation();
    }
    c.engine->watch_all_stores();
    c.stirred = false;
}

void Core::bytes_replaced(const std::uint8_t* host, std::uint32_t size) {
    impl_->engine->forget_code(host, size);
}
bool Core::has_code_at(const std::uint8_t* host) const { return impl_->engine->has_code_at(host); }

}  // namespace h7::cpu

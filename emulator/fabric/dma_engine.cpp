#include "emulator/fabric/dma_engine.hpp"

namespace h7 {

void DmaEngine::look() {
    if (serving_ || restoring()) return;  // run() looks afterwards
    if (timer_.idle()) return start();
    if (!active_) return;
    const auto over = static_cast<std::uint32_t>(timer_.gone() / work_.cycles);
    if (work_.items <= over + 1) return;
    const auto first = owner_.next_work();
    if (!first || first->channel == work_.channel) return;
    work_.items = over + 1;  // what is under way is finished
    timer_.end_after(std::uint64_t{work_.items} * work_.cycles);
}

void DmaEngine::catch_up() {
    if (serving_ || !active_ || !timer_.working()) return;
    const auto over = static_cast<std::uint32_t>(timer_.gone() / work_.cycles);
    if (over > done_) run(over - done_);
    if (timer_.idle()) start();
}

void DmaEngine::drop(unsigned channel) {
    if (!active_ || work_.channel != channel) return;
    active_ = false;
    timer_.stop();
    if (!serving_) start();
}

void DmaEngine::reset() {
    active_ = false;
    timer_.stop();
}

void DmaEngine::due() {
    if (active_) run(work_.items - done_);
    if (timer_.idle()) start();
}

void DmaEngine::start() {
    const auto work = owner_.next_work();
    if (!work) return;
    work_ = *work;
    done_ = 0;
    active_ = true;
    timer_.begin(std::uint64_t{work_.items} * work_.cycles);
}

void DmaEngine::run(std::uint32_t items) {
    serving_ = true;
    const Served served = owner_.serve(work_.channel, items);
    serving_ = false;
    done_ += served.items;
    if (!active_ || served.wait_until != 0 || served.items < items || done_ >= work_.items) {
        active_ = false;
        timer_.stop();
    }
    if (served.wait_until != 0) timer_.wait(served.wait_until);
}

void DmaEngine::save(StateWriter& out) const {
    timer_.save(out);
    out.flag(active_);
    out.u8(static_cast<std::uint8_t>(work_.channel));
    out.u32(work_.items);
    out.u32(work_.cycles);
    out.u32(done_);
}

void DmaEngine::load(StateReader& in, unsigned channels) {
    timer_.load(in);
    active_ = in.flag();
    work_ = {in.u8(), in.u32(), in.u32()};
    done_ = in.u32();
    if (work_.cycles != 0 && done_ < work_.items && work_.channel < channels) return;
    reset();  // not a state that was saved
}

}  // namespace h7

#include "emulator/cli/interrupt.hpp"

#include <array>
#include <csignal>

namespace h7::cli {
namespace {

// A signal handler has no other way to say something to the program than an object of static storage.
volatile std::sig_atomic_t came_signal = 0;

void note(int signal) { came_signal = signal; }

void handle_with(void (*handler)(int), int flags) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    for (const int signal : std::array{SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
    came_signal = 0;
    handle_with(note, static_cast<int>(SA_RESETHAND | SA_RESTART));  // a write under way is finished
}

Interrupt::~Interrupt() { handle_with(SIG_DFL, 0); }

bool Interrupt::came() const { return came_signal != 0; }

void Interrupt::deliver() const {
    if (!came()) return;
    handle_with(SIG_DFL, 0);
    std::raise(came_signal);
}

}  // namespace h7::cli

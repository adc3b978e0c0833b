#include "rss/services/engine.hpp"

#include "rss/services/calls.hpp"

namespace h7::rss {

Engine::Engine(Machine& machine, const Identity& identity, Profile profile)
    : machine_(machine), identity_(identity), profile_(profile) {}

void Engine::reset(bool power_lost) {
    if (power_lost) retained_.forget_volatile();
    retained_.debug_open = true;
    retained_.install_lock = false;  // boot() reads the journal and says so again
}

CallEnd Engine::call(Caller& caller, Address pc) {
    return Calls{machine_, identity_, profile_, retained_}.dispatch(caller, pc);
}

}  // namespace h7::rss

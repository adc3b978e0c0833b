// What all questions of `explain` begin with: the moment, who asks, whether the debug port answers.
#pragma once

#include "emulator/report/explain.hpp"

namespace h7::report {

/// Brings the booted chip to the moment of the question. Error: it is never there.
Result<void> bring_to(Moment moment, chip::Chip& chip);

/// What `master` is then.
Context context_of(Master master, Moment moment, const Boot& boot, const chip::Chip& chip);

/// "CM7 (application)", "MDMA"
std::string asker_text(Master master, Context context);

void decided(Explanation& e, std::string_view verdict, std::string_view row, std::string_view rule,
             std::string_view sentence);

/// The answer of a closed debug port, with what would open it: other pins, other option bytes, the end of the
/// secure software. Each is tried with a real boot, so the desk stands elsewhere afterwards. False: it is
/// open.
bool port_is_closed(Explanation& e, Desk& desk, const Subject& subject, Master ap, Address address);

}  // namespace h7::report

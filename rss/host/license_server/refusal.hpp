// Why the server does not do what it was asked: an HTTP status and, for the person, what, where, which rule
// and what to do.
#pragma once

#include <string>

#include "emulator/base/expected.hpp"

namespace h7::license_server {

struct Refusal {
    int status = 400;  // HTTP
    std::string code;  // one word for programs and metrics: "quota", "certificate", ..
    std::string what;
    std::string where;   // field, path or file; may be empty
    std::string rule;    // paragraph of docs/rss/license-server.md or of the specification; may be empty
    std::string remedy;  // what to do
};

template <class T>
using Answered = Expected<T, Refusal>;

}  // namespace h7::license_server

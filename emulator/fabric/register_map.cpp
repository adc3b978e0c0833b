#include "emulator/fabric/register_map.hpp"

namespace h7 {

std::string_view spelling(Letters letters) {
    switch (letters) {
        case Letters::r:
            return "r";
        case Letters::w:
            return "w";
        case Letters::rw:
            return "rw";
        case Letters::rs:
            return "rs";
        case Letters::rc_w1:
            return "rc_w1";
        case Letters::rc_w0:
            return "rc_w0";
        case Letters::not_modelled:
            return "not modelled";
    }
    return "";
}

}  // namespace h7

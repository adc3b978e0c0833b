#include "emulator/security/access_policy.hpp"

namespace h7::security {

std::string_view name_of(Flag flag) {
    switch (flag) {
        case Flag::none:
            return "";
        case Flag::wrperr:
            return "WRPERR";
        case Flag::rdperr:
            return "RDPERR";
        case Flag::rdserr:
            return "RDSERR";
        case Flag::crcrderr:
            return "CRCRDERR";
    }
    return "";
}

std::string_view name_of(Action action) {
    switch (action) {
        case Action::read:
            return "read";
        case Action::fetch:
            return "fetch";
        case Action::program:
            return "program";
        case Action::erase:
            return "erase";
        case Action::checksum:
            return "checksum";
    }
    return "";
}

}  // namespace h7::security

// Why a service of the RSS was refused or failed: the precise code and one line for the trace and `explain`.
// The guest sees image::chip_visible(detail) only (D-19).
#pragma once

#include <string>

#include "emulator/base/expected.hpp"
#include "rss/image/detail.hpp"
#include "rss/install/flash_driver.hpp"

namespace h7::rss {

using image::Detail;

struct Refusal {
    Detail detail = Detail::none;
    std::string reason;
};
template <class T = void>
using Answer = Expected<T, Refusal>;

/// What a failure of the flash means to whoever asked for the service.
inline Refusal refusal_of(const FlashError& error) {
    switch (error.kind) {
        case FlashError::Kind::locked_out:
            return {Detail::E_BUSY, error.what};
        case FlashError::Kind::option_refused:
            return {Detail::E_OB, error.what};
        case FlashError::Kind::mismatch:
            return {Detail::E_VERIFY, error.what};
        case FlashError::Kind::refused:
        case FlashError::Kind::failed:
        case FlashError::Kind::not_blank:
            break;
    }
    return {Detail::E_FLASH, error.what};
}

/// A flash operation's value, or its error as the refusal of the service.
template <class T>
Answer<T> answer_of(FlashResult<T> result) {
    if (!result) return refusal_of(result.error());
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return std::move(*result);
}

inline Refusal refusal_of(const image::Fault& fault) { return {fault.detail, fault.what}; }

}  // namespace h7::rss

// OpenSSL calls that can fail only because memory ran out or the installation is broken.
#pragma once

#include <openssl/err.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace h7::crypto {

/// Ends the process with a line when `done` is false: there is nothing a caller could do.
inline void openssl_must(bool done, const char* what) {
    if (done) return;
    std::fprintf(stderr, "h7rss: OpenSSL cannot do %s: %s\n", what,
                 ERR_error_string(ERR_get_error(), nullptr));
    std::abort();
}

/// A pointer that OpenSSL frees.
template <auto free>
struct OpensslFree {
    template <class T>
    void operator()(T* p) const {
        free(p);
    }
};
template <class T, auto free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<free>>;

}  // namespace h7::crypto

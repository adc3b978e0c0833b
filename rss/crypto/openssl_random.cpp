#include "rss/crypto/openssl_random.hpp"

#include <openssl/rand.h>

#include <climits>

namespace h7::crypto {

Result<void> random_bytes(MutableBytes bytes) {
    if (bytes.size() > INT_MAX || RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return misuse("the operating system gives no randomness");
    return {};
}

}  // namespace h7::crypto

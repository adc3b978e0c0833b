#include "rss/crypto/module_key.hpp"

#include <string_view>

#include "rss/crypto/openssl_hkdf.hpp"

namespace h7::crypto {

Result<Secret<16>> module_key(ByteView firmware_key) {
    constexpr std::string_view kInfo = "H7RSS-SMI-1";
    Secret<16> key;
    TRY(hkdf_sha256(firmware_key, {}, {reinterpret_cast<const std::uint8_t*>(kInfo.data()), kInfo.size()},
                    key.bytes()));
    return key;
}

}  // namespace h7::crypto

#include "rss/host/provisioning/identity.hpp"

#include <algorithm>
#include <cassert>

#include "emulator/base/hex.hpp"
#include "emulator/base/random.hpp"
#include "rss/crypto/openssl_random.hpp"
#include "rss/host/license/authority.hpp"

namespace h7::provisioning {
namespace {

// Annex A.
constexpr std::string_view kDeviceKey = "8277f704e91ab532e2bd5861012bd11c2c7106a7bbf47d3c93b888f82becaf18";
constexpr std::string_view kUid = "230023001051373339393936";
constexpr std::string_view kCertificate =
    "343530303230303146a91944c062a500b6440a646f26859cb01fbce1660c943281e8963bed495c80656eb03b436599155dbab9d0"
    "1a40"
    "c48e0a6474f928d99dcf476f49e6235c1eb17edb9e1097c04c9ee85af207cef09c556afaf3fb0721311b2a4912deabcd218407cb"
    "53df"
    "4d63191cddaff3041071f513dc2c878b125a811a8fadcec96e0c81ef";

template <std::size_t N>
std::array<std::uint8_t, N> constant(std::string_view hex) {
    const auto bytes = from_hex(hex);
    assert(bytes && bytes->size() == N);
    std::array<std::uint8_t, N> out;
    std::copy_n(bytes->begin(), N, out.begin());
    return out;
}

/// Fills from the seed or from the operating system.
class Source {
public:
    explicit Source(std::optional<std::uint64_t> seed) {
        if (seed) random_.emplace(*seed);
    }
    Result<void> fill(MutableBytes bytes) {
        if (!random_) return crypto::random_bytes(bytes);
        random_->fill(bytes);
        return {};
    }

private:
    std::optional<SeededRandom> random_;
};

/// As ST fills it (system.md 1.4): wafer coordinates, wafer number, seven characters of a lot.
std::array<std::uint8_t, 12> shape_uid(std::array<std::uint8_t, 12> drawn) {
    static constexpr std::string_view kLot = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    drawn[1] = drawn[3] = 0;                                   // X and Y: 16 bits each
    drawn[4] = static_cast<std::uint8_t>(1 + drawn[4] % 25U);  // wafer of the lot
    for (std::size_t i = 5; i < drawn.size(); ++i)
        drawn[i] = static_cast<std::uint8_t>(kLot[drawn[i] % kLot.size()]);
    return drawn;
}

}  // namespace

Result<rss::Identity> draw_identity(const crypto::PrivateKey& ca, std::optional<std::uint64_t> seed) {
    Source source(seed);
    rss::Identity identity;
    TRY(source.fill(identity.uid));
    identity.uid = shape_uid(identity.uid);

    auto point = Result<crypto::PublicKey>(misuse(""));
    do {  // a draw that is no private key is as good as impossible (2^-32), and drawn again
        TRY(source.fill(identity.private_key));
        point = crypto::public_key_of(crypto::PrivateKey(identity.private_key));
    } while (!point);
    identity.certificate = image::serialise(TRY(license::issue_certificate(ca, *point)));
    return identity;
}

rss::Identity test_identity() {
    return {constant<12>(kUid), constant<136>(kCertificate), constant<32>(kDeviceKey)};
}

Result<void> check_identity(const rss::Identity& identity) {
    const auto certificate = image::parse_certificate(identity.certificate);
    const auto point = crypto::public_key_of(crypto::PrivateKey(identity.private_key));
    if (!certificate || !point || *point != certificate->public_key)
        return misuse("the device key does not belong to the certificate");
    return {};
}

}  // namespace h7::provisioning

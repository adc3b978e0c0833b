#include "emulator/chip_file/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstring>

#include "emulator/base/file.hpp"
#include "emulator/base/hex.hpp"
#include "emulator/base/random.hpp"
#include "rss/crypto/openssl_ecdsa.hpp"
#include "rss/crypto/openssl_random.hpp"

namespace h7 {
namespace {

constexpr std::size_t kSigned = 72;  // product id and public key
constexpr std::string_view kProductId = "45002001";

// Annex A.
constexpr std::string_view kCaKey = "7575e303b183848c38750beba69427cc5ca26d14f51648c1482871e503de3e1c";
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

CertificateAuthority test_ca() { return {"the built-in TEST CA", crypto::PrivateKey(constant<32>(kCaKey))}; }

Result<CertificateAuthority> load_ca(const std::filesystem::path& path) {
    Bytes bytes = TRY(read_file(path, 4096));
    if (bytes.size() != 32) {
        std::string text(bytes.begin(), bytes.end());
        while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
        auto parsed = from_hex(text);
        if (!parsed || parsed->size() != 32)
            return misuse(
                fmt::format("{}: not a CA key: 32 bytes or 64 hexadecimal digits are needed", path.string()));
        wipe(bytes);
        bytes = std::move(*parsed);
    }
    CertificateAuthority ca{path.string(), crypto::PrivateKey(bytes)};
    wipe(bytes);
    if (const auto point = crypto::public_key_of(ca.key); !point)
        return misuse(fmt::format("{}: not a CA key: {}", path.string(), point.error().message));
    return ca;
}

Result<rss::Identity> draw_identity(const CertificateAuthority& ca, std::optional<std::uint64_t> seed) {
    Source source(seed);
    rss::Identity identity;
    TRY(source.fill(identity.uid));
    identity.uid = shape_uid(identity.uid);

    auto point = Result<crypto::PublicKey>(misuse(""));
    do {  // a draw that is no private key is as good as impossible (2^-32), and drawn again
        TRY(source.fill(identity.private_key));
        point = crypto::public_key_of(crypto::PrivateKey(identity.private_key));
    } while (!point);

    std::uint8_t* out = identity.certificate.data();
    std::memcpy(out, kProductId.data(), kProductId.size());
    std::copy(point->begin(), point->end(), out + kProductId.size());
    const auto signature = TRY(crypto::ecdsa_sign(ca.key, ByteView(identity.certificate).first(kSigned)));
    std::copy(signature.begin(), signature.end(), out + kSigned);
    return identity;
}

rss::Identity test_identity() {
    return {constant<12>(kUid), constant<136>(kCertificate), constant<32>(kDeviceKey)};
}

Result<void> check_identity(const rss::Identity& identity) {
    const auto point = crypto::public_key_of(crypto::PrivateKey(identity.private_key));
    if (!point || !std::equal(point->begin(), point->end(), identity.certificate.begin() + kProductId.size()))
        return misuse("the device key does not belong to the certificate");
    return {};
}

}  // namespace h7

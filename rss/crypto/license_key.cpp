#include "rss/crypto/license_key.hpp"

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/openssl_hkdf.hpp"
#include "rss/crypto/openssl_sha256.hpp"

namespace h7::crypto {
namespace {

constexpr std::string_view kInfo = "H7RSS-LIC-1";

/// KEK and IV of one license, from the shared secret.
struct Wrapping {
    aes_gcm::Key kek;
    Secret<12> iv;
};

Result<Wrapping> wrapping(const Secret<32>& z, ByteView certificate, ByteView uid, ByteView header) {
    const Secret<28> okm = TRY(license_okm(z.view(), certificate, uid, header));
    return Wrapping {
        TRY(aes_gcm::Key::make(okm.view().first(16), kLicenseHeaderBytes + kWrappedBytes))
        , Secret<12>(okm.view().last(12))
    };
}

}  // namespace

Result<Secret<28>> license_okm(ByteView z, ByteView certificate, ByteView uid, ByteView header) {
    if (z.size() != 32 || certificate.size() != kCertificateBytes || uid.size() != kUidBytes ||
        header.size() != kLicenseHeaderBytes)
        return misuse("a license binds a certificate of 136, a UID of 12 and a header of 88 bytes");
    Bytes info(kInfo.begin(), kInfo.end());
    info.insert(info.end(), uid.begin(), uid.end());
    info.insert(info.end(), header.begin(), header.end());
    Secret<28> okm;
    TRY(hkdf_sha256(z, sha256(certificate), info, okm.bytes()));
    return okm;
}

Result<WrappedKey> wrap_license(const PrivateKey& ephemeral, ByteView device_point, ByteView certificate,
                                ByteView uid, ByteView header, const FirmwareKey& firmware) {
    return wrap_license(TRY(ecdh_p256(ephemeral, device_point)), certificate, uid, header, firmware);
}

Result<WrappedKey> wrap_license(const Secret<32>& z, ByteView certificate, ByteView uid, ByteView header,
                                const FirmwareKey& firmware) {
    const Wrapping with = TRY(wrapping(z, certificate, uid, header));
    Secret<kWrappedBytes> blob;  // IV16 || key16, the last four bytes of IV16 zero
    std::copy_n(firmware.nonce.view().begin(), 12, blob.bytes().begin());
    std::copy_n(firmware.key.view().begin(), 16, blob.bytes().begin() + 16);
    WrappedKey out{};
    const aes_gcm::Status status =
        aes_gcm::seal(with.kek, with.iv.view(), header, blob.view(), out.wrapped, out.tag);
    assert(status == aes_gcm::Status::ok);
    static_cast<void>(status);
    return out;
}

Expected<FirmwareKey, LicenseFault> unwrap_license(const PrivateKey& device, ByteView certificate,
                                                   ByteView uid, ByteView header, ByteView wrapped,
                                                   ByteView tag) {
    if (header.size() != kLicenseHeaderBytes || wrapped.size() != kWrappedBytes || tag.size() != 16)
        return LicenseFault::format;
    const auto z = ecdh_p256(device, header.subspan(kEphemeralOffset, 64));
    if (!z || equal_in_constant_time(z->view(), Secret<32>().view())) return LicenseFault::point;
    const auto with = wrapping(*z, certificate, uid, header);
    if (!with) return LicenseFault::format;
    Secret<kWrappedBytes> blob;
    if (aes_gcm::open(with->kek, with->iv.view(), header, wrapped, tag, blob.bytes()) != aes_gcm::Status::ok)
        return LicenseFault::tag;
    if (load_le32(blob.view(), 12) != 0) return LicenseFault::format;
    return FirmwareKey{Secret<16>(blob.view().last(16)), Secret<12>(blob.view().first(12))};
}

}  // namespace h7::crypto

#include "rss/host/hsm/pkcs11_store.hpp"

#include "rss/crypto/openssl_random.hpp"
#include "rss/host/hsm/pkcs11_module.hpp"

namespace h7::hsm {
namespace {

constexpr std::string_view kFileKey = "h7rss-hsm file", kFirmwareKey = "h7rss-hsm firmware";
constexpr std::string_view kPurpose = "H7RSS-HSM-FILE-1";
constexpr std::size_t kFirmwareBytes = 28;  // key || nonce

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

Attributes object(std::string_view label, const HsmId& id, CK_KEY_TYPE type) {
    return Attributes()
        .number(CKA_CLASS, CKO_SECRET_KEY)
        .number(CKA_KEY_TYPE, type)
        .bytes(CKA_ID, id)
        .bytes(CKA_LABEL, bytes_of(label));
}
Attributes kept(Attributes attributes) {
    return attributes.number(CKA_VALUE_LEN, 32)
        .flag(CKA_TOKEN, true)
        .flag(CKA_PRIVATE, true)
        .flag(CKA_SENSITIVE, true)
        .flag(CKA_EXTRACTABLE, false);
}

class Pkcs11Store final : public KeyStore {
public:
    explicit Pkcs11Store(std::unique_ptr<Pkcs11Session> session) : session_(std::move(session)) {}

    Opener opener() const override { return Opener::pkcs11; }
    std::string describe() const override { return session_->token(); }

    Result<void> create(Header& header) override {
        header.cost = {0, 0, 0};
        TRY(crypto::random_bytes(header.salt));
        TRY(session_->generate(CKM_GENERIC_SECRET_KEY_GEN,
                               kept(object(kFileKey, header.id, CKK_GENERIC_SECRET))
                                   .flag(CKA_SIGN, true)
                                   .flag(CKA_VERIFY, true)));
        const auto made = session_->generate(
            CKM_AES_KEY_GEN,
            kept(object(kFirmwareKey, header.id, CKK_AES)).flag(CKA_ENCRYPT, true).flag(CKA_DECRYPT, true));
        if (made) return {};
        discard(header.id);
        return made.error();
    }

    void discard(const HsmId& id) override {
        for (const auto& wanted :
             {object(kFileKey, id, CKK_GENERIC_SECRET), object(kFirmwareKey, id, CKK_AES)})
            if (const auto found = session_->find(wanted, "key")) session_->destroy(*found);
    }

    Result<crypto::Secret<32>> file_key(const Header& header) override {
        const auto secret =
            TRY(session_->find(object(kFileKey, header.id, CKK_GENERIC_SECRET), "keys 'h7rss-hsm file'"));
        Bytes message = bytes_of(kPurpose);
        const auto front = serialise(header);
        message.insert(message.end(), front.begin(), front.begin() + kBoundBytes);
        crypto::Secret<32> key;
        TRY(session_->hmac(secret, message, key.bytes()));
        return key;
    }

    Result<KeyBlob> keep(const HsmId& id, const crypto::FirmwareKey& firmware) override {
        crypto::Secret<kFirmwareBytes> plain;
        std::ranges::copy(firmware.key.view(), plain.bytes().begin());
        std::ranges::copy(firmware.nonce.view(), plain.bytes().begin() + 16);
        KeyBlob blob;  // IV 12 || ciphertext 28 || tag 16
        const MutableBytes out = blob.bytes();
        TRY(crypto::random_bytes(out.first(12)));
        TRY(session_->gcm(true, TRY(sealing_key(id)), out.first(12), id, plain.view(), out.subspan(12)));
        return blob;
    }
    Result<crypto::FirmwareKey> firmware(const HsmId& id, const KeyBlob& blob) override {
        crypto::Secret<kFirmwareBytes> plain;
        TRY(session_->gcm(false, TRY(sealing_key(id)), blob.view().first(12), id, blob.view().subspan(12),
                          plain.bytes()));
        return crypto::FirmwareKey{crypto::Secret<16>(plain.view().first(16)),
                                   crypto::Secret<12>(plain.view().last(12))};
    }

    Result<license::Agreement> agree(ByteView device_point) override {
        TRY(crypto::check_point(device_point));  // a token need not
        license::Agreement agreed{};
        TRY(session_->agree(device_point, agreed.ephemeral, agreed.shared.bytes()));
        return agreed;
    }

private:
    Result<CK_OBJECT_HANDLE> sealing_key(const HsmId& id) {
        return session_->find(object(kFirmwareKey, id, CKK_AES), "keys 'h7rss-hsm firmware'");
    }

    std::unique_ptr<Pkcs11Session> session_;
};

}  // namespace

Result<std::shared_ptr<KeyStore>> pkcs11_store(const Token& token, const Passphrase& pin) {
    return std::shared_ptr<KeyStore>(
        std::make_shared<Pkcs11Store>(TRY(Pkcs11Session::open(token.module, token.label, pin.view()))));
}

}  // namespace h7::hsm

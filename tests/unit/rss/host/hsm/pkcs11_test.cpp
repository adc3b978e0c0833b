// A SoftHSM2 token as the key store. Its token lives in the test's folder.
#include <set>
#include <thread>

#include "rig.hpp"
#include "rss/host/hsm/pkcs11_module.hpp"
#include "rss/host/hsm/pkcs11_store.hpp"
#include "soft_hsm.hpp"

namespace h7::hsm {
namespace {

using testing::HasSubstr;

class HsmToken : public HsmRig {
protected:
    void SetUp() override {
        if (!soft_hsm_installed()) GTEST_SKIP() << "softhsm2 is not installed: scripts/setup";
        use_soft_hsm(folder_);
        new_token("production");
    }
    static Result<std::shared_ptr<KeyStore>> token(std::string_view pin = "123456",
                                                   const std::string& label = "production",
                                                   std::string_view module = kSoftHsm) {
        return pkcs11_store({module, label}, *Passphrase::make(text(pin)));
    }
    std::unique_ptr<Hsm> made(std::uint32_t counter) {
        auto hsm = Hsm::create(path_, *token(), options());
        EXPECT_TRUE(hsm) << hsm.error().message;
        EXPECT_TRUE((*hsm)->provision(provisioning(counter)));
        EXPECT_TRUE((*hsm)->lock());
        return std::move(*hsm);
    }
};

TEST_F(HsmToken, LicensesFromTheTokenOpenOnTheChip) {
    auto hsm = made(2);
    const Chip a(1), b(2), c(3);
    const auto issued = hsm->issue(a.request());
    ASSERT_TRUE(issued) << issued.error().message;
    const auto firmware = a.opens(issued->license);
    ASSERT_TRUE(firmware);
    EXPECT_TRUE(std::ranges::equal(firmware->key.view(), kKey));
    EXPECT_TRUE(std::ranges::equal(firmware->nonce.view(), kNonce));
    hsm.reset();
    hsm = std::move(*Hsm::open(path_, *token(), options()));
    EXPECT_TRUE(hsm->issue(a.request())->again);
    EXPECT_TRUE(b.opens(hsm->issue(b.request())->license));
    EXPECT_EQ(code_of(hsm->issue(c.request())), ExitCode::refused);
}

TEST_F(HsmToken, EveryLicenseHasItsOwnEphemeralKeyAndAnExactZ) {
    const auto keys = *token();
    const Chip chip(1);
    std::set<Bytes> points;
    for (int i = 0; i < 40; ++i) {
        const auto agreed = keys->agree(chip.pair.point);
        ASSERT_TRUE(agreed) << agreed.error().message;
        EXPECT_TRUE(crypto::check_point(agreed->ephemeral));
        points.insert(Bytes(agreed->ephemeral.begin(), agreed->ephemeral.end()));
        const auto z = *crypto::ecdh_p256(chip.pair.secret, agreed->ephemeral);
        EXPECT_TRUE(std::ranges::equal(z.view(), agreed->shared.view()));
    }
    EXPECT_EQ(points.size(), 40U);
    EXPECT_FALSE(keys->agree(Bytes(64, 0))) << "no point of the curve";
}

TEST_F(HsmToken, NeitherKeyNorNonceLieOutsideTheTokensSeal) {
    made(2);
    auto header = *parse_header(bytes());
    const auto keys = *token();
    Bytes body = *unseal(header, *keys->file_key(header), bytes());
    EXPECT_EQ(std::ranges::search(body, kKey).begin(), body.end());
    EXPECT_EQ(std::ranges::search(body, kNonce).begin(), body.end());
    // What the header says is part of the file's key.
    const auto key = *keys->file_key(header);
    header.salt[0] ^= 1;
    EXPECT_FALSE(crypto::equal_in_constant_time(key.view(), keys->file_key(header)->view()));
}

TEST_F(HsmToken, KeysOfTheTokenCannotBeRead) {
    made(2);
    const auto header = *parse_header(bytes());
    const auto library = *Pkcs11Library::load(kSoftHsm);
    auto session = std::move(*Pkcs11Session::open(kSoftHsm, "production", text("123456")));
    CK_SESSION_HANDLE raw = CK_INVALID_HANDLE;
    CK_ULONG count = 1;
    CK_SLOT_ID slot = 0;
    ASSERT_EQ(library->call()->C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    std::vector<CK_SLOT_ID> slots(count);
    ASSERT_EQ(library->call()->C_GetSlotList(CK_TRUE, slots.data(), &count), CKR_OK);
    for (const CK_SLOT_ID each : slots) {
        CK_TOKEN_INFO info{};
        ASSERT_EQ(library->call()->C_GetTokenInfo(each, &info), CKR_OK);
        if ((info.flags & CKF_TOKEN_INITIALIZED) != 0) slot = each;
    }
    ASSERT_EQ(library->call()->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &raw), CKR_OK);
    for (const char* label : {"h7rss-hsm file", "h7rss-hsm firmware"}) {
        const auto object =
            session->find(Attributes().bytes(CKA_ID, header.id).bytes(CKA_LABEL, text(label)), label);
        ASSERT_TRUE(object) << object.error().message;
        Bytes value(64);
        CK_ATTRIBUTE wanted{CKA_VALUE, value.data(), value.size()};
        EXPECT_EQ(library->call()->C_GetAttributeValue(raw, *object, &wanted, 1), CKR_ATTRIBUTE_SENSITIVE);
        for (const CK_ATTRIBUTE_TYPE always : {CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) {
            CK_BBOOL set = CK_FALSE;
            CK_ATTRIBUTE flag{always, &set, sizeof set};
            EXPECT_EQ(library->call()->C_GetAttributeValue(raw, *object, &flag, 1), CKR_OK);
            EXPECT_EQ(set, CK_TRUE);
        }
    }
}

TEST_F(HsmToken, WrongPinTokenModuleOrStore) {
    made(2);
    EXPECT_THAT(error_of(token("999999")), HasSubstr("CKR_PIN_INCORRECT"));
    EXPECT_THAT(error_of(token("123456", "other")), HasSubstr("0 tokens with the label 'other'"));
    EXPECT_THAT(error_of(token("123456", "production", "/nonexistent.so")), HasSubstr("cannot load"));
    EXPECT_THAT(error_of(reopen()), HasSubstr("opened by a PKCS#11 token, not by a passphrase"));
    // Another token has no key for this file.
    new_token("second");
    EXPECT_THAT(error_of(Hsm::open(path_, *token("123456", "second"), options())), HasSubstr("0 keys"));
}

TEST_F(HsmToken, ThreadsShareOneSession) {
    const auto hsm = made(20);
    const auto lease = std::move(*hsm->reserve(20));
    const Chip chip(1);
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i)
                if (const auto license = lease->issue(chip.request()); license && chip.opens(*license))
                    ++good;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 20);
}

}  // namespace
}  // namespace h7::hsm

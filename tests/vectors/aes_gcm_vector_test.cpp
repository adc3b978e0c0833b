// Every published AES-GCM case we can find, on every kernel this machine has.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "tests/vectors/vector_files.hpp"

namespace h7::aes_gcm {

void PrintTo(const KernelInfo& kernel, std::ostream* out) { *out << kernel.name; }

namespace {

class AesGcmVectors : public testing::TestWithParam<KernelInfo> {
protected:
    void SetUp() override {
        if (!GetParam().available) GTEST_SKIP() << GetParam().name << ": " << GetParam().why;
    }

    /// One message: sealed, opened, verified and decrypted must all agree with the vector.
    void check(ByteView key_bytes, ByteView iv, ByteView aad, ByteView plaintext, ByteView ciphertext,
               ByteView tag, bool valid) {
        const auto key = Key::make(key_bytes, GetParam().name);
        ASSERT_TRUE(key);
        Bytes opened(ciphertext.size());
        const Status status = open(*key, iv, aad, ciphertext, tag, opened);
        EXPECT_EQ(status == Status::ok, valid) << describe(status);
        const auto verified = verify(*key, iv, aad, ciphertext, tag);
        EXPECT_EQ(verified.has_value(), valid);
        if (!valid) {
            EXPECT_EQ(opened, Bytes(ciphertext.size()));
            return;
        }
        EXPECT_TRUE(std::ranges::equal(opened, plaintext));
        Bytes decrypted(ciphertext.size());
        EXPECT_EQ(verified->decrypt(0, ciphertext, decrypted), Status::ok);
        EXPECT_TRUE(std::ranges::equal(decrypted, plaintext));
        Bytes sealed(plaintext.size()), made(tag.size());
        EXPECT_EQ(seal(*key, iv, aad, plaintext, sealed, made), Status::ok);
        EXPECT_TRUE(std::ranges::equal(sealed, ciphertext));
        EXPECT_TRUE(std::ranges::equal(made, tag));
    }

    void cavp_file(const std::string& name);
};

/// NIST's .rsp files: sections of "Name = value" lines; a decryption that must fail says FAIL instead of PT.
void AesGcmVectors::cavp_file(const std::string& name) {
    const auto path = vectors::cavp(name);
    H7_NEEDS(path);
    std::ifstream stream(path);
    std::map<std::string, std::string> fields;
    unsigned ran = 0, short_tags = 0;
    const auto finish = [&] {
        if (fields.count("Key") == 0) return;
        const auto get = [&](const char* field) { return from_hex(fields[field]).value(); };
        const Bytes tag = get("Tag");
        if (tag.size() < kShortestTag) {
            ++short_tags;  // refused by our interface
        } else {
            check(get("Key"), get("IV"), get("AAD"), get("PT"), get("CT"), tag, fields.count("FAIL") == 0);
            ++ran;
        }
        fields.clear();
    };
    for (std::string line; std::getline(stream, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.rfind("Count", 0) == 0) finish();
        if (line.empty() || line[0] == '#' || line[0] == '[') continue;
        const std::size_t equals = line.find(" =");
        if (equals == std::string::npos)
            fields[line] = "";
        else
            fields[line.substr(0, equals)] = line.size() > equals + 3 ? line.substr(equals + 3) : "";
    }
    finish();
    EXPECT_EQ(ran + short_tags, 7875U) << "the whole file was read";
    EXPECT_GT(ran, 4000U);
}

TEST_P(AesGcmVectors, NistDecrypt128) { cavp_file("gcmDecrypt128.rsp"); }
TEST_P(AesGcmVectors, NistDecrypt256) { cavp_file("gcmDecrypt256.rsp"); }
TEST_P(AesGcmVectors, NistEncrypt128) { cavp_file("gcmEncryptExtIV128.rsp"); }
TEST_P(AesGcmVectors, NistEncrypt256) { cavp_file("gcmEncryptExtIV256.rsp"); }

TEST_P(AesGcmVectors, Wycheproof) {
    const auto path = vectors::wycheproof("aes_gcm_test.json");
    H7_NEEDS(path);
    unsigned ran = 0;
    vectors::for_each_wycheproof(path, [&](const auto& group, const auto& test) {
        if (group["keySize"] == 192) return;
        SCOPED_TRACE(test["tcId"].template get<int>());
        const auto bytes = [&](const char* field) { return vectors::bytes(test[field]); };
        check(bytes("key"), bytes("iv"), bytes("aad"), bytes("msg"), bytes("ct"), bytes("tag"),
              test["result"] == "valid");
        ++ran;
    });
    EXPECT_GT(ran, 200U);
}

INSTANTIATE_TEST_SUITE_P(Kernels, AesGcmVectors, testing::ValuesIn(kernels()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace h7::aes_gcm

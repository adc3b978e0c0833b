// A folder for one test, chips to ask for licenses, and a small HSM.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "emulator/base/file.hpp"
#include "rss/host/hsm/hsm.hpp"
#include "rss/image/license.hpp"
#include "tests/support/temporary_folder.hpp"

namespace h7::hsm {

inline constexpr crypto::ScryptCost kCheap{10, 1, 1};
inline constexpr std::uint64_t kNow = 1'700'000'000;

inline Bytes text(std::string_view words) { return {words.begin(), words.end()}; }

inline std::shared_ptr<KeyStore> keys(std::string_view passphrase = "correct horse") {
    return passphrase_store(*Passphrase::make(text(passphrase)), kCheap);
}

/// A chip: its key pair, its certificate of the TEST CA, its UID.
struct Chip {
    explicit Chip(std::uint8_t number) : pair(*crypto::generate_key_pair()) {
        const auto made = *license::issue_certificate(license::test_ca_key(), pair.point);
        const auto bytes = image::serialise(made);
        certificate.assign(bytes.begin(), bytes.end());
        uid.assign(12, number);
        uid[0] = 0x23;
    }
    ChipRequest request(std::uint32_t session = 0) const { return {certificate, uid, session}; }
    /// The firmware key in a license, if this chip can open it.
    std::optional<crypto::FirmwareKey> opens(const LicenseBytes& license) const {
        const auto key =
            crypto::unwrap_license(pair.secret, certificate, uid, ByteView(license).first(88),
                                   ByteView(license).subspan(88, 32), ByteView(license).last(16));
        return key ? std::optional(*key) : std::nullopt;
    }

    crypto::KeyPair pair;
    Bytes certificate, uid;
};

inline const Bytes kKey = Bytes(16, 0xA5), kNonce = Bytes(12, 0x5A);

inline Provisioning provisioning(std::uint32_t counter) {
    return {.firmware = {crypto::Secret<16>(kKey), crypto::Secret<12>(kNonce)},
            .name = "application 1.2",
            .ca = license::test_ca_point(),
            .counter = counter};
}

class HsmRig : public testing::Test {
protected:
    Options options() const {
        Options made;
        made.clock = [] { return kNow; };
        return made;
    }
    std::unique_ptr<Hsm> operational(std::uint32_t counter, Options options) {
        auto hsm = Hsm::create(path_, keys(), std::move(options));
        EXPECT_TRUE(hsm) << hsm.error().message;
        EXPECT_TRUE((*hsm)->provision(provisioning(counter)));
        EXPECT_TRUE((*hsm)->lock());
        return std::move(*hsm);
    }
    std::unique_ptr<Hsm> operational(std::uint32_t counter) { return operational(counter, options()); }
    Result<std::unique_ptr<Hsm>> reopen(std::string_view passphrase = "correct horse") const {
        return Hsm::open(path_, keys(passphrase), options());
    }
    Bytes bytes() const { return *read_file(path_); }
    void write(ByteView bytes) const { ASSERT_TRUE(write_file(path_, bytes, Mode::secret)); }

    // What fsync is worth, the tests of power cuts model.
    const h7::test::TemporaryFolder own_{h7::test::TemporaryFolder::Where::memory};
    const std::filesystem::path folder_ = own_.path(), path_ = folder_ / "vault.hsm";
};

template <class T>
std::string error_of(const Result<T>& result) {
    return result ? "" : result.error().message;
}
template <class T>
ExitCode code_of(const Result<T>& result) {
    return result ? ExitCode::done : result.error().code;
}

}  // namespace h7::hsm

// A software HSM: a firmware key, how many licenses may be made from it, and the log of those that were
// (rss-sfi-bootloader.md 4.12; ours, D-11). It lives in one file, sealed; docs/rss/hsm.md says what that is
// worth.
//
//   OPEN         provision() (again, until it is right), then lock()
//   OPERATIONAL  issue() and reserve(), until the counter is 0. Nothing leads back.
//
// Persist, then release: a license leaves only after the file that counts it is on the disk.
//
// One process has the file at a time (a lock file). Within it an Hsm, an Issuer and a Lease serve any number
// of threads at once.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

#include "rss/host/hsm/anchor.hpp"
#include "rss/host/hsm/key_store.hpp"

namespace h7::hsm {

using LicenseBytes = std::array<std::uint8_t, image::kLicenseBytes>;

/// Who wants a license: what the flasher read from the chip.
struct ChipRequest {
    ByteView certificate;            // 136 bytes
    ByteView uid;                    // 12 bytes
    std::uint32_t live_session = 0;  // 0: a static license
};

/// What is put into an OPEN HSM.
struct Provisioning {
    crypto::FirmwareKey firmware;
    std::string name;  // firmware identifier: licenses fit images packed with it; empty: any image. A module
                       // has none (4.10): there it is a label
    crypto::PublicKey ca{};
    std::uint32_t counter = 0;  // licenses to give, at least 1
    Purpose purpose = Purpose::sfi;
};

/// The cryptography of licenses, without counting. Only a Lease hands it to others.
class Issuer {
public:
    Issuer(std::shared_ptr<KeyStore> keys, const HsmId& id, const Settings& settings);

    /// Errors (misuse): those of license::issue; a live license of an HSM for modules.
    Result<LicenseBytes> make(const ChipRequest& request) const;
    image::LicenseType type(const ChipRequest& request) const;

private:
    std::shared_ptr<KeyStore> keys_;
    HsmId id_;
    Settings settings_;
    std::array<std::uint8_t, 8> firmware_id_{};
};

/// A number of licenses that the file counts as given already: for a license server, whose own ledger says
/// which chips got them and who gets one again. Making one costs the cryptography and no write.
class Lease {
public:
    Lease(std::shared_ptr<const Issuer> issuer, std::uint32_t amount)
        : issuer_(std::move(issuer)), left_(amount) {}

    /// A license for a new chip. Errors: as Issuer::make, and nothing is used up; refused: none is left.
    Result<LicenseBytes> issue(const ChipRequest& request);
    /// A license for a chip that, as the caller's ledger knows, has one: nothing is used up.
    Result<LicenseBytes> reissue(const ChipRequest& request) const { return issuer_->make(request); }
    /// A license of issue() that the caller will never release: it may be given to another chip.
    void take_back() { ++left_; }
    std::uint32_t left() const { return left_.load(); }

private:
    friend class Hsm;
    std::shared_ptr<const Issuer> issuer_;
    std::atomic<std::uint32_t> left_;
};

struct Issued {
    LicenseBytes license;
    bool again = false;      // the chip had one: the counter did not move
    std::uint32_t left = 0;  // the counter afterwards
};

/// What an HSM shows of itself: no secret is in it.
struct Info {
    Header header;
    std::string opened_by;
    Purpose purpose = Purpose::none;
    bool anchored = false;
    std::string product_id, name;
    crypto::PublicKey ca{};
    Log log;
};

struct Options {
    std::optional<std::filesystem::path> anchor = {};
    bool read_only = false;                     // no lock, and nothing may change
    std::function<std::uint64_t()> clock = {};  // seconds since 1970; the host's clock unless given
    Observer observer = {};
};

class Hsm {
public:
    /// Makes the file, state OPEN; with an anchor also that, and the file needs it for ever. Errors (misuse):
    /// a file exists, or cannot be written.
    static Result<std::unique_ptr<Hsm>> create(const std::filesystem::path& path,
                                               std::shared_ptr<KeyStore> keys, Options options = {});
    /// Opens and checks everything: seal, settings, log. Errors: misuse (who has it open, wrong passphrase or
    /// changed file, a missing anchor); rule violated: an older copy, as the anchor tells.
    static Result<std::unique_ptr<Hsm>> open(const std::filesystem::path& path,
                                             std::shared_ptr<KeyStore> keys, Options options = {});
    /// The same with a passphrase.
    static Result<std::unique_ptr<Hsm>> open(const std::filesystem::path& path, ByteView passphrase,
                                             Options options = {});

    Info info() const;
    /// The counter: licenses that are neither given nor reserved.
    std::uint32_t left() const;
    /// False after a write that may or may not have happened: the file must be opened anew.
    bool usable() const;

    /// Errors (refused): locked. Errors (misuse): a counter of 0, a name that is not 0 to 64 printable
    /// characters, a CA key that is no point.
    Result<void> provision(const Provisioning& provisioning);
    /// Errors (refused): locked already, or not provisioned.
    Result<void> lock();

    /// A license. The certificate is checked before anything is counted; the same chip (certificate and UID)
    /// gets a license again without being counted. Errors: misuse (certificate, UID; the disk), refused (not
    /// OPERATIONAL, counter 0).
    Result<Issued> issue(const ChipRequest& request);

    /// Counts `amount` licenses as given and hands them to the caller. A lease that is not given back is
    /// spent: a crash costs licenses, never makes any. 0: an empty lease and no write; extend() fills it.
    Result<std::unique_ptr<Lease>> reserve(std::uint32_t amount);
    /// Counts `amount` more and adds them to the lease. Others may be issuing from it.
    Result<void> extend(Lease& lease, std::uint32_t amount);
    /// Counts what is left in the lease as not given. Nobody may be issuing from it any more. How many.
    Result<std::uint32_t> give_back(std::unique_ptr<Lease> lease);

private:
    Hsm(std::filesystem::path path, std::shared_ptr<KeyStore> keys, Options options, Header header,
        const crypto::Secret<32>& key, Body body, std::optional<WriterLock> lock);

    Result<void> record(LogEntry wanted, const Settings* changed = nullptr);
    Result<void> write_anchor() const;
    Result<std::shared_ptr<const Issuer>> issuer();

    const std::filesystem::path path_;
    const std::shared_ptr<KeyStore> keys_;
    const Options options_;
    const Header header_;
    const crypto::Secret<32> key_;
    const std::optional<WriterLock> lock_;

    mutable std::mutex mutex_;  // guards what follows
    Settings settings_;
    Log log_;
    std::shared_ptr<const Issuer> issuer_;
    std::optional<Error> broken_;  // a write that may or may not have happened: the file must be opened anew
};

/// What a file shows without being opened. Errors as of parse_header.
Result<Header> peek(const std::filesystem::path& path);

}  // namespace h7::hsm

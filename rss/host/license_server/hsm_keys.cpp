#include "rss/host/license_server/hsm_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "rss/crypto/openssl_ecdh.hpp"

namespace h7::license_server {
namespace {

constexpr std::string_view kRule = "HSM (4.12)";

class KeysInHsm final : public KeyStore {
public:
    KeysInHsm(std::unique_ptr<hsm::Hsm> vault, std::string name, image::LicenseType type,
              std::uint32_t reserve, std::unique_ptr<hsm::Lease> lease)
        : vault_(std::move(vault)),
          name_(std::move(name)),
          type_(type),
          reserve_(reserve),
          at_start_(vault_->info()),
          lease_(std::move(lease)),
          in_vault_(at_start_.log.left()) {}
    ~KeysInHsm() override { static_cast<void>(close()); }
    KeysInHsm(const KeysInHsm&) = delete;
    KeysInHsm& operator=(const KeysInHsm&) = delete;

    Answered<Wrapped> wrap(const image::Certificate& chip, ByteView certificate, ByteView uid,
                           std::uint32_t session) override;
    void take_back() override { lease_->take_back(); }

    image::LicenseType type() const override { return type_; }
    std::string describe() const override {
        return fmt::format("HSM {}, opened by {}", name_, at_start_.opened_by);
    }
    std::optional<std::uint64_t> left() const override {
        return std::uint64_t{in_vault_} + (lease_ ? lease_->left() : 0);
    }
    bool healthy() const override { return healthy_; }
    Result<std::uint32_t> close() override;

private:
    std::optional<Refusal> top_up();
    Refusal unreachable(std::string what) const;
    Refusal empty(std::string what) const;

    const std::unique_ptr<hsm::Hsm> vault_;
    const std::string name_;
    const image::LicenseType type_;
    const std::uint32_t reserve_;
    const hsm::Info at_start_;  // with the chips that `license issue --hsm` served: nobody else has the file
    std::unique_ptr<hsm::Lease> lease_;
    std::mutex topping_;
    std::atomic<std::uint32_t> waiting_ = 0;
    std::atomic<std::uint32_t> in_vault_;
    std::atomic<bool> healthy_ = true;
};

Refusal KeysInHsm::unreachable(std::string what) const {
    return {503,
            "key-store-broken",
            std::move(what),
            name_,
            std::string(kRule),
            "nothing was given and nothing is lost: ask whoever runs the server to look at the HSM"};
}

Refusal KeysInHsm::empty(std::string what) const {
    return {
        403,
        "key-store",
        std::move(what),
        name_,
        std::string(kRule),
        "provision another HSM, name it as hsm of the [[product]] and restart the server; a chip that has "
        "its license still gets it again"};
}

/// One write for everybody who waits here.
std::optional<Refusal> KeysInHsm::top_up() {
    ++waiting_;
    const std::lock_guard guard(topping_);
    const std::uint32_t waiting = waiting_--;
    if (lease_->left() != 0) return {};
    const std::uint32_t left = vault_->left();
    if (left == 0)
        return empty(
            fmt::format("the HSM's counter is 0: all {} licenses are given", at_start_.log.counter()));
    const auto more = vault_->extend(*lease_, std::min(left, std::max(reserve_, waiting)));
    in_vault_ = vault_->left();
    if (more) return {};
    healthy_ = vault_->usable();
    if (more.error().code == ExitCode::refused) return empty(more.error().message);
    if (!healthy_) return unreachable("the disk did not confirm a write of the HSM file; nothing is given");
    return Refusal{507,   "no-space",         "the HSM file cannot be written; this license was not given",
                   name_, std::string(kRule), "make room on its disk and ask again; nothing is lost"};
}

Answered<Wrapped> KeysInHsm::wrap(const image::Certificate& chip, ByteView certificate, ByteView uid,
                                  std::uint32_t session) {
    if (const auto point = crypto::check_point(chip.public_key); !point)
        return bad_certificate(point.error().message);
    if (!healthy_) return unreachable("the HSM gives nothing until the server is restarted");
    const hsm::ChipRequest request{certificate, uid, session};
    hsm::LogEntry subject{.subject = crypto::sha256(certificate)};
    std::ranges::copy(uid, subject.uid.begin());
    if (at_start_.log.knows(subject.subject, subject.uid)) {  // logged, not counted (0236)
        const auto issued = vault_->issue(request);
        if (issued) return Wrapped{.license = issued->license};
        healthy_ = vault_->usable();
        return unreachable(issued.error().message);
    }
    for (;;) {
        const auto license = lease_->issue(request);
        if (license) return Wrapped{.license = *license, .counted = true};
        if (license.error().code != ExitCode::refused) return unreachable(license.error().message);
        if (auto failed = top_up()) return *failed;
    }
}

Result<std::uint32_t> KeysInHsm::close() {
    if (!lease_) return 0U;
    auto returned = vault_->give_back(std::move(lease_));
    if (returned) in_vault_ += *returned;
    return returned;
}

}  // namespace

Result<std::unique_ptr<KeyStore>> keys_in_hsm(std::unique_ptr<hsm::Hsm> vault, std::string name,
                                              image::LicenseType type, std::uint32_t reserve) {
    auto lease = TRY(vault->reserve(0));
    return std::unique_ptr<KeyStore>(
        std::make_unique<KeysInHsm>(std::move(vault), std::move(name), type, reserve, std::move(lease)));
}

}  // namespace h7::license_server

#include "rss/host/hsm/hsm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "rss/crypto/openssl_random.hpp"

namespace h7::hsm {
namespace {

Error in(const std::filesystem::path& path, const Error& error) {
    if (error.message.starts_with(path.string())) return error;
    return {error.code, fmt::format("{}: {}", path.string(), error.message)};
}

/// The body of an opened file; its plaintext is wiped whatever happens.
Result<Body> open_body(const Header& header, const crypto::Secret<32>& key, ByteView file) {
    Bytes plain = TRY(unseal(header, key, file));
    auto body = parse_body(header.id, plain);
    wipe(plain);
    return body;
}

Result<void> check_against_anchor(const Options& options, const HsmId& id, const crypto::Secret<32>& key,
                                  const Body& body) {
    if (body.settings.anchored != options.anchor.has_value()) {
        if (options.anchor) return misuse("this HSM was made without a counter anchor");
        if (options.read_only) return {};
        return misuse("this HSM has a counter anchor: --counter-anchor FILE");
    }
    if (!options.anchor) return {};
    const Bytes bytes = TRY(read_private(*options.anchor, kAnchorBytes));
    const auto anchor = parse_anchor(bytes, key);
    if (!anchor) return in(*options.anchor, anchor.error());
    return check_anchor(*anchor, id, body.log);
}

}  // namespace

Hsm::Hsm(std::filesystem::path path, std::shared_ptr<KeyStore> keys, Options options, Header header,
         const crypto::Secret<32>& key, Body body, std::optional<WriterLock> lock)
    : path_(std::move(path)),
      keys_(std::move(keys)),
      options_(std::move(options)),
      header_(header),
      key_(key),
      lock_(std::move(lock)),
      settings_(std::move(body.settings)),
      log_(std::move(body.log)) {}

Result<std::unique_ptr<Hsm>> Hsm::create(const std::filesystem::path& path, std::shared_ptr<KeyStore> keys,
                                         Options options) {
    WriterLock lock = TRY(WriterLock::take(path));
    for (const auto& file : {std::optional(path), options.anchor})
        if (file && std::filesystem::exists(std::filesystem::symlink_status(*file)))
            return misuse(fmt::format("{}: exists already; an HSM file is never replaced", file->string()));
    Header header;
    header.opener = keys->opener();
    TRY(crypto::random_bytes(header.id));
    TRY(keys->create(header));
    const crypto::Secret<32> key = TRY(keys->file_key(header));
    Body body{{}, Log(header.id)};
    body.settings.anchored = options.anchor.has_value();
    std::unique_ptr<Hsm> hsm(
        new Hsm(path, std::move(keys), std::move(options), header, key, std::move(body), std::move(lock)));
    if (const auto made = hsm->record({.event = Event::created}); !made) {
        hsm->keys_->discard(header.id);  // nothing is in it yet: leave nothing behind
        std::error_code none;
        std::filesystem::remove(path, none);
        return made.error();
    }
    return hsm;
}

Result<std::unique_ptr<Hsm>> Hsm::open(const std::filesystem::path& path, std::shared_ptr<KeyStore> keys,
                                       Options options) {
    std::optional<WriterLock> lock;
    const Bytes before = TRY(read_private(path, kLongestFile));  // before a lock file is made beside nothing
    if (!options.read_only) lock = TRY(WriterLock::take(path));
    const Bytes file = options.read_only ? before : TRY(read_private(path, kLongestFile));
    const auto header = parse_header(file);
    if (!header) return in(path, header.error());
    if (header->opener != keys->opener())
        return misuse(fmt::format(
            "{}: opened by {}, not by {}: {}", path.string(),
            header->opener == Opener::pkcs11 ? "a PKCS#11 token" : "a passphrase", keys->describe(),
            header->opener == Opener::pkcs11 ? "name it by its label" : "name no token"));
    const auto key = keys->file_key(*header);
    if (!key) return in(path, key.error());
    auto body = open_body(*header, *key, file);
    if (!body) return in(path, body.error());
    if (const auto anchored = check_against_anchor(options, header->id, *key, *body); !anchored)
        return in(path, anchored.error());
    return std::unique_ptr<Hsm>(
        new Hsm(path, std::move(keys), std::move(options), *header, *key, std::move(*body), std::move(lock)));
}

Result<std::unique_ptr<Hsm>> Hsm::open(const std::filesystem::path& path, ByteView passphrase,
                                       Options options) {
    return open(path, passphrase_store(TRY(Passphrase::make(passphrase))), std::move(options));
}

Info Hsm::info() const {
    const std::lock_guard guard(mutex_);
    const std::string product(settings_.product_id.data(), settings_.product_id.size());
    return {.header = header_,
            .opened_by = keys_->describe(),
            .purpose = settings_.purpose,
            .anchored = settings_.anchored,
            .product_id = settings_.purpose == Purpose::none ? "" : product,
            .name = settings_.name,
            .ca = settings_.ca,
            .log = log_};
}

std::uint32_t Hsm::left() const {
    const std::lock_guard guard(mutex_);
    return log_.left();
}

bool Hsm::usable() const {
    const std::lock_guard guard(mutex_);
    return !broken_;
}

Result<void> Hsm::write_anchor() const {
    if (!options_.anchor) return {};
    const Anchor anchor{header_.id, log_.entries().size(), log_.head()};
    const Replaced done = replace(*options_.anchor, serialise(anchor, key_), options_.observer);
    if (done.holds == Holds::new_bytes) return {};
    return done.error;
}

/// The only way anything changes: the entry is on the disk before it is believed here.
Result<void> Hsm::record(LogEntry wanted, const Settings* changed) {
    if (options_.read_only) return misuse(fmt::format("{}: opened for reading only", path_.string()));
    if (broken_) return *broken_;
    wanted.time = options_.clock ? options_.clock() : static_cast<std::uint64_t>(std::time(nullptr));
    const auto next = log_.next(wanted);
    if (!next) return in(path_, next.error());
    Bytes plain = serialise(changed == nullptr ? settings_ : *changed, log_, &*next);
    const auto file = seal(header_, key_, plain);
    wipe(plain);
    if (!file) return file.error();
    const Replaced done = replace(path_, *file, options_.observer);
    if (done.holds == Holds::old_bytes) return done.error;
    const auto added = log_.add(*next);
    assert(added);
    static_cast<void>(added);
    if (changed != nullptr) settings_ = *changed;
    if (done.holds == Holds::unknown)
        broken_ = Error{done.error.code, done.error.message + "; open the HSM file anew"};
    else if (const auto anchored = write_anchor(); !anchored)
        broken_ = Error{anchored.error().code, anchored.error().message + "; open the HSM file anew"};
    if (broken_) return *broken_;
    return {};
}

Result<void> Hsm::provision(const Provisioning& wanted) {
    const std::lock_guard guard(mutex_);
    if (wanted.counter == 0) return misuse("a counter of 0 gives no license; at least 1");
    if (wanted.purpose == Purpose::none) return misuse("an HSM makes licenses for images or for modules");
    if (wanted.name.size() > kLongestName ||
        !std::ranges::all_of(wanted.name, [](char c) { return c >= 0x20 && c < 0x7F; }))
        return misuse("a firmware identifier has 0 to 64 printable ASCII characters");
    TRY(crypto::check_point(wanted.ca));
    // Asked first, so that a locked HSM's token is not asked for anything.
    if (const auto may = log_.next({.event = Event::provisioned, .amount = wanted.counter}); !may)
        return in(path_, may.error());
    Settings settings;
    settings.purpose = wanted.purpose;
    settings.anchored = settings_.anchored;
    std::ranges::copy(image::kProductId, settings.product_id.begin());
    settings.ca = wanted.ca;
    settings.name = wanted.name;
    settings.key = TRY(keys_->keep(header_.id, wanted.firmware));
    return record({.event = Event::provisioned, .amount = wanted.counter, .subject = settings.digest()},
                  &settings);
}

Result<void> Hsm::lock() {
    const std::lock_guard guard(mutex_);
    return record({.event = Event::locked});
}

/// Called with the mutex held.
Result<std::shared_ptr<const Issuer>> Hsm::issuer() {
    if (!issuer_) issuer_ = std::make_shared<const Issuer>(keys_, header_.id, settings_);
    return issuer_;
}

Result<Issued> Hsm::issue(const ChipRequest& request) {
    const std::lock_guard guard(mutex_);
    if (request.uid.size() != crypto::kUidBytes)
        return misuse(fmt::format("a UID has 12 bytes (24 hex digits), not {}", request.uid.size()));
    LogEntry entry{.event = Event::issued, .amount = 1, .session = request.live_session};
    std::ranges::copy(request.uid, entry.uid.begin());
    entry.subject = crypto::sha256(request.certificate);
    const bool again = log_.knows(entry.subject, entry.uid);
    if (again) entry.event = Event::reissued, entry.amount = 0;
    // May it be made, and can it? Only then it counts; and only once it counts it leaves.
    if (const auto may = log_.next(entry); !may) return in(path_, may.error());
    const std::shared_ptr<const Issuer> maker = TRY(issuer());
    entry.type = static_cast<std::uint32_t>(maker->type(request));
    const LicenseBytes license = TRY(maker->make(request));
    TRY(record(entry));
    return Issued{license, again, log_.left()};
}

Result<std::unique_ptr<Lease>> Hsm::reserve(std::uint32_t amount) {
    const std::lock_guard guard(mutex_);
    if (amount != 0) TRY(record({.event = Event::reserved, .amount = amount}));
    return std::make_unique<Lease>(TRY(issuer()), amount);
}

Result<void> Hsm::extend(Lease& lease, std::uint32_t amount) {
    const std::lock_guard guard(mutex_);
    if (lease.issuer_ != issuer_) return misuse("the lease of another HSM");
    TRY(record({.event = Event::reserved, .amount = amount}));
    lease.left_ += amount;
    return {};
}

Result<std::uint32_t> Hsm::give_back(std::unique_ptr<Lease> lease) {
    const std::lock_guard guard(mutex_);
    if (lease->issuer_ != issuer_) return misuse("the lease of another HSM");
    const std::uint32_t unused = lease->left_.exchange(0);
    if (unused == 0) return 0U;
    TRY(record({.event = Event::returned, .amount = unused}));
    return unused;
}

Result<Header> peek(const std::filesystem::path& path) {
    const Bytes file = TRY(read_private(path, kLongestFile));
    auto header = parse_header(file);
    if (!header) return in(path, header.error());
    return header;
}

}  // namespace h7::hsm

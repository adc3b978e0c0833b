#include "rss/host/license_server/desk.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/base/hex.hpp"

namespace h7::license_server {
namespace {

std::string key_of(const Subject& subject) {
    std::string key = subject.product;
    key.append(reinterpret_cast<const char*>(subject.certificate.data()), subject.certificate.size());
    key.append(reinterpret_cast<const char*>(subject.uid.data()), subject.uid.size());
    return key + fmt::format("/{}/{}", subject.type, subject.session);
}

std::string audit_lines(std::span<Entry* const> batch) {
    std::string lines;
    for (const Entry* entry : batch)
        fmt::format_to(std::back_inserter(lines),
                       R"({{"time":"{}","event":"issued","sequence":{},"product":"{}","operator":"{}",)"
                       R"("uid":"{}","certificate":"{}","chain":"{}","remote":"{}"}})"
                       "\n",
                       utc(entry->milliseconds), entry->sequence, entry->subject.product,
                       entry->operator_name, to_hex(entry->subject.uid), to_hex(entry->subject.certificate),
                       to_hex(entry->chain), entry->remote);
    return lines;
}

}  // namespace

Desk::Desk(Ledger& ledger, const Totals& totals, Audit& audit)
    : ledger_(ledger),
      audit_(audit),
      by_product_(totals.by_product.begin(), totals.by_product.end()),
      by_operator_(totals.by_operator.begin(), totals.by_operator.end()),
      committer_(ledger, [this](std::span<Entry* const> batch) { audit_.append(audit_lines(batch)); }) {}

void Desk::enter(const Key& key) {
    std::unique_lock guard(mutex_);
    ++queueing_;
    left_.wait(guard, [&] { return !under_way_.contains(key); });
    --queueing_;
    under_way_.insert(key);
}

void Desk::leave(const Key& key) {
    const std::lock_guard guard(mutex_);
    under_way_.erase(key);
    if (queueing_ != 0) left_.notify_all();
}

Answered<void> Desk::reserve(const Operator& who, const Product& product) {
    const std::lock_guard guard(mutex_);
    std::uint64_t& of_product = by_product_[product.id];
    std::uint64_t& of_operator = by_operator_[who.name];
    if (of_product >= product.quota)
        return Refusal{403,
                       "quota",
                       fmt::format("all {} licenses of this product are given", product.quota),
                       product.id,
                       "quota per product",
                       "raise quota of the [[product]] and restart the server; a chip that has its license "
                       "still gets it again"};
    if (who.quota && of_operator >= *who.quota)
        return Refusal{403,
                       "quota",
                       fmt::format("all {} licenses of this operator are given", *who.quota),
                       who.name,
                       "quota per operator",
                       "raise quota of the [[operator]] and restart the server"};
    ++of_product;
    ++of_operator;
    return {};
}

void Desk::give_back(const Operator& who, const Product& product) {
    const std::lock_guard guard(mutex_);
    --by_product_[product.id];
    --by_operator_[who.name];
}

Answered<Issued> Desk::issue(const Operator& who, const Product& product, ByteView certificate, ByteView uid,
                             std::uint32_t session, std::string_view remote) {
    if (!who.may_operate() || !who.may_use(product.id))
        return Refusal{403,        "permission", "this token may not get licenses of this product",
                       product.id, "roles",      "use a token whose [[operator]] names the product"};
    if (const auto good = license::check_chip(uid, product.keys->type(), session); !good)
        return Refusal{
            400,
            "chip",
            good.error().message,
            session != 0 ? "session" : "uid",
            "LIC-1 (4.6)",
            session != 0
                ? "only products of type sfi-live have sessions: leave it out, or ask for such a product"
                : "send what h7rss chip certificate prints for this chip"};
    const auto chip = product.check.check(certificate);
    if (!chip) return bad_certificate(chip.error().message);

    Entry entry;
    entry.subject = {.product = product.id,
                     .certificate = crypto::sha256(certificate),
                     .type = static_cast<std::uint32_t>(product.keys->type()),
                     .session = session};
    std::ranges::copy(uid, entry.subject.uid.begin());
    entry.operator_name = who.name;
    entry.remote = remote;
    if (!product.any_chip && !product.uids.contains(entry.subject.uid) &&
        !product.certificates.contains(entry.subject.certificate))
        return Refusal{403,
                       "chip-list",
                       "this chip is not in the product's list",
                       "uid " + to_hex(uid),
                       "chips of the [[product]]",
                       "add its UID, or the SHA-256 of its certificate, to the list and restart the server"};

    const Key key = key_of(entry.subject);
    enter(key);
    auto made = make(who, product, *chip, certificate, std::move(entry));
    leave(key);
    return made;
}

Answered<Issued> Desk::make(const Operator& who, const Product& product, const image::Certificate& chip,
                            ByteView certificate, Entry entry) {
    auto known = ledger_.find(entry.subject);
    if (!known)
        return Refusal{500,      "ledger",     known.error().message,
                       "ledger", "the ledger", "stop the server and run h7rss license ledger verify"};
    if (*known) {
        ++again_;
        audit_.write("given-again", {{"sequence", (*known)->sequence},
                                     {"product", product.id},
                                     {"operator", who.name},
                                     {"uid", to_hex(entry.subject.uid)},
                                     {"remote", entry.remote}});
        return Issued{std::move(**known), true};
    }
    if (auto reserved = reserve(who, product); !reserved) return reserved.error();
    Committer::Ticket ticket(committer_);
    const auto wrapped = product.keys->wrap(chip, certificate, entry.subject.uid, entry.subject.session);
    if (!wrapped) {
        give_back(who, product);
        return wrapped.error();
    }
    entry.license = wrapped->license;
    entry.milliseconds = wall_clock();
    if (const auto fault = ticket.commit(entry)) {
        give_back(who, product);
        if (*fault == AppendFault::broken)
            broken_ = true;  // the ledger may hold it: what the store counted stays counted
        else if (wrapped->counted)
            product.keys->take_back();
        return *fault == AppendFault::no_space
                   ? Refusal{507,      "no-space",   "the ledger cannot grow; this license was not given",
                             "ledger", "the ledger", "make room on its disk and ask again; nothing is lost"}
                   : Refusal{503,
                             "ledger-broken",
                             "the disk did not confirm a write; nothing is given",
                             "ledger",
                             "the ledger",
                             "check the disk, then restart the server; it verifies the ledger"};
    }
    return Issued{std::move(entry), false};
}

Spent Desk::spent(const Product& product) const {
    const std::lock_guard guard(mutex_);
    const auto at = by_product_.find(product.id);
    return {at == by_product_.end() ? 0 : at->second, product.quota, product.keys->left()};
}

Spent Desk::spent(const Operator& who) const {
    const std::lock_guard guard(mutex_);
    const auto at = by_operator_.find(who.name);
    return {at == by_operator_.end() ? 0 : at->second, who.quota, {}};
}

}  // namespace h7::license_server

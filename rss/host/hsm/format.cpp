#include "rss/host/hsm/format.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/openssl_ecdh.hpp"
#include "rss/crypto/openssl_random.hpp"

namespace h7::hsm {
namespace {

constexpr std::string_view kMagic = "H7RSSHSM";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigested = 0x94;  // of the settings: what stands in front of the key
constexpr std::uint32_t kAnchored = 1;

Error wrong(std::size_t offset, std::string_view what) {
    return misuse(fmt::format("HSM file: byte 0x{:X}: {}", offset, what));
}
Error wrong_body(std::size_t offset, std::string_view what) {
    return misuse(fmt::format("HSM file: byte 0x{:X} of the body: {}", offset, what));
}

/// The settings in front of the key.
std::array<std::uint8_t, kDigested> plain_settings(const Settings& settings) {
    std::array<std::uint8_t, kDigested> bytes{};
    store_le32(bytes, 0x00, static_cast<std::uint32_t>(settings.purpose));
    store_le32(bytes, 0x04, settings.anchored ? kAnchored : 0);
    std::copy(settings.product_id.begin(), settings.product_id.end(), bytes.begin() + 0x08);
    std::copy(settings.ca.begin(), settings.ca.end(), bytes.begin() + 0x10);
    store_le32(bytes, 0x50, static_cast<std::uint32_t>(settings.name.size()));
    std::copy(settings.name.begin(), settings.name.end(), bytes.begin() + 0x54);
    return bytes;
}

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}
bool printable(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; });
}

Result<void> check_cost(const Header& header) {
    const crypto::ScryptCost& cost = header.cost;
    if (header.opener == Opener::pkcs11) {
        if (cost != crypto::ScryptCost{0, 0, 0}) return wrong(0x14, "a token needs no scrypt parameters");
        return {};
    }
    if (cost.log2_n < 10 || cost.log2_n > 24) return wrong(0x14, "scrypt's N is 2^10 to 2^24");
    if (cost.r < 1 || cost.r > 32) return wrong(0x18, "scrypt's r is 1 to 32");
    if (cost.p < 1 || cost.p > 16) return wrong(0x1C, "scrypt's p is 1 to 16");
    if (cost.memory() > kMostScryptMemory) return wrong(0x14, "scrypt would need more than 1 GiB");
    return {};
}

Result<Settings> parse_settings(ByteView bytes) {
    Settings settings;
    const std::uint32_t purpose = load_le32(bytes, 0x00), flags = load_le32(bytes, 0x04);
    if (purpose > static_cast<std::uint32_t>(Purpose::smi)) return wrong_body(0x00, "no such purpose");
    if (flags > kAnchored) return wrong_body(0x04, "unknown flags");
    settings.purpose = static_cast<Purpose>(purpose);
    settings.anchored = flags == kAnchored;
    const std::uint32_t length = load_le32(bytes, 0x50);
    if (length > kLongestName) return wrong_body(0x50, "a firmware identifier has at most 64 characters");
    const ByteView name = bytes.subspan(0x54, kLongestName);
    if (!printable(name.first(length))) return wrong_body(0x54, "a firmware identifier is printable ASCII");
    if (!all_zero(name.subspan(length))) return wrong_body(0x54 + length, "bytes behind the identifier");
    settings.name.assign(name.begin(), name.begin() + length);
    std::copy_n(bytes.begin() + 0x08, 8, settings.product_id.begin());
    std::copy_n(bytes.begin() + 0x10, 64, settings.ca.begin());
    settings.key = KeyBlob(bytes.subspan(kDigested, KeyBlob::size()));
    if (settings.purpose == Purpose::none) {
        if (!all_zero(bytes.subspan(0x08, kDigested - 0x08 + KeyBlob::size())))
            return wrong_body(0x08, "settings of an HSM that was not provisioned");
        return settings;
    }
    if (!printable(bytes.subspan(0x08, 8))) return wrong_body(0x08, "a product id is printable ASCII");
    if (!crypto::check_point(settings.ca)) return wrong_body(0x10, "the CA's key is no point of P-256");
    return settings;
}

}  // namespace

crypto::Digest Settings::digest() const { return crypto::sha256(plain_settings(*this)); }

Result<Header> parse_header(ByteView file) {
    if (file.size() < kHeaderBytes + kTagBytes) return wrong(file.size(), "the file is cut off");
    if (!std::ranges::equal(file.first(kMagic.size()), kMagic,
                            [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }))
        return wrong(0, "this is no HSM file");
    if (load_le32(file, 0x08) != kVersion) return wrong(0x08, "a version that this program does not know");
    if (load_le32(file, 0x0C) != kHeaderBytes) return wrong(0x0C, "another header length");
    Header header;
    const std::uint32_t opener = load_le32(file, 0x10);
    if (opener != 1 && opener != 2) return wrong(0x10, "opened neither by a passphrase nor by a token");
    header.opener = static_cast<Opener>(opener);
    header.cost = {load_le32(file, 0x14), load_le32(file, 0x18), load_le32(file, 0x1C)};
    TRY(check_cost(header));
    std::copy_n(file.begin() + 0x20, 32, header.salt.begin());
    std::copy_n(file.begin() + 0x40, 16, header.id.begin());
    std::copy_n(file.begin() + 0x50, 12, header.iv.begin());
    header.body_bytes = load_le32(file, 0x5C);
    if (header.body_bytes != file.size() - kHeaderBytes - kTagBytes)
        return wrong(0x5C, fmt::format("{} bytes of body announced, {} there", header.body_bytes,
                                       file.size() - kHeaderBytes - kTagBytes));
    return header;
}

std::array<std::uint8_t, kHeaderBytes> serialise(const Header& header) {
    std::array<std::uint8_t, kHeaderBytes> bytes{};
    std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
    store_le32(bytes, 0x08, kVersion);
    store_le32(bytes, 0x0C, kHeaderBytes);
    store_le32(bytes, 0x10, static_cast<std::uint32_t>(header.opener));
    store_le32(bytes, 0x14, header.cost.log2_n);
    store_le32(bytes, 0x18, header.cost.r);
    store_le32(bytes, 0x1C, header.cost.p);
    std::copy(header.salt.begin(), header.salt.end(), bytes.begin() + 0x20);
    std::copy(header.id.begin(), header.id.end(), bytes.begin() + 0x40);
    std::copy(header.iv.begin(), header.iv.end(), bytes.begin() + 0x50);
    store_le32(bytes, 0x5C, header.body_bytes);
    return bytes;
}

Result<Body> parse_body(const HsmId& id, ByteView body) {
    if (body.size() < kSettingsBytes) return wrong_body(body.size(), "the settings are cut off");
    Body parsed {
        TRY(parse_settings(body))
        , Log(id)
    };
    const std::uint32_t count = load_le32(body, 0xCC);
    if (count == 0 || count > kMostEntries || body.size() != kSettingsBytes + count * kEntryBytes)
        return wrong_body(0xCC, fmt::format("a log of {} entries in {} bytes", count, body.size()));
    for (std::size_t i = 0; i < count; ++i)
        TRY(parsed.log.add(parse_entry(body.subspan(kSettingsBytes + i * kEntryBytes, kEntryBytes))));
    if (parsed.log.provisioned() != (parsed.settings.purpose != Purpose::none))
        return wrong_body(0x00, "settings and log disagree on whether it was provisioned");
    if (parsed.log.provisioned() && parsed.settings.digest() != parsed.log.settings())
        return wrong_body(0x00, "other settings than the log's last provisioning");
    return parsed;
}

Bytes serialise(const Settings& settings, const Log& log, const LogEntry* next) {
    const std::size_t count = log.entries().size() + (next == nullptr ? 0 : 1);
    Bytes body(kSettingsBytes + count * kEntryBytes);
    const auto plain = plain_settings(settings);
    std::copy(plain.begin(), plain.end(), body.begin());
    std::ranges::copy(settings.key.view(), body.begin() + kDigested);
    store_le32(body, 0xCC, static_cast<std::uint32_t>(count));
    auto at = body.begin() + kSettingsBytes;
    for (const LogEntry& entry : log.entries()) at = std::ranges::copy(serialise(entry), at).out;
    if (next != nullptr) std::ranges::copy(serialise(*next), at);
    return body;
}

Result<Bytes> seal(Header header, const crypto::Secret<32>& key, ByteView body) {
    TRY(crypto::random_bytes(header.iv));
    header.body_bytes = static_cast<std::uint32_t>(body.size());
    const auto front = serialise(header);
    Bytes file(kHeaderBytes + body.size() + kTagBytes);
    std::ranges::copy(front, file.begin());
    const aes_gcm::Key cipher = TRY(aes_gcm::Key::make(key.view()));
    const MutableBytes rest = MutableBytes(file).subspan(kHeaderBytes);
    const aes_gcm::Status status =
        aes_gcm::seal(cipher, header.iv, front, body, rest.first(body.size()), rest.subspan(body.size()));
    assert(status == aes_gcm::Status::ok);
    static_cast<void>(status);
    return file;
}

Result<Bytes> unseal(const Header& header, const crypto::Secret<32>& key, ByteView file) {
    const aes_gcm::Key cipher = TRY(aes_gcm::Key::make(key.view()));
    Bytes body(header.body_bytes);
    const ByteView rest = file.subspan(kHeaderBytes);
    if (aes_gcm::open(cipher, header.iv, file.first(kHeaderBytes), rest.first(body.size()),
                      rest.subspan(body.size()), body) != aes_gcm::Status::ok) {
        return misuse(header.opener == Opener::passphrase
                          ? "wrong passphrase, or a changed file: the tag does not match"
                          : "another token, or a changed file: the tag does not match");
    }
    return body;
}

}  // namespace h7::hsm

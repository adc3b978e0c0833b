// Why a nonce serves once and areas count from 1 (rss-sfi-bootloader.md 4.3; 7, test 12): two headers under
// one key and one IV give away the power of the authentication key that forges the tag of a third one. This
// is the attack, carried out; nothing in the chip can notice it, which is why `pack` keeps a registry.
#include <gtest/gtest.h>

#include <set>

#include "emulator/base/bytes.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/image/sfi.hpp"

namespace h7::aes_gcm {
namespace {

/// An element of GF(2^128) as GCM writes it: bit 0 of the polynomial is the top bit of the first byte.
struct Element {
    std::uint64_t high = 0, low = 0;
    static Element of(ByteView bytes) {
        Element e;
        for (unsigned i = 0; i < 8; ++i) e.high = e.high << 8 | bytes[i], e.low = e.low << 8 | bytes[8 + i];
        return e;
    }
    Bytes bytes() const {
        Bytes out(16);
        for (unsigned i = 0; i < 8; ++i) {
            out[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
            out[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
        }
        return out;
    }
    bool bit(unsigned n) const { return ((n < 64 ? high >> (63 - n) : low >> (127 - n)) & 1) != 0; }
    friend Element operator^(Element a, Element b) { return {a.high ^ b.high, a.low ^ b.low}; }
    friend Element operator*(Element a, Element b) {
        Element sum;
        for (unsigned n = 0; n < 128; ++n) {
            if (a.bit(n)) sum = sum ^ b;
            const bool carry = (b.low & 1) != 0;
            b = {b.high >> 1, b.low >> 1 | b.high << 63};
            if (carry) b.high ^= 0xE100'0000'0000'0000U;
        }
        return sum;
    }
    /// a^(2^128 - 2).
    Element inverse() const {
        Element power = *this * *this, product = power;
        for (unsigned n = 2; n < 128; ++n) power = power * power, product = product * power;
        return product;
    }
};

Bytes tag_of(ByteView key, ByteView iv, ByteView header) {
    Bytes tag(kTagBytes);
    EXPECT_EQ(seal(*Key::make(key), iv, header, {}, {}, tag), Status::ok);
    return tag;
}

TEST(NonceReuse, TwoHeadersUnderOneIvForgeAThird) {  // 4.3, nonce uniqueness; 7, test 12
    const Bytes key(16, 0x42), iv(12, 0xA0);
    image::Header header;
    header.image_version = 7, header.areas = 2, header.total_size = 256;
    const auto authenticated = [&](std::uint32_t token) {
        header.token_address = token;
        const auto bytes = image::serialise(header);
        return Bytes(bytes.begin(), bytes.begin() + image::kHeaderAuthenticated);
    };
    // The owner seals two headers that differ in their third block only, under one nonce.
    const Bytes first = authenticated(0x080E'0000), second = authenticated(0x080C'0000);
    const Bytes first_tag = tag_of(key, iv, first), second_tag = tag_of(key, iv, second);
    const auto block = [](const Bytes& bytes) { return Element::of(ByteView(bytes).subspan(32, 16)); };
    // T1 + T2 = (A1 + A2) * H^2; whoever has both computes H^2 and never needs the key.
    const Element h2 =
        (Element::of(first_tag) ^ Element::of(second_tag)) * (block(first) ^ block(second)).inverse();
    const Bytes forged = authenticated(0x081E'0000);
    const Bytes forged_tag = (Element::of(first_tag) ^ (block(first) ^ block(forged)) * h2).bytes();
    EXPECT_EQ(forged_tag, tag_of(key, iv, forged)) << "accepted as the owner's own";
    // With another nonce for the second header it is worth nothing.
    Bytes fresh = iv;
    fresh[0] ^= 1;
    const Bytes apart = tag_of(key, fresh, second);
    const Element noise =
        (Element::of(first_tag) ^ Element::of(apart)) * (block(first) ^ block(second)).inverse();
    EXPECT_NE((Element::of(first_tag) ^ (block(first) ^ block(forged)) * noise).bytes(),
              tag_of(key, iv, forged));
}

TEST(NonceReuse, NoAreaSharesTheHeadersIv) {  // 4.3: indexes begin with 1, nonces are 256 apart
    Bytes nonce(12, 0xFF);
    nonce[11] = 0;
    std::set<Bytes> seen;
    for (std::uint32_t index = 0; index <= 255; ++index) {
        const auto iv = image::area_iv(nonce, index);
        EXPECT_TRUE(seen.insert(Bytes(iv.begin(), iv.end())).second) << index;
    }
}

}  // namespace
}  // namespace h7::aes_gcm

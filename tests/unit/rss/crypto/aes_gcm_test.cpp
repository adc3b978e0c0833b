// AES-GCM against the standard's own cases, against OpenSSL, and against its promises. Every test runs once
// per kernel this machine has.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"

#include <gtest/gtest.h>

#include "emulator/base/hex.hpp"
#include "emulator/base/random.hpp"
#include "rss/crypto/aes_gcm/kernel.hpp"
#include "tests/unit/rss/crypto/reference_gcm.hpp"

namespace h7::aes_gcm {

namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

Bytes random(SeededRandom& source, std::size_t size) {
    Bytes bytes(size);
    source.fill(bytes);
    return bytes;
}

class AesGcm : public testing::TestWithParam<KernelInfo> {
protected:
    void SetUp() override {
        if (!GetParam().available) GTEST_SKIP() << GetParam().name << ": " << GetParam().why;
    }
    Key key(ByteView bytes) const {
        auto made = Key::make(bytes, GetParam().name);
        EXPECT_TRUE(made);
        return std::move(*made);
    }
};

Bytes sealed(const Key& key, ByteView iv, ByteView aad, ByteView plaintext) {
    Bytes out(plaintext.size() + kTagBytes);
    EXPECT_EQ(seal(key, iv, aad, plaintext, MutableBytes(out).first(plaintext.size()),
                   MutableBytes(out).last(kTagBytes)),
              Status::ok);
    return out;
}

// The GCM submission's test cases 2, 4, 5, 6 and 16 (McGrew and Viega, appendix B).
TEST_P(AesGcm, SealsTheCasesOfTheGcmSubmission) {
    const Bytes zero16(16), zero12(12);
    EXPECT_EQ(to_hex(sealed(key(zero16), zero12, {}, {})), "58e2fccefa7e3061367f1d57a4e7455a");
    EXPECT_EQ(to_hex(sealed(key(zero16), zero12, {}, zero16)),
              "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");

    const Bytes aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const Bytes plain =
        hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
            "b16aedf5aa0de657ba637b39");
    const Key k128 = key(hex("feffe9928665731c6d6a8f9467308308"));
    EXPECT_EQ(to_hex(ByteView(sealed(k128, hex("cafebabefacedbaddecaf888"), aad, plain)).last(16)),
              "5bc94fbc3221a5db94fae95ae7121a47");
    EXPECT_EQ(to_hex(ByteView(sealed(k128, hex("cafebabefacedbad"), aad, plain)).last(16)),
              "3612d2e79e3b0785561be14aaca2fccb");
    const Key k256 = key(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    EXPECT_EQ(to_hex(ByteView(sealed(k256, hex("cafebabefacedbaddecaf888"), aad, plain)).last(16)),
              "76fc6ece0f4e1768cddf8853bb2d551b");
}

// Lengths up to three groups of the widest kernel, every AAD class: the tails are where the bugs are.
TEST_P(AesGcm, AgreesWithOpensslAtEveryLength) {
    SeededRandom source(1);
    for (const std::size_t key_bytes : {16U, 32U}) {
        const Bytes raw = random(source, key_bytes);
        const Key k = key(raw);
        for (std::size_t length = 0; length <= 400; ++length) {
            const Bytes iv = random(source, 12), aad = random(source, length % 37),
                        plain = random(source, length);
            ASSERT_EQ(sealed(k, iv, aad, plain), reference_seal(raw, iv, aad, plain))
                << key_bytes << ", " << length;
        }
    }
}

TEST_P(AesGcm, AgreesWithOpensslOnLongMessagesAndOddIvs) {
    SeededRandom source(2);
    for (int round = 0; round < 30; ++round) {
        const Bytes raw = random(source, round % 2 == 0 ? 16 : 32);
        const Bytes iv = random(source, 1 + source.next() % 100), aad = random(source, source.next() % 700);
        const Bytes plain = random(source, source.next() % 20'000);
        const Key k = key(raw);
        const Bytes message = sealed(k, iv, aad, plain);
        ASSERT_EQ(message, reference_seal(raw, iv, aad, plain));
        Bytes opened(plain.size());
        ASSERT_EQ(open(k, iv, aad, ByteView(message).first(plain.size()), ByteView(message).last(16), opened),
                  Status::ok);
        ASSERT_EQ(opened, plain);
    }
}

// SP 800-38D inc32: the counter wraps without touching the other 96 bits, wherever in a group that happens.
TEST_P(AesGcm, CounterWrapsWithinItsThirtyTwoBits) {
    SeededRandom source(3);
    const Key k = key(random(source, 16));
    for (std::uint32_t before = 0; before <= 20; ++before) {
        Bytes counter = random(source, 16), out(20 * 16), expected(20 * 16);
        const std::uint32_t start = 0U - before;
        store_be<std::uint32_t>(counter.data() + 12, start);
        for (std::uint32_t i = 0; i < 20; ++i) {
            Bytes block = counter;
            store_be<std::uint32_t>(block.data() + 12, start + i);
            k.kernel().encrypt_block(k.state(), block.data(), expected.data() + 16 * i);
        }
        k.kernel().ctr(k.state(), counter.data(), Bytes(20 * 16).data(), out.data(), 20);
        ASSERT_EQ(out, expected) << before;
        EXPECT_EQ(load_be<std::uint32_t>(counter.data() + 12), start + 20);
    }
}

TEST_P(AesGcm, CountsThroughTwoBytesOfTheCounter) {
    SeededRandom source(8);
    const Bytes raw = random(source, 16), iv = random(source, 12), message(1'100'000);  // 68,750 blocks
    EXPECT_EQ(sealed(key(raw), iv, {}, message), reference_seal(raw, iv, {}, message));
}

TEST_P(AesGcm, AnyChunkingGivesTheSameBytes) {
    SeededRandom source(4);
    const Bytes raw = random(source, 16), iv = random(source, 12), aad = random(source, 53);
    const Bytes plain = random(source, 3000);
    const Key k = key(raw);
    const Bytes whole = sealed(k, iv, aad, plain);
    const ByteView ciphertext = ByteView(whole).first(plain.size()), tag = ByteView(whole).last(16);
    for (int round = 0; round < 60; ++round) {
        const std::size_t largest =
            std::array<std::size_t, 5>{1, 7, 16, 130, 1000}[static_cast<std::size_t>(round % 5)];
        const auto pieces = [&](std::size_t size, auto take) {
            for (std::size_t at = 0; at < size;) {
                const std::size_t n = std::min<std::size_t>(size - at, source.next() % (largest + 1));
                take(at, n);
                at += n;
            }
        };
        Sealer sealer(k, iv);
        Verifier verifier(k, iv);
        Opener opener(k, iv, plain.size());
        pieces(aad.size(), [&](std::size_t at, std::size_t n) {
            for (Stream* stream : std::initializer_list<Stream*>{&sealer, &verifier, &opener})
                ASSERT_EQ(stream->add_aad(ByteView(aad).subspan(at, n)), Status::ok);
        });
        Bytes out(plain.size());
        pieces(plain.size(), [&](std::size_t at, std::size_t n) {
            ASSERT_EQ(sealer.update(ByteView(plain).subspan(at, n), MutableBytes(out).subspan(at, n)),
                      Status::ok);
        });
        pieces(plain.size(), [&](std::size_t at, std::size_t n) {
            ASSERT_EQ(verifier.update(ciphertext.subspan(at, n)), Status::ok);
            ASSERT_EQ(opener.update(ciphertext.subspan(at, n)), Status::ok);
        });
        Bytes made(16);
        ASSERT_EQ(sealer.finish(made), Status::ok);
        EXPECT_TRUE(std::ranges::equal(out, ciphertext));
        EXPECT_TRUE(std::ranges::equal(made, tag));
        const auto opened = opener.finish(tag);
        ASSERT_TRUE(opened);
        EXPECT_EQ(*opened, plain);
        const auto verified = verifier.finish(tag);
        ASSERT_TRUE(verified);
        Bytes pieced(plain.size());
        pieces(plain.size(), [&](std::size_t at, std::size_t n) {
            ASSERT_EQ(verified->decrypt(at, ciphertext.subspan(at, n), MutableBytes(pieced).subspan(at, n)),
                      Status::ok);
        });
        EXPECT_EQ(pieced, plain);
    }
}

TEST_P(AesGcm, DecryptsAnyPartOfAVerifiedMessageInAnyOrder) {
    SeededRandom source(5);
    const Bytes raw = random(source, 32), iv = random(source, 60), plain = random(source, 500);
    const Key k = key(raw);
    const Bytes whole = sealed(k, iv, {}, plain);
    const ByteView ciphertext = ByteView(whole).first(plain.size());
    const auto verified = verify(k, iv, {}, ciphertext, ByteView(whole).last(16));
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->size(), plain.size());
    for (std::size_t at = plain.size(); at-- > 0;) {
        const std::size_t n = std::min<std::size_t>(plain.size() - at, 1 + at % 70);
        Bytes part(n);
        ASSERT_EQ(decrypt_verified(*verified, at, ciphertext.subspan(at, n), part), Status::ok);
        ASSERT_TRUE(std::ranges::equal(part, ByteView(plain).subspan(at, n))) << at;
    }
    Bytes two(2);
    EXPECT_EQ(verified->decrypt(499, ciphertext.last(2), two), Status::bad_length);
    EXPECT_EQ(verified->decrypt(~0ULL, ciphertext.last(2), two), Status::bad_length);
    EXPECT_EQ(two, Bytes(2));
}

TEST_P(AesGcm, HandsOutNothingWhenAnyBitIsWrong) {
    SeededRandom source(6);
    const Bytes raw = random(source, 16), iv = random(source, 12), aad = random(source, 20);
    const Bytes plain = random(source, 40);
    const Key k = key(raw);
    const Bytes whole = sealed(k, iv, aad, plain);
    // iv | aad | ciphertext | tag: every bit of every one of them counts
    Bytes message;
    for (const ByteView part : {ByteView(iv), ByteView(aad), ByteView(whole)})
        message.insert(message.end(), part.begin(), part.end());
    for (std::size_t bit = 0; bit <= 8 * message.size(); ++bit) {
        Bytes changed = message;
        const bool intact = bit == 8 * message.size();
        if (!intact) changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const ByteView view(changed);
        const ByteView c = view.subspan(32, 40), t = view.last(16);
        Bytes out(40, 0xAA);
        ASSERT_EQ(open(k, view.first(12), view.subspan(12, 20), c, t, out),
                  intact ? Status::ok : Status::bad_tag);
        ASSERT_EQ(out, intact ? plain : Bytes(40)) << "bit " << bit;
        ASSERT_EQ(verify(k, view.first(12), view.subspan(12, 20), c, t).has_value(), intact);
        Opener opener(k, view.first(12), 40);
        ASSERT_EQ(opener.add_aad(view.subspan(12, 20)), Status::ok);
        ASSERT_EQ(opener.update(c), Status::ok);
        ASSERT_EQ(opener.finish(t).has_value(), intact);
    }
}

TEST_P(AesGcm, TagsOfTwelveToSixteenBytes) {
    const Key k = key(Bytes(16));
    const Bytes iv(12), plain(20, 1);
    const Bytes full = sealed(k, iv, {}, plain);
    for (std::size_t size = 0; size <= 20; ++size) {
        Bytes out(20), tag(size, 0xEE);
        const bool legal = size >= 12 && size <= 16;
        EXPECT_EQ(seal(k, iv, {}, plain, out, tag), legal ? Status::ok : Status::bad_tag_length);
        if (!legal) {
            EXPECT_EQ(out, Bytes(20)) << "nothing may be written";
            EXPECT_EQ(tag, Bytes(size, 0xEE));
            EXPECT_EQ(open(k, iv, {}, ByteView(full).first(20), tag, out), Status::bad_tag_length);
            continue;
        }
        EXPECT_TRUE(std::ranges::equal(tag, ByteView(full).subspan(20, size)));
        EXPECT_EQ(open(k, iv, {}, ByteView(full).first(20), tag, out), Status::ok);
        tag.back() ^= 1;
        EXPECT_EQ(open(k, iv, {}, ByteView(full).first(20), tag, out), Status::bad_tag);
    }
}

TEST_P(AesGcm, WorksInPlaceAndRefusesPartialOverlap) {
    SeededRandom source(7);
    const Key k = key(random(source, 16));
    const Bytes iv(12), plain = random(source, 333);
    const Bytes whole = sealed(k, iv, {}, plain);
    Bytes buffer = plain, tag(16);
    ASSERT_EQ(seal(k, iv, {}, buffer, buffer, tag), Status::ok);
    EXPECT_TRUE(std::ranges::equal(buffer, ByteView(whole).first(333)));
    ASSERT_EQ(open(k, iv, {}, buffer, tag, buffer), Status::ok);
    EXPECT_EQ(buffer, plain);

    Bytes area = random(source, 700);
    const MutableBytes wide(area);
    const Bytes untouched = area;
    for (const std::size_t shift : {1U, 15U, 16U, 332U}) {
        EXPECT_EQ(seal(k, iv, {}, wide.first(333), wide.subspan(shift, 333), tag), Status::overlap);
        EXPECT_EQ(open(k, iv, {}, wide.subspan(shift, 333), tag, wide.first(333)), Status::overlap);
    }
    EXPECT_EQ(seal(k, iv, {}, wide.first(32), wide.first(32), wide.subspan(16, 16)), Status::overlap);
    EXPECT_EQ(area, untouched);
}

TEST_P(AesGcm, RefusesAnEmptyIvAndUseAfterTheEnd) {
    const Key k = key(Bytes(16));
    Bytes out(4), tag(16);
    EXPECT_EQ(seal(k, {}, {}, Bytes(4), out, tag), Status::bad_iv);
    EXPECT_EQ(open(k, {}, {}, Bytes(4), tag, out), Status::bad_iv);
    EXPECT_EQ(seal(k, Bytes(12), {}, Bytes(5), out, tag), Status::bad_length);
    EXPECT_EQ(out, Bytes(4));

    Sealer sealer(k, Bytes(12));
    EXPECT_EQ(sealer.update(Bytes(4), out), Status::ok);
    EXPECT_EQ(sealer.add_aad(Bytes(1)), Status::bad_state);
    EXPECT_EQ(sealer.finish(tag), Status::ok);
    EXPECT_EQ(sealer.finish(tag), Status::bad_state);
    EXPECT_EQ(sealer.update(Bytes(4), out), Status::bad_state);

    Opener opener(k, Bytes(12), 3);
    EXPECT_EQ(opener.update(Bytes(4)), Status::bad_length);
}

TEST_P(AesGcm, AMovedKeyStillWorksAndTheOldOneIsWiped) {
    Key first = key(Bytes(16, 7));
    const Bytes before = sealed(first, Bytes(12), {}, Bytes(40));
    const Key second = std::move(first);
    EXPECT_EQ(sealed(second, Bytes(12), {}, Bytes(40)), before);
    const auto* state =
        static_cast<const std::uint8_t*>(first.state());  // NOLINT(bugprone-use-after-move): the point
    EXPECT_TRUE(
        std::all_of(state, state + first.kernel().state_bytes, [](std::uint8_t byte) { return byte == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Kernels, AesGcm, testing::ValuesIn(kernels()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AesGcmKernels, AreNamedAndOneIsAlwaysThere) {
    const auto rows = kernels();
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.back().name, "portable");
    EXPECT_TRUE(rows.back().available);
    for (const KernelInfo& row : rows) EXPECT_EQ(row.available, row.why.empty());
}

TEST(AesGcmKernels, TheEnvironmentForcesOne) {
    const char* old = std::getenv("H7RSS_AES_GCM");
    const std::string saved = old == nullptr ? "" : old;
    setenv("H7RSS_AES_GCM", "portable", 1);
    EXPECT_EQ(Key::make(Bytes(16))->kernel_name(), "portable");
    setenv("H7RSS_AES_GCM", "abacus", 1);
    const auto none = Key::make(Bytes(16));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("abacus"), std::string::npos);
    unsetenv("H7RSS_AES_GCM");
    for (const KernelInfo& row : kernels()) {
        if (!row.available) continue;
        EXPECT_EQ(Key::make(Bytes(16))->kernel_name(), row.name) << "the best one that runs here";
        break;
    }
    if (!saved.empty()) setenv("H7RSS_AES_GCM", saved.c_str(), 1);
}

TEST(AesGcmKernels, KeysHaveSixteenOrThirtyTwoBytes) {
    for (const std::size_t size : {0U, 15U, 17U, 24U, 31U, 33U}) EXPECT_FALSE(Key::make(Bytes(size))) << size;
}

}  // namespace
}  // namespace h7::aes_gcm

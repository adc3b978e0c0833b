// Every AES-GCM kernel against OpenSSL on the same inputs, where the code has its corners: every length
// around its groups, every class of AAD, pages that end where the buffers end, counters about to wrap, pieces
// of any size. On a machine without OpenSSL (the ARMv8 build under an emulator) the portable kernel is the
// reference.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "emulator/base/random.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "tests/unit/rss/crypto/reference_gcm.hpp"

namespace h7::aes_gcm {

namespace {

Bytes random(SeededRandom& source, std::size_t size) {
    Bytes bytes(size);
    source.fill(bytes);
    return bytes;
}

/// Memory between two pages that may not be touched: placed at its beginning or at its end.
class Guarded {
public:
    explicit Guarded(std::size_t capacity)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          inner_((capacity + page_ - 1) / page_ * page_),
          memory_(static_cast<std::uint8_t*>(
              mmap(nullptr, inner_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
        EXPECT_EQ(mprotect(memory_ + page_, inner_, PROT_READ | PROT_WRITE), 0);
    }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;
    ~Guarded() { munmap(memory_, inner_ + 2 * page_); }

    MutableBytes place(std::size_t size, bool at_end) {
        return {memory_ + page_ + (at_end ? inner_ - size : 0), size};
    }
    MutableBytes place(ByteView bytes, bool at_end) {
        const MutableBytes there = place(bytes.size(), at_end);
        std::copy(bytes.begin(), bytes.end(), there.begin());
        return there;
    }

private:
    std::size_t page_, inner_;
    std::uint8_t* memory_;
};

class AesGcmDifferential : public testing::TestWithParam<KernelInfo> {
protected:
    void SetUp() override {
        if (!GetParam().available) GTEST_SKIP() << GetParam().name << ": " << GetParam().why;
    }
    Key key(ByteView bytes, std::size_t longest = kAnyLength) const {
        auto made = Key::make(bytes, GetParam().name, longest);
        EXPECT_TRUE(made);
        return std::move(*made);
    }
};

/// Bytes of the largest group of any kernel, twice, and one.
constexpr std::size_t kTwoGroups = 2 * 1024 + 1;
constexpr std::size_t kAadClasses[] = {0, 1, 15, 16, 17, 64, 100};

TEST_P(AesGcmDifferential, EveryLengthWithEveryClassOfAad) {
    SeededRandom source(11);
    for (const std::size_t key_bytes : {16U, 32U}) {
        const Bytes raw = random(source, key_bytes), iv = random(source, 12);
        const Bytes plain = random(source, kTwoGroups), all_aad = random(source, 100);
        const Key k = key(raw);
        Bytes out(kTwoGroups + 16), back(kTwoGroups);
        for (std::size_t length = 0; length <= kTwoGroups; ++length) {
            for (const std::size_t aad_bytes : kAadClasses) {
                const ByteView aad = ByteView(all_aad).first(aad_bytes), text = ByteView(plain).first(length);
                const Bytes expected = reference_seal(raw, iv, aad, text);
                const MutableBytes sealed = MutableBytes(out).first(length),
                                   tag = MutableBytes(out).subspan(length, 16);
                ASSERT_EQ(seal(k, iv, aad, text, sealed, tag), Status::ok);
                ASSERT_TRUE(std::equal(expected.begin(), expected.end(), out.begin()))
                    << length << ", " << aad_bytes;
                const MutableBytes opened = MutableBytes(back).first(length);
                ASSERT_EQ(open(k, iv, aad, sealed, tag, opened), Status::ok) << length << ", " << aad_bytes;
                ASSERT_TRUE(std::ranges::equal(opened, text)) << length << ", " << aad_bytes;
            }
        }
    }
}

TEST_P(AesGcmDifferential, NotAByteBesideTheBuffersIsTouched) {
    SeededRandom source(12);
    const Bytes raw = random(source, 16), iv = random(source, 12), long_iv = random(source, 61);
    const Key k = key(raw);
    Guarded from(4096), to(4096), extra(4096), vector(4096), tag_page(4096);
    for (std::size_t length = 0; length <= 1300; length += length < 300 ? 1 : 7) {
        for (const bool at_end : {false, true}) {
            const Bytes plain = random(source, length), aad_bytes = random(source, length % 70);
            const MutableBytes text = from.place(plain, at_end), aad = extra.place(aad_bytes, at_end);
            const MutableBytes nonce = vector.place(length % 3 == 0 ? long_iv : iv, at_end);
            const MutableBytes out = to.place(length, at_end), tag = tag_page.place(16, at_end);
            ASSERT_EQ(seal(k, nonce, aad, text, out, tag), Status::ok);
            const Bytes expected = reference_seal(raw, nonce, aad, text);
            ASSERT_TRUE(std::equal(out.begin(), out.end(), expected.begin())) << length;
            ASSERT_TRUE(
                std::equal(tag.begin(), tag.end(), expected.begin() + static_cast<std::ptrdiff_t>(length)));
            ASSERT_EQ(open(k, nonce, aad, out, tag, text), Status::ok);
            ASSERT_TRUE(std::ranges::equal(text, plain));
            ASSERT_EQ(open(k, nonce, aad, out, tag, out), Status::ok) << "in place";
            ASSERT_TRUE(std::ranges::equal(out, plain));
        }
    }
}

TEST_P(AesGcmDifferential, UnalignedBuffersAndACanaryBehindThem) {
    SeededRandom source(13);
    Bytes in(20'100), out(20'200), back(20'100);
    for (int round = 0; round < 200; ++round) {
        const Bytes raw = random(source, round % 2 == 0 ? 16 : 32), iv = random(source, 12);
        const std::size_t length = source.next() % 20'000, aad_bytes = source.next() % 700;
        const std::size_t from = source.next() % 64, to = source.next() % 64;
        const Bytes aad = random(source, aad_bytes), plain = random(source, length);
        std::copy(plain.begin(), plain.end(), in.begin() + static_cast<std::ptrdiff_t>(from));
        std::ranges::fill(out, std::uint8_t{0xEE});
        const Key k = key(raw);
        const MutableBytes sealed = MutableBytes(out).subspan(to, length);
        Bytes tag(16);
        ASSERT_EQ(seal(k, iv, aad, ByteView(in).subspan(from, length), sealed, tag), Status::ok);
        const Bytes expected = reference_seal(raw, iv, aad, plain);
        ASSERT_TRUE(std::equal(sealed.begin(), sealed.end(), expected.begin()));
        ASSERT_TRUE(
            std::equal(tag.begin(), tag.end(), expected.begin() + static_cast<std::ptrdiff_t>(length)));
        const ByteView behind = ByteView(out).subspan(to + length);
        ASSERT_TRUE(std::ranges::all_of(behind, [](std::uint8_t byte) { return byte == 0xEE; }));
        ASSERT_TRUE(
            std::ranges::all_of(ByteView(out).first(to), [](std::uint8_t byte) { return byte == 0xEE; }));
        ASSERT_EQ(open(k, iv, aad, sealed, tag, MutableBytes(back).subspan(from, length)), Status::ok);
        ASSERT_TRUE(std::ranges::equal(ByteView(back).subspan(from, length), plain));
    }
}

// A key made for short messages has fewer powers of its hash key; longer messages take more sums.
TEST_P(AesGcmDifferential, AKeyMadeForShortMessagesIsRightForLongOnes) {
    SeededRandom source(14);
    for (const std::size_t longest : {0U, 16U, 32U, 64U, 200U, 1040U, 2000U, 100'000U}) {
        const Bytes raw = random(source, 32), iv = random(source, 12);
        const Key k = key(raw, longest);
        for (std::size_t length = 0; length <= 5000; length += length < 1200 ? 13 : 311) {
            const Bytes plain = random(source, length), aad = random(source, length % 333);
            const Bytes expected = reference_seal(raw, iv, aad, plain);
            Bytes out(length + 16), streamed(length + 16);
            ASSERT_EQ(seal(k, iv, aad, plain, MutableBytes(out).first(length), MutableBytes(out).last(16)),
                      Status::ok);
            ASSERT_EQ(out, expected) << longest << ", " << length;
            Sealer sealer(k, iv);
            ASSERT_EQ(sealer.add_aad(aad), Status::ok);
            const std::size_t cut = length / 3;
            ASSERT_EQ(sealer.update(ByteView(plain).first(cut), MutableBytes(streamed).first(cut)),
                      Status::ok);
            ASSERT_EQ(sealer.update(ByteView(plain).subspan(cut),
                                    MutableBytes(streamed).subspan(cut, length - cut)),
                      Status::ok);
            ASSERT_EQ(sealer.finish(MutableBytes(streamed).last(16)), Status::ok);
            ASSERT_EQ(streamed, expected) << longest << ", " << length;
        }
    }
}

TEST_P(AesGcmDifferential, RandomPiecesOfLongMessages) {
    SeededRandom source(15);
    for (int round = 0; round < 60; ++round) {
        const Bytes raw = random(source, round % 2 == 0 ? 16 : 32),
                    iv = random(source, 1 + source.next() % 40);
        const Bytes plain = random(source, source.next() % 12'000), aad = random(source, source.next() % 300);
        const Bytes expected = reference_seal(raw, iv, aad, plain);
        const std::size_t largest = std::size_t{1} << (source.next() % 13);
        const Key k = key(raw);
        Sealer sealer(k, iv);
        Bytes out(plain.size() + 16), buffer(plain.size());
        Opener opener(k, iv, MutableBytes(buffer));
        ASSERT_EQ(sealer.add_aad(aad), Status::ok);
        ASSERT_EQ(opener.add_aad(aad), Status::ok);
        for (std::size_t at = 0; at < plain.size();) {
            const std::size_t n = std::min<std::size_t>(plain.size() - at, 1 + source.next() % largest);
            ASSERT_EQ(sealer.update(ByteView(plain).subspan(at, n), MutableBytes(out).subspan(at, n)),
                      Status::ok);
            ASSERT_EQ(opener.update(ByteView(expected).subspan(at, n)), Status::ok);
            at += n;
        }
        ASSERT_EQ(sealer.finish(MutableBytes(out).last(16)), Status::ok);
        ASSERT_EQ(out, expected) << "pieces up to " << largest;
        ASSERT_EQ(opener.finish_in_place(ByteView(expected).last(16)), Status::ok);
        ASSERT_EQ(buffer, plain);
    }
}

/// GF(2^128) with GCM's bits, one bit at a time: only for finding IVs.
struct Field {
    std::uint64_t high = 0, low = 0;  // the first byte is the top of `high`
    static Field of(ByteView bytes) {
        return {load_be<std::uint64_t>(bytes.data()), load_be<std::uint64_t>(bytes.data() + 8)};
    }
    Field operator^(Field b) const { return {high ^ b.high, low ^ b.low}; }
    Field operator*(Field b) const {
        Field product, a = *this;
        for (int i = 0; i < 128; ++i) {
            if (((i < 64 ? b.high >> (63 - i) : b.low >> (127 - i)) & 1) != 0) product = product ^ a;
            const bool carry = (a.low & 1) != 0;
            a = {a.high >> 1, a.low >> 1 | a.high << 63};
            if (carry) a.high ^= 0xE1ULL << 56;
        }
        return product;
    }
    /// a^(2^128 - 2).
    Field inverse() const {
        Field result{1ULL << 63, 0}, square = *this;
        for (int i = 1; i < 128; ++i) {
            square = square * square;
            result = result * square;
        }
        return result;
    }
    Bytes bytes() const {
        Bytes out(16);
        store_be(out.data(), high);
        store_be(out.data() + 8, low);
        return out;
    }
};

/// The 16-byte IV whose first counter block is `block`: block = (iv H + 128) H.
Bytes iv_of_counter(const Key& k, ByteView block) {
    Bytes h(16);
    k.kernel().encrypt_block(k.state(), h.data(), h.data());
    const Field inverse = Field::of(h).inverse();
    return ((Field::of(block) * inverse ^ Field{0, 128}) * inverse).bytes();
}

// SP 800-38D inc32: more than 4 GiB into a message the counter wraps within its 32 bits. Here it begins just
// before.
TEST_P(AesGcmDifferential, CountersThatWrapInsideTheMessage) {
    SeededRandom source(16);
    const Bytes raw = random(source, 16), plain = random(source, 2500), aad = random(source, 20);
    const Key k = key(raw);
    for (std::uint32_t before = 0; before < 140; before += before < 70 ? 1 : 7) {
        Bytes block = random(source, 16);
        store_be<std::uint32_t>(block.data() + 12, 0xFFFF'FFFFU - before);
        const Bytes iv = iv_of_counter(k, block);
        const Bytes expected = reference_seal(raw, iv, aad, plain);
        Bytes out(plain.size() + 16), tag(16);
        ASSERT_EQ(seal(k, iv, aad, plain, MutableBytes(out).first(plain.size()), MutableBytes(out).last(16)),
                  Status::ok);
        ASSERT_EQ(out, expected) << before << " blocks before the wrap";
        const ByteView sealed = ByteView(expected).first(plain.size());
        const auto verified = verify(k, iv, aad, sealed, ByteView(expected).last(16));
        ASSERT_TRUE(verified);
        Bytes back(plain.size());
        for (std::size_t at = 0; at < back.size(); at += 333) {
            const std::size_t n = std::min<std::size_t>(333, back.size() - at);
            ASSERT_EQ(verified->decrypt(at, sealed.subspan(at, n), MutableBytes(back).subspan(at, n)),
                      Status::ok);
        }
        ASSERT_EQ(back, plain) << before;
    }
}

// Twice through the last byte of the counter and once through the last two, in groups of any alignment.
TEST_P(AesGcmDifferential, CountersThatCarry) {
    SeededRandom source(17);
    const Bytes raw = random(source, 32), plain = random(source, 5000);
    const Key k = key(raw);
    for (std::uint32_t start = 0xFE00; start < 0x1'0000; start += 5) {
        Bytes block = random(source, 16);
        store_be<std::uint32_t>(block.data() + 12, start);
        const Bytes iv = iv_of_counter(k, block);
        Bytes out(plain.size() + 16);
        ASSERT_EQ(seal(k, iv, {}, plain, MutableBytes(out).first(plain.size()), MutableBytes(out).last(16)),
                  Status::ok);
        ASSERT_EQ(out, reference_seal(raw, iv, {}, plain)) << start;
    }
}

TEST_P(AesGcmDifferential, AWrongTagClearsTheBufferOfAStream) {
    SeededRandom source(18);
    const Bytes raw = random(source, 16), iv = random(source, 12), plain = random(source, 3000);
    const Key k = key(raw);
    Bytes sealed = reference_seal(raw, iv, {}, plain);
    sealed.back() ^= 0x80;
    Bytes buffer(3000, 0x55);
    {
        Opener opener(k, iv, MutableBytes(buffer));
        ASSERT_EQ(opener.update(ByteView(sealed).first(3000)), Status::ok);
        EXPECT_EQ(opener.finish_in_place(ByteView(sealed).last(16)), Status::bad_tag);
        EXPECT_EQ(buffer, Bytes(3000));
        EXPECT_EQ(opener.finish_in_place(ByteView(sealed).last(16)), Status::bad_state);
    }
    {
        Opener opener(k, iv, MutableBytes(buffer));
        ASSERT_EQ(opener.update(ByteView(sealed).first(2000)), Status::ok);
    }
    EXPECT_EQ(buffer, Bytes(3000)) << "an unfinished object leaves nothing";
}

INSTANTIATE_TEST_SUITE_P(Kernels, AesGcmDifferential, testing::ValuesIn(kernels()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace h7::aes_gcm

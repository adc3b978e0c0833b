// One message through every AES-GCM kernel of this machine, every interface, and OpenSSL: all must say the
// same. Input: [key, 32 | iv length, 1 | aad length, 1 | chunk, 1 | iv | aad | plaintext]
#include <algorithm>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/unit/rss/crypto/reference_gcm.hpp"

using namespace h7;

namespace {

struct Message {
    Bytes key, iv, aad, plaintext;
    std::size_t chunk;
};

Message message_of(ByteView input) {
    const auto take = [&](std::size_t n) {
        n = std::min(n, input.size());
        const Bytes bytes(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(n));
        input = input.subspan(n);
        return bytes;
    };
    Message message;
    message.key = take(32);
    message.key.resize(
        message.key.size() % 2 == 0 && message.key.size() == 32 && (message.key[0] & 1) != 0 ? 32 : 16);
    Bytes lengths = take(3);
    lengths.resize(3);
    message.iv = take(1 + lengths[0]);
    if (message.iv.empty()) message.iv.resize(12);
    message.aad = take(lengths[1]);
    message.chunk = 1 + lengths[2];
    message.plaintext = take(input.size());
    return message;
}

Bytes seal_in_chunks(const aes_gcm::Key& key, const Message& message) {
    aes_gcm::Sealer sealer(key, message.iv);
    Bytes out(message.plaintext.size() + 16);
    H7_MUST(sealer.add_aad(message.aad) == aes_gcm::Status::ok);
    for (std::size_t at = 0; at < message.plaintext.size(); at += message.chunk) {
        const std::size_t n = std::min(message.chunk, message.plaintext.size() - at);
        H7_MUST(sealer.update(ByteView(message.plaintext).subspan(at, n), MutableBytes(out).subspan(at, n)) ==
                aes_gcm::Status::ok);
    }
    H7_MUST(sealer.finish(MutableBytes(out).last(16)) == aes_gcm::Status::ok);
    return out;
}

/// In place: every piece where it was.
Bytes open_in_chunks(const aes_gcm::Key& key, const Message& message, ByteView sealed) {
    const std::size_t length = message.plaintext.size();
    Bytes buffer(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(length));
    aes_gcm::Opener opener(key, message.iv, MutableBytes(buffer));
    H7_MUST(opener.add_aad(message.aad) == aes_gcm::Status::ok);
    for (std::size_t at = 0; at < length; at += message.chunk) {
        const std::size_t n = std::min(message.chunk, length - at);
        H7_MUST(opener.update(ByteView(buffer).subspan(at, n)) == aes_gcm::Status::ok);
    }
    H7_MUST(opener.finish_in_place(sealed.last(16)) == aes_gcm::Status::ok);
    return buffer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Message message = message_of({data, size});
    const std::size_t length = message.plaintext.size();
    const Bytes expected = aes_gcm::reference_seal(message.key, message.iv, message.aad, message.plaintext);
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels()) {
        if (!kernel.available) continue;
        // Every second message by a key that was made for a short one.
        const std::size_t longest = message.chunk % 2 == 0 ? 16 * message.chunk : aes_gcm::kAnyLength;
        const auto key = aes_gcm::Key::make(message.key, kernel.name, longest);
        H7_MUST(key);
        Bytes sealed(length + 16);
        H7_MUST(aes_gcm::seal(*key, message.iv, message.aad, message.plaintext,
                              MutableBytes(sealed).first(length),
                              MutableBytes(sealed).last(16)) == aes_gcm::Status::ok);
        H7_MUST(sealed == expected);
        H7_MUST(seal_in_chunks(*key, message) == expected);
        Bytes opened(length);
        H7_MUST(aes_gcm::open(*key, message.iv, message.aad, ByteView(sealed).first(length),
                              ByteView(sealed).last(16), opened) == aes_gcm::Status::ok);
        H7_MUST(opened == message.plaintext);
        const Bytes streamed = open_in_chunks(*key, message, sealed);
        H7_MUST(streamed == message.plaintext);
        sealed[message.chunk % sealed.size()] ^= 1;
        H7_MUST(!aes_gcm::verify(*key, message.iv, message.aad, ByteView(sealed).first(length),
                                 ByteView(sealed).last(16)));
        H7_MUST(aes_gcm::open(*key, message.iv, message.aad, ByteView(sealed).first(length),
                              ByteView(sealed).last(16), opened) == aes_gcm::Status::bad_tag);
        H7_MUST(opened == Bytes(length));
    }
    return 0;
}

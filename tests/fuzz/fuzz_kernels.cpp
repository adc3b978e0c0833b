// One message through every AES-GCM kernel of this machine and every interface: all must say the same.
// Input: [key, 32 | iv length, 1 | aad length, 1 | chunk, 1 | iv | aad | plaintext]
#include <algorithm>

#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "tests/fuzz/check.hpp"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Message message = message_of({data, size});
    const std::size_t length = message.plaintext.size();
    Bytes first;
    for (const aes_gcm::KernelInfo& kernel : aes_gcm::kernels()) {
        if (!kernel.available) continue;
        const auto key = aes_gcm::Key::make(message.key, kernel.name);
        H7_MUST(key);
        Bytes sealed(length + 16);
        H7_MUST(aes_gcm::seal(*key, message.iv, message.aad, message.plaintext,
                              MutableBytes(sealed).first(length),
                              MutableBytes(sealed).last(16)) == aes_gcm::Status::ok);
        H7_MUST(seal_in_chunks(*key, message) == sealed);
        Bytes opened(length);
        H7_MUST(aes_gcm::open(*key, message.iv, message.aad, ByteView(sealed).first(length),
                              ByteView(sealed).last(16), opened) == aes_gcm::Status::ok);
        H7_MUST(opened == message.plaintext);
        sealed[length] ^= 1;
        H7_MUST(!aes_gcm::verify(*key, message.iv, message.aad, ByteView(sealed).first(length),
                                 ByteView(sealed).last(16)));
        sealed[length] ^= 1;
        if (first.empty()) first = sealed;
        H7_MUST(sealed == first);
    }
    return 0;
}

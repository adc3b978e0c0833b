// The running state of one message: pieces of any size are cut into whole blocks for the kernel and a block
// under way.
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/aes_gcm/kernel.hpp"
#include "rss/crypto/aes_gcm/overlap.hpp"
#include "rss/crypto/secret.hpp"

namespace h7::aes_gcm {
namespace {

constexpr std::size_t kBlock = 16;

/// The last four bytes count, big-endian, wrapping (inc32).
void count_up(std::array<std::uint8_t, kBlock>& counter, std::uint32_t blocks) {
    store_be<std::uint32_t>(counter.data() + 12, load_be<std::uint32_t>(counter.data() + 12) + blocks);
}

}  // namespace

Stream::Stream(const Key& key, ByteView iv, Way way) : key_(&key), way_(way) {
    if (iv.empty()) failed_ = Status::bad_iv;
    if (iv.size() > kLongestAad) {
        failed_ = Status::bad_length;
        return;
    }
    progress_.counter_is_public = iv.size() == kIvBytes;
    if (progress_.counter_is_public) {
        std::copy(iv.begin(), iv.end(), counter0_.begin());
        counter0_.back() = 1;
    } else {
        hash_whole(iv);
        std::array<std::uint8_t, kBlock> lengths{};
        store_be<std::uint64_t>(lengths.data() + 8, 8 * std::uint64_t{iv.size()});
        hash_whole(lengths);
        std::copy_n(progress_.hash, kBlock, counter0_.begin());
        std::fill_n(progress_.hash, kBlock, std::uint8_t{0});
    }
    auto counter = counter0_;
    count_up(counter, 1);
    std::copy(counter.begin(), counter.end(), progress_.counter);
}

Stream::~Stream() {
    wipe(counter0_);
    wipe(MutableBytes(progress_.hash));
    wipe(MutableBytes(progress_.counter));
    wipe(MutableBytes(progress_.keystream));
    wipe(MutableBytes(progress_.partial));
}

/// Hashes `bytes`, the last block filled up with zeros.
void Stream::hash_whole(ByteView bytes) {
    key_->kernel().hash(key_->state(), progress_.hash, bytes.data(), bytes.size() / kBlock);
    const ByteView rest = bytes.last(bytes.size() % kBlock);
    if (rest.empty()) return;
    std::array<std::uint8_t, kBlock> last{};
    std::copy(rest.begin(), rest.end(), last.begin());
    key_->kernel().hash(key_->state(), progress_.hash, last.data(), 1);
}

/// Hashes what is full of `bytes`, keeps the rest in the block under way.
void Stream::hash_more(ByteView bytes) {
    std::size_t& used = progress_.used;
    if (used > 0) {
        const std::size_t n = std::min(bytes.size(), kBlock - used);
        std::copy_n(bytes.begin(), n, progress_.partial + used);
        used += n;
        bytes = bytes.subspan(n);
        if (used < kBlock) return;
        pad_hash();
    }
    const std::size_t whole = bytes.size() / kBlock * kBlock;
    hash_whole(bytes.first(whole));
    used = bytes.size() - whole;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(whole), used, progress_.partial);
}

void Stream::pad_hash() {
    hash_whole(ByteView(progress_.partial).first(progress_.used));
    progress_.used = 0;
}

Status Stream::add_aad(ByteView aad) {
    if (failed_ != Status::ok) return failed_;
    if (phase_ != Phase::aad) return Status::bad_state;
    if (aad.size() > kLongestAad - aad_bytes_) return Status::bad_length;
    aad_bytes_ += aad.size();
    hash_more(aad);
    return Status::ok;
}

Status Stream::data(ByteView in, MutableBytes out) {
    if (failed_ != Status::ok) return failed_;
    if (phase_ == Phase::finished) return Status::bad_state;
    if (in.size() > kLongestMessage - data_bytes_) return Status::bad_length;
    if (way_ != Way::hash_only) {
        if (in.size() != out.size()) return Status::bad_length;
        if (!legal_pair(in, out)) return Status::overlap;
    }
    if (phase_ == Phase::aad) {
        pad_hash();
        phase_ = Phase::data;
    }
    data_bytes_ += in.size();
    const Kernel& kernel = key_->kernel();
    switch (way_) {
        case Way::seal:
            kernel.seal_more(key_->state(), progress_, in.data(), out.data(), in.size());
            break;
        case Way::open:
            kernel.open_more(key_->state(), progress_, in.data(), out.data(), in.size());
            break;
        case Way::hash_only:
            hash_more(in);
            break;
    }
    return Status::ok;
}

Status Stream::make_tag(MutableBytes tag) {
    if (failed_ != Status::ok) return failed_;
    if (tag.size() < kShortestTag || tag.size() > kTagBytes) return Status::bad_tag_length;
    if (phase_ == Phase::finished) return Status::bad_state;
    pad_hash();
    phase_ = Phase::finished;
    std::array<std::uint8_t, kBlock> last{};
    store_be<std::uint64_t>(last.data(), 8 * aad_bytes_);
    store_be<std::uint64_t>(last.data() + 8, 8 * data_bytes_);
    hash_whole(last);
    key_->kernel().encrypt_block(key_->state(), counter0_.data(), last.data());
    for (std::size_t i = 0; i < tag.size(); ++i)
        tag[i] = static_cast<std::uint8_t>(last[i] ^ progress_.hash[i]);
    wipe(last);
    return Status::ok;
}

Status Stream::check_tag(ByteView tag) {
    std::array<std::uint8_t, kTagBytes> right{};
    if (tag.size() > right.size()) return failed_ != Status::ok ? failed_ : Status::bad_tag_length;
    const MutableBytes wanted = MutableBytes(right).first(tag.size());
    Status status = make_tag(wanted);
    if (status == Status::ok && !crypto::equal_in_constant_time(wanted, tag)) status = Status::bad_tag;
    wipe(right);
    return status;
}

Expected<Decryptor, Status> Verifier::finish(ByteView tag) {
    if (const Status status = check_tag(tag); status != Status::ok) return status;
    return Decryptor(key(), counter0(), data_bytes());
}

Status Opener::update(ByteView ciphertext) {
    if (ciphertext.size() > buffer_.size() - filled_) return Status::bad_length;
    const Status status = data(ciphertext, buffer_.subspan(filled_, ciphertext.size()));
    if (status == Status::ok) filled_ += ciphertext.size();
    return status;
}

Status Opener::finish_in_place(ByteView tag) {
    const Status status = check_tag(tag);
    if (status == Status::bad_tag_length || status == Status::bad_state) return status;
    if (status != Status::ok) wipe(buffer_);
    buffer_ = {};  // the caller's again
    filled_ = 0;
    return status;
}

Expected<Bytes, Status> Opener::finish(ByteView tag) {
    const std::size_t filled = filled_;
    Bytes plaintext(buffer_.data() == own_.data() ? 0 : filled);
    const MutableBytes before = buffer_;
    if (const Status status = finish_in_place(tag); status != Status::ok) return status;
    if (!plaintext.empty()) {
        std::copy_n(before.begin(), filled, plaintext.begin());
        return plaintext;
    }
    own_.resize(filled);
    return std::exchange(own_, {});
}

Status Decryptor::decrypt(std::uint64_t offset, ByteView ciphertext, MutableBytes plaintext) const {
    if (ciphertext.size() != plaintext.size()) return Status::bad_length;
    if (offset > size_ || ciphertext.size() > size_ - offset) return Status::bad_length;
    if (!legal_pair(ciphertext, plaintext)) return Status::overlap;
    const Kernel& kernel = key_->kernel();
    auto counter = counter0_;
    count_up(counter, static_cast<std::uint32_t>(1 + offset / kBlock));
    std::array<std::uint8_t, kBlock> block{};
    // A piece that begins or ends inside a block takes its bytes of that block's keystream.
    std::size_t skip = offset % kBlock;
    while (!ciphertext.empty()) {
        std::size_t n = ciphertext.size() / kBlock * kBlock;
        if (skip == 0 && n > 0) {
            kernel.ctr(key_->state(), counter.data(), ciphertext.data(), plaintext.data(), n / kBlock);
        } else {
            n = std::min(ciphertext.size(), kBlock - skip);
            kernel.encrypt_block(key_->state(), counter.data(), block.data());
            count_up(counter, 1);
            for (std::size_t i = 0; i < n; ++i)
                plaintext[i] = static_cast<std::uint8_t>(ciphertext[i] ^ block[skip + i]);
            skip = 0;
        }
        ciphertext = ciphertext.subspan(n);
        plaintext = plaintext.subspan(n);
    }
    wipe(block);
    wipe(counter);
    return Status::ok;
}

}  // namespace h7::aes_gcm

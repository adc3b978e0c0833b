// The HSM file from a stranger: any change is refused before anything is believed.
#include "rig.hpp"

namespace h7::hsm {
namespace {

using testing::HasSubstr;

using HsmFormat = HsmRig;

TEST_F(HsmFormat, AnyFlippedBitIsRefused) {
    operational(3);
    const Bytes good = bytes();
    const auto header = *parse_header(good);
    const auto key = *keys()->file_key(header);
    ASSERT_TRUE(unseal(header, key, good));
    // In front of the IV a change gives another scrypt key, or a header that is refused; the tag covers all.
    for (std::size_t at = 0; at < good.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes wrong = good;
            wrong[at] ^= static_cast<std::uint8_t>(1U << bit);
            const auto parsed = parse_header(wrong);
            EXPECT_TRUE(!parsed || !unseal(*parsed, key, wrong)) << at << "." << bit;
        }
}

TEST_F(HsmFormat, WrongPassphraseAndDamageAreOneLine) {
    operational(3);
    EXPECT_EQ(code_of(reopen("wrong horse")), ExitCode::misuse);
    EXPECT_THAT(error_of(reopen("wrong horse")), HasSubstr("vault.hsm: wrong passphrase, or a changed file"));
    const Bytes good = bytes();
    Bytes wrong = good;
    wrong[0x100] ^= 4;
    write(wrong);
    EXPECT_THAT(error_of(reopen()), HasSubstr("the tag does not match"));
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{0x5F}, std::size_t{0x6F},
                                   std::size_t{0x70}, good.size() - 1}) {
        write(ByteView(good).first(size));
        EXPECT_EQ(code_of(reopen()), ExitCode::misuse) << size;
        EXPECT_THAT(error_of(reopen()), HasSubstr("HSM file: byte 0x")) << size;
    }
    write(good);
    EXPECT_TRUE(reopen());
}

TEST_F(HsmFormat, AFileCannotAskForMuchMemory) {
    operational(3);
    const Bytes good = bytes();
    const auto with = [&](std::size_t at, std::uint32_t value) {
        Bytes wrong = good;
        store_le32(wrong, at, value);
        return error_of(parse_header(wrong));
    };
    EXPECT_THAT(with(0x14, 9), HasSubstr("2^10"));
    EXPECT_THAT(with(0x14, 25), HasSubstr("2^24"));
    EXPECT_THAT(with(0x14, 24), HasSubstr("1 GiB"));
    EXPECT_THAT(with(0x18, 0), HasSubstr("r is 1 to 32"));
    EXPECT_THAT(with(0x18, 0xFFFF'FFFF), HasSubstr("r is 1 to 32"));
    EXPECT_THAT(with(0x1C, 17), HasSubstr("p is 1 to 16"));
    EXPECT_THAT(with(0x10, 3), HasSubstr("0x10"));
    EXPECT_THAT(with(0x08, 2), HasSubstr("version"));
    EXPECT_THAT(with(0x5C, 0xFFFF'FFFF), HasSubstr("0x5C"));
}

/// The body of a small HSM in the clear, to be changed and parsed.
class HsmBody : public HsmRig {
protected:
    HsmBody() {
        const auto hsm = operational(3);
        EXPECT_TRUE(hsm->issue(Chip(1).request()));
        EXPECT_TRUE(hsm->reserve(2));
        header_ = *parse_header(bytes());
        body_ = *unseal(header_, *keys()->file_key(header_), bytes());
    }
    std::string error_with(std::size_t at, std::uint32_t value) const {
        Bytes wrong = body_;
        store_le32(wrong, at, value);
        return error_of(parse_body(header_.id, wrong));
    }
    static constexpr std::size_t entry(std::size_t number, std::size_t offset) {
        return kSettingsBytes + (number - 1) * kEntryBytes + offset;
    }
    Header header_;
    Bytes body_;
};

TEST_F(HsmBody, RoundTrip) {
    const auto parsed = parse_body(header_.id, body_);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(serialise(parsed->settings, parsed->log), body_);
    EXPECT_EQ(parsed->log.left(), 0U);
    EXPECT_EQ(parsed->log.reserved(), 2U);
}

TEST_F(HsmBody, AnyChangedBitBreaksTheChainOrTheSettings) {
    for (std::size_t at = 0; at < body_.size(); ++at) {
        if (at >= 0x94 && at < 0xCC) continue;  // the key: no second copy of it, GCM's tag guards it
        Bytes wrong = body_;
        wrong[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        EXPECT_FALSE(parse_body(header_.id, wrong)) << at;
    }
}

TEST_F(HsmBody, AChainThatSomebodyRepairedMustStillAddUp) {
    // Who has the key can compute hashes: counters, states and order are checked besides them.
    const auto rebuilt = [&](auto change) {
        std::vector<LogEntry> entries = parse_body(header_.id, body_)->log.entries();
        change(entries);
        Bytes made(body_.begin(), body_.begin() + kSettingsBytes);
        store_le32(made, 0xCC, static_cast<std::uint32_t>(entries.size()));
        crypto::Digest before = Log(header_.id).head();
        for (LogEntry& each : entries) {
            const auto bytes = serialise(each);
            each.chain = crypto::Sha256().update(before).update(ByteView(bytes).first(0x50)).finish();
            before = each.chain;
            const auto chained = serialise(each);
            made.insert(made.end(), chained.begin(), chained.end());
        }
        return error_of(parse_body(header_.id, made));
    };
    using Entries = std::vector<LogEntry>;
    EXPECT_EQ(rebuilt([](Entries&) {}), "");
    EXPECT_THAT(rebuilt([](Entries& all) { all[3].left = 3; }), HasSubstr("entry 4: the counter does not"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[3].amount = 0; }), HasSubstr("entry 4"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[4].amount = 9; }), HasSubstr("entry 5"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[2].event = Event::issued; }), HasSubstr("entry 3"));
    EXPECT_THAT(rebuilt([](Entries& all) { all.erase(all.begin() + 3); }),
                HasSubstr("entry 4: the sequence"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[0].event = Event::locked; }), HasSubstr("entry 1"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[3].event = static_cast<Event>(8); }), HasSubstr("event 8"));
    EXPECT_THAT(rebuilt([](Entries& all) { all[1].subject[0] ^= 1; }), HasSubstr("other settings"));
    EXPECT_THAT(rebuilt([](Entries& all) { all.resize(1); }), HasSubstr("disagree"));
    EXPECT_THAT(rebuilt([](Entries& all) { all.clear(); }), HasSubstr("0xCC"));
    EXPECT_THAT(rebuilt([](Entries& all) {
                    all.push_back(all[3]);
                    all.back().sequence = 6;
                    all.back().event = Event::reissued;
                    all.back().amount = 0;
                    all.back().left = 0;
                    all.back().uid[5] ^= 1;
                }),
                HasSubstr("has no license"));
    EXPECT_THAT(rebuilt([](Entries& all) {
                    all.push_back(all[4]);
                    all.back().sequence = 6;
                    all.back().event = Event::returned;
                    all.back().amount = 3;
                    all.back().left = 3;
                }),
                HasSubstr("3 licenses returned, 2 reserved"));
}

TEST_F(HsmBody, LengthsAreNotTrusted) {
    EXPECT_THAT(error_with(0xCC, 0), HasSubstr("0xCC"));
    EXPECT_THAT(error_with(0xCC, 0xFFFF'FFFF), HasSubstr("0xCC"));
    EXPECT_THAT(error_with(0xCC, 0x0249'2493), HasSubstr("0xCC")) << "times 112 is small modulo 2^32";
    EXPECT_THAT(error_with(0x50, 65), HasSubstr("0x50"));
    for (std::size_t size = 0; size < body_.size(); ++size)
        EXPECT_FALSE(parse_body(header_.id, ByteView(body_).first(size))) << size;
}

TEST(Passphrase, LineEndAndLimits) {
    EXPECT_FALSE(Passphrase::make({}));
    EXPECT_TRUE(Passphrase::make(Bytes(1024, 'x')));
    EXPECT_FALSE(Passphrase::make(Bytes(1025, 'x')));
    int ends[2];
    const auto through = [&](std::string_view words) {
        EXPECT_EQ(::pipe(ends), 0);
        EXPECT_EQ(::write(ends[1], words.data(), words.size()), static_cast<ssize_t>(words.size()));
        ::close(ends[1]);
        auto read = Passphrase::read(ends[0], "--passphrase-fd 9");
        ::close(ends[0]);
        return read ? std::string(read->view().begin(), read->view().end()) : read.error().message;
    };
    EXPECT_EQ(through("secret\n"), "secret");
    EXPECT_EQ(through("secret\r\n"), "secret");
    EXPECT_EQ(through(" two\n\n"), " two\n");
    EXPECT_EQ(through("\n"), "--passphrase-fd 9: the passphrase is empty");
    EXPECT_THAT(through(std::string(3000, 'x')), HasSubstr("at most 1024"));
}

}  // namespace
}  // namespace h7::hsm

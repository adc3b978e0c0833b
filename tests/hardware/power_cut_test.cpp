// The power fails everywhere: F-131 and F-132 on the whole chip.
#include "rss/host/flasher/sfi_install.hpp"
#include "tests/support/bench_chip.hpp"
#include "tests/support/flash_steps.hpp"
#include "tests/support/sfi_image.hpp"

namespace h7::test {
namespace {

constexpr Address kFlash = 0x5200'2000, kTarget = 0x0804'0000;
constexpr std::uint32_t kPattern = 0xA5A5'5A00;

/// The CM7's own accesses, without a program.
struct Bus {
    chip::Chip& chip;
    bool put(Address at, std::uint32_t value) {
        return chip.write(chip.as_core(Master::cm7, at, 4, Op::write), value).has_value();
    }
    std::uint32_t get(Address at) {
        return static_cast<std::uint32_t>(chip.read(chip.as_core(Master::cm7, at)).value_or(0xBADC'0DE0));
    }
    void unlock() {
        if ((get(kFlash + 0x0C) & 1U) == 0) return;
        put(kFlash + 0x04, 0x4567'0123);
        put(kFlash + 0x04, 0xCDEF'89AB);
    }
    void program(Address at) {  // as ST's HAL does
        put(kFlash + 0x0C, get(kFlash + 0x0C) | 2U);
        for (unsigned i = 0; i < 8; ++i) put(at + 4 * i, kPattern + i);
        put(kFlash + 0x0C, get(kFlash + 0x0C) & ~2U);
    }
};

std::unique_ptr<chip::Chip> make(chip::Config config) {
    config.identity = annex_a_chip();
    return std::move(*chip::Chip::create(std::move(config)));
}
std::unique_ptr<chip::Chip> blank_chip() { return make({}); }

flash::WordState state_of(chip::Chip& chip, Address at) {
    return chip.image().user[0].words[(at - 0x0800'0000) / 32];
}

TEST(PowerCut, ProgramOfTwoWords) {  // F-132 F-075
    const auto steps = for_every_flash_step(
        blank_chip,
        [](chip::Chip& chip) {
            Bus bus{chip};
            bus.unlock();
            bus.program(kTarget);
            bus.program(kTarget + 32);
        },
        [](chip::Chip& chip, const Cut& cut) {
            using State = flash::WordState;
            const bool torn = cut.where == flash::Controller::Cut::inside;
            const auto want = [&](std::uint64_t word) {
                if (cut.step == 0 || word < cut.step) return State::programmed;
                return word == cut.step && torn ? State::ecc_double : State::erased;
            };
            Bus bus{chip};
            for (std::uint64_t word = 1; word <= 2; ++word) {
                const Address at = kTarget + 32 * static_cast<Address>(word - 1);
                EXPECT_EQ(state_of(chip, at), want(word));
                const std::uint32_t seen = bus.get(at);
                EXPECT_EQ(seen, want(word) == State::programmed ? kPattern
                                : want(word) == State::erased   ? 0xFFFF'FFFFU
                                                                : 0xBADC'0DE0U);
            }
        });
    EXPECT_EQ(steps, 2U);
}

TEST(PowerCut, EraseOfASector) {  // F-132
    const auto filled = [] {
        chip::Config config;
        config.image.user[0].data.assign(0x8'0000, 0x3C);
        config.image.user[0].words.assign(0x8'0000 / 32, flash::WordState::programmed);
        return make(config);
    };
    for_every_flash_step(
        filled,
        [](chip::Chip& chip) {
            Bus bus{chip};
            bus.unlock();
            bus.put(kFlash + 0x0C, 0x2B4);  // SER, SNB = 2, START
        },
        [](chip::Chip& chip, const Cut& cut) {
            const flash::ArrayImage user = chip.image().user[0];
            std::array<unsigned, 4> count{};
            bool others = true;
            for (std::size_t word = 0; word < user.words.size(); ++word) {
                const bool target = word / 4096 == 2;
                if (target)
                    ++count[static_cast<unsigned>(user.words[word])];
                else if (word < 4 * 4096)
                    others &= user.data[word * 32] == 0x3C;
            }
            EXPECT_TRUE(others);
            if (cut.step == 0) {
                EXPECT_EQ(count[0], 4096U);
            } else if (cut.where == flash::Controller::Cut::before) {
                EXPECT_EQ(count[1], 4096U);
            } else {
                EXPECT_GT(count[0], 0U);
                EXPECT_GT(count[1], 0U);
                EXPECT_GT(count[3], 0U);
            }
        });
}

TEST(PowerCut, OptionChangeIsTakenOrNot) {  // F-131
    for_every_flash_step(
        blank_chip,
        [](chip::Chip& chip) {
            Bus bus{chip};
            bus.put(kFlash + 0x08, 0x0819'2A3B);
            bus.put(kFlash + 0x08, 0x4C5D'6E7F);
            bus.put(kFlash + 0x3C, 0xFE);
            bus.put(kFlash + 0x44, 0x0810'0804);
            bus.put(kFlash + 0x18, 2);
        },
        [](chip::Chip& chip, const Cut& cut) {
            Bus bus{chip};
            EXPECT_EQ(bus.get(kFlash + 0x38), cut.step == 0 ? 0xFEU : 0xFFU);
            EXPECT_EQ(bus.get(kFlash + 0x40), cut.step == 0 ? 0x0810'0804U : 0x1FF0'0800U);
            EXPECT_EQ(bus.get(kFlash + 0x3C), bus.get(kFlash + 0x38)) << "PRG shows CUR";
            EXPECT_EQ(bus.get(kFlash + 0x1C) >> 30 & 1U, 0U);
        });
}

constexpr Address kSecure = 0x0800'0000;

Bytes startable(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(0x31 + 7 * i);
    store_le32(bytes, 0, 0x2000'1000);
    store_le32(bytes, 4, kSecure + 0x101);
    return bytes;
}

// rss-sfi-bootloader.md 4.9: old, blank or complete, and plaintext never readable.
TEST(PowerCut, InstallByTheRss) {  // F-131 F-132
    const Bytes secret = startable(96), old(96, 0x77);
    TestImage made;
    image::OptionWords words = image::OptionWords{flash::kFactoryOptions};
    words[flash::kOptsr] |= 1U << 21 | 3U << 19;
    words[flash::kScar1] = 0x801F'0000;
    made.firmware(kSecure, secret).hash().options(words);
    const rss::StagedPart part = made.build();
    const Bytes file = sfi_file(part);

    const auto prepared = [&] {
        chip::Config config;
        config.boot0 = true;
        config.image.options[flash::kOptsr] |= 1U << 21 | 3U << 19;
        for (auto& user : config.image.user) {
            user.data = old;
            user.words.assign(3, flash::WordState::programmed);
        }
        return make(config);
    };
    std::array<unsigned, 3> ends{};  // old, blank, complete
    for_every_flash_step(
        prepared,
        [&](chip::Chip& chip) {
            flasher::DebugLink link(chip);
            flasher::InstallRequest request;
            request.image = file;
            request.license = part.license;
            (void)flasher::install(link, request);
        },
        [&](chip::Chip& chip, const Cut&) {
            const flash::Image image = chip.image();
            const auto holds = [&](unsigned bank, const Bytes& bytes) {
                return std::equal(bytes.begin(), bytes.end(), image.user[bank].data.begin());
            };
            const Bytes nothing(96, 0xFF);
            const bool is_old = holds(0, old) && holds(1, old);
            const bool blank = holds(0, nothing) && holds(1, nothing);
            const bool complete = holds(0, secret) && image.options[flash::kScar1] == words[flash::kScar1];
            ASSERT_EQ(is_old + blank + complete, 1);
            ++ends[is_old ? 0 : blank ? 1 : 2];
            for (const Master who : {Master::ap0, Master::cm4, Master::mdma, Master::dma1}) {
                const auto seen = chip.read({kSecure, 8, Op::read, who, Context::application, true});
                EXPECT_TRUE(!seen || *seen != load_le<std::uint64_t>(secret.data())) << name_of(who);
            }
        });
    for (const unsigned count : ends) EXPECT_GT(count, 0U);
    RecordProperty("old", static_cast<int>(ends[0]));
    RecordProperty("blank", static_cast<int>(ends[1]));
    RecordProperty("complete", static_cast<int>(ends[2]));
}

}  // namespace
}  // namespace h7::test

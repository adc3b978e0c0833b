// What is true after a power cut, a killed process, a full disk (rss-sfi-bootloader.md 4.12: persist, then
// release; section 7, test 18).
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <set>

#include "emulator/base/random.hpp"
#include "rig.hpp"

namespace h7::hsm {
namespace {

using testing::HasSubstr;

/// What a disk may hold of one folder: names and bytes.
using Disk = std::map<std::string, Bytes>;

/// Follows the steps of the writer and says what could be on the disk if the power went now. Bytes are sure
/// after fsync; a name is sure after the fsync of its folder.
class DiskModel {
public:
    explicit DiskModel(std::filesystem::path folder) : folder_(std::move(folder)) {}

    void after(Step step, const std::filesystem::path& file) {
        const std::string name = file.filename().string(), temporary = name + ".new";
        possible_.clear();
        switch (step) {
            case Step::created:
            case Step::wrote: {
                // Any part of what was written so far, or nothing of it.
                const Bytes written = *read_file(folder_ / temporary);
                unsynced_ = true;
                for (const std::size_t part : {0UL, 1UL, written.size() / 2, written.size()})
                    if (part <= written.size())
                        add({{temporary,
                              Bytes(written.begin(), written.begin() + static_cast<std::ptrdiff_t>(part))}});
                add({});
                break;
            }
            case Step::synced:
                unsynced_ = false;
                add({{temporary, *read_file(folder_ / temporary)}});
                break;
            case Step::renamed: {
                const Bytes bytes = *read_file(folder_ / name);
                add({{temporary, bytes}});
                add({{name, bytes}});
                if (unsynced_)  // renamed before its bytes were sure
                    add({{name, Bytes(bytes.begin(),
                                      bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2))}});
                break;
            }
            case Step::folder_synced:
                sure_[name] = *read_file(folder_ / name);
                add({});
                break;
        }
    }
    const std::vector<Disk>& possible() const { return possible_; }

private:
    void add(Disk change) {
        Disk disk = sure_;
        for (auto& [name, bytes] : change) disk[name] = std::move(bytes);
        possible_.push_back(std::move(disk));
    }

    std::filesystem::path folder_;
    Disk sure_;
    bool unsynced_ = false;
    std::vector<Disk> possible_;
};

class HsmPowerCut : public HsmRig {
protected:
    static constexpr std::uint32_t kQuota = 5;

    /// Opens what a cut left and uses up what it still gives: with what was released before, never more than
    /// the quota, and every released license is in the log.
    void check(const Disk& disk, const std::vector<Chip>& chips, const std::set<std::size_t>& released,
               bool made, bool anchored) {
        const std::filesystem::path after = folder_ / "after";
        std::filesystem::create_directory(after);
        for (const auto& [name, bytes] : disk) ASSERT_TRUE(write_file(after / name, bytes, Mode::secret));
        Options with = options();
        if (anchored) with.anchor = after / "anchor";
        auto opened = Hsm::open(after / "vault.hsm", keys(), with);
        ++images_;
        if (!opened) {
            EXPECT_FALSE(made) << opened.error().message;
            EXPECT_TRUE(released.empty());
        } else {
            ++opened_;
            const Log log = (*opened)->info().log;
            EXPECT_LE(released.size(), log.counter() - log.left() + 0U);
            for (const std::size_t chip : released)
                EXPECT_TRUE(log.knows(crypto::sha256(chips[chip].certificate), uid_of(chips[chip]))) << chip;
            if (log.state() == State::operational) {
                std::set<std::size_t> all = released;
                for (std::size_t i = 0; i < chips.size(); ++i)
                    if ((*opened)->issue(chips[i].request())) all.insert(i);
                EXPECT_LE(all.size(), kQuota);
                EXPECT_EQ((*opened)->info().log.left(), 0U);
            }
        }
        if (opened) opened->reset();
        std::filesystem::remove_all(after);
    }
    static std::array<std::uint8_t, 12> uid_of(const Chip& chip) {
        std::array<std::uint8_t, 12> uid{};
        std::ranges::copy(chip.uid, uid.begin());
        return uid;
    }

    void story(bool anchored) {
        std::vector<Chip> chips;
        for (std::uint8_t i = 1; i <= kQuota + 2; ++i) chips.emplace_back(i);
        DiskModel disk(folder_);
        std::set<std::size_t> released;
        bool made = false;
        Options with = options();
        if (anchored) with.anchor = folder_ / "anchor";
        with.observer = [&](Step step, const std::filesystem::path& file) {
            disk.after(step, file);
            for (const Disk& image : disk.possible()) check(image, chips, released, made, anchored);
        };
        auto hsm = Hsm::create(path_, keys(), with);
        ASSERT_TRUE(hsm);
        made = true;
        ASSERT_TRUE((*hsm)->provision(provisioning(kQuota)));
        ASSERT_TRUE((*hsm)->lock());
        for (std::size_t i = 0; i < chips.size(); ++i) {
            if ((*hsm)->issue(chips[i].request())) released.insert(i);
            if (i == 2) {
                EXPECT_TRUE((*hsm)->issue(chips[0].request())->again);
            }
        }
        EXPECT_EQ(released.size(), kQuota);
    }

    int images_ = 0, opened_ = 0;
};

TEST_F(HsmPowerCut, AtEveryWriteNothingLeftThatIsNotCounted) {
    story(false);
    EXPECT_GE(images_, 90);
    EXPECT_GE(opened_, 80);
}

TEST_F(HsmPowerCut, AtEveryWriteOfFileAndAnchor) {
    story(true);
    EXPECT_GE(images_, 180);
}

TEST_F(HsmPowerCut, AFullDiskRefusesAndKeepsWhatItHad) {
    auto hsm = operational(4);
    const Chip a(1), b(2);
    ASSERT_TRUE(hsm->issue(a.request()));
    const Bytes before = bytes();
    ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit old {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    for (const std::size_t room :
         {std::size_t{0}, std::size_t{1}, before.size(), before.size() + kEntryBytes - 1}) {
        const struct rlimit full { room, old.rlim_max };
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
        const auto refused = hsm->issue(b.request());
        const auto lease = hsm->reserve(1);
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
        EXPECT_EQ(code_of(refused), ExitCode::misuse);
        EXPECT_FALSE(lease);
        EXPECT_THAT(error_of(refused), HasSubstr("cannot write"));
        EXPECT_EQ(bytes(), before);
        EXPECT_FALSE(std::filesystem::exists(folder_ / "vault.hsm.new"));
        EXPECT_EQ(hsm->info().log.left(), 3U);
    }
    EXPECT_EQ(hsm->issue(b.request())->left, 2U) << "with room again it goes on";
}

/// A child that gives licenses to chip after chip and reports each one that left; killed somewhere.
class HsmKilled : public HsmRig {
protected:
    static constexpr std::uint32_t kQuota = 900;

    /// The chip of a number: one certificate, its own UID.
    static Bytes uid(std::uint32_t number) {
        Bytes uid(12, 0x11);
        store_le32(uid, 4, number);
        return uid;
    }
    /// Runs until `reports` licenses were seen, or, if `steps` is not 0, until the child has done so many
    /// steps of its writer and killed itself. The numbers of the chips that got one.
    std::vector<std::uint32_t> run_and_kill(std::uint32_t first, std::size_t reports, int steps) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            Options with = options();
            int done = 0;
            with.observer = [&](Step, const std::filesystem::path&) {
                if (steps != 0 && ++done == steps) ::raise(SIGKILL);
            };
            const auto hsm = Hsm::open(path_, keys(), with);
            for (std::uint32_t number = first; hsm; ++number) {
                const Bytes own = uid(number);
                if (!(*hsm)->issue({chip_.certificate, own})) break;
                if (::write(ends[1], &number, sizeof number) != sizeof number) break;
            }
            ::_exit(0);
        }
        ::close(ends[1]);
        std::vector<std::uint32_t> seen;
        std::uint32_t number = 0;
        while (::read(ends[0], &number, sizeof number) == sizeof number) {
            seen.push_back(number);
            if (steps == 0 && seen.size() == reports) ::kill(child, SIGKILL);  // and read what left till then
        }
        ::close(ends[0]);
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        return seen;
    }

    Chip chip_{1};
};

TEST_F(HsmKilled, HundredTimesAtAnyMoment) {
    operational(kQuota);
    SeededRandom random(7);
    std::set<std::uint32_t> released;
    std::uint32_t next = 0;
    const auto subject = crypto::sha256(chip_.certificate);
    for (int round = 0; round < 120; ++round) {
        // Half of the kills come from outside after some licenses, half between two given system calls.
        const bool outside = round % 2 == 0;
        const auto seen =
            run_and_kill(next, 1 + random.next() % 6, outside ? 0 : 1 + static_cast<int>(random.next() % 17));
        released.insert(seen.begin(), seen.end());
        const auto hsm = reopen();
        ASSERT_TRUE(hsm) << hsm.error().message;
        const Log log = (*hsm)->info().log;
        for (const std::uint32_t number : seen) {
            std::array<std::uint8_t, 12> own{};
            std::ranges::copy(uid(number), own.begin());
            EXPECT_TRUE(log.knows(subject, own)) << number;
        }
        // At most one license of each round was counted and not seen.
        EXPECT_LE(released.size(), log.counter() - log.left());
        EXPECT_LE(log.counter() - log.left(), released.size() + static_cast<std::size_t>(round) + 1);
        next = log.counter() - log.left();
    }
    EXPECT_GE(released.size(), 120U);
}

}  // namespace
}  // namespace h7::hsm

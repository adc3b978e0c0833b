// The host dies at any moment of a save: what is on disk is the old or the new chip, whole.
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "contents.hpp"

namespace h7 {
namespace {

using test::some_contents;

class HostCrash : public test::InDirectory {
protected:
    /// Saves `contents` in a child that is killed `microseconds` after it began. True: it died.
    static bool save_and_die(const std::filesystem::path& path, const ChipContents& contents,
                             std::uint64_t microseconds) {
        const pid_t child = fork();
        if (child == 0) {
            auto chip = ChipFile::open(path, ChipFile::Use::change);
            if (!chip) _exit(3);
            struct sigaction action {};
            action.sa_handler = [](int) { kill(getpid(), SIGKILL); };
            sigaction(SIGALRM, &action, nullptr);
            itimerval timer{};
            timer.it_value.tv_sec = static_cast<time_t>(microseconds / 1'000'000);
            timer.it_value.tv_usec = static_cast<suseconds_t>(microseconds % 1'000'000);
            setitimer(ITIMER_REAL, &timer, nullptr);
            _exit(chip->save(contents) ? 0 : 4);
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << status;
        return WIFSIGNALED(status);
    }
};

TEST_F(HostCrash, LeavesTheOldOrTheNewChip) {
    const auto path = file("board.h7");
    ChipContents old = some_contents(0);
    ASSERT_TRUE(ChipFile::create(path, old));
    // How long a save takes depends on the machine: the moment of death follows what was seen.
    std::uint64_t latest = 4000;  // microseconds
    SeededRandom random(20);
    unsigned died = 0, kept = 0;
    for (std::uint64_t round = 1; died < 40 || kept < 10; ++round) {
        ASSERT_LT(round, 1000U) << "died " << died << " times, kept the old chip " << kept << " times";
        const ChipContents next = some_contents(round);
        const bool dead = save_and_die(path, next, 1 + random.next() % latest);
        latest = dead ? latest + latest / 8 : std::max<std::uint64_t>(latest - latest / 4, 64);
        const auto chip = ChipFile::open(path, ChipFile::Use::look);
        ASSERT_TRUE(chip) << chip.error().message;
        const auto found = chip->load();
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_TRUE(*found == old || *found == next) << "round " << round;
        died += dead ? 1 : 0;
        kept += *found == old ? 1 : 0;
        old = *found;
    }
}

}  // namespace
}  // namespace h7

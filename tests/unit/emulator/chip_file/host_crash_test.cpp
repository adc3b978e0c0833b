// The host dies at any moment of a save: what is on disk is the old or the new chip, whole.
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "contents.hpp"

namespace h7 {
namespace {

using Clock = std::chrono::steady_clock;
using test::some_contents;

class HostCrash : public test::InDirectory {
protected:
    /// Saves `contents` in a child that is killed `microseconds` after it began (0: never). True: it died.
    static bool save_and_die(const std::filesystem::path& path, const ChipContents& contents,
                             std::uint64_t microseconds) {
        const pid_t child = fork();
        if (child == 0) {
            auto chip = ChipFile::open(path, ChipFile::Use::change);
            if (!chip) _exit(3);
            if (microseconds != 0) {
                struct sigaction action {};
                action.sa_handler = [](int) { kill(getpid(), SIGKILL); };
                sigaction(SIGALRM, &action, nullptr);
                itimerval timer{};
                timer.it_value.tv_usec = static_cast<suseconds_t>(microseconds);
                setitimer(ITIMER_REAL, &timer, nullptr);
            }
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
    const auto begin = Clock::now();
    ASSERT_FALSE(save_and_die(path, some_contents(1), 0));
    const auto whole = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
    old = some_contents(1);

    SeededRandom random(20);
    unsigned died = 0, kept = 0;
    for (std::uint64_t round = 2; round < 62; ++round) {
        const ChipContents next = some_contents(round);
        died += save_and_die(path, next, 1 + random.next() % whole) ? 1 : 0;
        const auto chip = ChipFile::open(path, ChipFile::Use::look);
        ASSERT_TRUE(chip) << chip.error().message;
        const auto found = chip->load();
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_TRUE(*found == old || *found == next) << "round " << round;
        kept += *found == old ? 1 : 0;
        old = *found;
    }
    EXPECT_GT(died, 10U);  // else the test shows nothing
    EXPECT_GT(kept, 5U);
}

}  // namespace
}  // namespace h7

// Sequences of ST's HAL as compiled programs, on the whole chip: backup domain, option mirrors, overdrive,
// semaphores, early wake-up, CStop of either core. What each prints stands at its top.
#include <gtest/gtest.h>

#include "tests/support/bench_chip.hpp"

namespace h7::test {
namespace {

constexpr const char* kBackup =
    "boot 1: RCC_RSR 0x00FE0000, SBF 0; backup registers 0 of 32, backup SRAM 0 of 1024\n"
    "boot 2: RCC_RSR 0x01460000, SBF 0; backup registers 32 of 32, backup SRAM 1024 of 1024\n"
    "boot 3: RCC_RSR 0x001E0000, SBF 1; backup registers 32 of 32, backup SRAM 1024 of 1024\n"
    "after BDRST: backup registers 0 of 32, backup SRAM 1024 of 1024\n"
    "done\n";

TEST(BackupDomain, OutlivesResetAndStandbyButNotItsOwnResetOrVbat) {  // system.md 1.6, 3.3, 6.6; A11
    for (const bool two_cores : {true, false}) {
        ChipBuilder builder = a_chip();
        if (two_cores)
            builder.flashed("deep_sleeper_cm4");
        else
            builder.part("H743");
        BenchChip chip = builder.flashed("backup_domain");
        expect_says(chip, kBackup);
        chip->power_off();  // VBAT as well
        expect_says(chip, kBackup);
    }
}

TEST(OptionMirrors, FirmwareReadsWhatTheOptionBytesSay) {  // system.md 4.5, 11.10; A15
    expect_says(a_chip().flashed("option_mirrors"),
                "without clock: 0x00000000\n"
                "RDP 0x000000AA, security 0, BCM7 1, BCM4 1, CM7 0x00000800 0x00001FF0, CM4 0x00000810 "
                "0x00001000\n"
                "35 mirrors, 0 differ\n");
    expect_says(a_chip()
                    .with_option("BCM4", 0)
                    .with_option("BOR_LEV", 3)
                    .with_option("BOOT_CM7_ADD1", 0x2400)
                    .with_option("BOOT_CM4_ADD0", 0x0812)
                    .with_option("BOOT_CM4_ADD1", 0x3000)
                    .with_option("PROT_AREA_START2", 0x400)
                    .with_option("PROT_AREA_END2", 0x407)
                    .with_option("DMEP1", 1)
                    .with_option("DMES2", 1)
                    .with_option("SEC_AREA_START1", 0x600)
                    .with_option("SEC_AREA_END1", 0x67F)
                    .with_option("ST_RAM_SIZE", 2)
                    .with_option("IWDG2_SW", 0)
                    .with_option("FZ_IWDG_STOP", 0)
                    .with_option("NRST_STOP_D2", 0)
                    .with_option("NRST_STBY_D1", 0)
                    .with_option("IO_HSLV", 1)
                    .holding("option_mirrors"),
                "without clock: 0x00000000\n"
                "RDP 0x000000AA, security 0, BCM7 1, BCM4 0, CM7 0x00000800 0x00002400, CM4 0x00000812 "
                "0x00003000\n"
                "35 mirrors, 0 differ\n");
}

TEST(SystemClock, OverdriveGives480MHz) {  // system.md 4.4, 11.2; A13
    expect_says(a_chip().flashed("vendor_overdrive"),
                "MPU 16 regions, background region on\n"
                "I-cache and D-cache on, cleaned 4 x 128 and off and on again\n"
                "clock: supply ok, VOS0 ok, HSE ok, PLL1 ok, SWS 3, latency 4\n"
                "10 ticks of 1 ms: 4800 kcycles\n");
}

TEST(Semaphores, SharedNotifiedAndFreedByCoreId) {  // system.md 5.3; A4
    for (const std::uint64_t turn : {100U, 10'000U}) {
        BenchChip chip = a_chip().turn(turn).flashed("semaphores_cm7").flashed("semaphores_cm4");
        expect_says(
            chip,
            "shared 2000 times, each core 1000; lost 0\n"
            "a two-step take of the CM4's semaphore reads back 0x80000105, a one-step one 0x80000100\n"
            "a wrong key frees 0, the right one 3; the CM4's interrupt saw 0x00000070, ours 0x00000070\n"
            "the CM7 takes them: 0x80000300\n");
    }
}

TEST(WindowWatchdog, EarlyWakeUpRefreshesItAndEachCoreReadsTheFlags) {  // system.md 3.2, 6.5
    expect_says(a_chip().flashed("early_wakeup_cm7").flashed("early_wakeup_cm4"),
                "CM7: RCC_RSR 0x00FE0000; CM4: RCC_RSR 0x00FE0000, early wake-ups 0\n"
                "CM7: RCC_RSR 0x10460000; CM4: RCC_RSR 0x10460000, early wake-ups 5 of the CM7\n"
                "CM7: RCC_RSR 0x20460000; CM4: RCC_RSR 0x20460000, early wake-ups 5 of the CM4\n");
}

TEST(Domains, EitherCoreStopsAndIsWokenByTheOther) {  // system.md 4.3, 5.2b, 11.7
    for (const std::uint64_t turn : {100U, 10'000U}) {
        expect_says(a_chip().turn(turn).flashed("domains_cm7").flashed("domains_cm4"),
                    "the CM4 stops: D2CKRDY 0, wakes by EXTI 1: D2CKRDY 1, times 3\n"
                    "the CM7 stops: D1CKRDY 0, wakes by EXTI 2: D1CKRDY 1, times 3\n");
    }
}

}  // namespace
}  // namespace h7::test

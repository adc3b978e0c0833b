#include "program.hpp"

namespace h7::cpu::test {
namespace {

constexpr Address kType = 0xE000'ED90, kCtrl = 0xE000'ED94, kRnr = 0xE000'ED98, kRbar = 0xE000'ED9C,
                  kRasr = 0xE000'EDA0;
constexpr std::uint32_t kEnable = 1, kHfnmiena = 2, kPrivdefena = 4;

constexpr std::uint32_t rasr(unsigned log2_size, std::uint32_t ap, bool xn = false, std::uint32_t srd = 0) {
    return 1U | (log2_size - 1) << 1 | srd << 8 | ap << 24 | (xn ? 1U << 28 : 0U);
}

struct MpuTest : testing::Test {
    Private core;
    Mpu& mpu = core.bus.mpu();

    void region(unsigned number, Address base, std::uint32_t attributes) {
        core.write(kRbar, base | 0x10U | number);
        core.write(kRasr, attributes);
    }
    std::string rights(Address address, bool privileged = true, bool above_faults = false) {
        const MpuRights r = mpu.check(address, privileged, above_faults);
        return std::string(r.read ? "r" : "-") + (r.write ? "w" : "-") + (r.execute ? "x" : "-");
    }
    std::uint32_t granule(Address address) { return mpu.check(address, true, false).granule; }
};

TEST_F(MpuTest, SixteenRegionsOnTheCm7EightOnTheCm4) {  // system.md 5.7
    EXPECT_EQ(core.read(kType), 0x0000'1000U);
    Private cm4(Model::cortex_m4);
    EXPECT_EQ(cm4.read(kType), 0x0000'0800U);
    cm4.write(kRnr, 8);  // there is no region 8
    EXPECT_EQ(cm4.read(kRnr), 0U);
    core.write(kRnr, 15);
    EXPECT_EQ(core.read(kRnr), 15U);
}

TEST_F(MpuTest, DefaultMapExecutesMemoryOnly) {  // system.md 1.1
    EXPECT_EQ(rights(0x0800'0000, false), "rwx");
    EXPECT_EQ(rights(0x3FFF'FFFF), "rwx");
    EXPECT_EQ(rights(0x4000'0000), "rw-");
    EXPECT_EQ(rights(0x5FFF'FFFF), "rw-");
    EXPECT_EQ(rights(0x6000'0000), "rwx");
    EXPECT_EQ(rights(0x9FFF'FFFF), "rwx");
    EXPECT_EQ(rights(0xA000'0000), "rw-");
    EXPECT_EQ(rights(0xDFFF'FFFF), "rw-");
    EXPECT_EQ(rights(0xE000'E000), "rw-");
}

TEST_F(MpuTest, AccessPermissions) {  // system.md 5.7
    const struct {
        std::uint32_t ap;
        const char *privileged, *unprivileged;
    } rows[] = {{0, "---", "---"}, {1, "rwx", "---"}, {2, "rwx", "r-x"}, {3, "rwx", "rwx"},
                {4, "---", "---"}, {5, "r-x", "---"}, {6, "r-x", "r-x"}, {7, "r-x", "r-x"}};
    core.write(kCtrl, kEnable);
    for (const auto& row : rows) {
        region(0, 0x2400'0000, rasr(19, row.ap));
        EXPECT_EQ(rights(0x2400'1000, true), row.privileged) << row.ap;
        EXPECT_EQ(rights(0x2400'1000, false), row.unprivileged) << row.ap;
    }
    region(0, 0x2400'0000, rasr(19, 3, true));
    EXPECT_EQ(rights(0x2400'1000, false), "rw-");
}

TEST_F(MpuTest, HighestNumberedRegionWins) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    region(2, 0x2400'0000, rasr(10, 6));
    region(1, 0x2400'0000, rasr(19, 3));
    EXPECT_EQ(rights(0x2400'0000), "r-x");
    EXPECT_EQ(rights(0x2400'0400), "rwx");
}

TEST_F(MpuTest, BackgroundIsPrivilegedOnlyAndOnlyWithPrivdefena) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    EXPECT_EQ(rights(0x0800'0000), "---");
    core.write(kCtrl, kEnable | kPrivdefena);
    EXPECT_EQ(rights(0x0800'0000), "rwx");
    EXPECT_EQ(rights(0x4000'0000), "rw-");
    EXPECT_EQ(rights(0x0800'0000, false), "---");
}

TEST_F(MpuTest, HardFaultAndNmiRunWithoutItUnlessHfnmiena) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    EXPECT_TRUE(mpu.depends_on_priority());
    EXPECT_EQ(rights(0x0800'0000, true, true), "rwx");
    core.write(kCtrl, kEnable | kHfnmiena);
    EXPECT_FALSE(mpu.depends_on_priority());
    EXPECT_EQ(rights(0x0800'0000, true, true), "---");
}

TEST_F(MpuTest, CubeTemplateClosesTheExternalMemories) {  // system.md 5.7: 4 Gbyte region, SRD 0x87
    region(0, 0, rasr(32, 0, true, 0x87));
    core.write(kCtrl, kEnable | kPrivdefena);
    EXPECT_EQ(rights(0x5FFF'FFFF), "rw-");
    EXPECT_EQ(rights(0x6000'0000), "---");
    EXPECT_EQ(rights(0xDFFF'FFFF), "---");
    EXPECT_EQ(rights(0x0800'0000), "rwx");
    EXPECT_EQ(rights(0xE000'ED94), "rw-");
    EXPECT_EQ(granule(0x6000'0000), 1024U);
}

TEST_F(MpuTest, ADisabledSubregionFallsToTheNextRegionBelow) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    region(0, 0x2400'0000, rasr(19, 6));
    region(1, 0x2400'0000, rasr(11, 3, false, 0x02));  // 256-byte subregions; number 1 is off
    EXPECT_EQ(rights(0x2400'00FF), "rwx");
    EXPECT_EQ(rights(0x2400'0100), "r-x");
    EXPECT_EQ(rights(0x2400'0200), "rwx");
}

TEST_F(MpuTest, RegionsBelow256BytesHaveNoSubregions) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    region(0, 0x2400'0000, rasr(7, 3, false, 0xFF));
    EXPECT_EQ(rights(0x2400'0000), "rwx");
    EXPECT_EQ(rights(0x2400'007C), "rwx");
    region(0, 0x2400'0000, rasr(8, 3, false, 0x01));
    EXPECT_EQ(rights(0x2400'0000), "---");
    EXPECT_EQ(rights(0x2400'0020), "rwx");
}

TEST_F(MpuTest, TheSystemRegionNeverExecutes) {  // system.md 1.1
    core.write(kCtrl, kEnable);
    region(0, 0, rasr(32, 3));
    EXPECT_EQ(rights(0xE010'0000), "rw-");
    EXPECT_EQ(rights(0xC000'0000), "rwx");
}

TEST_F(MpuTest, GranuleIsTheBlockWithOneAnswer) {  // system.md 5.7
    core.write(kCtrl, kEnable | kPrivdefena);
    EXPECT_EQ(granule(0x2400'0000), 1024U);
    region(0, 0x2400'0000, rasr(19, 3));
    EXPECT_EQ(granule(0x2400'0000), 1024U);
    region(1, 0x2400'0820, rasr(5, 6));  // 32 bytes
    EXPECT_EQ(granule(0x2400'0820), 32U);
    EXPECT_EQ(granule(0x2400'0800), 32U);
    EXPECT_EQ(granule(0x2400'0840), 64U);
    EXPECT_EQ(granule(0x2400'0880), 128U);
    EXPECT_EQ(granule(0x2400'0A00), 512U);
    EXPECT_EQ(granule(0x2400'0C00), 1024U);
    region(2, 0x2400'1000, rasr(11, 6, false, 0x01));  // subregions of 256 bytes
    EXPECT_EQ(granule(0x2400'1000), 256U);
}

TEST_F(MpuTest, EveryAddressOfAGranuleHasTheSameRights) {  // system.md 5.7
    core.write(kCtrl, kEnable | kPrivdefena);
    region(0, 0x2400'0000, rasr(12, 6, false, 0x5A));
    region(3, 0x2400'0400, rasr(8, 3, true, 0x81));
    region(7, 0x2400'0220, rasr(5, 0));
    for (Address a = 0x2400'0000; a < 0x2400'2000; a += 4) {
        const std::uint32_t size = granule(a);
        EXPECT_EQ(rights(a), rights(align_down(a, size))) << std::hex << a;
        EXPECT_EQ(rights(a), rights(align_down(a, size) + size - 4)) << std::hex << a;
    }
}

TEST_F(MpuTest, SmallerThan32BytesIsNoRegion) {  // system.md 5.7
    core.write(kCtrl, kEnable);
    region(0, 0x2400'0000, rasr(4, 3));
    EXPECT_EQ(rights(0x2400'0000), "---");
}

TEST_F(MpuTest, AliasesAndRbarValidSelectTheRegion) {  // system.md 5.7
    core.write(kRnr, 3);
    core.write(kRbar, 0x2000'0000);  // VALID 0: RNR stays
    EXPECT_EQ(core.read(kRnr), 3U);
    EXPECT_EQ(core.read(kRbar), 0x2000'0003U);
    core.write(0xE000'EDA4, 0x3000'0015);  // RBAR_A1, VALID, region 5
    core.write(0xE000'EDA8, rasr(12, 3));  // RASR_A1
    EXPECT_EQ(core.read(kRnr), 5U);
    EXPECT_EQ(core.read(kRbar), 0x3000'0005U);
    EXPECT_EQ(core.read(kRasr), rasr(12, 3));
    core.write(kRnr, 3);
    EXPECT_EQ(core.read(kRasr), 0U);
    core.write(kRasr + 2, 0x0300, 2);  // AP alone
    EXPECT_EQ(core.read(kRasr), 0x0300'0000U);
}

TEST_F(MpuTest, TellsWhenAnAnswerMayHaveChanged) {  // system.md 5.7
    unsigned heard = 0;
    mpu.changed = [&] { ++heard; };
    region(0, 0x2400'0000, rasr(19, 3));
    EXPECT_EQ(heard, 0U);  // not enabled: nothing changed
    core.write(kCtrl, kEnable);
    EXPECT_EQ(heard, 1U);
    core.write(kCtrl, kEnable);
    EXPECT_EQ(heard, 1U);
    region(0, 0x2400'0000, rasr(19, 6));
    EXPECT_EQ(heard, 2U);
    core.bus.reset(ResetKind::system, 0);
    EXPECT_EQ(heard, 3U);
}

}  // namespace
}  // namespace h7::cpu::test

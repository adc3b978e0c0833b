// The access matrix of F-236, cell by cell, through the real interface: what a store, a load, a fetch and a
// sector erase do at each kind of place, for each kind of master.
#include "flash_bench.hpp"

namespace h7::flash {
namespace {

enum class Cell { ok, refused_write, zero_rdperr, zero_rdserr, fault_rdserr, bus_error, none };

struct Column {
    const char* name;
    Master master;
    Context code;
};
// "sec" is the CM7 before exitSecureArea: the RSS, or user code with the gate open.
const Column kColumns[] = {
    {"M7 RSS", Master::cm7, Context::rss},       {"M7 secure user", Master::cm7, Context::secure_user},
    {"M7", Master::cm7, Context::application},   {"M4", Master::cm4, Context::application},
    {"DMA", Master::mdma, Context::application}, {"debugger", Master::ap0, Context::application}};

struct Row {
    const char* place;
    Address address;
    Op op;
    bool erase;
    Cell cells[6];
};

constexpr Address kPlain = kBank1 + 5 * kSectorBytes, kWrp = kBank1 + 4 * kSectorBytes,
                  kPcrop = kBank1 + 2 * kSectorBytes, kSecure = kBank1, kBoth = kBank2,
                  kSecureWrp = kBank1 + kSectorBytes, kRss = 0x1FF0'0000, kSystem1 = 0x1FF1'0000,
                  kSystem2 = 0x1FF4'0000;

// clang-format off
constexpr Cell ok = Cell::ok, no = Cell::refused_write, rdp = Cell::zero_rdperr, rds = Cell::zero_rdserr,
               flt = Cell::fault_rdserr, bus = Cell::bus_error, na = Cell::none;
const Row kMatrix[] = {
//   place                    address     op         erase    RSS  sec  M7   M4   DMA  debugger
    {"unprotected fetch",     kPlain,     Op::fetch, false, { ok,  ok,  ok,  ok,  na,  na }},
    {"unprotected read",      kPlain,     Op::read,  false, { ok,  ok,  ok,  ok,  ok,  ok }},
    {"unprotected write",     kPlain,     Op::write, false, { ok,  ok,  ok,  ok,  ok,  ok }},
    {"unprotected erase",     kPlain,     Op::write, true,  { ok,  ok,  ok,  ok,  ok,  ok }},
    {"WRP fetch",             kWrp,       Op::fetch, false, { ok,  ok,  ok,  ok,  na,  na }},
    {"WRP read",              kWrp,       Op::read,  false, { ok,  ok,  ok,  ok,  ok,  ok }},
    {"WRP write",             kWrp,       Op::write, false, { no,  no,  no,  no,  no,  no }},
    {"WRP erase",             kWrp,       Op::write, true,  { no,  no,  no,  no,  no,  no }},
    {"PCROP fetch",           kPcrop,     Op::fetch, false, { ok,  ok,  ok,  rdp, na,  na }},
    {"PCROP read",            kPcrop,     Op::read,  false, { rdp, rdp, rdp, rdp, rdp, rdp}},
    {"PCROP write",           kPcrop,     Op::write, false, { ok,  no,  no,  no,  no,  no }},
    {"PCROP erase",           kPcrop,     Op::write, true,  { no,  no,  no,  no,  no,  no }},
    {"secure fetch",          kSecure,    Op::fetch, false, { ok,  ok,  flt, flt, na,  na }},
    {"secure read",           kSecure,    Op::read,  false, { ok,  ok,  rds, rds, rds, rds}},
    {"secure write",          kSecure,    Op::write, false, { ok,  ok,  no,  no,  no,  no }},
    {"secure erase",          kSecure,    Op::write, true,  { ok,  ok,  no,  no,  no,  no }},
    {"secure with WRP write", kSecureWrp, Op::write, false, { no,  no,  no,  no,  no,  no }},
    {"secure with WRP erase", kSecureWrp, Op::write, true,  { no,  no,  no,  no,  no,  no }},
    {"both areas fetch",      kBoth,      Op::fetch, false, { ok,  ok,  flt, flt, na,  na }},  // F-237
    {"both areas read",       kBoth,      Op::read,  false, { rdp, rdp, rds, rds, rds, rds}},
    {"both areas write",      kBoth,      Op::write, false, { ok,  no,  no,  no,  no,  no }},
    {"both areas erase",      kBoth,      Op::write, true,  { no,  no,  no,  no,  no,  no }},
    {"RSS fetch",             kRss,       Op::fetch, false, { ok,  flt, flt, bus, na,  na }},
    {"RSS read",              kRss,       Op::read,  false, { ok,  rds, rds, bus, rds, rds}},
    {"system 1 write",        kSystem1,   Op::write, false, { no,  no,  no,  no,  no,  no }},
    {"RSS write",             kRss,       Op::write, false, { no,  no,  no,  no,  no,  no }},
    {"system 2 write",        kSystem2,   Op::write, false, { ok,  no,  no,  no,  no,  no }},
};
// clang-format on

class FlashMatrix : public FlashBench {
protected:
    static constexpr std::uint32_t kOld = 0x4444'4444;

    /// SECURITY latched, gate open; areas, write protection and some contents where the rows expect them.
    FlashMatrix() { flash.write_rom(0x1FF0'0000, Bytes(32, 0x44)); }
    void prepare() {
        Image image;
        image.options[kOptsr] |= 1U << 21;
        image.options[kScar1] = 0x03FF'0000;  // sectors 0 and 1
        image.options[kPrar1] = 0x05FF'0400;  // sector 2
        image.options[kScar2] = 0x01FF'0000;  // sector 0 of bank 2, twice
        image.options[kPrar2] = 0x01FF'0000;
        image.options[kWpsn1] = 0xFF & ~(1U << 4 | 1U << 1);
        flash.set_image(image);
        flash.reset(ResetKind::power_on);
        secure.sample_at_reset(true);
        as(Master::cm7);
        unlock(1);
        unlock(2);
    }
    /// A word of 0x44 bytes there, as if programmed before the protections.
    void old_contents(Address address) {
        if (address >= kRss) return;
        Image image = flash.image();
        auto& bank = image.user[address >= kBank2 ? 1 : 0];
        const std::size_t at = address % 0x10'0000;
        bank.data.assign(0x10'0000, 0xFF);
        bank.words.assign(0x8000, WordState::erased);
        std::fill_n(bank.data.begin() + static_cast<std::ptrdiff_t>(at), kWord, std::uint8_t{0x44});
        bank.words[at / kWord] = WordState::programmed;
        flash.set_image(image);
    }
    std::uint32_t both_flags() { return flags(1) | flags(2); }
    void check(const Row& row, const Column& column, Cell want) {
        SCOPED_TRACE(::testing::Message() << row.place << " by " << column.name);
        prepare();
        const unsigned bank = row.address >= kBank2 && row.address != kRss && row.address != kSystem1 ? 2 : 1;
        const Address set = bank == 2 ? kB2 : 0;
        if (row.op != Op::write || row.erase) old_contents(row.address);
        as(column.master, column.code);
        if (row.erase) {
            ASSERT_TRUE(put(kCr + set, kSer | kStart | kPsize | snb(row.address % 0x10'0000 / kSectorBytes)));
            EXPECT_EQ(flags(bank), want == Cell::ok ? sr::kEop : sr::kWrperr);
            EXPECT_EQ(erased(row.address, 32), want == Cell::ok);
        } else if (row.op == Op::write) {
            ASSERT_TRUE(put(kCr + set, kPg | kPsize));
            const std::uint64_t before = flash.steps();
            store_word(row.address, 0x5555'0000);
            EXPECT_EQ(flags(bank), want == Cell::ok ? sr::kEop : sr::kWrperr);
            EXPECT_EQ(flash.steps() != before, want == Cell::ok) << "the array was changed";
        } else {
            const auto got = row.op == Op::fetch ? fetch(row.address) : load(row.address);
            const std::uint32_t flag = want == Cell::zero_rdperr    ? sr::kRdperr
                                       : want == Cell::zero_rdserr  ? sr::kRdserr
                                       : want == Cell::fault_rdserr ? sr::kRdserr
                                                                    : 0U;
            EXPECT_EQ(both_flags(), flag);
            EXPECT_EQ(flags(bank), flag);
            const bool fault = want == Cell::fault_rdserr || want == Cell::bus_error;
            ASSERT_EQ(got.has_value(), !fault);
            if (!fault) {
                EXPECT_EQ(*got, want == Cell::ok ? kOld : 0U);
            }
        }
    }
};

TEST_F(FlashMatrix, EveryCell) {  // F-236 F-237 F-245 F-246 F-194 F-219..F-222 F-228..F-232
    for (const Row& row : kMatrix)
        for (std::size_t c = 0; c < std::size(kColumns); ++c) {
            if (row.cells[c] == Cell::none) continue;
            check(row, kColumns[c], row.cells[c]);
        }
}

}  // namespace
}  // namespace h7::flash
